import type { ArbiterOrder } from '../../../rooms/arbiter/index.ts'
import { SAMPLE_RATE_HZ } from '../../../rooms/grid.ts'

/** What a cluster plays during one second: nothing, a tone, a source, or a clip order's second number `position`. */
export type Heard = null | { readonly orderId: string; readonly what: 'tone' | 'source' | number }

interface Course {
  readonly order: ArbiterOrder
  readonly begin: number
  readonly end: number
  /** Seconds at which an item ends; the last is the length of all. Empty for a source. */
  readonly edges: readonly number[]
  onAirBefore: boolean
  leftAt: number
  toneLeft: number
  position: number
  /** Cut by an emergency with `skip`: it plays on, heard by nobody. */
  unheard: boolean
}

const CLASSES = ['emergency', 'priority', 'normal']

/**
 * The rules of rooms/README.md, «Who is on air», told once more in the plainest way: second by second, nothing kept but
 * how far each order has come. Slow, and written apart from the arbiter. Only for orders whose times are whole seconds.
 */
export function heardEachSecond(orders: readonly ArbiterOrder[], seconds: number): Heard[] {
  const courses: Course[] = orders.map((order) => ({
    order,
    begin: inSeconds(Math.max(order.startSamples, order.acceptedSamples)),
    end: inSeconds(Math.min(order.endSamples, order.stoppedSamples ?? Infinity)),
    edges: order.content.kind === 'clips' ? order.content.itemSamples.map((_, index, all) => inSeconds(all.slice(0, index + 1).reduce((a, b) => a + b, 0))) : [],
    onAirBefore: false,
    leftAt: -Infinity,
    toneLeft: 0,
    position: 0,
    unheard: false,
  }))
  courses.sort((a, b) => compareKeys(standing(a), standing(b)))

  const heard: Heard[] = []
  let onAir: Course | undefined
  let cutItem: { readonly course: Course; readonly end: number } | undefined
  for (let now = 0; now < seconds; now++) {
    const isActive = (course: Course): boolean => now >= course.begin && now < course.end && (isOpen(course) || course.position < (course.edges.at(-1) ?? 0))
    const best = courses.find(isActive)
    const emergency = best?.order.class === 'emergency'
    const previous = onAir
    if (onAir !== undefined && !isActive(onAir)) onAir = undefined
    const inItem = onAir !== undefined && !isOpen(onAir) && onAir.order.class !== 'emergency' && onAir.position > 0 && !onAir.edges.includes(onAir.position)
    if (emergency || !inItem) {
      if (emergency && onAir !== undefined && onAir !== best) {
        onAir.unheard = onAir.order.resume === 'skip' && !isOpen(onAir)
        if (onAir.order.class !== 'emergency' && !isOpen(onAir)) cutItem = { course: onAir, end: onAir.edges.find((edge) => edge >= onAir!.position)! }
      }
      onAir = best
      if (!emergency && cutItem !== undefined) {
        const { course, end } = cutItem
        cutItem = undefined
        if (isActive(course)) {
          if (course.position < end) onAir = course
          else if (course !== best && course.unheard) {
            course.unheard = false
            course.position = Math.max(0, ...course.edges.filter((edge) => edge <= course.position))
          }
        }
      }
    }
    if (previous !== undefined && previous !== onAir) previous.leftAt = now
    let skippedUnderTone = false
    if (onAir !== undefined && onAir !== previous) {
      const sounds = onAir.order.class === 'emergency' && (!onAir.onAirBefore || now - onAir.leftAt > 30)
      onAir.toneLeft = sounds ? inSeconds(onAir.order.toneSamples) : 0
      skippedUnderTone = onAir.unheard
      onAir.onAirBefore = true
      if (onAir.toneLeft === 0 || !skippedUnderTone) onAir.unheard = false
    }
    heard.push(onAir === undefined ? null : { orderId: onAir.order.id, what: onAir.toneLeft > 0 ? 'tone' : isOpen(onAir) ? 'source' : onAir.position })

    for (const course of courses) {
      if (course === onAir || course.unheard) {
        // One that plays on unheard has its tone, too, and then its clips, unheard; on coming back with a tone the clips go on beneath it.
        const inTone = course.toneLeft > 0
        if (inTone) course.toneLeft--
        if (!isOpen(course) && (!inTone || (course === onAir && course.unheard))) course.position++
        if (course === onAir && course.toneLeft === 0) course.unheard = false
      }
    }
  }
  return heard
}

function standing({ order, begin, edges }: Course): (number | string)[] {
  const kind = order.class === 'emergency' ? 0 : order.content.kind === 'clips' ? 0 : 1
  const latestFirst = order.class === 'emergency' || edges.length === 0 && order.content.kind === 'open'
  const sign = latestFirst ? -1 : 1
  const isEmergency = order.class === 'emergency'
  const alert = isEmergency ? ['real', 'exercise', 'test'].indexOf(order.kind ?? 'real') : 0
  return [CLASSES.indexOf(order.class), alert, order.issuerLevel, isEmergency ? -(order.gravity ?? 5) : 0, order.class === 'priority' ? order.rank : 0, kind, sign * begin, sign * order.acceptedSamples, order.id]
}

function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const index = a.findIndex((part, at) => part !== b[at])
  return index === -1 ? 0 : a[index]! < b[index]! ? -1 : 1
}

const isOpen = (course: Course): boolean => course.order.content.kind === 'open'
const inSeconds = (samples: number): number => samples / SAMPLE_RATE_HZ

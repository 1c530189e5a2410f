import type { ArbiterCluster, ArbiterOrder, ArbiterUnit } from '../../rooms/arbiter/index.ts'
import { SAMPLE_RATE_HZ } from '../../rooms/grid.ts'

const DISTRICTS = 10
const COMMUNES_OF_A_DISTRICT = 22
const CLUSTERS = 10_000
const TAGS = ['school', 'market', 'hill']
const HOUR_SAMPLES = 3600 * SAMPLE_RATE_HZ
const MINUTE_SAMPLES = 60 * SAMPLE_RATE_HZ

/** House sample of an hour of the day, with a fraction. */
export const atHour = (hour: number): number => Math.round(hour * HOUR_SAMPLES)

export interface Province {
  readonly units: readonly ArbiterUnit[]
  readonly clusters: readonly ArbiterCluster[]
  readonly orders: readonly ArbiterOrder[]
}

/**
 * A day of a province as the arbiter sees it: 10 districts of 22 communes, 10 000 clusters, every third with a tag, and 500
 * orders: the province's relay all day, a programme of each district at 6 and 17 h, each commune's own playlist of the
 * morning, priority notices to communes and to tags, and repairs' test sounds on single clusters. The same every time.
 */
export function buildProvince(): Province {
  const units: ArbiterUnit[] = [{ id: 'p', parentId: null }]
  const communes: string[] = []
  for (let district = 0; district < DISTRICTS; district++) {
    units.push({ id: `d${String(district)}`, parentId: 'p' })
    for (let commune = 0; commune < COMMUNES_OF_A_DISTRICT; commune++) {
      const id = `d${String(district)}c${String(commune)}`
      units.push({ id, parentId: `d${String(district)}` })
      communes.push(id)
    }
  }
  const clusters = Array.from({ length: CLUSTERS }, (_, index): ArbiterCluster => {
    const tags = index % 3 === 0 ? [TAGS[(index / 3) % TAGS.length]!] : []
    return { id: `k${String(index)}`, unitId: communes[index % communes.length]!, tags, enabled: true }
  })

  const orders: ArbiterOrder[] = [buildOrder('relay', { units: ['p'], issuerLevel: 0, startHour: 5, minutes: 17 * 60 })]
  for (let district = 0; district < DISTRICTS; district++) {
    for (const startHour of [6, 17]) orders.push(buildOrder(`district ${String(district)} ${String(startHour)}`, { units: [`d${String(district)}`], issuerLevel: 1, startHour, minutes: 30 }))
  }
  communes.forEach((id, index) => {
    const startHour = 5.5 + (index % 6) / 4
    orders.push(buildOrder(`playlist ${id}`, { units: [id], issuerLevel: 2, startHour, minutes: 60, itemMinutes: [3, 4, 2, 5] }))
  })
  for (let index = 0; orders.length < 440; index++) {
    const target = index % 4 === 0 ? { tags: [TAGS[index % TAGS.length]!] } : { units: [communes[(index * 7) % communes.length]!] }
    orders.push(buildOrder(`notice ${String(index)}`, { ...target, class: 'priority', issuerLevel: 2, startHour: 5 + (index % 48) / 3, minutes: 20, itemMinutes: [2] }))
  }
  for (let index = 0; orders.length < 500; index++) {
    orders.push(buildOrder(`repair ${String(index)}`, { clusters: [`k${String(index * 131)}`], issuerLevel: 2, startHour: 8 + index / 10, minutes: 5 }))
  }
  return { units, clusters, orders }
}

interface OrderBrief {
  readonly class?: ArbiterOrder['class']
  readonly units?: readonly string[]
  readonly clusters?: readonly string[]
  readonly tags?: readonly string[]
  readonly issuerLevel: number
  readonly startHour: number
  readonly minutes: number
  /** Clips of these lengths; a source without it. */
  readonly itemMinutes?: readonly number[]
  readonly acceptedSamples?: number
}

export function buildOrder(id: string, brief: OrderBrief): ArbiterOrder {
  const { units = [], clusters = [], tags = [], itemMinutes } = brief
  const startSamples = atHour(brief.startHour)
  return {
    id,
    class: brief.class ?? 'normal',
    issuerLevel: brief.issuerLevel,
    rank: 0,
    startSamples,
    endSamples: startSamples + brief.minutes * MINUTE_SAMPLES,
    acceptedSamples: brief.acceptedSamples ?? 0,
    stoppedSamples: null,
    targets: { units, clusters, tags },
    content: itemMinutes === undefined ? { kind: 'open', sourceId: id } : { kind: 'clips', itemSamples: itemMinutes.map((minutes) => minutes * MINUTE_SAMPLES) },
    resume: 'continue',
    toneSamples: brief.class === 'emergency' ? 6 * SAMPLE_RATE_HZ : 0,
    title: id,
  }
}

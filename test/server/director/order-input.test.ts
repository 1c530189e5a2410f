import t from 'tap'
import { parseFormat } from '../../../codec/index.ts'
import type { OrderRecord, Store } from '../../../control/ports.ts'
import { samplesToMs } from '../../../rooms/grid.ts'
import { sourceRoom } from '../../../rooms/plan.ts'
import { TimelineRegistry } from '../../../rooms/timeline.ts'
import { arbiterOrder } from '../../../server/director/order-input.ts'
import { fc } from '../../support/seed.ts'

const STORE = { units: { get: () => undefined }, clips: { get: () => undefined } } as unknown as Pick<Store, 'units' | 'clips'>
const BOUND_MS = 20

const order = (startsAtMs: number, orderClass: OrderRecord['class']): OrderRecord => ({
  id: 'o', number: 1, class: orderClass, title: 'x', sourceId: 's', clipIds: null, targets: { units: ['u'], clusters: [], tags: [] }, startsAtMs, endsAtMs: startsAtMs + 60_000, rank: 0, resume: 'skip',
  issuerUnitId: 'u', field: null, attentionTone: false, createdAtMs: 0, createdBy: 't', stoppedAtMs: null,
})

/** How much after its moment the first frame of the order begins, ms. */
function latenessMs(format: string, startsAtMs: number, offsetMs: number, orderClass: OrderRecord['class'] = 'normal'): number {
  const input = arbiterOrder(order(startsAtMs, orderClass), STORE, (wallMs) => (wallMs - offsetMs) * 48, 3000)!
  const { frameSamples } = parseFormat(format)
  const timeline = new TimelineRegistry().acquire([{ orderId: 'o', class: orderClass, title: 'x', room: sourceRoom('s'), fromSamples: input.startSamples, untilSamples: input.endSamples }])
  let frame = Math.floor(input.startSamples / frameSamples) - 2
  while (timeline.segmentAt(frame, frameSamples) === null) frame++
  return samplesToMs(frame * frameSamples) - (startsAtMs - offsetMs)
}

const FORMATS = ['mp3-64', 'mp3-24k-32', 'opus-32'] as const

t.test('whatever the wall clock is off by, every format begins within 20 ms of the whole second', (t) => {
  const worst = new Map<string, number>()
  fc.assert(fc.property(fc.nat(100_000_000), fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -5000, max: 5000, noNaN: true })), (second, offsetMs) => FORMATS.every((format) => {
    const late = latenessMs(format, second * 1000, offsetMs)
    worst.set(format, Math.max(worst.get(format) ?? 0, Math.abs(late)))
    return Math.abs(late) <= BOUND_MS + 0.001
  })), { numRuns: 2000 })
  t.comment([...worst].map(([format, ms]) => `${format}: ${ms.toFixed(2)} ms at worst`).join('; '))
  t.ok(Array.from({ length: 300 }, (_, second) => latenessMs('mp3-64', second * 1000, -0.1, 'emergency')).some((ms) => ms > 23), 'without the step it would not: an emergency takes the next edge, up to 24 ms later')
  t.same(FORMATS.map((format) => Math.max(...Array.from({ length: 300 }, (_, second) => latenessMs(format, second * 1000, 0)))), [16, 16, 0], 'on a clock that is right')
  t.end()
})

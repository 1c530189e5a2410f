import t from 'tap'
import { houseMsAt } from '../../../rooms/house-clock.ts'
import { clipRoom, sourceRoom, toneRoom, type OrderClass, type Plan, type PlanSegment } from '../../../rooms/plan.ts'
import { OrderWindows, WINDOW_MOST_MS, type OrderWindow } from '../../../server/director/order-windows.ts'
import { houseTimeText } from '../../../server/signing/signer.ts'
import { housePlaceOf, parseHouseTime } from '../../../speaker/trust/house-wall.ts'
import { OrderWindows as DeviceWindows } from '../../../speaker/trust/order-windows.ts'
import { fc } from '../../support/seed.ts'

const NOW = 48_000 * 3600 * 24 * 168
const s = (seconds: number): number => Math.round(NOW + seconds * 48_000)
const ms = (seconds: number): number => houseMsAt(s(seconds))
const segment = (orderId: string, from: number, until: number, orderClass: OrderClass = 'normal', room = sourceRoom('s')): PlanSegment => ({ room, orderId, fromSamples: s(from), untilSamples: s(until), class: orderClass, title: orderId })
const plain = ({ clusterId, window: { orderId, startsAtMs, endsAtMs } }: { clusterId: string; window: OrderWindow }): unknown[] => [clusterId, orderId, startsAtMs - ms(0), endsAtMs - ms(0)]

t.test('what is on air or begins soon is told once, and again in time', (t) => {
  const windows = new OrderWindows()
  let plan: Plan = [segment('a', -10, 30), segment('b', 60, 90), segment('far', 100, 110)]
  const due = (at: number, all = false): unknown[] => windows.due(['c1', 'c2'], () => plan, s(at), all).filter(({ clusterId }) => clusterId === 'c1').map(plain)
  t.same(due(0), [['c1', 'a', -10_000, 30_000], ['c1', 'b', 60_000, 90_000]])
  t.same(due(1), [])
  t.same(due(26), [['c1', 'far', 100_000, 110_000]])
  t.same(due(27, true).length, 3, 'all of it to one who comes back')
  plan = [segment('b', 60, 90)]
  t.same(due(31), [['c1', 'far', 31_000, 31_000]], 'what is no longer planned is closed, what is over is not')
  t.same(due(32), [])
  t.same(due(33, true), [['c1', 'b', 60_000, 90_000], ['c1', 'a', -10_000, 30_000], ['c1', 'far', 31_000, 31_000]], 'one who was away learns of the end too')
  windows.forget('c1')
  t.same(due(34), [['c1', 'b', 60_000, 90_000]])
  t.end()
})

t.test('a long order is given for ten minutes at a time, and made longer before they are over', (t) => {
  const windows = new OrderWindows()
  const plan: Plan = [segment('a', 0, 86_400)]
  const due = (at: number): unknown[] => windows.due(['c'], () => plan, s(at)).map(plain)
  t.same(due(0), [['c', 'a', 0, WINDOW_MOST_MS]])
  t.same(due(299), [])
  t.same(due(300), [['c', 'a', 0, 300_000 + WINDOW_MOST_MS]])
  t.end()
})

t.test('an emergency goes first, what it ends goes last; tone and content are one window', (t) => {
  const windows = new OrderWindows()
  let plan: Plan = [segment('a', -10, 500)]
  windows.due(['c1', 'c2'], () => plan, s(0))
  plan = [segment('e', 1, 4, 'emergency', toneRoom('attention', s(1))), segment('e', 4, 200, 'emergency', clipRoom('e', s(4)))]
  t.same(windows.due(['c1', 'c2'], () => plan, s(1)).map(plain), [['c1', 'e', 1000, 200_000], ['c2', 'e', 1000, 200_000], ['c1', 'a', -10_000, 1000], ['c2', 'a', -10_000, 1000]])
  plan = [segment('e', 1, 30, 'emergency')]
  t.same(windows.due(['c1'], () => plan, s(10)).map(plain), [['c1', 'e', 1000, 30_000]], 'stopped earlier than was said')
  t.end()
})

t.test('a device that is told of every change lets every planned sample sound, and nothing past the end', (t) => {
  const plans = fc.array(fc.record({ orderId: fc.constantFrom('a', 'b', 'c'), from: fc.integer({ min: 0, max: 300 }), length: fc.integer({ min: 1, max: 1500 }) }), { maxLength: 6 }).map((pieces) => {
    const plan: PlanSegment[] = []
    let until = 0
    for (const { orderId, from, length } of pieces) {
      plan.push(segment(orderId, until + from, until + from + length))
      until += from + length
    }
    return plan
  })
  fc.assert(fc.property(fc.array(fc.tuple(plans, fc.integer({ min: 1, max: 200 })), { minLength: 1, maxLength: 10 }), (changes) => {
    const [server, device] = [new OrderWindows(), new DeviceWindows()]
    let at = 0
    for (const [plan, seconds] of changes) {
      for (let second = 0; second < seconds; second += 5) {
        for (const { window } of server.due(['c'], () => plan, s(at))) {
          if (window.expiresAtMs < ms(0) + at * 1000 + 59_999 || window.expiresAtMs < window.endsAtMs) return false
          device.set(window.orderId, housePlaceOf(parseHouseTime(houseTimeText(window.startsAtMs))), housePlaceOf(parseHouseTime(houseTimeText(window.endsAtMs))), s(at))
        }
        for (let ahead = 0; ahead < 5; ahead++) {
          const place = s(at + ahead)
          const planned = plan.find(({ fromSamples, untilSamples }) => place >= fromSamples && place < untilSamples)?.orderId
          if (planned !== undefined && !device.holds(planned, place)) return false
        }
        for (const orderId of ['a', 'b', 'c']) {
          const end = Math.max(-Infinity, ...plan.filter((one) => one.orderId === orderId).map(({ untilSamples }) => untilSamples))
          if (device.holds(orderId, Math.max(end, s(at)) + 48)) return false
        }
        at += 5
      }
    }
    return true
  }), { numRuns: 300 })
  t.end()
})

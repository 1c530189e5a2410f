import fc from 'fast-check'
import t from 'tap'
import { BUDGET_PER_HOUR, PinGuard } from '../../../control/phone/pin-guard.ts'
import { pinWeakness } from '../../../control/phone/pin-rules.ts'
import { FakeClock } from '../../support/fake-clock.ts'

t.test('PINs that are tried first are refused, others are not', async (t) => {
  for (const pin of ['12345', '12345678901', '1234567', '111111', '121212', '123123', '654321', '135791', '112233', '147258', '789456', '010190', '19900101', '25121985', '471199', '122333221', 'abcdef', '99471182', '258046', '123789']) {
    t.not(pinWeakness(pin, '4711'), pin === '471199' ? undefined : null, pin)
  }
  t.equal(pinWeakness('471199', null) === null, true, 'of another number it is none')
  t.match(pinWeakness('471199', '4711'), { message: /personal number/ })
  for (const pin of ['604815', '739264', '98306142', '5927304816']) t.equal(pinWeakness(pin, '4711'), null, pin)
})

t.test('most PINs may be used: at least half of all of six digits, nearly all of seven', async (t) => {
  const share = (digits: number): number => {
    const pins = Array.from({ length: 4000 }, (_, at) => (at * 7_654_321) % 10 ** digits)
    return pins.filter((pin) => pinWeakness(String(pin).padStart(digits, '0'), null) === null).length / pins.length
  }
  t.ok(share(6) > 0.5, String(share(6)))
  t.ok(share(7) > 0.9, String(share(7)))
})

const MINUTE_MS = 60_000

t.test('three wrong tries lock a number, longer each time', async (t) => {
  const clock = new FakeClock()
  const guard = new PinGuard(clock)
  const fail = (line: string) => {
    t.equal(guard.begin('4711', line), true)
    return guard.failed('4711', line)
  }
  t.same([fail('a'), fail('b')], [[], []])
  t.match(fail('c'), [{ what: 'number', id: '4711' }])
  t.equal(guard.begin('4711', 'd'), false, 'from anywhere')
  t.equal(guard.begin('4712', 'd'), true, 'and no other number')
  guard.undecided('4712')
  clock.advance(15 * MINUTE_MS)
  fail('d')
  clock.advance(15 * MINUTE_MS)
  t.equal(guard.begin('4711', 'e'), false, 'twice as long')
  clock.advance(15 * MINUTE_MS)
  t.equal(guard.begin('4711', 'e'), true)
})

t.test('a line that tries many numbers is locked; who is known from there is not kept out', async (t) => {
  const clock = new FakeClock()
  const guard = new PinGuard(clock)
  guard.begin('1111', 'pbx')
  guard.succeeded('1111', 'pbx')
  for (const number of ['2222', '3333', '4444']) {
    guard.begin(number, 'pbx')
    guard.failed(number, 'pbx')
  }
  t.equal(guard.begin('5555', 'pbx'), false)
  t.equal(guard.begin('1111', 'pbx'), true, 'the leader at the same switchboard')
  guard.undecided('1111')
  for (const line of ['a', 'b', 'c']) {
    guard.begin('1111', line)
    guard.failed('1111', line)
  }
  t.equal(guard.begin('1111', 'd'), false)
  t.equal(guard.begin('1111', 'pbx'), true, 'somebody guesses at his number elsewhere')
})

t.test('wrong tries of all together have a budget an hour', async (t) => {
  const clock = new FakeClock()
  const guard = new PinGuard(clock)
  let last: readonly { readonly what: string }[] = []
  for (let at = 0; at < BUDGET_PER_HOUR; at += 1) {
    t.equal(guard.begin(String(1000 + at), `line ${String(at)}`), true)
    last = guard.failed(String(1000 + at), `line ${String(at)}`)
  }
  t.match(last, [{ what: 'all' }])
  t.equal(guard.begin('9000', 'another'), false)
  clock.advance(60 * MINUTE_MS)
  t.equal(guard.begin('9000', 'another'), true)
})

t.test('however it is tried, a number has few tries a day', async () => {
  fc.assert(fc.property(fc.array(fc.record({ line: fc.integer({ min: 0, max: 5 }), waitS: fc.integer({ min: 0, max: 3000 }) }), { minLength: 50, maxLength: 400 }), (tries) => {
    const clock = new FakeClock()
    const guard = new PinGuard(clock)
    guard.begin('4711', 'line 0')
    guard.succeeded('4711', 'line 0')
    const looked: number[] = []
    for (const { line, waitS } of tries) {
      if (guard.begin('4711', `line ${String(line)}`)) {
        looked.push(clock.wallMs())
        guard.failed('4711', `line ${String(line)}`)
      }
      clock.advance(waitS * 1000)
    }
    const dayMs = 24 * 60 * MINUTE_MS
    return looked.every((atMs) => looked.filter((other) => other >= atMs && other < atMs + dayMs).length <= 24)
  }))
})

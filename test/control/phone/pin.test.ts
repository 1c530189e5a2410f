import t from 'tap'
import { callerNumber } from '../../../control/phone/caller-number.ts'
import { BUDGET_PER_HOUR, MOST_WAIT_MS, PinGuard, type PhoneCaller } from '../../../control/phone/pin-guard.ts'
import { pinWeakness } from '../../../control/phone/pin-rules.ts'
import type { PhoneTally, PhoneTryStore } from '../../../control/ports.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

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

function memoryTries(): PhoneTryStore {
  const kept = new Map<string, PhoneTally>()
  return {
    put: (kind, id, tally) => void kept.set(`${kind} ${id}`, tally),
    get: (kind, id) => kept.get(`${kind} ${id}`),
    remove: (kind, id) => void kept.delete(`${kind} ${id}`),
    trim: () => undefined,
  }
}

const newGuard = (clock = new FakeClock()) => ({ clock, guard: new PinGuard(clock, memoryTries()) })
const from = (line: string, trust: PhoneCaller['trust'] = 'none'): PhoneCaller => ({ line, trust, isWithheld: false })
const fail = (guard: PinGuard, number: string, caller: PhoneCaller) => {
  t.equal(guard.begin(number, caller), true, `${number} from ${caller.line}`)
  return guard.failed(number, caller)
}
const lets = (guard: PinGuard, number: string, caller: PhoneCaller): boolean => {
  const began = guard.begin(number, caller)
  if (began) guard.undecided(number, caller)
  return began
}

t.test('three wrong tries lock a number, longer each time, also over a restart', async (t) => {
  const clock = new FakeClock()
  const tries = memoryTries()
  const guard = new PinGuard(clock, tries)
  t.same([fail(guard, '4711', from('a')), fail(guard, '4711', from('b'))], [[], []])
  t.match(fail(guard, '4711', from('c')), [{ what: 'number', id: '4711' }])
  t.equal(lets(guard, '4711', from('d')), false, 'from anywhere')
  t.equal(lets(guard, '4712', from('d')), true, 'and no other number')
  t.equal(lets(new PinGuard(clock, tries), '4711', from('d')), false, 'a restart opens nothing')
  clock.advance(15 * MINUTE_MS)
  fail(guard, '4711', from('d'))
  clock.advance(15 * MINUTE_MS)
  t.equal(lets(guard, '4711', from('e')), false, 'twice as long')
  clock.advance(15 * MINUTE_MS)
  t.equal(lets(guard, '4711', from('e')), true)
})

t.test('a line that tries many numbers is locked; who is known from there is not kept out', async (t) => {
  const { guard } = newGuard()
  guard.begin('1111', from('pbx'))
  guard.succeeded('1111', from('pbx'))
  for (const number of ['2222', '3333', '4444']) fail(guard, number, from('pbx'))
  t.equal(lets(guard, '5555', from('pbx')), false)
  t.equal(lets(guard, '1111', from('pbx')), true, 'the leader at the same switchboard')
  for (const line of ['a', 'b', 'c']) fail(guard, '1111', from(line))
  t.equal(lets(guard, '1111', from('d')), false)
  t.equal(lets(guard, '1111', from('pbx')), true, 'somebody guesses at his number elsewhere')
  t.equal(lets(guard, '1111', from('his own', 'registered')), true)
  t.equal(lets(guard, '1111', from('10.1.0.4 201', 'peer')), true, 'switchboards share no locks with strangers')
  for (let at = 0; at < 3; at += 1) fail(guard, '1111', from('10.1.0.4 201', 'peer'))
  t.equal(lets(guard, '1111', from('10.1.0.4 202', 'peer')), false, 'but have their own')
  for (let at = 0; at < 3; at += 1) fail(guard, '1111', from('his own', 'registered'))
  t.equal(lets(guard, '1111', from('his own', 'registered')), false, 'so does a caller id that is forged')
})

t.test('who gives no number is not locked with all others who give none', async (t) => {
  const { guard } = newGuard()
  const withheld: PhoneCaller = { line: 'trunk ', trust: 'none', isWithheld: true }
  for (const number of ['2222', '3333', '4444', '5555']) fail(guard, number, withheld)
  t.equal(lets(guard, '1111', withheld), true)
  guard.begin('1111', withheld)
  guard.succeeded('1111', withheld)
  t.equal(guard.isKnown('1111', withheld), false, 'nor known')
})

t.test('a flood of wrong tries makes strangers wait longer and longer, and locks nobody', async (t) => {
  const { clock, guard } = newGuard()
  const waits: number[] = []
  const alarms: string[] = []
  for (let at = 0; at < BUDGET_PER_HOUR + 200; at += 1) {
    const caller = from(`line ${String(at)}`)
    waits.push(guard.waitMs(String(1000 + at), caller))
    alarms.push(...fail(guard, String(1000 + at), caller).map(({ what }) => what))
  }
  t.same(waits.slice(0, BUDGET_PER_HOUR), Array.from({ length: BUDGET_PER_HOUR }, () => 0))
  t.same(waits, waits.toSorted((a, b) => a - b))
  t.same([waits[BUDGET_PER_HOUR], waits.at(-1)], [1000, MOST_WAIT_MS])
  t.same(alarms, ['all'], 'told once')
  t.equal(lets(guard, '9000', from('the officer')), true, 'nobody is locked')
  t.same([from('x', 'peer'), from('x', 'registered')].map((caller) => guard.waitMs('9000', caller)), [0, 0])
  guard.begin('9000', from('the officer'))
  guard.succeeded('9000', from('the officer'))
  t.equal(guard.waitMs('9000', from('the officer')), 0, 'known from there now')
  clock.advance(60 * MINUTE_MS)
  t.equal(guard.waitMs('9001', from('another')), 0)
})

t.test('however it is tried, a number has few tries a day', async () => {
  fc.assert(fc.property(fc.array(fc.record({ line: fc.integer({ min: 0, max: 5 }), waitS: fc.integer({ min: 0, max: 3000 }) }), { minLength: 50, maxLength: 400 }), (tries) => {
    const { clock, guard } = newGuard()
    guard.begin('4711', from('line 0'))
    guard.succeeded('4711', from('line 0'))
    const looked: number[] = []
    for (const { line, waitS } of tries) {
      if (guard.begin('4711', from(`line ${String(line)}`))) {
        looked.push(clock.wallMs())
        guard.failed('4711', from(`line ${String(line)}`))
      }
      clock.advance(waitS * 1000)
    }
    const dayMs = 24 * 60 * MINUTE_MS
    return looked.every((atMs) => looked.filter((other) => other >= atMs && other < atMs + dayMs).length <= 24)
  }))
})

t.test('a caller id is its number, however it is written', async (t) => {
  for (const callerId of ['"Bà Lan" <sip:+84912345678@trunk>', 'sip:0912345678@10.0.0.1;user=phone', 'tel:+84-912-345-678', '0084912345678', '0912 345 678']) t.equal(callerNumber(callerId), '0912345678', callerId)
  for (const callerId of ['', '"Anonymous" <sip:anonymous@anonymous.invalid>', 'sip:restricted@trunk']) t.equal(callerNumber(callerId), '', callerId)
  t.equal(callerNumber('Lan <sip:Lan.Phone@pbx>'), 'lan.phone')
})

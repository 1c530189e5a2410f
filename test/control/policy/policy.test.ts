import t from 'tap'
import { breachesOf, effectivePolicy, NO_POLICY, type Stretch } from '../../../control/policy/policy.ts'
import type { Policy } from '../../../control/ports.ts'
import { instantOf } from '../../../control/schedule/calendar.ts'
import { fc } from '../../support/seed.ts'

const ZONE = 'Asia/Ho_Chi_Minh'
const MINUTE_MS = 60_000
/** 18 June 2026 is a Thursday. */
const stretch = (day: number, time: string, minutes: number): Stretch => {
  const startsAtMs = instantOf(`2026-06-${String(day)}`, `${time}:00`, ZONE)
  return { startsAtMs, endsAtMs: startsAtMs + minutes * MINUTE_MS }
}
const rules = (policy: Partial<Policy>, stretches: readonly Stretch[], others: readonly Stretch[] = []) => breachesOf({ ...NO_POLICY, ...policy }, stretches, others, ZONE).map(({ rule, first, count }) => [rule, stretches.indexOf(first), count])
type Window = NonNullable<Policy['windows']>[number]
const window = (from: string, to: string, weekdays: Window['weekdays'] = null): Window => ({ weekdays, from, to })

t.test('of each rule the nearest unit upwards speaks', (t) => {
  const own = new Map<string, Policy>([['xa', { ...NO_POLICY, playMs: 1 }], ['tinh', { ...NO_POLICY, playMs: 9, dayMs: 5, quiet: [window('21:00', '05:00')] }]])
  t.same(effectivePolicy(['thon', 'xa', 'huyen', 'tinh'], (id) => own.get(id)), { windows: null, quiet: [window('21:00', '05:00')], playMs: 1, dayMs: 5, volume: null })
  t.same(effectivePolicy([], () => undefined), { windows: null, quiet: null, playMs: null, dayMs: null, volume: null })
  t.end()
})

t.test('allowed hours', (t) => {
  const windows = [window('05:00', '06:30'), window('06:30', '07:00', ['TH']), window('22:00', '01:00')]
  t.same(rules({ windows }, [stretch(18, '05:00', 90)]), [])
  t.same(rules({ windows }, [stretch(18, '05:00', 120), stretch(19, '05:00', 120), stretch(20, '05:00', 120)]), [['hours', 1, 2]], 'two windows that touch are one, on Thursday')
  t.same(rules({ windows }, [stretch(18, '04:59', 5)]), [['hours', 0, 1]])
  t.same(rules({ windows }, [stretch(18, '23:30', 90)]), [], 'past midnight')
  t.same(rules({ windows }, [stretch(18, '00:10', 50)]), [], 'and after it')
  t.same(rules({ windows }, [stretch(18, '00:10', 51)]), [['hours', 0, 1]])
  t.same(rules({ windows: [] }, [stretch(18, '05:00', 1)]), [['hours', 0, 1]], 'never')
  t.same(rules({ windows: [window('00:00', '00:00')] }, [stretch(18, '20:00', 1440)]), [], 'always')
  t.end()
})

t.test('quiet hours, the length of a play, and of all of a day', (t) => {
  t.same(rules({ quiet: [window('21:00', '05:00')] }, [stretch(18, '04:59', 1), stretch(18, '05:00', 60), stretch(18, '20:59', 2)]), [['quiet', 0, 2]])
  t.same(rules({ playMs: 15 * MINUTE_MS }, [stretch(18, '05:00', 15), stretch(19, '05:00', 16)]), [['play', 1, 1]])
  t.same(rules({ dayMs: 45 * MINUTE_MS }, [stretch(18, '05:00', 30), stretch(19, '05:00', 30)], [stretch(18, '17:00', 15), stretch(19, '17:00', 16)]), [['day', 1, 1]])
  t.same(rules({ dayMs: 45 * MINUTE_MS }, [stretch(18, '05:00', 30)], [stretch(19, '05:00', 60)]), [], 'on another day')
  t.match(breachesOf({ ...NO_POLICY, playMs: 15 * MINUTE_MS, dayMs: 45 * MINUTE_MS, quiet: [window('05:00', '05:10')] }, [stretch(18, '05:00', 16), stretch(19, '05:00', 30)], [stretch(18, '17:00', 30)], ZONE),
    [{ rule: 'quiet', length: undefined }, { rule: 'play', length: { usedMs: 16 * MINUTE_MS, allowedMs: 15 * MINUTE_MS } }, { rule: 'day', length: { usedMs: 46 * MINUTE_MS, allowedMs: 45 * MINUTE_MS } }], 'with how much is used of what is allowed')
  t.same(rules({}, [stretch(18, '02:00', 1000)]), [])
  const [startsAtMs, endsAtMs] = [Date.parse('9999-12-31T23:30:00+07:00'), Date.parse('9999-12-31T23:59:59Z')]
  t.same(rules({ quiet: [window('06:00', '07:00')] }, [{ startsAtMs, endsAtMs }]), [['quiet', 0, 1]], 'in the last night that can be named')
  t.end()
})

t.test('minute by minute: inside the windows is outside of what they leave', (t) => {
  const time = (minute: number): string => new Date(minute * MINUTE_MS).toISOString().slice(11, 16)
  fc.assert(fc.property(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 300 }), (from, to, start, minutes) => {
    fc.pre(from !== to)
    const one = [stretch(18, time(start), minutes)]
    return (rules({ windows: [window(time(from), time(to))] }, one).length === 0) === (rules({ quiet: [window(time(to), time(from))] }, one).length === 0)
  }), { numRuns: 300 })
  t.end()
})

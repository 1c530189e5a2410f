import t from 'tap'
import { addDays, instantOf, isHoliday, localDay } from '../../../control/schedule/calendar.ts'
import { daysOf, occurrencesOf } from '../../../control/schedule/occurrences.ts'
import { WEEKDAYS, type Repeat } from '../../../control/schedule/schedule-port.ts'
import { fc } from '../../support/seed.ts'

const base = { zone: 'Asia/Ho_Chi_Minh', time: '05:00:00', firstDay: '2026-01-01', lastDay: null, repeat: { kind: 'daily', every: 1 }, except: [], holidays: 'play', plays: 1, gapMs: 0 } as const
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

t.test('exceptions, holidays and the time of validity', (t) => {
  const days = (more: object) => daysOf({ ...base, ...more }, '2026-04-25', '2026-05-03').map((day) => day.slice(8))
  t.same(days({}), ['25', '26', '27', '28', '29', '30', '01', '02', '03'])
  t.same(days({ holidays: 'skip' }), ['25', '27', '28', '29', '02', '03'])
  t.same(days({ holidays: 'only' }), ['26', '30', '01'])
  t.same(days({ holidays: 'only', except: ['2026-04-30'] }), ['26', '01'])
  t.same(days({ firstDay: '2026-04-28', lastDay: '2026-05-01', except: ['2026-04-29'] }), ['28', '30', '01'])
  t.same(days({ repeat: { kind: 'weekly', weekdays: ['TH'], every: 1 }, holidays: 'skip' }), [])
  t.end()
})

t.test('plays follow each other with their gap, past midnight too, and keep their names', (t) => {
  const item = { ...base, time: '23:30:00', plays: 3, gapMs: 15 * MINUTE_MS }
  const at = (day: string, time: string): number => instantOf(day, time, base.zone)
  const found = occurrencesOf(item, 10 * MINUTE_MS, at('2026-06-19', '00:05:00'), at('2026-06-19', '23:40:00'))
  t.same(found, [
    { key: '2026-06-18.3', startsAtMs: at('2026-06-19', '00:20:00'), endsAtMs: at('2026-06-19', '00:30:00') },
    { key: '2026-06-19.1', startsAtMs: at('2026-06-19', '23:30:00'), endsAtMs: at('2026-06-19', '23:40:00') },
  ])
  t.same(occurrencesOf(item, 10 * MINUTE_MS, at('2026-06-19', '00:05:00'), at('2026-06-19', '00:20:00')), [], 'in the gap')
  t.match(occurrencesOf(item, 10 * MINUTE_MS, at('2026-06-19', '00:04:59'), at('2026-06-19', '00:05:00')), [{ key: '2026-06-18.2' }], 'the last second')
  t.end()
})

t.test('in a zone with summer time it is played at the same time by the clock', (t) => {
  const item = { ...base, zone: 'Europe/Berlin' }
  const starts = occurrencesOf(item, MINUTE_MS, Date.UTC(2026, 2, 28), Date.UTC(2026, 2, 31)).map(({ startsAtMs }) => new Date(startsAtMs).toISOString().slice(8, 16))
  t.same(starts, ['28T04:00', '29T03:00', '30T03:00'])
  t.end()
})

const day = fc.integer({ min: 0, max: 1000 }).map((days) => addDays('2025-06-01', days))
const repeat: fc.Arbitrary<Repeat> = fc.oneof(
  fc.constant<Repeat>({ kind: 'once' }),
  fc.record({ kind: fc.constant('daily' as const), every: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('weekly' as const), every: fc.integer({ min: 1, max: 5 }), weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }) }),
  fc.record({ kind: fc.constant('monthly' as const), days: fc.uniqueArray(fc.integer({ min: -31, max: 31 }).filter((n) => n !== 0), { minLength: 1, maxLength: 5 }) }),
  fc.record({ kind: fc.constant('dates' as const), dates: fc.array(day, { minLength: 1, maxLength: 10 }) }),
  fc.record({ kind: fc.constant('lunar' as const), days: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }), months: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1 })) }),
)
const item = fc.record({
  zone: fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
  time: fc.integer({ min: 0, max: 86_399 }).map((seconds) => new Date(seconds * 1000).toISOString().slice(11, 19)),
  firstDay: day,
  lastDay: fc.option(day),
  repeat,
  except: fc.array(day, { maxLength: 3 }),
  holidays: fc.constantFrom('play', 'skip', 'only'),
  plays: fc.integer({ min: 1, max: 10 }),
  gapMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
})
const lengthMs = fc.integer({ min: 1, max: 2 * HOUR_MS })
const interval = fc.tuple(day, fc.integer({ min: 0, max: DAY_MS }), fc.integer({ min: 1, max: 40 * DAY_MS })).map(([from, offsetMs, ms]) => [Date.parse(from) + offsetMs, Date.parse(from) + offsetMs + ms] as const)

t.test('what is found does not depend on how the time is cut into pieces', (t) => {
  fc.assert(fc.property(item, lengthMs, interval, fc.double({ min: 0, max: 1, noNaN: true }), (timing, length, [fromMs, untilMs], share) => {
    const middleMs = Math.floor(fromMs + share * (untilMs - fromMs))
    const whole = occurrencesOf(timing, length, fromMs, untilMs)
    const parts = new Map([...occurrencesOf(timing, length, fromMs, middleMs), ...occurrencesOf(timing, length, middleMs, untilMs)].map((one) => [one.key, one]))
    t.same([...parts.values()].sort((a, b) => a.startsAtMs - b.startsAtMs || (a.key < b.key ? -1 : 1)), whole.toSorted((a, b) => a.startsAtMs - b.startsAtMs || (a.key < b.key ? -1 : 1)))
    return true
  }), { numRuns: 200 })
  t.end()
})

t.test('every play is inside the interval, has its own name, and lies on a day that the item allows', (t) => {
  fc.assert(fc.property(item, lengthMs, interval, (timing, length, [fromMs, untilMs]) => {
    const found = occurrencesOf(timing, length, fromMs, untilMs)
    return new Set(found.map(({ key }) => key)).size === found.length && found.every(({ key, startsAtMs, endsAtMs }) => {
      const [onDay = '', play] = key.split('.')
      const allowed = onDay >= timing.firstDay && (timing.lastDay === null || onDay <= timing.lastDay) && !timing.except.includes(onDay) && (timing.holidays === 'play' || isHoliday(onDay) === (timing.holidays === 'only'))
      const first = instantOf(onDay, timing.time, timing.zone)
      return allowed && startsAtMs === first + (Number(play) - 1) * (length + timing.gapMs) && endsAtMs === startsAtMs + length && startsAtMs < untilMs && endsAtMs > fromMs
    })
  }), { numRuns: 300 })
  t.end()
})

t.test('each first play begins on its own day', (t) => {
  fc.assert(fc.property(item, lengthMs, interval, (timing, length, [fromMs, untilMs]) => occurrencesOf({ ...timing, plays: 1 }, length, fromMs, untilMs).every(({ key, startsAtMs }) => localDay(startsAtMs, timing.zone) === key.slice(0, 10))), { numRuns: 200 })
  t.end()
})

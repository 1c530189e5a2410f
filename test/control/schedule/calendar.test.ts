import { RRuleTemporal } from 'rrule-temporal'
import t from 'tap'
import { Temporal } from 'temporal-polyfill'
import { addDays, daysFrom, instantOf, isDay, isDayRule, isHoliday, isZone, localDay, repeatDays, rruleOf } from '../../../control/schedule/calendar.ts'
import { lunarDateOf } from '../../../control/schedule/lunar.ts'
import { fc } from '../../support/seed.ts'

const lunar = (day: string) => lunarDateOf(Date.parse(day) / 86_400_000)

/** First days of Tết as they were kept in Viet Nam, and are announced. In 1985, 2007 and 2030 China's is another day. */
const TET = `1985-01-21 1986-02-09 1987-01-29 1988-02-17 1989-02-06 1990-01-27 1991-02-15 1992-02-04 1993-01-23 1994-02-10 1995-01-31 1996-02-19 1997-02-07 1998-01-28 1999-02-16 2000-02-05 2001-01-24
  2002-02-12 2003-02-01 2004-01-22 2005-02-09 2006-01-29 2007-02-17 2008-02-07 2009-01-26 2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16
  2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-02 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08`.split(/\s+/)

t.test('Tết falls on its published day from 1985 to 2035', (t) => {
  t.equal(TET.length, 51)
  for (const day of TET) t.same(lunar(day), { year: Number(day.slice(0, 4)), month: 1, day: 1, leap: false }, day)
  t.end()
})

t.test('other published lunar dates', (t) => {
  for (const [day, month, lunarDay] of [['2023-04-29', 3, 10], ['2024-04-18', 3, 10], ['2025-04-07', 3, 10], ['2026-04-26', 3, 10], ['2024-09-17', 8, 15], ['2025-10-06', 8, 15], ['2007-12-10', 11, 1]] as const) {
    t.match(lunar(day), { month, day: lunarDay, leap: false }, day)
  }
  for (const [day, month] of [['1987-08-24', 7], ['2004-03-21', 2], ['2006-08-24', 7], ['2017-07-23', 6], ['2020-05-23', 4], ['2023-03-22', 2], ['2025-07-25', 6], ['2033-12-22', 11]] as const) t.match(lunar(day), { month, day: 1, leap: true }, `a leap month begins on ${day}`)
  t.end()
})

t.test('each lunar day follows the one before, in months of 29 or 30 days', (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 70_000 }), (epochDay) => {
    const [a, b] = [lunarDateOf(epochDay), lunarDateOf(epochDay + 1)]
    if (b.day !== 1) return b.day === a.day + 1 && b.month === a.month && b.leap === a.leap && b.year === a.year
    const sameNumber = b.leap && b.month === a.month && b.year === a.year
    const nextNumber = !b.leap && b.month === (a.month % 12) + 1 && b.year === a.year + (a.month === 12 ? 1 : 0)
    return (a.day === 29 || a.day === 30) && (sameNumber || nextNumber)
  }), { numRuns: 2000 })
  t.end()
})

t.test('holidays', (t) => {
  const year = Array.from({ length: 365 }, (_, index) => addDays('2026-01-01', index))
  t.same(year.filter(isHoliday), ['2026-01-01', '2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-04-26', '2026-04-30', '2026-05-01', '2026-09-02'])
  t.end()
})

t.test('days, zones and rules that may be written', (t) => {
  for (const day of ['2026-02-28', '2028-02-29', '1970-01-01']) t.ok(isDay(day), day)
  for (const day of ['2026-02-29', '2026-13-01', '2026-1-1', '2026-00-10', '1969-12-31', '2200-01-01', '20260101', 'today']) t.notOk(isDay(day), day)
  for (const zone of ['Asia/Ho_Chi_Minh', 'UTC', 'Europe/Berlin']) t.ok(isZone(zone), zone)
  for (const zone of ['', 'Asia/Hanoi2', '+07:00', 'here']) t.notOk(isZone(zone), zone)
  for (const rule of ['FREQ=DAILY', 'FREQ=MONTHLY;BYDAY=2TU,-1FR', 'FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=10', 'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1']) t.ok(isDayRule(rule), rule)
  for (const rule of ['', 'DAILY', 'FREQ=HOURLY', 'FREQ=DAILY;BYHOUR=5', 'FREQ=DAILY;UNTIL=20270101T000000Z', 'FREQ=WEEKLY;BYDAY=XX', 'FREQ=DAILY;INTERVAL=0', 'FREQ=DAILY\nRRULE:FREQ=SECONDLY', 'INTERVAL=2;FREQ=DAILY']) t.notOk(isDayRule(rule), rule)
  t.end()
})

const ZONES = ['Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/Santiago', 'Asia/Beirut', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC']

t.test('the last day that a time of four digits can name has a beginning and an end', (t) => {
  const lastMs = Date.parse('9999-12-31T23:59:59.999Z')
  for (const zone of ZONES) {
    const day = localDay(lastMs, zone)
    const endMs = instantOf(addDays(day, 1), '00:00:00', zone)
    t.ok(instantOf(day, '00:00:00', zone) <= lastMs && lastMs < endMs, `${zone} ${day}`)
    t.same(daysFrom(day, localDay(endMs, zone)), [day, addDays(day, 1)], zone)
  }
  t.end()
})

t.test('every kind of repetition', (t) => {
  const days = (repeat: Parameters<typeof repeatDays>[0], from = '2026-06-01', to = '2026-06-30') => repeatDays(repeat, '2026-06-03', from, to).map((day) => day.slice(5))
  t.same(days({ kind: 'once' }), ['06-03'])
  t.same(days({ kind: 'once' }, '2026-06-04'), [])
  t.same(days({ kind: 'daily', every: 10 }), ['06-03', '06-13', '06-23'])
  t.same(days({ kind: 'daily', every: 10 }, '2026-06-14', '2026-07-03'), ['06-23', '07-03'], 'counted from the first day')
  t.same(days({ kind: 'weekly', weekdays: ['MO', 'WE'], every: 1 }, '2026-06-01', '2026-06-15'), ['06-03', '06-08', '06-10', '06-15'])
  t.same(days({ kind: 'weekly', weekdays: ['MO', 'SU'], every: 2 }), ['06-07', '06-15', '06-21', '06-29'], 'weeks begin on Monday')
  t.same(days({ kind: 'monthly', days: [1, 31, -1] }, '2026-06-01', '2026-07-31'), ['06-30', '07-01', '07-31'])
  t.same(days({ kind: 'dates', dates: ['2026-06-20', '2026-06-05', '2026-06-20', '2026-06-01'] }), ['06-05', '06-20'], 'not before the first day')
  t.same(days({ kind: 'lunar', days: [1, 15], months: null }), ['06-15', '06-29'])
  t.same(repeatDays({ kind: 'lunar', days: [10], months: [3] }, '2026-01-01', '2026-01-01', '2027-12-31'), ['2026-04-26', '2027-04-16'])
  t.same(days({ kind: 'rule', rrule: 'FREQ=MONTHLY;BYDAY=2TU' }, '2026-06-01', '2026-08-31'), ['06-09', '07-14', '08-11'])
  t.same(days({ kind: 'rule', rrule: 'FREQ=DAILY;COUNT=3' }), ['06-03', '06-04', '06-05'])
  t.end()
})

t.test('a moment has one local day, and a time its moment, through changes of the clock too', (t) => {
  t.equal(instantOf('2026-06-18', '05:00:00', 'Asia/Ho_Chi_Minh'), Date.UTC(2026, 5, 17, 22))
  t.equal(localDay(Date.UTC(2026, 5, 17, 22), 'Asia/Ho_Chi_Minh'), '2026-06-18')
  t.equal(instantOf('2026-03-29', '02:30:00', 'Europe/Berlin'), Date.UTC(2026, 2, 29, 1, 30), 'half past two is left out that night: an hour later by the new clock')
  t.equal(instantOf('2026-10-25', '02:30:00', 'Europe/Berlin'), Date.UTC(2026, 9, 25, 0, 30), 'of two the first')
  t.end()
})

const anyDay = fc.integer({ min: 3650, max: 40_000 }).map((epochDay) => new Date(epochDay * 86_400_000).toISOString().slice(0, 10))

t.test('what is reckoned here is what the libraries for rules and zones say', (t) => {
  const every = fc.integer({ min: 1, max: 40 })
  const repeat = fc.oneof(
    fc.record({ kind: fc.constant('daily' as const), every }),
    fc.record({ kind: fc.constant('weekly' as const), weekdays: fc.uniqueArray(fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU' as const), { minLength: 1 }), every }),
    fc.record({ kind: fc.constant('monthly' as const), days: fc.uniqueArray(fc.integer({ min: -31, max: 31 }).filter((day) => day !== 0), { minLength: 1, maxLength: 5 }) }),
  )
  fc.assert(fc.property(repeat, anyDay, fc.nat(500), fc.nat(100), (rule, firstDay, later, days) => {
    const [from, to] = [addDays(firstDay, later), addDays(firstDay, later + days)]
    const library = new RRuleTemporal({ rruleString: `DTSTART:${firstDay.replaceAll('-', '')}T000000Z\nRRULE:${rruleOf(rule)!}` }).between(new Date(Date.parse(from)), new Date(Date.parse(to)), true)
    t.same(repeatDays(rule, firstDay, from, to), library.map((at) => at.toPlainDate().toString()))
  }), { numRuns: 150 })
  fc.assert(fc.property(anyDay, fc.nat(86_399), fc.constantFrom(...ZONES), (day, second, zone) => {
    const time = new Date(second * 1000).toISOString().slice(11, 19)
    const ms = Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone).epochMilliseconds
    return instantOf(day, time, zone) === ms && localDay(ms, zone) === Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toString()
  }), { numRuns: 2000 })
  t.end()
})

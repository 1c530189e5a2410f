import { CalendarDate, parseDate, parseDateTime, parseTime, type Time } from '@internationalized/date'
import t from 'tap'
import { textOf, valueIn } from '../../console/src/kit/date-values.ts'

t.test('what a form holds comes back as it was', (t) => {
  for (const [text, parse] of [['2026-11-22', parseDate], ['2028-02-29', parseDate], ['05:30', parseTime], ['23:59:30', parseTime], ['2026-11-22T05:30', parseDateTime], ['2026-01-01T00:00', parseDateTime]] as const) {
    t.equal(textOf(valueIn<CalendarDate | Time>(text, parse as (text: string) => CalendarDate | Time)), text)
  }
  t.end()
})

t.test('nothing, what is no day, and a year that is still being typed are no value', (t) => {
  t.equal(valueIn('', parseDate), null)
  t.equal(valueIn('2026-02-30', parseDate), null)
  t.equal(valueIn('22/11/2026', parseDate), null)
  t.equal(textOf(null), '')
  for (const year of [2, 20, 202]) t.equal(textOf(new CalendarDate(year, 11, 22)), '')
  t.equal(textOf(new CalendarDate(2026, 11, 22)), '2026-11-22')
  t.end()
})

import t from 'tap'
import { beginOf, keysOf, momentsOf, PERIODS, shifted, spanOf, stepOf, type Period } from '../../console/src/screens/figures/periods.ts'
import { addDays, houseDay } from '../../console/src/words/house-day.ts'
import { fc } from '../support/seed.ts'

type Kind = Exclude<Period, 'own'>
const KINDS = PERIODS.filter((period): period is Kind => period !== 'own')

t.test('periods are those of the calendar', (t) => {
  t.same(spanOf('week', '2026-06-18'), { from: '2026-06-15', to: '2026-06-21' })
  t.same(spanOf('week', '2026-06-21'), { from: '2026-06-15', to: '2026-06-21' })
  t.same(spanOf('month', '2024-02-10'), { from: '2024-02-01', to: '2024-02-29' })
  t.same(spanOf('quarter', '2026-05-31'), { from: '2026-04-01', to: '2026-06-30' })
  t.same(spanOf('year', '2026-05-31'), { from: '2026-01-01', to: '2026-12-31' })
  t.same(spanOf('report', '2026-12-05'), { from: '2026-01-01', to: '2026-12-05' })
  t.same(shifted('month', { from: '2026-01-01', to: '2026-01-31' }, -1), { from: '2025-12-01', to: '2025-12-31' })
  t.same(shifted('report', { from: '2026-01-01', to: '2026-12-05' }, 1), { from: '2027-01-01', to: '2027-12-05' })
  t.equal(houseDay(Date.parse('2026-06-18T17:00:00Z')), '2026-06-19')
  t.same(momentsOf({ from: '2026-06-30', to: '2026-06-30' }), { from: '2026-06-30T00:00:00+07:00', to: '2026-07-01T00:00:00+07:00' })
  t.equal(beginOf('2026'), Date.parse('2025-12-31T17:00:00Z') / 1000)
  t.equal(beginOf('2026-06'), Date.parse('2026-05-31T17:00:00Z') / 1000)
  t.equal(beginOf('2026-06-18'), Date.parse('2026-06-17T17:00:00Z') / 1000)
  t.end()
})

t.test('every day lies in exactly one period of a kind, and every span has some keys that rise', (t) => {
  const days = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('2000-01-01', days))
  fc.assert(fc.property(fc.constantFrom(...KINDS.filter((kind) => kind !== 'report')), days, (kind, day) => {
    const span = spanOf(kind, day)
    const next = shifted(kind, span, 1)
    const keys = keysOf(span, stepOf(span))
    const begins = keys.map(beginOf)
    return span.from <= day && day <= span.to && addDays(span.to, 1) === next.from && JSON.stringify(shifted(kind, next, -1)) === JSON.stringify(span) && keys.length > 0 && keys.length <= 62 && begins.every((s, index) => index === 0 || s > begins[index - 1]!)
  }))
  t.end()
})

import t from 'tap'
import { barsOf, lonePoints, stepName, stepOf, ticksOf } from '../../console/src/parts/chart/chart-scale.ts'
import { pointText } from '../../console/src/parts/chart/point-text.ts'
import { fc } from '../support/seed.ts'

const s = (iso: string): number => Date.parse(iso) / 1000

t.test('points say no more than they differ in', (t) => {
  const days = [s('2026-05-31T17:00:00Z'), s('2026-06-01T17:00:00Z')]
  const months = [s('2025-12-31T17:00:00Z'), s('2026-01-31T17:00:00Z'), s('2026-02-28T17:00:00Z')]
  t.equal(stepName(days), 'day')
  t.equal(stepName(months), 'month')
  t.equal(stepName([s('2024-12-31T17:00:00Z'), s('2025-12-31T17:00:00Z')]), 'year')
  t.equal(stepName([0, 30]), 'time')
  t.equal(stepName([5]), 'day')
  const by = (options: Intl.DateTimeFormatOptions) => (moment: number): string => new Intl.DateTimeFormat('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh', ...options }).format(new Date(moment))
  const vi = { time: by({ timeStyle: 'short' }), seconds: by({ timeStyle: 'medium' }), day: by({ day: '2-digit', month: '2-digit', year: 'numeric' }), dayTime: by({ dateStyle: 'short', timeStyle: 'short' }) }
  t.match(pointText(days, vi)(days[0]!), /^0?1[/-]0?6[/-]2026$/)
  t.match(pointText(months, vi)(months[1]!), /^0?2[/-]2026$/)
  const halfMinutes = [s('2026-06-01T00:00:00Z'), s('2026-06-01T00:00:30Z')]
  t.equal(pointText(halfMinutes, vi)(halfMinutes[1]!), '07:00:30')
  t.end()
})

t.test('bars of one point do not cover one another, nor those of the next', (t) => {
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (places, count) => {
    const xs = places.sort((a, b) => a - b).map((place) => place * 86_400)
    const bars = Array.from({ length: count }, (_, index) => barsOf(xs, index, count))
    const all = xs.flatMap((_, at) => bars.map(({ starts, width }) => [starts[at]!, starts[at]! + width] as const))
    return all.every(([, end], index) => index === all.length - 1 || end <= all[index + 1]![0] + 1e-3)
  }))
  t.equal(stepOf([0, 0, 10]), 10)
  t.end()
})

t.test('texts stand evenly and never closer than there is room', (t) => {
  t.same(ticksOf([1, 2, 3, 4, 5], 2), [1, 4])
  t.same(ticksOf([1, 2], 0), [1])
  fc.assert(fc.property(fc.array(fc.integer(), { maxLength: 100 }), fc.integer({ min: 1, max: 30 }), (xs, most) => ticksOf(xs, most).length <= most))
  t.end()
})

t.test('what stands alone is seen, what has a line is not dotted', (t) => {
  t.same(lonePoints([1, null, 2, 3, null, 4]), [0, 5])
  t.same(lonePoints([]), [])
  fc.assert(fc.property(fc.array(fc.option(fc.integer())), (values) => lonePoints(values).every((at) => values[at] !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null)))
  t.end()
})

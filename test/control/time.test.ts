import t from 'tap'
import { formatTime, parseTime } from '../../control/time.ts'
import { fc } from '../support/seed.ts'

t.test('times as people and programs write them', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['2026-06-18T05:00:00+07:00', '2026-06-17T22:00:00.000Z'],
    ['2026-06-17T22:00Z', '2026-06-17T22:00:00.000Z'],
    ['2026-06-17T22:00:00.1239Z', '2026-06-17T22:00:00.123Z'],
    ['2026-06-17T22:00:00,5Z', '2026-06-17T22:00:00.500Z'],
    ['2026-06-17T12:30:00-0930', '2026-06-17T22:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ]
  for (const [text, expected] of cases) t.equal(formatTime(parseTime(text) ?? NaN), expected, text)
  t.end()
})

t.test('no zone, no calendar day, no time of day: nothing', (t) => {
  for (const text of [
    '', 'now', '2026-06-18', '2026-06-18T05:00:00', '2026-06-18 05:00:00Z', '2026-06-18T05:00:00z', '2026-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z',
    '2026-06-00T00:00:00Z', '2026-06-18T24:00:00Z', '2026-06-18T23:60:00Z', '2026-06-18T23:59:60Z', '2026-06-18T05:00:00+15:00', '2026-06-18T05:00:00+07:60', '2026-06-18T05:00:00+7', '1969-12-31T00:00:00Z',
    '0026-06-18T05:00:00Z', '2026-06-18T05:00:00.Z', ' 2026-06-18T05:00:00Z', '2026-06-18T05:00:00Z\n', '1780000000000',
  ]) t.equal(parseTime(text), undefined, JSON.stringify(text))
  t.end()
})

const YEAR_9999_MS = Date.UTC(9999, 11, 31)

t.test('what is written is read back, in any zone', (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: YEAR_9999_MS }), (ms) => parseTime(formatTime(ms)) === ms))
  fc.assert(fc.property(fc.integer({ min: 86_400_000, max: YEAR_9999_MS }), fc.integer({ min: -14 * 60, max: 14 * 60 }), (ms, offsetMinutes) => {
    const local = formatTime(ms + offsetMinutes * 60_000).slice(0, -1)
    const two = (n: number): string => String(n).padStart(2, '0')
    const zone = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offsetMinutes) / 60))}:${two(Math.abs(offsetMinutes) % 60)}`
    return parseTime(`${local}${zone}`) === ms
  }))
  t.end()
})

t.test('it never disagrees with Date.parse on what both accept, and never throws', (t) => {
  const digits = (n: number): fc.Arbitrary<string> => fc.integer({ min: 0, max: 10 ** n - 1 }).map((value) => String(value).padStart(n, '0'))
  const likely = fc.tuple(digits(4), digits(2), digits(2), digits(2), digits(2), digits(2), fc.constantFrom('Z', '+07:00', '-03:30')).map(([y, mo, d, h, mi, s, zone]) => `${y}-${mo}-${d}T${h}:${mi}:${s}${zone}`)
  fc.assert(fc.property(fc.oneof(likely, fc.string()), (text) => {
    const ms = parseTime(text)
    return ms === undefined || ms === Date.parse(text)
  }), { numRuns: 2000 })
  t.end()
})

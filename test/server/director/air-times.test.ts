import t from 'tap'
import { DEFAULT_INGEST_RULES, type SourceRecord } from '../../../control/ports.ts'
import { airTimes, playsOf } from '../../../server/director/air-times.ts'
import { fc } from '../../support/seed.ts'

const common = { name: 'x', unitId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: 0 } as const
const studio = (id: string, fallbackSourceId: string | null = null): SourceRecord => ({ ...common, id, kind: 'icecast', mount: `/${id}`, takeover: 'refuse', keyHash: 'h', ingest: DEFAULT_INGEST_RULES, fallbackSourceId })
const SOURCES: readonly SourceRecord[] = [
  studio('a', 'c'), studio('b'), studio('c'), studio('idle'),
  { ...common, id: 'tone', kind: 'tone', frequencyHz: 1000, levelDbfs: -12, fallbackSourceId: 'b' },
  { ...common, id: 'both', kind: 'standby', inputSourceIds: ['a', 'tone'], return: 'automatic', returnAfterMs: 0, pinned: null, chosenAtMs: null, fallbackSourceId: null },
]
const play = (sourceId: string, fromSamples: number, untilSamples: number) => ({ sourceId, fromSamples, untilSamples })

t.test('a source is on the air with the orders that play it, or what it stands in for', (t) => {
  t.same([...airTimes(SOURCES, [play('both', 100, 200), play('a', 300, 400), play('gone', 1, 2)], 0)].sort(), [
    ['a', [[100, 200], [300, 400]]],
    ['b', [[100, 200]]],
    ['c', [[100, 200], [300, 400]]],
  ], 'inputs and fallbacks, of those that something sends to')
  t.same([...airTimes(SOURCES, [play('b', 100, 200), play('b', 150, 300), play('b', 300, 400), play('b', 500, 600), play('b', 20, 50), play('b', 700, 700)], 50)], [['b', [[100, 400], [500, 600]]]], 'joined where they meet; what is over is left out')
  t.equal(airTimes(SOURCES, Array.from({ length: 100 }, (_, n) => play('b', n * 10, n * 10 + 5)), 0).get('b')?.length, 16, 'no more than is of use')
  t.end()
})

t.test('whatever orders there are: in order, apart, and each moment of them is in it', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(10)), { maxLength: 12 }), (spans) => {
    const plays = spans.map(([from, length]) => play('b', from, from + length))
    const times = airTimes(SOURCES, plays, 0).get('b') ?? []
    if (times.some(([from], index) => index > 0 && from <= times[index - 1]![1])) return false
    return Array.from({ length: 60 }, (_, at) => at).every((at) => times.some(([from, until]) => from <= at && at < until) === plays.some(({ fromSamples, untilSamples }) => untilSamples > 0 && fromSamples <= at && at < untilSamples))
  }))
  t.end()
})

t.test('an order that is handed over is on the air with one source after another', (t) => {
  t.same(playsOf({ sourceId: 'a' }, 100, 900), [play('a', 100, 900)])
  const handOvers = [{ sourceId: 'b', atSamples: 300, crossfadeSamples: 20 }, { sourceId: 'a', atSamples: 500, crossfadeSamples: 10 }]
  t.same(playsOf({ sourceId: 'a', handOvers }, 100, 900), [play('a', 100, 320), play('b', 300, 510), play('a', 500, 900)], 'both while one fades into the other')
  t.same(airTimes(SOURCES, playsOf({ sourceId: 'a', handOvers }, 100, 305), 0).get('b'), [[300, 305]], 'not beyond its end')
  t.end()
})

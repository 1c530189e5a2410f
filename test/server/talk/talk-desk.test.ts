import t from 'tap'
import type { OrderRecord } from '../../../control/ports.ts'
import { crossfadeRoom, overlayRoom } from '../../../rooms/mix-room.ts'
import type { PlanSegment } from '../../../rooms/plan.ts'
import { coveringUnits, TalkDesk } from '../../../server/director/talk-desk.ts'
import { fc } from '../../support/seed.ts'

/** province ─┬─ district ─┬─ a
 *            │            └─ b
 *            └─ c */
const PARENTS: Readonly<Record<string, string | null>> = { province: null, district: 'province', a: 'district', b: 'district', c: 'province' }
const parentOf = (id: string): string | null => PARENTS[id] ?? null
const isAbove = (upper: string, lower: string): boolean => parentOf(lower) !== null && (parentOf(lower) === upper || isAbove(upper, parentOf(lower)!))
const NOW = 1_000_000

function desk(orders: readonly Partial<OrderRecord>[], onAir: Readonly<Record<string, { orderId: string; room: string; under?: PlanSegment['under'] & object }>>, online: readonly string[], standbyInput: string | null = null) {
  const clusters: Readonly<Record<string, string>> = { a1: 'a', a2: 'a', b1: 'b', c1: 'c' }
  const records = orders.map((order, index) => ({ id: `o${String(index)}`, sourceId: 's1', startsAtMs: 0, endsAtMs: 2 * NOW, stoppedAtMs: null, targets: { units: ['province'], clusters: [], tags: [] }, ...order }) as OrderRecord)
  const said = { looks: 0, nowMs: 0, costMs: 0 }
  const talk = new TalkDesk({
    store: { sources: { get: (id) => (id === 's1' ? { name: 'Điện thoại' } as never : id === 'both' ? { kind: 'standby', inputSourceIds: ['s0', 's1'] } as never : undefined) }, units: { all: () => Object.entries(PARENTS).map(([id, parentId]) => ({ id, parentId, name: `«${id}»` }) as never) } },
    arbiter: { clustersOf: () => {
      said.looks += 1
      said.nowMs += said.costMs
      return Object.keys(clusters)
    }, onAir: (id) => (onAir[id] === undefined ? null : { fromSamples: 48_000, untilSamples: 96_000, class: 'normal', title: '', ...onAir[id] } satisfies PlanSegment) },
    clusters: { ids: () => Object.keys(clusters), get: (id) => ({ unitId: clusters[id] }) as never },
    orders: { all: () => records },
    time: { wallMs: () => NOW, wallMsAt: (samples) => samples / 48, nowSamples: () => 50_000 },
    isOnline: (id) => online.includes(id),
    sourceStatus: (id) => (id === 'both' ? { standby: { inputSourceId: standbyInput, inputs: [] } } as never : undefined),
    monotonicMs: () => said.nowMs,
  })
  return { talk, said }
}

t.test('who hears a source, as it is and not as it was meant', (t) => {
  const own = { orderId: 'o0', room: 'src:s1' }
  t.equal(desk([], {}, []).talk.status('other'), null)
  t.match(desk([], {}, []).talk.status('s1'), { name: 'Điện thoại', state: 'unknown', targeted: 0, playing: 0, hearing: 0, sinceMs: null, untilMs: null, nextMs: null, units: [] })
  t.match(desk([{}, { sourceId: 's2' }], { a1: own, a2: own, b1: { orderId: 'o1', room: 'src:s2' }, c1: { orderId: 'o0', room: 'tone:attention@0' } }, ['a1', 'b1', 'c1']).talk.status('s1'),
    { targeted: 4, playing: 2, hearing: 1, sinceMs: 1000, untilMs: 2 * NOW, units: ['«a»'], moreUnits: 0 }, 'neither where something goes before it, nor under the attention tone')
  t.match(desk([{ startsAtMs: NOW + 5 }, { startsAtMs: NOW + 3, stoppedAtMs: 4 }, { stoppedAtMs: NOW - 1 }, { endsAtMs: NOW }], {}, []).talk.status('s1'), { targeted: 0, nextMs: NOW + 5 })
  t.end()
})

t.test('what is mixed is heard while it sounds: handed over, beneath another, after a jingle', (t) => {
  const fade = (from: string, to: string, atSamples: number) => crossfadeRoom({ from, to, atSamples, samples: 4000 })
  const said = (order: Partial<OrderRecord>, room: string, more: object = {}) => desk([order], { a1: { orderId: 'o0', room, ...more } }, []).talk.status('s1')
  const to = { sourceId: 's2', handOvers: [{ sourceId: 's1', atMs: NOW - 5, crossfadeMs: 80, by: 'u' }] }
  t.match(said(to, 'src:s1'), { targeted: 4, playing: 1 }, 'who has been given the word speaks')
  t.match(said(to, fade('src:s2', 'src:s1', 60_000)), { targeted: 4, playing: 0 }, 'not before his turn')
  const away = { handOvers: [{ sourceId: 's2', atMs: NOW - 5, crossfadeMs: 80, by: 'u' }] }
  t.match(said(away, fade('src:s1', 'src:s2', 48_000)), { targeted: 0, playing: 1 }, 'who gives it away is heard to the end of the fade')
  t.match(said(away, 'src:s2'), { targeted: 0, playing: 0, sinceMs: null })
  t.match(said({}, fade('jin:o0.intro@0', 'src:s1', 60_000)), { targeted: 4, playing: 0 })
  const under = { orderId: 'o0', class: 'normal', title: '' } as const
  t.match(said({ endsAtMs: NOW + 7 }, overlayRoom({ over: 'src:s2', under: 'src:s1', level: { fromDb: 0, toDb: -12, atSamples: 0, samples: 480 } }), { orderId: 'other', under }), { playing: 1, untilMs: NOW + 7 })
  t.end()
})

t.test('an input of a source with hot standby is heard while it is the one that was taken', (t) => {
  const said = (input: string) => desk([{ sourceId: 'both' }, { sourceId: 'both', startsAtMs: NOW + 9 }], { a1: { orderId: 'o0', room: 'src:both' } }, ['a1'], input).talk.status('s1')
  t.match(said('s1'), { targeted: 4, playing: 1, hearing: 1, nextMs: NOW + 9 })
  t.match(said('s0'), { targeted: 4, playing: 0, hearing: 0, sinceMs: null, nextMs: NOW + 9 })
  t.end()
})

t.test('looking costs no more than a hundredth of the time, whoever asks how often', (t) => {
  const { talk, said } = desk([{}], {}, [])
  said.costMs = 20
  for (let ask = 0; ask < 1000; ask += 1) {
    talk.status('s1')
    said.nowMs += 10
  }
  t.ok(said.looks <= 7 && said.looks >= 5, `${String(said.looks)} looks in ten seconds`)
  t.end()
})

t.test('units that say where clusters stand', (t) => {
  t.same(coveringUnits(['a', 'b', 'c'], ['a', 'b', 'c'], parentOf), ['province'])
  t.same(coveringUnits(['a', 'b', 'c'], ['a', 'b'], parentOf), ['district'])
  t.same(coveringUnits(['a', 'a', 'b', 'c'], ['a', 'b'], parentOf).sort(), ['a', 'b'])
  t.same(coveringUnits(['a'], ['a'], parentOf), ['a'], 'not the province because nobody else has clusters')
  const unit = fc.constantFrom(...Object.keys(PARENTS))
  fc.assert(fc.property(fc.array(fc.record({ unit, meant: fc.boolean() }), { maxLength: 20 }), (clusters) => {
    const some = clusters.filter(({ meant }) => meant).map((cluster) => cluster.unit)
    const chosen = coveringUnits(clusters.map((cluster) => cluster.unit), some, parentOf)
    const under = (id: string | null): boolean => id !== null && (chosen.includes(id) || under(parentOf(id)))
    for (const id of some) if (!under(id)) throw new Error(`${id} is not named`)
    for (const cluster of clusters) {
      const named = chosen.find((id) => !some.includes(id) && isAbove(id, cluster.unit))
      if (!cluster.meant && named !== undefined) throw new Error(`${named} is named, and not all of it is meant`)
    }
    return new Set(chosen).size === chosen.length
  }), { numRuns: Number(process.env['FC_RUNS'] ?? 200) })
  t.end()
})

import t from 'tap'
import type { OrderRecord, Store } from '../../../control/ports.ts'
import { msToSamples } from '../../../rooms/grid.ts'
import { crossfadeRoom, overlayRoom } from '../../../rooms/mix-room.ts'
import { clipRoom, jingleRoom, parseRoom, sourceRoom } from '../../../rooms/plan.ts'
import { preview } from '../../../server/director/preview.ts'
import { contentOf, ownRoom, partsOf, sourceAt, soundOf } from '../../../server/director/order-sounds.ts'
import { bundleContent } from '../../../server/speaker-bundle/bundle-body.ts'

const LENGTHS: Readonly<Record<string, number>> = { jingle: 1000, short: 3000, long: 6000 }
const clips = { get: (id: string) => (LENGTHS[id] === undefined ? undefined : { id, path: `/${id}.wav`, durationSamples: LENGTHS[id] * 48, durationMs: LENGTHS[id] }) }
const store = { clips } as unknown as Pick<Store, 'clips'>
const order = (more: Partial<OrderRecord>): OrderRecord => ({ id: 'o', number: 1, class: 'normal', title: 'o', sourceId: null, clipIds: null, targets: { units: [], clusters: ['c'], tags: [] }, startsAtMs: 0, endsAtMs: 60_000, rank: 0, resume: 'continue', issuerUnitId: 'u', field: null, attentionTone: false, createdAtMs: 0, createdBy: 't', stoppedAtMs: null, ...more })
const mixing = { over: null, introClipId: 'jingle', outroClipId: 'jingle', crossfadeMs: 800 }
const ms = (...values: number[]): number[] => values.map(msToSamples)

t.test('a jingle belongs to the clip beside it, so that nobody is heard between them', (t) => {
  const content = (more: Partial<OrderRecord>) => contentOf(order(more), store, msToSamples)
  t.same(content({ clipIds: ['short', 'long'] }), { kind: 'clips', itemSamples: ms(3000, 6000) }, 'as ever')
  // The fades of a jingle are half of it.
  t.same(content({ clipIds: ['short', 'long'], mixing }), { kind: 'clips', itemSamples: ms(3500, 6500), overlapSamples: ms(800, 0) })
  t.same(content({ clipIds: ['short'], mixing }), { kind: 'clips', itemSamples: ms(4000) })
  t.equal(content({ clipIds: ['short', 'gone'], mixing }), null)
  t.equal(content({ sourceId: 's', mixing: { ...mixing, introClipId: 'gone' } }), null)
  const handOvers = [{ sourceId: 'b', atMs: 5000, crossfadeMs: 2, by: 't' }]
  t.same(content({ sourceId: 's', mixing, handOvers }), {
    kind: 'open', sourceId: 's', intro: { samples: 48_000, crossfadeSamples: 24_000 }, outro: { samples: 48_000, crossfadeSamples: 24_000 }, handOvers: [{ sourceId: 'b', atSamples: 240_000, crossfadeSamples: 480 }],
  }, 'a live joint is never switched within a sample')
  t.same([0, 4999, 5000].map((at) => sourceAt(order({ sourceId: 's', handOvers }), at)), ['s', 's', 'b'])
  t.end()
})

t.test('a mixed room is told to its engine in parts, and a part that is no more is silent', (t) => {
  const orders: Record<string, OrderRecord> = { talk: order({ id: 'talk', clipIds: ['short', 'long'], mixing }), live: order({ id: 'live', sourceId: 'a', mixing }) }
  const level = { fromDb: 0, toDb: -12, atSamples: 5, samples: 10 }
  const room = overlayRoom({ over: clipRoom('talk', 7, { from: 9 }), under: crossfadeRoom({ from: sourceRoom('a'), to: jingleRoom('live', 'outro', 3), atSamples: 1, samples: 2 }), level })
  t.same(soundOf(room, store, (id) => orders[id]), {
    kind: 'overlay', level,
    over: { kind: 'clips', anchorSamples: 7, crossfadeSamples: msToSamples(800), span: { from: 9, until: null }, clips: ['jingle', 'short', 'long', 'jingle'].map((clipId) => ({ clipId, path: `/${clipId}.wav`, durationSamples: LENGTHS[clipId]! * 48 })) },
    under: { kind: 'crossfade', atSamples: 1, samples: 2, from: { kind: 'source', sourceId: 'a' }, to: { kind: 'clips', anchorSamples: 3, clips: [{ clipId: 'jingle', path: '/jingle.wav', durationSamples: 48_000 }] } },
  })
  t.match(soundOf(room, store, () => undefined), { kind: 'overlay', over: { kind: 'clips', clips: [] } })
  t.equal(soundOf('silence', store, () => undefined), undefined)
  t.same([...partsOf(room)], [clipRoom('talk', 7, { from: 9 }), jingleRoom('live', 'outro', 3), sourceRoom('a')])
  t.equal(ownRoom(room, 'talk'), clipRoom('talk', 7, { from: 9 }))
  t.equal(ownRoom(room, 'live'), undefined)
  t.end()
})

t.test('names of rooms say what they are made of, and nothing else is one', (t) => {
  const level = { fromDb: -3.25, toDb: 0, atSamples: 5, samples: 10 }
  t.same(parseRoom(overlayRoom({ over: null, under: 'src:a', level })), { kind: 'mix', mix: { over: null, under: 'src:a', level } })
  t.same(parseRoom(clipRoom('o', -3, { from: 4, until: 9 })), { kind: 'clips', orderId: 'o', anchorSamples: -3, span: { from: 4, until: 9 } })
  t.same(parseRoom(jingleRoom('o', 'intro', 8)), { kind: 'jingle', orderId: 'o', jingle: 'intro', anchorSamples: 8 })
  for (const bad of ['mix:', 'mix:{}', 'mix:[1,2]', 'mix:["a","b",1]', 'mix:["a","b",1,"2"]', 'mix:[null,"b",1,2]', 'jin:o.other@1', 'ord:o@1#', '']) t.equal(parseRoom(bad), undefined, bad)
  t.end()
})

t.test('a device that plays alone plays what is laid over, and clips that fade each until the next begins', (t) => {
  const talk = order({ id: 'talk', clipIds: ['short', 'long'], mixing: { ...mixing, introClipId: null, outroClipId: null } })
  const content = (room: string, fromSamples: number, untilSamples: number) => bundleContent([{ room, fromSamples, untilSamples, orderId: 'talk', class: 'normal', title: '' }], {
    orderOf: () => talk, fillerClipIds: [], clipSamples: (id) => LENGTHS[id]! * 48,
    fileOf: (name) => ({ sha256: name, bytes: 1, durationSamples: 1 }),
  }).items.map(({ fromSamples: from, untilSamples: until, anchorSamples, clips: files }) => [from, until, anchorSamples, ...files])
  const [second, end] = [msToSamples(2200), msToSamples(8200)]
  const room = clipRoom('talk', 100)
  t.same(content(overlayRoom({ over: room, under: 'src:a', level: { fromDb: 0, toDb: -12, atSamples: 0, samples: 0 } }), 100, 100 + end), [[100, 100 + second, 100, 'clip-short'], [100 + second, 100 + end, 100 + second, 'clip-long']])
  t.same(content(clipRoom('talk', 100, { until: second }), 100, 100 + 144_000), [[100, 100 + 144_000, 100, 'clip-short']], 'the end of the first, alone')
  t.same(content(clipRoom('talk', 100, { from: second }), 100 + second, 100 + end), [[100 + second, 100 + end, 100 + second, 'clip-long']], 'and the second afterwards')
  t.end()
})

t.test('a preview has both, one beneath the other, each in one piece', (t) => {
  const units = { ancestors: () => ['u'], endedMembers: () => [], get: () => ({ id: 'u', parentId: null, level: 0 }) }
  const port = { clips, units, groups: { all: () => [] } } as unknown as Parameters<typeof preview>[0]
  const cluster = { id: 'c', unitId: 'u', tags: [], enabled: true, state: 'active' } as unknown as Parameters<typeof preview>[1]
  const music = order({ id: 'music', sourceId: 'a', startsAtMs: 10_000, endsAtMs: 50_000 })
  const talk = order({ id: 'talk', clipIds: ['short', 'long'], startsAtMs: 20_000, endsAtMs: 50_000, mixing: { ...mixing, introClipId: null, outroClipId: null, over: { duckDb: 12, attackMs: 300, releaseMs: 1000 } } })
  t.same(preview(port, cluster, [music, talk], { fromMs: 0, untilMs: 60_000, attentionToneMs: 0 }), [
    { orderId: 'music', fromMs: 10_000, untilMs: 20_000 },
    { orderId: 'talk', fromMs: 20_000, untilMs: 28_200 },
    { orderId: 'music', fromMs: 20_000, untilMs: 28_200, beneath: true },
    { orderId: 'music', fromMs: 28_200, untilMs: 50_000 },
  ])
  t.end()
})

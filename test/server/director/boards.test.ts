import t from 'tap'
import type { OrderRecord, SourceRecord, Store } from '../../../control/ports.ts'
import { crossfadeRoom, overlayRoom } from '../../../rooms/mix-room.ts'
import { clipRoom, jingleRoom, sourceRoom, type Plan, type PlanSegment } from '../../../rooms/plan.ts'
import { EnginePlan } from '../../../server/director/engine-plan.ts'
import { soundingIn, soundOf } from '../../../server/director/order-sounds.ts'
import { OnAirBoard } from '../../../server/director/on-air-board.ts'
import { PresenceBoard } from '../../../server/director/presence-board.ts'
import type { FanOutPeer } from '../../../server/link/control-server.ts'
import type { Connection, Presence } from '../../../server/link/messages.ts'

const peer = (index: number): FanOutPeer => ({ hello: { type: 'hello', version: 1, role: 'fan-out', index, pid: index } }) as unknown as FanOutPeer
const connection = (clusterId: string, connectionId: string, more: Partial<Connection> = {}): Connection => ({ clusterId, connectionId, protocol: 'http', format: 'mp3-64', remoteAddress: '', sinceWallMs: 1000, ...more })
const presence = (joined: Connection[], left: string[][] = [], complete = false): Presence => ({ type: 'presence', complete, joined, left: left.map(([clusterId, connectionId]) => ({ clusterId: clusterId!, connectionId: connectionId!, reason: 'closed' })) })

t.test('PresenceBoard', async (t) => {
  const [a, b] = [peer(0), peer(1)]
  const board = new PresenceBoard()

  t.same(board.apply(a, presence([connection('c1', 'a1'), connection('c2', 'a2', { protocol: 'native', format: 'opus-32' })], [], true)).joined.map(({ clusterId }) => clusterId), ['c1', 'c2'])
  t.equal(board.clustersOnline, 2)
  t.same(board.countByFormat(), { 'mp3-64': 1, 'opus-32': 1 })
  t.same(board.nativePeers('c2'), [a])
  t.same(board.nativePeers('c1'), [])

  t.test('the same cluster in another process supersedes the older connection', async (t) => {
    const { superseded } = board.apply(b, presence([connection('c1', 'b1', { sinceWallMs: 2000 })]))
    t.same(superseded.map(({ peer: { hello }, connectionId }) => [hello.index, connectionId]), [[0, 'a1']])
    t.equal(board.of('c1').length, 2, 'until it has gone')
    t.same(board.apply(a, presence([], [['c1', 'a1']])).left.map(({ connectionId }) => connectionId), ['a1'])
    t.equal(board.isOnline('c1'), true)
    t.same(board.apply(a, presence([], [['c1', 'a1']])).left, [], 'a leave counts once')
  })

  t.test('after a reconnect whoever is not named is gone', async (t) => {
    const change = board.apply(a, presence([connection('c3', 'a3')], [], true))
    t.same(change.left.map(({ clusterId, reason }) => [clusterId, reason]), [['c2', 'lost']])
    t.same(change.joined.map(({ clusterId }) => clusterId), ['c3'])
  })

  t.test('a process that dies takes its connections along', async (t) => {
    t.same(board.drop(b).map(({ clusterId, reason }) => [clusterId, reason]), [['c1', 'process-gone']])
    t.equal(board.isOnline('c1'), false)
    t.equal(board.connections, 1)
  })
})

t.test('OnAirBoard tells what has changed, once, and when to look again', async (t) => {
  const morning: Plan = [
    { room: sourceRoom('vov'), fromSamples: 100, untilSamples: 200, orderId: 'o1', class: 'normal', title: '' },
    { room: sourceRoom('xa'), fromSamples: 300, untilSamples: 400, orderId: 'o2', class: 'normal', title: '' },
  ]
  const plans: Record<string, Plan> = { c1: morning, c2: morning, c3: [] }
  const board = new OnAirBoard()
  const look = (now: number): { changes: (string | null | string[])[][]; nextSamples: number } => {
    const { changes, nextSamples } = board.look(Object.keys(plans), (id) => plans[id]!, now)
    return { changes: changes.map(({ clusterIds, segment }) => [[...clusterIds], segment?.orderId ?? null]), nextSamples }
  }
  t.same(look(50), { changes: [], nextSamples: 100 })
  t.same(look(100), { changes: [[['c1', 'c2'], 'o1']], nextSamples: 200 })
  t.same(look(150), { changes: [], nextSamples: 200 })
  t.same(look(200), { changes: [[['c1', 'c2'], null]], nextSamples: 300 })
  plans['c3'] = [{ ...morning[1]!, untilSamples: 350 }]
  t.same(look(300), { changes: [[['c1', 'c2', 'c3'], 'o2']], nextSamples: 350 }, 'one change for all clusters of an order')
  t.same(look(1000), { changes: [[['c1', 'c2', 'c3'], null]], nextSamples: Infinity })
})

t.test('OnAirBoard: a tone, a jingle and a fade are no other programme; another source, and what goes on beneath, are', async (t) => {
  const segment = (orderId: string, room: string, fromSamples: number, untilSamples: number, under?: string): PlanSegment => ({ room, fromSamples, untilSamples, orderId, class: 'normal', title: '', ...(under === undefined ? {} : { under: { orderId: under, class: 'normal', title: '' } }) })
  const level = { fromDb: 0, toDb: -12, atSamples: 0, samples: 10 }
  const plan = [
    segment('flood', 'tone:attention@0', 0, 10),
    segment('flood', 'src:hall', 10, 20),
    segment('live', crossfadeRoom({ from: jingleRoom('live', 'intro', 20), to: 'src:a', atSamples: 22, samples: 5 }), 20, 30),
    segment('live', 'src:a', 30, 40),
    segment('live', crossfadeRoom({ from: 'src:a', to: 'src:b', atSamples: 40, samples: 5 }), 40, 45),
    segment('live', 'src:b', 45, 50),
    segment('talk', overlayRoom({ over: 'ord:talk@50', under: 'src:b', level }), 50, 60, 'live'),
    segment('live', overlayRoom({ over: null, under: 'src:b', level }), 60, 65),
    segment('live', crossfadeRoom({ from: 'src:b', to: jingleRoom('live', 'outro', 65), atSamples: 65, samples: 5 }), 65, 70),
  ]
  const board = new OnAirBoard()
  const told: unknown[] = []
  for (let now = 0; now <= 70; now++) {
    for (const { segment: current } of board.look(['c1'], () => plan, now).changes) told.push([now, ...(current === null ? [] : [current.untilSamples, ...soundingIn(current).map(({ orderId, sourceId }) => [orderId, sourceId])])])
  }
  t.same(told, [
    [0, 20, ['flood', null]],
    [20, 40, ['live', 'a']],
    [40, 50, ['live', 'b']],
    [50, 60, ['talk', null], ['live', 'b']],
    [60, 70, ['live', 'b']],
    [70],
  ])
})

t.test('EnginePlan', async (t) => {
  const source = (id: string, fallbackSourceId: string | null = null): SourceRecord => ({ kind: 'relay', id, name: id, urls: ['http://example.org/'], fallbackSourceId, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', unitId: null, createdAtMs: 0 })
  const standby: SourceRecord = { kind: 'standby', id: 'both', name: 'both', inputSourceIds: ['lone', 'a'], return: 'manual', returnAfterMs: 5000, pinned: null, chosenAtMs: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', unitId: null, createdAtMs: 0 }
  const plan = new EnginePlan(8)
  plan.setSources([source('a', 'b'), source('b', 'c'), source('c'), standby, source('lone'), ...Array.from({ length: 50 }, (_, index) => source(`s${String(index)}`))])
  t.equal(plan.engineOfSource('a'), plan.engineOfSource('c'), 'fallbacks run where they are needed')
  t.equal(plan.engineOfSource('b'), plan.engineOfSource('c'))
  t.same(new Set(['both', 'lone', 'a'].map((id) => plan.engineOfSource(id))).size, 1, 'so do inputs, and what they fall back on')
  t.ok(new Set(Array.from({ length: 50 }, (_, index) => plan.engineOfSource(`s${String(index)}`))).size > 4, 'the others are spread')

  const clips = [{ clipId: 'k', path: '/k.wav', durationSamples: 10 }]
  const states = plan.states([sourceRoom('a'), sourceRoom('gone'), clipRoom('o1', 480), clipRoom('o2', 0), 'silence', 'tone:attention@5'], (room) => soundOf(room, { clips: { get: () => ({ id: 'k', ...clips[0] }) } } as unknown as Pick<Store, 'clips'>, (id) => (id === 'o1' ? { clipIds: ['k'] } as unknown as OrderRecord : undefined)), { airTimes: new Map(), emergencyTimes: new Map(), lastInputs: new Map([['both', 'lone']]) })
  t.equal(states.length, 8)
  t.same(states.flatMap(({ programmes }) => programmes).sort((x, y) => x.room.localeCompare(y.room)), [
    { room: 'ord:o1@480', kind: 'clips', anchorSamples: 480, clips },
    { room: 'src:a', kind: 'source', sourceId: 'a' },
  ], 'only what needs an engine and can be had')
  t.same(states[plan.engineOfSource('a')]!.programmes.map(({ room }) => room).filter((room) => room.startsWith('src')), ['src:a'])

  t.same(states[plan.engineOfSource('both')]!.sources.find(({ id }) => id === 'both'), { kind: 'standby', id: 'both', name: 'both', inputSourceIds: ['lone', 'a'], return: 'manual', returnAfterMs: 5000, pinned: null, chosenAtMs: null, lastInputSourceId: 'lone', fallbackSourceId: null })

  const cycle = new EnginePlan(2)
  cycle.setSources([source('x', 'y'), source('y', 'x')])
  t.type(cycle.engineOfSource('x'), 'number', 'a cycle ends')
})

import t from 'tap'
import type { OrderRecord } from '../../../control/ports.ts'
import { AirLogDesk } from '../../../server/director/air-log-desk.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { crossfadeRoom, overlayRoom } from '../../../rooms/mix-room.ts'
import type { PlanSegment } from '../../../rooms/plan.ts'

const SECOND = 48_000
const UNITS: Readonly<Record<string, string>> = { a: 'u1', b: 'u1', c: 'u2' }

const segment = (orderId: string, fromS: number, untilS: number): PlanSegment => ({ room: `src:${orderId}`, orderId, class: 'normal', title: orderId, fromSamples: fromS * SECOND, untilSamples: untilS * SECOND })
const order = (id: string, more: Partial<OrderRecord> = {}): OrderRecord => ({ id, number: 1, class: 'normal', title: id, sourceId: `s-${id}`, clipIds: null, targets: { units: [], clusters: [], tags: [] }, startsAtMs: 0, endsAtMs: 1, rank: 0, resume: 'skip', issuerUnitId: 'u0', field: null, attentionTone: false, createdAtMs: 0, createdBy: 't', stoppedAtMs: null, ...more })

function setUp(store = SqliteStore.inMemory()) {
  const online = new Set(['a', 'b', 'c'])
  const units = { ...UNITS }
  const orders = new Map([['x', order('x')], ['y', order('y')]])
  const errors: unknown[] = []
  const open = (sameHouse = false): AirLogDesk => new AirLogDesk({ store: store.airLog, unitOf: (id) => units[id] ?? null, orderOf: (id) => orders.get(id), isOnline: (id) => online.has(id), wallMs: () => 1_000_000, wallMsAt: (samples) => samples / 48, onError: (error) => { errors.push(error) } }, sameHouse)
  const log = () => store.airLog.list({ after: null, limit: 100 }, {}).items.map(({ orderId, unitId, clusterIds, fromMs, untilMs, plannedMs, airMs, sentMs, end }) => [orderId, unitId, clusterIds.join(), fromMs, untilMs, plannedMs, airMs, sentMs, end])
  return { store, online, units, orders, errors, open, log, desk: open() }
}

t.test('a run is written when it ends, for each unit, with the time its clusters were connected', (t) => {
  const { desk, log, online, store } = setUp()
  online.delete('b')
  desk.look([{ clusterIds: ['a', 'b', 'c'], segment: segment('x', 10, 70) }], 10 * SECOND + 50, 0)
  t.equal(store.airLog.open().length, 2)
  t.same(log(), [])
  online.add('b')
  desk.presence(['b'], 40 * SECOND)
  online.delete('a')
  desk.presence(['a'], 30 * SECOND)
  desk.look([{ clusterIds: ['a', 'b', 'c'], segment: null }], 70 * SECOND + 50, 10 * SECOND)
  t.same(log(), [['x', 'u1', 'a,b', 10_000, 70_000, 120_000, 120_000, 50_000, 'over'], ['x', 'u2', 'c', 10_000, 70_000, 60_000, 60_000, 60_000, 'over']])
  t.same(store.airLog.open(), [])
  t.end()
})

t.test('another order in its place ends it at the cut, and what comes back is not planned twice', (t) => {
  const { desk, log } = setUp()
  desk.look([{ clusterIds: ['a', 'c'], segment: segment('x', 0, 60) }], 5, 0)
  desk.look([{ clusterIds: ['a'], segment: segment('y', 20, 30) }], 20 * SECOND + 2400, 20 * SECOND)
  desk.look([{ clusterIds: ['a'], segment: segment('x', 30, 60) }], 30 * SECOND + 10, 20 * SECOND)
  desk.look([{ clusterIds: ['a', 'c'], segment: null }], 60 * SECOND, 20 * SECOND)
  t.same(log(), [
    ['x', 'u1', 'a', 0, 20_000, 60_000, 20_000, 20_000, 'replaced'],
    ['y', 'u1', 'a', 20_000, 30_000, 10_000, 10_000, 10_000, 'over'],
    ['x', 'u1', 'a', 30_000, 60_000, 0, 30_000, 30_000, 'over'],
    ['x', 'u2', 'c', 0, 60_000, 60_000, 60_000, 60_000, 'over'],
  ])
  t.end()
})

t.test('a cluster that goes to another unit has its run go on there', (t) => {
  const { desk, log, units } = setUp()
  desk.look([{ clusterIds: ['a', 'b', 'c'], segment: segment('x', 0, 60) }], 5, 0)
  units['a'] = 'u2'
  desk.unitsChanged(20 * SECOND)
  desk.unitsChanged(21 * SECOND)
  desk.look([{ clusterIds: ['a', 'b', 'c'], segment: null }], 60 * SECOND, 0)
  t.same(log(), [
    ['x', 'u1', 'a', 0, 20_000, 60_000, 20_000, 20_000, 'moved'],
    ['x', 'u2', 'a', 20_000, 60_000, 0, 40_000, 40_000, 'over'],
    ['x', 'u1', 'b', 0, 60_000, 60_000, 60_000, 60_000, 'over'],
    ['x', 'u2', 'c', 0, 60_000, 60_000, 60_000, 60_000, 'over'],
  ])
  t.end()
})

t.test('a stop, a cluster that is removed, and the end of the server', (t) => {
  const { desk, log, orders, units } = setUp()
  desk.look([{ clusterIds: ['a', 'b', 'c'], segment: segment('x', 0, 60) }], 5, 0)
  delete units['b']
  desk.look([], 10 * SECOND, 0)
  orders.set('x', order('x', { stoppedAtMs: 20_000 }))
  desk.look([{ clusterIds: ['a'], segment: null }], 20 * SECOND + 2400, 20 * SECOND)
  desk.close(30 * SECOND)
  t.same(log().map(([, , clusters, , until, , , , end]) => [clusters, until, end]), [['b', 10_000, 'withdrawn'], ['a', 20_000, 'stopped'], ['c', 30_000, 'shutdown']])
  t.end()
})

t.test('after a kill the runs end where they were last seen; when only control was away they go on', (t) => {
  const { desk, log, open, store } = setUp()
  desk.look([{ clusterIds: ['a', 'b'], segment: segment('x', 0, 600) }], 5, 0)
  desk.refresh(100 * SECOND)
  desk.refresh(101 * SECOND)
  const again = open(true)
  again.look([{ clusterIds: ['a', 'b'], segment: segment('x', 0, 600) }], 110 * SECOND, 110 * SECOND)
  t.same(log(), [])
  t.equal(store.airLog.open().length, 1)
  open(false).refresh(0)
  t.same(log(), [['x', 'u1', 'a,b', 0, 100_000, 1_200_000, 200_000, 200_000, 'lost']])
  t.same(store.airLog.open(), [])
  t.end()
})

t.test('what a full disk refuses waits for it', (t) => {
  const { desk, log, errors, store } = setUp()
  desk.look([{ clusterIds: ['a'], segment: segment('x', 0, 60) }], 5, 0)
  const write = store.airLog.write.bind(store.airLog)
  store.airLog.write = () => { throw new Error('database or disk is full') }
  desk.look([{ clusterIds: ['a'], segment: null }], 60 * SECOND, 0)
  t.equal(errors.length, 1)
  store.airLog.write = write
  desk.refresh(100 * SECOND)
  t.equal(log().length, 1)
  desk.refresh(200 * SECOND)
  t.equal(log().length, 1)
  t.end()
})

t.test('what goes on beneath another order goes on in the log, and what is laid over it has a run of its own', (t) => {
  const { desk, log } = setUp()
  const beneath = (fromS: number, untilS: number): PlanSegment => ({ ...segment('y', fromS, untilS), room: overlayRoom({ over: 'src:y', under: 'src:x', level: { fromDb: 0, toDb: -12, atSamples: 0, samples: 0 } }), under: { orderId: 'x', class: 'normal', title: 'x' } })
  desk.look([{ clusterIds: ['a'], segment: segment('x', 0, 20) }], 5, 0)
  desk.look([{ clusterIds: ['a'], segment: beneath(20, 30) }], 20 * SECOND, 0)
  desk.look([{ clusterIds: ['a'], segment: segment('x', 30, 60) }], 30 * SECOND, 0)
  desk.look([{ clusterIds: ['a'], segment: null }], 60 * SECOND, 0)
  t.same(log(), [
    ['y', 'u1', 'a', 20_000, 30_000, 10_000, 10_000, 10_000, 'over'],
    ['x', 'u1', 'a', 0, 60_000, 60_000, 60_000, 60_000, 'over'],
  ])
  t.end()
})

t.test('what is laid over another is stopped, not replaced by it; an emergency replaces both', (t) => {
  const { desk, log, orders } = setUp()
  const beneath = { ...segment('y', 20, 50), room: overlayRoom({ over: 'src:y', under: 'src:x', level: { fromDb: 0, toDb: -12, atSamples: 0, samples: 0 } }), under: { orderId: 'x', class: 'normal', title: 'x' } } as const
  desk.look([{ clusterIds: ['a', 'c'], segment: segment('x', 0, 60) }], 5, 0)
  desk.look([{ clusterIds: ['a', 'c'], segment: beneath }], 20 * SECOND, 0)
  desk.look([{ clusterIds: ['c'], segment: segment('flood', 25, 90) }], 25 * SECOND, 25 * SECOND)
  orders.set('y', order('y', { stoppedAtMs: 30_000 }))
  desk.look([{ clusterIds: ['a'], segment: segment('x', 30, 60) }], 30 * SECOND, 30 * SECOND)
  t.same(log().map(([orderId, unitId, , fromMs, untilMs, , , , end]) => [orderId, unitId, fromMs, untilMs, end]), [
    ['x', 'u2', 0, 25_000, 'replaced'],
    ['y', 'u2', 20_000, 25_000, 'replaced'],
    ['y', 'u1', 20_000, 30_000, 'stopped'],
  ])
  t.end()
})

t.test('a hand-over ends the run of the one source and begins that of the other', (t) => {
  const { desk, store } = setUp()
  desk.look([{ clusterIds: ['a'], segment: segment('x', 0, 60) }], 5, 0)
  const next = { ...segment('x', 20, 60), room: crossfadeRoom({ from: 'src:x', to: 'src:hall', atSamples: 20 * SECOND, samples: SECOND }) }
  desk.look([{ clusterIds: ['a'], segment: next }], 20 * SECOND, 20 * SECOND)
  desk.look([{ clusterIds: ['a'], segment: null }], 60 * SECOND, 0)
  t.same(store.airLog.list({ after: null, limit: 100 }, {}).items.map(({ sourceId, fromMs, untilMs, plannedMs, end }) => [sourceId, fromMs, untilMs, plannedMs, end]), [['x', 0, 20_000, 60_000, 'handed-over'], ['hall', 20_000, 60_000, 0, 'over']])
  t.end()
})

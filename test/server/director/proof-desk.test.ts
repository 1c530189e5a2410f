import { inflateSync } from 'node:zlib'
import t from 'tap'
import { NO_EQUIPMENT, type BroadcastEvent, type ClusterRecord, type ConnectionInfo, type OrderRecord, type PlayLogRecord, type SpeakerInfo } from '../../../control/ports.ts'
import type { OrderReportView, ReportAppendixView } from '../../../control/schemas/report.ts'
import { ProofDesk } from '../../../server/director/proof-desk.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const START_MS = Date.UTC(2026, 5, 18)
const cluster = (id: string, unitId: string): ClusterRecord => ({ id, unitId, code: id.toUpperCase(), name: `Cụm ${id}`, tags: [], position: null, enabled: true, state: 'active', equipment: { ...NO_EQUIPMENT, sim: `0900-${id}` }, keyHash: id, keyChangedAtMs: 0, createdAtMs: 0 })

function setUp({ lengthMs = 60_000, clipIds = null as readonly string[] | null, clusters = ['a', 'b', 'c'] } = {}) {
  const store = SqliteStore.inMemory()
  const clock = new FakeClock({ wallMs: START_MS })
  for (const id of ['u1', 'u2']) store.units.insert({ id, code: id, name: `Xã ${id}`, parentId: null, presentationDelayMs: null, createdAtMs: 0 })
  for (const id of ['a', 'b', 'c', 'd']) store.clusters.insert(cluster(id, id === 'c' ? 'u2' : 'u1'))
  const give = (id: string, more: Partial<OrderRecord> = {}): OrderRecord => store.orders.insert({ id, class: 'emergency', title: 'Lũ', sourceId: clipIds === null ? 's' : null, clipIds, targets: { units: [], clusters, tags: [] }, startsAtMs: clock.wallMs(), endsAtMs: clock.wallMs() + lengthMs, rank: 0, resume: 'skip', issuerUnitId: 'u1', field: 'sudden', attentionTone: true, createdAtMs: clock.wallMs(), createdBy: 't', ...more })
  const connections = new Map<string, ConnectionInfo[]>()
  const planned = new Set<string>()
  const events: BroadcastEvent[] = []
  const errors: unknown[] = []
  const orders: OrderRecord[] = []
  const makeDesk = (): ProofDesk => new ProofDesk({
    store, clock,
    wallMs: () => clock.wallMs(),
    wallMsAt: (samples) => samples / 48 + START_MS,
    clusterOf: (id) => store.clusters.get(id),
    clustersOf: (targets) => targets.clusters,
    connectionsOf: (id) => connections.get(id) ?? [],
    orders: () => orders.map(({ id }) => store.orders.get(id)!),
    isPlanned: (_ids, orderId) => planned.has(orderId),
    emit: (event) => events.push(event),
    onError: (error) => errors.push(error),
  })
  let desk = makeDesk()
  const connect = (clusterId: string, protocol: 'native' | 'http' = 'native'): void => {
    const connection: ConnectionInfo = { clusterId, connectionId: `x-${clusterId}`, protocol, format: 'opus-32', remoteAddress: '192.0.2.1', sinceMs: clock.wallMs() }
    connections.set(clusterId, [connection])
    desk.presence([connection], [])
  }
  const leave = (clusterId: string): void => {
    connections.delete(clusterId)
    desk.presence([], [{ clusterId }])
  }
  const samples = (): number => (clock.wallMs() - START_MS) * 48
  const air = (orderId: string | null, ...clusterIds: string[]): void => {
    desk.onAir([{ clusterIds, segment: orderId === null ? null : { room: 'r', orderId, class: 'emergency', title: 'Lũ', fromSamples: samples(), untilSamples: samples() + 48_000 } }], samples(), samples())
  }
  const says = (clusterId: string, orderId: string, stage: SpeakerInfo['stage'], more: Partial<SpeakerInfo> = {}): void => { desk.status({ clusterId, orderId, stage, muted: false, amplifier: null, identity: 'device', ...more } as SpeakerInfo) }
  const told = (clusterId: string, orderId: string, number: number, more: Partial<PlayLogRecord> = {}): void => {
    store.transaction(() => { desk.logged(store.playLog.take([{ clusterId, deviceId: 'd', logId: 'l', number, orderId, playing: 'cached', audible: true, verified: true, heard: null, fromSamples: 0, untilSamples: 48_000 * 30, missingSamples: 0, heardAtMs: START_MS + 500, end: 'over', receivedAtMs: clock.wallMs(), ...more }])) })
  }
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.advance(Math.min(1000, left))
      desk.refresh()
      await desk.settled()
    }
  }
  const documents = (orderId: string): (OrderReportView | ReportAppendixView)[] => store.proofs.ofOrder(orderId).map(({ seq }) => JSON.parse(inflateSync(store.proofs.packed(seq)!).toString()) as OrderReportView | ReportAppendixView)
  const report = (orderId: string): OrderReportView => documents(orderId)[0] as OrderReportView
  /** A process that is killed writes nothing more. */
  const restart = (): void => {
    desk = makeDesk()
    desk.start()
  }
  return { store, clock, give, connections, planned, events, errors, orders, connect, leave, air, says, told, pass, documents, report, restart, desk: () => desk }
}

t.test('a report is closed within ten seconds of the end, with the first time of each stage, and why not', async (t) => {
  const h = setUp()
  h.desk().start()
  for (const id of ['a', 'b']) h.connect(id)
  const order = h.give('o')
  h.orders.push(order)
  h.desk().orderChanged(order)
  h.clock.advance(50)
  h.air('o', 'a', 'b', 'c')
  for (const [stage, afterMs] of [['received', 100], ['verified', 20], ['played', 30], ['played', 500], ['heard', 600]] as const) {
    h.clock.advance(afterMs)
    h.says('a', 'o', stage)
  }
  h.leave('b')
  await h.pass(2000)
  t.match(h.events.findLast(({ type }) => type === 'proof'), { state: 'running', orders: [{ orderId: 'o', counts: { targeted: 3, connected: 1, received: 1, verified: 1, played: 1, heard: 1, red: 2 } }] })
  t.equal(h.desk().view('o')?.clusters.length, 3)
  await h.pass(60_000 - 1300 - 2000 + 4000)
  t.same(h.store.proofs.ofOrder('o'), [], 'logs of devices are waited for')
  h.told('a', 'o', 1, { playing: 'live', heardAtMs: START_MS + 195, untilSamples: 48_000 * 58 })
  await h.pass(3000)
  const report = h.report('o')
  t.match(report, { orderId: 'o', issuerName: 'Xã u1', field: 'sudden', complete: true, counts: { targeted: 3, played: 1, heard: 1, red: 2 }, openedAt: new Date(START_MS).toISOString() })
  t.ok(Date.parse(report.closedAt) - order.endsAtMs <= 10_000)
  t.match(report.clusters.map(({ clusterId, outcome, unitName, sim }) => [clusterId, outcome, unitName, sim]), [['a', 'heard', 'Xã u1', '0900-a'], ['b', 'lost', 'Xã u1', '0900-b'], ['c', 'offline', 'Xã u2', '0900-c']])
  const at = (ms: number): string => new Date(START_MS + ms).toISOString()
  t.match(report.clusters[0], { onAirAt: at(50), receivedAt: at(150), verifiedAt: at(170), playedAt: at(195), heardAt: at(1300), cutInMs: 145, soundedMs: 58_000 })
  t.match(report.clusters[1], { awaySince: at(1300), online: false })
  t.equal(h.desk().view('o'), null)
  t.same(h.store.proofs.open(), [])
  t.match(h.events.at(-1), { type: 'proof', state: 'closed', orders: [{ orderId: 'o' }] })
  t.same(h.errors, [])
})

t.test('stages are on the disk as they happen: a process that is killed loses none', async (t) => {
  const h = setUp()
  h.desk().start()
  h.connect('a')
  h.orders.push(h.give('o'))
  h.desk().refresh()
  h.air('o', 'a', 'b', 'c')
  h.says('a', 'o', 'played')
  h.clock.advance(100)
  t.equal(h.store.proofs.open().length, 3)
  h.connections.clear()
  h.restart()
  t.match(h.desk().view('o')?.clusters.find(({ clusterId }) => clusterId === 'a'), { playedMs: START_MS, isOnline: false })
  await h.pass(66_000)
  t.same(h.report('o').clusters.map(({ outcome }) => outcome), ['played', 'offline', 'offline'])
})

t.test('what a device tells after the report is an appendix; the report stays as it is', async (t) => {
  const h = setUp()
  h.desk().start()
  h.orders.push(h.give('o'))
  h.desk().refresh()
  h.air('o', 'a', 'b', 'c')
  await h.pass(66_000)
  const [before] = h.store.proofs.ofOrder('o')
  h.clock.advance(3_600_000)
  h.told('c', 'o', 1)
  h.told('c', 'o', 1)
  h.told('c', 'o', 2, { playing: 'filler' })
  const entries = h.store.proofs.ofOrder('o')
  t.same(entries.map(({ kind }) => kind), ['report', 'appendix'])
  t.same(entries[0], before)
  t.match(h.documents('o')[1], { kind: 'appendix', at: new Date(h.clock.wallMs()).toISOString(), clusters: [{ clusterId: 'c', soundedMs: 30_000, playing: 'cached' }] })
})

t.test('minutes that sounded and minutes that never came on air stand in the air log', async (t) => {
  const h = setUp()
  h.desk().start()
  h.orders.push(h.give('o'))
  h.desk().refresh()
  h.air('o', 'a')
  h.told('a', 'o', 1)
  await h.pass(66_000)
  h.store.clusters.move(['a'], 'u2', h.clock.wallMs())
  h.told('a', 'o', 2, { heardAtMs: START_MS + 1000 })
  const rows = h.store.airLog.list({ after: null, limit: 100 }, {}).items
  t.same(rows.map(({ end, unitId, clusterIds, plannedMs, airMs, soundedMs, field }) => [end, unitId, clusterIds.join(), plannedMs, airMs, soundedMs, field]), [
    ['told', 'u1', 'a', 0, 0, 30_000, 'sudden'],
    ['never', 'u1', 'b', 60_000, 0, 0, 'sudden'],
    ['never', 'u2', 'c', 60_000, 0, 0, 'sudden'],
    ['told', 'u1', 'a', 0, 0, 30_000, 'sudden'],
  ], 'for the unit it belonged to then')
})

t.test('who comes to the order late is in the list and says so; who is moved to a closed one is not', async (t) => {
  const h = setUp()
  h.desk().start()
  h.orders.push(h.give('o'))
  h.desk().refresh()
  h.air('o', 'a')
  h.clock.advance(5000)
  h.connect('d')
  h.air('o', 'd')
  h.says('d', 'o', 'played')
  await h.pass(66_000)
  t.match(h.report('o').clusters.find(({ clusterId }) => clusterId === 'd'), { late: true, outcome: 'played', onAirAt: new Date(START_MS + 5000).toISOString() })
  h.air('o', 'b')
  h.says('b', 'o', 'played')
  await h.pass(20_000)
  t.equal(h.store.proofs.ofOrder('o').length, 1)
})

t.test('clips that nothing has cut are over when nobody has more of them to play', async (t) => {
  const h = setUp({ lengthMs: 900_000, clipIds: ['k'] })
  h.desk().start()
  h.orders.push(h.give('o'))
  h.planned.add('o')
  h.air('o', 'a', 'b', 'c')
  await h.pass(30_000)
  h.air(null, 'a', 'b', 'c')
  await h.pass(30_000)
  t.equal(h.store.proofs.ofOrder('o').length, 0, 'an emergency is between')
  h.air('o', 'a', 'b', 'c')
  await h.pass(10_000)
  h.air(null, 'a', 'b', 'c')
  h.planned.delete('o')
  await h.pass(9000)
  t.equal(h.store.proofs.ofOrder('o').length, 1)
})

t.test('an order that was withdrawn before it began has no report; one that was missed while the server was off has', async (t) => {
  const h = setUp()
  h.desk().start()
  h.desk().refresh()
  const withdrawn = h.give('w', { startsAtMs: START_MS + 10_000 })
  h.orders.push(h.store.orders.stop(withdrawn.id, START_MS + 5000)!)
  await h.pass(80_000)
  t.equal(h.store.proofs.ofOrder('w').length, 0)
  h.give('m', { startsAtMs: h.clock.wallMs() + 1000, endsAtMs: h.clock.wallMs() + 2000 })
  h.clock.advance(3_600_000)
  h.restart()
  await h.pass(1000)
  t.same(h.report('m').clusters.map(({ outcome }) => outcome), ['not-on-air', 'not-on-air', 'not-on-air'])
  h.restart()
  await h.pass(20_000)
  t.equal(h.store.proofs.ofOrder('m').length, 1, 'once')
})

t.test('a full disk delays a report and loses nothing of it', async (t) => {
  const h = setUp()
  h.desk().start()
  h.orders.push(h.give('o'))
  h.connect('a')
  h.desk().refresh()
  h.air('o', 'a', 'b', 'c')
  h.says('a', 'o', 'played')
  const append = h.store.proofs.append.bind(h.store.proofs)
  h.store.proofs.append = () => { throw new Error('database or disk is full') }
  await h.pass(67_000)
  t.equal(h.errors.length, 1)
  h.told('a', 'o', 1)
  h.store.proofs.append = append
  await h.pass(6000)
  t.match(h.report('o').clusters[0], { outcome: 'played', soundedMs: 30_000 })
  t.equal(h.store.proofs.ofOrder('o').length, 1, 'what came meanwhile is in it')
  t.equal(h.store.airLog.list({ after: null, limit: 9 }, {}).items.filter(({ end }) => end === 'told').length, 1)
})

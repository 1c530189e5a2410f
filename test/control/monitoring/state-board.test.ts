import { deepEqual, equal } from 'node:assert/strict'
import t from 'tap'
import { afterStatus, CONDITIONS, NEVER_SEEN, STATE_BOUNDS as BOUNDS, WORKING_STATES, workingState, type ClusterPast } from '../../../control/monitoring/cluster-state.ts'
import { StateBoard, type BoardCluster } from '../../../control/monitoring/state-board.ts'
import { sumOfCounts, TALLY_TECHNOLOGIES, type StateCounts } from '../../../control/monitoring/state-tally.ts'
import { CLUSTER_STATES, type ConnectionInfo, type OnAir, type SpeakerInfo } from '../../../control/ports.ts'
import { anySpeaker, speakerInfo } from '../../support/cluster-facts.ts'
import { fc } from '../../support/seed.ts'

const UNITS: Readonly<Record<string, readonly string[]>> = { a: ['a', 'p'], b: ['b', 'p'], q: ['q'] }
const EXCUSED_UNTIL_MS = 5000

const connection = (clusterId: string, connectionId: string, protocol: 'http' | 'native', sinceMs: number): ConnectionInfo => ({ clusterId, connectionId, protocol, format: 'opus-32', remoteAddress: '192.0.2.7', sinceMs })
const onAir = (sinceMs: number): OnAir => ({ orderId: 'o', class: 'normal', title: 'Tin', sourceId: 's', clipIds: null, sinceMs, untilMs: sinceMs + 60_000 })
const placed = (id: string, unitId = 'a', more: Partial<BoardCluster> = {}): BoardCluster => ({ id, number: 1, unitId, enabled: true, state: 'active', technology: 'ip', ...more })
const NEW = { wasSeen: false, leftAtMs: null }

// ── Against all reckoned anew ───────────────────────────────────────────────────────────────────────────────────────

type Step =
  | { readonly kind: 'place'; readonly id: string; readonly unitId: string; readonly technology: BoardCluster['technology']; readonly enabled: boolean; readonly state: BoardCluster['state'] }
  | { readonly kind: 'remove' | 'join' | 'leave' | 'tick'; readonly id: string }
  | { readonly kind: 'lose'; readonly id: string; readonly excusedMs: number }
  | { readonly kind: 'air'; readonly ids: readonly string[]; readonly on: boolean }
  | { readonly kind: 'rtp'; readonly id: string; readonly receivers: number }
  | { readonly kind: 'say'; readonly id: string; readonly speaker: SpeakerInfo }

const anyId = fc.constantFrom('c1', 'c2', 'c3', 'c4')
const anyStep: fc.Arbitrary<{ readonly afterMs: number; readonly step: Step }> = fc.record({
  afterMs: fc.constantFrom(0, 100, 1500, 4000, 11_000, 31_000),
  step: fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('place' as const), id: anyId, unitId: fc.constantFrom('a', 'b', 'q'), technology: fc.constantFrom(...TALLY_TECHNOLOGIES), enabled: fc.boolean(), state: fc.constantFrom('active' as const, 'active' as const, ...CLUSTER_STATES) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('remove', 'join', 'join', 'leave', 'tick'), id: anyId }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), id: anyId, excusedMs: fc.constantFrom(0, 3000) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('air' as const), ids: fc.subarray(['c1', 'c2', 'c3', 'c4']), on: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rtp' as const), id: anyId, receivers: fc.nat(1) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('say' as const), id: anyId, speaker: anySpeaker('c') }) },
  ),
})

interface Known {
  cluster: BoardCluster
  connections: ConnectionInfo[]
  rtpReceivers: number
  speaker: SpeakerInfo | null
  onAir: OnAir | null
  past: ClusterPast
}

/** The same from plain facts, with nothing kept up. */
class Naive {
  readonly known = new Map<string, Known>()

  counts(units: (unitId: string) => boolean, nowMs: number): StateCounts {
    const all = [...this.known.values()].filter(({ cluster }) => units(cluster.unitId)).map((facts) => ({ facts, ...workingState(facts, BOUNDS, nowMs) }))
    const tally = <K extends string>(names: readonly K[], fits: (one: (typeof all)[number], name: K) => boolean, of = all): Record<K, number> => Object.fromEntries(names.map((name) => [name, of.filter((one) => fits(one, name)).length])) as Record<K, number>
    return {
      total: all.length,
      online: all.filter(({ online }) => online).length,
      onAir: all.filter(({ facts }) => facts.onAir !== null).length,
      byState: tally(WORKING_STATES, ({ state }, name) => state === name),
      byCondition: tally(CONDITIONS, ({ conditions }, name) => conditions.some(({ code }) => code === name)),
      byTechnology: Object.fromEntries(TALLY_TECHNOLOGIES.map((technology) => [technology, tally(WORKING_STATES, ({ state }, name) => state === name, all.filter(({ facts }) => facts.cluster.technology === technology))])) as StateCounts['byTechnology'],
    }
  }
}

function play(board: StateBoard, naive: Naive, step: Step, nowMs: number, count: number): void {
  const facts = 'id' in step ? naive.known.get(step.id) : undefined
  const reconnect = (connections: ConnectionInfo[], id: string, excusedMs = 0): void => {
    board.connected(id, connections, nowMs, excusedMs === 0 ? 0 : nowMs + excusedMs)
    if (facts === undefined) return
    facts.connections = connections
    if (connections.length > 0) facts.past = { ...facts.past, wasSeen: true }
    else if (excusedMs > 0) facts.past = { ...facts.past, excusedUntilMs: Math.max(facts.past.excusedUntilMs, nowMs + excusedMs) }
    if (connections.some(({ protocol }) => protocol === 'native')) return
    facts.speaker = null
    facts.past = { ...facts.past, quietSinceMs: null, beyondSinceMs: null }
  }
  switch (step.kind) {
    case 'place': {
      const cluster = placed(step.id, step.unitId, { technology: step.technology, enabled: step.enabled, state: step.state })
      board.place(cluster, UNITS[step.unitId]!, NEW, nowMs)
      if (facts === undefined) naive.known.set(step.id, { cluster, connections: [], rtpReceivers: 0, speaker: null, onAir: null, past: { ...NEVER_SEEN, excusedUntilMs: EXCUSED_UNTIL_MS } })
      else facts.cluster = cluster
      break
    }
    case 'remove':
      board.remove(step.id, nowMs)
      naive.known.delete(step.id)
      break
    case 'join':
      reconnect([...(facts?.connections ?? []), connection(step.id, `x${String(count)}`, count % 3 === 0 ? 'http' : 'native', nowMs)], step.id)
      break
    case 'leave':
      reconnect((facts?.connections ?? []).slice(1), step.id)
      break
    case 'lose':
      reconnect([], step.id, step.excusedMs)
      break
    case 'air':
      board.onAir(step.ids, step.on ? onAir(nowMs) : null, nowMs)
      for (const id of step.ids) if (naive.known.has(id)) naive.known.get(id)!.onAir = step.on ? onAir(nowMs) : null
      break
    case 'rtp':
      board.rtpReceivers(step.id, step.receivers, nowMs)
      if (facts === undefined) break
      facts.rtpReceivers = step.receivers
      if (step.receivers > 0) facts.past = { ...facts.past, wasSeen: true }
      break
    case 'say': {
      const speaker = { ...step.speaker, clusterId: step.id, atMs: nowMs }
      board.said(speaker, nowMs)
      if (facts === undefined || !facts.connections.some(({ protocol }) => protocol === 'native')) break
      facts.speaker = speaker
      facts.past = afterStatus(facts.past, speaker, BOUNDS)
      break
    }
    case 'tick':
      break
  }
}

t.test('whatever happens, the counts are those of all clusters looked at anew, and the changes lead from one look to the next', (t) => {
  fc.assert(fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
    const board = new StateBoard(BOUNDS, EXCUSED_UNTIL_MS)
    const naive = new Naive()
    const told = new Map<string, string>()
    let nowMs = 1000
    for (const [count, { afterMs, step }] of steps.entries()) {
      nowMs += afterMs
      play(board, naive, step, nowMs, count)
      board.tick(nowMs)
      deepEqual(board.counts(null), naive.counts(() => true, nowMs))
      for (const unit of ['p', 'a', 'b', 'q']) deepEqual(board.counts(unit), naive.counts((unitId) => UNITS[unitId]!.includes(unit), nowMs), unit)
      deepEqual(sumOfCounts([board.counts('p'), board.counts('q')]), board.counts(null))
      if (count % 3 !== 0) continue
      for (const { clusterId, before, after } of board.takeChanges()) {
        equal(before === null ? undefined : before.state, told.get(clusterId), 'begins where the last ended')
        if (after === null) told.delete(clusterId)
        else told.set(clusterId, after.state)
      }
      deepEqual([...told].sort(), [...naive.known].map(([id, facts]) => [id, workingState(facts, BOUNDS, nowMs).state]).sort())
    }
    for (const [id, facts] of naive.known) deepEqual(board.report(id)!.conditions, workingState(facts, BOUNDS, nowMs).conditions)
  }), { numRuns: 100 })
  t.end()
})

// ── Times and lists ─────────────────────────────────────────────────────────────────────────────────────────────────

t.test('since when: lost since it left, not since that was believed; what changes and changes back is not told', (t) => {
  const board = new StateBoard(BOUNDS, 0)
  board.place(placed('c'), ['a'], NEW, 1000)
  board.connected('c', [connection('c', 'x', 'native', 2000)], 2000)
  board.takeChanges()
  board.connected('c', [], 5000, 15_000)
  t.match(board.report('c'), { state: 'unknown', sinceMs: 5000, leftAtMs: 5000, online: false })
  board.tick(14_999)
  t.match(board.report('c'), { state: 'unknown' })
  board.tick(15_000)
  t.match(board.report('c'), { state: 'lost', sinceMs: 5000, leftAtMs: 5000 })
  board.connected('c', [connection('c', 'y', 'native', 16_000)], 16_000)
  t.match(board.report('c'), { state: 'idle', sinceMs: 16_000, leftAtMs: null })
  t.match(board.takeChanges(), [{ clusterId: 'c', atMs: 16_000, before: { state: 'idle', sinceMs: 2000 }, after: { state: 'idle', sinceMs: 16_000 } }], 'an absence shows')
  board.said(speakerInfo('c', 17_000, { temperatureC: 80 }), 17_000)
  board.said(speakerInfo('c', 17_100), 17_100)
  t.same(board.takeChanges(), [])
  t.end()
})

t.test('what was before the server started', (t) => {
  const board = new StateBoard(BOUNDS, 10_000)
  board.place(placed('gone'), ['a'], { wasSeen: true, leftAtMs: 300 }, 1000)
  board.place(placed('new'), ['a'], NEW, 1000)
  t.equal(board.report('gone')!.state, 'unknown')
  t.equal(board.report('new')!.state, 'never-seen')
  board.tick(10_000)
  t.match(board.report('gone'), { state: 'lost', sinceMs: 300 })
  t.end()
})

t.test('lists by unit, state, condition and technology', (t) => {
  const board = new StateBoard(BOUNDS, 0)
  board.place(placed('c1', 'a'), ['a', 'p'], NEW, 0)
  board.place(placed('c2', 'b', { technology: 'fm' }), ['b', 'p'], NEW, 0)
  board.place(placed('c3', 'q', { enabled: false }), ['q'], NEW, 0)
  board.connected('c2', [connection('c2', 'x', 'http', 0)], 0)
  const list = (filter: Parameters<StateBoard['reports']>[0]): string[] => [...board.reports(filter)].map(({ clusterId }) => clusterId)
  t.same(list({}), ['c1', 'c2', 'c3'])
  t.same(list({ unit: 'p' }), ['c1', 'c2'])
  t.same(list({ within: ['b', 'q'] }), ['c2', 'c3'])
  t.same(list({ state: 'never-seen' }), ['c1'])
  t.same(list({ condition: 'not-synchronised' }), ['c2'])
  t.same(list({ technology: 'ip', unit: 'p' }), ['c1'])
  t.same(list({ unit: 'p', within: ['b', 'q'] }), ['c2'])
  t.end()
})

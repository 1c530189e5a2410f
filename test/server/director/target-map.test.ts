import t from 'tap'
import { NO_EQUIPMENT } from '../../../control/records.ts'
import type { ClusterRecord, UnitRecord } from '../../../control/ports.ts'
import { unitMap } from '../../../control/selection.ts'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import { arbiterTargets, ClusterTags } from '../../../server/director/target-map.ts'
import { buildOrder } from '../../support/province.ts'

const unit = (id: string, parentId: string | null, endedAtMs: number | null = null): UnitRecord => ({ id, code: id, name: id, parentId, level: 0, presentationDelayMs: null, people: null, contact: null, createdAtMs: 0, endedAtMs, successorIds: [] })
const cluster = (id: string, unitId: string): ClusterRecord => ({ id, unitId, code: id, name: id, tags: ['chợ'], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: '', keyChangedAtMs: 0, createdAtMs: 0 })

t.test('a merge leaves every plan as it was, and nothing is computed again', (t) => {
  const arbiter = new Arbiter()
  const tags = new ClusterTags()
  const load = (units: readonly UnitRecord[], clusters: readonly ClusterRecord[], ended: Parameters<typeof unitMap>[1] = []): void => {
    tags.load(unitMap(units, ended), [])
    arbiter.setUnits(units, clusters.map(tags.cluster))
  }
  load([unit('d', null), unit('e', null), unit('x', 'd'), unit('x1', 'x'), unit('y', 'd')], [cluster('c1', 'x'), cluster('c2', 'x1'), cluster('c3', 'y')])
  const give = (id: string, brief: Parameters<typeof buildOrder>[1]): void => {
    const order = buildOrder(id, brief)
    arbiter.upsertOrder({ ...order, targets: arbiterTargets(order.targets) })
  }
  give('news', { units: ['x'], issuerLevel: 2, startHour: 0, minutes: 60, itemMinutes: [5, 5, 5] })
  give('relay', { units: ['d'], issuerLevel: 1, startHour: 0, minutes: 120 })
  arbiter.advance(48_000 * 60)
  const plans = () => ['c1', 'c2', 'c3'].map((id) => arbiter.planOf(id))
  const before = plans()
  const { simulationsTotal } = arbiter.stats()
  t.same(before.map(([segment]) => segment?.orderId), ['relay', 'relay', 'relay'])
  t.same(arbiter.clustersOf(arbiterTargets({ units: ['x'], clusters: [], tags: [] })), ['c1', 'c2'])

  const after = [unit('d', null), unit('e', null), unit('x', 'd', 5), unit('y', 'd', 5), unit('xy', 'd'), unit('x1', 'xy')]
  const ended = [{ unitId: 'x', clusterId: 'c1' }, { unitId: 'x', clusterId: 'c2' }, { unitId: 'y', clusterId: 'c3' }]
  load(after, [cluster('c1', 'xy'), cluster('c2', 'x1'), cluster('c3', 'xy')], ended)
  t.same(arbiter.advance(48_000 * 60), [], 'nobody is told anything')
  t.same(plans(), before)
  t.equal(arbiter.stats().simulationsTotal, simulationsTotal)
  t.same([...arbiter.clustersOf(arbiterTargets({ units: ['x'], clusters: [], tags: [] }))].sort(), ['c1', 'c2'], 'the unit that ended goes on meaning what it held')
  t.same([...arbiter.clustersOf(arbiterTargets({ units: ['xy'], clusters: [], tags: [] }))].sort(), ['c1', 'c2', 'c3'])
  give('news of x', { units: ['x'], issuerLevel: 0, startHour: 0.1, minutes: 5 })
  arbiter.advance(48_000 * 400)
  t.same(['c1', 'c2', 'c3'].map((id) => arbiter.onAir(id, 48_000 * 400)?.orderId), ['news of x', 'news of x', 'relay'])
  t.end()
})

t.test('what a unit meant before it ended is nothing while it stands', (t) => {
  const tags = new ClusterTags()
  tags.load(unitMap([unit('x', null)], [{ unitId: 'x', clusterId: 'c1' }]), [])
  t.same(tags.cluster(cluster('c1', 'y')).tags, ['chợ'])
  t.same(arbiterTargets({ units: [], clusters: ['c1'], tags: ['chợ'] }), { units: [], clusters: ['c1'], tags: ['chợ'] })
  t.end()
})

t.test('the state of a cluster says which orders mean it', (t) => {
  const arbiter = new Arbiter()
  const tags = new ClusterTags()
  const states = ['planned', 'active', 'repair', 'retired'] as const
  tags.load(unitMap([unit('x', null), unit('y', null, 5)], states.map((state) => ({ unitId: 'y', clusterId: state }))), [])
  arbiter.setUnits([unit('x', null), unit('y', null, 5)], states.map((state) => tags.cluster({ ...cluster(state, 'x'), state })))
  const meant = (units: readonly string[], tags: readonly string[], clusters: readonly string[]) => arbiter.clustersOf(arbiterTargets({ units, tags, clusters }))
  t.same(meant(['x', 'y'], ['chợ'], []), ['active'])
  t.same([...meant([], [], states)].sort(), ['active', 'planned', 'repair'], 'one that is put up or repaired only by its own name')
  t.same(tags.cluster({ ...cluster('c', 'x'), enabled: false }).enabled, false)
  t.end()
})

t.test('a test never reaches a cluster in use, whatever it names, and leaves one at once that is taken into use', (t) => {
  const arbiter = new Arbiter()
  const tags = new ClusterTags()
  const states = ['planned', 'active', 'repair', 'retired'] as const
  tags.load(unitMap([unit('x', null)], []), [])
  const put = (id: string, state: ClusterRecord['state'], enabled = true): void => { arbiter.upsertCluster(tags.cluster({ ...cluster(id, 'x'), state, enabled })) }
  arbiter.setUnits([unit('x', null)])
  for (const state of states) put(state, state)
  const named = arbiterTargets({ units: ['x'], clusters: states, tags: ['chợ'], groups: ['g'] }, true)
  t.same([...arbiter.clustersOf(named)].sort(), ['planned', 'repair'])
  const order = buildOrder('test', { units: [], startHour: 0, minutes: 60, issuerLevel: 0 })
  arbiter.upsertOrder({ ...order, targets: named })
  arbiter.advance(48_000 * 60)
  t.equal(arbiter.onAir('repair', 48_000 * 60)?.orderId, 'test')
  put('repair', 'active')
  put('planned', 'planned', false)
  arbiter.advance(48_000 * 61)
  t.same(['repair', 'planned'].map((id) => arbiter.onAir(id, 48_000 * 61)), [null, null])
  t.end()
})

t.test('an order to a group follows what the group means', (t) => {
  const arbiter = new Arbiter()
  const tags = new ClusterTags()
  const units = [unit('x', null)]
  const group = { id: 'g', name: 'g', createdAtMs: 0, selection: { units: [], tags: [], area: null, circles: [{ lat: 21, lon: 106, radiusM: 1000 }], match: 'any' as const } }
  const [near, far] = [{ ...cluster('near', 'x'), position: { lat: 21.005, lon: 106 } }, { ...cluster('far', 'x'), position: { lat: 21.05, lon: 106 } }]
  tags.load(unitMap(units, []), [group])
  arbiter.setUnits(units, [near, far].map(tags.cluster))
  const targets = arbiterTargets({ units: [], clusters: [], tags: [], groups: ['g'] })
  t.same(arbiter.clustersOf(targets), ['near'])
  t.same(tags.select(group.selection, [near, far]), ['near'])
  arbiter.upsertCluster(tags.cluster({ ...far, position: near.position }))
  t.same(arbiter.clustersOf(targets), ['near', 'far'], 'who is put there is in')
  tags.load(unitMap(units, []), [])
  arbiter.setUnits(units, [near, far].map(tags.cluster))
  t.same(arbiter.clustersOf(targets), [])
  t.end()
})

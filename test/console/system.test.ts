import t from 'tap'
import { EMPTY_DRAFT, stepsOf } from '../../console/src/screens/system/unit-steps.ts'
import { tabsOf } from '../../console/src/screens/system/tabs.ts'

const holding = (rights: readonly string[], isEverywhere: boolean) => ({ somewhere: (right: string) => rights.includes(right), at: (right: string) => isEverywhere && rights.includes(right) })

t.test('each sees the tabs of what he may do', (t) => {
  t.same(tabsOf(holding(['view'], true)), ['alarms', 'health'])
  t.same(tabsOf(holding(['view', 'audit'], true)), ['alarms', 'audit', 'health'])
  t.same(tabsOf(holding(['view', 'audit'], false)), ['alarms', 'health'], 'the audit log is of the whole tree')
  t.same(tabsOf(holding(['view', 'command', 'maintain'], true)), ['alarms', 'keys', 'health'])
  t.same(tabsOf(holding(['view', 'people', 'manage', 'maintain', 'audit'], false)), ['users', 'units', 'policies', 'alertRules', 'alarms', 'keys', 'health'])
  t.same(tabsOf(holding([], true)), [])
  t.end()
})

t.test('a change of the map is sent only when it is whole', (t) => {
  t.equal(stepsOf(EMPTY_DRAFT), null)
  t.equal(stepsOf({ ...EMPTY_DRAFT, unitIds: ['a', 'b'], code: 'X' }), null)
  t.same(stepsOf({ ...EMPTY_DRAFT, unitIds: ['a', 'b'], code: ' X ', name: ' Xã Mới ' }), [{ kind: 'merge', unitIds: ['a', 'b'], into: { code: 'X', name: 'Xã Mới' } }])
  t.same(stepsOf({ ...EMPTY_DRAFT, unitIds: ['a', 'b'], intoId: 'b' }), [{ kind: 'merge', unitIds: ['a', 'b'], into: 'b' }])
  t.equal(stepsOf({ ...EMPTY_DRAFT, unitIds: ['b'], intoId: 'b' }), null)
  t.same(stepsOf({ ...EMPTY_DRAFT, kind: 'rename', unitIds: ['a'], name: 'Mới' }), [{ kind: 'rename', unitId: 'a', name: 'Mới' }])
  t.equal(stepsOf({ ...EMPTY_DRAFT, kind: 'rename', unitIds: ['a'] }), null)
  t.same(stepsOf({ ...EMPTY_DRAFT, kind: 'move', unitIds: ['a'], parentId: null }), [{ kind: 'move', unitId: 'a', parentId: null }])
  t.equal(stepsOf({ ...EMPTY_DRAFT, kind: 'move', unitIds: ['a'], parentId: 'a' }), null)
  t.same(stepsOf({ ...EMPTY_DRAFT, kind: 'end', unitIds: ['a'] }), [{ kind: 'end', unitId: 'a' }])
  t.equal(stepsOf({ ...EMPTY_DRAFT, kind: 'split', unitIds: ['a'], intoId: 'b' }), null)
  t.same(stepsOf({ ...EMPTY_DRAFT, kind: 'split', unitIds: ['a'], intoId: 'b', partUnitIds: ['c'] }), [{ kind: 'split', unitId: 'a', parts: [{ into: 'b', clusterIds: [], unitIds: ['c'] }], remains: true }])
  t.end()
})

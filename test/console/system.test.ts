import t from 'tap'
import { readMinutes, ruleChanges, toldBy, writeMinutes } from '../../console/src/screens/system/alarm-rule-form.ts'
import { auditAction } from '../../console/src/screens/system/audit-text.ts'
import { areManyAway, endsSoon, isLate, isNearlyFull } from '../../console/src/screens/system/health-judge.ts'
import { bodyOf, sampleOf, valuesOf } from '../../console/src/screens/system/template-form.ts'
import { EMPTY_DRAFT, EMPTY_PART, leftOf, stepsOf } from '../../console/src/screens/system/unit-steps.ts'
import { tabsOf } from '../../console/src/screens/system/tabs.ts'

const holding = (rights: readonly string[], isEverywhere: boolean) => ({ somewhere: (right: string) => rights.includes(right), at: (right: string) => isEverywhere && rights.includes(right) })

t.test('each sees the tabs of what he may do', (t) => {
  t.same(tabsOf(holding(['view'], true)), ['alarms'])
  t.same(tabsOf(holding(['view', 'audit'], true)), ['alarms', 'audit', 'health'])
  t.same(tabsOf(holding(['view', 'audit'], false)), ['alarms', 'health'], 'the audit log is of the whole tree')
  t.same(tabsOf(holding(['view', 'emergency'], false)), ['templates', 'alarms'])
  t.same(tabsOf(holding(['view', 'command', 'maintain'], true)), ['alarms', 'keys', 'health'])
  t.same(tabsOf(holding(['view', 'people', 'manage', 'maintain', 'audit'], false)), ['users', 'units', 'policies', 'alertRules', 'templates', 'alarms', 'alarmRules', 'channels', 'keys', 'health'])
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
  const part = { ...EMPTY_PART, intoId: 'b', unitIds: ['c'] }
  t.equal(stepsOf({ ...EMPTY_DRAFT, kind: 'split', unitIds: ['a'], parts: [{ ...part, unitIds: [] }] }), null)
  t.equal(stepsOf({ ...EMPTY_DRAFT, kind: 'split', unitIds: ['a'], parts: [part, EMPTY_PART] }), null, 'each part takes something')
  t.same(stepsOf({ ...EMPTY_DRAFT, kind: 'split', unitIds: ['a'], remains: false, parts: [part, { ...EMPTY_PART, code: ' N ', name: 'Mới', clusterIds: ['k'] }] }), [{ kind: 'split', unitId: 'a', parts: [{ into: 'b', clusterIds: [], unitIds: ['c'] }, { into: { code: 'N', name: 'Mới' }, clusterIds: ['k'], unitIds: [] }], remains: false }])
  t.same(leftOf(['c', 'd'], [part, EMPTY_PART], 'unitIds'), ['d'])
  t.same(stepsOf({ ...EMPTY_DRAFT, kind: 'split', unitIds: ['a'], parts: [part] }), [{ kind: 'split', unitId: 'a', parts: [{ into: 'b', clusterIds: [], unitIds: ['c'] }], remains: true }])
  t.end()
})

t.test('a template is sent as it was filled in, and read as it would sound', (t) => {
  const values = { ...valuesOf(null, 'u'), title: ' Cảnh báo lũ ', text: 'Nước tại {place} lên cấp {level}.', everyHours: '2' }
  t.match(bodyOf(values), { unitId: 'u', title: 'Cảnh báo lũ', level: 3, repeat: { times: 3, everyHours: 2 }, durationMs: 21_600_000, recordings: [] })
  t.same(bodyOf({ ...values, everyHours: '0' }).repeat, { times: 3, everyHours: null })
  t.equal(sampleOf(values.text, { place: 'xã Tân Lập' }), 'Nước tại xã Tân Lập lên cấp … (level).')
  t.end()
})

t.test('a rule for alarms is changed by what differs, and says whom it reaches', (t) => {
  const holds = { enabled: true, severity: 'warning' as const, holdMs: 0, clearMs: 0, threshold: null, escalateAfterMs: [900_000], opensTicket: false }
  t.same(ruleChanges(holds, { ...holds, escalateAfterMs: [900_000] }), {})
  t.same(ruleChanges(holds, { ...holds, holdMs: 1000, escalateAfterMs: [] }), { holdMs: 1000, escalateAfterMs: [] })
  t.same([readMinutes('15, 60'), readMinutes(''), readMinutes('60, 15'), readMinutes('x'), readMinutes('1 2 3 4 5 6'), readMinutes('0')], [[900_000, 3_600_000], [], null, null, null, null])
  t.equal(writeMinutes([900_000, 3_600_000]), '15, 60')
  const channel = { name: 'Trực', unitId: null, minSeverity: 'warning' as const, rules: null, level: 0, enabled: true }
  const later = { ...channel, level: 1 }
  t.same(toldBy('disk', holds, [], [later, channel, { ...channel, level: 2 }, { ...channel, unitId: 'u' }, { ...channel, minSeverity: 'critical' }, { ...channel, rules: ['recording'] }, { ...channel, enabled: false }]), [channel, later])
  t.same(toldBy('disk', { ...holds, enabled: false }, [], [channel]), [])
  t.equal(toldBy('cluster-lost', holds, ['p', 'u'], [{ ...channel, unitId: 'u' }]).length, 1)
  t.end()
})

t.test('what was done is told in words, or as it was asked', (t) => {
  t.same(auditAction('POST', '/v1/orders/:id/stop'), { thing: 'orders', act: 'act-stop' })
  t.same(auditAction('PATCH', '/v1/units/:id'), { thing: 'units', act: 'PATCH' })
  t.same(auditAction('PUT', '/v1/units/:id/unheard-of'), { thing: 'units', act: 'PUT' })
  t.same(auditAction('SUM', 'refusals'), { thing: 'refusals', act: 'SUM' })
  t.equal(auditAction('POST', '/v1/unheard-of'), null)
  t.end()
})

t.test('a figure of the server says when somebody is needed', (t) => {
  t.same([isLate({ latenessMaxMs: 20 }), isLate({ latenessMaxMs: 150 })], [false, true])
  t.same([9, 8].map((online) => areManyAway({ clusters: { total: 10, enabled: 10, online } })), [false, true])
  t.same([isNearlyFull({ freeBytes: 9, totalBytes: 100 }), isNearlyFull({ freeBytes: 10, totalBytes: 100 })], [true, false])
  t.same([endsSoon('2026-01-10T00:00:00Z', Date.parse('2026-01-01T00:00:00Z')), endsSoon('2026-03-10T00:00:00Z', Date.parse('2026-01-01T00:00:00Z'))], [true, false])
  t.end()
})

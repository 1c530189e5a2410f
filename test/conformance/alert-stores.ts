import type { Test } from 'tap'
import type { Store } from '../../control/ports.ts'
import { alertRecord, mark } from '../support/alert.ts'
import { FIRST, ids, newOrder, NOW_MS, throwsStoreError, unit } from './records.ts'

/** What every implementation of the store must do with alerts. */
export function alertStores(test: (name: string, work: (t: Test, store: Store) => void) => void): void {
  test('alerts are kept as they are, found by what they use, and open until they are over', (t, store) => {
    const full = alertRecord('a1', NOW_MS, { kind: 'exercise', targets: { units: ['u2'], clusters: ['c1'], tags: ['đê'], groups: ['g1'] }, selection: { units: [], tags: ['đê'], area: null, circles: [], match: 'any' }, frameClipId: 'k2', origin: { kind: 'cap', sender: 's', identifier: 'i', sent: 'now' } })
    t.same(store.alerts.insert(full, ['c1', 'c2']), full)
    store.alerts.insert(alertRecord('a2', NOW_MS, { hazard: 'fire', sourceId: 's1', parts: [] }), [])
    t.same([store.alerts.get('a1'), store.alerts.get('a9'), store.alerts.clustersOf('a1'), store.alerts.reached('a1')], [full, undefined, ['c1', 'c2'], []])
    store.alerts.noteReached('a1', ['c2'])
    store.alerts.noteReached('a1', ['c1', 'c2'])
    t.same([...store.alerts.reached('a1')].sort(), ['c1', 'c2'])
    t.same([{}, { kind: 'real' as const }, { hazard: 'flood' as const }, { over: false }, { over: true }].map((filter) => ids(store.alerts.list(FIRST, filter, NOW_MS))), [['a2', 'a1'], ['a2'], ['a1'], ['a2', 'a1'], []])
    store.alerts.replace({ ...full, prepared: mark('t', NOW_MS - 1000), confirmed: mark('t', NOW_MS) })
    t.same([{ fromMs: NOW_MS }, { toMs: NOW_MS }, { fromMs: NOW_MS - 1000, toMs: NOW_MS + 1 }, { fromMs: NOW_MS + 1 }, { isConfirmed: true }, { isConfirmed: false }].map((filter) => ids(store.alerts.list(FIRST, filter, NOW_MS))), [['a2'], ['a1'], ['a2', 'a1'], [], ['a1'], ['a2']])
    store.alerts.replace(full)
    t.same(ids(store.alerts.list({ after: store.alerts.list({ after: null, limit: 1 }, {}, NOW_MS).next, limit: 5 }, {}, NOW_MS)), ['a1'])
    t.same([{ clipId: 'k1' }, { clipId: 'k2' }, { sourceId: 's1' }, { unitId: 'u2' }, { unitId: 'u1' }, { groupId: 'g1' }, { clipId: 'k9' }].map((what) => store.alerts.usersOf(what, NOW_MS)), [['a1'], ['a1'], ['a2'], ['a1'], ['a1', 'a2'], ['a1'], []])
    const overMs = full.confirmByMs
    t.same([store.alerts.open(overMs - 1).length, store.alerts.open(overMs).length, store.alerts.usersOf({ clipId: 'k1' }, overMs)], [2, 0, []])
    store.alerts.replace({ ...full, confirmed: mark('t', NOW_MS), onAirFromMs: NOW_MS })
    t.same(store.alerts.open(overMs).map(({ id }) => id), ['a1'], 'what is on the air is open until it ends')
    t.same(store.alerts.clustersOf('a1'), ['c1', 'c2'])

    const group = { id: 'g1', name: 'vùng', selection: full.selection!, alertId: 'a1', createdAtMs: NOW_MS }
    t.same(store.groups.insert(group), group)
    t.same([store.groups.list(FIRST, {}).items, store.groups.all()], [[], [group]], 'an area drawn for an alert is none that people have saved')

    t.same(store.orders.insert(newOrder('o1', { alert: { id: 'a1', kind: 'exercise', level: 3 } })).alert, { id: 'a1', kind: 'exercise', level: 3 })
    t.notHas(store.orders.insert(newOrder('o2')), 'alert')
    t.same(store.orders.ofAlert('a1').map(({ id }) => id), ['o1'])
  })

  test('templates and rules go with their units', (t, store) => {
    store.units.insert(unit('u1'))
    const template = { id: 'x1', unitId: 'u1', hazard: 'flood' as const, title: 'Lũ', level: 3 as const, text: 'Lũ tại {place}.', voice: 'south' as const, recordings: [{ language: 'tyz', clipId: 'k1' }], repeat: { times: 3, everyHours: 2 }, lifeMs: 5, createdAtMs: 1, changedAtMs: 2 }
    t.same(store.alertTemplates.insert(template), template)
    t.same(store.alertTemplates.replace({ ...template, level: 4 })?.level, 4)
    t.equal(store.alertTemplates.replace({ ...template, id: 'x9' }), undefined)
    t.same([{}, { unitId: 'u2' }, { hazard: 'fire' as const }].map((filter) => ids(store.alertTemplates.list(FIRST, filter))), [['x1'], [], []])
    t.same(store.alerts.usersOf({ clipId: 'k1' }, NOW_MS), ['x1'])
    const rule = { unitId: 'u1', twoPersons: [{ kinds: ['real' as const], level: 3 as const, clusters: 9 }], waitMs: 5, breakGlass: false }
    store.alertRules.put({ ...rule, waitMs: 4 })
    store.alertRules.put(rule)
    t.same([store.alertRules.get('u1'), store.alertRules.all(), store.alertRules.get('u2')], [rule, [rule], undefined])
    throwsStoreError(t, () => { store.alertRules.put({ ...rule, unitId: 'u9' }) }, 'STORE_ERR_REFERENCE')
    store.units.remove('u1')
    t.same([store.alertTemplates.get('x1'), store.alertRules.all()], [undefined, []])
    t.same([store.alertTemplates.remove('x1'), store.alertRules.remove('u1')], [false, false])
  })
}

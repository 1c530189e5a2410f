import type { Test } from 'tap'
import type { AlarmRecord, ChannelRecord, NotificationRecord, Store, StoreError, TicketRecord } from '../../control/ports.ts'

const FIRST = { after: null, limit: 100 }
const ids = (page: { readonly items: readonly { readonly id: string }[] }): string[] => page.items.map(({ id }) => id)
const unit = (id: string, parentId: string | null = null) => ({ id, code: id, name: id, parentId, presentationDelayMs: null, createdAtMs: 0 })

const alarm = (id: string, more: Partial<AlarmRecord> = {}): AlarmRecord => ({ id, rule: 'cluster-lost', severity: 'warning', subject: { kind: 'cluster', id: `of ${id}` }, unitId: 'u2', sinceMs: 1, raisedAtMs: 2, clearedAtMs: null, level: 0, members: null, detail: 'd', detailVi: 'đ', acknowledged: null, ...more })
const channel = (id: string, more: Partial<ChannelRecord> = {}): ChannelRecord => ({ id, name: id, unitId: 'u2', target: { kind: 'email', to: ['a@x.vn'] }, minSeverity: 'warning', rules: ['disk'], level: 1, enabled: true, createdAtMs: 5, ...more })
const notification = (id: string, more: Partial<NotificationRecord> = {}): NotificationRecord => ({ id, channelId: 'h1', alarmId: 'a1', kind: 'raised', payload: '{"x":"đ"}', createdAtMs: 10, state: 'pending', attempts: 0, nextAtMs: 10, lastError: null, doneAtMs: null, ...more })

/** What every implementation of the ports for alarms, notifications and tickets must do. */
export function alarmStoreConformance(t: Test, open: () => Store): void {
  const test = (name: string, work: (t: Test, store: Store) => void): void => {
    t.test(name, (t) => {
      const store = open()
      t.teardown(() => { store.close() })
      store.units.insert(unit('u1'))
      store.units.insert(unit('u2', 'u1'))
      store.units.insert(unit('u3', 'u1'))
      work(t, store)
      t.end()
    })
  }

  test('of one rule and subject one alarm at most is open', (t, store) => {
    const full = alarm('a1', { members: 12, level: 2, acknowledged: { atMs: 3, by: 't', name: 'Trực', note: null } })
    store.alarms.insert(full)
    t.same(store.alarms.get('a1'), full)
    try {
      store.alarms.insert(alarm('a2', { subject: full.subject }))
      t.fail('a second one')
    } catch (error) {
      t.equal((error as StoreError).code, 'STORE_ERR_CONFLICT')
    }
    const cleared = { ...full, clearedAtMs: 9, level: 3, members: 1, detail: 'e', detailVi: 'ê', acknowledged: null }
    store.alarms.update(cleared)
    t.same(store.alarms.get('a1'), cleared)
    store.alarms.insert(alarm('a2', { subject: full.subject, raisedAtMs: 20 }))
    t.same(store.alarms.open().map(({ id }) => id), ['a2'])
    t.same(store.alarms.raisedSince(2).map(({ raisedAtMs }) => raisedAtMs), [20])
    t.equal(store.alarms.removeClearedBefore(9), 0)
    t.equal(store.alarms.removeClearedBefore(10), 1)
    t.equal(store.alarms.get('a1'), undefined)
  })

  test('alarms are seen in their units, those of whole units also below, those of the server by all', (t, store) => {
    store.alarms.insert(alarm('own'))
    store.alarms.insert(alarm('beside', { unitId: 'u3', severity: 'critical' }))
    store.alarms.insert(alarm('above', { unitId: 'u1' }))
    store.alarms.insert(alarm('whole', { unitId: 'u1', subject: { kind: 'unit', id: 'u1' } }))
    store.alarms.insert(alarm('server', { unitId: null, rule: 'disk', subject: { kind: 'server', id: 'd' } }))
    store.alarms.insert(alarm('over', { clearedAtMs: 5 }))
    store.alarms.insert(alarm('seen to', { acknowledged: { atMs: 3, by: 't', name: 'Trực', note: null } }))
    const sight = { within: ['u2'], above: ['u2', 'u1'] }
    t.same(ids(store.alarms.list(FIRST, sight)), ['seen to', 'over', 'server', 'whole', 'own'], 'newest first')
    t.equal(store.alarms.list(FIRST, { within: null }).items.length, 7)
    const found = (filter: object): string[] => ids(store.alarms.list(FIRST, filter))
    t.same([found({ unitId: 'u3' }), found({ severity: 'critical' }), found({ rule: 'disk' }), found({ state: 'cleared' }), found({ subjectId: 'of own' })], [['beside'], ['beside'], ['server'], ['over'], ['own']])
    t.same(found({ state: 'unacknowledged', unitId: 'u1' }), ['whole', 'above', 'beside', 'own'])
    const page = store.alarms.list({ after: null, limit: 2 }, sight)
    t.same(ids(store.alarms.list({ after: page.next, limit: 2 }, sight)), ['server', 'whole'])
    t.same(store.alarms.count(sight), [{ rule: 'cluster-lost', severity: 'warning', open: 3, unacknowledged: 2 }, { rule: 'disk', severity: 'warning', open: 1, unacknowledged: 1 }])
    t.same(store.alarms.count({ unitId: 'u3' }), [{ rule: 'cluster-lost', severity: 'critical', open: 1, unacknowledged: 1 }])
  })

  test('what units say of rules goes with them', (t, store) => {
    store.alarms.putOwnSettings('disk', null, { threshold: 5 })
    store.alarms.putOwnSettings('cluster-lost', 'u2', { holdMs: 1 })
    store.alarms.putOwnSettings('cluster-lost', 'u2', { holdMs: 2, escalateAfterMs: [3] })
    store.alarms.putOwnSettings('cluster-lost', null, { holdMs: 9 })
    t.same(store.alarms.ownSettings(), [{ rule: 'disk', unitId: null, settings: { threshold: 5 } }, { rule: 'cluster-lost', unitId: 'u2', settings: { holdMs: 2, escalateAfterMs: [3] } }, { rule: 'cluster-lost', unitId: null, settings: { holdMs: 9 } }])
    store.alarms.putOwnSettings('cluster-lost', null, {})
    store.units.remove('u2')
    t.same(store.alarms.ownSettings().map(({ rule }) => rule), ['disk'])
  })

  test('channels are replaced as a whole, and take with them what waits', (t, store) => {
    const { notifications } = store
    t.same(notifications.insertChannel(channel('h1')), channel('h1'))
    const other = channel('h2', { unitId: null, rules: null, target: { kind: 'webhook', url: 'https://x.vn', keys: [{ secret: 's', endsAtMs: 5 }] } })
    notifications.insertChannel(other)
    t.same(notifications.channel('h2'), other)
    t.same(notifications.replaceChannel({ ...other, enabled: false, level: 2 }), { ...other, enabled: false, level: 2 })
    t.equal(notifications.replaceChannel(channel('h9')), undefined)
    t.same(notifications.channels().map(({ id }) => id), ['h1', 'h2'])
    t.same([ids(notifications.listChannels(FIRST, { within: ['u1'] })), ids(notifications.listChannels(FIRST, { within: ['u3'] })), ids(notifications.listChannels(FIRST, {}))], [['h1'], [], ['h1', 'h2']])
    notifications.enqueue(notification('n1'))
    t.same([notifications.removeChannel('h1'), notifications.removeChannel('h1'), notifications.get('n1')], [true, false, undefined])
  })

  test('notifications wait in their sequence, by channel', (t, store) => {
    const { notifications } = store
    for (const id of ['h1', 'h2']) notifications.insertChannel(channel(id))
    const all = [notification('n1', { nextAtMs: 30 }), notification('n2'), notification('n3', { channelId: 'h2', createdAtMs: 5, lastError: 'e', alarmId: null }), notification('n4')]
    for (const one of all) notifications.enqueue(one)
    t.same(notifications.get('n3'), all[2])
    t.same([notifications.due('h1', 9, 9), notifications.due('h1', 10, 9), notifications.due('h1', 30, 2)].map((list) => list.map(({ id }) => id)), [[], ['n2', 'n4'], ['n1', 'n2']])
    t.same(notifications.queues(), [{ channelId: 'h1', pending: 3, oldestMs: 10, lastError: null, nextAtMs: 10 }, { channelId: 'h2', pending: 1, oldestMs: 5, lastError: 'e', nextAtMs: 10 }])
    t.same([notifications.waitsUntil('h1', 'a1'), notifications.waitsUntil('h2', 'a1')], [30, null])
    notifications.holdBack('h1', 'a1', 20)
    t.same(['n1', 'n2', 'n3'].map((id) => notifications.get(id)?.nextAtMs), [30, 20, 10])
    const done: NotificationRecord = { ...all[1]!, state: 'delivered', attempts: 2, nextAtMs: 11, lastError: 'x', doneAtMs: 12 }
    notifications.settle(done)
    t.same(notifications.get('n2'), done)
    t.same([ids(notifications.list(FIRST, {})), ids(notifications.list(FIRST, { channelId: 'h1', state: 'pending' })), ids(notifications.list(FIRST, { alarmId: 'a1' })), ids(notifications.list(FIRST, { within: ['u3'] }))], [['n4', 'n3', 'n2', 'n1'], ['n4', 'n1'], ['n4', 'n2', 'n1'], []])
    t.same([notifications.removeDoneBefore(12), notifications.removeDoneBefore(13), ids(notifications.list(FIRST, {}))], [0, 1, ['n4', 'n3', 'n1']])
  })

  test('tickets are numbered, keep what was done, and are found', (t, store) => {
    const fresh = (id: string, more: Partial<TicketRecord> = {}): Omit<TicketRecord, 'number'> => ({ id, title: 'x', unitId: 'u2', clusterId: 'c1', alarmId: null, severity: 'info', state: 'open', assignee: null, parts: [], labourVnd: null, openedAtMs: 10, openedBy: null, respondedAtMs: null, onSiteAtMs: null, closedAtMs: null, waitedMs: 0, waitingSinceMs: null, clusterStateBefore: null, ...more })
    const event = (note: string | null) => ({ atMs: 1, by: null, name: 'n', state: 'open' as const, note })
    t.same(store.tickets.insert(fresh('w1'), event('a')), { ...fresh('w1'), number: 1 })
    t.equal(store.tickets.insert(fresh('w2', { unitId: 'u3', clusterId: null, openedAtMs: 20, assignee: 'Tổ 2', alarmId: 'a1' }), event(null)).number, 2)
    const changed: TicketRecord = { ...fresh('w1'), number: 1, title: 'y', severity: 'critical', state: 'done', assignee: 'z', parts: [{ name: 'đ', quantity: 1, costVnd: null }], labourVnd: 5, respondedAtMs: 1, onSiteAtMs: 2, closedAtMs: 3, waitedMs: 4, waitingSinceMs: 5, clusterStateBefore: 'active' }
    t.same(store.tickets.replace(changed, event('b')), changed)
    t.same(store.tickets.events('w1').map(({ note }) => note), ['a', 'b'])
    const found = (filter: object): string[] => ids(store.tickets.list(FIRST, filter))
    t.same([found({}), found({ within: ['u3'] }), found({ unitId: 'u1' }), found({ clusterId: 'c1' }), found({ alarmId: 'a1' }), found({ assignee: 'Tổ 2' })], [['w2', 'w1'], ['w2'], ['w2', 'w1'], ['w1'], ['w2'], ['w2']])
    t.same([store.tickets.isAtWork('u2', 'c1'), store.tickets.isAtWork('u3', null), store.tickets.isAtWork('u3', 'c1'), store.tickets.isAtWork('u2', null)], [false, true, false, false])
    t.same([found({ state: 'done' }), found({ state: 'unfinished' }), found({ fromMs: 10, toMs: 20 })], [['w1'], ['w2'], ['w1']])
    const page = store.tickets.list({ after: null, limit: 1 }, {})
    t.same(ids(store.tickets.list({ after: page.next, limit: 1 }, {})), ['w1'])
  })
}

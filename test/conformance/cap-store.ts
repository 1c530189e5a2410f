import type { Test } from 'tap'
import type { CapFeedRecord, CapMessageRecord, CapSenderRecord, Store } from '../../control/ports.ts'

const NOW_MS = 1_780_000_000_000
const FIRST = { after: null, limit: 100 }
const ids = (page: { readonly items: readonly { readonly id: string }[] }): string[] => page.items.map(({ id }) => id)
const unit = (id: string) => ({ id, code: `code-${id}`, name: id, parentId: null, presentationDelayMs: null, createdAtMs: NOW_MS })

/** The part of store.ts that is about CAP. */
export function capConformance(test: (name: string, work: (t: Test, store: Store) => void) => void): void {
  test('CAP senders and feeds go with their units, messages stay', (t, store) => {
    for (const id of ['u1', 'u2']) store.units.insert(unit(id))
    const sender = (id: string, unitId: string): CapSenderRecord => ({ id, name: id, sender: `${id}@example`, keys: ['pem'], unitId, preAuthorisedUnitIds: [unitId], geocodeNames: ['VN'], mostPerHour: 5, enabled: true, createdAtMs: NOW_MS })
    t.same(store.capSenders.insert(sender('n1', 'u1')), sender('n1', 'u1'))
    store.capSenders.insert(sender('n2', 'u2'))
    t.throws(() => { store.capSenders.insert({ ...sender('n3', 'u1'), sender: 'n1@example' }) }, { code: 'STORE_ERR_CONFLICT' })
    t.throws(() => { store.capSenders.insert(sender('n3', 'u9')) }, { code: 'STORE_ERR_REFERENCE' })
    t.same(store.capSenders.bySender('n2@example'), sender('n2', 'u2'))
    t.equal(store.capSenders.replace({ ...sender('n2', 'u2'), enabled: false })?.enabled, false)
    t.equal(store.capSenders.replace(sender('n9', 'u2')), undefined)
    t.same([null, ['u1'], []].map((within) => ids(store.capSenders.list(FIRST, { within }))), [['n1', 'n2'], ['n1'], []])

    const feed = (id: string, senderId: string): CapFeedRecord => ({ id, name: id, senderId, url: 'https://a.example/', intervalMs: 60_000, enabled: true, createdAtMs: NOW_MS })
    t.same(store.capFeeds.insert(feed('f1', 'n1')), feed('f1', 'n1'))
    store.capFeeds.insert(feed('f2', 'n2'))
    t.same([null, ['u2']].map((within) => ids(store.capFeeds.list(FIRST, { within }))), [['f1', 'f2'], ['f2']])
    t.equal(store.capFeeds.state('f1').polledAtMs, null)
    const state = { etag: '"a"', lastModified: null, polledAtMs: 5, succeededAtMs: 5, failures: 1, problem: 'x', seen: ['a'] }
    store.capFeeds.noteState('f1', state)
    t.same(store.capFeeds.replace({ ...feed('f1', 'n1'), name: 'y' })?.name, 'y')
    t.same(store.capFeeds.state('f1'), state)
    t.same([store.capFeeds.remove('f2'), store.capFeeds.remove('f2'), store.capFeeds.get('f2')], [true, false, undefined])

    store.units.remove('u1')
    t.same([store.capSenders.get('n1'), store.capFeeds.all()], [undefined, []])
  })

  test('CAP messages are kept once for each thing that is to be said of their signatures, and found by whom they refer to', (t, store) => {
    const message = (id: string, more: Partial<CapMessageRecord> = {}): CapMessageRecord => ({ id, receivedAtMs: NOW_MS, via: { kind: 'request', id: 't' }, senderId: 'n1', unitId: 'u1', sender: 's', identifier: id, sent: 'now', status: 'Actual', msgType: 'Alert', scope: 'Public', references: [], signature: 'valid', outcome: 'kept', reason: 'expired', alertId: null, repeats: 0, xml: '<alert/>', ...more })
    const reference = (identifier: string) => ({ sender: 's', identifier, sent: 'now' })
    const update = message('m2', { msgType: 'Update', references: [reference('m1'), reference('m0'), reference('m1')], outcome: 'on-air', signature: 'valid' })
    t.same(store.capMessages.insert(message('m1')), message('m1'))
    store.capMessages.insert(update)
    store.capMessages.insert(message('m3', { identifier: 'm1', signature: 'absent', outcome: 'refused', receivedAtMs: NOW_MS - 10, senderId: null, unitId: null }))
    t.throws(() => { store.capMessages.insert(message('m4', { identifier: 'm1' })) }, { code: 'STORE_ERR_CONFLICT' })
    t.same(store.capMessages.get('m2'), update)
    t.same([reference('m1'), reference('m9')].map((one) => store.capMessages.same(one).map(({ id }) => id)), [['m1', 'm3'], []])
    t.same([reference('m1'), reference('m0'), reference('m2')].map((one) => store.capMessages.referringTo(one).map(({ id }) => id)), [['m2'], ['m2'], []])
    t.same([{}, { outcome: 'kept' as const }, { senderId: 'n1' }, { within: ['u9'] }].map((filter) => ids(store.capMessages.list(FIRST, filter))), [['m3', 'm2', 'm1'], ['m1'], ['m2', 'm1'], []])
    t.same(ids(store.capMessages.list({ after: store.capMessages.list({ after: null, limit: 1 }, {}).next, limit: 5 }, {})), ['m2', 'm1'])
    t.same(store.capMessages.countSince('n1', 'valid', NOW_MS - 1), { all: 2, aired: 1 })
    t.same([store.capMessages.countSince('n1', 'absent', 0), store.capMessages.countSince('n1', 'valid', NOW_MS)], [{ all: 0, aired: 0 }, { all: 0, aired: 0 }])
    const settled = store.capMessages.settle('m1', { outcome: 'working', reason: 'working', alertId: 'a1', repeats: 2 })
    t.same(store.capMessages.get('m1'), settled)
    t.match(settled, { outcome: 'working', alertId: 'a1', repeats: 2, senderId: 'n1' })
    t.same(store.capMessages.working().map(({ id }) => id), ['m1'])
    for (const id of ['r1', 'r2']) store.capMessages.insert(message(id, { outcome: 'refused', references: [reference('m1')] }))
    store.capMessages.trimRefused(2)
    t.same(ids(store.capMessages.list(FIRST, { outcome: 'refused' })), ['r2', 'r1'], 'the oldest goes')
    store.capMessages.trimRefused(0)
    t.same(ids(store.capMessages.list(FIRST, {})), ['m2', 'm1'])
  })
}

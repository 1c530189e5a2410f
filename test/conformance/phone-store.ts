import type { Test } from 'tap'
import type { PhoneCallRecord, PhoneKeyRecord, Store } from '../../control/ports.ts'
import { FIRST, ids, NOW_MS, throwsStoreError, unit } from './records.ts'

/** What every implementation of the store must do with PINs, keys and calls of the telephone. */
export function phoneConformance(test: (name: string, work: (t: Test, store: Store) => void) => void): void {
  const addUser = (store: Store, id: string): void => { store.users.insert({ id, login: id, name: id, grants: [], passwordHash: '', totpSecret: null, totpPending: null, totpUsedStep: 0, recoveryHashes: [], enabled: true, createdAtMs: 0 }) }

  test('PINs are one for each user, their numbers unique; they go with the user', (t, store) => {
    store.units.insert(unit('u1'))
    for (const id of ['p1', 'p2']) addUser(store, id)
    const pin = { userId: 'p1', number: '4711', pinHash: 'h', unitId: 'u1', language: 'vi', needsCode: true, callerIds: ['0912345678'], changedAtMs: NOW_MS } as const
    store.phonePins.put(pin)
    t.same(store.phonePins.put({ ...pin, pinHash: 'i', language: 'en', needsCode: false }), store.phonePins.get('p1'))
    t.same(store.phonePins.byNumber('4711'), store.phonePins.get('p1'))
    t.same([store.phonePins.numbers(), store.phonePins.byNumber('1'), store.phonePins.get('p2')], [['4711'], undefined, undefined])
    throwsStoreError(t, () => store.phonePins.put({ ...pin, userId: 'p2' }), 'STORE_ERR_CONFLICT', 'phone_pins.number')
    store.users.remove('p1')
    t.equal(store.phonePins.get('p1'), undefined)
    t.equal(store.phonePins.remove('p1'), false)
  })

  test('of each key there is one for a unit and one for a person of it', (t, store) => {
    store.units.insert(unit('u1'))
    store.units.insert(unit('u2', 'u1'))
    addUser(store, 'p1')
    const key = (id: string, more: Partial<PhoneKeyRecord> = {}): PhoneKeyRecord => ({ id, unitId: 'u1', userId: null, key: '1', name: 'x', targets: { units: ['u1'], clusters: [], tags: [] }, class: 'normal', alert: null, content: { kind: 'live', sourceId: 's' }, mostMs: 1, onHangUp: 'stop', createdAtMs: NOW_MS, ...more })
    t.same(store.phoneKeys.insert(key('k1')), store.phoneKeys.get('k1'))
    throwsStoreError(t, () => store.phoneKeys.insert(key('k2')), 'STORE_ERR_CONFLICT', 'phone_keys.key')
    store.phoneKeys.insert(key('k2', { userId: 'p1' }))
    throwsStoreError(t, () => store.phoneKeys.insert(key('k3', { userId: 'p1' })), 'STORE_ERR_CONFLICT', 'phone_keys.key')
    store.phoneKeys.insert(key('k3', { unitId: 'u2' }))
    t.same([store.phoneKeys.of('u1', 'p1'), store.phoneKeys.of('u1', 'p9'), store.phoneKeys.of('u2', 'p1')].map((keys) => keys.map(({ id }) => id).toSorted()), [['k1', 'k2'], ['k1'], ['k3']])
    t.same([{}, { unitId: 'u2' }, { within: ['u2'] }, { within: ['u1'] }, { within: [] }].map((filter) => ids(store.phoneKeys.list(FIRST, filter))), [['k1', 'k2', 'k3'], ['k3'], ['k3'], ['k1', 'k2', 'k3'], []])
    t.equal(store.phoneKeys.replace(key('k1', { key: '2' }))?.key, '2')
    t.equal(store.phoneKeys.replace(key('k9', { key: '2' })), undefined)
    t.same([store.phoneKeys.remove('k1'), store.phoneKeys.remove('k1')], [true, false])
    store.users.remove('p1')
    t.equal(store.phoneKeys.get('k2'), undefined, 'his own go with him')
  })

  test('wrong tries are kept by kind, forgotten when they are old, and bounded', (t, store) => {
    const tally = (lastMs: number, lockedUntilMs = 0) => ({ failures: 2, lastMs, lockedUntilMs })
    const tries = store.phoneTries
    tries.put('line', 'a', tally(1))
    tries.put('line', 'a', tally(100))
    tries.put('number', 'a', tally(10))
    t.same([tries.get('line', 'a'), tries.get('number', 'a'), tries.get('pair', 'a')], [tally(100), tally(10), undefined])
    tries.put('number', 'locked', tally(10, 90))
    tries.put('known', 'k', tally(10))
    tries.put('line', 'b', tally(101))
    tries.put('line', 'c', tally(102))
    tries.trim({ triedBeforeMs: 50, knownBeforeMs: 5, most: 2 })
    t.same([tries.get('number', 'a'), tries.get('number', 'locked'), tries.get('known', 'k')], [undefined, tally(10, 90), tally(10)])
    t.same(['a', 'b', 'c'].map((id) => tries.get('line', id) !== undefined), [false, true, true])
    tries.remove('line', 'b')
    t.equal(tries.get('line', 'b'), undefined)
  })

  test('calls are kept newest first, live and recorded ones are found, those of nobody are bounded', (t, store) => {
    store.units.insert(unit('u1'))
    const call = (id: string, more: Partial<PhoneCallRecord> = {}): PhoneCallRecord => ({ id, callerId: 'c', remoteAddress: 'a', startedAtMs: NOW_MS, endedAtMs: NOW_MS, state: 'ended', userId: null, userName: null, unitId: null, keyId: null, keyName: null, orderId: null, alertId: null, wrongTries: 0, result: '', recording: null, ...more })
    store.phoneCalls.insert(call('c1', { userId: 'p1', unitId: 'u1', endedAtMs: null }))
    for (const id of ['c2', 'c3', 'c4']) store.phoneCalls.insert(call(id))
    store.phoneCalls.insert(call('c5', { endedAtMs: null }))
    t.same([{}, { live: true }, { live: false }, { userId: 'p1' }, { within: ['u1'] }].map((filter) => ids(store.phoneCalls.list(FIRST, filter))), [['c5', 'c4', 'c3', 'c2', 'c1'], ['c5', 'c1'], ['c4', 'c3', 'c2'], ['c1'], ['c1']])
    t.same(ids(store.phoneCalls.list({ after: store.phoneCalls.list({ after: null, limit: 2 }, {}).next, limit: 2 }, {})), ['c3', 'c2'])
    t.same(store.phoneCalls.live().map(({ id }) => id), ['c1', 'c5'])
    store.phoneCalls.replace(call('c1', { userId: 'p1', recording: { durationMs: 1, sizeBytes: 2 } }))
    t.same(store.phoneCalls.recorded().map(({ id }) => id), ['c1'])
    t.equal(store.phoneCalls.trimUnknown(2), 2)
    t.same(ids(store.phoneCalls.list(FIRST, {})), ['c5', 'c4', 'c1'], 'never one that lasts, or of somebody who is known')
  })
}

import type { Test } from 'tap'
import { DEFAULT_INGEST_RULES, MOST_ATTEMPTS_KEPT, type SourceAttemptRecord, type SourceKeyRecord, type SourceRecord, type SourceSwitchRecord, type Store } from '../../control/ports.ts'
import { FIRST, ids, NOW_MS } from './records.ts'

const source = (id: string): SourceRecord => ({ id, kind: 'icecast', name: 'Studio', mount: `/${id}`, takeover: 'refuse', keyHash: 'h', ingest: DEFAULT_INGEST_RULES, unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: NOW_MS })
const key = (id: string, more: Partial<SourceKeyRecord> = {}): SourceKeyRecord => ({ id, sourceId: 's1', label: 'Xe', class: 'priority', keyHash: `h-${id}`, createdAtMs: NOW_MS, expiresAtMs: null, isReplaced: false, lastUsedAtMs: null, ...more })
const change = (id: string, more: Partial<SourceSwitchRecord> = {}): SourceSwitchRecord => ({ id, sourceId: 's1', atMs: NOW_MS, fromInputId: 'a', toInputId: 'b', cause: 'no-sound', detail: 'đứt', gapMs: 0, ...more })
const attempt = (id: string, more: Partial<SourceAttemptRecord> = {}): SourceAttemptRecord => ({ id, sourceId: 's1', atMs: NOW_MS, lastAtMs: NOW_MS, count: 1, protocol: 'icecast', accepted: false, reason: 'key-wrong', keyId: null, keyClass: null, remoteAddress: '192.0.2.7', userAgent: 'butt', ...more })

/** Keys of sources, how they were switched, and who has tried to send to them. */
export function ingestStores(test: (name: string, run: (t: Test, store: Store) => void) => void): void {
  test('keys of sources', (t, store) => {
    for (const id of ['s1', 's2']) store.sources.insert(source(id))
    const keys = [key('k1'), key('k2', { expiresAtMs: NOW_MS + 1, isReplaced: true }), key('k3', { sourceId: 's2' })]
    for (const one of keys) t.same(store.sourceKeys.insert(one), one)
    t.same(store.sourceKeys.ofSource('s1'), keys.slice(0, 2))
    t.same(ids(store.sourceKeys.list('s1', { after: null, limit: 1 })), ['k1'])
    t.same(ids(store.sourceKeys.list('s1', { after: store.sourceKeys.list('s1', { after: null, limit: 1 }).next, limit: 5 })), ['k2'])
    t.same(store.sourceKeys.valid(NOW_MS).map(({ id }) => id), ['k1', 'k2', 'k3'])
    t.same(store.sourceKeys.valid(NOW_MS + 1).map(({ id }) => id), ['k1', 'k3'])
    store.sourceKeys.used('k1', NOW_MS + 5)
    store.sourceKeys.used('k1', NOW_MS + 3)
    t.equal(store.sourceKeys.get('k1')?.lastUsedAtMs, NOW_MS + 5)
    for (const [keyId, session] of [['k1', 'l1'], ['k2', 'l1'], ['k3', 'l2']] as const) store.microphones.keyGiven(keyId, session)
    t.same(store.microphones.keysOf('l1'), ['k1', 'k2'])
    t.same([store.sourceKeys.remove('k1'), store.sourceKeys.remove('k1'), store.sourceKeys.get('k1')], [true, false, undefined])
    t.same(store.microphones.keysOf('l1'), ['k2'])
    store.sources.remove('s1')
    t.equal(store.sourceKeys.get('k2'), undefined, 'go with their source')
    t.same([store.microphones.keysOf('l1'), store.microphones.keysOf('l2')], [[], ['k3']])
  })

  test('switches of sources, each once, the newest first', (t, store) => {
    for (const id of ['s1', 's2']) store.sources.insert(source(id))
    t.same([change('w1'), change('w1', { toInputId: 'c' }), change('w2', { sourceId: 's2', toInputId: 'x', fromInputId: null }), change('w3', { toInputId: 'a', gapMs: 40 })].map((one) => store.sourceSwitches.put(one)), [true, false, true, true])
    t.same(store.sourceSwitches.list('s1', FIRST).items, [change('w3', { toInputId: 'a', gapMs: 40 }), change('w1')])
    const first = store.sourceSwitches.list('s1', { after: null, limit: 1 })
    t.same([ids(first), ids(store.sourceSwitches.list('s1', { after: first.next, limit: 1 }))], [['w3'], ['w1']])
    t.same([...store.sourceSwitches.lastInputs()].sort(), [['s1', 'a'], ['s2', 'x']])
  })

  test('attempts to send to sources: told again they are counted on, and the oldest go', (t, store) => {
    store.sources.insert(source('s1'))
    for (const one of [attempt('a1'), attempt('a1', { count: 7, lastAtMs: NOW_MS + 50 }), attempt('a1', { count: 3 }), attempt('a2', { accepted: true, reason: 'free', keyId: 'k1', keyClass: 'priority' })]) store.sourceAttempts.put(one)
    t.same(store.sourceAttempts.list('s1', FIRST).items, [attempt('a2', { accepted: true, reason: 'free', keyId: 'k1', keyClass: 'priority' }), attempt('a1', { count: 7, lastAtMs: NOW_MS + 50 })])
    t.same(store.sourceAttempts.wrongKeysSince(NOW_MS), [{ sourceId: 's1', count: 7 }])
    t.same(store.sourceAttempts.wrongKeysSince(NOW_MS + 50), [])
    store.transaction(() => { for (let n = 0; n < MOST_ATTEMPTS_KEPT; n++) store.sourceAttempts.put(attempt(`b${String(n)}`)) })
    const page = store.sourceAttempts.list('s1', { after: null, limit: 2000 })
    t.same([page.items.length, page.items.at(-1)?.id], [MOST_ATTEMPTS_KEPT, 'b0'])
  })
}

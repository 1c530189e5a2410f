import t from 'tap'
import { DEFAULT_INGEST_RULES } from '../../../control/ports.ts'
import type { SourceAttempt } from '../../../server/link/messages.ts'
import { AttemptDesk } from '../../../server/director/attempt-desk.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { AttemptReporter, attemptOf, refusedKey, type Attempt } from '../../../server/sinks/attempt-reporter.ts'
import { problemOfGate } from '../../../server/sinks/stream-problem.ts'
import { pino } from 'pino'

const WRONG: Attempt = { sourceId: 's1', protocol: 'icecast', accepted: false, reason: 'key-wrong', keyId: null, keyClass: null, remoteAddress: '192.0.2.1', userAgent: 'x' }
const MINUTE = 60 * 48_000

function reporter() {
  const told: (readonly SourceAttempt[])[] = []
  const now = { samples: 0 }
  return { now, told, attempts: new AttemptReporter(() => now.samples, (items) => { told.push(items) }) }
}

t.test('a flood of wrong keys is a few entries, told together; who is let in is told at once', (t) => {
  const { now, told, attempts } = reporter()
  for (let n = 0; n < 1000; n++) {
    now.samples = n
    attempts.note(WRONG)
  }
  attempts.note({ ...WRONG, accepted: true, reason: 'free', keyId: 'k1', keyClass: 'normal' })
  t.match(told, [[{ accepted: true, count: 1 }]])
  attempts.tellAll()
  t.match(told.slice(1), [[{ reason: 'key-wrong', count: 1000, atSamples: 0, lastSamples: 999 }], [{ accepted: true }, { count: 1000 }]], 'and all that is kept, when control has come')
  now.samples = MINUTE
  attempts.note(WRONG)
  attempts.tellAll()
  t.match(told.at(-1)?.map(({ count }) => count), [1, 1000, 1], 'a minute later it is another one')
  t.end()
})

t.test('however many addresses try, what is kept is bounded', (t) => {
  const { told, attempts } = reporter()
  for (let n = 0; n < 5000; n++) attempts.note({ ...WRONG, remoteAddress: `10.0.${String(n >> 8)}.${String(n & 255)}` })
  attempts.tellAll()
  t.equal(told[0]?.length, 101)
  t.match(told[0]?.at(-1), { remoteAddress: '', count: 4900 })
  attempts.close()
  t.end()
})

t.test('what was answered, as a reason and as a problem', (t) => {
  t.same(refusedKey('missing-key'), { accepted: false, reason: 'key-missing', keyId: null, keyClass: null })
  t.same(attemptOf({ accepted: false, reason: 'engine-away' }), { accepted: false, reason: 'no-engine' })
  t.same(attemptOf({ accepted: false, reason: 'on-air' }), { accepted: false, reason: 'on-air' })
  t.same(problemOfGate('outside-window', { opensInMs: 1500, opensAtMs: 0 }), { code: 'STREAM_ERR_OUTSIDE_WINDOW', detail: 'Come again from 1970-01-01T00:00:00.000Z on. · Hãy kết nối lại từ 1970-01-01T00:00:00.000Z.', retryAfterS: 2 })
  t.notOk(problemOfGate('outside-window', {}).retryAfterS)
  t.same(['busy', 'on-air', 'key-revoked', 'unknown', 'engine-away'].map((reason) => problemOfGate(reason as 'busy', {}).code), ['STREAM_ERR_MOUNT_BUSY', 'STREAM_ERR_ON_AIR', 'STREAM_ERR_KEY_WRONG', 'STREAM_ERR_INGEST_UNAVAILABLE', 'STREAM_ERR_INGEST_UNAVAILABLE'])
  t.end()
})

t.test('control keeps them, notes when a key was used, and bears with a store that fails', (t) => {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  store.sources.insert({ id: 's1', kind: 'whip', name: 'x', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', takeover: 'refuse', keyHash: 'h', ingest: DEFAULT_INGEST_RULES, createdAtMs: 0 })
  store.sourceKeys.insert({ id: 'k1', sourceId: 's1', label: 'x', class: 'priority', keyHash: 'h1', createdAtMs: 0, expiresAtMs: null, isReplaced: false, lastUsedAtMs: null })
  const desk = new AttemptDesk({ store, wallMsAt: (samples) => 1000 + samples / 48, logger: pino({ enabled: false }) })
  const item = { ...WRONG, id: 'a1', atSamples: 48, lastSamples: 96, count: 2 }
  desk.note([item, { ...item, id: 'a2', accepted: true, reason: 'took-over', keyId: 'k1', keyClass: 'priority' }, { ...item, id: 'a3', sourceId: 'gone' }])
  t.match(store.sourceAttempts.list('s1', { after: null, limit: 10 }).items, [{ id: 'a2', reason: 'took-over' }, { id: 'a1', atMs: 1001, lastAtMs: 1002, count: 2 }])
  t.equal(store.sourceKeys.get('k1')?.lastUsedAtMs, 1001)
  const broken = new AttemptDesk({ store: { ...store, sources: store.sources, sourceAttempts: store.sourceAttempts, sourceKeys: store.sourceKeys, transaction: () => { throw new Error('disk full') } }, wallMsAt: () => 0, logger: pino({ enabled: false }) })
  broken.note([item])
  t.end()
})

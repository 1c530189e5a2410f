import t, { type Test } from 'tap'
import { keepDaysOf, keptUntilMs, RecordingKeeper, type KeeperRules } from '../../../control/recordings/recording-keeper.ts'
import type { RecordingRecord } from '../../../control/ports.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { recordingSpan } from '../../support/recording.ts'
import { fc } from '../../support/seed.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 5, 1)

function setUp(t: Test, rules: Partial<KeeperRules> = {}) {
  const clock = new FakeClock({ wallMs: START_MS })
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  for (const [id, parentId] of [['tinh', null], ['xa', 'tinh'], ['xb', 'tinh']] as const) store.units.insert({ id, code: id, name: id, parentId, presentationDelayMs: null, createdAtMs: 0 })
  const removed: string[] = []
  const full: boolean[] = []
  const errors: unknown[] = []
  const keeper = new RecordingKeeper({
    store, clock,
    folder: { remove: (file) => { removed.push(file); return Promise.resolve() } },
    recorder: { setFull: (isFull) => { full.push(isFull) } },
    rules: { recordingKeepDays: 10, recordingQuotaBytes: 0, ...rules },
    onError: (error) => { errors.push(error) },
  })
  t.teardown(() => { keeper.close() })
  /** One that ended so many days ago. */
  const put = (id: string, days: number, units: readonly string[], more: Partial<RecordingRecord> = {}): void => {
    const fromSamples = -Math.round(days * 86_400) * 48_000
    const untilSamples = fromSamples + 48_000
    store.recordings.put({ id, room: `src:${id}`, kind: 'live', mode: 'full', format: 'opus-32', sourceId: null, orderId: null, class: 'normal', title: '', file: id, fromSamples, untilSamples, fromMs: START_MS - days * DAY_MS - 1000, untilMs: START_MS - days * DAY_MS, bytes: 100, gaps: [], isOpen: false, sha256: '', ...more })
    for (const unitId of units) store.recordings.putSpan(recordingSpan(`src:${id}`, 'o1', unitId, fromSamples, untilSamples))
  }
  return { clock, store, keeper, removed, full, errors, put }
}

t.test('what nobody keeps any more goes when its time has come, and the log says why', async (t) => {
  const { clock, store, keeper, removed, errors, put } = setUp(t)
  store.recordings.putKeepDays('xa', 30)
  store.recordings.putKeepDays('xb', 0)
  put('short', 9.5, ['tinh'])
  put('inherited', 9.6, [])
  put('long', 9.7, ['tinh', 'xa'])
  put('for-ever', 9.8, ['tinh', 'xb'])
  put('held', 9.9, ['tinh'])
  put('open', 9.9, ['tinh'], { isOpen: true })
  store.recordings.hold('held', { atMs: 0, by: 't', name: 'T', reason: 'x' })
  const pass = async (days: number): Promise<void> => {
    clock.advance(days * DAY_MS)
    await keeper.look()
  }
  await keeper.look()
  t.same(removed, [])
  await pass(1)
  t.same(removed.sort(), ['inherited', 'short'])
  t.equal(store.recordings.get('short'), undefined)
  t.same(store.recordings.spansOfOrder('o1').filter(({ room }) => room === 'src:short'), [], 'who heard it is forgotten with it')
  await pass(20)
  t.same(removed.slice(2), ['long'])
  await pass(4000)
  t.same(removed.slice(3), [])
  store.recordings.hold('held', null)
  await pass(0)
  t.same(removed.slice(3), ['held'])
  const { items } = store.auditLog.list({ after: null, limit: 100 }, {})
  t.same(items.map(({ method, route, targetIds }) => [method, route, [...targetIds].sort()]), [['TRIM', 'recordings by retention', ['inherited', 'short']], ['TRIM', 'recordings by retention', ['long']], ['TRIM', 'recordings by retention', ['held']]])
  t.same(errors, [])
})

t.test('over the quota the oldest go, emergencies last, and when nothing may go it is said', async (t) => {
  const { store, keeper, removed, full, put } = setUp(t, { recordingKeepDays: 0, recordingQuotaBytes: 250 })
  put('old-emergency', 9, [], { class: 'emergency' })
  put('old-held', 8, [])
  put('old', 7, [])
  put('new', 6, [])
  put('open', 5, [], { isOpen: true })
  store.recordings.hold('old-held', { atMs: 0, by: 't', name: 'T', reason: 'x' })
  await keeper.look()
  t.same(removed, ['old', 'new', 'old-emergency'])
  t.same(full, [false])
  t.equal(store.recordings.usage().bytes, 200)
  put('held-too', 4, [])
  store.recordings.hold('held-too', { atMs: 0, by: 't', name: 'T', reason: 'x' })
  await keeper.look()
  t.same(full, [false, true])
  store.recordings.hold('old-held', null)
  await keeper.look()
  t.same([removed.at(-1), full.at(-1)], ['old-held', false], 'and when there is room again')
  t.same(store.auditLog.list({ after: null, limit: 1 }, {}).items[0]!.route, 'recordings by quota')
})

t.test('what is kept for ever by many is not in the way of what is not', async (t) => {
  const { store, keeper, removed, put } = setUp(t)
  store.recordings.putKeepDays('xb', 0)
  store.transaction(() => { for (let index = 0; index < 600; index += 1) put(`k${String(index)}`, 100 - index / 1000, ['xb']) })
  put('gone', 20, ['xa'])
  for (let look = 0; look < 3; look += 1) await keeper.look()
  t.same(removed, ['gone'])
})

t.test('it looks each minute', async (t) => {
  const { clock, store, keeper, removed, put } = setUp(t)
  keeper.start()
  await new Promise(setImmediate)
  put('x', 11, [])
  clock.advance(60_000)
  await new Promise(setImmediate)
  t.same(removed, ['x'])
  t.equal(store.recordings.usage().recordings, 0)
  keeper.close()
  put('y', 11, [])
  clock.advance(600_000)
  await new Promise(setImmediate)
  t.same(removed, ['x'])
})

t.test('the longest of those who heard it counts', async () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 }), fc.integer({ min: 0, max: 5 }), (days, otherwise) => {
    const until = keptUntilMs({ untilMs: 0 }, days.map(String), (unitId) => (unitId === null ? otherwise : Number(unitId)))
    const all = days.length === 0 ? [otherwise] : days
    return all.includes(0) ? until === Infinity : all.every((one) => until >= one * DAY_MS) && all.some((one) => until === one * DAY_MS)
  }))
  fc.assert(fc.property(fc.array(fc.option(fc.nat(9), { nil: undefined }), { minLength: 1, maxLength: 6 }), fc.nat(9), (own, otherwise) => {
    const lineage = own.map((_, index) => String(index))
    const map = new Map(own.flatMap((days, index): [string, number][] => (days === undefined ? [] : [[String(index), days]])))
    return keepDaysOf(lineage, map, otherwise) === (own.find((days) => days !== undefined) ?? otherwise)
  }))
})

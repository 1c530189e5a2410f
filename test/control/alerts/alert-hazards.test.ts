import t from 'tap'
import type { AlertCaller, AlertRequest } from '../../../control/alerts/alert-request.ts'
import type { ClipRecord, OrderRecord } from '../../../control/ports.ts'
import { Rights } from '../../../control/rights.ts'
import { addCluster, addUnit, buildDesk, person } from '../../support/alert-desk.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const AN = person('An')
const BINH = person('Bình')

const PLAIN = { kind: 'real', hazard: 'flood', level: 3, title: 'Lũ', targets: { units: ['x'] } } as const
const request = (more: Partial<AlertRequest> = {}): AlertRequest => ({ ...PLAIN, parts: [{ language: 'vi', text: 'Nước lên.' }], lifeMs: 3 * HOUR_MS, ...more })

function built(errors: unknown[] = []) {
  const made = buildDesk(undefined, undefined, { onError: (error) => { errors.push(error) } })
  addUnit(made.store, 'p', null)
  addUnit(made.store, 'x', 'p')
  addUnit(made.store, 'y', 'p')
  for (const id of ['c1', 'c2']) addCluster(made.store, id, 'x')
  addCluster(made.store, 'd1', 'y')
  made.desk.start()
  // From then on it looks who came late.
  made.clock.advance(MINUTE_MS)
  return { ...made, errors }
}

const officerOf = (unitId: string, store: ReturnType<typeof built>['store']): AlertCaller => ({ ...AN, rights: new Rights([{ role: 'emergency-officer', unitId }], (id) => store.units.ancestors(id)) })
const soundingOf = (orders: readonly OrderRecord[], nowMs: number): OrderRecord[] => orders.filter(({ stoppedAtMs, startsAtMs, endsAtMs }) => stoppedAtMs === null && startsAtMs <= nowMs && nowMs < endsAtMs)

t.test('a repetition that is kept is told, whatever fails beside it', async (t) => {
  const { desk, store, broadcast, clock, errors } = built()
  const { id } = await desk.prepare(request({ lifeMs: 10 * HOUR_MS, repeat: { times: 3, everyHours: 1 } }), AN)
  desk.confirm(id, AN)
  const reached = store.alerts.reached.bind(store.alerts)
  Object.assign(store.alerts, { reached: () => { throw new Error('the disk is full') } })
  clock.advance(1000)
  Object.assign(store.alerts, { reached })
  t.match(errors, [{ message: 'the disk is full' }])
  const told = new Set(broadcast.orders.map((order) => order.id))
  const kept = store.orders.ofAlert(id)
  t.ok(kept.length > 5)
  t.same(kept.filter((order) => !told.has(order.id)), [])
  desk.close()
})

t.test('whom an order could not be kept for is not thought to have heard it', async (t) => {
  const { desk, store, broadcast, clock, errors } = built()
  const { id } = await desk.prepare(request(), AN)
  desk.confirm(id, AN)
  clock.advance(5 * MINUTE_MS)
  const insert = store.orders.insert.bind(store.orders)
  Object.assign(store.orders, { insert: () => { throw new Error('the disk is full') } })
  broadcast.emit({ type: 'join', connections: [broadcast.connect('c1', 'native', clock.wallMs())] })
  clock.advance(1000)
  t.ok(errors.length > 0)
  Object.assign(store.orders, { insert })
  clock.advance(2 * MINUTE_MS)
  t.equal(store.orders.ofAlert(id).filter(({ targets }) => targets.clusters.includes('c1')).length, 1, 'it is given when there is room again')
  t.same(store.alerts.reached(id), ['c1'])
  desk.close()
})

t.test('a clock that is set back brings no cancelled alert to life', async (t) => {
  const { desk, store, clock } = built()
  const { id } = await desk.prepare(request({ lifeMs: 10 * HOUR_MS, repeat: { times: 3, everyHours: 1 } }), AN)
  desk.confirm(id, AN)
  await desk.cancel(id, {}, AN)
  clock.stepWall(-MINUTE_MS)
  clock.advance(1000)
  t.same(store.orders.ofAlert(id).filter(({ stoppedAtMs }) => stoppedAtMs === null), [])
  desk.close()
})

t.test('a clip, source or template of a sister unit is none for who has no right there', async (t) => {
  const { desk, store } = built()
  const clip = (id: string, unitId: string | null): ClipRecord => store.clips.insert({ id, name: id, unitId, path: `/${id}`, durationMs: 1000, durationSamples: 48_000, loudnessLufs: -20, sizeBytes: 1, createdAtMs: 0 })
  clip('ky', 'y')
  clip('kp', 'p')
  store.sources.insert({ id: 's1', kind: 'tone', name: 's1', unitId: 'y', fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 })
  const officer = officerOf('x', store)
  const tried = (more: Partial<AlertRequest>) => desk.prepare(request(more), officer)
  await t.rejects(tried({ parts: [{ language: 'vi', clipId: 'ky' }] }), { code: 'LOA_ERR_UNKNOWN_ID' })
  await t.rejects(tried({ cancelClipId: 'ky' }), { code: 'LOA_ERR_UNKNOWN_ID' })
  await t.rejects(tried({ kind: 'exercise', frameClipId: 'ky' }), { code: 'LOA_ERR_UNKNOWN_ID' })
  await t.rejects(desk.prepare({ ...PLAIN, sourceId: 's1' }, officer), { code: 'LOA_ERR_UNKNOWN_ID' })
  const template = { hazard: 'flood', level: 3, title: 'Lũ', text: 'Nước lên.', voice: 'north', recordings: [{ language: 'hmn', clipId: 'ky' }], repeat: { times: 1, everyHours: null }, lifeMs: HOUR_MS, createdAtMs: 0, changedAtMs: 0 } as const
  store.alertTemplates.insert({ ...template, id: 'xy', unitId: 'y' })
  store.alertTemplates.insert({ ...template, id: 'xp', unitId: 'p' })
  await t.rejects(desk.prepare({ ...PLAIN, templateId: 'xy' }, officer), { code: 'LOA_ERR_UNKNOWN_ID' })
  t.match(await desk.prepare({ ...PLAIN, templateId: 'xp' }, officer), { parts: [{}, { clipId: 'ky' }] }, 'a template of the unit above is for use, whatever it is made of')
  const { id } = await tried({ parts: [{ language: 'vi', clipId: 'kp' }] })
  desk.confirm(id, officer)
  await t.rejects(desk.correct(id, { parts: [{ language: 'vi', clipId: 'ky' }] }, officer), { code: 'LOA_ERR_UNKNOWN_ID' })
  desk.close()
})

t.test('no test or exercise takes the place of what is real', async (t) => {
  const { desk, store } = built()
  addCluster(store, 'c9', 'x', 'planned')
  const { id } = await desk.prepare(request(), AN)
  desk.confirm(id, AN)
  await t.rejects(desk.prepare(request({ kind: 'test', targets: { clusters: ['c9'] }, replaces: id }), AN), { code: 'LOA_ERR_INVALID' })
  await t.rejects(desk.prepare(request({ kind: 'exercise', replaces: id }), AN), { code: 'LOA_ERR_INVALID' })
  t.match(await desk.prepare(request({ replaces: id }), AN), { purpose: 'update' })
  desk.close()
})

t.test('a test can be cancelled when one of its clusters has come into use', async (t) => {
  const { desk, store } = built()
  addCluster(store, 'c8', 'x', 'planned')
  addCluster(store, 'c9', 'x', 'planned')
  const { id } = await desk.prepare(request({ kind: 'test', targets: { clusters: ['c8', 'c9'] } }), AN)
  desk.confirm(id, AN)
  store.clusters.update('c8', { state: 'active' })
  t.match(await desk.cancel(id, {}, AN), { closed: { state: 'cancelled' } })
  t.ok(store.orders.ofAlert(id).every(({ stoppedAtMs }) => stoppedAtMs !== null))
  desk.close()
})

t.test('nothing sounds while other words for a cancellation are spoken; when they cannot be, it says what was made ready', async (t) => {
  const { desk, store, clock, speech, errors } = built()
  const { id } = await desk.prepare(request(), AN)
  desk.confirm(id, AN)
  clock.advance(1000)
  let fail = (_error: Error): void => undefined
  speech.speak = () => new Promise((_resolve, reject) => { fail = reject })
  await t.rejects(desk.cancel(id, { parts: [{ language: 'hmn', text: 'Không đọc được.' }] }, AN), { code: 'LOA_ERR_INVALID' })
  t.equal(soundingOf(store.orders.ofAlert(id), clock.wallMs()).length, 1, 'what makes no sense changes nothing')
  const cancelled = desk.cancel(id, { parts: [{ language: 'vi', text: 'Chúng tôi báo nhầm.' }] }, AN)
  await new Promise(setImmediate)
  t.same(soundingOf(store.orders.ofAlert(id), clock.wallMs()), [])
  fail(Object.assign(new Error('no voice'), { code: 'SPEECH_ERR_FAILED' }))
  const { closed, replacedBy } = await cancelled
  t.match(closed, { state: 'cancelled' })
  t.match(store.alerts.get(replacedBy!)?.parts, [{ text: /Nội dung Lũ, phát trước đó, nay đã được hủy/ }])
  t.equal(soundingOf(store.orders.ofAlert(replacedBy!), clock.wallMs()).length, 1)
  t.match(errors, [{ code: 'LOA_ERR_NO_SPEECH' }])
  desk.close()
})

t.test('who has heard an alert hears that it is cancelled, wherever the cluster belongs now', async (t) => {
  const { desk, store, broadcast } = built()
  const { id } = await desk.prepare(request(), AN)
  desk.confirm(id, AN)
  const { id: correctionId } = await desk.correct(id, { parts: [{ language: 'vi', text: 'Nước rút.' }] }, AN)
  store.clusters.move(['c2'], 'y', 1)
  const { replacedBy } = await desk.cancel(correctionId, {}, AN)
  t.same([...broadcast.clustersOf(store.alerts.get(replacedBy!)!.targets)].sort(), ['c1', 'c2'])
  desk.close()
})

t.test('how many persons are needed follows from how many clusters are meant when it is confirmed', async (t) => {
  const { desk, store } = built()
  store.alertRules.put({ unitId: 'p', twoPersons: [{ kinds: ['real'], level: 1, clusters: 3 }], waitMs: 10 * MINUTE_MS, breakGlass: true })
  const { id } = await desk.prepare(request(), AN)
  addCluster(store, 'c3', 'x')
  t.match(desk.confirm(id, AN), { persons: 2, onAirFromMs: null })
  t.match(desk.approve(id, BINH), { onAirFromMs: Number })
  desk.close()
})

t.test('an exercise that is confirmed at its end gives no order that ends before it begins', async (t) => {
  const { desk, store, clock } = built()
  store.sources.insert({ id: 's1', kind: 'tone', name: 's1', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 })
  const { id } = await desk.prepare({ ...PLAIN, kind: 'exercise', sourceId: 's1', expiresAtMs: clock.wallMs() + 2 * MINUTE_MS }, AN)
  clock.advance(MINUTE_MS + 50_000)
  desk.confirm(id, AN)
  t.ok(store.orders.ofAlert(id).every(({ startsAtMs, endsAtMs }) => startsAtMs < endsAtMs))
  desk.close()
})

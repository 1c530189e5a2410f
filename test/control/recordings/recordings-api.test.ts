import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { OpusFileReader } from '../../../codec/index.ts'
import { hashSecret } from '../../../control/ids.ts'
import { readRange } from '../../../control/recordings/send-sound.ts'
import { buildControl, START_MS, type Harness } from '../../support/build-control.ts'
import { framePacket, putRecording, recordingSpan } from '../../support/recording.ts'

const SECOND = 48_000
const FRAME = 960

interface World extends Harness {
  readonly folder: string
  /** The API as somebody who may look in this unit only. */
  as(unitId: string, method: 'GET' | 'DELETE', url: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer; body: Record<string, unknown> }>
}

/**
 * One relay on air for two communes, of which the first heard seconds 0 to 4 and the second 3 to 10 of the recording; an emergency of the first, with its tone, and a
 * source that was recorded in two files with a hole between.
 */
async function setUp(t: Test): Promise<World> {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { store } = h
  for (const [id, parentId] of [['tinh', null], ['xa', 'tinh'], ['xb', 'tinh']] as const) store.units.insert({ id, code: id, name: id, parentId, presentationDelayMs: null, createdAtMs: 0 })
  store.sources.insert({ id: 's', kind: 'tone', name: 'x', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 })
  const folder = join(h.dataDir, 'recordings')
  putRecording(store.recordings, folder, { id: 'relay', room: 'src:vov', kind: 'relay', mode: 'low', format: 'opus-16', sourceId: 'vov', untilSamples: 10 * SECOND, fromMs: START_MS, untilMs: START_MS + 10_000, gaps: [{ fromSamples: SECOND, untilSamples: SECOND + 2 * FRAME }] })
  store.recordings.putSpan(recordingSpan('src:vov', 'o-a', 'xa', 0, 4 * SECOND))
  store.recordings.putSpan(recordingSpan('src:vov', 'o-b', 'xb', 3 * SECOND, 10 * SECOND))

  const order = store.orders.insert({ id: 'o-e', class: 'emergency', title: 'Lũ về', sourceId: 's', clipIds: null, targets: { units: ['xa'], clusters: [], tags: [] }, startsAtMs: START_MS, endsAtMs: START_MS + 60_000, rank: 0, resume: 'skip', issuerUnitId: 'xa', field: null, attentionTone: true, createdAtMs: START_MS, createdBy: 't' })
  const at = 20 * SECOND
  const when = (samples: number): number => START_MS + samples / 48
  for (const [id, room, from, until] of [['tone', 'tone:attention@960000', at, at + SECOND], ['e1', 'src:s', at + SECOND, at + 3 * SECOND], ['e2', 'src:s', at + 4 * SECOND, at + 5 * SECOND]] as const) {
    putRecording(store.recordings, folder, { id, room, kind: id === 'tone' ? 'tone' : 'live', class: 'emergency', title: 'Lũ về', fromSamples: from, untilSamples: until, fromMs: when(from), untilMs: when(until) })
  }
  store.recordings.putSpan({ ...recordingSpan('tone:attention@960000', order.id, 'xa', at, at + SECOND), class: 'emergency' })
  store.recordings.putSpan({ ...recordingSpan('src:s', order.id, 'xa', at + SECOND, at + 5 * SECOND), class: 'emergency' })

  for (const unitId of ['tinh', 'xa', 'xb']) store.tokens.insert({ id: `t-${unitId}`, name: unitId, grants: [{ role: 'administrator', unitId }], hash: hashSecret(`secret-${unitId}`), createdAtMs: 0 })
  return {
    ...h,
    folder,
    async as(unitId, method, url, headers = {}) {
      const answer = await h.app.inject({ method, url, headers: { ...headers, authorization: `Bearer secret-${unitId}` } })
      return { status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload, body: String(answer.headers['content-type']).includes('json') ? answer.json<Record<string, unknown>>() : {} }
    },
  }
}

function framesOf(ogg: Buffer): number[] {
  const frames: number[] = []
  const reader = new OpusFileReader(({ frameIndex, packet }) => { if (packet.equals(framePacket(frameIndex))) frames.push(frameIndex) })
  reader.push(ogg)
  return frames
}
const from = (first: number, until: number): number[] => Array.from({ length: (until - first) / FRAME }, (_, index) => first / FRAME + index)
const ids = ({ body }: { body: Record<string, unknown> }): string[] => (body['items'] as { id: string }[]).map(({ id }) => id)

t.test('who sees a unit sees and hears what it heard, and nothing else', async (t) => {
  const w = await setUp(t)
  t.same(ids(await w.as('xa', 'GET', '/v1/recordings')), ['e2', 'e1', 'tone', 'relay'])
  t.same(ids(await w.as('xb', 'GET', '/v1/recordings')), ['relay'])
  t.same(ids(await w.as('tinh', 'GET', '/v1/recordings?unitId=xb')), ['relay'])
  t.same(ids(await w.as('tinh', 'GET', '/v1/recordings?orderId=o-e&limit=2')), ['e2', 'e1'])
  t.same(ids(await w.as('tinh', 'GET', '/v1/recordings?class=emergency&sourceId=vov')), [])
  t.same(ids(await w.as('tinh', 'GET', `/v1/recordings?from=${new Date(START_MS + 10_000).toISOString()}&to=${new Date(START_MS + 20_500).toISOString()}`)), ['tone'])
  t.equal((await w.as('xb', 'GET', '/v1/recordings/tone')).status, 404)
  t.equal((await w.as('xb', 'GET', '/v1/recordings/tone/audio')).status, 404)
  t.equal((await w.as('xb', 'GET', '/v1/orders/o-e/recording')).status, 404)

  t.same(framesOf((await w.as('xa', 'GET', '/v1/recordings/relay/audio')).bytes), from(0, 4 * SECOND))
  t.same(framesOf((await w.as('xb', 'GET', '/v1/recordings/relay/audio')).bytes), from(3 * SECOND, 10 * SECOND))
  t.same(framesOf((await w.as('xb', 'GET', '/v1/recordings/relay/audio?fromMs=0&toMs=3050')).bytes), from(3 * SECOND, 3 * SECOND + 3 * FRAME), 'cut at the edges of frames')
  t.equal((await w.as('xb', 'GET', '/v1/recordings/relay/audio?toMs=3000')).status, 404)
  const all = await w.as('tinh', 'GET', '/v1/recordings/relay/audio?download=true')
  t.same(framesOf(all.bytes), from(0, 10 * SECOND))
  t.equal(all.headers['content-disposition'], 'attachment; filename="Ban tin 2026-06-18 10.00.opus"; filename*=UTF-8\'\'B%E1%BA%A3n%20tin%202026-06-18%2010.00.opus', 'by the clocks of people')
  const { heard, gaps, missingMs } = (await w.as('xb', 'GET', '/v1/recordings/relay')).body
  t.match(heard, [{ orderId: 'o-b', unitId: 'xb', offsetMs: 3000, offsetSamples: 3 * SECOND, lengthMs: 7000, from: new Date(START_MS + 3000).toISOString() }])
  t.same([gaps, missingMs], [[{ offsetSamples: SECOND, offsetMs: 1000, lengthMs: 40 }], 40])
})

t.test('an order leads to its frames: the tone and what follows are one sound', async (t) => {
  const w = await setUp(t)
  const { body } = await w.call('GET', '/v1/orders/o-e/recording')
  t.match(body, { orderId: 'o-e', unitId: 'xa', missingMs: 1000, pieces: [
    { recordingId: 'tone', offsetSamples: 0, lengthMs: 1000 }, { recordingId: 'e1', offsetSamples: 0, lengthMs: 2000 }, { recordingId: 'e2', offsetMs: 0, lengthMs: 1000 }] })
  const at = 20 * SECOND
  t.same(framesOf((await w.as('xa', 'GET', '/v1/orders/o-e/recording/audio')).bytes), [...from(at, at + 3 * SECOND), ...from(at + 4 * SECOND, at + 5 * SECOND)])
  const [start, end] = [new Date(START_MS + 20_500).toISOString(), new Date(START_MS + 21_250).toISOString()]
  const part = await w.call('GET', `/v1/orders/o-e/recording?unitId=xa&from=${start}&to=${end}`)
  t.match(part.body, { from: start, until: new Date(START_MS + 21_260).toISOString(), pieces: [{ recordingId: 'tone', offsetMs: 500, lengthMs: 500 }, { recordingId: 'e1', offsetMs: 0, lengthMs: 260 }] })
  t.equal((await w.call('GET', '/v1/orders/o-e/recording?unitId=xb')).status, 404)
  t.equal((await w.call('GET', '/v1/orders/o-e/recording?from=yesterday')).status, 400)
})

t.test('by range', async (t) => {
  const w = await setUp(t)
  for (const url of ['/v1/recordings/relay/audio', '/v1/recordings/relay/audio?fromMs=1000', '/v1/orders/o-e/recording/audio']) {
    const whole = await w.as('tinh', 'GET', url)
    const size = whole.bytes.length
    t.equal(whole.headers['content-length'], String(size))
    const parts = []
    for (let at = 0; at < size; at += 150) {
      const part = await w.as('tinh', 'GET', url, { 'range': `bytes=${String(at)}-${String(at + 149)}`, 'if-range': whole.headers['etag'] as string })
      t.same([part.status, part.headers['content-range']], [206, `bytes ${String(at)}-${String(Math.min(size, at + 150) - 1)}/${String(size)}`])
      parts.push(part.bytes)
    }
    t.ok(Buffer.concat(parts).equals(whole.bytes), url)
    t.ok((await w.as('tinh', 'GET', url, { range: 'bytes=-20' })).bytes.equals(whole.bytes.subarray(-20)))
    t.equal((await w.as('tinh', 'GET', url, { 'range': 'bytes=0-9', 'if-range': '"another"' })).status, 200, 'what has changed is sent anew')
    t.match(await w.as('tinh', 'GET', url, { range: `bytes=${String(size)}-` }), { status: 416, headers: { 'content-range': `bytes */${String(size)}` }, body: { code: 'LOA_ERR_RANGE' } })
  }
  t.equal(readRange('bytes=0-1,3-4', 10), undefined)
  t.same([readRange('bytes=2-', 10), readRange('bytes=-3', 10), readRange('bytes=8-99', 10), readRange('bytes=-99', 10)], [{ from: 2, until: 10 }, { from: 7, until: 10 }, { from: 8, until: 10 }, { from: 0, until: 10 }])
  t.same(['bytes=-', 'bytes=5-4', 'rows=1-2', '', undefined].map((header) => readRange(header, 10)), [undefined, undefined, undefined, undefined, undefined])
  t.throws(() => readRange('bytes=-0', 10), { code: 'LOA_ERR_RANGE' })
})

t.test('every listening stands in the audit log, once', async (t) => {
  const w = await setUp(t)
  const listened = (): string[][] => w.store.auditLog.list({ after: null, limit: 100 }, {}).items.filter(({ method }) => method === 'GET').map(({ route, tokenName, targetIds }) => [route, tokenName!, ...targetIds])
  await w.as('xa', 'GET', '/v1/recordings/relay/audio', { range: 'bytes=0-99' })
  await w.as('xa', 'GET', '/v1/recordings/relay/audio', { range: 'bytes=100-199' })
  await w.as('xb', 'GET', '/v1/recordings/relay/audio', { range: 'bytes=100-199' })
  t.same(listened(), [['/v1/recordings/:id/audio', 'xa', 'relay'], ['/v1/recordings/:id/audio', 'xb', 'relay']])
  w.clock.advance(11 * 60_000)
  await w.as('xa', 'GET', '/v1/recordings/relay/audio', { range: 'bytes=100-199' })
  await w.as('xa', 'GET', '/v1/orders/o-e/recording/audio')
  t.same(listened().slice(2), [['/v1/recordings/:id/audio', 'xa', 'relay'], ['/v1/orders/:id/recording/audio', 'xa', 'o-e', 'tone', 'e1', 'e2']])
})

t.test('a recording on hold stays; another goes with its file', async (t) => {
  const w = await setUp(t)
  const { headers } = await w.call('GET', '/v1/recordings/e1')
  const match = { 'if-match': headers['etag'] as string }
  t.match(await w.call('PUT', '/v1/recordings/e1/hold', { reason: 'Khiếu nại số 12' }, { headers: match }), { status: 200, body: { hold: { reason: 'Khiếu nại số 12', at: new Date(START_MS).toISOString() } } })
  t.match(await w.call('PUT', '/v1/recordings/e1/hold', { reason: 'x' }, { headers: match }), { status: 412 })
  t.match(await w.call('DELETE', '/v1/recordings/e1'), { status: 409, body: { code: 'LOA_ERR_IN_USE' } })
  t.match(await w.call('DELETE', '/v1/recordings/e1/hold'), { status: 200, body: { hold: null } })
  t.equal((await w.as('xa', 'DELETE', '/v1/recordings/relay')).status, 403, 'the other commune heard it too')
  t.equal((await w.as('tinh', 'DELETE', '/v1/recordings/relay')).status, 204)
  t.notOk(existsSync(join(w.folder, 'relay.opus')))
  t.equal((await w.as('tinh', 'GET', '/v1/recordings/relay')).status, 404)
  putRecording(w.store.recordings, w.folder, { id: 'now', room: 'src:s', isOpen: true })
  t.match(await w.call('DELETE', '/v1/recordings/now'), { status: 409 })
  t.equal((await w.call('GET', '/v1/recordings/e2/audio')).status, 200)
  const { items } = w.store.auditLog.list({ after: null, limit: 100 }, {})
  t.ok(items.some(({ method, route, tokenName, targetIds, status }) => method === 'DELETE' && route === '/v1/recordings/:id' && tokenName === 'tinh' && targetIds[0] === 'relay' && status === 204), 'who did it')
})

t.test('rules and use by unit', async (t) => {
  const w = await setUp(t)
  t.same((await w.call('GET', '/v1/units/xa/recording-rules')).body, { unitId: 'xa', own: { keepDays: null }, effective: { keepDays: 90 } })
  await w.call('PUT', '/v1/units/tinh/recording-rules', { keepDays: 365 })
  const { headers, body } = await w.call('GET', '/v1/units/xa/recording-rules')
  t.same(body, { unitId: 'xa', own: { keepDays: null }, effective: { keepDays: 365 } }, 'as the unit above')
  t.same((await w.call('PUT', '/v1/units/xa/recording-rules', { keepDays: 0 }, { headers: { 'if-match': headers['etag'] as string } })).body, { unitId: 'xa', own: { keepDays: 0 }, effective: { keepDays: 0 } })
  t.equal((await w.call('PUT', '/v1/units/xa/recording-rules', { keepDays: 1 }, { headers: { 'if-match': headers['etag'] as string } })).status, 412)
  t.equal((await w.call('PUT', '/v1/units/none/recording-rules', { keepDays: 1 })).status, 404)
  const { items } = (await w.call('GET', '/v1/recordings')).body as unknown as { items: { id: string; bytes: number }[] }
  const bytes = Object.fromEntries(items.map((item) => [item.id, item.bytes]))
  const usage = await w.as('xb', 'GET', '/v1/recordings/usage')
  t.same(usage.body['units'], [{ unitId: 'xb', recordings: 1, bytes: bytes['relay'], heldBytes: 0 }])
  t.match((await w.call('GET', '/v1/recordings/usage')).body, { recordings: 4, quotaBytes: null, units: [{ unitId: 'xa', recordings: 4 }, { unitId: 'xb' }] })
})

t.test('what is not there', async (t) => {
  const w = await setUp(t)
  t.match(await w.call('GET', '/v1/recordings/none'), { status: 404, body: { code: 'LOA_ERR_NOT_FOUND' } })
  t.equal((await w.call('GET', '/v1/recordings?cursor=x')).status, 400)
})

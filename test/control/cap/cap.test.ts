import t, { type Test } from 'tap'
import type { CapMessage } from '../../../control/cap/cap-message.ts'
import { capTime } from '../../../control/cap/cap-message.ts'
import { writeCap } from '../../../control/cap/cap-writer.ts'
import { buildControl, START_MS, TOKENS, type Answer, type Harness, type HarnessOptions } from '../../support/build-control.ts'
import { area, info, makeKeys, message, SAMPLES, signAs, signedMessage } from '../../support/cap-samples.ts'

const keys = makeKeys()

interface World extends Harness {
  readonly district: string
  readonly commune: string
  readonly other: string
  /** In the sample's polygon; the last two of the district's other commune, and elsewhere. */
  readonly clusters: readonly [inside: string, outside: string, elsewhere: string]
  readonly senderId: string
  post(xml: string, options?: { readonly token?: string; readonly type?: string }): Promise<Answer>
  /** Sends a message that is signed. */
  send(change?: Partial<CapMessage>): Promise<Answer>
}

async function world(t: Test, sender: object = {}, options: HarnessOptions = {}): Promise<World> {
  const h = await buildControl(options)
  t.teardown(() => h.close())
  const unit = async (code: string, parentId: string | null) => (await h.call('POST', '/v1/units', { code, name: `Đơn vị ${code}`, parentId })).body.id
  const cluster = async (unitId: string, code: string, lat: number) => (await h.call('POST', '/v1/clusters', { unitId, code, name: code, position: { lat, lon: 105.9 } })).body.id
  const province = await unit('35', null)
  const district = await unit('347', province)
  const commune = await unit('13285', district)
  const other = await unit('348', province)
  const clusters = [await cluster(commune, 'C1', 20.55), await cluster(commune, 'C2', 20.7), await cluster(other, 'C3', 20.56)] as const
  const made = await h.call('POST', '/v1/cap-senders', { name: 'Đài KTTV', sender: 'kttv@hanam.example', keys: [keys.pem], unitId: district, preAuthorisedUnitIds: [district], ...sender })
  t.equal(made.status, 201, JSON.stringify(made.body))

  async function post(xml: string, { token = TOKENS.admin, type = 'application/cap+xml' } = {}): Promise<Answer> {
    const response = await h.app.inject({ method: 'POST', url: '/v1/cap', headers: { authorization: `Bearer ${token}`, 'content-type': type }, payload: Buffer.from(xml) })
    return { status: response.statusCode, headers: response.headers, body: JSON.parse(response.body) as Answer['body'], text: response.body }
  }
  return { ...h, district, commune, other, clusters, senderId: made.body.id, post, send: (change = {}) => post(signedMessage(change, keys)) }
}

const reference = ({ sender, identifier, sent }: CapMessage) => ({ sender, identifier, sent })
const first = reference(message())
const alertOf = async (w: World, { body }: Answer): Promise<Answer> => w.call('GET', `/v1/alerts/${String(body['alertId'])}`)

t.test('a pre-authorised message about what is urgent is on the air without a hand, where it says and its sender may', async (t) => {
  const w = await world(t)
  const answer = await w.send()
  t.match(answer, { status: 201, body: { outcome: 'on-air', reason: 'aired', signature: 'valid', identifier: first.identifier, senderId: w.senderId, via: { kind: 'request', id: 't-admin' }, repeats: 0 } })
  t.equal(answer.headers['location'], `/v1/cap/${answer.body.id}`)
  t.match((await alertOf(w, answer)).body, { state: 'on-air', kind: 'real', hazard: 'flood', level: 4, title: 'Lũ khẩn cấp trên sông Đáy', issuer: w.district, clusters: { targeted: 1 }, confirmed: { kind: 'cap-sender', name: 'Đài KTTV' }, expiresAt: '2026-06-18T09:00:00.000Z' })
  t.same(w.speech.spoken[0], 'Lũ khẩn cấp trên sông Đáy. Mực nước tại Phủ Lý đã vượt báo động 3. Bà con ven sông di chuyển ngay lên nơi cao.')
  const [order] = (await w.call('GET', '/v1/orders')).body.items
  t.match(order, { class: 'emergency', state: 'on-air' })
  t.same(w.broadcast.clustersOf(w.store.orders.get(order!.id)!.targets), [w.clusters[0]], 'in the polygon and in the unit of the sender, nowhere else')
  t.match((await w.call('GET', '/v1/audit-log?limit=1000')).body.items.filter(({ method }) => method === 'CAP'), [{ tokenName: 'Đài KTTV', targetIds: [answer.body['alertId']] }])

  t.match(await w.send(), { status: 200, body: { id: answer.body.id, outcome: 'on-air', repeats: 1 } }, 'again: nothing more')
  t.equal((await w.call('GET', '/v1/orders')).body.items.length, 1)
  t.match(await w.post(writeCap(message())), { status: 201, body: { outcome: 'kept', reason: 'duplicate', signature: 'absent' } })
  t.match((await w.call('GET', '/v1/cap')).body.items.map(({ outcome }) => outcome), ['kept', 'on-air'])
  const xml = await w.call('GET', `/v1/cap/${answer.body.id}/xml`)
  t.match(xml.headers['content-type'], /application\/cap\+xml/)
  t.match(xml.text, /^<alert xmlns=.*<ds:SignatureValue>/s)
  t.same(w.capErrors, [])
})

t.test('everything else waits for a person, who finds it prepared', async (t) => {
  const w = await world(t)
  let number = 0
  const waits = async (change: Partial<CapMessage>, reason: string, alert: object = { state: 'prepared' }): Promise<void> => {
    number++
    const answer = await w.send({ identifier: `W${String(number)}`, ...change })
    t.match(answer, { status: 201, body: { outcome: 'waiting', reason } }, reason)
    t.match((await alertOf(w, answer)).body, alert, reason)
  }
  await waits({ infos: [info({ certainty: 'Possible' })] }, 'not-urgent')
  await waits({ scope: 'Restricted', restriction: 'nội bộ' }, 'restricted')
  await waits({ status: 'Exercise' }, 'exercise', { state: 'prepared', kind: 'exercise' })
  await waits({ infos: [info({ areas: [area({ polygons: [] })] })] }, 'no-area', { clusters: { targeted: 2 } })
})

t.test('geocodes, circles and polygons find clusters, and never beyond the unit of the sender', async (t) => {
  const w = await world(t, { geocodeNames: ['VN-DVHC'] })
  let number = 0
  const reaches = async (areas: Parameters<typeof area>[0][], expected: readonly string[] | 'nobody-there'): Promise<void> => {
    number++
    const answer = await w.send({ identifier: `G${String(number)}`, infos: [info({ areas: areas.map((one) => area({ polygons: [], ...one })) })] })
    if (expected === 'nobody-there') t.match(answer.body, { outcome: 'kept', reason: 'nobody-there', alertId: null })
    else t.same((await w.call('GET', `/v1/alerts/${String(answer.body['alertId'])}/clusters`)).body['clusterIds'], expected, JSON.stringify(areas))
  }
  const [inside, outside] = w.clusters
  const code = (value: string, valueName = 'VN-DVHC') => ({ geocodes: [{ valueName, value }] })
  await reaches([code('13285')], [inside, outside])
  await reaches([code('35')], [inside, outside])
  await reaches([code('348')], 'nobody-there')
  await reaches([{ circles: [{ lat: 20.55, lon: 105.9, radiusKm: 1 }] }], [inside])
  await reaches([{ circles: [{ lat: 20.55, lon: 105.9, radiusKm: 0 }] }], [inside])
  await reaches([{ circles: [{ lat: 10, lon: 105.9, radiusKm: 5 }] }], 'nobody-there')
  const square = area().polygons[0]!
  await reaches([{ polygons: [square, square] }], [inside], )
  await reaches([{ polygons: [square] }, { circles: [{ lat: 20.7, lon: 105.9, radiusKm: 1 }] }], [inside, outside])
  t.match((await w.send({ identifier: 'S', infos: [info({ areas: [area({ polygons: [], ...code('13285', 'SAME') })] })] })).body, { reason: 'no-area' }, 'another scheme of codes')
})

t.test('a sender speaks without a hand only where it was pre-authorised', async (t) => {
  const w = await world(t, { preAuthorisedUnitIds: [] })
  t.match((await w.send()).body, { outcome: 'waiting', reason: 'not-pre-authorised' })
  await w.call('PATCH', `/v1/cap-senders/${w.senderId}`, { preAuthorisedUnitIds: [w.commune] })
  t.match((await w.send({ identifier: 'B' })).body, { outcome: 'on-air' })
  const near = (await w.call('POST', '/v1/clusters', { unitId: w.district, code: 'C4', name: 'C4', position: { lat: 20.58, lon: 105.95 } })).body.id
  t.match((await w.send({ identifier: 'C' })).body, { outcome: 'waiting', reason: 'not-pre-authorised' }, 'one cluster of the area stands outside')
  await w.call('DELETE', `/v1/clusters/${near}`)
  t.match((await w.send({ identifier: 'D' })).body, { outcome: 'on-air' })
})

t.test('what is forged, unknown, of the future or over is not taken, and the sender is told', async (t) => {
  const w = await world(t)
  const signed = signedMessage({}, keys)
  t.match(await w.post(signed.replace('lên nơi cao', 'xuống sông')), { status: 422, body: { code: 'LOA_ERR_CAP_SIGNATURE', errors: [{ path: 'Signature' }] } })
  t.match(await w.post(signedMessage({}, makeKeys())), { status: 422, body: { code: 'LOA_ERR_CAP_SIGNATURE' } }, 'signed by somebody')
  t.match(await w.post(signedMessage({ sender: 'nobody@example' }, keys)), { status: 422, body: { code: 'LOA_ERR_CAP_SENDER' } })
  t.match(await w.send({ sent: capTime(START_MS + 121_000) }), { status: 422, body: { code: 'LOA_ERR_CAP', errors: [{ path: 'sent' }] } })
  t.match((await w.send({ identifier: 'old', infos: [info({ expires: capTime(START_MS) })] })).body, { outcome: 'kept', reason: 'expired' })
  t.match((await w.send({ identifier: 'test', status: 'Test' })).body, { outcome: 'kept', reason: 'test' })
  t.same((await w.call('GET', '/v1/alerts')).body.items, [])
  t.match((await w.call('GET', '/v1/cap?outcome=refused')).body.items.map(({ reason }) => reason), ['future', 'unknown-sender', 'bad-signature'], 'all is kept')
  t.match((await w.post(signed)).body, { outcome: 'on-air' }, 'and keeps the true one not out')

  await w.call('PATCH', `/v1/cap-senders/${w.senderId}`, { enabled: false })
  t.match(await w.send({ identifier: 'off' }), { status: 422, body: { code: 'LOA_ERR_CAP_SENDER' } })
  await w.call('PATCH', `/v1/cap-senders/${w.senderId}`, { enabled: true })
  t.match((await w.send({ identifier: 'off' })).body, { outcome: 'on-air' }, 'what was refused may come again')
})

t.test('documents that are none are refused with the element that is wrong, and only XML is taken', async (t) => {
  const w = await world(t)
  t.match(await w.post(writeCap(message()).replace('Actual', 'Real')), { status: 422, body: { code: 'LOA_ERR_CAP', errors: [{ path: 'status', messageVi: /phải là/ }] } })
  t.match(await w.post('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'), { status: 422, body: { code: 'LOA_ERR_CAP', detail: /DOCTYPE/ } })
  t.match(await w.post(''), { status: 422, body: { code: 'LOA_ERR_CAP' } })
  t.match(await w.post('x'.repeat(20 * 1024 * 1024)), { status: 413, body: { code: 'LOA_ERR_TOO_LARGE' } })
  t.match(await w.post('{}', { type: 'application/json' }), { status: 415 })
  for (const type of ['application/xml', 'text/xml; charset=utf-8']) t.match(await w.post(SAMPLES['cancelled']!, { type }), { status: 422, body: { code: 'LOA_ERR_CAP_SENDER' } }, type)
  t.equal((await w.app.inject({ method: 'POST', url: '/v1/units', headers: { authorization: `Bearer ${TOKENS.admin}`, 'content-type': 'application/xml' }, payload: '<a/>' })).statusCode, 415, 'elsewhere it is not')
  t.equal((await w.app.inject({ method: 'POST', url: '/v1/units', headers: { authorization: `Bearer ${TOKENS.admin}`, 'content-type': 'application/json' }, payload: `"${'x'.repeat(1024 * 1024)}"` })).statusCode, 413, 'nor are bodies so large')
})

t.test('whoever hands in a message must be one who may, for that sender', async (t) => {
  const w = await world(t)
  const token = async (role: string, unitId: string | null): Promise<string> => String((await w.call('POST', '/v1/tokens', { name: role, roles: [{ role, unitId }] })).body['token'])
  t.match(await w.post(signedMessage({}, keys), { token: TOKENS.viewer }), { status: 403 })
  t.match(await w.post(signedMessage({}, keys), { token: await token('cap-sender', w.commune) }), { status: 403, body: { code: 'LOA_ERR_FORBIDDEN', errors: [{ path: 'sender' }] } })
  t.match(await w.post(signedMessage({}, keys), { token: await token('cap-sender', w.district) }), { status: 201, body: { outcome: 'on-air' } })
})

t.test('an update takes the place of what is on the air, a cancel takes it off and says so', async (t) => {
  const w = await world(t)
  const before = await w.send()
  w.clock.advance(60_000)
  const update = message({ identifier: 'U1', sent: '2026-06-18T10:01:00+07:00', msgType: 'Update', references: [first], infos: [info({ headline: 'Lũ lên nhanh hơn' })] })
  const after = await w.post(signAs(writeCap(update), keys))
  t.match(after.body, { outcome: 'on-air' })
  t.match((await alertOf(w, before)).body, { state: 'ended', replacedBy: after.body['alertId'] })
  t.match((await alertOf(w, after)).body, { state: 'on-air', purpose: 'update', replaces: before.body['alertId'], title: 'Lũ lên nhanh hơn' })

  w.clock.advance(60_000)
  const cancel = { identifier: 'X1', sent: '2026-06-18T10:02:00+07:00', msgType: 'Cancel', references: [first, reference(update)], note: 'Báo nhầm', infos: [] } as const
  t.match(await w.post(writeCap(message(cancel))), { status: 201, body: { outcome: 'waiting', reason: 'cancel-by-hand', alertId: after.body['alertId'] } }, 'not signed: a person must do it')
  t.match((await alertOf(w, after)).body, { state: 'on-air' })
  t.match(await w.send(cancel), { status: 201, body: { outcome: 'cancelled', alertId: after.body['alertId'] } })
  const cancelled = await alertOf(w, after)
  t.match(cancelled.body, { state: 'cancelled', closed: { reason: /Báo nhầm/ } })
  t.match((await w.call('GET', `/v1/alerts/${String(cancelled.body['replacedBy'])}`)).body, { purpose: 'cancellation', state: 'on-air' })
  t.match((await w.send({ ...cancel, identifier: 'X2' })).body, { outcome: 'kept', reason: 'nothing-to-cancel' })
  t.same(w.capErrors, [])
})

t.test('of two updates that come at once one stays on the air', async (t) => {
  const w = await world(t)
  const old = await w.send()
  const update = (identifier: string, second: number): Partial<CapMessage> => ({ identifier, msgType: 'Update', sent: capTime(START_MS + second * 1000), references: [first] })
  let go = (): void => undefined
  w.fetcher.wait = new Promise((resolve) => { go = resolve })
  const infos = [info({ resources: [{ resourceDesc: 'x', mimeType: 'audio/mpeg', sizeBytes: null, uri: 'https://a.example/a.mp3', derefUri: null, digest: 'a'.repeat(40) }] })]
  const slow = w.send({ ...update('U2', 2), infos })
  while (w.fetcher.asked.length === 0) await new Promise((resolve) => { setImmediate(resolve) })
  const quick = await w.send(update('U1', 1))
  go()
  const updates = [quick, await slow]
  t.same(updates.map(({ body }) => body['outcome']), ['on-air', 'on-air'])
  const states = await Promise.all([old, ...updates].map(async (answer) => (await alertOf(w, answer)).body['state']))
  t.equal(states[0], 'ended')
  t.same(states.slice(1).sort(), ['ended', 'on-air'])
  t.equal((await w.call('GET', '/v1/orders')).body.items.filter(({ state }) => state === 'on-air').length, 1)
})

t.test('a cancel withdraws what waits, and keeps out what comes after it', async (t) => {
  const w = await world(t, { preAuthorisedUnitIds: [] })
  const waiting = await w.send()
  t.match((await w.send({ identifier: 'X', msgType: 'Cancel', references: [first], infos: [] })).body, { outcome: 'cancelled', alertId: waiting.body['alertId'] })
  t.match((await alertOf(w, waiting)).body, { state: 'refused' })
  const late = message({ identifier: 'LATE' })
  t.match((await w.send({ identifier: 'X3', msgType: 'Cancel', references: [reference(late)], infos: [] })).body, { outcome: 'kept', reason: 'nothing-to-cancel' })
  t.match((await w.post(signAs(writeCap(late), keys))).body, { outcome: 'kept', reason: 'cancelled-before' })
})

t.test('a cancel that comes while the alert is being made stops it', async (t) => {
  const w = await world(t)
  let go = (): void => undefined
  w.fetcher.wait = new Promise((resolve) => { go = resolve })
  const infos = [info({ resources: [{ resourceDesc: 'x', mimeType: 'audio/mpeg', sizeBytes: null, uri: 'https://a.example/a.mp3', derefUri: null, digest: 'a'.repeat(40) }] })]
  const alert = w.send({ infos })
  while (w.fetcher.asked.length === 0) await new Promise((resolve) => { setImmediate(resolve) })
  t.match(await w.send({ identifier: 'X', msgType: 'Cancel', references: [first], infos: [] }), { status: 201, body: { outcome: 'cancelled' } })
  go()
  t.match((await alert).body, { outcome: 'kept', reason: 'cancelled-before', alertId: null })
  t.same((await w.call('GET', '/v1/orders')).body.items, [])
})

t.test('a message that came unsigned and waits gives way when it comes signed', async (t) => {
  const w = await world(t)
  const unsigned = await w.post(writeCap(message()))
  t.match(unsigned.body, { outcome: 'waiting', reason: 'unsigned', signature: 'absent' })
  const signed = await w.send()
  t.match(signed.body, { outcome: 'on-air', signature: 'valid' })
  t.match((await alertOf(w, unsigned)).body, { state: 'refused' })
})

t.test('recordings are used where they can be had in time, are the right ones, and are sound', async (t) => {
  const w = await world(t)
  const sound = (text: string): Buffer => { const bytes = Buffer.alloc(96_000); bytes.write(text); return bytes }
  const sha1 = async (bytes: Buffer): Promise<string> => Buffer.from(await crypto.subtle.digest('SHA-1', bytes as Uint8Array<ArrayBuffer>)).toString('hex')
  const one = sound('một')
  w.fetcher.documents.set('https://a.example/1.mp3', { body: one })
  w.fetcher.documents.set('https://a.example/bad.mp3', { body: 'bad' })
  let number = 0
  const clipOf = async (resources: object[], more: Partial<CapMessage> = {}): Promise<{ readonly clip: string | null; readonly outcome: unknown }> => {
    number++
    const answer = await w.send({ identifier: `R${String(number)}`, infos: [info({ headline: `Tin ${String(number)}`, resources: resources.map((resource) => ({ resourceDesc: 'x', mimeType: 'audio/mpeg', sizeBytes: null, uri: null, derefUri: null, digest: null, ...resource })) })], ...more })
    const alert = w.store.alerts.get(String(answer.body['alertId']))!
    const spoken = w.speech.spoken.some((text) => text.startsWith(`Tin ${String(number)}.`))
    return { clip: spoken ? null : alert.parts[0]!.clipId, outcome: answer.body['outcome'] }
  }
  const embedded = await clipOf([{ derefUri: one.toString('base64') }])
  t.type(embedded.clip, 'string')
  t.same(await clipOf([{ uri: 'https://a.example/1.mp3', digest: await sha1(one) }]), embedded, 'the same sound, fetched')
  t.match(await clipOf([{ uri: 'https://a.example/1.mp3' }]), { clip: null, outcome: 'on-air' }, 'without a digest anybody could have put it there')
  t.match(await clipOf([{ uri: 'https://a.example/1.mp3', digest: await sha1(sound('hai')) }]), { clip: null, outcome: 'on-air' }, 'another sound')
  t.match(await clipOf([{ uri: 'https://a.example/bad.mp3', digest: await sha1(Buffer.from('bad')) }]), { clip: null, outcome: 'on-air' })
  t.match(await clipOf([{ uri: 'https://a.example/gone.mp3', digest: 'a'.repeat(40) }]), { clip: null, outcome: 'on-air' })
  t.match(await clipOf([{ uri: 'https://a.example/1.mp3', sizeBytes: 100_000_000, digest: await sha1(one) }]), { clip: null })
  t.match(await clipOf([{ mimeType: 'image/png', derefUri: one.toString('base64') }]), { clip: null })
  await w.call('PATCH', `/v1/cap-senders/${w.senderId}`, { mostPerHour: 100, preAuthorisedUnitIds: [] })
  t.same(await clipOf([{ uri: 'https://a.example/1.mp3' }]), { ...embedded, outcome: 'waiting' }, 'a person listens to it first')
  await w.call('PATCH', `/v1/cap-senders/${w.senderId}`, { preAuthorisedUnitIds: [w.district] })

  w.fetcher.wait = new Promise(() => undefined)
  const asked = w.fetcher.asked.length
  const late = clipOf([{ uri: 'https://a.example/1.mp3', digest: await sha1(one) }])
  while (w.fetcher.asked.length === asked) await new Promise((resolve) => { setImmediate(resolve) })
  w.clock.advance(1000)
  t.match(await late, { clip: null, outcome: 'on-air' }, 'after a second it is spoken')
})

t.test('several languages are said one after the other, Vietnamese first; what nobody can say is left out', async (t) => {
  const w = await world(t)
  const tay = Buffer.alloc(9600, 1).toString('base64')
  const recording = { resourceDesc: 'x', mimeType: 'audio/mpeg', sizeBytes: null, uri: null, derefUri: tay, digest: null }
  const answer = await w.send({ infos: [info({ language: 'en-US', headline: 'Flood' }), info({ language: 'tyz', headline: 'Noòng', resources: [recording] }), info()] })
  t.match((await alertOf(w, answer)).body, { languages: ['vi', 'tyz'], title: 'Lũ khẩn cấp trên sông Đáy' })
  t.match((await w.send({ identifier: 'E', infos: [info({ language: 'en-US' })] })).body, { outcome: 'waiting', reason: 'no-words', alertId: null })
})

t.test('when no voice can be had, a person is left to do it', async (t) => {
  const w = await world(t)
  w.speech.failure = 'SPEECH_ERR_MISSING'
  t.match((await w.send()).body, { outcome: 'waiting', reason: 'cannot-prepare', alertId: null })
  t.equal(w.capErrors.length, 1)
})

t.test('a sender that sends too much waits for a person, then is refused', async (t) => {
  const w = await world(t, { mostPerHour: 1 })
  t.match((await w.send({ identifier: '1' })).body, { outcome: 'on-air' })
  t.match((await w.send({ identifier: '2' })).body, { outcome: 'waiting', reason: 'too-many' })
  for (let number = 3; number <= 10; number++) await w.send({ identifier: String(number), status: 'Test' })
  t.match(await w.send({ identifier: '11' }), { status: 429, body: { code: 'LOA_ERR_TOO_MANY' } })
  t.match((await w.send({ identifier: 'X', msgType: 'Cancel', references: [{ ...first, identifier: '1' }], infos: [] })).body, { outcome: 'cancelled' }, 'but a cancel gets through')
  w.clock.advance(3_600_001)
  t.match((await w.send({ identifier: '12', sent: '2026-06-18T11:00:00+07:00' })).body, { outcome: 'on-air' })
})

t.test('what effective says is when it begins', async (t) => {
  const w = await world(t)
  const answer = await w.send({ infos: [info({ effective: '2026-06-18T12:00:00+07:00' })] })
  t.match(answer.body, { outcome: 'on-air' })
  t.match((await alertOf(w, answer)).body, { state: 'scheduled', startsAt: '2026-06-18T05:00:00.000Z' })
})

t.test('what a restart has interrupted is done after it', async (t) => {
  const w = await world(t)
  const answer = await w.send()
  const record = w.store.capMessages.get(answer.body.id)!
  w.store.capMessages.insert({ ...record, id: 'w-cut', identifier: 'CUT', outcome: 'working', reason: 'working', alertId: null, xml: signedMessage({ identifier: 'CUT' }, keys) })
  w.capDesk.start()
  await w.capDesk.settled()
  t.match((await w.call('GET', '/v1/cap/w-cut')).body, { outcome: 'on-air', reason: 'aired' })
  t.equal(w.store.capMessages.working().length, 0)
})

t.test('a server that ends lets what it is making of messages be made, for a while', async (t) => {
  const w = await world(t)
  const answer = await w.send()
  const record = w.store.capMessages.get(answer.body.id)!
  const resume = (id: string): void => {
    w.store.capMessages.insert({ ...record, id: `w-${id}`, identifier: id, outcome: 'working', reason: 'working', alertId: null, xml: signedMessage({ identifier: id }, keys) })
    w.capDesk.start()
  }
  resume('CUT')
  await w.capDesk.close(3000)
  t.equal(w.store.capMessages.get('w-CUT')?.outcome, 'on-air')
  resume('SLOW')
  const closing = w.capDesk.close(0)
  w.clock.advance(0)
  await closing
  t.equal(w.store.capMessages.get('w-SLOW')?.outcome, 'working', 'it is taken up at the next start')
  await w.capDesk.settled()
})

t.test('a person who has corrected or cancelled is not overruled', async (t) => {
  const w = await world(t)
  const { body: { alertId } } = await w.send()
  const corrected = await w.call('POST', `/v1/alerts/${String(alertId)}/correct`, { parts: [{ language: 'vi', text: 'Chỉ thôn Một.' }] })
  t.equal(corrected.status, 201)
  const update = await w.send({ identifier: 'U1', msgType: 'Update', references: [first] })
  t.match(update.body, { outcome: 'waiting', reason: 'overruled' })
  t.match((await w.call('GET', `/v1/alerts/${corrected.body.id}`)).body, { state: 'on-air' })
  t.match((await alertOf(w, update)).body, { state: 'prepared', replaces: corrected.body.id })
  await w.call('POST', `/v1/alerts/${corrected.body.id}/cancel`, {})
  t.match((await w.send({ identifier: 'U2', msgType: 'Update', references: [first] })).body, { outcome: 'waiting', reason: 'overruled' })
  t.match((await w.send({ identifier: 'NEW' })).body, { outcome: 'on-air' }, 'another matter')
})

t.test('a cancel goes through whatever its note says', async (t) => {
  const w = await world(t)
  const waiting = await w.send({ infos: [info({ certainty: 'Possible' })] })
  t.match((await w.send({ identifier: 'X', msgType: 'Cancel', references: [first], infos: [], note: 'dòng một\ndòng hai' })).body, { outcome: 'cancelled' })
  t.match((await alertOf(w, waiting)).body, { state: 'refused' })
})

t.test('what is over too soon to be said three times is said once', async (t) => {
  const w = await world(t)
  const spoken = await w.send()
  const { playMs } = (await alertOf(w, spoken)).body as unknown as { readonly playMs: number }
  const answer = await w.send({ identifier: 'SOON', infos: [info({ expires: capTime(START_MS + playMs - 1000) })] })
  t.match(answer.body, { outcome: 'on-air' })
  t.match((await alertOf(w, answer)).body, { repeat: { times: 1 } })
})

t.test('a sender whose unit has ended speaks for the one that took over, by a hand', async (t) => {
  const w = await world(t)
  t.equal((await w.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [w.commune], into: w.district }, { kind: 'merge', unitIds: [w.district], into: w.other }] })).status, 201)
  const answer = await w.send()
  t.match(answer.body, { outcome: 'waiting', reason: 'not-pre-authorised' })
  t.match((await alertOf(w, answer)).body, { state: 'prepared', issuer: w.other })
})

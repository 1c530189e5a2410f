import t, { type Test } from 'tap'
import { hashPassword } from '../../../control/password.ts'
import { BUDGET_PER_HOUR } from '../../../control/phone/pin-guard.ts'
import type { PhoneAnswer, PhoneCallRecord, PhoneQuestion } from '../../../control/ports.ts'
import { Rights } from '../../../control/rights.ts'
import { buildControl, type Harness } from '../../support/build-control.ts'
import { waitUntil } from '../../support/wait-until.ts'

const PIN = '604815'
const PASSWORD = 'bốn con mèo ngủ trưa'
/** Made once: it takes a while each time, and is meant to. */
const HASHES = { pin: await hashPassword(PIN), password: await hashPassword(PASSWORD) }

interface World extends Omit<Harness, 'call'> {
  readonly api: Harness['call']
  readonly number: string
  readonly userId: string
  call(id: string, callerId?: string, remoteAddress?: string): (question: PhoneQuestion) => Promise<PhoneAnswer>
  record(id: string): PhoneCallRecord
}

const identify = (number: string, pin = PIN): PhoneQuestion => ({ kind: 'identify', number, pin })

/** A commune with two clusters, a source for telephones, somebody who may call, and his keys: 1 normal, 2 a real emergency, 3 an exercise, 4 a template. */
async function world(t: Test): Promise<World> {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unit = (await h.call('POST', '/v1/units', { code: 'XA', name: 'Xã' })).body.id
  const sister = (await h.call('POST', '/v1/units', { code: 'XB', name: 'Xã bên' })).body.id
  for (const [code, unitId] of [['c1', unit], ['c2', unit], ['c3', sister]] as const) await h.call('POST', '/v1/clusters', { code, name: code, unitId })
  const sourceId = (await h.call('POST', '/v1/sources', { kind: 'phone', name: 'Điện thoại', unitId: unit })).body.id
  const user = (login: string, name: string): string => h.store.users.insert({ id: `p-${login}`, login, name, grants: [{ role: 'operator', unitId: unit }, { role: 'emergency-officer', unitId: unit }], passwordHash: HASHES.password, totpSecret: null, totpPending: null, totpUsedStep: 0, recoveryHashes: [], enabled: true, createdAtMs: 0 }).id
  const userId = user('lan', 'Nguyễn Thị Lan')
  user('binh', 'Trần Văn Bình')
  const { number } = h.store.phonePins.put({ userId, number: '4711', pinHash: HASHES.pin, unitId: unit, language: 'vi', needsCode: false, callerIds: [], changedAtMs: 0 })
  const live = { kind: 'live', sourceId }
  const key = async (body: object): Promise<void> => {
    const answer = await h.call('POST', '/v1/phone/keys', { unitId: unit, targets: { units: [unit] }, ...body })
    t.equal(answer.status, 201, answer.text)
  }
  await key({ key: '1', name: 'Toàn xã', class: 'normal', content: live })
  await key({ key: '2', name: 'Báo lũ', class: 'emergency', alert: { kind: 'real', hazard: 'flood', level: 4 }, content: live })
  await key({ key: '3', name: 'Tập chữa cháy', class: 'emergency', alert: { kind: 'exercise', hazard: 'fire', level: 2 }, content: live, onHangUp: 'keep' })
  await key({ key: '4', name: 'Báo cháy', class: 'emergency', alert: { kind: 'real' }, content: { kind: 'template', templateId: 'builtin-fire', slots: { place: 'thôn Đông', time: 'hiện nay' } } })
  await key({ key: '5', name: 'Xã bên', targets: { units: [sister] }, class: 'normal', content: live })
  h.broadcast.registryChanged()
  h.phone.desk.start()
  return {
    ...h, api: (...asked) => h.call(...asked), number, userId,
    call: (id, callerId = '0912', remoteAddress = '192.0.2.1') => {
      h.phone.desk.began({ id, callerId, remoteAddress, startedAtMs: h.clock.wallMs() })
      return (question) => h.phone.desk.ask(id, question)
    },
    record: (id) => h.store.phoneCalls.get(id)!,
  }
}

const orders = ({ store, clock }: World) => store.orders.unfinished(clock.wallMs())
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('a normal order: given in the name of the caller when it is started, stopped when the call ends', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  t.match(await ask(identify(w.number)), { kind: 'known', name: 'Nguyễn Thị Lan', keys: [{ key: '1' }, { key: '2' }, { key: '3' }, { key: '4' }, { key: '5' }] })
  t.match(await ask({ kind: 'choose', key: '1' }), { kind: 'chosen', summary: { name: 'Toàn xã', content: 'live', class: 'normal', alertKind: null, clusters: 2, online: 0 } })
  t.equal(orders(w).length, 0, 'nothing is on the air before it is confirmed')
  t.match(await ask({ kind: 'start' }), { kind: 'on-air', speakInMs: 0, air: { engine: 0 }, endsInMs: 1_800_000 })
  t.match(orders(w), [{ class: 'normal', createdBy: w.userId, title: 'Toàn xã' }])
  t.match((await w.call('call-2', '0913')(identify(w.number))).kind, 'known')
  t.match(await w.phone.desk.ask('call-2', { kind: 'choose', key: '1' }), { kind: 'refused', why: 'busy' }, 'one voice at a time')
  w.phone.desk.ended('call-1', 'the caller hung up')
  t.equal(orders(w).length, 0, 'at once')
  await settle()
  t.match(w.record('call-1'), { state: 'ended', userId: w.userId, keyName: 'Toàn xã', result: 'the caller hung up' })
  t.match(w.store.auditLog.list({ after: null, limit: 100 }, {}).items.filter(({ method }) => method === 'PHONE').map(({ route }) => route.split('/').at(-1)).toSorted(), ['end', 'identify', 'identify', 'start'])
})

t.test('an emergency is an alert: the tone goes before the voice, and hanging up ends it without a cancellation', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  await ask(identify(w.number))
  t.match(await ask({ kind: 'choose', key: '2' }), { kind: 'chosen', summary: { alertKind: 'real', level: 4 } })
  t.match(await ask({ kind: 'start' }), { kind: 'on-air', speakInMs: 3000 })
  const alertId = w.record('call-1').alertId!
  t.match([orders(w), (await w.api('GET', `/v1/alerts/${alertId}`)).body], [[{ class: 'emergency', attentionTone: true, createdBy: w.userId }], { state: 'on-air', kind: 'real' }])
  t.match(await ask({ kind: 'finish' }), { kind: 'done' })
  t.match([orders(w), w.store.alerts.get(alertId)?.closed?.state], [[], 'ended'])
})

t.test('a real emergency takes the line of what is less, and not of another', async (t) => {
  const w = await world(t)
  const first = w.call('call-1')
  await first(identify(w.number))
  await first({ kind: 'choose', key: '1' })
  await first({ kind: 'start' })
  const second = w.call('call-2')
  await second(identify(w.number))
  t.match(await second({ kind: 'choose', key: '3' }), { kind: 'refused', why: 'busy' }, 'an exercise does not')
  await second({ kind: 'choose', key: '2' })
  t.match(await second({ kind: 'start' }), { kind: 'on-air' })
  t.match(w.phone.notices, [{ callId: 'call-1', notice: { kind: 'over', why: 'taken-over' } }])
  t.match(orders(w), [{ class: 'emergency' }])
  const third = w.call('call-3')
  await third(identify(w.number))
  t.match(await third({ kind: 'choose', key: '2' }), { kind: 'refused', why: 'busy' })
})

t.test('into a source that also sounds where the caller has no right nobody speaks', async (t) => {
  const w = await world(t)
  const key = w.store.phoneKeys.of(w.store.phonePins.get(w.userId)!.unitId, w.userId).find((one) => one.key === '1')!
  const { sourceId } = key.content as Extract<typeof key.content, { kind: 'live' }>
  const sister = w.store.units.get((w.store.phoneKeys.of(key.unitId, w.userId).find((one) => one.key === '5')!).targets.units[0]!)!.id
  w.store.sources.replace({ ...w.store.sources.get(sourceId)!, unitId: null })
  const relay = (await w.api('POST', '/v1/sources', { kind: 'tone', name: 'Tiếp âm', frequencyHz: 1000, fallbackSourceId: sourceId })).body.id
  const ask = w.call('call-1')
  await ask(identify(w.number))
  for (const [name, order] of [
    ['of another unit, on the air', { sourceId }],
    ['before he has to end', { sourceId, startsAt: new Date(w.clock.wallMs() + 60_000).toISOString() }],
    ['as what another source falls back on', { sourceId: relay }],
  ] as const) {
    t.match(await ask({ kind: 'choose', key: '1' }), { kind: 'chosen' }, name)
    const given = await w.api('POST', '/v1/orders', { class: 'normal', title: 'Xã bên', targets: { units: [sister] }, issuer: sister, durationMs: 600_000, ...order })
    t.equal(given.status, 201, given.text)
    t.match(await ask({ kind: 'start' }), { kind: 'refused', why: 'busy' }, name)
    t.match(await ask({ kind: 'choose', key: '2' }), { kind: 'refused', why: 'busy' }, `${name}, also in an emergency`)
    await w.api('POST', `/v1/orders/${given.body.id}/stop`)
  }
  const own = await w.api('POST', '/v1/orders', { class: 'normal', title: 'Cùng xã', sourceId, targets: { units: [key.unitId] }, issuer: key.unitId, durationMs: 600_000 })
  t.equal(own.status, 201, own.text)
  t.match(await ask({ kind: 'choose', key: '1' }), { kind: 'chosen' }, 'in his own unit he may')
  t.match(await ask({ kind: 'start' }), { kind: 'on-air' })
})

t.test('the second person: waited for by name, then on the air; who hangs up before that withdraws', async (t) => {
  const w = await world(t)
  const unitId = w.store.phonePins.get(w.userId)!.unitId
  w.store.alertRules.put({ unitId, twoPersons: [{ kinds: ['real'], level: 1, clusters: 0 }], waitMs: 120_000, breakGlass: false })
  const ask = w.call('call-1')
  await ask(identify(w.number))
  await ask({ kind: 'choose', key: '2' })
  t.same(await ask({ kind: 'start' }), { kind: 'waits', names: ['Trần Văn Bình'], waitMs: 120_000 })
  t.same(orders(w), [])
  w.alerts.approve(w.record('call-1').alertId!, { kind: 'person', actorId: 'p-binh', credentialId: 'session', name: 'Trần Văn Bình', rights: new Rights([{ role: 'emergency-officer', unitId: null }], () => []) })
  t.match(w.phone.notices, [{ callId: 'call-1', notice: { kind: 'on-air', speakInMs: 3000 } }])
  w.phone.desk.ended('call-1', 'x')
  const again = w.call('call-2')
  await again(identify(w.number))
  await again({ kind: 'choose', key: '2' })
  await again({ kind: 'start' })
  w.phone.desk.ended('call-2', 'x')
  await settle()
  await settle()
  t.match(w.store.alerts.get(w.record('call-2').alertId!)?.closed?.state, 'cancelled')
})

t.test('a template speaks by itself: it goes on without the caller, and is taken back by him', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  await ask(identify(w.number))
  t.match(await ask({ kind: 'choose', key: '4' }), { kind: 'chosen', summary: { content: 'template', level: 4 } })
  t.match(await ask({ kind: 'start' }), { kind: 'on-air', air: null })
  t.match(await ask({ kind: 'cancel' }), { kind: 'done' })
  t.equal(w.store.alerts.get(w.record('call-1').alertId!)?.closed?.state, 'cancelled')
  const other = w.call('call-2')
  await other(identify(w.number))
  await other({ kind: 'choose', key: '4' })
  await other({ kind: 'start' })
  w.phone.desk.ended('call-2', 'x')
  await settle()
  t.equal(w.store.alerts.get(w.record('call-2').alertId!)?.closed, null)
})

t.test('an exercise says so before and after; where its key says so it outlives the call', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  await ask(identify(w.number))
  await ask({ kind: 'choose', key: '3' })
  const answer = await ask({ kind: 'start' })
  t.ok(answer.kind === 'on-air' && answer.speakInMs > 3000, 'the tone and «Đây là diễn tập»')
  w.phone.desk.ended('call-1', 'x')
  await settle()
  t.equal(orders(w).length, 3)
  const again = w.call('call-2')
  await again(identify(w.number))
  t.match(await again({ kind: 'choose', key: '3' }), { kind: 'chosen' })
  await again({ kind: 'start' })
  w.clock.advance(20_000)
  const before = orders(w).length
  await again({ kind: 'finish' })
  t.equal(orders(w).length, before - 2 + 1, 'what says that it was an exercise comes in place of what is left')
})

t.test('rights are those of the moment: of the person, the place, the unit', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  await ask(identify(w.number))
  t.match(await ask({ kind: 'choose', key: '5' }), { kind: 'refused', why: 'no-right' }, 'a sister unit')
  t.match(await ask({ kind: 'choose', key: '1' }), { kind: 'chosen' })
  const user = w.store.users.get(w.userId)!
  w.store.users.update(w.userId, { grants: [{ role: 'viewer', unitId: null }] })
  t.match(await ask({ kind: 'start' }), { kind: 'refused', why: 'no-right' })
  t.match(await w.call('call-2')(identify(w.number)), { kind: 'refused', why: 'no-right' })
  w.store.users.update(w.userId, { grants: user.grants, enabled: false })
  t.match(await ask({ kind: 'choose', key: '1' }), { kind: 'refused', why: 'no-right' })
  t.match(await w.call('call-3')(identify(w.number)), { kind: 'wrong' }, 'as if the PIN were wrong')
  t.same(orders(w), [])
})

t.test('three wrong PINs lock the call and the number, and raise an alarm without saying which', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  for (const kind of ['wrong', 'wrong', 'locked']) t.equal((await ask(identify(w.number, '999111'))).kind, kind)
  t.equal((await ask(identify(w.number))).kind, 'locked', 'also the right one')
  t.equal((await w.call('call-2', '0999')(identify(w.number))).kind, 'locked')
  w.alarms.desk.look()
  t.match(w.phone.desk.facts().locks, [{ what: 'number', id: w.number }, { what: 'line' }])
  t.notMatch(JSON.stringify([w.phone.desk.facts(), w.record('call-1'), w.store.auditLog.list({ after: null, limit: 100 }, {})]), /999111|604815/)
  w.clock.advance(16 * 60_000)
  t.equal((await w.call('call-3')(identify(w.number))).kind, 'known')
})

t.test('in a flood of wrong PINs strangers wait, whoever calls from his own number or by a switchboard does not', async (t) => {
  const w = await world(t)
  const settings = { pin: PIN, unitId: w.store.phonePins.get(w.userId)!.unitId, callerIds: ['+84 912 000 111'] }
  t.match(await w.api('PUT', `/v1/users/${w.userId}/phone-pin`, settings), { status: 200, body: { callerIds: ['0912000111'] } })
  t.match(await w.api('PUT', `/v1/users/${w.userId}/phone-pin`, { ...settings, callerIds: undefined }), { status: 200, body: { callerIds: ['0912000111'] } })
  // As many tries with real hashes would take seconds.
  for (let at = 0; at < BUDGET_PER_HOUR; at += 1) w.phone.guard.failed(String(at), { line: String(at), trust: 'none', isWithheld: false })
  t.match(await w.call('call-1', '"Lan" <sip:+84912000111@trunk>')(identify(w.number)), { kind: 'known' })
  t.match(await w.call('call-2', 'sip:201@pbx', '192.0.2.99')(identify(w.number)), { kind: 'known' })
  let answer: PhoneAnswer | undefined
  void w.call('call-3', '0999')(identify(w.number)).then((given) => { answer = given })
  await settle()
  t.equal(answer, undefined, 'he waits')
  w.clock.advance(1000)
  await waitUntil('he is looked at', () => answer !== undefined)
  t.match(answer, { kind: 'known' }, 'and is let in')
})

t.test('a new PIN ends the lock of its number', async (t) => {
  const w = await world(t)
  const ask = w.call('call-1')
  for (let at = 0; at < 3; at += 1) await ask(identify(w.number, '999111'))
  t.match(await w.call('call-2', '0998')(identify(w.number)), { kind: 'locked' })
  await w.api('PUT', `/v1/users/${w.userId}/phone-pin`, { pin: PIN, unitId: w.store.phonePins.get(w.userId)!.unitId })
  t.match(await w.call('call-3', '0998')(identify(w.number)), { kind: 'known' })
})

t.test('a code is owed where it is wanted', async (t) => {
  const w = await world(t)
  t.match(await w.api('PUT', `/v1/users/${w.userId}/phone-pin`, { pin: PIN, unitId: w.store.phonePins.get(w.userId)!.unitId, needsCode: true }), { status: 422 })
  w.store.phonePins.put({ ...w.store.phonePins.get(w.userId)!, needsCode: true })
  w.store.users.update(w.userId, { totpSecret: 'JBSWY3DPEHPK3PXP' })
  const ask = w.call('call-1')
  t.match(await ask({ kind: 'code', code: '123456' }), { kind: 'refused' }, 'not before the PIN')
  t.match(await ask(identify(w.number)), { kind: 'code-needed' })
  t.match(await ask({ kind: 'choose', key: '1' }), { kind: 'refused', why: 'no-right' }, 'the PIN alone opens nothing')
  t.match(await ask({ kind: 'code', code: '000000' }), { kind: 'wrong' })
  const { TOTP, Secret } = await import('otpauth')
  const code = new TOTP({ secret: Secret.fromBase32('JBSWY3DPEHPK3PXP') }).generate({ timestamp: w.clock.wallMs() })
  t.match(await ask({ kind: 'code', code }), { kind: 'known' })
  t.match(await w.call('call-2')(identify(w.number)), { kind: 'code-needed' })
  t.match(await w.phone.desk.ask('call-2', { kind: 'code', code }), { kind: 'wrong' }, 'each is taken once')
})

t.test('the process dies, or comes back without a call: what was on the air ends; a stopped order is told of', async (t) => {
  const w = await world(t)
  const start = async (id: string): Promise<void> => {
    const ask = w.call(id)
    await ask(identify(w.number))
    await ask({ kind: 'choose', key: '1' })
    t.match(await ask({ kind: 'start' }), { kind: 'on-air' }, id)
  }
  await start('call-1')
  w.phone.desk.gone()
  t.same(orders(w), [])
  await settle()
  await start('call-2')
  w.phone.desk.connected([])
  await settle()
  t.same([orders(w), w.record('call-2').result], [[], 'the telephone process lost the call'])
  w.phone.desk.connected(['call-2'])
  t.match(w.phone.notices.at(-1), { callId: 'call-2', notice: { kind: 'hang-up' } })
  await start('call-3')
  await w.api('POST', `/v1/orders/${w.record('call-3').orderId!}/stop`)
  w.clock.advance(1000)
  t.match(w.phone.notices.at(-1), { callId: 'call-3', notice: { kind: 'over', why: 'stopped' } })
  t.same(w.phone.errors, [])
})

t.test('what was handed over to a studio goes on without the caller, who is told', async (t) => {
  const w = await world(t)
  const studio = (await w.api('POST', '/v1/sources', { kind: 'tone', name: 'Phòng thu', frequencyHz: 440, levelDbfs: -20 })).body.id
  const start = async (id: string, key: string): Promise<string> => {
    const ask = w.call(id)
    await ask(identify(w.number))
    await ask({ kind: 'choose', key })
    t.match(await ask({ kind: 'start' }), { kind: 'on-air' }, id)
    const orderId = orders(w)[0]!.id
    t.equal((await w.api('POST', `/v1/orders/${orderId}/hand-over`, { sourceId: studio, crossfadeMs: 2000 })).status, 200)
    return orderId
  }
  const normal = await start('call-1', '1')
  w.clock.advance(1000)
  t.same(w.phone.notices, [], 'heard while it fades')
  w.clock.advance(2000)
  t.match(w.phone.notices, [{ callId: 'call-1', notice: { kind: 'over', why: 'handed-over' } }])
  w.phone.desk.ended('call-1', 'x')
  await settle()
  t.match(orders(w), [{ id: normal }])
  await w.api('POST', `/v1/orders/${normal}/stop`)

  const emergency = await start('call-2', '2')
  w.phone.desk.ended('call-2', 'hung up while it fades')
  await settle()
  t.match(orders(w), [{ id: emergency, class: 'emergency' }])
  t.equal(w.store.alerts.get(w.record('call-2').alertId!)?.closed ?? null, null, 'nor is the alert over')
  t.same(w.phone.errors, [])
})

t.test('PINs: by himself with his password, by an administrator, never readable, weak ones refused', async (t) => {
  const w = await world(t)
  const unitId = w.store.phonePins.get(w.userId)!.unitId
  const token = String((await w.api('POST', '/v1/sessions', { login: 'lan', password: PASSWORD, as: 'token' }, { as: null })).body['token'])
  const own = { as: null, headers: { authorization: `Bearer ${token}` } } as const
  const shown = await w.api('GET', '/v1/me/phone-pin', undefined, own)
  t.match(shown, { status: 200, body: { number: w.number } })
  t.notMatch(shown.text, /604815|argon|pin_?hash/i)
  t.match(await w.api('PUT', '/v1/me/phone-pin', { pin: '739264', unitId, password: 'sai' }, own), { status: 401 })
  t.match(await w.api('PUT', '/v1/me/phone-pin', { pin: '123456', unitId, password: PASSWORD }, own), { status: 422, body: { code: 'LOA_ERR_WEAK_PIN' } })
  t.match(await w.api('PUT', '/v1/me/phone-pin', { pin: '739264', unitId, language: 'en', password: PASSWORD }, own), { status: 200, body: { number: w.number, language: 'en' } })
  t.match((await w.call('call-1')(identify(w.number))).kind, 'wrong', 'the old one opens nothing')
  t.match(await w.phone.desk.ask('call-1', identify(w.number, '739264')), { kind: 'known', language: 'en' })
  const etag = (await w.api('GET', `/v1/users/${w.userId}/phone-pin`)).headers.etag as string
  t.match(await w.api('DELETE', `/v1/users/${w.userId}/phone-pin`, undefined, { headers: { 'if-match': '"other"' } }), { status: 412 })
  t.match(await w.api('DELETE', `/v1/users/${w.userId}/phone-pin`, undefined, { headers: { 'if-match': etag } }), { status: 204 })
  t.match(await w.api('GET', '/v1/me/phone-pin', undefined, own), { status: 404 })
})

t.test('keys: one of each for a unit and a person, checked when they are made, his own before the unit\'s', async (t) => {
  const w = await world(t)
  const [first] = (await w.api('GET', '/v1/phone/keys')).body.items
  const body = { unitId: first!['unitId'], key: '1', name: 'Khác', targets: { units: [first!['unitId']] }, class: 'normal', content: first!['content'] }
  t.match(await w.api('POST', '/v1/phone/keys', body), { status: 409, body: { code: 'LOA_ERR_KEY_TAKEN' } })
  t.match(await w.api('POST', '/v1/phone/keys', { ...body, userId: w.userId }), { status: 201 })
  t.match(await w.api('POST', '/v1/phone/keys', { ...body, key: '7', class: 'emergency' }), { status: 422 }, 'an emergency is an alert')
  t.match(await w.api('POST', '/v1/phone/keys', { ...body, key: '7', content: { kind: 'template', templateId: 'builtin-fire' } }), { status: 422 })
  const ask = w.call('call-1')
  await ask(identify(w.number))
  t.match(await ask({ kind: 'choose', key: '1' }), { summary: { name: 'Khác' } })
  const read = await w.api('GET', `/v1/phone/keys/${first!.id}`)
  t.match(await w.api('PUT', `/v1/phone/keys/${first!.id}`, { ...body, name: 'Đổi' }, { headers: { 'if-match': read.headers.etag as string } }), { status: 200, body: { name: 'Đổi' } })
  t.match(await w.api('PUT', `/v1/phone/keys/${first!.id}`, body, { headers: { 'if-match': read.headers.etag as string } }), { status: 412 })
  t.match(await w.api('DELETE', `/v1/phone/keys/${first!.id}`), { status: 204 })
  t.match(await w.api('GET', '/v1/phone/calls?live=true'), { status: 200, body: { items: [{ id: 'call-1', userName: 'Nguyễn Thị Lan', keyName: 'Khác' }] } })
  t.match(await w.api('POST', '/v1/phone/calls/call-1/hang-up'), { status: 202 })
  t.match(w.phone.notices.at(-1), { callId: 'call-1', notice: { kind: 'hang-up' } })
  t.match(await w.api('GET', '/v1/phone/calls/call-1/recording'), { status: 404 })
  t.match(await w.api('GET', '/v1/phone/lines'), { body: { configured: true, running: true } })
})

import { once } from 'node:events'
import type { LightMyRequestResponse } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { ensureAdminToken } from '../../control/index.ts'
import { hashSecret } from '../../control/ids.ts'
import type { AuditRecord, Grant } from '../../control/ports.ts'
import { buildControl, TOKENS, type Answer, type Harness, type HarnessOptions } from '../support/build-control.ts'
import { waitUntil } from '../support/wait-until.ts'

const PASSWORD = 'bốn con mèo ngủ trưa'
const OTHER = 'năm con vịt qua sông'
const EVERYWHERE: readonly Grant[] = [{ role: 'operator', unitId: null }]

interface House extends Harness {
  /** Makes a user. @returns his id */
  readonly user: (login: string, roles?: readonly Grant[]) => Promise<string>
  readonly login: (login: string, password?: string, more?: object, address?: string) => Promise<LightMyRequestResponse>
  /** Logs in. @returns what to send as Authorization */
  readonly bearer: (login: string) => Promise<Readonly<Record<string, string>>>
  readonly as: (headers: Readonly<Record<string, string>>, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object) => Promise<Answer>
}

async function house(t: Test, options: HarnessOptions = {}): Promise<House> {
  const h = await buildControl(options)
  t.teardown(() => h.close())
  const login: House['login'] = (login, password = PASSWORD, more = {}, address = '203.0.113.5') => h.app.inject({ method: 'POST', url: '/v1/sessions', payload: { login, password, ...more }, remoteAddress: address, headers: { 'user-agent': 'tap' } })
  return {
    ...h,
    login,
    user: async (name, roles = EVERYWHERE) => (await h.call('POST', '/v1/users', { login: name, name: `Người ${name}`, password: PASSWORD, roles })).body.id,
    bearer: async (name) => ({ authorization: `Bearer ${(await login(name, PASSWORD, { as: 'token' })).json<{ token: string }>().token}` }),
    as: (headers, method, url, body) => h.call(method, url, body, { as: null, headers }),
  }
}

const entries = (h: Harness): readonly AuditRecord[] => h.store.auditLog.list({ after: null, limit: 1000 }, {}).items

t.test('a user is made, logs in, acts under his own name, and logs out', async (t) => {
  const h = await house(t)
  const made = await h.call('POST', '/v1/users', { login: 'Lan.Anh', name: ' Nguyễn Lan Anh ', password: PASSWORD, roles: EVERYWHERE }, { headers: { 'idempotency-key': 'k' } })
  t.match(made, { status: 201, body: { login: 'lan.anh', name: 'Nguyễn Lan Anh', roles: EVERYWHERE, enabled: true, secondFactor: false }, headers: { location: `/v1/users/${made.body.id}` } })
  t.match(await h.call('POST', '/v1/users', { login: 'Lan.Anh', name: ' Nguyễn Lan Anh ', password: PASSWORD, roles: EVERYWHERE }, { headers: { 'idempotency-key': 'k' } }), { status: 201, body: { id: made.body.id } }, 'once for each key')
  t.match(await h.call('POST', '/v1/users', { login: 'LAN.ANH', name: 'x', password: PASSWORD, roles: EVERYWHERE }), { status: 409, body: { code: 'LOA_ERR_LOGIN_TAKEN' } })
  t.match(await h.call('POST', '/v1/users', { login: 'hoa', name: 'Hoa', password: 'matkhau123456', roles: EVERYWHERE }), { status: 422, body: { code: 'LOA_ERR_WEAK_PASSWORD', errors: [{ path: 'password' }] } })
  t.equal((await h.call('POST', '/v1/users', { login: 'hoa', name: 'Hoa', password: PASSWORD, roles: [] })).status, 422)

  const cookie = await h.login('LAN.anh')
  t.equal(cookie.statusCode, 201)
  t.match(cookie.headers['set-cookie'], /^loa_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/)
  t.notOk(cookie.body.includes('token'), 'no script sees it')
  const bearer = await h.bearer('lan.anh')
  t.match(await h.as(bearer, 'GET', '/v1/me'), { status: 200, body: { id: made.body.id, name: 'Nguyễn Lan Anh', kind: 'user', roles: EVERYWHERE, secondFactor: false, recoveryCodesLeft: 0 } })
  t.match(await h.call('GET', '/v1/me'), { body: { id: 't-admin', kind: 'token' } })
  t.match((await h.as(bearer, 'POST', '/v1/commands', { type: 'reboot', targets: { tags: ['x'] } })).body, { createdBy: made.body.id })
  t.match(entries(h).at(-1), { tokenId: made.body.id, tokenName: 'Nguyễn Lan Anh', route: '/v1/commands' })

  const sessions = await h.as(bearer, 'GET', '/v1/sessions')
  t.match(sessions.body.items, [{ userId: made.body.id, remoteAddress: '203.0.113.5', userAgent: 'tap', current: false, expiresAt: '2026-06-18T15:00:00.000Z' }, { current: true }])
  t.equal((await h.as(bearer, 'DELETE', '/v1/sessions/current')).status, 204)
  t.equal((await h.as(bearer, 'GET', '/v1/me')).status, 401)
  t.match((await h.call('GET', '/v1/sessions')).body.items, [{ userId: made.body.id }], 'an administrator sees it too')
  t.match(h.broadcast.calls.at(-1), 'credentials')

  const everything = entries(h).map((entry) => JSON.stringify(entry)).join() + (await h.call('GET', '/v1/users')).text + (await h.call('GET', `/v1/users/${made.body.id}`)).text + sessions.text
  const secret = bearer['authorization']!.slice('Bearer '.length)
  for (const hidden of [PASSWORD, 'argon2', secret, hashSecret(secret)]) t.notOk(everything.includes(hidden), hidden)
})

t.test('who is wrong learns nothing', async (t) => {
  const h = await house(t)
  const id = await h.user('lan')
  await h.user('hoa')
  await h.call('PATCH', `/v1/users/${await h.user('off')}`, { enabled: false })
  const answers = [await h.login('lan', 'wrong'), await h.login('nobody', 'wrong'), await h.login('off', PASSWORD), await h.login('', ''.padEnd(200, 'x')).then(() => h.login('x'.repeat(64), 'x'.repeat(200)))]
  const bare = answers.map((answer) => ({ status: answer.statusCode, body: { ...answer.json<object>(), requestId: '' }, headers: Object.keys(answer.headers).sort() }))
  for (const answer of bare) t.same(answer, bare[0])
  t.match(bare[0], { status: 401, body: { code: 'LOA_ERR_LOGIN' } })
  t.match(entries(h).filter(({ route, status }) => route === '/v1/sessions' && status === 401).map(({ targetIds, tokenId }) => [targetIds, tokenId]), [[[id], null], [[], null]], 'who was meant stands in the audit log')

  // The same work is done for who exists and who does not: some 35 ms of Argon2id. The quickest of alternating tries, and wide bounds, because machines are busy.
  const times = { lan: [] as number[], nobody: [] as number[] }
  for (let n = 0; n < 4; n++) {
    for (const login of ['lan', 'nobody'] as const) {
      const begun = performance.now()
      await h.login(login, 'wrong', {}, `198.51.100.${String(n)}`)
      times[login].push(performance.now() - begun)
    }
  }
  const [known, unknown] = [Math.min(...times.lan), Math.min(...times.nobody)]
  t.ok(known < unknown * 3 && unknown < known * 3, `${known.toFixed(1)} and ${unknown.toFixed(1)} ms`)
})

t.test('wrong tries wait; nobody is locked out by others', async (t) => {
  const h = await house(t)
  await h.user('officer', [{ role: 'emergency-officer', unitId: null }])
  for (let n = 0; n < 5; n++) t.equal((await h.login('officer', 'wrong')).statusCode, 401)
  const held = await h.login('officer')
  t.match(held, { statusCode: 429 }, 'not even the right password is looked at')
  t.match(held.headers, { 'retry-after': '1' })
  t.match(held.json(), { code: 'LOA_ERR_TOO_MANY' })
  t.equal((await h.login('officer', PASSWORD, {}, '203.0.113.99')).statusCode, 201, 'from elsewhere he gets in at once')
  h.clock.advance(1000)
  t.equal((await h.login('officer')).statusCode, 201)
  // At once, not one after the other.
  const flood = await Promise.all(Array.from({ length: 40 }, () => h.login('officer', 'wrong', {}, '198.51.100.1')))
  t.equal(flood.filter(({ statusCode }) => statusCode === 401).length, 5)
  t.equal(flood.filter(({ statusCode }) => statusCode === 429).length, 35)
  t.equal((await h.as({ authorization: `Bearer ${TOKENS.operator}` }, 'GET', '/v1/me')).status, 200, 'who is in stays in')
})

t.test('a cookie counts only for pages of this server', async (t) => {
  const h = await house(t)
  await h.user('lan')
  const cookie = String((await h.login('lan')).headers['set-cookie']).split(';', 1)[0]!
  const post = (headers: Readonly<Record<string, string>>): Promise<Answer> => h.as({ host: 'loa.example:8000', cookie, ...headers }, 'POST', '/v1/commands', { type: 'reboot', targets: { tags: ['x'] } })
  t.equal((await h.as({ cookie }, 'GET', '/v1/me')).status, 200)
  for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { origin: 'http://loa.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'cross-site', origin: 'http://loa.example:8000' }] as Readonly<Record<string, string>>[]) {
    t.match(await post(headers), { status: 403, body: { code: 'LOA_ERR_CROSS_SITE' } }, JSON.stringify(headers))
  }
  t.equal((await post({ origin: 'http://loa.example:8000' })).status, 202)
  t.equal((await post({ 'sec-fetch-site': 'same-origin' })).status, 202)
  t.equal((await h.as({ cookie: `other=1; ${cookie}; loa_sessions=x`, origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }, 'DELETE', '/v1/sessions/current')).status, 204)
  t.equal((await h.as({ cookie }, 'GET', '/v1/me')).status, 401)
  t.equal((await h.as({ cookie: 'loa_session=' }, 'GET', '/v1/me')).status, 401)

  const out = await h.app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers: { cookie: String((await h.login('lan')).headers['set-cookie']).split(';', 1)[0], 'sec-fetch-site': 'same-origin' } })
  t.match(out.headers['set-cookie'], /^loa_session=; .*Max-Age=0/)
})

t.test('behind a proxy that is trusted: the caller\'s address and TLS', async (t) => {
  const h = await house(t, { config: { trustedProxies: '10.0.0.1' } })
  await h.user('lan')
  const through = (remoteAddress: string) => h.app.inject({ method: 'POST', url: '/v1/sessions', payload: { login: 'lan', password: PASSWORD }, remoteAddress, headers: { 'x-forwarded-for': '192.0.2.77', 'x-forwarded-proto': 'https' } })
  const behind = await through('10.0.0.1')
  t.match(behind.headers['set-cookie'], /^__Host-loa_session=.*; Secure$/)
  t.match(h.store.sessions.get(behind.json<{ id: string }>().id), { remoteAddress: '192.0.2.77' })
  const other = await through('10.0.0.2')
  t.notMatch(other.headers['set-cookie'], /Secure/)
  t.match(h.store.sessions.get(other.json<{ id: string }>().id), { remoteAddress: '10.0.0.2' }, 'who is no proxy says nothing of others')
})

t.test('a changed password ends the other sessions, and so does an administrator', async (t) => {
  const h = await house(t)
  const id = await h.user('lan')
  const [mine, elsewhere] = [await h.bearer('lan'), await h.bearer('lan')]
  const isIn = async (headers: Readonly<Record<string, string>>): Promise<boolean> => (await h.as(headers, 'GET', '/v1/me')).status === 200
  t.match(await h.as(mine, 'POST', '/v1/me/password', { password: 'wrong', newPassword: OTHER }), { status: 401, body: { code: 'LOA_ERR_LOGIN' } })
  t.match(await h.as(mine, 'POST', '/v1/me/password', { password: PASSWORD, newPassword: 'nguoi lan 2026' }), { status: 422, body: { code: 'LOA_ERR_WEAK_PASSWORD', errors: [{ path: 'newPassword' }] } })
  t.equal((await h.as(mine, 'POST', '/v1/me/password', { password: PASSWORD, newPassword: OTHER })).status, 204)
  t.same([await isIn(mine), await isIn(elsewhere)], [true, false])
  t.equal((await h.login('lan')).statusCode, 401)
  t.equal((await h.login('lan', OTHER)).statusCode, 201)

  const shown = await h.call('GET', `/v1/users/${id}`)
  t.match(await h.call('PATCH', `/v1/users/${id}`, { password: PASSWORD }, { headers: { 'if-match': '"x"' } }), { status: 412 })
  t.equal(await isIn(mine), true, 'what was refused changed nothing')
  t.equal((await h.call('PATCH', `/v1/users/${id}`, { password: PASSWORD }, { headers: { 'if-match': String(shown.headers['etag']) } })).status, 200)
  t.equal(await isIn(mine), false)
  const again = await h.bearer('lan')
  t.match(await h.call('PATCH', `/v1/users/${id}`, { roles: [{ role: 'viewer', unitId: null }] }), { status: 200 })
  t.match(await h.as(again, 'POST', '/v1/commands', { type: 'reboot', targets: { tags: ['x'] } }), { status: 403 }, 'other roles count at once')
  t.equal(await isIn(again), true)
  await h.call('PATCH', `/v1/users/${id}`, { enabled: false })
  t.same([await isIn(again), (await h.login('lan')).statusCode], [false, 401])
  await h.call('PATCH', `/v1/users/${id}`, { enabled: true })
  t.equal(await isIn(again), false, 'what has ended does not come back')
  const last = await h.bearer('lan')
  t.equal((await h.call('DELETE', `/v1/users/${id}`)).status, 204)
  t.same([await isIn(last), (await h.call('GET', `/v1/users/${id}`)).status, (await h.call('DELETE', `/v1/users/${id}`)).status], [false, 404, 404])
})

t.test('sessions end by time, and one user has twenty at most', async (t) => {
  const h = await house(t)
  const id = await h.user('lan')
  const first = await h.bearer('lan')
  for (let n = 0; n < 19; n++) h.store.sessions.insert({ id: `l-${String(n)}`, userId: id, hash: `h${String(n)}`, remoteAddress: '', userAgent: '', createdAtMs: 0, expiresAtMs: h.clock.wallMs() + 12 * 3_600_000 })
  await h.bearer('lan')
  t.equal((await h.as(first, 'GET', '/v1/me')).status, 401, 'the oldest gives way')
  t.equal(h.store.sessions.ofUser(id).length, 20)
  const last = await h.bearer('lan')
  h.clock.advance(12 * 3_600_000 - 1)
  t.equal((await h.as(last, 'GET', '/v1/me')).status, 200)
  h.clock.advance(1)
  t.equal((await h.as(last, 'GET', '/v1/me')).status, 401)
  h.clock.advance(60_000)
  t.equal(h.store.sessions.ofUser(id).length, 0, 'and are forgotten')
  t.equal(h.broadcast.calls.at(-1), 'credentials')
})

t.test('a second factor: confirmed, taken once, recovered, given up', async (t) => {
  const h = await house(t)
  const id = await h.user('lan')
  const bearer = await h.bearer('lan')
  const me = (path: string, body: object): Promise<Answer> => h.as(bearer, 'POST', `/v1/me/second-factor${path}`, body)
  t.match(await me('/confirm', { code: '123456' }), { status: 401, body: { code: 'LOA_ERR_SECOND_FACTOR' } })
  t.equal((await me('', { password: 'wrong' })).status, 401)
  const given = await me('', { password: PASSWORD })
  t.match(given, { status: 201, body: { uri: /^otpauth:\/\/totp\/Loa:lan\?/ } })
  const totp = new TOTP({ secret: Secret.fromBase32(String(given.body['secret'])) })
  const code = (offsetMs = 0): string => totp.generate({ timestamp: h.clock.wallMs() + offsetMs })
  t.equal((await h.login('lan')).statusCode, 201, 'not before it is confirmed')
  const confirmed = await me('/confirm', { code: code() })
  const codes = confirmed.body['codes'] as string[]
  t.equal(new Set(codes).size, 10)

  t.match((await h.login('lan')).json(), { code: 'LOA_ERR_SECOND_FACTOR' })
  t.equal((await h.login('lan', PASSWORD, { code: code() })).statusCode, 401, 'the code that confirmed it is used up')
  h.clock.advance(30_000)
  t.match((await h.login('lan', 'wrong', { code: code() })).json(), { code: 'LOA_ERR_LOGIN' }, 'a right code with a wrong password says nothing')
  const twice = await Promise.all([h.login('lan', PASSWORD, { code: code() }), h.login('lan', PASSWORD, { code: code() })])
  t.same(twice.map(({ statusCode }) => statusCode).sort(), [201, 401], 'one code, one login')
  h.clock.advance(30_000)
  t.equal((await h.login('lan', PASSWORD, { code: code(-120_000) })).statusCode, 401)

  t.equal((await h.login('lan', PASSWORD, { code: ` ${codes[3]!.toUpperCase()} ` })).statusCode, 201, 'a recovery code opens')
  t.equal((await h.login('lan', PASSWORD, { code: codes[3] })).statusCode, 401, 'once')
  t.match((await h.as(bearer, 'GET', '/v1/me')).body, { secondFactor: true, recoveryCodesLeft: 9 })

  t.equal((await me('/remove', { password: PASSWORD })).status, 204)
  h.clock.advance(3_600_000)
  t.equal((await h.login('lan')).statusCode, 201)
  await me('', { password: PASSWORD })
  const again = new TOTP({ secret: Secret.fromBase32(h.store.users.get(id)?.totpPending ?? '') })
  await me('/confirm', { code: again.generate({ timestamp: h.clock.wallMs() }) })
  t.match(await h.call('PATCH', `/v1/users/${id}`, { secondFactor: false }), { status: 200, body: { secondFactor: false } }, 'an administrator takes it from who has lost it')
  t.equal((await h.call('PATCH', `/v1/users/${id}`, { secondFactor: true })).status, 422)
})

t.test('guessing codes waits like guessing passwords', async (t) => {
  const h = await house(t)
  const id = await h.user('lan')
  h.store.users.update(id, { totpSecret: new Secret({ size: 20 }).base32 })
  const statuses: number[] = []
  for (let n = 0; n < 7; n++) statuses.push((await h.login('lan', PASSWORD, { code: '000000' })).statusCode)
  t.same(statuses, [401, 401, 401, 401, 401, 429, 429])
})

t.test('open streams end with what they were opened with', async (t) => {
  const h = await house(t)
  const port = Number(new URL(await h.app.listen({ host: '127.0.0.1', port: 0 })).port)
  const lan = await h.user('lan')
  const hoa = await h.user('hoa')
  const watch = async (headers: Readonly<Record<string, string>>): Promise<{ readonly open: () => boolean; readonly code: () => number }> => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events`, { headers })
    let code = 0
    socket.on('close', (closed) => { code = closed })
    t.teardown(() => { socket.terminate() })
    await once(socket, 'open')
    return { open: () => code === 0, code: () => code }
  }
  const sessions = [await h.bearer('lan'), await h.bearer('lan'), await h.bearer('hoa')] as const
  const [first, second, other, token] = [await watch(sessions[0]), await watch(sessions[1]), await watch(sessions[2]), await watch({ authorization: `Bearer ${TOKENS.viewer}` })]
  await h.as(sessions[0], 'DELETE', '/v1/sessions/current')
  await waitUntil('the session that logged out is closed', () => !first.open())
  t.equal(first.code(), 1008)
  t.ok(second.open())
  await h.call('PATCH', `/v1/users/${lan}`, { roles: [{ role: 'viewer', unitId: null }] })
  await waitUntil('other roles, another stream', () => !second.open())
  await h.call('DELETE', `/v1/users/${hoa}`)
  await waitUntil('the user who is no more is gone', () => !other.open())
  t.ok(token.open(), 'nobody else is disturbed')

  const late = await watch(await h.bearer('lan'))
  h.clock.advance(12 * 3_600_000)
  await waitUntil('over by time', () => !late.open())

  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events`, { headers: { cookie: String((await h.login('lan')).headers['set-cookie']).split(';', 1)[0]!, origin: 'https://evil.example' } })
  const [error] = (await once(socket, 'error')) as [Error]
  t.match(error.message, /403/, 'no other site opens one with the cookie')
})

t.test('an administrator of one unit makes and ends people of that unit only', async (t) => {
  const h = await house(t)
  const [commune, sister] = [(await h.call('POST', '/v1/units', { code: 'A', name: 'A' })).body.id, (await h.call('POST', '/v1/units', { code: 'B', name: 'B' })).body.id]
  await h.user('boss', [{ role: 'administrator', unitId: commune }])
  const beside = await h.user('beside', [{ role: 'viewer', unitId: sister }])
  const half = await h.user('half', [{ role: 'viewer', unitId: commune }, { role: 'viewer', unitId: sister }])
  const boss = await h.bearer('boss')
  const session = (await h.login('beside')).json<{ id: string }>().id
  const make = (roles: readonly Grant[]): Promise<Answer> => h.as(boss, 'POST', '/v1/users', { login: 'mine', name: 'x', password: PASSWORD, roles })
  t.equal((await make([{ role: 'viewer', unitId: sister }])).status, 403)
  t.equal((await make([{ role: 'viewer', unitId: null }])).status, 403)
  const mine = await make([{ role: 'emergency-officer', unitId: commune }])
  t.equal(mine.status, 201)
  t.same((await h.as(boss, 'GET', '/v1/users')).body.items.map(({ login }) => login), ['boss', 'mine'])
  t.same((await h.as(boss, 'GET', '/v1/sessions')).body.items.map(({ current }) => current), [true])
  for (const url of [`/v1/users/${beside}`, `/v1/users/${half}`, `/v1/sessions/${session}`]) t.not((await h.as(boss, 'DELETE', url)).status, 204, url)
  t.match(await h.as(boss, 'PATCH', `/v1/users/${half}`, { password: OTHER }), { status: 404 }, 'nobody is taken over through the half that one administers')
  t.match(await h.as(boss, 'PATCH', `/v1/users/${mine.body.id}`, { roles: [{ role: 'administrator', unitId: null }] }), { status: 403 })
})

t.test('the last administrator stays, whether program or person', async (t) => {
  const h = await house(t)
  const id = await h.user('boss', [{ role: 'administrator', unitId: null }])
  t.equal((await h.call('DELETE', '/v1/tokens/t-admin')).status, 204, 'a person is enough')
  t.equal(ensureAdminToken(h.store, '', h.clock).printed, null, 'also at the next start')
  const boss = await h.bearer('boss')
  for (const change of [{ enabled: false }, { roles: [{ role: 'viewer', unitId: null }] }]) t.match(await h.as(boss, 'PATCH', `/v1/users/${id}`, change), { status: 409, body: { code: 'LOA_ERR_LAST_ADMIN' } })
  t.match(await h.as(boss, 'DELETE', `/v1/users/${id}`), { status: 409 })
  t.match(await h.as(boss, 'GET', `/v1/users/${id}`), { status: 200, body: { enabled: true, roles: [{ role: 'administrator', unitId: null }] } })
})

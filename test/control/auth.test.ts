import t from 'tap'
import { ensureAdminToken } from '../../control/auth.ts'
import { hashSecret, newId } from '../../control/ids.ts'
import { FailureLimiter } from '../../control/rate-limit.ts'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { buildControl, multipart, TOKENS } from '../support/build-control.ts'
import { FakeClock } from '../support/fake-clock.ts'

const PUBLIC = ['/', '/healthz', '/readyz', '/openapi.json', '/v1/setup', '/docs', '/docs/', '/docs/js/scalar.js', '/problems/:code', '/v1/alerts/{id}/cap', '/v1/cap/feed.atom', '/v1/cap/certificate.pem']

t.test('every route but the public ones wants a token', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const document = h.app.swagger() as unknown as { paths: Record<string, Record<string, unknown>> }
  let tried = 0
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of Object.keys(methods)) {
      const url = path.replace(/\{\w+\}/g, 'x')
      if (PUBLIC.includes(path) || (path === '/v1/sessions' && method === 'post')) continue
      if (path === '/metrics') continue // its own test below
      tried++
      const answer = await h.app.inject({ method: method.toUpperCase() as 'GET', url })
      t.equal(answer.statusCode, 401, `${method} ${path}`)
      t.match(answer.headers['www-authenticate'], /^Bearer/)
    }
  }
  t.ok(tried > 25, `${String(tried)} routes tried`)

  const { payload, headers } = multipart(Buffer.alloc(10))
  t.match(await h.call('POST', '/v1/clips', payload, { headers, as: 'viewer' }), { status: 403, body: { code: 'LOA_ERR_FORBIDDEN', detail: "this needs the right 'write', which is held nowhere", detailVi: "cần quyền 'write'; không có ở đơn vị nào" } })
})

t.test('a route that says not who may use it cannot be registered', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  for (const route of h.app.printRoutes({ commonPrefix: false }).split('\n')) t.notMatch(route, /forgotten/)
  const { installAuth } = await import('../../control/auth.ts')
  const { default: fastify } = await import('fastify')
  const app = fastify()
  installAuth(app, h, h.clock)
  t.throws(() => app.get('/forgotten', () => 'x'), /does not say who may use it/)
  await app.close()
})

t.test('wrong tokens are counted for each address, right ones never refused', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const knock = (authorization: string, remoteAddress = '198.51.100.7') => h.app.inject({ url: '/v1/units', headers: { authorization }, remoteAddress })
  for (const header of ['Bearer wrong', 'Basic YTpi', 'Bearer', 'Bearer a b', TOKENS.admin]) t.equal((await knock(header)).statusCode, 401, header)
  for (let n = 0; n < 15; n++) t.equal((await knock('Bearer wrong')).statusCode, 401)
  const limited = await knock('Bearer wrong')
  t.equal(limited.statusCode, 429)
  t.match(limited.headers, { 'retry-after': '60', 'content-type': /problem\+json/ })
  t.match(limited.json(), { code: 'LOA_ERR_TOO_MANY' })
  t.equal((await knock(`Bearer ${TOKENS.viewer}`)).statusCode, 200, 'the operator behind the same address gets through')
  t.equal((await knock('Bearer wrong', '198.51.100.8')).statusCode, 401, 'another address is counted by itself')
  h.clock.advance(60_000)
  t.equal((await knock('Bearer wrong')).statusCode, 401)
  t.equal((await knock(`bearer ${TOKENS.viewer}`)).statusCode, 200, 'the scheme in any case (RFC 9110 11.1)')
})

t.test('the limiter is bounded', (t) => {
  const limiter = new FailureLimiter(new FakeClock())
  for (let n = 0; n < 10_500; n++) limiter.fail(String(n))
  t.equal(limiter.size, 10_000)
  t.end()
})

t.test('a token in the query is taken only for events', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  t.match((await h.app.inject(`/v1/status?access_token=${TOKENS.admin}`)).statusCode, 401)
})

t.test('metrics: from this machine, or with a token', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const get = (remoteAddress: string, headers = {}) => h.app.inject({ url: '/metrics', remoteAddress, headers })
  const local = await get('127.0.0.1')
  t.equal(local.statusCode, 200)
  t.match(local.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(local.body, /loa_listeners\{format="mp3-64"\} 0/)
  t.equal((await get('::1')).statusCode, 200)
  t.equal((await get('::ffff:127.0.0.1')).statusCode, 200)
  t.equal((await get('192.0.2.1')).statusCode, 401)
  t.equal((await get('127.0.0.1', { 'x-forwarded-for': '192.0.2.1' })).statusCode, 401, 'a proxy here speaks for somebody elsewhere')
  t.equal((await get('192.0.2.1', { authorization: `Bearer ${TOKENS.viewer}` })).statusCode, 200)
})

t.test('tokens', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const made = await h.call('POST', '/v1/tokens', { name: 'Trực ban', roles: [{ role: 'operator', unitId: null }] })
  t.match(made, { status: 201, body: { name: 'Trực ban', roles: [{ role: 'operator', unitId: null }], token: /^[\w-]{43}$/ } })
  const use = () => h.app.inject({ url: '/v1/orders', headers: { authorization: `Bearer ${String(made.body['token'])}` } })
  t.equal((await use()).statusCode, 200)
  t.notMatch((await h.call('GET', '/v1/tokens')).text, new RegExp(`${String(made.body['token'])}|hash`, 'i'))
  t.equal((await h.call('DELETE', `/v1/tokens/${made.body.id}`)).status, 204)
  t.equal((await use()).statusCode, 401)
  t.equal((await h.call('DELETE', `/v1/tokens/${made.body.id}`)).status, 404)
  t.match(await h.call('DELETE', '/v1/tokens/t-admin'), { status: 409, body: { code: 'LOA_ERR_LAST_ADMIN' } })
  t.equal((await h.call('POST', '/v1/tokens', { name: 'a', roles: [{ role: 'root', unitId: null }] })).status, 422)
  t.match(await h.call('POST', '/v1/tokens', { name: 'a', roles: [{ role: 'viewer', unitId: null }, { role: 'viewer', unitId: 'u-none' }] }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'roles[1].unitId' }] } })
  const unit = await h.call('POST', '/v1/units', { code: 'X1', name: 'Xã Một' })
  const atUnit = { role: 'writer', unitId: unit.body.id }
  t.match(await h.call('POST', '/v1/tokens', { name: 'b', roles: [atUnit, atUnit] }), { status: 201, body: { roles: [atUnit] } }, 'each role once')
  await h.call('DELETE', `/v1/units/${unit.body.id}`)
  t.match((await h.call('GET', '/v1/tokens')).body.items.find(({ name }) => name === 'b'), { roles: [] }, 'what is held at a unit goes with it')
  t.same(h.broadcast.calls, ['credentials', 'credentials', 'registry', 'credentials', 'registry'])
})

t.test('the first start makes an administrator, and only the first', (t) => {
  const clock = new FakeClock()
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  const { printed } = ensureAdminToken(store, '', clock)
  t.match(printed, /^[\w-]{43}$/)
  t.match(store.tokens.byHash(hashSecret(printed ?? '')), { grants: [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }] })
  t.equal(ensureAdminToken(store, '', clock).printed, null)

  const configured = 'x'.repeat(32)
  t.equal(ensureAdminToken(store, configured, clock).printed, null)
  t.match(store.tokens.byHash(hashSecret(configured)), { grants: [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }] })
  t.equal(store.tokens.all().length, 2, 'the printed one stays')
  ensureAdminToken(store, 'y'.repeat(32), clock)
  t.equal(store.tokens.byHash(hashSecret(configured)), undefined, 'another configured token replaces the one before')
  ensureAdminToken(store, '', clock)
  t.equal(store.tokens.byHash(hashSecret('y'.repeat(32))), undefined, 'a token configured no more works no more')
  t.equal(store.tokens.all().length, 1)
  t.end()
})

t.test('with a configured token nothing is printed; when it goes, there is a new one', (t) => {
  const clock = new FakeClock()
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  t.equal(ensureAdminToken(store, 'x'.repeat(32), clock).printed, null)
  t.equal(ensureAdminToken(store, 'x'.repeat(32), clock).printed, null)
  t.equal(store.tokens.all().length, 1)
  t.match(ensureAdminToken(store, '', clock).printed, /^[\w-]{43}$/)
  t.end()
})

t.test('ids sort by age and never repeat', (t) => {
  const ids = Array.from({ length: 2000 }, (_, n) => newId('o', 1_780_000_000_000 + n))
  t.same([...ids].sort(), ids)
  t.equal(new Set(Array.from({ length: 10_000 }, () => newId('o', 5))).size, 10_000)
  t.match(ids[0], /^o-[0-9a-hjkmnp-tv-z]{22}$/)
  t.end()
})

t.test('a token ends when it was to, and tells when it was used last', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const endsAtMs = h.clock.wallMs() + 10_800_000
  const body = { name: 'Bảng điện tử', roles: [{ role: 'viewer', unitId: null }] }
  t.match(await h.call('POST', '/v1/tokens', { ...body, expiresAt: new Date(h.clock.wallMs()).toISOString() }), { status: 422, body: { errors: [{ path: 'expiresAt' }] } })
  const { body: made } = await h.call('POST', '/v1/tokens', { ...body, expiresAt: new Date(endsAtMs).toISOString() })
  const use = async () => (await h.app.inject({ url: '/v1/units', headers: { authorization: `Bearer ${String(made['token'])}` } })).statusCode
  const shown = async () => ((await h.call('GET', '/v1/tokens')).body['items'] as { id: string; expiresAt: string | null; lastUsedAt: string | null }[]).find(({ id }) => id === made['id'])
  t.match(await shown(), { expiresAt: new Date(endsAtMs).toISOString(), lastUsedAt: null })
  const usedAt = new Date(h.clock.wallMs()).toISOString()
  t.equal(await use(), 200)
  h.clock.advance(60_000)
  t.equal(await use(), 200)
  t.equal((await shown())?.lastUsedAt, usedAt, 'kept once an hour')
  h.clock.advance(3_600_000)
  t.equal(await use(), 200)
  t.not((await shown())?.lastUsedAt, usedAt)
  h.clock.advance(endsAtMs - h.clock.wallMs() - 1)
  Object.assign(h.store.tokens, { used: () => { throw new Error('the disk is full') } })
  t.equal(await use(), 200, 'a disk that takes nothing more keeps nobody out')
  h.clock.advance(1)
  t.equal(await use(), 401)
})

t.test('a token that ends does not administer', (t) => {
  const clock = new FakeClock()
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  store.tokens.insert({ id: newId('t', 0), name: 'x', grants: [{ role: 'administrator', unitId: null }], hash: hashSecret('x'), createdAtMs: 0, expiresAtMs: clock.wallMs() + 1000 })
  t.not(ensureAdminToken(store, '', clock).printed, null)
  t.end()
})

import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { PROBLEMS } from '../../control/problem.ts'
import { StoreError } from '../../control/ports.ts'
import { explainError } from '../../control/error-handler.ts'
import { buildControl, seed, TOKENS } from '../support/build-control.ts'

t.test('what is wrong with a request as such', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const send = (payload: string | undefined, contentType: string) => h.app.inject({ method: 'POST', url: '/v1/units', headers: { authorization: `Bearer ${TOKENS.admin}`, 'content-type': contentType }, ...(payload === undefined ? {} : { payload }) })
  t.match((await send('{"code":', 'application/json')).json(), { status: 400, code: 'LOA_ERR_BAD_JSON' })
  t.match((await send('{"__proto__": {"a": 1}}', 'application/json')).json(), { status: 400, code: 'LOA_ERR_BAD_JSON' })
  const half = [String.raw`\ud800`, String.raw`x\udc00`, String.raw`\ud83d b \n`, String.raw`\udc00\ud83d`, String.raw`\ud83d\ud83d\udca8`]
  for (const name of half) t.match((await send(`{"code":"H","name":"${name}"}`, 'application/json')).json(), { status: 400, code: 'LOA_ERR_BAD_JSON', detail: /surrogate/ }, name)
  const whole = [String.raw`\ud83d\udca8 a \ud83d\udca8`, String.raw`a\\ud800`, String.raw`\u00e9`]
  for (const [index, name] of whole.entries()) t.equal((await send(`{"code":"W${String(index)}","name":"${name}"}`, 'application/json')).statusCode, 201, name)
  t.match((await send('', 'application/json')).json(), { status: 422, code: 'LOA_ERR_INVALID', errors: [{ path: 'body' }] })
  t.match((await send('[]', 'application/json')).json(), { status: 422, code: 'LOA_ERR_INVALID' })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense']) t.match((await send('code=1', type)).json(), { status: 415, code: 'LOA_ERR_MEDIA_TYPE' }, type)
  t.match((await send(`{"name":"${'a'.repeat(1024 * 1024)}"}`, 'application/json')).json(), { status: 413, code: 'LOA_ERR_TOO_LARGE' })
  t.match((await send('{"code":"A","name":"B"}', 'application/json; charset=utf-8')).statusCode, 201)

  t.match(await h.call('GET', '/v1/nothing'), { status: 404, body: { code: 'LOA_ERR_NO_ROUTE', instance: '/v1/nothing' } })
  t.match(await h.call('GET', '/v1/units/'), { status: 404 })
  t.match(await h.call('DELETE', '/v1/orders/o-1'), { status: 405, headers: { allow: 'GET, HEAD' }, body: { code: 'LOA_ERR_METHOD' } })
  t.match((await h.app.inject({ method: 'PUT', url: '/v1/units?x=1' })), { statusCode: 405, headers: { allow: 'GET, HEAD, POST' } })
  t.match(await h.call('GET', `/v1/units/${'a'.repeat(300)}`), { status: 414, body: { code: 'LOA_ERR_URI_TOO_LONG' } })
  t.match((await h.app.inject('/v1/units/%E0%A4%A')), { statusCode: 400, headers: { 'content-type': /problem\+json/ } })
})

t.test('problems have the shape of RFC 9457, in both languages', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const answer = await h.call('POST', '/v1/units', {})
  t.match(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
  t.match(answer.body, { type: '/problems/LOA_ERR_INVALID', title: 'The body breaks the rules', titleVi: 'Nội dung không hợp lệ', status: 422, code: 'LOA_ERR_INVALID', detail: 'code is missing; name is missing', detailVi: 'code bị thiếu; name bị thiếu', instance: '/v1/units', requestId: /./ })

  for (const code of Object.keys(PROBLEMS)) {
    const page = await h.app.inject({ url: `/problems/${code}`, headers: { accept: 'text/html,*/*' } })
    t.match(page, { statusCode: 200, headers: { 'content-type': /text\/html/ } })
    t.ok(page.body.includes(PROBLEMS[code as keyof typeof PROBLEMS].helpVi), code)
    t.match((await h.app.inject(`/problems/${code}`)).json(), { code, help: /./, helpVi: /./ })
  }
  t.equal((await h.app.inject('/problems/LOA_ERR_NONSENSE')).statusCode, 404)
  t.equal((await h.app.inject('/problems/constructor')).statusCode, 404)
})

t.test('errors map to problems by their code', (t) => {
  for (const [error, code] of [
    [new StoreError('STORE_ERR_FULL', ''), 'LOA_ERR_DISK_FULL'],
    [new StoreError('STORE_ERR_IO', ''), 'LOA_ERR_DISK_FULL'],
    [new StoreError('STORE_ERR_BUSY', ''), 'LOA_ERR_BUSY'],
    [new StoreError('STORE_ERR_REFERENCE', ''), 'LOA_ERR_IN_USE'],
    [new StoreError('STORE_ERR_CONFLICT', '', 'units.code'), 'LOA_ERR_CODE_TAKEN'],
    [new StoreError('STORE_ERR_CONFLICT', '', 'orders.id'), 'LOA_ERR_INTERNAL'],
    [new StoreError('STORE_ERR_INTERNAL', ''), 'LOA_ERR_INTERNAL'],
    [Object.assign(new Error(''), { code: 'ENOSPC' }), 'LOA_ERR_DISK_FULL'],
    [Object.assign(new Error(''), { statusCode: 418 }), 'LOA_ERR_BAD_REQUEST'],
    [Object.assign(new Error(''), { statusCode: 503 }), 'LOA_ERR_INTERNAL'],
    [new TypeError('x is not a function'), 'LOA_ERR_INTERNAL'],
    ['a thrown text', 'LOA_ERR_INTERNAL'],
  ] as const) t.equal(explainError(error).code, code)
  t.notMatch(explainError(new TypeError('x is not a function')).detail, /function/, 'nothing of our inside is told')
  t.end()
})

t.test('health and readiness', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  t.match(await h.call('GET', '/healthz', undefined, { as: null }), { status: 200, body: { status: 'ok' } })
  t.match(await h.call('GET', '/readyz', undefined, { as: null }), { status: 200, body: { ready: true, problems: [] } })
  h.broadcast.problems = ['engine 0 is not connected']
  t.match(await h.call('GET', '/readyz', undefined, { as: null }), { status: 503, body: { ready: false, problems: ['engine 0 is not connected'] } })
  t.equal((await h.call('GET', '/healthz', undefined, { as: null })).status, 200)
})

t.test('status', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, sourceId } = await seed(h)
  await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2', enabled: false })
  h.broadcast.connect(clusterId, 'http')
  const order = { class: 'normal', title: 'a', sourceId, targets: { units: [unitId] }, durationMs: 60_000 }
  await h.call('POST', '/v1/orders', order)
  await h.call('POST', '/v1/orders', { ...order, startsAt: '2026-06-18T04:00:00Z' })
  h.clock.advance(1000)
  t.match((await h.call('GET', '/v1/status')).body, {
    version: '0.0.0-test', startedAt: '2026-06-18T03:00:00.000Z', now: '2026-06-18T03:00:01.000Z', ready: true, clusters: { total: 2, enabled: 1, online: 1 }, orders: { onAir: 1, scheduled: 1 },
    connections: { total: 1, byFormat: { 'mp3-64': 1 } }, lastCut: { orderId: 'o-1', elapsedMs: 8.5 }, processes: [{ role: 'fan-out', pid: 4711 }], watchers: { open: 0, cutTotal: 0 },
  })
})

t.test('pages of other origins: none, or those listed', async (t) => {
  const closed = await buildControl()
  t.teardown(() => closed.close())
  const none = await closed.app.inject({ url: '/healthz', headers: { origin: 'https://console.example.vn' } })
  t.equal(none.headers['access-control-allow-origin'], undefined)

  const h = await buildControl({ config: { corsOrigins: 'https://console.example.vn, http://localhost:5173/' } })
  t.teardown(() => h.close())
  const from = (origin: string, method: 'GET' | 'OPTIONS' = 'GET') => h.app.inject({ method, url: '/v1/units', headers: { origin, ...(method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : { authorization: `Bearer ${TOKENS.viewer}` }) } })
  t.match((await from('https://console.example.vn')).headers, { 'access-control-allow-origin': 'https://console.example.vn', vary: 'Origin' })
  t.match((await from('http://localhost:5173')).headers, { 'access-control-allow-origin': 'http://localhost:5173' })
  t.equal((await from('https://evil.example')).headers['access-control-allow-origin'], undefined)
  t.match(await from('https://console.example.vn', 'OPTIONS'), { statusCode: 204, headers: { 'access-control-allow-headers': /Idempotency-Key/, 'access-control-allow-methods': /PATCH/ } }, 'asked before the real request, without a token')
  t.equal((await from('https://evil.example', 'OPTIONS')).statusCode, 405)
  const refused = await h.app.inject({ url: '/v1/units', headers: { origin: 'https://console.example.vn' } })
  t.match(refused, { statusCode: 401, headers: { 'access-control-allow-origin': 'https://console.example.vn' } }, 'a problem can be read by the page, too')
})

t.test('the pages stand on their own, without internet', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const home = await h.app.inject('/')
  t.match(home, { statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' } })
  t.match(home.body, /href="\/docs\/"/)
  const docs = await h.app.inject('/docs/')
  t.equal(docs.statusCode, 200)
  t.match(docs.headers['content-security-policy'], /default-src 'self'/)
  const outside = [...docs.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '').filter((url) => /^(?:https?:)?\/\//.test(url))
  t.same(outside, [])
  t.match(docs.body, /"mcp":\s*\{\s*"disabled":\s*true/)
  t.match(docs.body, /"agent":\s*\{\s*"disabled":\s*true/)
  const [script] = /src="([^"]+)"/.exec(docs.body)?.slice(1) ?? []
  t.equal((await h.app.inject(new URL(script ?? '', 'http://x/docs/').pathname)).statusCode, 200)
  t.match((await h.app.inject('/openapi.json')).json(), { openapi: '3.1.0', info: { title: 'Loa' } })
})

t.test('the log names requests without what is secret in them', async (t) => {
  let lines = ''
  const logger = pino({ level: 'debug' }, new Writable({ write(chunk: Buffer, _encoding, done) { lines += chunk.toString(); done() } }))
  const h = await buildControl({ logger })
  t.teardown(() => h.close())
  await h.call('GET', `/v1/status?x=geheim&access_token=${TOKENS.admin}`)
  h.broadcast.metrics = () => Promise.reject(new Error('engine lost'))
  t.equal((await h.call('GET', '/metrics')).status, 500)
  t.match(lines, /"path":"\/v1\/status","status":200/)
  t.match(lines, /engine lost/, 'faults of ours are told in full')
  t.notMatch(lines, /geheim|token-for-tests/)
})

t.test('garbage and slow clients at the port', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { port } = new URL(await h.app.listen({ host: '127.0.0.1', port: 0 }))
  const speak = async (text: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    let answer = ''
    socket.on('data', (chunk: Buffer) => { answer += chunk.toString() })
    socket.end(text)
    await new Promise((resolve) => socket.once('close', resolve))
    return answer
  }
  t.match(await speak('\x16\x03\x01\x02\x00 not http\r\n\r\n'), /^HTTP\/1\.1 400 /)
  t.match(await speak('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'), /^HTTP\/1\.1 200 /, 'an offer of another protocol is passed over')
  t.match(await speak('GET /v1/units HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n'), /^HTTP\/1\.1 401 /)
  const tooMuch = await speak(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`)
  t.match(tooMuch, /^HTTP\/1\.1 431 |^$/)
  t.equal(h.app.server.headersTimeout, 15_000)
  t.equal(h.app.server.requestTimeout, 600_000)
  t.equal((await h.call('GET', '/healthz')).status, 200)
})

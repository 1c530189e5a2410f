import t, { type Test } from 'tap'
import { buildControl, type Harness } from '../../support/build-control.ts'

async function build(t: Test, allowPrivateWebhooks = false): Promise<Harness> {
  const h = await buildControl({ config: { allowPrivateWebhooks } })
  t.teardown(() => h.close())
  h.store.units.insert({ id: 'u', code: 'u', name: 'u', parentId: null, presentationDelayMs: null, createdAtMs: 0 })
  h.alarms.outbox.start()
  return h
}

const HOOK = { name: 'Trực', kind: 'webhook', url: 'https://ops.example.vn/loa?token=abc' }

t.test('the key of a webhook is shown when it is made and when it is changed, and never else', async (t) => {
  const h = await build(t)
  const made = await h.call('POST', '/v1/notification-channels', { ...HOOK, unitId: 'u' }, { headers: { 'idempotency-key': 'k1' } })
  t.equal(made.status, 201)
  const secret = String(made.body['secret'])
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  t.same((await h.call('POST', '/v1/notification-channels', { ...HOOK, unitId: 'u' }, { headers: { 'idempotency-key': 'k1' } })).body, made.body, 'done once')
  const { id } = made.body
  const shown = await h.call('GET', `/v1/notification-channels/${id}`)
  t.match(shown.body, { url: 'https://ops.example.vn/loa?token=***', enabled: true, usable: true, pending: 0, lastError: null, minSeverity: 'warning', rules: null, level: 0 })
  t.notMatch(shown.text + (await h.call('GET', '/v1/notification-channels')).text, secret)
  const rotated = await h.call('POST', `/v1/notification-channels/${id}/rotate-secret`)
  t.not(rotated.body['secret'], secret)
  const target = h.store.notifications.channel(id)!.target
  t.same(target.kind === 'webhook' && target.keys.map((key) => key.secret), [rotated.body['secret'], secret])

  const changed = await h.call('PATCH', `/v1/notification-channels/${id}`, { url: 'https://ops.example.vn/loa?token=***', minSeverity: 'critical', rules: ['disk'] }, { headers: { 'if-match': String((await h.call('GET', `/v1/notification-channels/${id}`)).headers['etag']) } })
  t.match(changed.body, { minSeverity: 'critical', rules: ['disk'] })
  t.match(h.store.notifications.channel(id), { target: { url: 'https://ops.example.vn/loa?token=abc' } }, 'a URL that comes back as it was shown keeps its credentials')
  t.match(await h.call('PATCH', `/v1/notification-channels/${id}`, { level: 1 }, { headers: { 'if-match': '"old"' } }), { status: 412 })
  t.match(await h.call('DELETE', `/v1/notification-channels/${id}`), { status: 204 })
  t.match(await h.call('GET', `/v1/notification-channels/${id}`), { status: 404 })
})

t.test('what cannot be sent to is refused when it is typed', async (t) => {
  const h = await build(t)
  const refused = async (body: object): Promise<unknown> => (await h.call('POST', '/v1/notification-channels', { name: 'x', ...body })).body['errors']
  for (const url of ['http://ops.example.vn', 'https://127.0.0.1/', 'https://0x7f000001/', 'https://[::1]/', 'https://localhost/', 'ftp://x/', 'nonsense', 'https://x.vn/#a']) t.match(await refused({ kind: 'webhook', url }), [{ path: 'url' }], url)
  t.match(await refused({ kind: 'webhook' }), [{ path: 'url' }])
  t.match(await refused({ kind: 'email', to: ['a@x.vn'], url: 'https://x.vn' }), [{ path: 'url' }])
  t.match(await refused({ kind: 'email', to: ['a@x.vn\r\nBcc: b@x.vn'] }), [{ path: 'to[0]' }])
  t.match(await refused({ kind: 'file', file: '../../etc/passwd' }), [{ path: 'file' }])
  t.match(await refused({ kind: 'file', file: 'x', unitId: 'none' }), [{ path: 'unitId' }])
  const file = (await h.call('POST', '/v1/notification-channels', { name: 'x', kind: 'file', file: 'x' })).body
  t.equal(file['secret'], null)
  t.match(await h.call('POST', `/v1/notification-channels/${file.id}/rotate-secret`), { status: 409, body: { code: 'LOA_ERR_WRONG_KIND' } })
  t.match(await h.call('PATCH', `/v1/notification-channels/${file.id}`, { url: 'https://x.vn' }), { status: 422, body: { errors: [{ path: 'url' }] } })
  const inside = await build(t, true)
  t.match(await inside.call('POST', '/v1/notification-channels', { name: 'x', kind: 'webhook', url: 'http://10.0.0.5:8080/loa' }), { status: 201 })
})

t.test('a test goes through the queue, which can be seen and sent again by hand', async (t) => {
  const h = await build(t)
  const { id } = (await h.call('POST', '/v1/notification-channels', HOOK)).body
  h.alarms.send = () => ({ ok: false, code: 'NOTIFY_ERR_STATUS', message: 'ops.example.vn answered 500' })
  const queued = await h.call('POST', `/v1/notification-channels/${id}/test`)
  t.match(queued, { status: 201, body: { kind: 'test', state: 'pending', attempts: 0 } })
  await h.clock.advanceAsync(1)
  t.match((await h.call('GET', `/v1/notifications?channelId=${id}&state=pending`)).body.items, [{ id: queued.body.id, attempts: 1, lastError: 'NOTIFY_ERR_STATUS: ops.example.vn answered 500', nextAttemptAt: /^2026/ }])
  t.match((await h.call('GET', `/v1/notification-channels/${id}`)).body, { pending: 1, lastError: 'NOTIFY_ERR_STATUS: ops.example.vn answered 500', waitingSince: /^2026/ })
  h.alarms.send = () => ({ ok: true })
  t.match(await h.call('POST', `/v1/notifications/${queued.body.id}/retry`), { status: 200, body: { attempts: 0 } })
  await h.clock.advanceAsync(1)
  t.match((await h.call('GET', '/v1/notifications')).body.items, [{ state: 'delivered', attempts: 1, nextAttemptAt: null, doneAt: /^2026/, lastError: null }])
  t.match(await h.call('POST', `/v1/notifications/${queued.body.id}/retry`), { status: 409, body: { code: 'LOA_ERR_DELIVERED' } })
  t.match(await h.call('POST', '/v1/notifications/none/retry'), { status: 404 })
})

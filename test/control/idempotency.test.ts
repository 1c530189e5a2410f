import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { StoreError } from '../../control/ports.ts'
import { buildControl, multipart, seed, START_MS } from '../support/build-control.ts'
import { FakeClock } from '../support/fake-clock.ts'

const key = (value: string) => ({ headers: { 'idempotency-key': value } })

t.test('the same request under the same key is done once and answered alike', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  const told = h.broadcast.calls.length

  const bodies: readonly (readonly [string, object | undefined])[] = [
    ['/v1/units', { code: 'X9', name: 'Xã' }],
    ['/v1/clusters', { unitId, code: 'C9', name: 'Cụm' }],
    ['/v1/sources', { kind: 'icecast', name: 'Studio', mount: '/s9' }],
    ['/v1/orders', { class: 'emergency', title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 60_000 }],
    ['/v1/tokens', { name: 'a', roles: [{ role: 'viewer', unitId: null }] }],
  ]
  for (const [n, [url, body]] of bodies.entries()) {
    const first = await h.call('POST', url, body, key(`k${String(n)}`))
    const again = await h.call('POST', url, body, key(`k${String(n)}`))
    t.equal(first.status, 201, url)
    t.equal(first.headers['idempotency-replayed'], undefined)
    t.match(again, { status: 201, text: first.text, headers: { 'idempotency-replayed': 'true', ...(first.headers.location === undefined ? {} : { location: first.headers.location }) } }, url)
  }
  t.equal(h.broadcast.calls.length - told, bodies.length, 'each was told once')
  t.equal(h.broadcast.orders.length, 1)

  t.test('another request under it is refused', async (t) => {
    t.match(await h.call('POST', '/v1/units', { code: 'X8', name: 'Xã' }, key('k0')), { status: 422, body: { code: 'LOA_ERR_IDEMPOTENCY_REUSED' } })
    t.match(await h.call('POST', '/v1/tokens', { code: 'X9', name: 'Xã' }, key('k0')), { status: 422 }, 'also at another address')
    t.equal(h.store.units.list({ after: null, limit: 10 }, { search: 'X8' }).items.length, 0)
  })

  t.test('another caller has keys of his own', async (t) => {
    const body = { class: 'normal', title: 'a', sourceId, targets: { units: [unitId] }, durationMs: 1000 }
    const [mine, his] = [await h.call('POST', '/v1/orders', body, { ...key('shared'), as: 'admin' }), await h.call('POST', '/v1/orders', body, { ...key('shared'), as: 'operator' })]
    t.same([mine.status, his.status], [201, 201])
    t.not(mine.body.id, his.body.id)
  })

  t.test('a refused request may be corrected and sent again', async (t) => {
    t.equal((await h.call('POST', '/v1/units', { code: 'X9', name: 'Xã' }, key('fix'))).status, 409)
    t.equal((await h.call('POST', '/v1/units', { code: 'X10', name: 'Xã' }, key('fix'))).status, 201)
  })

  t.test('a key that is no key is refused', async (t) => {
    t.match(await h.call('POST', '/v1/units', { code: 'X11', name: 'Xã' }, key('a b')), { status: 400, body: { errors: [{ path: 'idempotency-key' }] } })
    t.match(await h.call('POST', '/v1/units', { code: 'X11', name: 'Xã' }, key('a'.repeat(256))), { status: 400 })
  })

  t.test('turning a key once more is done once', async (t) => {
    const cluster = h.store.clusters.all()[0]?.id ?? ''
    const first = await h.call('POST', `/v1/clusters/${cluster}/rotate-key`, undefined, key('rotate'))
    t.equal((await h.call('POST', `/v1/clusters/${cluster}/rotate-key`, undefined, key('rotate'))).body['key'], first.body['key'])
  })
})

t.test('also after a restart, and after the order is long over', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'loa-idempotency-'))
  t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
  const clock = new FakeClock({ wallMs: START_MS })
  const before = await buildControl({ dataDir, clock })
  const { unitId, sourceId } = await seed(before)
  const body = { class: 'emergency', title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 60_000 }
  const cluster = { unitId, code: 'C9', name: 'Cụm' }
  const first = await before.call('POST', '/v1/orders', body, key('again'))
  const withKey = await before.call('POST', '/v1/clusters', cluster, key('cluster'))
  const alert = { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã', time: 'nay' }, targets: { units: [unitId] } }
  const prepared = await before.call('POST', '/v1/alerts', alert, key('alert'))
  t.equal(prepared.status, 201)
  await before.close()

  const files = ['loa.db', 'loa.db-wal'].map((name) => { try { return readFileSync(join(dataDir, name)).toString('latin1') } catch { return '' } }).join('')
  t.ok(files.includes(withKey.body.id), 'the database was looked at')
  t.notOk(files.includes(String(withKey.body['key'])), 'and the key stands nowhere in it')

  clock.advance(3600_000)
  const after = await buildControl({ dataDir, clock })
  t.teardown(() => after.close())
  t.match(await after.call('POST', '/v1/orders', body, key('again')), { status: 201, text: first.text, headers: { 'idempotency-replayed': 'true' } })
  t.match(await after.call('POST', '/v1/clusters', cluster, key('cluster')), { status: 201, text: withKey.text })
  t.match(await after.call('POST', '/v1/alerts', alert, key('alert')), { status: 201, text: prepared.text, headers: { 'idempotency-replayed': 'true' } })
  t.same(after.speech.spoken, [], 'nothing is spoken anew')
  t.equal(after.store.alerts.list({ after: null, limit: 10 }, {}, 0).items.length, 1)
  t.equal(after.store.orders.list({ after: null, limit: 10 }, {}, 0).items.length, 1)
  t.same(after.broadcast.orders, [])
})

t.test('keys are kept for 24 hours, then removed', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const make = (code: string) => h.call('POST', '/v1/units', { code, name: 'Xã' }, key('day'))
  const first = await make('A')
  h.clock.advance(24 * 3600_000 - 1)
  t.equal((await make('A')).body.id, first.body.id)
  h.clock.advance(1)
  t.match(await make('B'), { status: 201, body: { code: 'B' } })
  h.clock.advance(25 * 3600_000)
  t.equal(h.store.idempotency.removeBefore(Number.MAX_SAFE_INTEGER), 0, 'the sweep has removed them already')
})

t.test('the same key at the same time: one does it, the others wait for the answer', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { payload, headers } = multipart(Buffer.alloc(1000, 1))
  const all = await Promise.all([1, 2, 3].map(() => h.call('POST', '/v1/clips', payload, { headers: { ...headers, 'idempotency-key': 'clip' } })))
  t.same(all.map(({ status }) => status), [201, 201, 201])
  t.equal(new Set(all.map(({ text }) => text)).size, 1)
  t.equal(h.clips.prepared, 1, 'prepared once')
  const other = multipart(Buffer.alloc(1000, 2))
  t.match(await h.call('POST', '/v1/clips', other.payload, { headers: { ...other.headers, 'idempotency-key': 'clip' } }), { status: 422, body: { code: 'LOA_ERR_IDEMPOTENCY_REUSED' } })

  const units = await Promise.all([1, 2, 3, 4].map(() => h.call('POST', '/v1/units', { code: 'U', name: 'U' }, key('unit'))))
  t.same(units.map(({ status }) => status), [201, 201, 201, 201])
  t.equal(new Set(units.map(({ body }) => body.id)).size, 1)
})

t.test('a failed first attempt lets the next one through', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const prepare = h.clips.prepare.bind(h.clips)
  let attempts = 0
  h.clips.prepare = (path) => (++attempts === 1 ? Promise.reject(new Error('bad luck')) : prepare(path))
  const { payload, headers } = multipart(Buffer.alloc(1000, 1))
  const send = () => h.call('POST', '/v1/clips', payload, { headers: { ...headers, 'idempotency-key': 'clip' } })
  const [first, second] = await Promise.all([send(), send()])
  t.same([first.status, second.status].sort(), [201, 500])
  t.equal((await send()).status, 201)
})

t.test('order and kept response are written together or not at all', async (t) => {
  let broken = false
  const h = await buildControl({
    wrapStore: (store) => ({
      ...store,
      beforeCommit: (hook) => { store.beforeCommit(hook) },
      units: store.units, clusters: store.clusters, sources: store.sources, clips: store.clips, orders: store.orders, tokens: store.tokens,
      idempotency: {
        get: (scope) => store.idempotency.get(scope),
        put(response) {
          if (broken) throw new StoreError('STORE_ERR_FULL', 'database or disk is full')
          store.idempotency.put(response)
        },
        removeBefore: (ms) => store.idempotency.removeBefore(ms),
      },
      transaction: (work) => store.transaction(work),
      close: () => { store.close() },
    }),
  })
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  broken = true
  const body = { class: 'emergency', title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 60_000 }
  t.match(await h.call('POST', '/v1/orders', body, key('x')), { status: 507, body: { code: 'LOA_ERR_DISK_FULL' } })
  t.same(h.store.orders.unfinished(0), [])
  t.same(h.broadcast.orders, [])
  broken = false
  t.equal((await h.call('POST', '/v1/orders', body, key('x'))).status, 201)
})

import t from 'tap'
import { FIGURE_KEYS } from '../../control/log-port.ts'
import type { AirRecord, AuditRecord, Logged } from '../../control/ports.ts'
import { csvCell } from '../../control/log-export.ts'
import { REFUSALS_IN_ALL, REFUSALS_PER_ADDRESS } from '../../control/refusal-bound.ts'
import { buildControl, seed, START_MS, TOKENS, type Harness } from '../support/build-control.ts'

const entries = (h: Harness): readonly Logged<AuditRecord>[] => h.store.auditLog.list({ after: null, limit: 1000 }, {}).items
const told = (h: Harness): unknown[] => entries(h).map(({ method, route, tokenId, status, code }) => [method, route, tokenId, status, code])

t.test('each change stands in the audit log: who, from where, what, with what result', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  await h.call('PATCH', `/v1/units/${unitId}`, { name: 'Xã Hai' })
  await h.call('DELETE', `/v1/clusters/${clusterId}`)
  await h.call('GET', '/v1/units')
  t.same(told(h), [
    ['POST', '/v1/units', 't-admin', 201, null],
    ['POST', '/v1/clusters', 't-admin', 201, null],
    ['POST', '/v1/sources', 't-admin', 201, null],
    ['PATCH', '/v1/units/:id', 't-admin', 200, null],
    ['DELETE', '/v1/clusters/:id', 't-admin', 204, null],
  ])
  const [made, , , patched] = entries(h)
  t.same(made?.targetIds, [unitId])
  t.same(patched?.targetIds, [unitId])
  t.same(patched?.fields, ['name'])
  t.match(patched, { tokenName: 'admin', remoteAddress: '127.0.0.1', atMs: START_MS, requestId: /^req-/, count: 1 })
})

t.test('the audit log is asked by kind, result, object and unit', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  const other = String((await h.call('POST', '/v1/units', { code: 'K', name: 'Xã Khác' })).body['id'])
  const hamlet = String((await h.call('POST', '/v1/units', { code: 'T1', name: 'Thôn Một', parentId: unitId })).body['id'])
  await h.call('PATCH', `/v1/clusters/${clusterId}`, { name: 'Cụm Mới' })
  await h.call('PATCH', `/v1/units/${other}`, { name: 'x' }, { as: 'viewer' })
  const asked = async (query: string): Promise<unknown[]> => ((await h.call('GET', `/v1/audit-log?${query}`)).body.items ?? []).map(({ method, route }) => `${String(method)} ${String(route)}`)
  t.same(await asked('route=/v1/units'), ['POST /v1/units', 'POST /v1/units', 'POST /v1/units', 'PATCH /v1/units/:id'])
  t.same(await asked('route=/v1/unit'), [], 'whole words of a route')
  t.same(await asked('result=refused'), ['PATCH /v1/units/:id'])
  t.same(await asked('result=done&route=/v1/clusters'), ['POST /v1/clusters', 'PATCH /v1/clusters/:id'])
  t.same(await asked(`targetId=${clusterId}`), ['POST /v1/clusters', 'PATCH /v1/clusters/:id'])
  t.same(await asked(`unitId=${unitId}`), ['POST /v1/units', 'POST /v1/clusters', 'POST /v1/units', 'PATCH /v1/clusters/:id'], 'with what lies in it')
  t.same(await asked(`unitId=${hamlet}`), ['POST /v1/units'])
  t.same(await asked(`unitId=${other}&targetId=${clusterId}`), [])
  const csv = await h.app.inject({ method: 'GET', url: `/v1/audit-log/export?format=csv&targetId=${other}`, headers: { authorization: `Bearer ${TOKENS.admin}` } })
  t.equal(csv.body.trim().split('\n').length, 3, 'a heading and two entries')
})

t.test('no key, no token, no value of a body is in it', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const { body } = await h.call('POST', `/v1/clusters/${clusterId}/rotate-key`, {})
  await h.call('POST', '/v1/tokens', { name: 'máy của Lan', roles: [{ role: 'viewer', unitId: null }] })
  await h.call('POST', `/v1/sources?access_token=${TOKENS.admin}`, { kind: 'relay', name: 'x', urls: ['http://user:hidden@radio.example/'] })
  const text = JSON.stringify(entries(h))
  for (const secret of [String(body['key']), TOKENS.admin, 'hidden', 'máy của Lan']) t.notOk(text.includes(secret), secret)
})

t.test('the entry is written with the change or neither is', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const append = h.store.auditLog.append.bind(h.store.auditLog)
  h.store.auditLog.append = () => { throw Object.assign(new Error('disk I/O error'), { code: 'ENOSPC' }) }
  t.equal((await h.call('POST', '/v1/units', { code: 'X1', name: 'Xã Một', parentId: null })).status, 507)
  t.equal(h.store.units.all().length, 0)
  h.store.auditLog.append = append
  t.equal((await h.call('POST', '/v1/units', { code: 'X1', name: 'Xã Một', parentId: null })).status, 201)
  t.equal(entries(h).length, 1)
})

t.test('refusals are kept, of readers only those who may not', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  await h.call('POST', '/v1/units', { code: '' })
  await h.call('POST', '/v1/units', { code: 'X1', name: 'x', parentId: null }, { as: 'viewer' })
  await h.call('GET', '/v1/tokens', undefined, { as: 'viewer' })
  await h.call('GET', '/v1/units', undefined, { as: null })
  await h.call('GET', '/v1/units/u-none')
  await h.app.inject({ method: 'DELETE', url: '/v1/secret-in-the-wrong-place' })
  t.same(told(h), [
    ['POST', '/v1/units', 't-admin', 422, 'LOA_ERR_INVALID'],
    ['POST', '/v1/units', 't-viewer', 403, 'LOA_ERR_FORBIDDEN'],
    ['GET', '/v1/tokens', 't-viewer', 403, 'LOA_ERR_FORBIDDEN'],
    ['GET', '/v1/units', null, 401, 'LOA_ERR_UNAUTHENTICATED'],
    ['DELETE', '(none)', null, 404, 'LOA_ERR_NO_ROUTE'],
  ])
  t.notOk(JSON.stringify(entries(h)).includes('secret'))
})

t.test('a flood of refusals is bounded by address and in all, and its rest is counted', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const send = async (from: string): Promise<void> => { await h.app.inject({ method: 'POST', url: '/v1/units', remoteAddress: from }) }
  for (let n = 0; n < 50; n++) await send('192.0.2.1')
  t.equal(entries(h).length, REFUSALS_PER_ADDRESS)
  for (let n = 0; n < 200; n++) await send(`198.51.100.${String(n)}`)
  t.equal(entries(h).length, REFUSALS_IN_ALL)
  h.clock.advance(60_000)
  t.match(entries(h).at(-1), { method: 'SUM', count: 250 - REFUSALS_IN_ALL })
  await send('192.0.2.1')
  t.equal(entries(h).length, REFUSALS_IN_ALL + 2)
})

const run = (n: number, more: Partial<AirRecord> = {}): AirRecord => ({ atMs: START_MS + n * 60_000, orderId: 'o-1', class: 'normal', title: '=HYPERLINK("x")', unitId: 'u-1', issuerUnitId: 'u-1', sourceId: 's-1', clipIds: null, clusterIds: ['c-1', 'c-2'], plannedFromMs: START_MS, plannedUntilMs: START_MS + 60_000, fromMs: START_MS + n * 60_000, untilMs: START_MS + n * 60_000 + 30_000, plannedMs: 120_000, airMs: 60_000, sentMs: 45_000, end: 'replaced', field: null, soundedMs: 0, ...more })

t.test('the air log is read page by page and as files, and figures follow from it', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  h.store.airLog.write({ ended: [run(0), run(1, { orderId: 'o-2', class: 'emergency', unitId: 'u-2', sourceId: null, clipIds: ['k-1'] }), run(2, { clusterIds: ['c-3'] })], open: [], closed: [] })
  const first = await h.call('GET', '/v1/air-log?limit=2', undefined, { as: 'viewer' })
  t.equal(first.body.items.length, 2)
  const second = await h.call('GET', `/v1/air-log?limit=2&cursor=${String(first.body['nextCursor'])}`)
  t.same(second.body.items.map(({ seq }) => seq), [3])
  t.equal(second.body['nextCursor'], null)
  const seqs = async (query: string): Promise<unknown> => (await h.call('GET', `/v1/air-log?${query}`)).body.items.map(({ seq }) => seq)
  t.same(await seqs('unitId=u-2'), [2])
  t.same(await seqs('clusterId=c-3'), [3])
  t.same(await seqs('orderId=o-1'), [1, 3])
  t.same(await seqs(`from=${new Date(START_MS + 40_000).toISOString()}&to=${new Date(START_MS + 70_000).toISOString()}`), [2])

  const ndjson = await h.call('GET', '/v1/air-log/export')
  t.same(ndjson.text.trim().split('\n').map((line) => (JSON.parse(line) as { seq: number }).seq), [1, 2, 3])
  const csv = await h.call('GET', '/v1/air-log/export?format=csv&orderId=o-2')
  t.match(csv.headers, { 'content-type': /text\/csv/, 'content-disposition': /air-log\.csv/ })
  t.equal(csv.text.split('\r\n').length, 3)
  t.ok(csv.text.includes(`"'=HYPERLINK(""x"")"`), csv.text)
  t.equal(csvCell(null), '')

  const span = `from=${new Date(START_MS).toISOString()}&to=${new Date(START_MS + 120_000).toISOString()}`
  t.same((await h.call('GET', `/v1/figures?${span}&by=unit`)).body.items, [{ key: 'u-1', name: null, runs: 1, plannedMinutes: 2, airMinutes: 1, sentMinutes: 0.75, soundedMinutes: 0 }, { key: 'u-2', name: null, runs: 1, plannedMinutes: 2, airMinutes: 1, sentMinutes: 0.75, soundedMinutes: 0 }])
  t.same((await h.call('GET', `/v1/figures?${span}&by=source`)).body.items.map(({ key }) => key), ['clips', 's-1'])
  t.same((await h.call('GET', '/v1/figures?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&by=class')).body.items.map(({ key, runs }) => [key, runs]), [['emergency', 1], ['normal', 2]])
  t.equal((await h.call('GET', '/v1/figures?from=x&to=y&by=class')).status, 400)
  t.equal((await h.call('GET', '/v1/audit-log', undefined, { as: 'operator' })).status, 403)
  t.equal((await h.call('GET', '/v1/audit-log')).body.items.length, 1, 'the refused reading')
  t.equal((await h.call('GET', '/v1/log-checkpoints')).status, 200)
})

t.test('figures of many slices are those of one', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  // Many with the same beginning: the slices must not lose or repeat any.
  h.store.airLog.write({ ended: Array.from({ length: 45_000 }, (_, n) => run(Math.floor(n / 30_000), { unitId: `u-${String(n % 2)}` })), open: [], closed: [] })
  const { body } = await h.call('GET', '/v1/figures?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&by=unit')
  t.same(body.items, ['u-0', 'u-1'].map((key) => ({ key, name: null, runs: 22_500, plannedMinutes: 45_000, airMinutes: 22_500, sentMinutes: 16_875, soundedMinutes: 0 })))
})

t.test('every figure opens to the entries that it is made of', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const above = String((await h.call('POST', '/v1/units', { code: 'T', name: 'Tỉnh' })).body['id'])
  const below = String((await h.call('POST', '/v1/units', { code: 'X', name: 'Xã', parentId: above })).body['id'])
  const day = 24 * 60
  h.store.airLog.write({ ended: Array.from({ length: 4500 }, (_, n) => run((n % 200) * day, { unitId: [above, below, 'u-gone'][n % 3]!, class: n % 7 === 0 ? 'emergency' : 'normal', sourceId: n % 2 === 0 ? null : 's-1', field: n % 5 === 0 ? 'law' : null, soundedMs: n })), open: [], closed: [] })
  const span = 'from=2026-01-01T00:00:00Z&to=2027-06-01T00:00:00Z'
  for (const query of ['', `&unitId=${above}`, `&unitId=${below}`]) {
    for (const by of FIGURE_KEYS) {
      const { items } = (await h.call('GET', `/v1/figures?${span}&by=${by}${query}`)).body
      for (const { key, runs, airMinutes, soundedMinutes } of [items[0]!, items.at(-1)!]) {
        const found: { airMs: number; soundedMs: number }[] = []
        for (let cursor = ''; ;) {
          const { body } = await h.call('GET', `/v1/figures/entries?${span}&by=${by}&key=${String(key)}${query}&limit=1000${cursor}`)
          found.push(...(body.items as unknown as typeof found))
          if (body['nextCursor'] === null) break
          cursor = `&cursor=${body['nextCursor'] as string}`
        }
        const sum = (of: (entry: (typeof found)[number]) => number): number => Math.round(found.reduce((total, entry) => total + of(entry), 0) / 600) / 100
        t.same([found.length, sum(({ airMs }) => airMs), sum(({ soundedMs }) => soundedMs)], [runs, airMinutes, soundedMinutes], `${by} ${String(key)} ${query}`)
      }
    }
  }
  const keys = async (by: string): Promise<unknown> => (await h.call('GET', `/v1/figures?from=2026-06-18T00:00:00Z&to=2026-06-19T00:00:00Z&by=${by}`)).body.items.map(({ key }) => key)
  t.same(await keys('week'), ['2026-06-15'])
  t.same(await keys('quarter'), ['2026-Q2'])
  t.same(await keys('year'), ['2026'])
  t.equal((await h.call('GET', `/v1/figures?${span}&by=day&unitId=u-none`)).status, 404)
})

t.test('two who change the same thing: the second is told', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, sourceId } = await seed(h)
  for (const url of [`/v1/units/${unitId}`, `/v1/clusters/${clusterId}`, `/v1/sources/${sourceId}`]) {
    const etag = String((await h.call('GET', url)).headers.etag)
    t.match(etag, /^"[\w-]{22}"$/)
    const one = await h.call('PATCH', url, { name: 'Một' }, { headers: { 'if-match': etag } })
    t.equal(one.status, 200)
    t.not(one.headers.etag, etag)
    const two = await h.call('PATCH', url, { name: 'Hai' }, { headers: { 'if-match': etag } })
    t.match(two, { status: 412, body: { code: 'LOA_ERR_CHANGED' } })
    t.equal(two.headers.etag, one.headers.etag)
    t.equal((await h.call('GET', url)).body['name'], 'Một')
    t.equal((await h.call('PATCH', url, { name: 'Hai' }, { headers: { 'if-match': `"x", ${String(one.headers.etag)}` } })).status, 200)
    t.equal((await h.call('PATCH', url, { name: 'Ba' }, { headers: { 'if-match': '*' } })).status, 200)
    t.equal((await h.call('PATCH', url, { name: 'Bốn' })).status, 200)
  }
})

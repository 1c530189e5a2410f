import t from 'tap'
import { equalHashes, hashSecret } from '../../control/ids.ts'
import { buildControl, seed } from '../support/build-control.ts'

t.test('clusters', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  const url = `/v1/clusters/${clusterId}`

  t.test('show their key once, and keep only its hash', async (t) => {
    const made = await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2' })
    t.match(made, { status: 201, body: { unitId, code: 'C2', tags: [], position: null, enabled: true, online: false, key: /^[\w-]{43}$/ } })
    const key = String(made.body['key'])
    t.ok(equalHashes(h.store.clusters.get(made.body.id)?.keyHash ?? '', hashSecret(key)))
    for (const answer of [await h.call('GET', `/v1/clusters/${made.body.id}`), await h.call('GET', '/v1/clusters'), await h.call('PATCH', `/v1/clusters/${made.body.id}`, { name: 'a' })]) {
      t.notOk(answer.text.includes(key))
      t.notMatch(answer.text, /hash/i)
    }
    t.equal(h.broadcast.calls.at(-1), `cluster ${made.body.id}`)
  })

  t.test('get another key', async (t) => {
    const before = h.store.clusters.get(clusterId)?.keyHash
    h.clock.advance(1000)
    const rotated = await h.call('POST', `${url}/rotate-key`)
    t.match(rotated, { status: 200, body: { id: clusterId, key: /^[\w-]{43}$/, keyChangedAt: '2026-06-18T03:00:01.000Z' } })
    t.not(h.store.clusters.get(clusterId)?.keyHash, before)
    t.equal(h.store.clusters.get(clusterId)?.keyHash, hashSecret(String(rotated.body['key'])))
    t.equal(h.broadcast.calls.at(-1), `cluster ${clusterId}`)
    t.equal((await h.call('POST', '/v1/clusters/nobody/rotate-key')).status, 404)
  })

  t.test('are listed by page and filter', async (t) => {
    for (let n = 10; n < 15; n++) await h.call('POST', '/v1/clusters', { unitId, code: `C${String(n)}`, name: 'Chợ', tags: ['chợ'], enabled: n % 2 === 0 })
    const list = async (query: string) => (await h.call('GET', `/v1/clusters?${query}`)).body.items.map((item) => item['code'])
    t.same(await list(`tag=${encodeURIComponent('chợ')}`), ['C10', 'C11', 'C12', 'C13', 'C14'])
    t.same(await list(`tag=${encodeURIComponent('chợ')}&enabled=false`), ['C11', 'C13'])
    t.same(await list('search=c1&limit=2'), ['C1', 'C10'])
    t.same(await list(`unitId=${unitId}&limit=1`), ['C1'])
    t.same(await list('unitId=nobody'), [])
    const seen: unknown[] = []
    let cursor = ''
    do {
      const page = await h.call('GET', `/v1/clusters?limit=3${cursor}`)
      seen.push(...page.body.items.map((item) => item['code']))
      const { nextCursor } = page.body
      cursor = typeof nextCursor === 'string' ? `&cursor=${nextCursor}` : ''
    } while (cursor !== '')
    t.same(seen, ['C1', 'C2', 'C10', 'C11', 'C12', 'C13', 'C14'])
    const unitCursor = (await h.call('POST', '/v1/units', { code: 'Z', name: 'Z' }), await h.call('GET', '/v1/units?limit=1')).body['nextCursor']
    t.match(await h.call('GET', `/v1/clusters?cursor=${String(unitCursor)}`), { status: 400, body: { errors: [{ path: 'cursor' }] } })
    t.equal((await h.call('GET', '/v1/clusters?enabled=perhaps')).status, 400)
  })

  t.test('refuse what is wrong', async (t) => {
    t.match(await h.call('POST', '/v1/clusters', { unitId: 'nobody', code: 'D', name: 'D' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'unitId' }] } })
    t.match(await h.call('POST', '/v1/clusters', { unitId, code: 'C1', name: 'D' }), { status: 409, body: { code: 'LOA_ERR_CODE_TAKEN' } })
    t.match(await h.call('POST', '/v1/clusters', { unitId, code: 'D', name: 'D', position: { lat: 91, lon: 0 } }), { status: 422, body: { errors: [{ path: 'position.lat', message: 'must be <= 90', messageVi: 'phải <= 90' }] } })
    t.match(await h.call('POST', '/v1/clusters', { unitId, code: 'D', name: 'D', tags: ['a', 'b c'] }), { status: 422, body: { errors: [{ path: 'tags[1]' }] } })
  })

  t.test('change, also their unit', async (t) => {
    const other = await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai' })
    t.match(await h.call('PATCH', url, { enabled: false, tags: ['a'], position: null, unitId: other.body.id }), { status: 200, body: { enabled: false, tags: ['a'], position: null, unitId: other.body.id, code: 'C1' } })
    t.equal(h.broadcast.calls.at(-1), `cluster ${clusterId}`)
    t.equal((await h.call('PATCH', url, { unitId: 'nobody' })).status, 422)
    t.equal((await h.call('PATCH', url, { code: 'C2' })).status, 409)
    t.equal((await h.call('PATCH', '/v1/clusters/nobody', { enabled: true })).status, 404)
  })

  t.test('say what they play', async (t) => {
    t.match(await h.call('GET', `${url}/on-air`), { status: 200, body: { clusterId, onAir: null, connections: [] } })
    h.broadcast.connect(clusterId, 'http')
    h.broadcast.playing.set(clusterId, { orderId: 'o-1', class: 'emergency', title: 'Lũ', sourceId: 's-1', clipIds: null, sinceMs: h.clock.wallMs(), untilMs: h.clock.wallMs() + 60_000 })
    t.match((await h.call('GET', `${url}/on-air`)).body, { onAir: { orderId: 'o-1', class: 'emergency', title: 'Lũ', since: '2026-06-18T03:00:01.000Z', until: '2026-06-18T03:01:01.000Z' }, connections: [{ protocol: 'http', format: 'mp3-64' }] })
    t.equal((await h.call('GET', url)).body['online'], true)
    t.equal((await h.call('GET', '/v1/clusters/nobody/on-air')).status, 404)
  })

  t.test('go', async (t) => {
    t.equal((await h.call('DELETE', url)).status, 204)
    t.equal(h.broadcast.calls.at(-1), `cluster ${clusterId}`)
    t.equal((await h.call('DELETE', url)).status, 404)
    t.equal((await h.call('GET', url)).status, 404)
  })
})

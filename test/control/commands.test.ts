import t from 'tap'
import { buildControl, seed } from '../support/build-control.ts'

t.test('commands', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2', tags: ['chợ'] })
  const url = `/v1/clusters/${clusterId}/commands`

  t.test('are kept, and given to the device', async (t) => {
    const bodies = [{ type: 'volume', percent: 0 }, { type: 'mute', muted: true }, { type: 'restart-stream' }, { type: 'identify' }, { type: 'set-offset', offsetMs: -12.5 }, { type: 'set-frequency', frequencyKhz: 101_500 }, { type: 'amplifier', on: false }, { type: 'refresh-bundle' }, { type: 'reboot' }]
    for (const body of bodies) {
      const given = await h.call('POST', url, body, { as: 'operator' })
      const { type, ...rest } = body
      t.match(given, { status: 202, body: { id: /^k-/, type, arguments: type === 'identify' ? { durationMs: 3000 } : rest, createdBy: 't-operator', expiresAt: '2026-06-18T03:10:00.000Z', clusters: { targeted: 1, done: 0, waiting: 1, expired: 0 } } })
      t.match(h.broadcast.commands.at(-1), { command: { id: given.body.id, type }, clusterIds: [clusterId] })
      t.equal(given.headers['location'], `/v1/commands/${given.body.id}`)
      t.same((await h.call('GET', `/v1/commands/${given.body.id}`, undefined, { as: 'viewer' })).body, given.body)
    }
  })

  t.test('go to many at once, and count what comes back', async (t) => {
    const given = await h.call('POST', '/v1/commands', { type: 'volume', percent: 40, expiresInMs: 60_000, targets: { units: [unitId], tags: ['chợ', 'không ai'.replace(' ', '-')] } })
    t.match(given, { status: 202, body: { clusters: { targeted: 2, waiting: 2 } } })
    const { id } = given.body
    const [one, two] = h.broadcast.commands.at(-1)!.clusterIds as [string, string]
    h.store.commands.settle([{ commandId: id, clusterId: one, result: 'done', reason: null, atMs: h.clock.wallMs() }])
    h.store.commands.settle([{ commandId: id, clusterId: one, result: 'failed', reason: 'too late', atMs: h.clock.wallMs() }])
    t.match((await h.call('GET', `/v1/commands/${id}`)).body, { clusters: { targeted: 2, delivered: 1, done: 1, waiting: 1, expired: 0, failed: 0 }, problems: [] }, 'the first answer counts')
    t.match((await h.call('GET', `/v1/commands/${id}/clusters?result=open`)).body.items, [{ clusterId: two, state: 'waiting', deliveredAt: null, answeredAt: null }])
    h.store.commands.settle([], [{ commandId: id, clusterId: two, atMs: h.clock.wallMs() }, { commandId: id, clusterId: two, atMs: h.clock.wallMs() + 9 }])
    t.match((await h.call('GET', `/v1/commands/${id}`)).body, { clusters: { delivered: 2, done: 1, waiting: 1 } })
    t.same((await h.call('GET', `/v1/commands/${id}/clusters?result=open`)).body.items, [{ clusterId: two, state: 'delivered', reason: null, deliveredAt: '2026-06-18T03:00:00.000Z', answeredAt: null }])
    const page = await h.call('GET', `/v1/commands/${id}/clusters?limit=1`)
    const next = await h.call('GET', `/v1/commands/${id}/clusters?limit=1&cursor=${String(page.body['nextCursor'])}`)
    t.same([...page.body.items, ...next.body.items].map((outcome) => [outcome['clusterId'], outcome['state']]).sort(), [[one, 'done'], [two, 'delivered']].sort())
    t.equal(next.body['nextCursor'], null)
    h.clock.advance(60_000)
    t.match((await h.call('GET', `/v1/commands/${id}`)).body, { clusters: { done: 1, waiting: 0, expired: 1 } })
    t.match((await h.call('GET', `/v1/commands/${id}/clusters?result=open`)).body.items, [{ clusterId: two, state: 'expired' }])
    t.match((await h.call('GET', '/v1/commands?limit=1')).body, { items: [{ id, type: 'volume', clusters: { targeted: 2, expired: 1 } }], nextCursor: /./ }, 'newest first')
    h.store.commands.settle([{ commandId: id, clusterId: two, result: 'refused', reason: 'expired', atMs: h.clock.wallMs() }])
    t.match((await h.call('GET', `/v1/commands/${id}`)).body, { clusters: { done: 1, refused: 1, expired: 0 }, problems: [{ clusterId: two, result: 'refused', reason: 'expired' }] })
    t.match((await h.call('GET', `/v1/clusters/${two}/commands`, undefined, { as: 'viewer' })).body, { items: [{ id, type: 'volume', arguments: { percent: 40 }, state: 'refused', reason: 'expired' }], nextCursor: null }, 'of one cluster')
    t.match((await h.call('GET', `/v1/clusters/${clusterId}/commands?limit=1`)).body, { items: [{ id }], nextCursor: /./ })
  })

  t.test('are made once for each Idempotency-Key', async (t) => {
    const headers = { 'idempotency-key': 'the-same' }
    const before = h.broadcast.commands.length
    const [first, second] = [await h.call('POST', url, { type: 'reboot' }, { headers }), await h.call('POST', url, { type: 'reboot' }, { headers })]
    t.same(second.body, first.body)
    t.equal(second.headers['idempotency-replayed'], 'true')
    t.equal(h.broadcast.commands.length, before + 1)
  })

  t.test('refuse what is wrong', async (t) => {
    t.match(await h.call('POST', url, { type: 'volume', percent: 101 }), { status: 422, body: { errors: [{ path: 'percent' }] } })
    t.match(await h.call('POST', url, { type: 'explode' }), { status: 422, body: { errors: [{ path: 'type' }] } })
    t.match(await h.call('POST', url, { type: 'reboot', command: 'rm -rf /' }), { status: 422 }, 'nothing that is not described')
    t.match(await h.call('POST', url, { type: 'set-frequency', frequencyKhz: '$(reboot)' }), { status: 422, body: { errors: [{ path: 'frequencyKhz' }] } })
    t.match(await h.call('POST', '/v1/commands', { type: 'reboot', targets: {} }), { status: 422, body: { errors: [{ path: 'targets' }] } })
    t.match(await h.call('POST', '/v1/commands', { type: 'reboot', targets: { clusters: [clusterId, 'nobody'], units: ['none'] } }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'targets.units[0]' }, { path: 'targets.clusters[1]' }] } })
    t.equal((await h.call('POST', '/v1/clusters/nobody/commands', { type: 'reboot' })).status, 404)
    t.equal((await h.call('GET', '/v1/commands/nobody')).status, 404)
    t.equal((await h.call('GET', '/v1/commands/nobody/clusters')).status, 404)
  })
})

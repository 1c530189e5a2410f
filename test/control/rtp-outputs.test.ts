import t from 'tap'
import { buildControl, seed } from '../support/build-control.ts'

t.test('RTP outputs', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const hears = { clusterId }
  const made = await h.call('POST', '/v1/rtp-outputs', { name: ' Chợ ', hears, mode: 'multicast', address: '239.192.0.7', port: 5004 })

  t.test('are made with sensible defaults, shown and listed', async (t) => {
    t.match(made, { status: 201, headers: { location: `/v1/rtp-outputs/${made.body.id}` } })
    t.match(made.body, { name: 'Chợ', hears, mode: 'multicast', address: '239.192.0.7', port: 5004, codec: 'opus', ptimeMs: 20, ttl: 1, dscp: 46, interface: null, sap: true, status: null })
    const l16 = await h.call('POST', '/v1/rtp-outputs', { name: 'a', hears, mode: 'unicast', address: 'FD00:0::7', port: 5004, codec: 'l16' })
    t.match(l16.body, { address: 'fd00::7', ptimeMs: 10, sap: false }, 'addresses are kept in one form')
    t.same(h.broadcast.calls.slice(-2), ['rtp outputs', 'rtp outputs'])
    t.same((await h.call('GET', '/v1/rtp-outputs')).body.items.map(({ id }) => id), [made.body.id, l16.body.id])
    t.same((await h.call('GET', '/v1/rtp-outputs?clusterId=nobody')).body.items, [])
    t.match(await h.call('GET', `/v1/rtp-outputs/${made.body.id}`, undefined, { as: 'viewer' }), { status: 200, body: { id: made.body.id } })
    t.match(await h.call('GET', '/v1/rtp-outputs/nobody'), { status: 404, body: { code: 'LOA_ERR_NOT_FOUND' } })
    t.equal((await h.call('DELETE', `/v1/rtp-outputs/${l16.body.id}`)).status, 204)
  })

  t.test('say how they are doing', async (t) => {
    h.broadcast.rtpStatus.set(made.body.id, { state: 'sending', reason: '', ssrc: 7, fanOut: 1, packetsTotal: 50, bytesTotal: 4000, sendErrorsTotal: 0, emptiedFramesTotal: 0, reportsTotal: 2, receivers: 1, worstLossPercent: 1.5, worstJitterMs: 0.5, worstRoundTripMs: null, provenUntilMs: Date.UTC(2026, 5, 18) })
    t.match((await h.call('GET', `/v1/rtp-outputs/${made.body.id}`)).body, { status: { state: 'sending', fanOut: 1, worstLossPercent: 1.5, worstRoundTripMs: null, provenUntil: '2026-06-18T00:00:00.000Z' } })
  })

  t.test('are described as application/sdp', async (t) => {
    const sdp = await h.call('GET', `/v1/rtp-outputs/${made.body.id}/sdp`)
    t.equal(sdp.headers['content-type'], 'application/sdp')
    t.equal(sdp.text, 'v=0\r\ns=Chợ\r\nc=IN IP4 239.192.0.7\r\n')
    t.equal((await h.call('GET', `/v1/rtp-outputs/${made.body.id}/sdp`, undefined, { as: null })).status, 401)
    t.equal((await h.call('GET', '/v1/rtp-outputs/nobody/sdp')).status, 404)
  })

  t.test('refuse what is wrong', async (t) => {
    const body = { name: 'a', hears, mode: 'multicast', address: '239.192.0.8', port: 5010 }
    const cases: readonly (readonly [object, number, string, string?])[] = [
      [{ ...body, hears: { clusterId: 'nobody' } }, 422, 'LOA_ERR_UNKNOWN_ID', 'hears.clusterId'],
      [{ ...body, hears: { room: 'x' } }, 422, 'LOA_ERR_INVALID'],
      ...['192.0.2.1', 'localhost', '224.0.0.5', 'ff02::1', 'ff02::fb', '239.192.0.8%eth0', '256.0.0.1', 'fe80::1'].map((address) => [{ ...body, address }, 422, 'LOA_ERR_INVALID', 'address'] as const),
      ...['239.1.2.3', '0.0.0.0', '255.255.255.255', '::', '::ffff:192.0.2.1', 'ff05::1234', 'speaker.example.vn'].map((address) => [{ ...body, mode: 'unicast', address }, 422, 'LOA_ERR_INVALID', 'address'] as const),
      [{ ...body, mode: 'broadcast' }, 422, 'LOA_ERR_INVALID', 'mode'],
      [{ ...body, port: 80 }, 422, 'LOA_ERR_INVALID', 'port'],
      [{ ...body, port: 65_535 }, 422, 'LOA_ERR_INVALID', 'port'],
      [{ ...body, codec: 'mp3' }, 422, 'LOA_ERR_INVALID', 'codec'],
      [{ ...body, ptimeMs: 30 }, 422, 'LOA_ERR_INVALID', 'ptimeMs'],
      [{ ...body, ptimeMs: 10 }, 422, 'LOA_ERR_INVALID', 'ptimeMs'],
      [{ ...body, ttl: 256 }, 422, 'LOA_ERR_INVALID', 'ttl'],
      [{ ...body, dscp: 64 }, 422, 'LOA_ERR_INVALID', 'dscp'],
      [{ ...body, interface: 'eth0; reboot' }, 422, 'LOA_ERR_INVALID', 'interface'],
      [{ ...body, mode: 'unicast', address: '192.168.1.7', sap: true }, 422, 'LOA_ERR_INVALID', 'sap'],
      [{ ...body, address: '239.192.0.7', port: 5004 }, 409, 'LOA_ERR_IN_USE'],
      [{ ...body, address: '239.192.0.7', port: 5005 }, 409, 'LOA_ERR_IN_USE'],
      [{ ...body, address: '239.192.0.7', port: 5003 }, 409, 'LOA_ERR_IN_USE'],
      [{ ...body, name: 'a\nb' }, 422, 'LOA_ERR_INVALID', 'name'],
    ]
    for (const [wrong, status, code, path] of cases) t.match(await h.call('POST', '/v1/rtp-outputs', wrong), { status, body: { code, ...(path === undefined ? {} : { errors: [{ path }] }) } }, JSON.stringify(wrong))
    t.equal((await h.call('POST', '/v1/rtp-outputs', body, { as: 'operator' })).status, 403)
    t.equal((await h.call('POST', '/v1/rtp-outputs', { ...body, address: '239.192.0.7', port: 5006 })).status, 201, 'the next pair of ports is free')
    for (const address of ['127.0.0.1', '::1', '10.1.2.3']) t.equal((await h.call('POST', '/v1/rtp-outputs', { ...body, mode: 'unicast', address })).status, 201, `${address}: a speaker may stand anywhere`)
  })

  t.test('end with their cluster', async (t) => {
    t.equal((await h.call('DELETE', `/v1/clusters/${clusterId}`)).status, 204)
    t.same((await h.call('GET', '/v1/rtp-outputs')).body.items, [])
  })
})

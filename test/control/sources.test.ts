import t from 'tap'
import { hashSecret } from '../../control/ids.ts'
import { buildControl, seed } from '../support/build-control.ts'

t.test('sources', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  const studio = await h.call('POST', '/v1/sources', { kind: 'icecast', name: 'Studio', mount: '/studio' })
  const relay = await h.call('POST', '/v1/sources', { kind: 'relay', name: 'VOV1', urls: ['https://me:geheim@radio.example.vn/vov1', 'srt://b.example:9000?passphrase=geheim123'], fallbackSourceId: sourceId })
  const phone = await h.call('POST', '/v1/sources', { kind: 'whip', name: 'Phone', takeover: 'replace', unitId })

  t.test('of each kind', async (t) => {
    t.match(studio, { status: 201, body: { kind: 'icecast', mount: '/studio', takeover: 'refuse', key: /^[\w-]{43}$/, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', status: null } })
    t.match(h.store.sources.get(studio.body.id), { keyHash: hashSecret(String(studio.body['key'])) })
    t.notMatch((await h.call('GET', `/v1/sources/${studio.body.id}`)).text, new RegExp(`${String(studio.body['key'])}|hash`, 'i'))
    t.match(relay.body, { kind: 'relay', urls: ['https://***@radio.example.vn/vov1', 'srt://b.example:9000?passphrase=***'], fallbackSourceId: sourceId })
    t.match((await h.call('GET', `/v1/sources/${sourceId}`)).body, { kind: 'tone', frequencyHz: 1500, levelDbfs: -12 })
    t.match(phone, { status: 201, body: { kind: 'whip', path: `/whip/${phone.body.id}`, talkPath: `/talk/${phone.body.id}`, takeover: 'replace', key: /^[\w-]{43}$/, unitId } })
    t.match(h.store.sources.get(phone.body.id), { keyHash: hashSecret(String(phone.body['key'])) })
    t.notMatch((await h.call('GET', `/v1/sources/${phone.body.id}`)).text, new RegExp(`${String(phone.body['key'])}|hash`, 'i'))
    t.same((await h.call('GET', '/v1/sources')).body.items.map(({ id }) => id), [sourceId, studio.body.id, relay.body.id, phone.body.id])
    t.same((await h.call('GET', '/v1/sources?kind=whip')).body.items.map(({ id }) => id), [phone.body.id])
    t.same((await h.call('GET', '/v1/sources?kind=relay')).body.items.map(({ id }) => id), [relay.body.id])
    t.equal((await h.call('GET', '/v1/sources/nobody')).status, 404)
    t.equal((await h.call('GET', '/v1/sources?kind=satellite')).status, 400)
    t.same(h.broadcast.calls.slice(-3), [`source ${studio.body.id}`, `source ${relay.body.id}`, `source ${phone.body.id}`])
  })

  t.test('lines that others send to', async (t) => {
    const stream = { group: null, port: 5004, codec: 'opus', payloadType: 97, sampleRateHz: 48_000, channels: 2 }
    const sdp = 'v=0\r\nc=IN IP4 239.192.7.1/16\r\nm=audio 5006 RTP/AVP 98\r\na=rtpmap:98 L24/48000/2\r\na=source-filter: incl IN IP4 239.192.7.1 192.0.2.5\r\n'
    const rtp = await h.call('POST', '/v1/sources', { kind: 'rtp', name: 'Mixer', sdp })
    t.match(rtp, { status: 201, body: { stream: { group: '239.192.7.1', port: 5006, codec: 'l24', payloadType: 98, sampleRateHz: 48_000, channels: 2 }, senders: ['192.0.2.5'], interface: null } })
    t.notOk('key' in rtp.body)
    const url = `/v1/sources/${rtp.body.id}`
    t.match(await h.call('PATCH', url, { senders: ['2001:DB8:0::1'], interface: 'eth0' }), { status: 200, body: { senders: ['2001:db8::1'], interface: 'eth0', stream: { port: 5006 } } })
    t.match(await h.call('PATCH', url, { stream }), { status: 200, body: { stream, senders: ['2001:db8::1'] } })
    t.equal((await h.call('POST', `${url}/rotate-key`)).status, 409)

    const rtmp = await h.call('POST', '/v1/sources', { kind: 'rtmp', name: 'OBS' })
    t.match(rtmp, { status: 201, body: { kind: 'rtmp', takeover: 'refuse', key: new RegExp(`^${rtmp.body.id}\\.[\\w-]{43}$`) } }, 'its key names it')
    t.match(h.store.sources.get(rtmp.body.id), { keyHash: hashSecret(String(rtmp.body['key'])) })
    const srt = await h.call('POST', '/v1/sources', { kind: 'srt', name: 'Xe', port: 9001 })
    t.match(srt, { status: 201, body: { kind: 'srt', port: 9001, latencyMs: 200, key: /^[\w-]{43}$/ } })
    t.notMatch((await h.call('GET', `/v1/sources/${srt.body.id}`)).text, new RegExp(String(srt.body['key'])), 'a passphrase is shown once')
    t.match(await h.call('POST', '/v1/sources', { kind: 'srt', name: 'b', port: 9001 }), { status: 409, body: { code: 'LOA_ERR_IN_USE' } })
    t.match(await h.call('PATCH', `/v1/sources/${srt.body.id}`, { port: 9001, latencyMs: 400 }), { status: 200, body: { latencyMs: 400 } }, 'its own port is not in its way')
    for (const source of [rtmp, srt]) t.match(await h.call('POST', `/v1/sources/${source.body.id}/rotate-key`), { status: 200, body: { key: /^[\w.-]{43,}$/ } })
    const wrong: readonly (readonly [object, string])[] = [
      [{ sdp: 'v=0' }, 'sdp'], [{}, 'sdp'], [{ stream }, 'senders'], [{ sdp, stream }, 'stream'], [{ stream, senders: ['mixer.local'] }, 'senders[0]'], [{ stream, senders: ['239.1.1.1'] }, 'senders[0]'],
      [{ stream: { ...stream, group: '10.0.0.1' }, senders: ['192.0.2.5'] }, 'stream'], [{ stream: { ...stream, sampleRateHz: 44_100 }, senders: ['192.0.2.5'] }, 'stream'],
      [{ sdp: sdp.replace('5006', '80') }, 'sdp'], [{ sdp: sdp.replace('/48000/2', '/48000/64') }, 'sdp'],
    ]
    for (const [body, path] of wrong) t.match(await h.call('POST', '/v1/sources', { kind: 'rtp', name: 'a', ...body }), { status: 422, body: { code: 'LOA_ERR_INVALID', errors: [{ path }] } }, JSON.stringify(body))
    for (const { body: { id } } of [rtp, rtmp, srt]) t.equal((await h.call('DELETE', `/v1/sources/${id}`)).status, 204)
  })

  t.test('show how they are doing; silence has no level', async (t) => {
    h.broadcast.sources.set(sourceId, { sourceId, state: 'silent', urlIndex: null, peakDbfs: -Infinity, rmsDbfs: -96.5, clippedPercent: 1.5, fault: 'silence', reason: '', title: 'Còi' })
    t.match((await h.call('GET', `/v1/sources/${sourceId}`)).body, { status: { state: 'silent', peakDbfs: null, rmsDbfs: -96.5, clippedPercent: 1.5, fault: { code: 'silence', title: 'Digital silence', titleVi: 'Im lặng hoàn toàn' }, title: 'Còi' } })
  })

  t.test('refuse what is wrong', async (t) => {
    const cases: readonly (readonly [object, number, string, string?])[] = [
      [{ kind: 'icecast', name: 'a', mount: '/studio' }, 409, 'LOA_ERR_MOUNT_TAKEN'],
      [{ kind: 'icecast', name: 'a', mount: 'studio' }, 422, 'LOA_ERR_INVALID', 'mount'],
      [{ kind: 'icecast', name: 'a', mount: '/a/../b' }, 422, 'LOA_ERR_INVALID', 'mount'],
      [{ kind: 'icecast', name: 'a', mount: '/listen/c-1.mp3' }, 422, 'LOA_ERR_INVALID', 'mount'],
      [{ kind: 'icecast', name: 'a', mount: '/whip/a' }, 422, 'LOA_ERR_INVALID', 'mount'],
      [{ kind: 'icecast', name: 'a', mount: '/talk/a' }, 422, 'LOA_ERR_INVALID', 'mount'],
      [{ kind: 'whip', name: 'a', levelling: 'loud' }, 422, 'LOA_ERR_INVALID', 'levelling'],
      [{ kind: 'whip', name: 'a', mount: '/a' }, 422, 'LOA_ERR_INVALID', 'mount'],
      [{ kind: 'icecast', name: 'a', mount: '/a', takeover: 'fight' }, 422, 'LOA_ERR_INVALID', 'takeover'],
      [{ kind: 'relay', name: 'a', urls: [] }, 422, 'LOA_ERR_INVALID', 'urls'],
      [{ kind: 'relay', name: 'a', urls: Array.from({ length: 9 }, () => 'http://a.example') }, 422, 'LOA_ERR_INVALID', 'urls'],
      [{ kind: 'relay', name: 'a', urls: ['http://a.example', 'file:///etc/passwd'] }, 422, 'LOA_ERR_SOURCE_URL', 'urls[1]'],
      [{ kind: 'relay', name: 'a', urls: ['http://169.254.169.254/latest'] }, 422, 'LOA_ERR_PRIVATE_ADDRESS', 'urls[0]'],
      [{ kind: 'relay', name: 'a', urls: ['http://a.example'], fallbackSourceId: 'nobody' }, 422, 'LOA_ERR_UNKNOWN_ID', 'fallbackSourceId'],
      [{ kind: 'tone', name: 'a' }, 422, 'LOA_ERR_INVALID', 'frequencyHz'],
      [{ kind: 'tone', name: 'a', frequencyHz: '1500' }, 422, 'LOA_ERR_INVALID', 'frequencyHz'],
      [{ kind: 'tone', name: 'a', frequencyHz: 1500, levelDbfs: 1 }, 422, 'LOA_ERR_INVALID', 'levelDbfs'],
      [{ kind: 'fax', name: 'a' }, 422, 'LOA_ERR_INVALID', 'kind'],
      [{ name: 'a' }, 422, 'LOA_ERR_INVALID', 'kind'],
    ]
    for (const [body, status, code, path] of cases) t.match(await h.call('POST', '/v1/sources', body), { status, body: { code, ...(path === undefined ? {} : { errors: [{ path }] }) } }, JSON.stringify(body))
  })

  t.test('change', async (t) => {
    const url = `/v1/sources/${relay.body.id}`
    t.match(await h.call('PATCH', url, { urls: ['srt://b.example:9000?passphrase=***', 'https://c.example/'] }), { status: 200, body: { urls: ['srt://b.example:9000?passphrase=***', 'https://c.example/'] } })
    t.match(h.store.sources.get(relay.body.id), { urls: ['srt://b.example:9000?passphrase=geheim123', 'https://c.example/'] }, 'what was shown masked keeps its secret')
    t.match(await h.call('PATCH', url, { urls: ['http://10.0.0.1/'] }), { status: 422, body: { code: 'LOA_ERR_PRIVATE_ADDRESS' } })
    t.match(await h.call('PATCH', url, { mount: '/x', name: 'b' }), { status: 422, body: { errors: [{ path: 'mount', message: 'is not a field of relay sources' }] } })
    t.match(await h.call('PATCH', url, { silenceTimeoutMs: 3000, name: 'VOV' }), { status: 200, body: { silenceTimeoutMs: 3000, name: 'VOV' } })
    t.match(await h.call('PATCH', `/v1/sources/${sourceId}`, { fallbackSourceId: relay.body.id }), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
    t.match(await h.call('PATCH', `/v1/sources/${sourceId}`, { fallbackSourceId: sourceId }), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
    t.match(await h.call('PATCH', `/v1/sources/${sourceId}`, { frequencyHz: 800, levelDbfs: -20 }), { status: 200, body: { frequencyHz: 800, levelDbfs: -20 } })
    t.match(await h.call('PATCH', `/v1/sources/${studio.body.id}`, { mount: '/studio2', takeover: 'replace' }), { status: 200, body: { mount: '/studio2', takeover: 'replace' } })
    t.match(await h.call('PATCH', `/v1/sources/${studio.body.id}`, { mount: '/admin' }), { status: 422, body: { errors: [{ path: 'mount' }] } })
    t.match(await h.call('PATCH', `/v1/sources/${phone.body.id}`, { takeover: 'refuse', silenceTimeoutMs: 4000, levelling: 'speech', watch: 'silence' }), { status: 200, body: { kind: 'whip', takeover: 'refuse', silenceTimeoutMs: 4000, levelling: 'speech', watch: 'silence' } })
    t.match(await h.call('PATCH', `/v1/sources/${phone.body.id}`, { mount: '/x' }), { status: 422, body: { errors: [{ path: 'mount', message: 'is not a field of whip sources' }] } })
    t.equal((await h.call('PATCH', '/v1/sources/nobody', { name: 'x' })).status, 404)
  })

  t.test('get another key when they have one', async (t) => {
    for (const source of [studio, phone]) {
      const rotated = await h.call('POST', `/v1/sources/${source.body.id}/rotate-key`)
      t.equal(rotated.status, 200)
      t.match(h.store.sources.get(source.body.id), { keyHash: hashSecret(String(rotated.body['key'])) })
      t.not(rotated.body['key'], source.body['key'])
    }
    t.match(await h.call('POST', `/v1/sources/${sourceId}/rotate-key`), { status: 409, body: { code: 'LOA_ERR_WRONG_KIND' } })
    t.equal((await h.call('POST', '/v1/sources/nobody/rotate-key')).status, 404)
  })

  t.test('go only when nothing hangs on them', async (t) => {
    t.match(await h.call('DELETE', `/v1/sources/${sourceId}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(relay.body.id) } })
    const order = await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId: relay.body.id, targets: { units: [unitId] }, durationMs: 60_000 })
    t.match(await h.call('DELETE', `/v1/sources/${relay.body.id}`), { status: 409, body: { detail: new RegExp(order.body.id) } })
    await h.call('POST', `/v1/orders/${order.body.id}/stop`)
    t.equal((await h.call('DELETE', `/v1/sources/${relay.body.id}`)).status, 204)
    t.equal((await h.call('DELETE', `/v1/sources/${sourceId}`)).status, 204)
    t.equal((await h.call('DELETE', `/v1/sources/${sourceId}`)).status, 404)
    t.match((await h.call('GET', `/v1/orders/${order.body.id}`)).body, { sourceId: relay.body.id }, 'the history stays')
  })
})

t.test('private addresses can be allowed', async (t) => {
  const h = await buildControl({ config: { allowPrivateSources: true } })
  t.teardown(() => h.close())
  t.equal((await h.call('POST', '/v1/sources', { kind: 'relay', name: 'a', urls: ['http://127.0.0.1:8000/a.mp3'] })).status, 201)
})

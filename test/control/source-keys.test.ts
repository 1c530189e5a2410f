import t from 'tap'
import { hashSecret } from '../../control/ids.ts'
import { keyTag } from '../../control/ingest-port.ts'
import { networkOf } from '../../control/source-views.ts'
import { buildControl, seed } from '../support/build-control.ts'

const MINUTE_MS = 60_000

t.test('keys of a source', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { sourceId: toneId } = await seed(h)
  const studio = await h.call('POST', '/v1/sources', { kind: 'icecast', name: 'Studio', mount: '/studio' })
  const url = `/v1/sources/${studio.body.id}`
  const record = () => h.store.sources.get(studio.body.id) as Extract<ReturnType<typeof h.store.sources.get>, { kind: 'icecast' }>

  t.test('of any class, some with an end, shown once', async (t) => {
    const mobile = await h.call('POST', `${url}/keys`, { label: 'Xe lưu động', class: 'priority', expiresAt: '2026-06-18T11:00:00+07:00' })
    t.match(mobile, { status: 201, body: { label: 'Xe lưu động', class: 'priority', isReplaced: false, expiresAt: '2026-06-18T04:00:00.000Z', lastUsedAt: null, key: /^[\w-]{43}$/ } })
    const listed = await h.call('GET', `${url}/keys`)
    t.same(listed.body.items.map(({ id }) => id), [mobile.body.id])
    t.notMatch(listed.text, new RegExp(`${String(mobile.body['key'])}|hash`, 'i'))
    t.match(h.store.sourceKeys.get(mobile.body.id), { keyHash: hashSecret(String(mobile.body['key'])) })
    t.equal(h.broadcast.calls.at(-1), `source ${studio.body.id}`)
    t.match(await h.call('POST', `${url}/keys`, { label: 'x', expiresAt: '2026-01-01T00:00:00Z' }), { status: 422, body: { errors: [{ path: 'expiresAt' }] } })
    t.match(await h.call('POST', `${url}/keys`, { label: 'x', class: 'royal' }), { status: 422, body: { errors: [{ path: 'class' }] } })
    t.match(await h.call('POST', `/v1/sources/${toneId}/keys`, { label: 'x' }), { status: 409, body: { code: 'LOA_ERR_WRONG_KIND' } })
    t.equal((await h.call('DELETE', `${url}/keys/nothing`)).status, 404)
    t.equal((await h.call('DELETE', `${url}/keys/${mobile.body.id}`)).status, 204)
    t.same(record().ingest.revokedKeyTags, [], 'who is connected stays')
    const leaked = await h.call('POST', `${url}/keys`, { label: 'x' })
    t.equal((await h.call('DELETE', `${url}/keys/${leaked.body.id}?endSessions=true`)).status, 204)
    t.same(record().ingest.revokedKeyTags, [keyTag(hashSecret(String(leaked.body['key'])))])
    for (let n = 0; n < 50; n++) await h.call('POST', `${url}/keys`, { label: `khóa ${String(n)}` })
    t.match(await h.call('POST', `${url}/keys`, { label: 'x' }), { status: 422, body: { errors: [{ path: 'label' }] } })
    for (const { id } of h.store.sourceKeys.ofSource(studio.body.id)) h.store.sourceKeys.remove(id)
  })

  t.test('of the highest class only from who may give emergencies himself', async (t) => {
    const body = { label: 'Trực ban', class: 'emergency' }
    const administrator = await h.loggedIn('quan-tri', ['administrator'])
    t.match(await h.call('POST', `${url}/keys`, body, administrator), { status: 403, body: { code: 'LOA_ERR_FORBIDDEN' } }, 'an administrator starts no emergency')
    t.equal((await h.call('POST', `${url}/keys`, { ...body, class: 'priority' }, administrator)).status, 201)
    t.equal((await h.call('POST', `${url}/keys`, body, await h.loggedIn('ca-hai', ['administrator', 'emergency-officer']))).status, 201)
    for (const { id } of h.store.sourceKeys.ofSource(studio.body.id)) h.store.sourceKeys.remove(id)
  })

  t.test('change without a cut: the old one goes on for a while', async (t) => {
    const before = record()
    const first = await h.call('POST', `${url}/rotate-key`)
    t.equal(first.status, 200)
    t.equal(record().keyHash, hashSecret(String(first.body['key'])))
    t.match(h.store.sourceKeys.ofSource(studio.body.id), [{ keyHash: before.keyHash, class: 'normal', isReplaced: true, expiresAtMs: h.clock.wallMs() + 5 * MINUTE_MS }])
    t.same(record().ingest, before.ingest)
    h.clock.advance(6 * MINUTE_MS)
    await h.call('POST', `${url}/rotate-key`, { overlapMs: 1000 })
    t.match(h.store.sourceKeys.ofSource(studio.body.id), [{ keyHash: hashSecret(String(first.body['key'])), expiresAtMs: h.clock.wallMs() + 1000 }], 'those that are over go')
    await h.call('POST', `${url}/rotate-key`, { overlapMs: 0 })
    t.equal(h.store.sourceKeys.ofSource(studio.body.id).length, 1, 'none')
  })

  t.test('a leaked one ends at once, with those before it', async (t) => {
    const other = await h.call('POST', `${url}/keys`, { label: 'Dự phòng' })
    const hashes = [...h.store.sourceKeys.ofSource(studio.body.id).filter(({ isReplaced }) => isReplaced).map(({ keyHash }) => keyHash), record().keyHash]
    t.equal((await h.call('POST', `${url}/rotate-key`, { endSessions: true })).status, 200)
    t.same(h.store.sourceKeys.ofSource(studio.body.id).map(({ id }) => id), [other.body.id])
    t.same(new Set(record().ingest.revokedKeyTags.slice(-2)), new Set(hashes.map(keyTag)))
  })

  t.test('and who has tried them', async (t) => {
    const attempt = { id: 'a1', sourceId: studio.body.id, atMs: h.clock.wallMs(), lastAtMs: h.clock.wallMs() + 5, count: 3, protocol: 'icecast', accepted: false, reason: 'key-wrong', keyId: null, keyClass: null, remoteAddress: '192.0.2.77', userAgent: 'curl' } as const
    h.store.sourceAttempts.put(attempt)
    t.match((await h.call('GET', `${url}/attempts`)).body.items, [{ id: 'a1', reason: 'key-wrong', count: 3, remoteAddress: '192.0.2.77' }])
    t.match((await h.call('GET', `${url}/attempts`, undefined, { as: 'viewer' })).body.items, [{ remoteAddress: '192.0.2.0/24' }])
    t.equal((await h.call('GET', '/v1/sources/nobody/attempts')).status, 404)
    t.same(['192.0.2.77', '::ffff:192.0.2.77', '2001:db8:1:2::9', 'fe80::1', ''].map(networkOf), ['192.0.2.0/24', '192.0.2.0/24', '2001:db8:1::/48', 'fe80::/48', ''])
  })
})

t.test('when a source takes sound', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const made = await h.call('POST', '/v1/sources', { kind: 'whip', name: 'Điện thoại', acceptsFrom: 'window', leadTimeMs: 60_000 })
  t.match(made.body, { acceptsFrom: 'window', leadTimeMs: 60_000, tailMs: 60_000 })
  t.match((await h.call('PATCH', `/v1/sources/${made.body.id}`, { tailMs: 0 })).body, { acceptsFrom: 'window', leadTimeMs: 60_000, tailMs: 0 })
  t.match(await h.call('POST', '/v1/sources', { kind: 'tone', name: 'x', frequencyHz: 100, acceptsFrom: 'always' }), { status: 422 })
})

t.test('hot standby', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { sourceId: toneId } = await seed(h)
  const [first, second] = await Promise.all(['/a', '/b'].map((mount) => h.call('POST', '/v1/sources', { kind: 'icecast', name: mount, mount })))
  const inputs = [first!.body.id, second!.body.id]
  const both = await h.call('POST', '/v1/sources', { kind: 'standby', name: 'Buổi sáng', inputSourceIds: inputs, fallbackSourceId: toneId })
  const url = `/v1/sources/${both.body.id}`

  t.test('has inputs that are there and do not lead back to it', async (t) => {
    t.match(both, { status: 201, body: { kind: 'standby', inputSourceIds: inputs, return: 'automatic', returnAfterMs: 10_000, pinned: null, fallbackSourceId: toneId } })
    t.match(await h.call('POST', '/v1/sources', { kind: 'standby', name: 'x', inputSourceIds: [inputs[0], 'nobody'] }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'inputSourceIds[1]' }] } })
    t.match(await h.call('POST', '/v1/sources', { kind: 'standby', name: 'x', inputSourceIds: [inputs[0]] }), { status: 422 })
    t.match(await h.call('PATCH', url, { inputSourceIds: [inputs[0], both.body.id] }), { status: 422, body: { code: 'LOA_ERR_CYCLE', errors: [{ path: 'inputSourceIds[1]' }] } })
    t.match(await h.call('PATCH', `/v1/sources/${inputs[1]!}`, { fallbackSourceId: both.body.id }), { status: 422, body: { code: 'LOA_ERR_CYCLE', errors: [{ path: 'fallbackSourceId' }] } })
    const upper = await h.call('POST', '/v1/sources', { kind: 'standby', name: 'Trên', inputSourceIds: [both.body.id, toneId] })
    t.equal(upper.status, 201, 'one within another')
    t.match(await h.call('PATCH', url, { inputSourceIds: [inputs[0], upper.body.id] }), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
    t.match(await h.call('PATCH', url, { return: 'manual', returnAfterMs: 500 }), { status: 200, body: { return: 'manual', returnAfterMs: 500 } })
    t.match(await h.call('DELETE', `/v1/sources/${inputs[0]!}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(both.body.id) } })
  })

  t.test('is switched by who may air, but to nothing faulty without force', async (t) => {
    t.match(await h.call('POST', `${url}/switch`, { inputSourceId: inputs[1] }, { as: 'operator' }), { status: 200, body: { pinned: { inputSourceId: inputs[1], force: false } } })
    t.equal(h.broadcast.calls.at(-1), `source ${both.body.id}`)
    t.equal((await h.call('POST', `${url}/switch`, { inputSourceId: null }, { as: 'viewer' })).status, 403)
    const input = { state: 'live', fault: null, goodForMs: 500, peakDbfs: -6, rmsDbfs: -12, receivedBytes: 10, reason: '' } as const
    h.broadcast.sources.set(both.body.id, { sourceId: both.body.id, state: 'live', urlIndex: null, peakDbfs: -6, rmsDbfs: -12, clippedPercent: 0, fault: null, reason: '', title: '', standby: { inputSourceId: inputs[0]!, inputs: [{ ...input, sourceId: inputs[0]! }, { ...input, sourceId: inputs[1]!, state: 'silent', fault: 'silence', goodForMs: 0, peakDbfs: -Infinity }] } })
    t.match(await h.call('GET', url), { body: { status: { standby: { inputSourceId: inputs[0], inputs: [{ goodForMs: 500 }, { fault: 'silence', peakDbfs: null }] } } } })
    t.match(await h.call('POST', `${url}/switch`, { inputSourceId: inputs[1] }), { status: 409, body: { code: 'LOA_ERR_INPUT_FAULTY', detail: `${inputs[1]!}: silence` } })
    t.match(await h.call('POST', `${url}/switch`, { inputSourceId: inputs[1], force: true }), { status: 200, body: { pinned: { force: true } } })
    t.match(await h.call('POST', `${url}/switch`, { inputSourceId: toneId }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
    t.match(await h.call('POST', `/v1/sources/${toneId}/switch`, { inputSourceId: null }), { status: 409, body: { code: 'LOA_ERR_WRONG_KIND' } })
    h.clock.advance(1000)
    t.match(await h.call('POST', `${url}/switch`, { inputSourceId: null }), { status: 200, body: { pinned: null } })
    t.match(h.store.sources.get(both.body.id), { chosenAtMs: h.clock.wallMs() }, 'each word is another one')
    await h.call('POST', `${url}/switch`, { inputSourceId: inputs[1], force: true })
    t.match(await h.call('PATCH', url, { inputSourceIds: [inputs[0], toneId] }), { status: 200, body: { pinned: null } }, 'what was chosen has gone')
  })

  t.test('its switches', async (t) => {
    h.store.sourceSwitches.put({ id: 'w1', sourceId: both.body.id, atMs: h.clock.wallMs(), fromInputId: null, toInputId: inputs[0]!, cause: 'start', detail: '', gapMs: 0 })
    h.store.sourceSwitches.put({ id: 'w2', sourceId: both.body.id, atMs: h.clock.wallMs(), fromInputId: inputs[0]!, toInputId: inputs[1]!, cause: 'fault', detail: 'silence', gapMs: 20 })
    t.match((await h.call('GET', `${url}/switches`)).body.items, [{ id: 'w2', cause: 'fault', detail: 'silence', gapMs: 20, toInputId: inputs[1] }, { id: 'w1', fromInputId: null }])
    t.equal((await h.call('GET', '/v1/sources/nobody/switches')).status, 404)
  })
})

t.test('who could not give an emergency touches nothing of its sound', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId: toneId } = await seed(h)
  const studio = (await h.call('POST', '/v1/sources', { kind: 'icecast', name: 'Trực ban', mount: '/truc-ban' })).body.id
  const standby = (await h.call('POST', '/v1/sources', { kind: 'standby', name: 'Hai đường', inputSourceIds: [studio, toneId] })).body.id
  const upper = (await h.call('POST', '/v1/sources', { kind: 'standby', name: 'Huyện', inputSourceIds: [standby, toneId] })).body.id
  const [operator, administrator, officer, duty] = [await h.loggedIn('phat-thanh', ['operator']), await h.loggedIn('quan-tri', ['administrator']), await h.loggedIn('khan-cap', ['emergency-officer']), await h.loggedIn('truc-ban', ['administrator', 'emergency-officer'])]
  const toSwitch = ['POST', `/v1/sources/${standby}/switch`, { inputSourceId: toneId, force: true }] as const
  const leaked = ['POST', `/v1/sources/${studio}/rotate-key`, { endSessions: true }] as const
  const key = (await h.call('POST', `/v1/sources/${studio}/keys`, { label: 'x' })).body.id
  const managing = [
    leaked,
    ['DELETE', `/v1/sources/${studio}/keys/${key}?endSessions=true`, undefined],
    ['POST', `/v1/sources/${studio}/keys`, { label: 'chen ngang', class: 'priority' }],
    ['PATCH', `/v1/sources/${studio}`, { acceptsFrom: 'window' }],
    ['PATCH', `/v1/sources/${standby}`, { inputSourceIds: [toneId, upper] }],
  ] as const
  const give = (itsClass: string, sourceId: string) => h.call('POST', '/v1/orders', { class: itsClass, title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 60_000 })
  const forbidden = { status: 403, body: { code: 'LOA_ERR_FORBIDDEN', detail: /'emergency'/ } }

  await give('priority', upper)
  t.equal((await h.call(...toSwitch, operator)).status, 200, 'what is no emergency is anyone’s who may air')
  t.equal((await h.call(...toSwitch, officer)).status, 403)
  const emergency = await give('emergency', upper)
  t.match(await h.call(...toSwitch, operator), forbidden)
  t.match(await h.call(...toSwitch, administrator), forbidden)
  t.equal((await h.call(...toSwitch, officer)).status, 200)
  for (const [method, url, body] of managing) t.match(await h.call(method, url, body, administrator), forbidden, `${method} ${url}`)
  t.match(await h.call(...leaked, officer), { status: 403, body: { detail: /'manage'/ } }, 'nor does the one right stand for the other')
  t.equal((await h.call('POST', `/v1/sources/${studio}/rotate-key`, undefined, administrator)).status, 200, 'what cuts nobody stays his')
  t.equal((await h.call('PATCH', `/v1/sources/${studio}`, { name: 'Bàn trực' }, administrator)).status, 200)
  t.equal((await h.call('POST', `/v1/orders/${emergency.body.id}/hand-over`, { sourceId: toneId, force: true })).status, 200)
  t.equal((await h.call(...toSwitch, operator)).status, 200, 'the emergency has left it')
  await give('emergency', upper)
  t.equal((await h.call(...leaked, duty)).status, 200)
  h.clock.advance(60_000)
  t.equal((await h.call(...leaked, administrator)).status, 200, 'it is over')
})

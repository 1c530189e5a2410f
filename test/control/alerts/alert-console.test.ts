import t from 'tap'
import { contactsIn } from '../../../control/proof/contacts.ts'
import { buildControl, seed, START_MS } from '../../support/build-control.ts'

const PASSWORD = 'bốn con mèo ngủ trưa'

/** What the console's screen «Emergency» needs of the API besides alerts themselves. */

t.test('targets are counted before anything is given to them, and nobody sees clusters that are not his', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  h.broadcast.connect(clusterId)
  await h.call('PATCH', `/v1/units/${unitId}`, { people: 8200 })
  const url = '/v1/targets/preview'
  const entries = () => h.store.auditLog.list({ after: null, limit: 1000 }, {}).items.length
  const before = entries()
  t.match(await h.call('POST', url, { targets: { units: [unitId] } }), { status: 200, body: { targeted: 1, online: 1, people: { known: 8200 } } })
  t.match(await h.call('POST', url, { targets: { selection: { circles: [{ lat: 1, lon: 1, radiusM: 10 }] } } }), { status: 200, body: { targeted: 0, online: 0 } }, 'nothing meant yet')
  t.equal(entries(), before, 'who only asks leaves nothing in the audit log')
  t.match(await h.call('POST', url, { targets: {} }), { status: 422 })
  t.match(await h.call('POST', url, { targets: { units: ['nobody'] } }), { status: 422 })
  t.match(await h.call('POST', url, { targets: { clusters: [clusterId] }, kind: 'test' }), { status: 409, body: { code: 'LOA_ERR_TEST_ZONE' } })
  const other = h.store.units.insert({ id: 'other', code: 'other', name: 'x', parentId: null, presentationDelayMs: null, createdAtMs: START_MS })
  const { body: { token } } = await h.call('POST', '/v1/tokens', { name: 'x', roles: [{ role: 'viewer', unitId: other.id }] })
  const asOther = { headers: { authorization: `Bearer ${String(token)}` } }
  t.match(await h.call('POST', url, { targets: { units: [unitId] } }, asOther), { status: 200, body: { targeted: 0, online: 0, people: { known: null, units: 0 } } })
  t.match(await h.call('POST', url, { targets: {} }, asOther), { status: 422 })
  h.store.units.insert({ id: 'ended', code: 'ended', name: 'x', parentId: null, presentationDelayMs: null, createdAtMs: START_MS })
  t.match(await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'end', unitId: 'ended' }] }), { status: 201 })
  const circles = [{ lat: 21, lon: 105, radiusM: 1e6 }]
  const alike = (idOf: (there: string) => string) => [
    { targets: { units: [idOf(unitId)] } }, { targets: { units: [idOf('ended')] } }, { targets: { clusters: [idOf(clusterId)] } }, { targets: { clusters: [idOf(clusterId)] }, kind: 'test' },
    { targets: { selection: { units: [idOf(unitId)] } } }, { targets: { selection: { units: [idOf(unitId)], circles, match: 'all' } } }, { targets: { units: [other.id, idOf(unitId)] } },
  ]
  const [there, nowhere] = await Promise.all([alike((id) => id), alike((id) => `no-${id}`)].map((asked) => Promise.all(asked.map((body) => h.call('POST', url, body, asOther)))))
  t.same(there!.map(({ status, body }) => ({ status, body })), nowhere!.map(({ status, body }) => ({ status, body })), 'what is of others is told as what is not there')
  t.ok(there!.every(({ status, body }) => status === 200 && body['targeted'] === 0))
})

t.test('what has been is found by when it was prepared, whether it is over and whether anybody confirmed it', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  const prepare = async () => String((await h.call('POST', '/v1/alerts', { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã', time: 'nay' }, targets: { units: [unitId] } })).body.id)
  const said = await prepare()
  await h.call('POST', `/v1/alerts/${said}/confirm`, {})
  await h.call('POST', `/v1/alerts/${said}/finish`)
  h.clock.advance(60_000)
  const running = await prepare()
  await h.call('POST', `/v1/alerts/${running}/confirm`, {})
  const draft = await prepare()
  const minute = new Date(START_MS + 60_000).toISOString()
  const found = async (query: string) => ((await h.call('GET', `/v1/alerts?${query}`)).body['items'] as { id: string }[]).map(({ id }) => id)
  t.same(await found(`to=${minute}`), [said])
  t.same(await found(`from=${minute}`), [draft, running])
  t.same(await found('over=true&confirmed=true'), [said])
  t.same(await found('over=false&confirmed=true'), [running])
  t.same(await found('confirmed=false'), [draft])
  const { body: first } = await h.call('GET', `/v1/alerts?from=${minute}&limit=1`)
  t.same(await found(`from=${minute}&limit=1&cursor=${String(first['nextCursor'])}`), [running], 'page by page')
  t.match(await h.call('GET', '/v1/alerts?from=hôm-qua'), { status: 400 })
  const rows = async (query: string) => (await h.call('GET', `/v1/alerts/export?format=csv&${query}`)).text.trim().split('\r\n')
  const [headings, ...lines] = await rows('over=true&lang=vi')
  t.match(headings, /^Nội dung,Loại,"Thiên tai, sự cố"/)
  t.match(lines, [new RegExp(`,thật,lũ,.*,đã xong,.*${said}$`)])
  t.equal(lines.length, 1, 'as the list with the same query')
  t.match((await rows(`from=${minute}&lang=en&unitId=${unitId}`)).slice(1), [/,real,flood,.*,prepared,/, /,real,flood,.*,on air,/])
  const sister = h.store.units.insert({ id: 'sister', code: 'S', name: 'x', parentId: null, presentationDelayMs: null, createdAtMs: START_MS })
  t.equal((await rows(`unitId=${sister.id}`)).length, 1, 'only the headings')
  t.equal((await h.call('GET', '/v1/alerts/export?unitId=nobody')).status, 404)
})

t.test('what has been said is finished in silence, and can be finished again', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  const { body: { id } } = await h.call('POST', '/v1/alerts', { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã', time: 'nay' }, targets: { units: [unitId] } })
  t.match(await h.call('POST', `/v1/alerts/${String(id)}/finish`), { status: 409, body: { code: 'LOA_ERR_ALERT_STATE' } })
  await h.call('POST', `/v1/alerts/${String(id)}/confirm`, {})
  for (let i = 0; i < 2; i++) t.match(await h.call('POST', `/v1/alerts/${String(id)}/finish`), { status: 200, body: { state: 'ended', replacedBy: null, closed: { state: 'ended' } } })
  t.ok(h.store.orders.ofAlert(String(id)).every(({ stoppedAtMs }) => stoppedAtMs !== null), 'and nothing more comes of it')
})

t.test('a microphone is one’s own, and its keys are few, short and of class emergency', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  const open = async () => (await h.call('POST', '/v1/microphones', { unitId })).body as unknown as { sourceId: string; path: string; key: string; expiresAt: string }
  const first = await open()
  t.match(first, { path: `/whip/${first.sourceId}`, expiresAt: new Date(START_MS + 900_000).toISOString() })
  t.match(h.store.sources.get(first.sourceId), { kind: 'whip', unitId, takeover: 'replace', levelling: 'speech' })
  const later = [await open(), await open(), await open(), await open(), await open(), await open()]
  t.ok(later.every(({ sourceId, key }) => sourceId === first.sourceId && key !== first.key), 'the same source, another key')
  const keys = h.store.sourceKeys.ofSource(first.sourceId)
  t.equal(keys.length, 5)
  t.ok(keys.every((key) => key.class === 'emergency'))
  h.clock.advance(900_000)
  await open()
  t.equal(h.store.sourceKeys.ofSource(first.sourceId).length, 1, 'those that are over are gone')
  const everywhere = (await h.call('POST', '/v1/microphones')).body as unknown as { sourceId: string }
  t.match(h.store.sources.get(everywhere.sourceId), { unitId: null })
  await h.call('DELETE', `/v1/sources/${first.sourceId}`)
  t.not((await open()).sourceId, first.sourceId, 'who takes it away takes away no more')
})

t.test('who may give no emergencies any more is cut off at his microphone, and one that was given away is his no more', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  const officer = { role: 'emergency-officer', unitId }
  const { body: { token, id } } = await h.call('POST', '/v1/tokens', { name: 'x', roles: [officer] })
  const open = async (secret: unknown) => String((await h.call('POST', '/v1/microphones', {}, { headers: { authorization: `Bearer ${String(secret)}` } })).body['sourceId'])
  const revoked = (sourceId: string) => {
    const source = h.store.sources.get(sourceId)
    return source?.kind === 'whip' ? source.ingest.revokedKeyTags.length : null
  }
  const first = await open(token)
  await h.call('PATCH', `/v1/sources/${first}`, { unitId: null })
  const second = await open(token)
  t.not(second, first, 'no emergency key to what belongs to the whole tree now')
  await h.call('DELETE', `/v1/tokens/${String(id)}`)
  for (const sourceId of [first, second]) t.same([h.store.sourceKeys.ofSource(sourceId).length, revoked(sourceId)], [0, 1], sourceId)

  const { body: { id: userId } } = await h.call('POST', '/v1/users', { login: 'mai', name: 'Mai', password: PASSWORD, roles: [officer] })
  const { body: { token: session } } = await h.call('POST', '/v1/sessions', { login: 'mai', password: PASSWORD, as: 'token' })
  const his = await open(session)
  const url = `/v1/users/${String(userId)}`
  await h.call('PATCH', url, { roles: [officer, { role: 'viewer', unitId: null }] })
  t.same([h.store.sourceKeys.ofSource(his).length, revoked(his)], [1, 0], 'he still may')
  await h.call('PATCH', url, { roles: [{ role: 'viewer', unitId }] })
  t.same([h.store.sourceKeys.ofSource(his).length, revoked(his)], [0, 1])
  await h.call('PATCH', url, { roles: [officer] })
  t.equal(await open(session), his)
  await h.call('PATCH', url, { enabled: false })
  t.same([h.store.sourceKeys.ofSource(his).length, revoked(his)], [0, 2])
})

t.test('the key of a microphone ends with the session that asked for it', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  await h.call('POST', '/v1/users', { login: 'mai', name: 'Mai', password: PASSWORD, roles: [{ role: 'emergency-officer', unitId }] })
  const logIn = async () => ({ headers: { authorization: `Bearer ${String((await h.call('POST', '/v1/sessions', { login: 'mai', password: PASSWORD, as: 'token' })).body['token'])}` } })
  const [here, there] = [await logIn(), await logIn()]
  const [sourceId] = await Promise.all([here, there].map(async (as) => String((await h.call('POST', '/v1/microphones', {}, as)).body['sourceId'])))
  const left = () => h.store.sourceKeys.ofSource(String(sourceId)).length
  t.equal(left(), 2)
  const told = h.broadcast.calls.length
  t.equal((await h.call('DELETE', '/v1/sessions/current', undefined, here)).status, 204)
  t.equal(left(), 1, 'the other window of his goes on')
  const source = h.store.sources.get(String(sourceId))
  t.equal(source?.kind === 'whip' ? source.ingest.revokedKeyTags.length : null, 1, 'who still speaks with it is cut off')
  t.ok(h.broadcast.calls.length > told, 'and those who serve streams are told')
  await h.call('POST', '/v1/me/password', { password: PASSWORD, newPassword: `${PASSWORD} dài` }, await logIn())
  t.equal(left(), 0)
})

t.test('a red list says whom to call: the keeper of the cluster, its unit’s contact, or the nearest above', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  t.match(await h.call('PATCH', `/v1/units/${unitId}`, { contact: { name: 'x', phone: 'gọi tôi' } }), { status: 422 })
  const contact = { name: 'Chị <b>Hoa</b>', phone: '+84 912 345 678' }
  t.match((await h.call('PATCH', `/v1/units/${unitId}`, { contact })).body, { contact })
  const { body: child } = await h.call('POST', '/v1/units', { code: 'T1', name: 'Thôn Một', parentId: unitId })
  t.equal(child['contact'], null)

  const contactOf = contactsIn(h.store)
  t.same([contactOf('nothing', String(child['id'])), contactOf('nothing', unitId), contactOf('nothing', 'nobody')], [{ unitId, ...contact }, { unitId, ...contact }, null])
  const kept = await h.call('POST', '/v1/clusters', { unitId, code: 'CK', name: 'Cụm có người trông', equipment: { keeper: 'Anh Ba', keeperPhone: '0987654321' } })
  t.same(contactOf(String(kept.body['id']), unitId), { unitId, name: 'Anh Ba', phone: '0987654321' })
})

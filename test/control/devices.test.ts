import t from 'tap'
import { hashCode } from '../../control/ids.ts'
import { readCsv } from '../../control/spreadsheet/csv.ts'
import { readXlsx } from '../../control/spreadsheet/xlsx-read.ts'
import { buildControl, seed } from '../support/build-control.ts'

const key = (letter: string): string => letter.repeat(43)

t.test('devices', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  const other = (await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2' })).body.id
  const newCode = async (cluster = clusterId, body: object = {}): Promise<string> => String((await h.call('POST', `/v1/clusters/${cluster}/enrolment-codes`, body)).body['code'])
  const enrol = (code: string, id: string) => h.store.devices.enrol(hashCode(code), { id, publicKey: key(id), remoteAddress: '192.0.2.7' }, h.clock.wallMs())

  t.test('a code is shown once, and only its hash is kept', async (t) => {
    const made = await h.call('POST', `/v1/clusters/${clusterId}/enrolment-codes`, {})
    t.match(made, { status: 201, body: { clusterId, code: /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/, expiresAt: '2026-06-19T03:00:00.000Z' } })
    t.equal((await h.call('POST', '/v1/clusters/nobody/enrolment-codes', {})).status, 404)
    t.equal((await h.call('POST', `/v1/clusters/${clusterId}/enrolment-codes`, { expiresInMs: 1 })).status, 422)
    t.equal(hashCode('7K3M 9XQ4 WoD2-R8Tl'), hashCode('7k3m-9xq4-w0d2-r8t1'), 'as people type it')
  })

  t.test('a code enrols one device, in its time', async (t) => {
    const code = await newCode()
    t.equal(enrol('7k3m-9xq4-w0d2-r8t5', 'a'), undefined, 'unknown')
    t.match(enrol(code.toUpperCase(), 'a'), { id: 'a', clusterId, revokedAtMs: null })
    t.equal(enrol(code, 'b'), undefined, 'used')
    const late = await newCode(clusterId, { expiresInMs: 60_000 })
    h.clock.advance(60_000)
    t.equal(enrol(late, 'b'), undefined, 'over')
    t.equal(h.store.devices.activeOf(clusterId)?.id, 'a')
  })

  t.test('a new device takes the place of the one before; it may come back, elsewhere too', async (t) => {
    t.ok(enrol(await newCode(), 'b'))
    t.match((await h.call('GET', `/v1/clusters/${clusterId}/devices`, undefined, { as: 'viewer' })).body, { items: [{ id: 'b', revokedAt: null }, { id: 'a', revokedAt: '2026-06-18T03:01:00.000Z' }] })
    t.match(enrol(await newCode(other), 'a'), { clusterId: other, revokedAtMs: null })
    t.same(h.store.devices.active().map(({ id, clusterId: cluster }) => [id, cluster]).sort(), [['a', other], ['b', clusterId]])
    t.equal((await h.call('GET', '/v1/clusters/nobody/devices')).status, 404)
  })

  t.test('a device is revoked', async (t) => {
    t.match(await h.call('POST', '/v1/devices/b/revoke'), { status: 200, body: { id: 'b', revokedAt: '2026-06-18T03:01:00.000Z' } })
    t.equal(h.broadcast.calls.at(-1), `cluster ${clusterId}`)
    h.clock.advance(1000)
    t.match(await h.call('POST', '/v1/devices/b/revoke'), { status: 200, body: { revokedAt: '2026-06-18T03:01:00.000Z' } }, 'once')
    t.equal(h.store.devices.activeOf(clusterId), undefined)
    t.equal((await h.call('POST', '/v1/devices/nobody/revoke')).status, 404)
  })

  t.test('a cluster that goes takes its devices and codes along', async (t) => {
    const code = await newCode(other)
    t.equal((await h.call('DELETE', `/v1/clusters/${other}`)).status, 204)
    t.equal(h.store.devices.get('a'), undefined)
    t.equal(enrol(code, 'c'), undefined)
  })

  t.test('keys are rotated with an overlap, once for each Idempotency-Key', async (t) => {
    const before = await h.call('GET', '/v1/signing-keys', undefined, { as: 'viewer' })
    t.match(before.body, { items: [{ keyId: /^[\w-]{11}$/, publicKey: /^[\w-]{43}$/, notAfter: null, signs: true }] })
    t.notMatch(before.text, /private/i)
    const headers = { 'idempotency-key': 'rotation-1' }
    const rotated = await h.call('POST', '/v1/signing-keys/rotate', { overlapMs: 3_600_000 }, { headers })
    t.match(rotated, { status: 201, body: { items: [{ keyId: before.body.items[0]!['keyId'], notAfter: '2026-06-18T04:01:01.000Z', signs: false }, { notAfter: null, signs: true }] } })
    t.equal(h.broadcast.calls.at(-1), 'signing keys')
    t.same((await h.call('POST', '/v1/signing-keys/rotate', { overlapMs: 3_600_000 }, { headers })).body, rotated.body)
    t.same((await h.call('GET', '/v1/signing-keys')).body, rotated.body)
    t.equal((await h.call('POST', '/v1/signing-keys/rotate', { overlapMs: 1 })).status, 422)
  })
})

t.test('codes for many clusters come in one sheet, once, and each enrols its own', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  const commune = (await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai', parentId: unitId })).body.id
  const make = async (code: string, more: object = {}) => (await h.call('POST', '/v1/clusters', { unitId: commune, code, name: `Cụm ${code}`, ...more })).body.id
  const [planned, , has] = [await make('P', { state: 'planned' }), await make('R', { state: 'retired' }), await make('H')]
  const enrol = (code: string, id: string) => h.store.devices.enrol(hashCode(code), { id, publicKey: key(id), remoteAddress: '192.0.2.7' }, h.clock.wallMs())
  enrol(String((await h.call('POST', `/v1/clusters/${has}/enrolment-codes`, {})).body['code']), 'h')

  const made = await h.call('POST', '/v1/enrolment-codes', { targets: { units: [unitId], clusters: [clusterId] }, expiresInMs: 3_600_000 })
  t.match(made, { status: 201, headers: { 'cache-control': 'no-store' }, body: { expiresAt: '2026-06-18T04:00:00.000Z' } })
  const items = made.body.items as unknown as readonly { clusterId: string; clusterCode: string; unitCode: string; code: string }[]
  t.same(items.map((item) => [item.clusterId, item.clusterCode, item.unitCode]), [[clusterId, 'C1', 'X1'], [planned, 'P', 'X2']], 'neither what is retired nor what has a device')
  t.equal(enrol(items[1]!.code, 'p')?.clusterId, planned)
  t.same((await h.call('GET', '/v1/audit-log?limit=1000')).body.items.at(-1)?.['targetIds'], [clusterId, planned])
  t.notMatch(JSON.stringify(h.store.auditLog), new RegExp(items[0]!.code))
  h.clock.advance(3_600_000)
  t.equal(enrol(items[0]!.code, 'c'), undefined, 'over')

  const csv = await h.app.inject({ method: 'POST', url: '/v1/enrolment-codes?format=csv', payload: { targets: { units: [commune] }, withDevices: true }, headers: { authorization: 'Bearer admin-token-for-tests-0123456789abcdef' } })
  const [head, ...rows] = readCsv(csv.rawPayload).map(({ cells }) => cells)
  t.same([csv.statusCode, head, rows.map((cells) => cells.slice(0, 3))], [201, ['Mã cụm loa', 'Tên cụm loa', 'Mã đơn vị', 'Mã kích hoạt', 'Hết hạn'], [['P', 'Cụm P', 'X2'], ['H', 'Cụm H', 'X2']]])
  t.equal(enrol(rows[1]![3] as string, 'h2')?.clusterId, has)
  const xlsx = await h.app.inject({ method: 'POST', url: '/v1/enrolment-codes?format=xlsx&lang=en', payload: { targets: { clusters: [clusterId] } }, headers: { authorization: 'Bearer admin-token-for-tests-0123456789abcdef' } })
  t.match((await readXlsx(xlsx.rawPayload)).map(({ cells }) => cells), [['Code'], ['C1', 'Cụm 1', 'X1', /^[\w-]{19}$/]])

  t.match(await h.call('POST', '/v1/enrolment-codes', { targets: {} }), { status: 422 })
  t.match(await h.call('POST', '/v1/enrolment-codes', { targets: { units: ['nobody'] } }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
})

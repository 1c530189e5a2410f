import t from 'tap'
import { hashCode } from '../../control/ids.ts'
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

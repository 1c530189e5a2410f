import { everywhere, may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { at } from '../finders.ts'
import { hashCode, newCode } from '../ids.ts'
import type { DeviceRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { CreateEnrolmentCode, Device, DeviceList, EnrolmentCode, RotateSigningKey, SigningKeyList, type DeviceView, type EnrolmentCodeView, type SigningKeyListView } from '../schemas/device.ts'
import { formatTime } from '../time.ts'

const DAY_MS = 24 * 3_600_000
const DEFAULT_OVERLAP_MS = 30 * DAY_MS

export function deviceRoutes(app: ControlApp, { store, broadcast, clock, creations, signing }: Context): void {
  app.post('/v1/clusters/:id/enrolment-codes', {
    config: { access: may('maintain', at.cluster) },
    schema: { tags: ['devices'], summary: 'Make a code that enrols one device', description: 'With it a device gives its public key and gets the keys it is to believe. From then on the cluster is served to this device alone; one enrolled before is revoked.', headers: CreateHeaders, params: IdParams, body: CreateEnrolmentCode, response: { 201: named(EnrolmentCode), ...problems(400, 401, 403, 404, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { id } = request.params
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    const nowMs = clock.wallMs()
    const code = newCode()
    const expiresAtMs = nowMs + (request.body.expiresInMs ?? DAY_MS)
    store.devices.addCode({ hash: hashCode(code), clusterId: id, createdAtMs: nowMs, createdBy: identityOf(request).actorId, expiresAtMs })
    return { status: 201, body: { clusterId: id, code, expiresAt: formatTime(expiresAtMs) } satisfies EnrolmentCodeView }
  }))

  app.get('/v1/clusters/:id/devices', {
    config: { access: may('view', at.cluster) },
    schema: { tags: ['devices'], summary: 'List the devices of a cluster, newest first', params: IdParams, response: { 200: named(DeviceList), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    return { items: store.devices.ofCluster(id).map(deviceView) }
  })

  app.post('/v1/devices/:id/revoke', {
    config: { access: may('maintain', at.device) },
    schema: { tags: ['devices'], summary: 'Revoke a device', description: 'It is disconnected and may not come back; the key of the cluster works again. May be repeated.', params: IdParams, response: { 200: named(Device), ...problems(401, 403, 404, 507) } },
  }, ({ params: { id } }) => {
    const device = store.devices.revoke(id, clock.wallMs())
    if (device === undefined) throw notFound('device', id)
    broadcast.clusterChanged(device.clusterId)
    return deviceView(device)
  })

  const keys = (): SigningKeyListView => {
    const infos = signing.infos()
    return { items: infos.map(({ keyId, publicKey, notBeforeMs, notAfterMs }, index) => ({ keyId, publicKey, notBefore: formatTime(notBeforeMs), notAfter: notAfterMs === null ? null : formatTime(notAfterMs), signs: index === infos.length - 1 })) }
  }

  app.get('/v1/signing-keys', {
    config: { access: somewhere('view') },
    schema: { tags: ['signing-keys'], summary: 'List the keys that devices believe', response: { 200: named(SigningKeyList), ...problems(401) } },
  }, keys)

  app.post('/v1/signing-keys/rotate', {
    config: { access: everywhere('manage') },
    schema: { tags: ['signing-keys'], summary: 'Sign with a new key from now on', description: 'Devices are told by a message that the old key signs.', headers: CreateHeaders, body: RotateSigningKey, response: { 201: named(SigningKeyList), ...problems(400, 401, 403, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    signing.rotate(clock.wallMs(), request.body.overlapMs ?? DEFAULT_OVERLAP_MS)
    return { status: 201, body: keys(), after: () => { broadcast.signingKeysChanged() } }
  }))
}

const deviceView = (device: DeviceRecord): DeviceView => ({
  id: device.id,
  clusterId: device.clusterId,
  publicKey: device.publicKey,
  enrolledAt: formatTime(device.enrolledAtMs),
  remoteAddress: device.remoteAddress,
  revokedAt: device.revokedAtMs === null ? null : formatTime(device.revokedAtMs),
})

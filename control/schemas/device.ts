import { Type, type Static } from 'typebox'
import { as, Id, Nullable } from './common.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })

export const CreateEnrolmentCode = Type.Object({
  expiresInMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: 30 * 24 * 3_600_000, default: 24 * 3_600_000 })),
}, { ...strict, examples: [{}] })

export const EnrolmentCode = as('EnrolmentCode', Type.Object({
  clusterId: Id('the cluster'),
  code: Type.String({ description: 'for one device, once; shown only here. Case, spaces and hyphens do not matter', examples: ['7k3m-9xq4-w0d2-r8t5'] }),
  expiresAt: time,
}, strict))
export type EnrolmentCodeView = Static<typeof EnrolmentCode>

const ids = (what: string) => Type.Optional(Type.Array(Id(what), { maxItems: 20_000, uniqueItems: true }))
export const CreateEnrolmentCodes = Type.Object({
  targets: Type.Object({ units: ids('a unit, with all below it'), clusters: ids('a cluster') }, strict),
  expiresInMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: 30 * 24 * 3_600_000, default: 24 * 3_600_000 })),
  withDevices: Type.Optional(Type.Boolean({ default: false, description: 'also for clusters that have a device: the code revokes it when it is used' })),
}, { ...strict, examples: [{ targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] }, expiresInMs: 604800000 }] })

export const EnrolmentCodeQuery = Type.Object({
  format: Type.Optional(Type.Enum(['json', 'csv', 'xlsx'], { default: 'json' })),
  lang: Type.Optional(Type.Enum(['vi', 'en'], { default: 'vi', description: 'of the headings' })),
}, strict)

export const EnrolmentCodes = as('EnrolmentCodes', Type.Object({
  expiresAt: time,
  items: Type.Array(Type.Object({ clusterId: Id('the cluster'), clusterCode: Type.String(), name: Type.String(), unitCode: Type.String(), code: Type.String({ description: 'as of one cluster' }) }, strict)),
}, strict))
export type EnrolmentCodesView = Static<typeof EnrolmentCodes>

export const Device = as('Device', Type.Object({
  id: Id('the device: hash of its public key'),
  clusterId: Id('the cluster'),
  publicKey: Type.String({ description: 'Ed25519, base64url' }),
  enrolledAt: time,
  remoteAddress: Type.String({ description: 'from which it was enrolled' }),
  revokedAt: Nullable(time),
}, strict))
export type DeviceView = Static<typeof Device>

export const DeviceList = as('DeviceList', Type.Object({ items: Type.Array(Device) }, strict))

const SigningKey = Type.Object({
  keyId: Id('the key: hash of its public half'),
  publicKey: Type.String({ description: 'Ed25519, base64url' }),
  notBefore: time,
  notAfter: Nullable(time),
  signs: Type.Boolean({ description: 'whether it is the one that signs now' }),
}, strict)
export const SigningKeyList = as('SigningKeyList', Type.Object({ items: Type.Array(SigningKey) }, { ...strict, description: 'oldest first' }))
export type SigningKeyListView = Static<typeof SigningKeyList>

export const RotateSigningKey = Type.Object({
  overlapMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: 365 * 24 * 3_600_000, default: 30 * 24 * 3_600_000, description: 'devices that connect within this time learn the new key by themselves; the others must be enrolled again' })),
}, { ...strict, examples: [{}] })

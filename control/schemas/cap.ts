import { Type, type Static } from 'typebox'
import { CAP_OUTCOMES, CAP_SIGNATURES } from '../cap/cap-port.ts'
import { MESSAGE_TYPES, SCOPES, STATUSES } from '../cap/cap-message.ts'
import { CAP_REASONS } from '../cap/decision.ts'
import { as, Id, Name, Nullable, pageOf, PageParams } from './common.ts'

const strict = { additionalProperties: false } as const
const At = Type.String({ format: 'date-time' })
const Outcome = Type.Enum([...CAP_OUTCOMES], { description: '`on-air`: it went on the air without a hand; `waiting`: for a person; `cancelled`: it took back what was said; `kept`: there is nothing to do; `refused`: it is not to be believed; `working`: not done yet' })

/** For the document: the body is XML. */
export const CapBody = Type.String({ description: 'One `alert` of the namespace urn:oasis:names:tc:emergency:cap:1.2, XML 1.0 in UTF-8, at most 4 MiB, without DOCTYPE and processing instructions; signed with an enveloped XML Signature if anything is to come of it without a hand.' })

export const CapMessageView = as('CapMessage', Type.Object({
  id: Id('the message as it is kept here'),
  receivedAt: At,
  via: Type.Object({ kind: Type.Enum(['request', 'feed']), id: Type.String({ description: 'token, user or feed' }) }, strict),
  senderId: Nullable(Type.String({ description: 'the registered sender' })),
  identifier: Type.String(),
  sender: Type.String(),
  sent: Type.String({ description: 'as it is written in the message' }),
  status: Type.Enum([...STATUSES]),
  msgType: Type.Enum([...MESSAGE_TYPES]),
  scope: Type.Enum([...SCOPES]),
  references: Type.Array(Type.Object({ sender: Type.String(), identifier: Type.String(), sent: Type.String() }, strict)),
  signature: Type.Enum([...CAP_SIGNATURES], { description: '`valid`: made with a key registered for the sender; `absent`; `unusable`: of a form that is not taken; `broken`: not right' }),
  outcome: Outcome,
  reason: Type.Enum(Object.keys(CAP_REASONS), { description: 'why; stable' }),
  detail: Type.String(),
  detailVi: Type.String(),
  detailEn: Type.Optional(Type.String()),
  alertId: Nullable(Type.String({ description: 'the alert that was made of it, or that it is about' })),
  repeats: Type.Integer({ minimum: 0, description: 'how often it came again' }),
}, strict))
export type CapMessageJson = Static<typeof CapMessageView>
export const CapMessagePage = as('CapMessagePage', pageOf(CapMessageView))

export const CapQuery = Type.Object({
  ...PageParams,
  outcome: Type.Optional(Outcome),
  senderId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
}, strict)

const Sender = Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\s,<&]+$', description: 'as its messages have it in `sender`; unique', examples: ['kttv@hanam.example'] })
const Keys = Type.Array(Type.String({ minLength: 50, maxLength: 20_000 }), { minItems: 1, maxItems: 4, description: 'certificates or public keys in PEM: RSA of 2 048 bits or more, EC P-256, P-384 or P-521, Ed25519. Any of them may sign, so that a new one can be brought in before the old one goes; a certificate only while it is valid.' })
const Unit = Type.String({ minLength: 1, maxLength: 128 })

const senderFields = {
  name: Name('Đài khí tượng thủy văn tỉnh'),
  sender: Sender,
  keys: Keys,
  unitId: Id('its messages reach nothing beyond this unit'),
  preAuthorisedUnitIds: Type.Optional(Type.Array(Unit, { maxItems: 100, uniqueItems: true, description: 'units, within `unitId`, where messages that are Immediate or Expected, Extreme or Severe, and Observed or Likely go on the air without a hand. Needs the right `emergency` there.' })),
  geocodeNames: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 20, uniqueItems: true, description: '`valueName` of geocodes that are codes of units; empty: all of them', examples: [['VN-DVHC']] })),
  mostPerHour: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 10, description: 'more that would go on the air without a hand wait for a person; ten times as many are refused' })),
  enabled: Type.Optional(Type.Boolean({ default: true })),
}
export const CreateCapSender = Type.Object(senderFields, { ...strict, examples: [{ name: 'Đài khí tượng thủy văn tỉnh', sender: 'kttv@hanam.example', keys: ['-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE...\n-----END PUBLIC KEY-----\n'], unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', geocodeNames: ['VN-DVHC'] }] })
export type CreateCapSenderBody = Static<typeof CreateCapSender>
export const ChangeCapSender = Type.Partial(CreateCapSender, { ...strict, minProperties: 1, examples: [{ enabled: false }] })
export type ChangeCapSenderBody = Static<typeof ChangeCapSender>

export const CapSender = as('CapSender', Type.Object({
  id: Id('the sender'),
  name: Type.String(),
  sender: Type.String(),
  keys: Type.Array(Type.Object({
    pem: Type.String(),
    fingerprint: Type.String({ description: 'SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal; to be compared by telephone' }),
    kind: Type.Enum(['rsa', 'ec', 'ed25519']),
    notBefore: Nullable(At),
    notAfter: Nullable(At),
  }, strict)),
  unitId: Type.String(),
  preAuthorisedUnitIds: Type.Array(Type.String()),
  geocodeNames: Type.Array(Type.String()),
  mostPerHour: Type.Integer(),
  enabled: Type.Boolean(),
  createdAt: At,
}, strict))
export type CapSenderView = Static<typeof CapSender>
export const CapSenderPage = as('CapSenderPage', pageOf(CapSender))

const feedFields = {
  name: Name('Bản tin của Đài'),
  senderId: Id('the registered sender whose messages it has; others are left alone'),
  url: Type.String({ minLength: 1, maxLength: 2000, description: 'http or https: Atom or RSS 2.0 whose entries hold or name messages, or a message', examples: ['https://khituong.example/cap/atom.xml'] }),
  intervalMs: Type.Optional(Type.Integer({ minimum: 10_000, maximum: 24 * 3_600_000, default: 60_000, description: 'between two looks, ms; longer after failures' })),
  enabled: Type.Optional(Type.Boolean({ default: true })),
}
export const CreateCapFeed = Type.Object(feedFields, { ...strict, examples: [{ name: 'Bản tin của Đài', senderId: 'n-1jz7k3m9xq4w0d2r8t5v6ya', url: 'https://khituong.example/cap/atom.xml' }] })
export const ChangeCapFeed = Type.Partial(CreateCapFeed, { ...strict, minProperties: 1, examples: [{ intervalMs: 30_000 }] })
export type ChangeCapFeedBody = Static<typeof ChangeCapFeed>

export const CapFeed = as('CapFeed', Type.Object({
  id: Id('the feed'),
  name: Type.String(),
  senderId: Type.String(),
  url: Type.String({ description: 'credentials are shown as ***' }),
  intervalMs: Type.Integer(),
  enabled: Type.Boolean(),
  createdAt: At,
  polledAt: Nullable(At),
  succeededAt: Nullable(At),
  failures: Type.Integer({ minimum: 0, description: 'in a row' }),
  problem: Nullable(Type.String({ description: 'what was wrong at the last look' })),
  nextPollAt: At,
}, strict))
export type CapFeedView = Static<typeof CapFeed>
export const CapFeedPage = as('CapFeedPage', pageOf(CapFeed))
export const CapPageQuery = Type.Object(PageParams, strict)

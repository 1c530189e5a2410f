import { Type, type Static } from 'typebox'
import { PHONE_CALL_STATES, PHONE_LANGUAGES } from '../phone/phone-port.ts'
import { LEAST_PIN_DIGITS, MOST_PIN_DIGITS } from '../phone/pin-rules.ts'
import { MAX_PASSWORD_CHARACTERS } from '../password-rules.ts'
import { as, Id, Name, named, Nullable, PageParams, pageOf } from './common.ts'
import { NamedTargets, Targets } from './order.ts'

const closed = { additionalProperties: false } as const
const time = (description: string) => Type.String({ format: 'date-time', description })

export const PhoneLines = as('PhoneLines', Type.Object({
  configured: Type.Boolean({ description: 'whether calls are taken here at all (sipListen)' }),
  running: Type.Boolean({ description: 'whether the process that takes them is there' }),
  accounts: Type.Array(Type.Object({
    uri: Type.String(),
    state: Type.Enum(['registered', 'registering', 'refused', 'unreachable']),
    reason: Type.String(),
  }, closed)),
  calls: Type.Integer({ minimum: 0, description: 'now' }),
  refusedTotal: Type.Integer({ minimum: 0, description: 'calls and messages refused since the process started' }),
}, { ...closed, examples: [{ configured: true, running: true, accounts: [{ uri: 'sip:0292123456@provider.example', state: 'registered', reason: '' }], calls: 1, refusedTotal: 12 }] }))
export type PhoneLinesView = Static<typeof PhoneLines>

export const PhoneCall = as('PhoneCall', Type.Object({
  id: Id('the call'),
  callerId: Type.String({ description: 'as the network gave it: anybody can forge it' }),
  remoteAddress: Type.String(),
  startedAt: time('when it was answered'),
  endedAt: Nullable(time('null: it lasts')),
  state: Type.Enum([...PHONE_CALL_STATES], { description: 'waiting: for a second person; done: what it put on the air is over or goes on without it' }),
  userId: Nullable(Type.String({ description: 'who proved by his PIN to be it; null: nobody' })),
  userName: Nullable(Type.String()),
  unitId: Nullable(Type.String({ description: 'in whose name' })),
  keyId: Nullable(Type.String({ description: 'what was chosen last' })),
  keyName: Nullable(Type.String()),
  orderId: Nullable(Type.String()),
  alertId: Nullable(Type.String()),
  wrongTries: Type.Integer({ minimum: 0 }),
  result: Type.String({ description: 'why it ended' }),
  recording: Nullable(Type.Object({ durationMs: Type.Integer({ minimum: 0 }), sizeBytes: Type.Integer({ minimum: 0 }) }, { ...closed, description: 'what the caller said, Ogg Opus, silent while numbers and PINs were keyed; null: there is none (any more)' })),
}, closed))
export type PhoneCallView = Static<typeof PhoneCall>
export const PhoneCallPage = as('PhoneCallPage', pageOf(named(PhoneCall)))
export const PhoneCallQuery = Type.Object({
  ...PageParams,
  live: Type.Optional(Type.Boolean({ description: 'only those that last, or only those that are over' })),
  userId: Type.Optional(Type.String({ maxLength: 128 })),
}, closed)

const Key = Type.String({ pattern: '^[1-9]$', description: 'of the telephone', examples: ['1'] })
const Class = Type.Enum(['emergency', 'priority', 'normal'], { description: '`emergency` is an alert, and needs `alert`' })
const AlertOfKey = Type.Object({
  kind: Type.Enum(['real', 'exercise', 'test']),
  hazard: Type.Optional(Type.Enum(['flood', 'storm', 'dam-release', 'fire', 'epidemic', 'missing-person', 'all-clear', 'other'])),
  level: Type.Optional(Type.Enum([1, 2, 3, 4, 5])),
}, { ...closed, description: '`hazard` and `level` are needed for what is live; a template has its own' })
const Content = Type.Union([
  Type.Object({ kind: Type.Literal('live'), sourceId: Id('a source of the kind `phone`') }, closed),
  Type.Object({ kind: Type.Literal('template'), templateId: Id('an alert template'), slots: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }), Type.String({ minLength: 1, maxLength: 300 }))) }, { ...closed, description: 'the server speaks' }),
])
const MostMs = Nullable(Type.Integer({ minimum: 10_000, maximum: 7 * 24 * 3_600_000, description: 'longest time on the air of what is live, ms (left out: 30 min); of a template how long it is in force (null: as the template says)' }))
const OnHangUp = Type.Enum(['stop', 'keep'], { description: 'when a live call is lost or hung up: its order stops at once, or goes on with the fallback of its source until its own end' })

export const PhoneKey = as('PhoneKey', Type.Object({
  id: Id('the prepared key'),
  unitId: Id('for who calls in the name of this unit'),
  userId: Nullable(Id('for this person alone; null: for everybody')),
  key: Key,
  name: Name('Toàn xã, nói trực tiếp'),
  targets: Targets,
  class: Class,
  alert: Nullable(Type.Object({ kind: Type.String(), hazard: Type.String(), level: Type.Integer() }, closed)),
  content: Type.Union([Type.Object({ kind: Type.Literal('live'), sourceId: Type.String() }, closed), Type.Object({ kind: Type.Literal('template'), templateId: Type.String(), slots: Type.Record(Type.String(), Type.String()) }, closed)]),
  mostMs: MostMs,
  onHangUp: OnHangUp,
  createdAt: time('when it was made'),
}, closed))
export type PhoneKeyView = Static<typeof PhoneKey>
export const PhoneKeyPage = as('PhoneKeyPage', pageOf(named(PhoneKey)))
export const PhoneKeyQuery = Type.Object({ ...PageParams, unitId: Type.Optional(Type.String({ maxLength: 128 })) }, closed)

const given = { name: Name('Toàn xã, nói trực tiếp'), targets: NamedTargets, class: Class, content: Content }
const more = { alert: Type.Optional(Nullable(AlertOfKey)), mostMs: Type.Optional(MostMs), onHangUp: Type.Optional(OnHangUp) }
export const CreatePhoneKey = Type.Object({ unitId: Id('for who calls in the name of this unit'), userId: Type.Optional(Nullable(Id('for this person alone'))), key: Key, ...given, ...more }, {
  ...closed,
  examples: [
    { unitId: 'u-xa', key: '1', name: 'Toàn xã, nói trực tiếp', targets: { units: ['u-xa'] }, class: 'normal', content: { kind: 'live', sourceId: 's-phone' } },
    { unitId: 'u-xa', key: '9', name: 'Lũ, nói trực tiếp', targets: { units: ['u-xa'] }, class: 'emergency', alert: { kind: 'real', hazard: 'flood', level: 3 }, content: { kind: 'live', sourceId: 's-phone' } },
    { unitId: 'u-xa', key: '8', name: 'Báo cháy', targets: { units: ['u-xa'] }, class: 'emergency', alert: { kind: 'real' }, content: { kind: 'template', templateId: 'builtin-fire', slots: { place: 'thôn Đông', time: 'hiện nay' } } },
  ],
})
export type CreatePhoneKeyBody = Static<typeof CreatePhoneKey>

const Pin = Type.String({ pattern: `^\\d{${String(LEAST_PIN_DIGITS)},${String(MOST_PIN_DIGITS)}}$`, description: 'never shown again', examples: ['604815'] })
export const PhonePin = as('PhonePin', Type.Object({
  userId: Id('the user'),
  number: Type.String({ description: 'the personal number, keyed before the PIN', examples: ['4711'] }),
  unitId: Id('in whose name he calls'),
  language: Type.Enum([...PHONE_LANGUAGES], { description: 'that he hears' }),
  needsCode: Type.Boolean({ description: 'whether a code of his authenticator is asked for after the PIN' }),
  callerIds: Type.Array(Type.String(), { description: 'numbers from which he usually calls: they prove nothing, but a flood of wrong PINs does not hold them up', examples: [['0912345678']] }),
  changedAt: time('when it was set'),
}, closed))
export type PhonePinView = Static<typeof PhonePin>

const pinFields = { pin: Pin, unitId: Id('in whose name he calls; he must hold `air` or `emergency` there'), language: Type.Optional(Type.Enum([...PHONE_LANGUAGES], { default: 'vi' })), needsCode: Type.Optional(Type.Boolean({ default: false })), callerIds: Type.Optional(Type.Array(Type.String({ pattern: '^\\+?[\\d .()-]{3,24}$' }), { maxItems: 5, description: 'numbers from which he usually calls; left out: as before', examples: [['+84 912 345 678']] })) }
export const SetPhonePin = Type.Object(pinFields, { ...closed, examples: [{ pin: '604815', unitId: 'u-xa' }] })
export type SetPhonePinBody = Static<typeof SetPhonePin>
const proof = { password: Type.String({ minLength: 1, maxLength: MAX_PASSWORD_CHARACTERS }), code: Type.Optional(Type.String({ minLength: 6, maxLength: 40, description: 'of the authenticator, for who has one' })) }
export const SetOwnPhonePin = Type.Object({ ...pinFields, ...proof }, { ...closed, examples: [{ pin: '604815', unitId: 'u-xa', password: 'bốn con mèo ngủ trưa', code: '123456' }] })
export const RemoveOwnPhonePin = Type.Object(proof, { ...closed, examples: [{ password: 'bốn con mèo ngủ trưa', code: '123456' }] })

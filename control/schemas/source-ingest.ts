import { Type, type Static } from 'typebox'
import { ATTEMPT_REASONS, KEY_CLASSES, SWITCH_CAUSES } from '../ingest-port.ts'
import { as, Id, Name, named, Nullable, OwnerId, pageOf, Time } from './common.ts'

const closed = { additionalProperties: false }
const time = (description: string) => Type.String({ format: 'date-time', description })

const Class = Type.Enum([...KEY_CLASSES], { description: 'who comes with a higher one takes the place of a lower one, also while the source is on the air: emergency > priority > normal' })

const fields = {
  id: Id('the key'),
  label: Name('Xe truyền thanh lưu động'),
  class: Class,
  isReplaced: Type.Boolean({ description: 'it was the key of the source itself and goes on for a while' }),
  createdAt: time('when it was made; of a replaced one: when it was replaced'),
  expiresAt: Nullable(time('from then on it opens nothing; null: it has no end')),
  lastUsedAt: Nullable(time('when somebody was last let in with it')),
}

export const SourceKey = as('SourceKey', Type.Object(fields, { ...closed, description: 'a key beside the one that the source itself has, whose class is normal' }))
export type SourceKeyView = Static<typeof SourceKey>
export const SourceKeyWithSecret = as('SourceKeyWithSecret', Type.Object({ ...fields, key: Type.String({ description: 'shown only this once' }) }, closed))
export const SourceKeyPage = as('SourceKeyPage', pageOf(named(SourceKey)))

export const CreateSourceKey = Type.Object({ label: Name('Xe truyền thanh lưu động'), class: Type.Optional(Class), expiresAt: Type.Optional(Nullable(Time('from then on it opens nothing'))) }, { ...closed, examples: [{ label: 'Xe truyền thanh lưu động', class: 'priority' }] })

export const OpenMicrophone = Nullable(Type.Object({ unitId: Type.Optional(OwnerId) }, { ...closed, examples: [{}] }))
export const Microphone = as('Microphone', Type.Object({
  sourceId: Id('the whip source; `sourceId` of an alert or order'),
  path: Type.String({ description: 'path of the stream port that the offer goes to (WHIP, RFC 9725), with the key as Bearer token', examples: ['/whip/s-01HV5Y'] }),
  key: Type.String({ description: 'of class emergency; shown only this once' }),
  expiresAt: time('from then on the key opens nothing; who is connected stays, and asks for another when he has to come back'),
}, closed))

export const RemoveKeyQuery = Type.Object({ endSessions: Type.Optional(Type.Boolean({ default: false, description: 'also cuts who is connected with it' })) }, closed)

export const RotateKey = Nullable(Type.Object({
  overlapMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * 86_400_000, default: 300_000, description: 'the old key goes on for so long, for who has to connect again; 0: not at all' })),
  endSessions: Type.Optional(Type.Boolean({ default: false, description: 'for a key that has leaked: it opens nothing from now on, nor do those before it, and who is connected with one is cut' })),
}, { ...closed, examples: [{ overlapMs: 300_000 }] }))

export const SourceAttempt = as('SourceAttempt', Type.Object({
  id: Id('the attempt'),
  at: time('when it was first tried'),
  lastAt: time('when it was last tried'),
  count: Type.Integer({ minimum: 1, description: 'how often; refusals of one kind from one address within a minute are one' }),
  protocol: Type.Enum(['icecast', 'whip', 'rtmp']),
  accepted: Type.Boolean(),
  reason: Type.Enum([...ATTEMPT_REASONS], { description: '`free`: nobody was there' }),
  keyId: Nullable(Id('the key, where it is not the source’s own')),
  keyClass: Nullable(Type.Enum([...KEY_CLASSES], { description: 'null: no key that is known' })),
  remoteAddress: Type.String({ description: 'whole for who has the right `audit` where the source belongs, for others its network; empty: many addresses' }),
  userAgent: Type.String(),
}, closed))
export type SourceAttemptView = Static<typeof SourceAttempt>
export const SourceAttemptPage = as('SourceAttemptPage', pageOf(named(SourceAttempt)))

export const SwitchInput = Type.Object({
  inputSourceId: Nullable(Id('one of its inputs; null: the best, and by rank from then on')),
  force: Type.Optional(Type.Boolean({ default: false, description: 'also when something is wrong with it' })),
}, { ...closed, examples: [{ inputSourceId: 's-01HV5Z' }] })

export const SourceSwitch = as('SourceSwitch', Type.Object({
  id: Id('the switch'),
  sourceId: Id('the source'),
  at: time('when'),
  fromInputId: Nullable(Id('the source that sounded before; null: none had')),
  toInputId: Id('the source that was taken'),
  cause: Type.Enum([...SWITCH_CAUSES], { description: '`return`: a better one is good again; `manual`: somebody has said so' }),
  detail: Type.String({ description: 'what was wrong with the one before' }),
  gapMs: Type.Integer({ minimum: 0, description: 'silence between the two, by count of samples' }),
}, closed))
export type SourceSwitchView = Static<typeof SourceSwitch>
export const SourceSwitchPage = as('SourceSwitchPage', pageOf(named(SourceSwitch)))

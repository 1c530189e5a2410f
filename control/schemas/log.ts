import { Type, type Static } from 'typebox'
import { AIR_ENTRY_ENDS, FIGURE_KEYS, LOG_NAMES } from '../log-port.ts'
import { FIELDS, ORDER_CLASSES } from '../records.ts'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Id, named, Nullable, PageParams, pageOf, Time } from './common.ts'

const Seq = Type.Integer({ description: 'place in the log; counts up by one, without a gap' })
const Hash = Type.String({ description: 'SHA-256 over the hash before it and this entry, hex' })
const When = (description: string) => Type.String({ format: 'date-time', description })
const Ms = (description: string) => Type.Integer({ description })

export const AuditEntry = as('AuditEntry', Type.Object({
  seq: Seq,
  at: When('when it was written'),
  requestId: Nullable(Type.String()),
  tokenId: Nullable(Type.String({ description: 'who; null: nobody that is known' })),
  tokenName: Nullable(Type.String({ description: 'name of the token at that time' })),
  remoteAddress: Nullable(Type.String()),
  method: Type.String({ description: '`SUM`: refusals that were only counted; `TRIM`: entries or recordings removed by rule; `GET`: a recording was listened to' }),
  route: Type.String(),
  targetIds: Type.Array(Type.String(), { description: 'ids in the path, and of what was made' }),
  fields: Type.Array(Type.String(), { description: 'names of the fields that were sent; never their values' }),
  status: Type.Integer(),
  code: Nullable(Type.String({ description: 'of a refusal' })),
  count: Type.Integer({ description: 'how many requests this entry stands for' }),
  hash: Hash,
}, { additionalProperties: false, description: 'a request that changed something or was refused' }))
export type AuditEntryView = Static<typeof AuditEntry>
export const AuditLogPage = as('AuditLogPage', pageOf(named(AuditEntry)))

export const AirLogEntry = as('AirLogEntry', Type.Object({
  seq: Seq,
  at: When('when it was written'),
  orderId: Id('the order'),
  class: Type.Enum([...ORDER_CLASSES]),
  title: Type.String(),
  unitId: Id('unit of the clusters at that time'),
  issuerUnitId: Id('unit that gave the order'),
  sourceId: Nullable(Type.String()),
  clipIds: Nullable(Type.Array(Type.String())),
  clusterIds: Type.Array(Type.String()),
  plannedFrom: When('as it was planned when the run began'),
  plannedUntil: When('as it was planned when the run began'),
  from: When('by the house clock'),
  until: When('by the house clock'),
  plannedMs: Ms('planned length, summed over clusters; a cluster counts in the first run of an order only'),
  airMs: Ms('real length, summed over clusters'),
  sentMs: Ms('the part of it in which the clusters were connected, summed over clusters'),
  end: Type.Enum([...AIR_ENTRY_ENDS], { description: 'why it ended; `lost`: the server died, and this is the last moment it was seen. `never` and `told` are no runs: what was planned and never came on air there, and what devices have told afterwards of how long they sounded' }),
  field: Nullable(Type.Enum([...FIELDS], { description: 'what the order was about' })),
  soundedMs: Ms('audible sound by the own logs of the devices, summed over clusters; in entries `told`'),
  hash: Hash,
}, { additionalProperties: false, description: 'one uninterrupted run of one order on clusters of one unit; written when it ends' }))
export type AirLogEntryView = Static<typeof AirLogEntry>
export const AirLogPage = as('AirLogPage', pageOf(named(AirLogEntry)))

export const LogCheckpoint = as('LogCheckpoint', Type.Object({
  number: Type.Integer(),
  at: When('when it was signed'),
  previousHash: Type.String(),
  heads: Type.Array(Type.Object({ log: Type.Enum([...LOG_NAMES]), firstSeq: Type.Integer(), seq: Type.Integer(), hash: Type.String() }, { additionalProperties: false })),
  keyId: Type.String(),
  publicKey: Type.String({ description: 'raw Ed25519, base64url' }),
  signature: Type.String({ description: 'base64url' }),
}, { additionalProperties: false, description: 'says, signed, how far the logs had come; a copy kept elsewhere proves that nothing up to it was changed since' }))
export type LogCheckpointView = Static<typeof LogCheckpoint>
export const LogCheckpointPage = as('LogCheckpointPage', pageOf(named(LogCheckpoint)))

const FigureMap = Type.Enum(['then', 'now'], { default: 'then', description: 'units: `then` counts for the unit the cluster belonged to; `now` counts what a unit that ended sent for its only successor' })

export const Figures = as('Figures', Type.Object({
  from: When('first moment'),
  to: When('first moment after'),
  by: Type.Enum([...FIGURE_KEYS]),
  map: FigureMap,
  items: Type.Array(Type.Object({
    key: Type.String({ description: 'id of the unit or source (`clips`: recorded sound), the field (`none`: nobody has said), the class, or the time of Viet Nam: `2026-06-18`, a week by its Monday, `2026-06`, `2026-Q2`, `2026`' }),
    name: Nullable(Type.String({ description: 'of the unit or source, as it is called now; not from the log' })),
    runs: Type.Integer(),
    plannedMinutes: Type.Number({ description: 'minutes × clusters' }),
    airMinutes: Type.Number({ description: 'minutes × clusters' }),
    sentMinutes: Type.Number({ description: 'minutes × clusters' }),
    soundedMinutes: Type.Number({ description: 'minutes × clusters, as the devices themselves have logged them, also those that came later; plain HTTP listeners have none' }),
  }, { additionalProperties: false })),
}, { additionalProperties: false, description: 'sums over the entries of the air log that began in the time; adjoining times add up' }))
export type FiguresView = Static<typeof Figures>

const Span = { from: Type.Optional(Time('not before')), to: Type.Optional(Time('before')) }
const AuditFilters = {
  ...Span,
  tokenId: Type.Optional(Id('only of this token or user')),
  route: Type.Optional(Type.String({ maxLength: 200, description: 'only of this route and those below it', examples: ['/v1/orders'] })),
  result: Type.Optional(Type.Enum(['done', 'refused'], { description: 'refused: answered with an error' })),
  targetId: Type.Optional(Id('only what names it')),
  unitId: Type.Optional(Id('only what names this unit, one below it, or a cluster that is in one of them now')),
}
const AirFilters = { ...Span, unitId: Type.Optional(Id('only clusters of this unit')), clusterId: Type.Optional(Id('only runs on this cluster')), orderId: Type.Optional(Id('only runs of this order')) }
const Format = { format: Type.Optional(Type.Enum(['csv', 'ndjson'], { default: 'ndjson' })) }

export const PlainPageQuery = Type.Object(PageParams, { additionalProperties: false })
export const AuditLogQuery = Type.Object({ ...PageParams, ...AuditFilters }, { additionalProperties: false })
export const AirLogQuery = Type.Object({ ...PageParams, ...AirFilters }, { additionalProperties: false })
export const AuditExportQuery = Type.Object({ ...Format, ...AuditFilters }, { additionalProperties: false })
export const AirExportQuery = Type.Object({ ...Format, ...AirFilters }, { additionalProperties: false })
const figureSpan = { from: Time('first moment'), to: Time('first moment after'), unitId: Type.Optional(Id('only clusters of this unit and all below it')), by: Type.Enum([...FIGURE_KEYS]), map: Type.Optional(FigureMap) }
export const FiguresQuery = Type.Object(figureSpan, { additionalProperties: false })
export const FiguresExportQuery = Type.Object({ ...figureSpan, lang: SheetParams.lang, format: Type.Optional(Type.Enum(['csv', 'xlsx'], { default: 'xlsx' })) }, { additionalProperties: false })
export const FigureEntriesQuery = Type.Object({ ...PageParams, ...figureSpan, key: Type.String({ minLength: 1, maxLength: 128, description: 'of the figure' }) }, { additionalProperties: false })

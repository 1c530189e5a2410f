import { Type, type Static } from 'typebox'
import { OUTCOMES } from '../proof/proof.ts'
import { REPORT_KINDS } from '../proof/proof-port.ts'
import { FIELDS, ORDER_CLASSES } from '../records.ts'
import { as, Id, named, Nullable, PageParams, pageOf } from './common.ts'

const When = (description: string) => Type.String({ format: 'date-time', description })
const Count = (description: string) => Type.Integer({ minimum: 0, description })
const Outcome = Type.Enum([...OUTCOMES], { description: '`heard` by a sensor, `played`: the samples have left it audibly; `not-proved`: a plain HTTP listener was connected, which can say nothing. All others did not sound: `muted`, `amplifier-off`, `sensor-silent`, `not-verified`, `not-on-air` (another order went before), `offline` all the time, `lost` before it sounded, `silent`: connected and has not said that it plays' })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the document, hex', examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] })

export const ClusterReport = Type.Object({
  clusterId: Id('the cluster'),
  code: Type.String(),
  name: Type.String(),
  unitId: Type.String({ description: 'its unit when the order began' }),
  unitName: Type.String(),
  sim: Nullable(Type.String({ description: 'number of its card or line' })),
  late: Type.Boolean({ description: 'came to the order after that had begun' }),
  outcome: Outcome,
  online: Type.Boolean({ description: 'is connected, or was at the end' }),
  protocol: Nullable(Type.Enum(['native', 'http'], { description: 'how it was connected last; null: never while the order ran' })),
  connectedAt: Nullable(When('first moment of the order at which it was connected')),
  awaySince: Nullable(When('since when it is away; null when it is there, or was not seen since the server began')),
  onAirAt: Nullable(When('when the order came on air for it')),
  receivedAt: Nullable(When('when it said that bytes had come')),
  verifiedAt: Nullable(When('when it said that the signature is right')),
  playedAt: Nullable(When('when the first sample left it, or it said so')),
  heardAt: Nullable(When('when something at the loudspeaker had heard it')),
  cutInMs: Nullable(Type.Integer({ description: 'from the moment the order could sound there (given, begun, or connected, whichever came last) to `playedAt`; below 0: its clock is ahead' })),
  soundedMs: Nullable(Count('audible sound by its own log, without what was missing; null: no log has come')),
}, { additionalProperties: false })
export type ClusterReportView = Static<typeof ClusterReport>

export const ReportCounts = Type.Object({
  targeted: Count('clusters that the order meant when it began, and those that came to it later'),
  connected: Count('are connected, or were at the end'),
  received: Count('have told that the order has come'),
  verified: Count('have told that its signature is right'),
  played: Count('have played it audibly'),
  heard: Count('were heard by a sensor'),
  notProved: Count('plain HTTP listeners that were connected: they cannot prove anything'),
  red: Count('did not sound'),
}, { additionalProperties: false })

export const OrderReport = as('OrderReport', Type.Object({
  form: Type.Literal(1),
  kind: Type.Literal('report'),
  orderId: Id('the order'),
  number: Type.Integer({ minimum: 1 }),
  class: Type.Enum([...ORDER_CLASSES]),
  title: Type.String(),
  sourceId: Nullable(Type.String()),
  clipIds: Nullable(Type.Array(Type.String())),
  field: Nullable(Type.Enum([...FIELDS])),
  issuer: Type.String(),
  issuerName: Type.String(),
  createdBy: Type.String({ description: 'id of the token or user that gave it' }),
  createdAt: When('when it was given'),
  startsAt: When('planned'),
  endsAt: When('planned'),
  stoppedAt: Nullable(When('when somebody stopped it')),
  openedAt: When('when the list of clusters was frozen'),
  closedAt: When('when this was written'),
  complete: Type.Boolean({ description: 'false: so many orders ran at once that not every cluster could be watched' }),
  counts: ReportCounts,
  clusters: Type.Array(ClusterReport),
}, { additionalProperties: false, description: 'how an order went, cluster by cluster; never changed once it is closed' }))
export type OrderReportView = Static<typeof OrderReport>

export const ReportAppendix = as('ReportAppendix', Type.Object({
  form: Type.Literal(1),
  kind: Type.Literal('appendix'),
  orderId: Id('the order'),
  at: When('when the news came'),
  clusters: Type.Array(Type.Object({
    clusterId: Id('the cluster'),
    from: When('when its first sample was heard'),
    until: When('when its last was'),
    soundedMs: Count('audible sound, without what was missing'),
    verified: Type.Boolean(),
    heard: Nullable(Type.Boolean({ description: 'what a sensor said' })),
    audible: Type.Boolean(),
    playing: Type.Enum(['live', 'cached']),
  }, { additionalProperties: false })),
}, { additionalProperties: false, description: "what devices that were away have told later, from their own logs: runs that the report does not hold" }))
export type ReportAppendixView = Static<typeof ReportAppendix>

const Entry = Type.Object({ seq: Type.Integer({ description: 'place in the chain of reports' }), at: When('when it was written'), hash: Type.String({ description: 'of the entry in the chain' }), sha256: Sha256 }, { additionalProperties: false })

const State = Type.Enum(['waiting', 'running', 'closed', 'none'], { description: '`none`: it was over before reports were kept, or was withdrawn before it began' })

export const ReportAnswer = as('ReportAnswer', Type.Object({
  state: State,
  entry: Nullable(Entry),
  report: Nullable(named(OrderReport)),
  appendices: Type.Array(Type.Object({ entry: Entry, appendix: named(ReportAppendix) }, { additionalProperties: false })),
}, { additionalProperties: false, description: 'while the order runs: what is known now, without an entry. Closed within 10 s of its end.' }))
export type ReportAnswerView = Static<typeof ReportAnswer>

const Contact = Type.Object({ unitId: Id('unit that names him, or of the cluster whose keeper he is'), name: Type.String(), phone: Type.String() }, { additionalProperties: false, description: 'who can be called about it now: its keeper, else as its unit says, or the nearest above that says so; null: nobody' })

export const ProofBoard = as('ProofBoard', Type.Object({
  id: Id('the order or alert'),
  at: When('now'),
  state: State,
  counts: ReportCounts,
  red: Type.Array(Type.Object({ clusterId: Id('the cluster'), code: Type.String(), name: Type.String(), unitId: Type.String(), sim: Nullable(Type.String()), outcome: Outcome, awaySince: Nullable(When('since when it is away')), contact: Nullable(Contact) }, { additionalProperties: false }), { description: 'who does not sound' }),
  redLeftOut: Count('how many more there are'),
}, { additionalProperties: false, description: 'how an order goes now; once it is closed, as its report says' }))
export type ProofBoardView = Static<typeof ProofBoard>

export const AlertReport = as('AlertReport', Type.Object({
  alertId: Id('the alert'),
  title: Type.String(),
  at: When('now'),
  state: State,
  orders: Type.Array(Type.Object({ orderId: Id('an order that it gave'), startsAt: When('planned'), endsAt: When('planned'), state: State, entry: Nullable(Entry) }, { additionalProperties: false })),
  counts: ReportCounts,
  clusters: Type.Array(ClusterReport),
  appendices: Type.Array(Type.Object({ entry: Entry, appendix: named(ReportAppendix) }, { additionalProperties: false })),
}, { additionalProperties: false, description: "how an alert went: the clusters of all orders that it gave, each with its first times, the sum of what it has sounded, and the best that came of it. `closed`: the alert is over, and each order has its report in the chain." }))
export type AlertReportView = Static<typeof AlertReport>

export const ReportEntry = as('ReportEntry', Type.Object({
  seq: Type.Integer(),
  at: When('when it was written'),
  kind: Type.Enum([...REPORT_KINDS]),
  orderId: Id('the order'),
  sha256: Sha256,
  bytes: Count('length of the document'),
  hash: Type.String({ description: 'SHA-256 over the hash before it and this entry, hex' }),
}, { additionalProperties: false }))
export const ReportPage = as('ReportPage', pageOf(named(ReportEntry)))

export const ProofQuery = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, default: 1000, description: 'most clusters of the red list' })) }, { additionalProperties: false })
export const ReportExportQuery = Type.Object({ format: Type.Optional(Type.Enum(['json', 'csv', 'xlsx', 'html'], { default: 'html', description: '`json`: the very document of which the chain has the SHA-256' })) }, { additionalProperties: false })
export const ReportListQuery = Type.Object(PageParams, { additionalProperties: false })

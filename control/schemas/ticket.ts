import { Type, type Static } from 'typebox'
import { TICKET_STATES } from '../alarms/ticket-port.ts'
import { SeverityName } from './alarm.ts'
import { as, Id, named, Nullable, PageParams, pageOf, Time } from './common.ts'

const closed = { additionalProperties: false } as const
const moment = Nullable(Type.String({ format: 'date-time' }))
const duration = (description: string) => Nullable(Type.Integer({ minimum: 0, description: `${description}, ms` }))
const Vnd = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description: 'dong' })
const VndInAll = Type.Integer({ minimum: 0, description: 'dong, of all parts' })

const Title = Type.String({ minLength: 1, maxLength: 200, examples: ['Thay âm ly'] })
const Note = Type.String({ minLength: 1, maxLength: 2000, examples: ['Cháy cầu chì, đã đặt hàng'] })
const Assignee = Nullable(Type.String({ minLength: 1, maxLength: 200, description: 'whoever repairs it, as people call them', examples: ['Tổ kỹ thuật số 2'] }))
const Parts = Type.Array(Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }), quantity: Type.Integer({ minimum: 1, maximum: 100_000 }), costVnd: Nullable(Vnd) }, closed), { maxItems: 100, examples: [[{ name: 'Cầu chì 10 A', quantity: 2, costVnd: 30000 }]] })
const StateName = Type.Enum([...TICKET_STATES])

export const Ticket = as('Ticket', Type.Object({
  id: Id('the ticket'),
  number: Type.Integer({ minimum: 1, description: 'what people call it by' }),
  title: Title,
  unitId: Type.String(),
  clusterId: Nullable(Type.String({ description: 'null: it is about the unit as a whole' })),
  clusterState: Nullable(Type.String({ description: 'what the cluster is now; null: there is none, or it is no more' })),
  alarmId: Nullable(Type.String()),
  severity: SeverityName,
  state: StateName,
  assignee: Assignee,
  parts: Parts,
  labourVnd: Nullable(Vnd),
  costVnd: VndInAll,
  openedAt: Type.String({ format: 'date-time' }),
  openedBy: Nullable(Type.String({ description: 'id of the token or user; null: a rule' })),
  respondedAt: moment,
  onSiteAt: moment,
  closedAt: moment,
  respondMs: duration('until somebody was on it'),
  arriveMs: duration('until somebody was on site'),
  repairMs: duration('until it was done'),
  workMs: duration('the same without the wait for parts'),
  waitedMs: Type.Integer({ minimum: 0, description: 'for parts, ms' }),
}, closed))
export type TicketView = Static<typeof Ticket>
export const TicketPage = as('TicketPage', pageOf(named(Ticket)))

export const TicketEventList = as('TicketEventList', Type.Object({
  items: Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }), by: Nullable(Type.String()), name: Type.String(), state: StateName, note: Nullable(Type.String()) }, closed)),
}, closed))

const filters = {
  unitId: Type.Optional(Type.String({ maxLength: 128, description: 'the unit and everything below it' })),
  clusterId: Type.Optional(Type.String({ maxLength: 128 })),
  alarmId: Type.Optional(Type.String({ maxLength: 128 })),
  state: Type.Optional(Type.Enum([...TICKET_STATES, 'unfinished'])),
  assignee: Type.Optional(Type.String({ maxLength: 200 })),
  from: Type.Optional(Time('opened at or after')),
  to: Type.Optional(Time('opened before')),
}
export const TicketQuery = Type.Object({ ...PageParams, ...filters }, closed)
export const TicketExportQuery = Type.Object({ ...filters, format: Type.Optional(Type.Enum(['xlsx', 'csv'])), lang: Type.Optional(Type.Enum(['vi', 'en'])) }, closed)

export const CreateTicket = Type.Object({
  title: Title,
  unitId: Type.Optional(Type.String({ maxLength: 128, description: 'needed without `clusterId`' })),
  clusterId: Type.Optional(Type.String({ maxLength: 128, description: 'its unit is taken from it' })),
  alarmId: Type.Optional(Type.String({ maxLength: 128 })),
  severity: Type.Optional(SeverityName),
  assignee: Type.Optional(Assignee),
  note: Type.Optional(Note),
}, { ...closed, examples: [{ title: 'Thay âm ly', clusterId: 'c-01k2', note: 'Mất tiếng từ sáng' }] })

export const ChangeTicket = Type.Object({
  title: Type.Optional(Title),
  severity: Type.Optional(SeverityName),
  state: Type.Optional(StateName),
  assignee: Type.Optional(Assignee),
  parts: Type.Optional(Parts),
  labourVnd: Type.Optional(Nullable(Vnd)),
  note: Type.Optional(Note),
  outOfUse: Type.Optional(Type.Boolean({ description: 'true: the cluster goes into the state `repair`, so that nothing sounds beside the technician; false: it is what it was before. A ticket that is closed puts it back by itself' })),
}, { ...closed, minProperties: 1, examples: [{ state: 'on-site', outOfUse: true }, { state: 'done', parts: [{ name: 'Cầu chì 10 A', quantity: 2, costVnd: 30000 }], note: 'Đã thay' }] })

const figures = {
  opened: Type.Integer({ minimum: 0 }),
  done: Type.Integer({ minimum: 0 }),
  cancelled: Type.Integer({ minimum: 0 }),
  unfinished: Type.Integer({ minimum: 0 }),
  respondMeanMs: duration('mean'),
  respondMedianMs: duration('median'),
  repairMeanMs: duration('mean'),
  repairMedianMs: duration('median'),
  costVnd: VndInAll,
}
export const TicketFigures = as('TicketFigures', Type.Object({
  from: Type.String({ format: 'date-time' }),
  to: Type.String({ format: 'date-time' }),
  all: Type.Object(figures, closed),
  byUnit: Type.Array(Type.Object({ unitId: Type.String(), ...figures }, closed)),
}, { ...closed, description: 'of tickets opened in the period' }))
export const TicketFiguresQuery = Type.Object({ unitId: filters.unitId, from: Time('opened at or after'), to: Time('opened before') }, closed)

import { Type, type Static } from 'typebox'
import { FIELDS } from '../records.ts'
import { as, Id, Name, named, Nullable, PageParams, pageOf, Tag, Time } from './common.ts'
import { HandOvers, Mixing, MixingBody } from './mixing.ts'
import { Reason } from './policy.ts'

const Class = Type.Enum(['emergency', 'priority', 'normal'], { description: 'emergency goes before priority, priority before normal; only emergency cuts' })
const State = Type.Enum(['scheduled', 'on-air', 'ended', 'stopped'], { description: 'follows from the times alone: `on-air` means that now lies between start and end' })
/** What it is about; its words stand in the records. */
export const ContentField = Type.Enum([...FIELDS], { description: 'what it is about, as `LoaiLinhVuc` 1 to 6 of Thông tư 39/2020: general, sudden events, lines of the Party and laws of the State, steering by the local authority, knowledge, good people and good deeds' })
const MAX_TARGETS = 20_000

/** Targets as they are shown. */
export const Targets = Type.Object({
  units: Type.Array(Type.String(), { description: 'with everything below them' }),
  clusters: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  groups: Type.Array(Type.String()),
}, { additionalProperties: false, description: 'a cluster is meant when any of them names it' })

/** The alert that gave an order. */
export const OrderAlert = Nullable(Type.Object({
  id: Type.String(),
  kind: Type.Enum(['real', 'exercise', 'test']),
  level: Type.Enum([1, 2, 3, 4, 5]),
}, { additionalProperties: false, description: 'the alert that gave the order; null: none' }))

const orderFields = {
  id: Id('the order'),
  number: Type.Integer({ minimum: 1, description: 'counts up in the sequence of acceptance' }),
  class: Class,
  title: Name('Cảnh báo lũ'),
  sourceId: Nullable(Type.String()),
  clipIds: Nullable(Type.Array(Type.String())),
  targets: Targets,
  startsAt: Type.String({ format: 'date-time' }),
  endsAt: Type.String({ format: 'date-time' }),
  rank: Type.Integer(),
  resume: Type.Enum(['continue', 'skip']),
  issuer: Id('unit that gives the order'),
  field: Nullable(ContentField),
  tone: Type.Boolean({ description: 'whether an emergency starts with the attention tone' }),
  state: State,
  stoppedAt: Nullable(Type.String({ format: 'date-time' })),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'id of the token' }),
  alert: OrderAlert,
  mixing: Mixing,
  handOvers: HandOvers,
}

/** An order in a list: without the count of clusters, which would have to be made for every one of a thousand. */
export const ListedOrder = as('ListedOrder', Type.Object(orderFields, { additionalProperties: false }))
export type ListedOrderView = Static<typeof ListedOrder>

export const Order = as('Order', Type.Object({
  ...orderFields,
  clusters: Type.Object({
    targeted: Type.Integer({ minimum: 0 }),
    online: Type.Integer({ minimum: 0 }),
  }, { additionalProperties: false, description: 'how many clusters the targets mean now, and how many of them are connected' }),
}, { additionalProperties: false }))
export type OrderView = Static<typeof Order>

export const OrderPage = as('OrderPage', pageOf(named(ListedOrder)))

/** Targets as a request names them. */
export const NamedTargets = Type.Object({
  units: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: MAX_TARGETS })),
  clusters: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: MAX_TARGETS })),
  tags: Type.Optional(Type.Array(Tag, { maxItems: 1000 })),
  groups: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 1000, description: 'saved selections; as what they mean at each moment' })),
}, { additionalProperties: false, description: 'at least one; a cluster is meant when any of them names it' })

export const CreateOrder = Type.Object({
  class: Class,
  title: Name('Cảnh báo lũ'),
  sourceId: Type.Optional(Id('what to play: this source, live')),
  clipIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 200, description: 'what to play: these clips, one after the other' })),
  targets: NamedTargets,
  startsAt: Type.Optional(Time('default: now')),
  endsAt: Type.Optional(Time('first moment at which it is over')),
  durationMs: Type.Optional(Type.Integer({ minimum: 1, description: 'instead of `endsAt`, ms' })),
  rank: Type.Optional(Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, default: 0, description: 'order among the `priority` orders of one unit; lower goes first' })),
  resume: Type.Optional(Type.Enum(['continue', 'skip'], { default: 'continue', description: 'clips cut by an emergency go on where they were cut, or leave out what was missed' })),
  issuer: Type.Optional(Id('unit that gives the order; default: the first root, or the highest unit of the giver above the first target')),
  field: Type.Optional(ContentField),
  reason: Type.Optional(Reason),
  tone: Type.Optional(Type.Boolean({ default: true, description: 'start an emergency with the attention tone' })),
  mixing: Type.Optional(MixingBody),
}, {
  additionalProperties: false,
  description: 'Either `sourceId` or `clipIds`; for a source either `endsAt` or `durationMs`. Clips without an end get as much time as they last, and a while more for what an emergency cuts away.',
  examples: [
    { class: 'emergency', title: 'Lũ', sourceId: 's-1jz7k3m9xq4w0d2r8t5v6ya', targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'], clusters: [], tags: [] }, durationMs: 600000 },
    { class: 'normal', title: 'Bản tin sáng', clipIds: ['3f1c2e0a7a0f4a3c'], targets: { tags: ['ven-song'] }, startsAt: '2026-06-18T05:00:00+07:00' },
  ],
})
export type CreateOrderBody = Static<typeof CreateOrder>

export const OrderQuery = Type.Object({
  ...PageParams,
  state: Type.Optional(State),
  class: Type.Optional(Class),
  clusterId: Type.Optional(Type.String({ description: 'only orders whose targets mean this cluster' })),
  sourceId: Type.Optional(Type.String()),
}, { additionalProperties: false })

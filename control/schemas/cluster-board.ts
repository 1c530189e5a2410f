import { Type, type Static } from 'typebox'
import { ConditionName, WorkingStateName } from './monitoring.ts'
import { OnAirOrder } from './cluster.ts'
import { as, Code, Id, Name, Nullable, PageParams, pageOf } from './common.ts'

const strict = { additionalProperties: false }

const BoardRow = Type.Object({
  id: Id('the cluster'),
  unitId: Id('its unit'),
  code: Code('C1'),
  name: Name('Cụm 1'),
  lat: Nullable(Type.Number({ description: 'WGS 84, degrees; null: nobody has said where it stands' })),
  lon: Nullable(Type.Number()),
  state: WorkingStateName,
  online: Type.Boolean(),
  conditions: Type.Array(ConditionName, { description: 'the gravest first' }),
  orderId: Nullable(Type.String({ description: 'the order that is on the air there, which stands in `orders`; null: none' })),
}, strict)

export const ClusterBoard = as('ClusterBoard', Type.Object({
  ...pageOf(BoardRow).properties,
  orders: Type.Array(OnAirOrder, { description: 'what is on the air on any of them, each order once' }),
}, {
  ...strict,
  examples: [{
    items: [{ id: 'c-1jz7k3m9xq4w0d2r8t5v6ya', unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', code: 'C1', name: 'Cụm 1', lat: 21.0285, lon: 105.8542, state: 'playing', online: true, conditions: [], orderId: 'o-1jz7k3m9xq4w0d2r8t5v6ya' }],
    nextCursor: null,
    orders: [{ orderId: 'o-1jz7k3m9xq4w0d2r8t5v6ya', class: 'normal', title: 'Bản tin sáng', sourceId: 's-1jz7k3m9xq4w0d2r8t5v6ya', clipIds: null, since: '2026-06-17T22:00:00.000Z', until: '2026-06-17T22:30:00.000Z', alert: null, under: null }],
  }],
}))
export type ClusterBoardView = Static<typeof ClusterBoard>

export const ClusterBoardQuery = Type.Object({ ...PageParams, unit: Type.Optional(Type.String({ maxLength: 128, description: 'only clusters of this unit and below it' })) }, strict)

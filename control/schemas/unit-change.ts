import { Type, type Static } from 'typebox'
import { UNIT_CHANGE_STATES } from '../ports.ts'
import { as, Code, Id, Name, named, Nullable, PageParams, pageOf, Time } from './common.ts'

const AnId = Type.String({ minLength: 1, maxLength: 128 })
const strict = { additionalProperties: false } as const

const Into = Type.Union([
  AnId,
  Type.Object({ code: Code('X1'), name: Name('Xã Một'), parentId: Type.Optional(Nullable(Id('unit above; left out: where the (first) unit stood that it comes from'))) }, strict),
], { description: 'a unit that exists, by its id, or one to be made' })

const Steps = Type.Array(Type.Union([
  Type.Object({ kind: Type.Literal('rename'), unitId: AnId, code: Type.Optional(Code('X1')), name: Type.Optional(Name('Xã Một')) }, strict),
  Type.Object({ kind: Type.Literal('move'), unitId: AnId, parentId: Nullable(AnId) }, strict),
  Type.Object({ kind: Type.Literal('merge'), unitIds: Type.Array(AnId, { minItems: 1, maxItems: 1000, uniqueItems: true }), into: Into }, { ...strict, description: 'the units end, and `into` takes over their clusters and the units below; `into` may be one of them' }),
  Type.Object({
    kind: Type.Literal('split'),
    unitId: AnId,
    parts: Type.Array(Type.Object({ into: Into, clusterIds: Type.Array(AnId, { maxItems: 20_000 }), unitIds: Type.Array(AnId, { maxItems: 1000 }) }, strict), { minItems: 1, maxItems: 100 }),
    remains: Type.Boolean({ description: 'whether the unit stays with what no part names; otherwise it ends, and every cluster of its own and every unit right below it must be named' }),
  }, strict),
  Type.Object({ kind: Type.Literal('end'), unitId: AnId }, { ...strict, description: 'of a unit that holds nothing' }),
]), { minItems: 1, maxItems: 500, description: 'taken one after the other, together or not at all' })

const At = Time('from when on it holds. In the future: it is planned, and done at that time. In the past: the map of that time is corrected, as far back as the units and clusters have been where they are; what was logged stays with the unit it was logged for')

export const UnitChange = as('UnitChange', Type.Object({
  id: Id('the change'),
  at: Type.String({ format: 'date-time' }),
  note: Nullable(Type.String()),
  steps: Steps,
  state: Type.Enum([...UNIT_CHANGE_STATES], { description: '`failed`: when its time came the map was another, and nothing was changed; `problem` says why' }),
  result: Nullable(Type.Object({
    createdIds: Type.Array(Type.String()),
    endedIds: Type.Array(Type.String()),
    clustersMoved: Type.Integer({ minimum: 0 }),
  }, strict)),
  problem: Nullable(Type.Object({ detail: Type.String(), detailVi: Type.String(), detailEn: Type.Optional(Type.String()) }, strict)),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'id of the token' }),
}, strict))
export type UnitChangeView = Static<typeof UnitChange>

export const UnitChangeOutcome = as('UnitChangeOutcome', Type.Object({
  created: Type.Integer({ minimum: 0, description: 'units that would be made' }),
  endedIds: Type.Array(Type.String(), { description: 'units that would end' }),
  clustersMoved: Type.Integer({ minimum: 0 }),
}, strict))

export const UnitChangePage = as('UnitChangePage', pageOf(named(UnitChange)))

export const CreateUnitChange = Type.Object({
  at: Type.Optional(At),
  note: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'such as the number of the decision', examples: ['NQ 1658/NQ-UBTVQH15'] })),
  steps: Steps,
}, { ...strict, examples: [{ at: '2026-07-01T00:00:00+07:00', note: 'NQ 1658/NQ-UBTVQH15', steps: [{ kind: 'merge', unitIds: ['u-1jz7k3m9xq4w0d2r8t5v6ya', 'u-2jz7k3m9xq4w0d2r8t5v6yb'], into: { code: 'X-MOI', name: 'Xã Mới' } }] }] })

export const UnitChangeQuery = Type.Object({ ...PageParams, state: Type.Optional(Type.Enum([...UNIT_CHANGE_STATES])) }, strict)

const versionFields = {
  unitId: Id('the unit'),
  code: Type.String(),
  name: Type.String(),
  parentId: Nullable(Type.String()),
  from: Type.String({ format: 'date-time' }),
  until: Nullable(Type.String({ format: 'date-time', description: 'first moment at which it was so no more; null: it is so now' })),
}

export const UnitVersion = as('UnitVersion', Type.Object(versionFields, strict))
export type UnitVersionView = Static<typeof UnitVersion>

export const UnitMapPage = as('UnitMapPage', pageOf(named(UnitVersion)))

export const UnitHistory = as('UnitHistory', Type.Object({
  versions: Type.Array(named(UnitVersion), { description: 'oldest first' }),
  predecessorIds: Type.Array(Type.String(), { description: 'units that ended and handed over to this one' }),
  successorIds: Type.Array(Type.String(), { description: 'units that took over what this one held; empty while it stands' }),
}, strict))
export type UnitHistoryView = Static<typeof UnitHistory>

export const UnitMapQuery = Type.Object({ ...PageParams, at: Time('the moment') }, strict)

export const ClusterUnits = as('ClusterUnits', Type.Object({
  items: Type.Array(Type.Object({ unitId: Id('the unit'), from: Type.String({ format: 'date-time' }), until: Nullable(Type.String({ format: 'date-time' })) }, strict), { description: 'oldest first' }),
}, { ...strict, description: 'the units a cluster has belonged to' }))
export type ClusterUnitsView = Static<typeof ClusterUnits>

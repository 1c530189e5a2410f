import { Type, type Static } from 'typebox'
import { as, Id, Name, named, Nullable, PageParams, pageOf, Tag } from './common.ts'

const strict = { additionalProperties: false } as const
const Place = Type.Array(Type.Number(), { minItems: 2, maxItems: 3, description: 'longitude, latitude' })
const Rings = Type.Array(Type.Array(Place), { minItems: 1, description: 'the ring around it, then holes in it' })

/** A geometry of RFC 7946. */
const AreaSchema = Type.Union([
  Type.Object({ type: Type.Literal('Polygon'), coordinates: Rings }, strict),
  Type.Object({ type: Type.Literal('MultiPolygon'), coordinates: Type.Array(Rings, { minItems: 1 }) }, strict),
], { description: 'GeoJSON (RFC 7946), at most 10 000 places, and no parallel may cross its border more than 1 000 times; not across the 180th meridian', examples: [{ type: 'Polygon', coordinates: [[[106.1, 21.3], [106.2, 21.3], [106.2, 21.4], [106.1, 21.3]]] }] })

const Circle = Type.Object({
  lat: Type.Number({ minimum: -90, maximum: 90 }),
  lon: Type.Number({ minimum: -180, maximum: 180 }),
  radiusM: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000, description: 'metres' }),
}, strict)

const Match = Type.Enum(['any', 'all'], { default: 'any', description: '`any`: a cluster is meant by its unit, a tag, or where it stands; `all`: by each of those that are given' })
const units = Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 1000, description: 'with everything below them; one that ends goes on meaning the clusters it had' })
const tags = Type.Array(Tag, { maxItems: 100 })
const circles = Type.Array(Circle, { maxItems: 100, description: 'a cluster stands in the area or in a circle' })

export const selectionFields = {
  units: Type.Optional(units),
  tags: Type.Optional(tags),
  area: Type.Optional(Nullable(AreaSchema)),
  circles: Type.Optional(circles),
  match: Type.Optional(Match),
}
const example = { tags: ['ven-song'], area: { type: 'Polygon', coordinates: [[[106.1, 21.3], [106.2, 21.3], [106.2, 21.4], [106.1, 21.3]]] }, match: 'all' }

export const SelectionQuery = Type.Object(selectionFields, { ...strict, examples: [example] })
export type SelectionBody = Static<typeof SelectionQuery>

export const CreateGroup = Type.Object({ name: Name('Ven sông Cầu'), ...selectionFields }, { ...strict, examples: [{ name: 'Ven sông Cầu', ...example }] })
export const ChangeGroup = Type.Object({ name: Type.Optional(Name('Ven sông Cầu')), ...selectionFields }, { ...strict, minProperties: 1, examples: [{ tags: ['ven-song', 'de'] }] })

export const Group = as('Group', Type.Object({
  id: Id('the group'),
  name: Name('Ven sông Cầu'),
  units,
  tags,
  area: Nullable(AreaSchema),
  circles,
  match: Match,
  createdAt: Type.String({ format: 'date-time' }),
}, strict))
export type GroupView = Static<typeof Group>

export const GroupPage = as('GroupPage', pageOf(named(Group)))
export const GroupListQuery = Type.Object({ ...PageParams, search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the name, in any case, with or without accents' })) }, strict)

export const Selected = as('Selected', Type.Object({
  clusterIds: Type.Array(Type.String(), { description: 'all of them' }),
  targeted: Type.Integer({ minimum: 0 }),
  online: Type.Integer({ minimum: 0 }),
}, { ...strict, description: 'the clusters that a selection means now' }))
export type SelectedView = Static<typeof Selected>

import type { PostBody, Schemas } from '../../../../control/client/index.ts'

export type Group = Schemas['Group']
interface LatLon { readonly lat: number; readonly lon: number }

export interface GroupValues {
  readonly name: string
  readonly units: readonly string[]
  /** Parted by blanks. */
  readonly tags: string
  /** Without its last corner, which is the first again. */
  readonly polygon: readonly LatLon[] | null
  readonly match: 'any' | 'all'
}

export const NEW_GROUP: GroupValues = { name: '', units: [], tags: '', polygon: null, match: 'any' }

/** The outer ring of a plain area; null: there is none, or one with holes or of several parts, which cannot be drawn here. */
export function polygonOf(area: Group['area']): LatLon[] | null {
  if (area?.type !== 'Polygon' || area.coordinates.length !== 1) return null
  return (area.coordinates[0] ?? []).slice(0, -1).map(([lon, lat]) => ({ lat: lat ?? 0, lon: lon ?? 0 }))
}

export const valuesOfGroup = (group: Group): GroupValues => ({ name: group.name, units: group.units, tags: group.tags.join(' '), polygon: polygonOf(group.area), match: group.match ?? 'any' })

/** @param before what was there: circles, and areas that cannot be drawn here, stay */
export function groupBody({ name, units, tags, polygon, match }: GroupValues, before: Group | null): PostBody<'/v1/groups'> {
  const drawn = polygon === null || polygon.length < 3 ? null : { type: 'Polygon' as const, coordinates: [[...polygon, ...polygon.slice(0, 1)].map(({ lat, lon }) => [lon, lat])] }
  const isForeign = before !== null && before.area !== null && polygonOf(before.area) === null
  return {
    name: name.trim(), units: [...units], tags: [...new Set(tags.split(/\s+/).filter((tag) => tag !== ''))], match,
    area: isForeign ? before.area : drawn, ...(before === null ? {} : { circles: before.circles }),
  }
}

/** Whether it names anything at all: an empty selection means nobody. */
export const namesSomething = ({ units = [], tags = [], area = null, circles = [] }: PostBody<'/v1/groups'>): boolean => units.length + tags.length + circles.length > 0 || area !== null

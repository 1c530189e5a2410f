import type { PostBody, Schemas } from '../../../../control/client/index.ts'
import { isSame } from '../../parts/conflict/merge.ts'

type Cluster = Schemas['Cluster']
type NewCluster = PostBody<'/v1/clusters'>

const TEXTS = ['imei', 'sim', 'maker', 'model', 'amplifier', 'depreciatedOn', 'keeper', 'keeperPhone'] as const
const NUMBERS = ['loudspeakers', 'buildYear'] as const

/** A cluster as a form holds it: empty texts for what nobody has said. Errors of the server are found at the same paths. */
export interface ClusterValues {
  readonly unitId: string
  readonly code: string
  readonly name: string
  /** Parted by blanks. */
  readonly tags: string
  readonly position: { readonly lat: string; readonly lon: string }
  readonly enabled: boolean
  readonly state: Cluster['state']
  readonly equipment: { readonly technology: string } & Readonly<Record<(typeof TEXTS)[number] | (typeof NUMBERS)[number], string>>
}

const textOf = (value: string | number | null): string => (value === null ? '' : String(value))

export function valuesOf(cluster: Cluster): ClusterValues {
  const { unitId, code, name, tags, position, enabled, state, equipment } = cluster
  return {
    unitId, code, name, tags: tags.join(' '), enabled, state,
    position: { lat: textOf(position?.lat ?? null), lon: textOf(position?.lon ?? null) },
    equipment: { technology: equipment.technology ?? '', ...Object.fromEntries([...TEXTS, ...NUMBERS].map((name) => [name, textOf(equipment[name])])) } as ClusterValues['equipment'],
  }
}

export const newValues = (unitId: string): ClusterValues => ({
  unitId, code: '', name: '', tags: '', position: { lat: '', lon: '' }, enabled: true, state: 'active',
  equipment: { technology: '', imei: '', sim: '', maker: '', model: '', amplifier: '', depreciatedOn: '', keeper: '', keeperPhone: '', loudspeakers: '', buildYear: '' },
})

/** A number as people write it, with a comma or a point; what is none is left for the schema to refuse. */
function numberOf(text: string): number | null {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return null
  const value = Number(trimmed)
  return Number.isNaN(value) ? (trimmed as unknown as number) : value
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())
/** People write telephone numbers in groups. */
const phoneOf = (text: string): string | null => orNull(text.replaceAll(/[\s.()-]/g, ''))

/** The whole of it as the API takes it. */
export function bodyOf({ unitId, code, name, tags, position: { lat, lon }, enabled, state, equipment }: ClusterValues): Required<NewCluster> {
  const [latitude, longitude] = [numberOf(lat), numberOf(lon)]
  return {
    unitId, code: code.trim(), name: name.trim(), enabled, state,
    tags: [...new Set(tags.split(/\s+/).filter((tag) => tag !== ''))],
    // With one of the two alone the schema says which is missing.
    position: latitude === null && longitude === null ? null : { ...(latitude === null ? {} : { lat: latitude }), ...(longitude === null ? {} : { lon: longitude }) } as { lat: number; lon: number },
    equipment: {
      technology: equipment.technology === '' ? null : equipment.technology as 'ip',
      imei: orNull(equipment.imei), sim: orNull(equipment.sim), maker: orNull(equipment.maker), model: orNull(equipment.model), amplifier: orNull(equipment.amplifier),
      depreciatedOn: orNull(equipment.depreciatedOn), keeper: orNull(equipment.keeper), keeperPhone: phoneOf(equipment.keeperPhone),
      loudspeakers: numberOf(equipment.loudspeakers), buildYear: numberOf(equipment.buildYear),
    },
  }
}

type Body = ReturnType<typeof bodyOf>
export type ClusterChange = { -readonly [Key in keyof Body]?: Key extends 'equipment' ? Partial<Body['equipment']> : Body[Key] }

/** What is different from what was read; null: nothing. */
export function changeOf(before: ClusterValues, after: ClusterValues): ClusterChange | null {
  const [old, now] = [bodyOf(before), bodyOf(after)]
  const { equipment, ...rest } = now
  const fields = Object.entries(rest).filter(([name, value]) => !isSame(value, old[name as keyof Body]))
  const parts = Object.entries(equipment).filter(([name, value]) => !isSame(value, old.equipment[name as keyof Body['equipment']]))
  if (fields.length + parts.length === 0) return null
  return { ...Object.fromEntries(fields), ...(parts.length === 0 ? {} : { equipment: Object.fromEntries(parts) }) }
}

export type FieldName = Exclude<keyof Body, 'equipment'> | keyof Body['equipment']
export interface Conflict {
  readonly field: FieldName
  readonly mine: string
  readonly theirs: string
}

function textsOf(body: Body): ReadonlyMap<FieldName, string> {
  const { equipment, position, tags, ...rest } = body
  const place = position === null ? '' : `${String(position.lat)}, ${String(position.lon)}`
  return new Map<FieldName, string>([...Object.entries({ ...rest, tags: tags.join(' '), position: place, ...equipment })].map(([name, value]) => [name as FieldName, value === null ? '' : String(value)]))
}

/** Of what I have changed, what somebody else has changed meanwhile, to something else. */
export function conflictsOf(base: ClusterValues, mine: ClusterValues, theirs: ClusterValues): Conflict[] {
  const [was, wanted, is] = [base, mine, theirs].map((values) => textsOf(bodyOf(values))) as [ReadonlyMap<FieldName, string>, ReadonlyMap<FieldName, string>, ReadonlyMap<FieldName, string>]
  return [...wanted].flatMap(([field, value]) => {
    const other = is.get(field) ?? ''
    return value !== was.get(field) && other !== was.get(field) && other !== value ? [{ field, mine: value, theirs: other }] : []
  })
}

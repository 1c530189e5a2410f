import type { AlertTargetsRequest } from '../alerts/alert-request.ts'
import type { Broadcast, Selection, Store } from '../ports.ts'
import { standingUnits } from '../standing-units.ts'
import type { CapInfo, CapPlace } from './cap-message.ts'
import type { CapSenderRecord } from './cap-port.ts'

/** Where a message is to be heard. */
export interface CapReach {
  readonly targets: AlertTargetsRequest
  /** Those that are meant now. */
  readonly clusterIds: readonly string[]
  /** Whether the message names any place that is known here; if not, the whole unit of the sender stands in for it. */
  readonly isPlaced: boolean
}

type Where = Pick<Store, 'units' | 'clusters'>

/**
 * The clusters in the area of a message, as far as the sender's unit goes: those in a polygon or a circle, and those of units named by a geocode. A unit
 * above the sender's means the sender's own.
 */
export function reachOf(infos: readonly CapInfo[], sender: Pick<CapSenderRecord, 'unitId' | 'geocodeNames'>, store: Where, broadcast: Pick<Broadcast, 'clustersOf' | 'select'>): CapReach {
  const areas = infos.flatMap((info) => info.areas)
  const polygons = areas.flatMap((area) => area.polygons)
  const circles = areas.flatMap((area) => area.circles.map(({ lat, lon, radiusKm }) => ({ lat, lon, radiusM: Math.min(1_000_000, Math.max(1, radiusKm * 1000)) })))
  const units = unitsOf(areas.flatMap(({ geocodes }) => geocodes), sender, store)
  const isDrawn = polygons.length + circles.length > 0
  const isElsewhere = sender.geocodeNames.length > 0 && areas.some(({ geocodes }) => geocodes.some(({ valueName }) => sender.geocodeNames.includes(valueName)))
  const isPlaced = isDrawn || units.length > 0 || isElsewhere
  const selection: Selection | null = isDrawn ? { units: [sender.unitId], tags: [], area: polygons.length === 0 ? null : { type: 'MultiPolygon', coordinates: polygons.map((ring) => [ring.map(lonLat)]) }, circles, match: 'all' } : null
  const named = isPlaced ? units : [sender.unitId]
  const clusterIds = [...new Set([...(named.length === 0 ? [] : broadcast.clustersOf({ units: named, clusters: [], tags: [] })), ...(selection === null ? [] : broadcast.select(selection))])]
  return { targets: { ...(named.length === 0 ? {} : { units: named }), ...(selection === null ? {} : { selection: selection as Required<AlertTargetsRequest>['selection'] }) }, clusterIds, isPlaced }
}

/** Whether all of them stand in units where the sender needs nobody. */
export function isWithin(clusterIds: readonly string[], unitIds: readonly string[], { clusters }: Pick<Store, 'clusters'>): boolean {
  const own = new Set(clusters.idsWithin(unitIds))
  return clusterIds.every((id) => own.has(id))
}

const lonLat = ({ lat, lon }: CapPlace): [number, number] => [lon, lat]

/** Units whose code a geocode has; of one that has ended those that took over. */
function unitsOf(geocodes: readonly { readonly valueName: string; readonly value: string }[], { unitId, geocodeNames }: Pick<CapSenderRecord, 'unitId' | 'geocodeNames'>, store: Where): string[] {
  const codes = new Set(geocodes.flatMap(({ valueName, value }) => (geocodeNames.length === 0 || geocodeNames.includes(valueName) ? [value] : [])))
  if (codes.size === 0) return []
  const coded = store.units.all().filter(({ code }) => codes.has(code))
  const standing = coded.filter(({ endedAtMs }) => endedAtMs === null)
  const heirs = coded.filter(({ code, endedAtMs }) => endedAtMs !== null && !standing.some((one) => one.code === code)).flatMap(({ id }) => standingUnits(id, store).filter((one) => one !== null))
  const above = store.units.ancestors(unitId)
  const reached = [...standing.map(({ id }) => id), ...heirs].flatMap((id) => (above.includes(id) ? [unitId] : store.units.ancestors(id).includes(unitId) ? [id] : []))
  return [...new Set(reached)]
}

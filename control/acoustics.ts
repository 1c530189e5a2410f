import type { Position } from './ports.ts'

/** Sound needs this long for a metre, at about 25 °C. */
export const SOUND_MS_PER_M = 1 / 0.35

const EARTH_RADIUS_M = 6_371_000

/** Great-circle distance, metres. */
export function distanceM(a: Position, b: Position): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const half = Math.sin(radians(b.lat - a.lat) / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)))
}

export interface Placed {
  readonly id: string
  readonly position: Position
}

/**
 * How much each cluster must wait so that all are heard at one point at once: the farthest not at all, every other by what
 * its sound is quicker there.
 * @returns nearest first; offsets in whole ms, ≥ 0
 */
export function offsetsTowards(point: Position, clusters: readonly Placed[]): { readonly clusterId: string; readonly distanceM: number; readonly offsetMs: number }[] {
  const distances = clusters.map(({ id, position }) => ({ clusterId: id, distanceM: distanceM(point, position) })).sort((a, b) => a.distanceM - b.distanceM)
  const farthestM = distances.at(-1)?.distanceM ?? 0
  return distances.map((each) => ({ ...each, offsetMs: Math.round((farthestM - each.distanceM) * SOUND_MS_PER_M) }))
}

/**
 * Parts clusters into groups so that no two within `radiusM` of each other are in one: spoken in turn, no one hears two at
 * once. Greedy, most neighbours first (Welsh and Powell 1967), and always into the smallest group that is free, so that
 * the groups are even. As many groups as needed, at least `minGroups` where there are as many clusters.
 * @returns group of each cluster, from 0
 */
export function colourByDistance(clusters: readonly Placed[], radiusM: number, minGroups = 3): Map<string, number> {
  const neighbours = neighboursWithin(clusters, radiusM)
  const sizes = new Array<number>(Math.min(minGroups, clusters.length)).fill(0)
  const groupOf = new Map<string, number>()
  for (const { id } of clusters.toSorted((a, b) => neighbours.get(b.id)!.length - neighbours.get(a.id)!.length || (a.id < b.id ? -1 : 1))) {
    const taken = new Set(neighbours.get(id)!.map((other) => groupOf.get(other)))
    let best = -1
    for (const [group, size] of sizes.entries()) if (!taken.has(group) && (best === -1 || size < sizes[best]!)) best = group
    if (best === -1) best = sizes.push(0) - 1
    sizes[best]! += 1
    groupOf.set(id, best)
  }
  return groupOf
}

/** Looks only into the neighbouring squares of a grid as wide as the radius, so that 10 000 clusters are no 10 000². Not across the 180th meridian. */
function neighboursWithin(clusters: readonly Placed[], radiusM: number): Map<string, string[]> {
  const metresPerDegree = (Math.PI / 180) * EARTH_RADIUS_M
  const highestLat = Math.min(89, Math.max(0, ...clusters.map(({ position }) => Math.abs(position.lat))))
  const latStep = radiusM / metresPerDegree
  const lonStep = latStep / Math.cos((highestLat * Math.PI) / 180)
  const squareOf = ({ lat, lon }: Position): [number, number] => [Math.floor(lat / latStep), Math.floor(lon / lonStep)]
  const key = (row: number, column: number): string => `${String(row)}/${String(column)}`
  const squares = Map.groupBy(clusters, ({ position }) => key(...squareOf(position)))
  return new Map(clusters.map((cluster) => {
    const [row, column] = squareOf(cluster.position)
    const near = new Set([-1, 0, 1].flatMap((down) => [-1, 0, 1].flatMap((right) => squares.get(key(row + down, column + right)) ?? [])))
    near.delete(cluster)
    return [cluster.id, [...near].filter((other) => distanceM(cluster.position, other.position) <= radiusM).map(({ id }) => id)]
  }))
}

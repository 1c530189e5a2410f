import type { Position } from './records.ts'

/** Longitude and latitude, as GeoJSON has it; what comes after (a height) counts for nothing. */
export type LonLat = readonly number[]

/** RFC 7946: rings of a polygon, the first around it, the others holes in it. */
export type Area =
  | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly LonLat[])[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly LonLat[])[])[] }

/** Every ring of an area. */
export const ringsOf = (area: Area): readonly (readonly LonLat[])[] => (area.type === 'Polygon' ? area.coordinates : area.coordinates.flat())

const MOST_BANDS = 1024

/** Longitude and latitude of one end, and of the other. */
type Edge = readonly [number, number, number, number]

function edgesOf(rings: readonly (readonly LonLat[])[]): readonly Edge[] {
  return rings.flatMap((ring) => ring.slice(1).map(([x2 = 0, y2 = 0], index): Edge => [ring[index]![0] ?? 0, ring[index]![1] ?? 0, x2, y2]))
}

/** How many edges the parallel cuts that cuts most of them: so much, and a little, is looked at for each point. */
export function mostCrossed(area: Area): number {
  const turns = edgesOf(ringsOf(area)).flatMap(([, y1, , y2]) => (y1 === y2 ? [] : [[Math.min(y1, y2), 1], [Math.max(y1, y2), -1]] as const))
  // Edges that end are taken away before those that begin at the same place.
  turns.sort(([a, stepA], [b, stepB]) => a - b || stepA - stepB)
  let [crossed, most] = [0, 0]
  for (const [, step] of turns) most = Math.max(most, (crossed += step))
  return most
}

/**
 * Makes a test for points that looks at few edges however many corners the area has: they are sorted once into bands of latitude, each with as many corners
 * as the next, and a point looks only at those of its band. A point is inside a polygon when a line to the east crosses an odd number of its edges, so of two that share an edge
 * exactly one has each point of it; and inside of several, which may overlap, when it is inside of any. Longitude and latitude are taken for a plane, as GeoJSON does;
 * an area must not cross the 180th meridian.
 */
export function insideOf(area: Area): (point: Position) => boolean {
  if (area.type === 'Polygon') return insideRings(area.coordinates)
  const tests = area.coordinates.map(insideRings)
  return (point) => tests.some((test) => test(point))
}

function insideRings(rings: readonly (readonly LonLat[])[]): (point: Position) => boolean {
  const edges = edgesOf(rings)
  const lats = [...new Set(edges.map(([, y1]) => y1))].sort((a, b) => a - b)
  const step = Math.max(1, Math.ceil(lats.length / MOST_BANDS))
  /** Southern border of each band. */
  const borders = lats.filter((_, index) => index % step === 0)
  const north = lats.at(-1) ?? -Infinity
  const bandOf = (lat: number): number => {
    let [low, high] = [0, borders.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (borders[middle]! <= lat) low = middle
      else high = middle
    }
    return low
  }
  /** Edges one after the other, four numbers each. */
  const bands: number[][] = borders.map(() => [])
  for (const edge of edges) {
    const last = bandOf(Math.max(edge[1], edge[3]))
    for (let band = bandOf(Math.min(edge[1], edge[3])); band <= last; band++) bands[band]!.push(...edge)
  }

  return ({ lat, lon }) => {
    if (lat < (borders[0] ?? Infinity) || lat > north) return false
    const band = bands[bandOf(lat)]!
    let inside = false
    for (let at = 0; at < band.length; at += 4) {
      const [y1, y2] = [band[at + 1]!, band[at + 3]!]
      if (y1 > lat === y2 > lat) continue
      const x1 = band[at]!
      if (lon < ((band[at + 2]! - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
    }
    return inside
  }
}

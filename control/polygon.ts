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

/**
 * Makes a test for points that is quick however many corners the area has: edges are sorted into bands of latitude once, and a point looks only at
 * those of its band. A point is inside when a line to the east crosses an odd number of edges, so of two areas that share an edge exactly one has
 * each point of it. Longitude and latitude are taken for a plane, as GeoJSON does; an area must not cross the 180th meridian.
 */
export function insideOf(area: Area): (point: Position) => boolean {
  const edges: (readonly [number, number, number, number])[] = []
  let [south, north, west, east] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const ring of ringsOf(area)) {
    for (let index = 1; index < ring.length; index++) {
      const [x1 = 0, y1 = 0] = ring[index - 1]!
      const [x2 = 0, y2 = 0] = ring[index]!
      edges.push([x1, y1, x2, y2])
      south = Math.min(south, y1, y2)
      north = Math.max(north, y1, y2)
      west = Math.min(west, x1, x2)
      east = Math.max(east, x1, x2)
    }
  }
  const count = Math.max(1, Math.min(MOST_BANDS, edges.length))
  const bands: (typeof edges)[] = Array.from({ length: count }, () => [])
  const bandOf = (lat: number): number => Math.min(count - 1, Math.floor(((lat - south) / (north - south || 1)) * count))
  for (const edge of edges) for (let band = bandOf(Math.min(edge[1], edge[3])); band <= bandOf(Math.max(edge[1], edge[3])); band++) bands[band]!.push(edge)

  return ({ lat, lon }) => {
    if (lat < south || lat > north || lon < west || lon > east) return false
    let inside = false
    for (const [x1, y1, x2, y2] of bands[bandOf(lat)]!) {
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
    }
    return inside
  }
}

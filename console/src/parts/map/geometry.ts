import { POINT_LOOKS, type LatLon, type MapPoint } from './types.ts'

/** A place on the square of the Mercator projection: 0–1 from west to east and from north to south. */
export interface Place { readonly x: number; readonly y: number }

/** Beyond these the projection runs to infinity (EPSG:3857). */
const MAX_LAT = 85.0511
const radians = (degrees: number): number => (degrees * Math.PI) / 180

export function placeOf({ lat, lon }: LatLon): Place {
  const sine = Math.sin(radians(Math.max(-MAX_LAT, Math.min(MAX_LAT, lat))))
  return { x: lon / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) }
}

/** Points as they are drawn: places side by side in flat arrays, the gravest last, so that it lies on top. */
export interface PlacedPoints {
  readonly points: readonly MapPoint[]
  readonly x: Float64Array
  readonly y: Float64Array
  /** Index into POINT_LOOKS. */
  readonly look: Uint8Array
}

export function placePoints(points: readonly MapPoint[]): PlacedPoints {
  const byLook = POINT_LOOKS.map((): MapPoint[] => [])
  for (const point of points) byLook[POINT_LOOKS.indexOf(point.look)]!.push(point)
  const sorted = byLook.flat()
  const placed = { points: sorted, x: new Float64Array(sorted.length), y: new Float64Array(sorted.length), look: new Uint8Array(sorted.length) }
  sorted.forEach((point, index) => {
    const { x, y } = placeOf(point)
    placed.x[index] = x
    placed.y[index] = y
    placed.look[index] = POINT_LOOKS.indexOf(point.look)
  })
  return placed
}

/**
 * The point next to a place; of equally near ones the gravest.
 * @param reach in the unit of places
 */
export function nearestPoint({ points, x, y }: PlacedPoints, place: Place, reach: number): MapPoint | null {
  let best = -1
  let bestSquare = reach * reach
  for (let index = 0; index < x.length; index++) {
    const [dx, dy] = [x[index]! - place.x, y[index]! - place.y]
    const square = dx * dx + dy * dy
    if (square <= bestSquare) [best, bestSquare] = [index, square]
  }
  return points[best] ?? null
}

/** South-west and north-east corner of all, or null without any. */
export function boundsOf(places: readonly LatLon[]): readonly [LatLon, LatLon] | null {
  if (places.length === 0) return null
  let [south, west, north, east] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { lat, lon } of places) {
    south = Math.min(south, lat)
    north = Math.max(north, lat)
    west = Math.min(west, lon)
    east = Math.max(east, lon)
  }
  return [{ lat: south, lon: west }, { lat: north, lon: east }]
}

const GRID_STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]

/** Distance of the lines of the grid, in degrees: the finest of which no more than `most` fall into a span. */
export function gridStep(spanDegrees: number, most: number): number {
  return GRID_STEPS.findLast((step) => spanDegrees / step <= most) ?? GRID_STEPS[0]!
}

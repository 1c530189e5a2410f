/** As much of TopoJSON as the outlines of a country need. */
export interface Topology {
  readonly transform: { readonly scale: readonly [number, number]; readonly translate: readonly [number, number] }
  /** Quantized, each step relative to the one before. */
  readonly arcs: readonly (readonly (readonly [number, number])[])[]
  readonly objects: Readonly<Record<string, { readonly geometries: readonly Area[] }>>
}

interface Named { readonly properties: { readonly name: string } }
export type Area = Named & ({ readonly type: 'Polygon'; readonly arcs: readonly Ring[] } | { readonly type: 'MultiPolygon'; readonly arcs: readonly (readonly Ring[])[] })
/** Numbers of arcs; `~n` runs along arc n backwards. */
type Ring = readonly number[]
type Point = readonly [number, number]

export interface ProvinceLines {
  readonly lines: readonly (readonly number[])[]
  readonly names: readonly { readonly name: string; readonly lat: number; readonly lon: number }[]
}

/** Four places of a degree are eleven metres: far finer than the outlines are. */
const round = (degrees: number): number => Math.round(degrees * 1e4) / 1e4

/**
 * Outlines of provinces out of those that were merged into them: a line between two that have become one is left out.
 * @param provinceOf name of today's province, by the name that the data has
 * @throws Error when the data has an area that nobody is told of
 */
export function provinceLines(topology: Topology, provinceOf: ReadonlyMap<string, string>): ProvinceLines {
  const arcs = topology.arcs.map((arc) => decode(arc, topology.transform))
  const users = new Map<number, Set<string>>()
  const uses = new Map<number, number>()
  const centres = new Map<string, { area: number; x: number; y: number }>()
  for (const area of Object.values(topology.objects).flatMap(({ geometries }) => geometries)) {
    const province = provinceOf.get(area.properties.name)
    if (province === undefined) throw new Error(`nobody says which province ${area.properties.name} belongs to`)
    const centre = centres.get(province) ?? { area: 0, x: 0, y: 0 }
    centres.set(province, centre)
    for (const rings of area.type === 'Polygon' ? [area.arcs] : area.arcs) {
      addCentre(centre, ringOf(rings[0] ?? [], arcs))
      for (const index of rings.flat().map((signed) => (signed < 0 ? ~signed : signed))) {
        uses.set(index, (uses.get(index) ?? 0) + 1)
        users.set(index, (users.get(index) ?? new Set<string>()).add(province))
      }
    }
  }
  return {
    lines: arcs.filter((_, index) => uses.get(index) === 1 || (users.get(index)?.size ?? 0) > 1).map((arc) => arc.flatMap(([lon, lat]) => [round(lon), round(lat)])),
    names: [...centres].map(([name, { area, x, y }]) => ({ name, lat: round(y / area), lon: round(x / area) })),
  }
}

function decode(arc: readonly Point[], { scale, translate }: Topology['transform']): readonly Point[] {
  let [x, y] = [0, 0]
  return arc.map(([dx, dy]) => {
    x += dx
    y += dy
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
  })
}

const ringOf = (ring: Ring, arcs: readonly (readonly Point[])[]): Point[] => ring.flatMap((signed) => (signed < 0 ? arcs[~signed]!.toReversed() : arcs[signed]!))

/** Adds the centre of gravity of a ring, by its area. */
function addCentre(sum: { area: number; x: number; y: number }, ring: readonly Point[]): void {
  let [twice, x, y] = [0, 0, 0]
  ring.forEach(([x0, y0], index) => {
    const [x1, y1] = ring[(index + 1) % ring.length]!
    const cross = x0 * y1 - x1 * y0
    twice += cross
    x += (x0 + x1) * cross
    y += (y0 + y1) * cross
  })
  if (twice === 0) return
  const area = Math.abs(twice) / 2
  sum.area += area
  sum.x += (x / (3 * twice)) * area
  sum.y += (y / (3 * twice)) * area
}

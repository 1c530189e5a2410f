import { NO_EQUIPMENT, type ClusterRecord, type Selection } from '../../control/records.ts'
import { unitMap } from '../../control/selection.ts'
import { ClusterTags } from '../../server/director/target-map.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const CLUSTERS = 10_000
const CORNERS = [5, 1000, 10_000]
const MEASURED_CORNERS = 1000

/** A province of one degree each way, evenly filled. */
const clusters = (): ClusterRecord[] => Array.from({ length: CLUSTERS }, (_, n): ClusterRecord => ({
  id: `c${String(n)}`, unitId: 'u', code: String(n), name: '', tags: [], position: { lat: 21 + (n % 100) / 100, lon: 106 + Math.floor(n / 100) / 100 },
  enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: '', keyChangedAtMs: 0, createdAtMs: 0,
}))

/** A border with bays, as those of communes are. */
function border(corners: number): Selection {
  const ring = Array.from({ length: corners + 1 }, (_, n) => {
    const angle = (2 * Math.PI * (n % corners)) / corners
    const reach = 0.5 * (0.7 + 0.3 * Math.sin(20 * angle))
    return [106.5 + reach * Math.cos(angle), 21.5 + reach * Math.sin(angle)]
  })
  return { units: [], tags: [], area: { type: 'Polygon', coordinates: [ring] }, circles: [], match: 'any' }
}

function run(bench: Bench): Promise<Outcome> {
  bench.say('looking for clusters in polygons')
  const all = clusters()
  const tags = new ClusterTags()
  tags.load(unitMap([], []), [])
  const rows = CORNERS.map((corners) => {
    const selection = border(corners)
    const tookMs: number[] = []
    let found = 0
    for (let round = 0; round < (bench.quick ? 20 : 200); round++) {
      const startedMs = performance.now()
      found = tags.select(selection, all).length
      tookMs.push(performance.now() - startedMs)
    }
    return { corners, found, p50Ms: round(percentile(tookMs, 0.5)), p99Ms: round(percentile(tookMs, 0.99)) }
  })
  const measured = rows.find(({ corners }) => corners === MEASURED_CORNERS)!
  return Promise.resolve({
    value: measured.p99Ms,
    problems: rows.filter(({ found }) => found === 0 || found === CLUSTERS).map(({ corners }) => `${String(corners)} corners: the polygon means all or none`),
    beside: rows.map(({ corners, p99Ms }) => `${String(corners)} corners ${String(p99Ms)} ms`).join(', '),
    detail: { rows },
    plots: [],
  })
}

export const polygon: Scenario = { id: 'polygon-10000-ms', title: `clusters in a polygon of ${String(MEASURED_CORNERS)} corners, of ${String(CLUSTERS)}, p99`, unit: 'ms', bound: 50, better: 'less', run }

import type { ArbiterCluster, ArbiterOrder, ArbiterUnit } from '../../../rooms/arbiter/index.ts'
import { fc } from '../../support/seed.ts'
import { s } from './build.ts'

/** Seconds that random orders live in; long enough for tones to be repeated. */
export const SPAN_SECONDS = 150

const CLASSES: readonly ArbiterOrder['class'][] = ['emergency', 'priority', 'normal']
export const UNITS = ['province', 'district', 'north', 'south']
export const TAGS = ['school', 'market']

const second = (max: number) => fc.integer({ min: 0, max }).map(s)

const targets = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ units: ['province'], clusters: [], tags: [] }) },
  {
    weight: 2,
    arbitrary: fc.record({
      units: fc.subarray(UNITS, { maxLength: 2 }),
      clusters: fc.subarray(['n1', 'n2', 's1'], { maxLength: 2 }),
      tags: fc.subarray(TAGS, { maxLength: 1 }),
    }),
  },
)

const content: fc.Arbitrary<ArbiterOrder['content']> = fc.oneof(
  fc.constantFrom('vov', 'studio', 'phone').map((sourceId) => ({ kind: 'open' as const, sourceId })),
  fc.array(second(25), { maxLength: 4 }).map((itemSamples) => ({ kind: 'clips' as const, itemSamples })),
)

export const anOrder: fc.Arbitrary<Omit<ArbiterOrder, 'id'>> = fc
  .record({
    class: fc.constantFrom(...CLASSES),
    issuerLevel: fc.integer({ min: 0, max: 2 }),
    rank: fc.integer({ min: 0, max: 1 }),
    startSamples: second(SPAN_SECONDS - 20),
    lengthSamples: second(80),
    acceptedSamples: fc.oneof(fc.constant(0), second(SPAN_SECONDS)),
    stoppedSamples: fc.option(second(SPAN_SECONDS), { freq: 3 }),
    targets,
    content,
    resume: fc.constantFrom('continue' as const, 'skip' as const),
    toneSamples: fc.constantFrom(0, s(2), s(5)),
    alert: fc.option(fc.record({ kind: fc.constantFrom('real' as const, 'exercise' as const, 'test' as const), gravity: fc.integer({ min: 3, max: 5 }) }), { freq: 2 }),
  })
  .map(({ lengthSamples, alert, ...rest }) => ({ ...rest, ...alert, endSamples: rest.startSamples + lengthSamples, title: '' }))

export const someOrders: fc.Arbitrary<ArbiterOrder[]> = fc
  .array(anOrder, { minLength: 1, maxLength: 9 })
  .map((orders) => orders.map((order, index) => ({ ...order, id: `o${String(index)}`, title: `o${String(index)}` })))

export const units: readonly ArbiterUnit[] = [
  { id: 'province', parentId: null },
  { id: 'district', parentId: 'province' },
  { id: 'north', parentId: 'district' },
  { id: 'south', parentId: 'district' },
]

export const clusters: readonly ArbiterCluster[] = [
  { id: 'n1', unitId: 'north', tags: [], enabled: true },
  { id: 'n2', unitId: 'north', tags: ['school'], enabled: true },
  { id: 's1', unitId: 'south', tags: ['school', 'market'], enabled: true },
  { id: 's2', unitId: 'south', tags: [], enabled: true },
  { id: 'd1', unitId: 'district', tags: ['market'], enabled: true },
]

/** What the clusters hear from unit to unit, written without the arbiter's own resolution of targets. */
export function applies(order: ArbiterOrder, cluster: ArbiterCluster, tree: readonly ArbiterUnit[] = units): boolean {
  const { targets } = order
  if (!cluster.enabled) return false
  if (targets.clusters.includes(cluster.id) || cluster.tags.some((tag) => targets.tags.includes(tag))) return true
  for (let unit = tree.find(({ id }) => id === cluster.unitId); unit !== undefined; unit = parentOf(unit, tree)) {
    if (targets.units.includes(unit.id)) return true
  }
  return false
}

const parentOf = (unit: ArbiterUnit, tree: readonly ArbiterUnit[]): ArbiterUnit | undefined => tree.find(({ id }) => id === unit.parentId)

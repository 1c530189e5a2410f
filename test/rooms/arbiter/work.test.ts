import t from 'tap'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import { SAMPLE_RATE_HZ } from '../../../rooms/grid.ts'
import { atHour, buildOrder, buildProvince } from '../../support/province.ts'

/** What `work` cost, counted instead of timed: times differ from machine to machine, these do not. */
function workOf(arbiter: Arbiter, work: () => void): { simulations: number; decisions: number } {
  const before = arbiter.stats()
  work()
  const after = arbiter.stats()
  return { simulations: after.simulationsTotal - before.simulationsTotal, decisions: after.decisionsTotal - before.decisionsTotal }
}

t.test('10 000 clusters and 500 orders: only what is touched is computed, from now on, once for equal clusters', (t) => {
  const { units, clusters, orders } = buildProvince()
  t.same([clusters.length, orders.length], [10_000, 500])
  const arbiter = new Arbiter()
  arbiter.setUnits(units)
  arbiter.upsertClusters(clusters)
  for (const order of orders) arbiter.upsertOrder(order)
  const now = atHour(6.1)
  arbiter.advance(now)
  const { audiences } = arbiter.stats()
  t.ok(audiences <= 220 * 4 + 60, `${String(audiences)} audiences: communes times tags, and single clusters that orders name`)

  t.same(workOf(arbiter, () => arbiter.advance(now + 1)), { simulations: 0, decisions: 0 }, 'nothing touched, nothing due')

  const cutAll = workOf(arbiter, () => {
    arbiter.upsertOrder(buildOrder('all', { class: 'emergency', units: ['p'], issuerLevel: 0, startHour: 6.1, minutes: 10, acceptedSamples: now + 2 }))
    const told = arbiter.advance(now + 3).flatMap((change) => change.clusters)
    t.equal(new Set(told).size, 10_000, 'everybody is told')
  })
  t.equal(cutAll.simulations, audiences, 'each audience once')
  t.ok(cutAll.decisions <= audiences * 8, `${String(cutAll.decisions)} decisions: a few from now to the horizon, none of the past`)
  t.equal(arbiter.stats().audiences, audiences, 'an order for all splits nobody')

  const cutOne = workOf(arbiter, () => {
    arbiter.upsertOrder(buildOrder('one', { class: 'emergency', units: ['d3c7'], issuerLevel: 0, startHour: 6.1, minutes: 5, acceptedSamples: now + 4 }))
    const told = arbiter.advance(now + 5).flatMap((change) => change.clusters)
    t.equal(told.length, clusters.filter(({ unitId }) => unitId === 'd3c7').length, 'one commune is told')
  })
  t.ok(cutOne.simulations <= 5, `${String(cutOne.simulations)} audiences of that commune`)
  t.end()
})

t.test('a past of thousands of orders costs nothing', (t) => {
  const { units, clusters } = buildProvince()
  const touch = (arbiter: Arbiter, now: number) =>
    workOf(arbiter, () => {
      arbiter.upsertOrder(buildOrder('touch', { class: 'emergency', units: ['p'], issuerLevel: 0, startHour: now / atHour(1), minutes: 1 }))
      arbiter.advance(now)
    })
  const arbiters = [0, 3000].map((past) => {
    const arbiter = new Arbiter()
    arbiter.setUnits(units)
    arbiter.upsertClusters(clusters.slice(0, 500))
    arbiter.upsertOrder(buildOrder('relay', { units: ['p'], issuerLevel: 0, startHour: 0, minutes: 24 * 60 }))
    for (let index = 0; index < past; index++) {
      arbiter.upsertOrder(buildOrder(`past ${String(index)}`, { units: ['p'], issuerLevel: 1, startHour: (index * 6) / past, minutes: 1, itemMinutes: [1] }))
    }
    return arbiter
  })
  const evening = atHour(18)
  for (const arbiter of arbiters) {
    arbiter.advance(evening - 60 * SAMPLE_RATE_HZ)
    arbiter.advance(evening)
  }
  const [without, withPast] = arbiters.map((arbiter) => touch(arbiter, evening + 1))
  t.same(withPast, without)
  t.equal(arbiters[1]!.stats().orders, 2, 'they are forgotten')
  t.end()
})

import t from 'tap'
import type { Test } from 'tap'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import type { ArbiterOrder } from '../../../rooms/arbiter/index.ts'
import { parseRoom } from '../../../rooms/plan.ts'
import type { Plan } from '../../../rooms/plan.ts'
import { fc } from '../../support/seed.ts'
import { s } from './build.ts'
import { applies, clusters, someOrders, SPAN_SECONDS, units } from './arbitraries.ts'
import { heardEachSecond } from './model.ts'
import type { Heard } from './model.ts'

const holds = (t: Test, property: fc.IProperty<[ArbiterOrder[]]>, numRuns = 1500): void => {
  fc.assert(property, { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
}

/** Everything one cluster hears, from the arbiter that was told all at once before the beginning. */
function courseOf(orders: readonly ArbiterOrder[]): Plan {
  const arbiter = new Arbiter({ horizonSamples: s(10_000) })
  arbiter.setUnits(units)
  arbiter.upsertClusters(clusters)
  for (const order of orders) arbiter.upsertOrder({ ...order, targets: { units: ['province'], clusters: [], tags: [] } })
  arbiter.advance(s(-1))
  return arbiter.planOf('n1')
}

const byId = (orders: readonly ArbiterOrder[], id: string): ArbiterOrder => orders.find((order) => order.id === id)!
const mayPlay = (order: ArbiterOrder, at: number): boolean =>
  Math.max(order.startSamples, order.acceptedSamples) <= at && at < Math.min(order.endSamples, order.stoppedSamples ?? Infinity)

/** What a plan says for the second that begins at `at`. */
function heardAt(plan: Plan, at: number): Heard {
  const segment = plan.find(({ fromSamples, untilSamples }) => fromSamples <= at && at < untilSamples)
  if (segment === undefined) return null
  const room = parseRoom(segment.room)
  if (room === undefined || room.kind === 'silence' || room.kind === 'jingle' || room.kind === 'mix') throw new Error(`a plan must not name ${segment.room}`)
  return { orderId: segment.orderId, what: room.kind === 'clips' ? (at - room.anchorSamples) / s(1) : room.kind }
}

t.test('what is on air is what the plain second-by-second model hears', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      const plan = courseOf(orders)
      const expected = heardEachSecond(orders, SPAN_SECONDS + 100)
      const actual = expected.map((_, second) => heardAt(plan, s(second)))
      if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error('differs from the model')
    }),
  )
})

t.test('exactly one order at any time: segments follow each other and do not overlap', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      let freeFrom = -Infinity
      for (const { fromSamples, untilSamples } of courseOf(orders)) {
        if (fromSamples < freeFrom || untilSamples <= fromSamples) throw new Error('segments overlap or are empty')
        freeFrom = untilSamples
      }
    }),
  )
})

/** Whether a clip order has been played, or has played on unheard, to its end by `at`. One cut in its first tone plays on from where that ends. */
function isPlayed(plan: Plan, order: ArbiterOrder, at: number): boolean {
  if (order.content.kind === 'open') return false
  const total = order.content.itemSamples.reduce((sum, samples) => sum + samples, 0)
  const began = plan.filter(({ orderId, fromSamples }) => orderId === order.id && fromSamples < at)
  const anchors = began.flatMap(({ room, fromSamples }, index) => {
    const parsed = parseRoom(room)
    if (parsed?.kind === 'clips') return [parsed.anchorSamples]
    return index === 0 && order.resume === 'skip' ? [fromSamples + order.toneSamples] : []
  })
  return total === 0 || (anchors.length > 0 && anchors.at(-1)! + total <= at)
}

t.test('no lower class is on air, and no silence, while an emergency applies; no silence while anything applies', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      const plan = courseOf(orders)
      for (let at = 0; at < s(SPAN_SECONDS + 50); at += s(1)) {
        const heard = heardAt(plan, at)
        const left = orders.filter((order) => mayPlay(order, at) && !isPlayed(plan, order, at))
        if (heard === null && left.length > 0) throw new Error(`silence at ${String(at / s(1))} though ${left[0]!.id} applies`)
        const lower = heard !== null && byId(orders, heard.orderId).class !== 'emergency'
        if (lower && left.some((order) => order.class === 'emergency')) throw new Error(`a lower class at ${String(at / s(1))}`)
      }
    }),
  )
})

t.test('nothing cuts into an item but an emergency, its own end or a stop', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      const plan = courseOf(orders)
      plan.forEach(({ room, orderId, untilSamples, class: orderClass }, index) => {
        const parsed = parseRoom(room)
        const order = byId(orders, orderId)
        if (parsed?.kind !== 'clips' || orderClass === 'emergency' || order.content.kind === 'open' || !mayPlay(order, untilSamples)) return
        let edge = parsed.anchorSamples
        const edges = order.content.itemSamples.map((samples) => (edge += samples))
        const next = plan[index + 1]
        const cut = next?.fromSamples === untilSamples && next.class === 'emergency'
        if (!cut && !edges.includes(untilSamples)) throw new Error(`${orderId} is cut by ${next?.orderId ?? 'silence'}`)
      })
    }),
  )
})

t.test('every sample of a continued playlist that has the time is heard exactly once', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      const plan = courseOf(orders)
      for (const order of orders) {
        if (order.content.kind === 'open' || order.resume === 'skip') continue
        let position = 0
        for (const { room, orderId, fromSamples, untilSamples } of plan) {
          const parsed = parseRoom(room)
          if (orderId !== order.id || parsed?.kind !== 'clips') continue
          if (fromSamples - parsed.anchorSamples !== position) throw new Error(`${orderId} jumps`)
          position = untilSamples - parsed.anchorSamples
        }
        if (position > order.content.itemSamples.reduce((sum, samples) => sum + samples, 0)) throw new Error(`${order.id} plays past its end`)
      }
    }),
  )
})

t.test('nothing is on air before it is accepted and has begun, nor outlives its end or its stop', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      for (const { orderId, fromSamples, untilSamples } of courseOf(orders)) {
        const order = byId(orders, orderId)
        if (!mayPlay(order, fromSamples) || !mayPlay(order, untilSamples - 1)) throw new Error(`${orderId} is on air outside its window`)
      }
    }),
  )
})

t.test('each cluster hears the orders that target it, by subtree, tag or name', (t) => {
  holds(
    t,
    fc.property(someOrders, (orders) => {
      const arbiter = new Arbiter({ horizonSamples: s(10_000) })
      arbiter.setUnits(units)
      arbiter.upsertClusters(clusters)
      for (const order of orders) arbiter.upsertOrder(order)
      arbiter.advance(s(-1))
      for (const cluster of clusters) {
        const own = orders.filter((order) => applies(order, cluster))
        const actual = JSON.stringify(arbiter.planOf(cluster.id))
        if (actual !== JSON.stringify(courseOf(own))) throw new Error(`${cluster.id} hears something else`)
      }
      for (const { targets } of orders) {
        const expected = clusters.filter((cluster) => applies({ ...orders[0]!, targets }, cluster)).map(({ id }) => id)
        if ([...arbiter.clustersOf(targets)].sort().join() !== expected.sort().join()) throw new Error('targets resolve to other clusters')
      }
    }),
    500,
  )
})

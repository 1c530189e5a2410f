import t from 'tap'
import type { Test } from 'tap'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import type { ArbiterCluster, ArbiterOrder, ArbiterUnit } from '../../../rooms/arbiter/index.ts'
import type { Plan } from '../../../rooms/plan.ts'
import { fc } from '../../support/seed.ts'
import { s } from './build.ts'
import { clusters, someOrders, SPAN_SECONDS, TAGS, units, UNITS } from './arbitraries.ts'


const HORIZON_SAMPLES = s(40)

/** Something that happens to the arbiter at a time. */
type Happening =
  | { readonly kind: 'order'; readonly order: ArbiterOrder }
  | { readonly kind: 'advance' | 'settle' }
  | { readonly kind: 'cluster'; readonly cluster: ArbiterCluster }
  | { readonly kind: 'units'; readonly units: readonly ArbiterUnit[] }
interface Timed {
  readonly atSamples: number
  readonly happening: Happening
}

const wholeSecond = (samples: number): number => samples - (samples % s(1))

/** When an order is told of, and when of its stop: from long before to `maxLateSamples` after it begins to matter. */
const tellings = (maxLateSamples: number): fc.Arbitrary<Timed[]> =>
  fc.tuple(someOrders, fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 9, maxLength: 9 })).map(([orders, moments]) =>
    orders.flatMap((order, index): Timed[] => {
      const [first, second] = moments[index]!
      const begin = Math.max(order.startSamples, order.acceptedSamples)
      const toldAt = wholeSecond((first / 1000) * (begin + maxLateSamples))
      if (order.stoppedSamples === null) return [{ atSamples: toldAt, happening: { kind: 'order', order } }]
      const stopToldAt = wholeSecond((second / 1000) * (order.stoppedSamples + maxLateSamples))
      return [
        ...(stopToldAt > toldAt ? [{ atSamples: toldAt, happening: { kind: 'order' as const, order: { ...order, stoppedSamples: null } } }] : []),
        { atSamples: stopToldAt > toldAt ? stopToldAt : toldAt, happening: { kind: 'order', order } },
      ]
    }),
  )

const at = (arbitrary: fc.Arbitrary<Happening>): fc.Arbitrary<Timed> =>
  fc.record({ atSamples: fc.nat(SPAN_SECONDS + 60).map(s), happening: arbitrary })
const advances = fc.array(at(fc.constant({ kind: 'advance' })), { minLength: 1, maxLength: 12 })

/** Orders are replaced by quite different ones, in their middle or after their end. */
const edits = fc
  .tuple(someOrders, fc.array(fc.nat(SPAN_SECONDS + 60).map(s), { minLength: 9, maxLength: 9 }))
  .map(([orders, times]) => orders.slice(0, 4).map((order, index): Timed => ({ atSamples: times[index]!, happening: { kind: 'order', order } })))
const settlements = fc.array(at(fc.constant({ kind: 'settle' })), { minLength: 1, maxLength: 6 })

const moves = fc.array(
  at(
    fc.oneof(
      fc
        .record({ index: fc.nat(clusters.length - 1), unitId: fc.constantFrom(...UNITS), tags: fc.subarray(TAGS), enabled: fc.boolean() })
        .map(({ index, ...cluster }): Happening => ({ kind: 'cluster', cluster: { id: clusters[index]!.id, ...cluster } })),
      fc
        .tuple(fc.constantFrom('north', 'south', 'district'), fc.constantFrom('province', 'elsewhere', null))
        .map(([moved, parentId]): Happening => ({ kind: 'units', units: units.map((unit) => (unit.id === moved ? { id: moved, parentId } : unit)) })),
    ),
  ),
  { minLength: 1, maxLength: 4 },
)

const soundOf = (plan: Plan, nowSamples: number): string =>
  JSON.stringify(
    plan.filter(({ untilSamples }) => untilSamples > nowSamples).map((segment) => ({ ...segment, fromSamples: Math.max(segment.fromSamples, nowSamples) })),
  )

interface Fate {
  /** Whether what `settle` gave back is left out when starting from nothing, as after a restart. */
  readonly forgetSettled: boolean
  readonly lateSamples: number
}

/** Plays the happenings in order of time and compares, at each `advance`, with an arbiter that is told everything at once. */
function play(happenings: readonly Timed[], { forgetSettled, lateSamples }: Fate): void {
  const arbiter = new Arbiter({ horizonSamples: HORIZON_SAMPLES, lateSamples, settleEverySamples: Infinity })
  const orders = new Map<string, ArbiterOrder>()
  const registry = new Map(clusters.map((cluster) => [cluster.id, cluster]))
  let tree: readonly ArbiterUnit[] = units
  /** What a fan-out knows: only what `advance` has returned. */
  const told = new Map<string, Plan>()
  arbiter.setUnits(tree)
  arbiter.upsertClusters(clusters)

  const check = (nowSamples: number): void => {
    const dueBefore = arbiter.nextWakeSamples()
    const changes = arbiter.advance(nowSamples)
    if (changes.length > 0 && dueBefore > nowSamples) throw new Error('plans changed though nothing was touched or due')
    for (const { clusters: ids, plan } of changes) for (const id of ids) told.set(id, plan)
    // It has kept no state to go on from, and computes everything from the first order to now and beyond in one go.
    const fresh = new Arbiter({ horizonSamples: HORIZON_SAMPLES, lateSamples: Infinity, settleEverySamples: Infinity })
    for (const order of [...orders.values()].reverse()) fresh.upsertOrder(order)
    fresh.upsertClusters([...registry.values()].reverse())
    fresh.setUnits(tree)
    fresh.advance(nowSamples)
    for (const id of registry.keys()) {
      const expected = soundOf(fresh.planOf(id), nowSamples)
      if (soundOf(arbiter.planOf(id), nowSamples) !== expected) throw new Error(`${id} at ${String(nowSamples / s(1))}: ${soundOf(arbiter.planOf(id), nowSamples)} is not ${expected}`)
      if (soundOf(told.get(id) ?? [], nowSamples) !== expected) throw new Error(`${id} at ${String(nowSamples / s(1))} was not told`)
      const segment = fresh.onAir(id, nowSamples)
      if (arbiter.onAir(id, nowSamples)?.room !== segment?.room) throw new Error('onAir differs from the plan')
    }
    const rooms = new Set([...registry.keys()].flatMap((id) => arbiter.planOf(id).map(({ room }) => room)))
    if (arbiter.rooms().map(({ room }) => room).sort().join() !== [...rooms].sort().join()) throw new Error('rooms() are not those of the plans')
  }

  for (const { atSamples, happening } of [...happenings].sort((a, b) => a.atSamples - b.atSamples)) {
    switch (happening.kind) {
      case 'order':
        orders.set(happening.order.id, happening.order)
        arbiter.upsertOrder(happening.order)
        break
      case 'cluster':
        registry.set(happening.cluster.id, happening.cluster)
        arbiter.upsertCluster(happening.cluster)
        break
      case 'units':
        tree = happening.units
        arbiter.setUnits(tree)
        break
      case 'settle':
        for (const id of arbiter.settle()) if (forgetSettled) orders.delete(id)
        break
      case 'advance':
        check(atSamples)
        break
    }
  }
  check(s(SPAN_SECONDS + 60))
}

const late = fc.constantFrom(0, s(3), s(60))
const run = (t: Test, property: fc.IProperty<[{ happenings: Timed[]; lateSamples: number }]>): void => {
  const numRuns = 1200
  fc.assert(property, { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
}
const mixed = (...parts: fc.Arbitrary<Timed[]>[]): fc.Arbitrary<Timed[]> => fc.tuple(...parts).map((each) => each.flat())

t.test('when orders are told of, however late, and when advance is called makes no difference', (t) => {
  run(
    t,
    fc.property(fc.record({ happenings: mixed(tellings(s(100)), advances), lateSamples: late }), ({ happenings, lateSamples }) => {
      play(happenings, { forgetSettled: false, lateSamples })
    }),
  )
})

t.test('orders replaced by others, begun or over, leave no trace', (t) => {
  run(
    t,
    fc.property(fc.record({ happenings: mixed(tellings(s(100)), advances, edits), lateSamples: late }), ({ happenings, lateSamples }) => {
      play(happenings, { forgetSettled: false, lateSamples })
    }),
  )
})

t.test('moves of clusters and units, and switching clusters off and on, leave no trace', (t) => {
  run(
    t,
    fc.property(fc.record({ happenings: mixed(tellings(s(100)), advances, moves), lateSamples: late }), ({ happenings, lateSamples }) => {
      play(happenings, { forgetSettled: false, lateSamples })
    }),
  )
})

t.test('what settle forgets is never missed, as long as orders are told of in time', (t) => {
  const happenings = late.chain((lateSamples) => fc.record({ happenings: mixed(tellings(lateSamples), advances, settlements), lateSamples: fc.constant(lateSamples) }))
  run(
    t,
    fc.property(happenings, (script) => {
      play(script.happenings, { forgetSettled: false, lateSamples: script.lateSamples })
      play(script.happenings, { forgetSettled: true, lateSamples: script.lateSamples })
    }),
  )
})

t.test('after settling and moves, what is left still decides alone', (t) => {
  const happenings = late.chain((lateSamples) => fc.record({ happenings: mixed(tellings(lateSamples), advances, settlements, moves), lateSamples: fc.constant(lateSamples) }))
  run(
    t,
    fc.property(happenings, (script) => {
      play(script.happenings, { forgetSettled: true, lateSamples: script.lateSamples })
    }),
  )
})

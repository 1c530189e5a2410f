import t from 'tap'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import { recordOf } from '../../../rooms/arbiter/order.ts'
import type { ArbiterOrder, PlanChange } from '../../../rooms/arbiter/index.ts'
import { between, buildArbiter, clips, inWords, order, s } from './build.ts'

const told = (changes: readonly PlanChange[]) => changes.map(({ clusters, plan }) => [[...clusters].sort().join(' '), ...inWords(plan)])
const flood = (patch = {}) => order('flood', { class: 'emergency', ...between(100, 200), acceptedSamples: s(100), ...patch })

t.test('advance tells of clusters whose plan has changed, grouped by equal plan, and of no other', (t) => {
  const arbiter = buildArbiter()
  t.same(arbiter.advance(0), [], 'silence is what everybody has at first')
  arbiter.upsertOrder(order('relay'))
  t.same(told(arbiter.advance(s(10))), [['n1 s1', 'src:relay 0-1000']])
  t.same(arbiter.advance(s(20)), [])
  arbiter.upsertOrder(flood({ targets: { units: [], tags: ['school'] } }))
  t.same(told(arbiter.advance(s(100))), [['s1', 'src:flood 100-200', 'src:relay 200-1000']])
  t.same(inWords(arbiter.planOf('n1')), ['src:relay 0-1000'])
  arbiter.upsertOrder(flood({ targets: { units: [], tags: ['school'] }, stoppedSamples: s(130) }))
  t.same(told(arbiter.advance(s(131))), [['s1', 'src:relay 130-1000']])
  t.end()
})

t.test('telling the same again, or what is never heard, changes no plan', (t) => {
  const arbiter = buildArbiter()
  arbiter.upsertOrder(order('relay'))
  arbiter.advance(s(10))
  const { simulationsTotal } = arbiter.stats()
  arbiter.upsertOrder(order('relay'))
  arbiter.upsertCluster({ id: 'n1', unitId: 'north', tags: [], enabled: true })
  t.equal(arbiter.nextWakeSamples(), Infinity)
  t.same(arbiter.advance(s(11)), [])
  t.equal(arbiter.stats().simulationsTotal, simulationsTotal)
  arbiter.upsertOrder(order('unheard', { content: clips(), ...between(20, 30) }))
  t.same(arbiter.advance(s(12)), [])
  arbiter.upsertOrder(order('relay', { title: 'VOV1' }))
  t.equal(arbiter.advance(s(13)).length, 1, 'a new title is a new plan')
  t.end()
})

t.test('a plan reaches to the horizon, with the true end of what begins before it, and wakes for the next', (t) => {
  const arbiter = buildArbiter({ horizonSamples: s(120) })
  arbiter.upsertOrder(order('relay', between(0, 5000)))
  arbiter.upsertOrder(order('noon', { issuerLevel: 0, ...between(1000, 1100) }))
  t.same(told(arbiter.advance(0)), [['n1 s1', 'src:relay 0-1000']])
  t.equal(arbiter.nextWakeSamples(), s(880))
  t.same(arbiter.advance(s(879)), [])
  arbiter.advance(s(880))
  t.same(inWords(arbiter.planOf('n1')), ['src:relay 0-1000'], 'what begins just at the horizon is not in it yet')
  t.same(told(arbiter.advance(s(881))), [['n1 s1', 'src:relay 0-1000', 'src:noon 1000-1100']])
  t.equal(arbiter.nextWakeSamples(), s(980))
  t.end()
})

t.test('disabled and removed clusters have an empty plan', (t) => {
  const arbiter = buildArbiter()
  arbiter.upsertOrder(order('relay'))
  arbiter.advance(s(10))
  arbiter.upsertCluster({ id: 'n1', unitId: 'north', tags: [], enabled: false })
  t.same(told(arbiter.advance(s(11))), [['n1']])
  t.same(arbiter.planOf('n1'), [])
  t.same(arbiter.clustersOf({ units: ['province'], clusters: ['n1'], tags: [] }), ['s1'])
  arbiter.upsertCluster({ id: 'n1', unitId: 'north', tags: [], enabled: true })
  t.same(told(arbiter.advance(s(12))), [['n1', 'src:relay 0-1000']])
  arbiter.removeCluster('n1')
  arbiter.removeCluster('n1')
  t.same(arbiter.advance(s(13)), [], 'nothing is said of one that is no more')
  t.same(arbiter.planOf('n1'), [])
  t.equal(arbiter.onAir('n1', s(13)), null)
  t.end()
})

t.test('onAir finds the segment, half-open', (t) => {
  const arbiter = buildArbiter()
  arbiter.upsertOrder(order('relay', between(0, 10)))
  arbiter.advance(s(0))
  t.equal(arbiter.onAir('n1', s(10) - 1)?.orderId, 'relay')
  t.equal(arbiter.onAir('n1', s(10)), null)
  t.equal(arbiter.onAir('nobody', 0), null)
  t.end()
})

t.test('rooms are those of all plans, from the earliest to the latest mention', (t) => {
  const arbiter = buildArbiter()
  arbiter.upsertOrder(order('relay'))
  arbiter.upsertOrder(flood({ targets: { units: ['south'] }, toneSamples: s(6) }))
  arbiter.upsertOrder(order('school', { ...between(20, 50), issuerLevel: 0, targets: { units: [], tags: ['school'] }, content: clips(10) }))
  arbiter.advance(s(5))
  const uses = arbiter.rooms().map(({ room, fromSamples, untilSamples }) => [room.replace(/@.*/, ''), fromSamples / s(1), untilSamples / s(1)])
  t.same(uses.sort(), [
    ['ord:school', 20, 30],
    ['src:flood', 106, 200],
    ['src:relay', 0, 1000],
    ['tone:attention', 100, 106],
  ])
  arbiter.advance(s(40))
  t.notOk(arbiter.rooms().some(({ room }) => room.startsWith('ord:')), 'what is over is mentioned no more')
  t.end()
})

t.test('a ring in the tree of units, a unit named twice and one that is not there do no harm', (t) => {
  const arbiter = new Arbiter()
  arbiter.setUnits([
    { id: 'a', parentId: 'b' },
    { id: 'b', parentId: 'a' },
  ])
  arbiter.upsertCluster({ id: 'c', unitId: 'a', tags: [], enabled: true })
  arbiter.upsertCluster({ id: 'd', unitId: 'nowhere', tags: [], enabled: true })
  arbiter.upsertOrder(order('relay', { targets: { units: ['b', 'a', 'b', 'gone'] } }))
  t.same(told(arbiter.advance(0)), [['c', 'src:relay 0-1000']])
  t.same(arbiter.clustersOf({ units: ['a', 'b'], clusters: ['c', 'gone'], tags: [] }), ['c'])
  t.same(arbiter.clustersOf({ units: ['nowhere'], clusters: [], tags: [] }), ['d'])
  t.end()
})

t.test('sets of orders with equal hashes are not taken for each other', (t) => {

  const [a, b] = collidingIds()
  const arbiter = buildArbiter()
  arbiter.upsertOrder(order(a, { targets: { units: ['north'] } }))
  arbiter.upsertOrder(order(b, { targets: { units: ['south'] } }))
  arbiter.upsertCluster({ id: 'n2', unitId: 'north', tags: [], enabled: true })
  arbiter.upsertCluster({ id: 's2', unitId: 'south', tags: [], enabled: true })
  arbiter.advance(0)
  t.same(['n1', 'n2', 's1', 's2'].map((id) => arbiter.onAir(id, 0)?.orderId), [a, a, b, b])
  t.end()
})

/** Two ids with the same 32-bit hash, found among a few hundred thousand by the birthday paradox. */
function collidingIds(): [string, string] {
  const seen = new Map<number, string>()
  for (let number = 0; ; number++) {
    const id = `order-${String(number)}`
    const { hash } = recordOf(order(id))
    const other = seen.get(hash)
    if (other !== undefined) return [other, id]
    seen.set(hash, id)
  }
}

t.test('what is told of an order that is on air, cut or over is taken up where it stands', (t) => {
  const advanced = (seconds: number, ...orders: ArbiterOrder[]) => {
    const arbiter = buildArbiter({ lateSamples: 0, settleEverySamples: Infinity })
    for (const each of orders) arbiter.upsertOrder(each)
    arbiter.advance(0)
    arbiter.upsertOrder(order('touch', between(5000, 6000)))
    arbiter.advance(s(seconds))
    return arbiter
  }
  const planOf = (arbiter: Arbiter, seconds: number) => {
    arbiter.advance(s(seconds))
    return inWords(arbiter.planOf('n1'))
  }

  const clip = order('clip', { content: clips(60, 60, 60) })
  let arbiter = advanced(70, clip)
  arbiter.upsertOrder({ ...clip, endSamples: s(150) })
  t.same(planOf(arbiter, 71), ['ord:clip@0 0-150'], 'shortened on air, it stays one segment from its true beginning')

  arbiter = advanced(150, clip, flood(), order('relay', { class: 'normal', issuerLevel: 9 }))
  arbiter.upsertOrder({ ...clip, stoppedSamples: s(160) })
  t.same(planOf(arbiter, 161), ['src:flood 100-200', 'src:relay 200-1000'], 'stopped while cut, it does not come back')

  const relay = order('relay', between(0, 100))
  arbiter = advanced(150, relay)
  arbiter.upsertOrder({ ...relay, endSamples: s(300) })
  t.same(planOf(arbiter, 151), ['src:relay 0-300'], 'prolonged after its end, it is on air again')
  t.end()
})

t.test('prolonged when some clusters have settled it and others have not, it is on air on all', (t) => {
  const arbiter = buildArbiter({ lateSamples: 0, settleEverySamples: Infinity })
  arbiter.upsertOrder(order('relay', between(0, 100)))
  arbiter.upsertOrder(order('list', { content: clips(200), targets: { units: ['north'] }, issuerLevel: 9, ...between(50, 600) }))
  arbiter.advance(s(150))
  t.same(arbiter.settle(), [], 'the playlist began when the relay ended')
  arbiter.upsertOrder(order('relay', between(0, 800)))
  arbiter.advance(s(151))
  t.same(inWords(arbiter.planOf('s1')), ['src:relay 0-800'])
  t.same(inWords(arbiter.planOf('n1')), ['src:relay 0-800'])
  t.end()
})

t.test('a plan that differs only in when it began is not sent again', (t) => {
  const arbiter = buildArbiter({ lateSamples: 0, settleEverySamples: Infinity })
  arbiter.upsertOrder(order('relay'))
  arbiter.upsertOrder(flood())
  arbiter.advance(s(150))
  arbiter.advance(s(300))
  t.same(arbiter.settle(), ['flood'])
  t.same(inWords(arbiter.planOf('n1')), ['src:relay 200-1000'])
  arbiter.upsertOrder(order('told late, never heard', { content: clips() }))
  t.same(arbiter.advance(s(301)), [], 'simulated anew without the emergency')
  t.end()
})

t.test('settling', (t) => {
  t.test('orders that are over go, though a relay goes on beneath them', (t) => {
    const arbiter = buildArbiter({ settleEverySamples: Infinity })
    arbiter.upsertOrder(order('relay'))
    arbiter.upsertOrder(flood())
    arbiter.upsertOrder(order('clip', { content: clips(30), ...between(50, 90) }))
    arbiter.advance(s(100))
    t.same(arbiter.settle(), ['clip'])
    arbiter.advance(s(209))
    t.same(arbiter.settle(), [], 'not before lateSamples are over')
    arbiter.advance(s(210))
    t.same(arbiter.settle(), ['flood'])
    t.equal(arbiter.stats().orders, 1)
    t.same(inWords(arbiter.planOf('n1')), ['src:relay 200-1000'])
    t.end()
  })

  t.test('an order stays as long as a clip is where it is because of it, through others that are over', (t) => {
    const arbiter = buildArbiter({ settleEverySamples: Infinity, lateSamples: 0 })
    arbiter.upsertOrder(order('old', { content: clips(30), ...between(0, 60) }))
    arbiter.upsertOrder(order('middle', { content: clips(30), ...between(50, 120) }))
    arbiter.upsertOrder(flood({ ...between(55, 70), acceptedSamples: 0 }))
    arbiter.upsertOrder(order('last', { content: clips(100), ...between(60, 500) }))
    arbiter.upsertOrder(order('before all', between(-100, -50)))
    arbiter.advance(s(150))
    const plan = inWords(arbiter.planOf('n1'))
    t.same(arbiter.settle(), ['before all'])
    t.same(inWords(arbiter.planOf('n1')), plan)
    arbiter.advance(s(500))
    t.same([...arbiter.settle()].sort(), ['flood', 'last', 'middle', 'old'])
    t.end()
  })

  t.test('an order for nobody stays until it is over: somebody may come', (t) => {
    const arbiter = buildArbiter({ lateSamples: 0 })
    arbiter.upsertOrder(order('empty', { ...between(0, 200), targets: { units: ['elsewhere'] } }))
    arbiter.advance(s(100))
    t.same(arbiter.settle(), [])
    arbiter.upsertCluster({ id: 'e1', unitId: 'elsewhere', tags: [], enabled: true })
    t.same(told(arbiter.advance(s(101))), [['e1', 'src:empty 0-200']])
    t.end()
  })

  t.test('advance settles by itself', (t) => {
    const arbiter = buildArbiter()
    for (let index = 0; index < 100; index++) arbiter.upsertOrder(order(`o${String(index)}`, between(index, index + 5)))
    arbiter.advance(s(0))
    arbiter.advance(s(59))
    t.equal(arbiter.stats().orders, 100)
    arbiter.advance(s(60))
    t.equal(arbiter.stats().orders, 54, 'those that ended by 50 s are gone')
    t.end()
  })

  t.test('removing an order that is over does not move the clip it has cut', (t) => {
    const arbiter = buildArbiter({ lateSamples: 0 })
    arbiter.upsertOrder(order('clip', { content: clips(600) }))
    arbiter.upsertOrder(flood())
    arbiter.advance(s(250))
    arbiter.removeOrder('flood')
    arbiter.advance(s(251))
    t.same(inWords(arbiter.planOf('n1')), ['ord:clip@100 200-700'])
    arbiter.upsertOrder(order('later', { class: 'emergency', ...between(300, 310) }))
    arbiter.removeOrder('later')
    t.same(arbiter.advance(s(252)), [], 'one that has not begun has never been')
    arbiter.removeOrder('unknown')
    t.end()
  })
  t.end()
})

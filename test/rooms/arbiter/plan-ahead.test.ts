import t from 'tap'
import { between, buildArbiter, clips, inWords, order, s } from './build.ts'

t.test('planAhead reaches as far as it is asked, is what will be handed out, and changes nothing', (t) => {
  const arbiter = buildArbiter({ horizonSamples: s(120) })
  arbiter.upsertOrder(order('relay', between(0, 100_000)))
  arbiter.upsertOrder(order('news', { ...between(5000, 6000), class: 'priority', content: clips(60, 30), targets: { units: ['north'] } }))
  arbiter.upsertOrder(order('flood', { ...between(5040, 5050), class: 'emergency', toneSamples: s(6), content: clips(4), targets: { units: ['north'] } }))
  arbiter.advance(0)
  t.same(inWords(arbiter.planOf('n1')), ['src:relay 0-5000'])
  const course = ['src:relay 0-5000', 'ord:news@5000 5000-5040', 'tone:attention@5040 5040-5046', 'ord:flood@5046 5046-5050', 'ord:news@5010 5050-5100', 'src:relay 5100-100000']
  const [north, south] = arbiter.planAhead(['n1', 's1', 'nobody'], s(48 * 3600))
  t.same([north!.clusters, inWords(north!.plan)], [['n1'], course])
  t.same([south!.clusters, inWords(south!.plan)], [['s1'], ['src:relay 0-100000']])
  t.same(inWords(arbiter.planAhead(['n1'], s(5030))[0]!.plan), course.slice(0, 2), 'what begins after the horizon is left out')
  t.same(arbiter.planAhead(['nobody'], s(1000)), [{ clusters: ['nobody'], plan: [] }])

  // Step by step the same comes to be planned.
  const handedOut = new Set(inWords(arbiter.planOf('n1')))
  for (let at = 0; at < 5200; at += 10) {
    arbiter.advance(s(at))
    for (const segment of inWords(arbiter.planOf('n1'))) handedOut.add(segment)
  }
  t.same([...handedOut], course)
  t.same(inWords(arbiter.planAhead(['n1'], s(48 * 3600))[0]!.plan), course.slice(5), 'what is over is not in it')
  t.end()
})

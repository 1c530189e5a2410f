import t from 'tap'
import { sourceRoom } from '../../rooms/plan.ts'
import { FanOutBench, labelWire, TestSink } from '../support/fan-out-bench.ts'
import { parseFormat } from '../../codec/audio-format.ts'

const A = sourceRoom('a')
const B = sourceRoom('b')

function follow(bench: FanOutBench, clusterId: string): { sink: TestSink; leave: () => void } {
  const sink = new TestSink(bench.clock)
  const listener = bench.fanOut.join({ sink, hears: { followsClusterId: clusterId }, format: parseFormat('opus-32'), wire: labelWire, flushMs: 20, burstMs: 0 })
  return { sink, leave: () => { bench.fanOut.leave(listener) } }
}

const rooms = (sink: TestSink): string[] => sink.heard.map(({ what }) => what).filter((what, index, all) => what !== all[index - 1])
const holes = (sink: TestSink): number => sink.heard.filter(({ index }, at) => at > 0 && index !== sink.heard[at - 1]!.index + 1).length

t.test('followers hear what the cluster hears, and neither replaces the other', async (t) => {
  const bench = new FanOutBench()
  t.teardown(() => { bench.fanOut.close() })
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(A, 0, 60_000)] }], false)
  const first = follow(bench, 'c1')
  const device = bench.join({ clusterId: 'c1', format: 'opus-32', flushMs: 20 })
  const second = follow(bench, 'c1')
  bench.run(400)
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(B, 0, 300, { class: 'emergency' }), bench.segment(A, 300, 60_000)] }], true)
  bench.run(900)
  for (const [name, sink] of [['the device', device.sink], ['one follower', first.sink], ['another', second.sink]] as const) {
    t.equal(sink.closed, null, name)
    t.same(rooms(sink).slice(-3), [A, B, A], `${name} hears both cuts`)
    t.equal(holes(sink), 0)
  }
  bench.fanOut.leaveCluster('c1', 'disabled')
  t.equal(device.sink.closed, 'disabled')
  t.equal(first.sink.closed, null, 'a device that is cut takes no follower with it')
})

t.test('frames come one by one, at their edges', async (t) => {
  const bench = new FanOutBench()
  t.teardown(() => { bench.fanOut.close() })
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(A, -1000, 60_000)] }], false)
  const { sink } = follow(bench, 'c1')
  bench.run(1000)
  const gaps = sink.writesMs.slice(20).map((ms, index) => ms - sink.writesMs[19 + index]!)
  t.ok(gaps.length > 20 && gaps.every((gap) => Math.abs(gap - 20) < 1), gaps.slice(0, 5).join(' '))
})

t.test('a cluster that is no more leaves silence, and one that is new brings its plan', async (t) => {
  const bench = new FanOutBench()
  t.teardown(() => { bench.fanOut.close() })
  const early = follow(bench, 'c2')
  bench.assign([{ clusters: ['c2'], plan: [bench.segment(A, 0, 60_000)] }], false)
  bench.run(500)
  bench.fanOut.forgetCluster('c2')
  bench.run(500)
  t.same(rooms(early.sink).slice(-3), ['silence', A, 'silence'])
  early.leave()
  t.equal(bench.fanOut.size, 0)
  bench.assign([{ clusters: ['c2'], plan: [bench.segment(B, 0, 60_000)] }], false)
  const before = early.sink.heard.length
  bench.run(200)
  t.equal(early.sink.heard.length, before, 'who has left hears nothing')
})

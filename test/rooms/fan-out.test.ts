import t from 'tap'
import { ENGINE_LEAD_MS, frameAtOrAfter, msToSamples } from '../../rooms/grid.ts'
import { sourceRoom, toneRoom, type Plan } from '../../rooms/plan.ts'
import type { Wire } from '../../rooms/wire.ts'
import { FanOutBench, labelWire, type Heard, type TestSink } from '../support/fan-out-bench.ts'
import { fc } from '../support/seed.ts'

const MP3 = 1152
const OPUS = 960

function isConsecutive(heard: readonly Heard[]): boolean {
  return heard.every(({ index }, at) => at === 0 || index === heard[at - 1]!.index + 1)
}

/** Runs of equal rooms, in order. */
const rooms = (sink: TestSink): string[] => sink.heard.map(({ what }) => what.replace(/^tone .*/, 'tone')).filter((what, at, all) => what !== all[at - 1])

t.test('every frame once, in order, at its turn', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1', 'c2'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const mp3 = bench.join({ clusterId: 'c1' })
  const opus = bench.join({ clusterId: 'c2', format: 'opus-32', flushMs: 100 })
  bench.run(5000)
  for (const [name, { sink }, frameMs, flushMs] of [['mp3', mp3, 24, 240], ['opus', opus, 20, 100]] as const) {
    t.ok(isConsecutive(sink.heard), `${name}: no frame lost or repeated`)
    t.ok(sink.heard.length >= (5000 - flushMs - ENGINE_LEAD_MS) / frameMs - 2, `${name}: all of them`)
    t.same(rooms(sink).at(-1), 'src:vov')
    const gaps = sink.writesMs.slice(2).map((at, index) => at - sink.writesMs[index + 1]!)
    t.ok(gaps.every((gap) => Math.abs(gap - flushMs) <= 5), `${name}: written to every ${String(flushMs)} ms`)
  }
  t.equal(bench.fanOut.counters.gapFrames, 0)
})

t.test('joins with a burst from the past and goes on at the live edge', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1', 'c2'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  bench.join({ clusterId: 'c1' })
  bench.run(3000)
  const { sink } = bench.join({ clusterId: 'c2', burstMs: 1000 })
  t.equal(sink.heard.length, 42, '1000 ms are 42 frames of 24 ms')
  const edge = Math.floor((bench.house.nowSamples() - msToSamples(ENGINE_LEAD_MS)) / MP3)
  t.equal(sink.heard.at(-1)!.index, edge - 1)
  bench.run(1000)
  t.ok(isConsecutive(sink.heard))
  t.same(rooms(sink), ['src:vov'])
})

t.test('what is on air when a process begins did not begin with it: who joins at once is not told that it was silent before', async (t) => {
  const bench = new FanOutBench()
  bench.fanOut.assign([{ clusters: ['c1'], plan: [bench.segment(sourceRoom('vov'), -5000, 60_000)] }], -Infinity, false)
  const { sink } = bench.join({ clusterId: 'c1', format: 'opus-32', burstMs: 800 })
  bench.run(2000)
  t.same(sink.segments.map((segment) => segment?.orderId ?? null), ['order of src:vov'])
  t.equal(rooms(sink).at(-1), 'src:vov')
  t.ok(isConsecutive(sink.heard))
})

t.test('a change of plan is heard from its frame edge on, and nobody reconnects', async (t) => {
  const bench = new FanOutBench()
  const both: Plan = [bench.segment(sourceRoom('a'), 0, 2000), bench.segment(sourceRoom('b'), 2000, 4000)]
  bench.assign([{ clusters: ['c1', 'c2'], plan: both }], false)
  const mp3 = bench.join({ clusterId: 'c1' })
  const opus = bench.join({ clusterId: 'c2', format: 'opus-32' })
  bench.run(6000)
  for (const [{ sink }, frameSamples] of [[mp3, MP3], [opus, OPUS]] as const) {
    t.ok(isConsecutive(sink.heard))
    t.same(rooms(sink).slice(-3), ['src:a', 'src:b', 'silence'], 'the end of a plan is silence, with nobody telling')
    t.equal(sink.heard.find(({ what }) => what === 'src:b')?.index, frameAtOrAfter(both[1]!.fromSamples, frameSamples))
    t.equal(sink.heard.find(({ index, what }) => what === 'silence' && index > sink.heard[10]!.index)?.index, frameAtOrAfter(both[1]!.untilSamples, frameSamples))
    t.equal(sink.closed, null)
    t.same(sink.segments.map((segment) => segment?.orderId ?? null).slice(-3), ['order of src:a', 'order of src:b', null])
  }
})

t.test('what is on air is told right before its first frame, not before what is written in the same turn', async (t) => {
  const bench = new FanOutBench()
  const relay = bench.segment(sourceRoom('vov'), 0, 60_000)
  const clusters = ['c1', 'c2', 'c3', 'c4']
  bench.assign([{ clusters, plan: [relay] }], false)
  const sinks = clusters.map((clusterId, at) => bench.join({ clusterId, format: at < 2 ? 'mp3-64' : 'opus-32', fd: at % 2 === 0 ? 1 : -1, burstMs: 500 }).sink)
  bench.run(2000 + 50)
  const cutAt = bench.now()
  const flood: Plan = [{ room: toneRoom('attention', cutAt), fromSamples: cutAt, untilSamples: cutAt + 70_000, orderId: 'flood', class: 'emergency', title: '' }]
  bench.assign([{ clusters, plan: [...flood, { ...relay, fromSamples: cutAt + 70_000, untilSamples: cutAt + 200_000 }] }], true)
  bench.run(6000)
  for (const { heard } of sinks) {
    const orderOf = (what: string): string | null => (what === 'src:vov' ? 'order of src:vov' : what === 'silence' ? null : 'flood')
    t.same(heard.filter(({ what, orderId }) => orderOf(what) !== orderId), [])
    t.same([...new Set(heard.map(({ orderId }) => orderId))], [null, 'order of src:vov', 'flood'])
    t.ok(isConsecutive(heard))
  }
})

t.test('an emergency is written at the first possible edge, to those it is for', async (t) => {
  const bench = new FanOutBench()
  const before = bench.segment(sourceRoom('vov'), 0, 60_000)
  const clusters = Array.from({ length: 40 }, (_, index) => `c${String(index)}`)
  bench.assign([{ clusters: [...clusters, 'other'], plan: [before] }], false)
  const touched = clusters.map((clusterId, index) => bench.join({ clusterId, format: index % 2 === 0 ? 'mp3-64' : 'opus-32' }))
  const other = bench.join({ clusterId: 'other' })
  bench.run(3000)
  const cutAt = bench.now()
  const cutMs = bench.clock.monotonicMs()
  const tone = toneRoom('attention', cutAt)
  const plan: Plan = [
    { room: tone, fromSamples: cutAt, untilSamples: cutAt + 144_000, orderId: 'flood', class: 'emergency', title: 'Lũ' },
    { room: sourceRoom('voice'), fromSamples: cutAt + 144_000, untilSamples: cutAt + 480_000, orderId: 'flood', class: 'emergency', title: 'Lũ' },
  ]
  bench.assign([{ clusters, plan }], true)
  bench.run(100)
  for (const { sink, format } of touched) {
    const first = sink.heard.find(({ what }) => what.startsWith('tone'))
    t.equal(first?.what, 'tone 0', 'the tone starts with its first frame')
    t.equal(first?.index, frameAtOrAfter(cutAt, format.frameSamples))
    t.ok(first!.atMs - cutMs < 80, 'within 80 ms')
  }
  t.equal(bench.cuts.reduce((sum, { listeners }) => sum + listeners, 0), 40)
  bench.run(5000)
  for (const { sink } of touched) {
    t.ok(isConsecutive(sink.heard), 'no frame lost or repeated through the cut')
    t.same(rooms(sink).slice(-3), ['src:vov', 'tone', 'src:voice'])
  }
  t.same(rooms(other.sink).at(-1), 'src:vov')

  const endAt = bench.now()
  bench.assign([{ clusters, plan: [{ ...before, fromSamples: endAt }] }], true)
  bench.run(1000)
  for (const { sink } of touched) {
    t.ok(isConsecutive(sink.heard))
    t.same(rooms(sink).at(-1), 'src:vov', 'back at the live edge of the relay')
  }
})

t.test('a cut needs no engine', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const { sink } = bench.join()
  bench.run(2000)
  bench.withheld.add(sourceRoom('vov')).add(sourceRoom('voice'))
  const cutAt = bench.now()
  bench.assign([{ clusters: ['c1'], plan: [{ room: toneRoom('attention', cutAt), fromSamples: cutAt, untilSamples: cutAt + 144_000, orderId: 'flood', class: 'emergency', title: '' }] }], true)
  bench.run(100)
  t.ok(sink.heard.some(({ what }) => what === 'tone 0'))
  t.ok(isConsecutive(sink.heard))
})

t.test('a frame that is awaited holds the flush back, then silence takes its place', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const { sink } = bench.join()
  bench.run(3000)
  const heardBefore = sink.heard.length
  bench.withheld.add(sourceRoom('vov'))
  bench.run(1500)
  t.ok(sink.heard.length - heardBefore > 1000 / 24, 'the stream goes on')
  t.equal(rooms(sink).at(-1), 'silence')
  t.ok(bench.fanOut.counters.gapFrames > 30)
  bench.withheld.clear()
  bench.run(1000)
  t.equal(rooms(sink).at(-1), 'src:vov', 'and the sound comes back')
  t.ok(isConsecutive(sink.heard))
})

t.test('silence in the place of what a late engine never sent says so', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const seen: { what: string; isMissing: boolean }[] = []
  const wire: Wire = {
    ...labelWire, id: 'seeing',
    encode: (frames) => {
      seen.push(...frames.map(({ data, isMissing }) => ({ what: data.toString('latin1').trimEnd(), isMissing })))
      return labelWire.encode(frames)
    },
  }
  const { sink } = bench.join({ format: 'opus-32', flushMs: 100, wire })
  bench.run(3000)
  seen.length = 0
  bench.withheld.add(sourceRoom('vov'))
  bench.run(1500)
  bench.withheld.clear()
  bench.run(1000)
  t.ok(isConsecutive(sink.heard))
  t.ok(seen.filter(({ isMissing }) => isMissing).length > 30)
  t.ok(seen.every(({ what, isMissing }) => isMissing === (what === 'silence')))
  bench.assign([{ clusters: ['c1'], plan: [] }], false)
  seen.length = 0
  bench.run(1000)
  t.same(seen.at(-1), { what: 'silence', isMissing: false }, 'silence that is meant does not')
})

t.test('what an engine has begun later is not waited for', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const { sink } = bench.join({ format: 'opus-32', flushMs: 100 })
  bench.run(3000)
  const cutAt = bench.now()
  bench.withheld.add(sourceRoom('voice'))
  bench.assign([{ clusters: ['c1'], plan: [{ room: sourceRoom('voice'), fromSamples: cutAt, untilSamples: cutAt + 480_000, orderId: 'flood', class: 'emergency', title: '' }] }], true)
  bench.run(150)
  // The engine has started: it sends from here on, and never what was before.
  const first = Math.floor(bench.now() / OPUS)
  bench.sends(sourceRoom('voice'), 'opus-32', first)
  bench.withheld.clear()
  bench.run(200)
  const heard = sink.heard.filter(({ what }) => what === 'src:voice')
  t.equal(heard[0]?.index, first)
  const late = Math.max(...heard.map(({ index, atMs }) => atMs - bench.house.monotonicMsAt((index + 1) * OPUS)))
  t.ok(late <= ENGINE_LEAD_MS + 100 + 8, `${late.toFixed(0)} ms after its last sample at most`)
})

t.test('an alarm that is heard before what was sent waits for nothing', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1', 'c2'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const soon = bench.join({ clusterId: 'c1', format: 'opus-32', flushMs: 20, wire: { ...labelWire, id: 'soon', overtakes: true } })
  const usual = bench.join({ clusterId: 'c2', format: 'opus-32', flushMs: 20 })
  bench.run(3000)
  const cutAt = bench.now()
  const cutMs = bench.clock.monotonicMs()
  bench.assign([{ clusters: ['c1', 'c2'], plan: [{ room: toneRoom('attention', cutAt), fromSamples: cutAt, untilSamples: cutAt + 96_000, orderId: 'flood', class: 'emergency', title: '' }] }], true)
  const firstMs = (sink: TestSink): number | undefined => sink.heard.find(({ what }) => what === 'tone 0')?.atMs
  t.equal(firstMs(soon.sink), cutMs, 'at once')
  bench.run(1000)
  t.ok(firstMs(usual.sink)! >= cutMs + ENGINE_LEAD_MS, 'behind the last sound of what it cuts')
  t.ok(isConsecutive(usual.sink.heard))
  const tones = soon.sink.heard.filter(({ what }) => what.startsWith('tone'))
  t.ok(isConsecutive(tones))
  t.ok(tones.every(({ index, atMs }) => atMs <= bench.house.monotonicMsAt(index * OPUS) + ENGINE_LEAD_MS + 48), 'none later than usual')
  bench.assign([{ clusters: ['c1', 'c2'], plan: [] }], true)
  bench.run(300)
  t.equal(rooms(soon.sink).at(-1), 'silence')
})

t.test('slow and frozen listeners', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['slow', 'frozen', 'healthy'], plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const slow = bench.join({ clusterId: 'slow' })
  const frozen = bench.join({ clusterId: 'frozen' })
  const healthy = bench.join({ clusterId: 'healthy' })
  bench.run(1000)

  await t.test('one that lags less than the limit gets everything', async (t) => {
    slow.sink.state = 'full'
    bench.run(1500)
    slow.sink.state = 'open'
    bench.run(1000)
    t.ok(isConsecutive(slow.sink.heard))
    t.equal(bench.fanOut.counters.skips, 0)
  })
  await t.test('one that lags more is moved to the live edge and counted', async (t) => {
    slow.sink.state = 'full'
    bench.run(4000)
    slow.sink.state = 'open'
    const before = slow.sink.heard.length
    bench.run(500)
    t.equal(bench.fanOut.counters.skips, 1)
    t.notOk(isConsecutive(slow.sink.heard))
    t.ok(isConsecutive(slow.sink.heard.slice(before)))
    t.ok(slow.sink.heard.length - before < 25, 'what it missed is not sent after it')
  })
  await t.test('one that takes nothing is cut after the time-out', async (t) => {
    frozen.sink.state = 'full'
    bench.run(9500)
    t.equal(frozen.sink.closed, null)
    bench.run(1500)
    t.equal(frozen.sink.closed, 'frozen')
    t.equal(bench.fanOut.counters.frozen, 1)
  })
  t.ok(isConsecutive(healthy.sink.heard), 'the healthy one has not noticed')
  t.equal(bench.fanOut.size, 2)
})

/** How many listeners are written to at each moment of a flush interval, in order of time. */
function turnsOf(bench: FanOutBench, listeners: number): { readonly atMs: number; readonly writes: number }[] {
  const clusters = Array.from({ length: listeners }, (_, index) => `c${String(index)}`)
  bench.assign([{ clusters, plan: [bench.segment(sourceRoom('vov'), 0, 60_000)] }], false)
  const sinks = clusters.map((clusterId) => bench.join({ clusterId }).sink)
  bench.run(1000)
  const writes = Map.groupBy(sinks, (sink) => sink.writesMs.at(-1)!)
  return [...writes].map(([atMs, written]) => ({ atMs, writes: written.length })).sort((a, b) => a.atMs - b.atMs)
}

t.test('a turn writes to some hundreds in one burst; more are spread over other turns', async (t) => {
  t.same(turnsOf(new FanOutBench(), 300).map(({ writes }) => writes), [300])
  const few = turnsOf(new FanOutBench(), 1000)
  t.same(few.map(({ writes }) => writes), [500, 500])
  t.ok(few[1]!.atMs - few[0]!.atMs > 24, 'and not the next one')
  t.same(turnsOf(new FanOutBench(), 6000).map(({ writes }) => writes), new Array(10).fill(600), 'never more than an even share when all ten turns of 240 ms are full')
})

t.test('processes on one machine begin at different turns', async (t) => {
  const moments = [0, 0.5].map((firstSlot) => turnsOf(new FanOutBench({ firstSlot }), 2500).map(({ atMs }) => atMs))
  t.equal(new Set(moments.flat()).size, 10)
})

t.test('one device, one identity', async (t) => {
  const bench = new FanOutBench()
  const first = bench.join({ clusterId: 'c1' })
  const second = bench.join({ clusterId: 'c1' })
  t.equal(first.sink.closed, 'replaced')
  t.equal(second.sink.closed, null)
  bench.fanOut.leave(first.listener)
  t.equal(bench.fanOut.listenerOf('c1'), second.listener, 'the old one leaving does not take the new one along')
  bench.fanOut.forgetCluster('c1')
  t.equal(second.sink.closed, 'removed')
  t.equal(bench.fanOut.size, 0)
})

t.test('asks engines for what is needed now or soon, and for nothing else', async (t) => {
  const bench = new FanOutBench()
  bench.assign([{ clusters: ['c1'], plan: [bench.segment(sourceRoom('a'), 0, 5000), bench.segment(sourceRoom('b'), 10_000, 20_000), bench.segment(sourceRoom('c'), 40_000, 50_000)] }], false)
  t.same(bench.interests, [], 'nobody listens')
  const { listener } = bench.join({ format: 'opus-24' })
  t.same(bench.interests.map(({ room, format }) => `${room} ${format}`).sort(), ['src:a opus-24', 'src:b opus-24'])
  bench.run(8000)
  t.same(bench.interests.map(({ room }) => room), ['src:b'])
  const monitor = bench.join({ room: sourceRoom('studio') })
  t.same(bench.fanOut.monitoredRooms(), ['src:studio'])
  bench.fanOut.leave(monitor.listener)
  bench.fanOut.leave(listener)
  bench.run(2000)
  t.same(bench.interests, [])
  t.same(bench.fanOut.monitoredRooms(), [])
})

t.test('property: through any changes, a healthy listener hears each frame once, from the room its plan names', async (t) => {
  const step = fc.record({
    kind: fc.constantFrom('cut', 'plan', 'silence'),
    room: fc.constantFrom('a', 'b', 'voice'),
    urgent: fc.boolean(),
    waitMs: fc.integer({ min: 1, max: 700 }),
  })
  const seed = Date.now()
  t.comment(`seed ${String(seed)}`)
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.constantFrom('mp3-64', 'opus-32'), (steps, format) => {
    const bench = new FanOutBench()
    const { sink, format: { frameSamples } } = bench.join({ format })
    /** What should play from which house sample on, as far as plans were known in time. */
    const changes: { at: number; plan: Plan }[] = []
    bench.run(500)
    for (const { kind, room, urgent, waitMs } of steps) {
      const at = bench.now()
      const plan: Plan = kind === 'silence' ? [] : kind === 'plan'
        ? [bench.segment(sourceRoom(room), 0, 100_000)]
        : [
            { room: toneRoom('attention', at), fromSamples: at, untilSamples: at + 5760, orderId: 'e', class: 'emergency', title: '' },
            { room: sourceRoom(room), fromSamples: at + 5760, untilSamples: at + 4_800_000, orderId: 'e', class: 'emergency', title: '' },
          ]
      changes.push({ at, plan })
      bench.assign([{ clusters: ['c1'], plan }], urgent)
      bench.run(waitMs)
    }
    bench.run(600)
    if (!isConsecutive(sink.heard)) return false
    // Frames that were already sent ahead by an urgent flush (two at most), and those still to be fetched from a new room (silence), may differ.
    const settled = msToSamples(300)
    return sink.heard.every(({ index, what }) => {
      const start = index * frameSamples
      const change = changes.findLast(({ at }) => at <= start)
      if (change === undefined || start - change.at < settled) return true
      const segment = change.plan.find(({ fromSamples, untilSamples }) => index >= frameAtOrAfter(fromSamples, frameSamples) && index < frameAtOrAfter(untilSamples, frameSamples))
      const expected = segment === undefined ? 'silence' : segment.room.startsWith('tone') ? 'tone' : segment.room
      if (segment !== undefined && start - segment.fromSamples < settled) return true
      return what.replace(/^tone .*/, 'tone') === expected
    })
  }), { numRuns: 100, seed })
  t.pass('held in 100 runs')
})

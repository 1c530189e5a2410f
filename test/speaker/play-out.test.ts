import t from 'tap'
import type { PlayedStretch } from '../../speaker/ports.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fc } from '../support/seed.ts'
import { lan, mobile, percentile, seeded, VirtualStation, virtualSpeaker, type VirtualSpeaker, type VirtualSpeakerOptions } from '../support/virtual-station.ts'

/** An agent that does everything but decode, its server and a network. */
function start(options: Partial<VirtualSpeakerOptions> = {}, stationOptions: ConstructorParameters<typeof VirtualStation>[1] = {}): VirtualSpeaker & { clock: FakeClock; station: VirtualStation } {
  const clock = new FakeClock()
  const station = new VirtualStation(clock, stationOptions)
  const speaker = virtualSpeaker(station, { net: lan(seeded(3)), ...options })
  speaker.agent.start()
  return { ...speaker, clock, station }
}

/** How late sound leaves, looked at every `everyMs`. */
function watch({ clock, lateMs }: { clock: FakeClock; lateMs: () => number }, durationMs: number, everyMs = 100): number[] {
  const late: number[] = []
  for (let ms = 0; ms < durationMs; ms += everyMs) {
    clock.advance(everyMs)
    late.push(lateMs())
  }
  return late
}

t.test('in step within two seconds and for hours, whatever the crystals: no drift, no drop, no growth', (t) => {
  for (const [ppm, clockPpm, hours] of [[50, -50, 1], [-50, 50, 1], [200, 0, 3], [-200, 30, 3]] as const) {
    const run = start({ card: { ppm, queueMs: 60 }, clockPpm, turnMs: 30 })
    run.clock.advance(2000)
    const late = watch(run, hours * 3_600_000, 997)
    t.ok(percentile(late, 100) <= 0.5, `${String(ppm)} ppm: at most ${percentile(late, 100).toFixed(3)} ms`)
    t.ok(percentile(late.slice(20), 95) <= 0.05, `p95 ${percentile(late.slice(20), 95).toFixed(4)} ms`)
    const status = run.agent.status()
    t.match(status, { lateFrames: 0, lostFrames: 0, concealedFrames: 0, hardCorrections: 0, stage: 'played', playing: 'live' })
    t.ok(Math.abs(status.cardPpm! - ((1 + ppm / 1e6) * 1e6 - 1e6)) < 1, `the card is known to be ${String(status.cardPpm)} ppm off`)
    t.ok(run.card.overflowSamples === 0 && run.agent.playOut.underrunSamples <= 240, 'the card never ran dry after its start')
    t.ok(run.agent.frames.size < 45, 'nothing piles up')
  }
  t.end()
})

t.test('on 4G sound stays within a few ms of its time, and is never cut after the first seconds', (t) => {
  const all: number[] = []
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(-50, 50), (seed, ppm) => {
    const run = start({ net: mobile(seeded(seed)), seed, card: { ppm }, clockPpm: -ppm / 2, turnMs: 20 })
    run.clock.advance(10_000)
    const corrections = run.agent.playOut.hardCorrectionsTotal
    all.push(...watch(run, 120_000, 250))
    return run.agent.playOut.hardCorrectionsTotal === corrections && run.agent.status().concealedFrames === 0
  }), { numRuns: 24 })
  t.comment(`p50 ${percentile(all, 50).toFixed(2)} ms, p95 ${percentile(all, 95).toFixed(2)} ms, p99.9 ${percentile(all, 99.9).toFixed(2)} ms`)
  t.ok(percentile(all, 95) <= 4)
  t.end()
})

t.test('the wall clock of the device may step by an hour, both ways, without being noticed', (t) => {
  const run = start({ wallMs: () => run.clock.wallMs() })
  run.clock.advance(5000)
  for (const stepMs of [3_600_000, -7_200_000]) {
    run.clock.stepWall(stepMs)
    t.ok(percentile(watch(run, 10_000), 100) <= 0.2)
  }
  t.equal(run.agent.playOut.hardCorrectionsTotal, 0)
  t.end()
})

t.test('the rate never changes by more than 300 ppm, and errors that are not worth a cut go away by it', (t) => {
  const run = start()
  run.clock.advance(10_000)
  run.agent.playOut.offsetMs = 3
  let previous = NaN
  let worstPpm = 0
  for (let ms = 0; ms < 30_000; ms += 100) {
    run.clock.advance(100)
    run.card.position()
    const place = run.agent.placeOf(run.card.sampleAt(run.clock.monotonicMs()))
    if (!Number.isNaN(previous)) worstPpm = Math.max(worstPpm, Math.abs((place - previous) / 4800 - 1) * 1e6)
    previous = place
  }
  t.ok(worstPpm <= 305, `${worstPpm.toFixed(0)} ppm`)
  t.ok(worstPpm > 250, 'the bound is used')
  t.ok(Math.abs(run.lateMs() - 3) < 0.1, 'the offset is reached')
  t.equal(run.agent.playOut.hardCorrectionsTotal, 0)
  run.agent.playOut.offsetMs = 203
  run.clock.advance(1500)
  t.ok(Math.abs(run.lateMs() - 203) < 0.2, 'what is far is reached by one cut')
  t.equal(run.agent.playOut.hardCorrectionsTotal, 1)
  t.end()
})

t.test('a house clock that stands elsewhere after a restart is followed', (t) => {
  const run = start()
  run.clock.advance(20_000)
  run.station.houseShiftMs = -350
  run.station.end(1001)
  run.clock.advance(4000)
  t.ok(Math.abs(run.lateMs()) < 0.5, `${run.lateMs().toFixed(3)} ms`)
  t.equal(run.agent.house.filter.stepsTotal, 1)
  t.end()
})

t.test('after a cut of five seconds it is in step again within two', (t) => {
  const relocks: number[] = []
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (seed, isMobile) => {
    const random = seeded(seed)
    const run = start({ net: (isMobile ? mobile : lan)(random), seed, card: { ppm: 50 }, clockPpm: -30 })
    run.clock.advance(20_000)
    run.station.down = true
    run.clock.advance(5000)
    run.station.down = false
    let ms = 0
    while (ms < 6000 && !(run.agent.connection.state === 'live' && Math.abs(run.lateMs()) < (isMobile ? 5 : 1) && run.agent.playOut.departures.leaving?.playing === 'live')) {
      run.clock.advance(20)
      ms += 20
    }
    relocks.push(ms)
    return ms <= 3000
  }), { numRuns: 40 })
  t.comment(`relock p50 ${String(percentile(relocks, 50))} ms, p95 ${String(percentile(relocks, 95))} ms, max ${String(percentile(relocks, 100))} ms`)
  t.ok(percentile(relocks, 95) <= 2000)
  t.end()
})

t.test('frames that never come are made up, then there is silence; what comes too late is counted', (t) => {
  const played: PlayedStretch[] = []
  const run = start({ playLog: { played: (stretch) => { played.push(stretch) } } })
  run.clock.advance(5000)
  const from = Math.floor(run.station.houseMs() / 20) + 20
  run.station.skips = (frame) => (frame >= from && frame < from + 3) || (frame >= from + 100 && frame < from + 150)
  run.clock.advance(6000)
  t.equal(run.agent.line.concealedFrames, 3 + 5, 'three, and the first five of fifty')
  t.equal(run.agent.frames.lostFrames, 53)
  t.ok(Math.abs(run.lateMs()) < 0.1, 'still in step')
  t.equal(run.agent.playOut.hardCorrectionsTotal, 0)
  const gaps = played.slice(1).map((stretch, i) => stretch.fromSamples - played[i]!.untilSamples).filter((gap) => gap !== 0)
  t.same(gaps, [45 * 960], 'the log has one hole, as long as the silence')
  t.end()
})

t.test('the log tells what has left, once, in order, and not before', async (t) => {
  const played: PlayedStretch[] = []
  const run = start({ card: { ppm: -100 }, playLog: { played: (stretch) => {
    played.push(stretch)
    t.ok(stretch.heardAtHouseUs / 1000 + (stretch.untilSamples - stretch.fromSamples) / 48 <= run.station.houseMs() + 0.5, 'its last sample has left')
  } } })
  run.clock.advance(10_500)
  await run.agent.stop()
  t.ok(played.length >= 9 && played.every(({ orderId, playing, audible }) => orderId === 'o1' && playing === 'live' && audible))
  t.ok(played.every((stretch, i) => i === 0 || stretch.fromSamples === played[i - 1]!.untilSamples), 'no hole, nothing twice')
  t.ok(played.every(({ fromSamples, untilSamples }) => untilSamples - fromSamples <= 48_960))
  t.equal(run.clock.pendingTimers > 0, true, 'the station runs on')
  const before = played.length
  run.clock.advance(3000)
  t.equal(played.length, before, 'nothing after the end')
  t.end()
})

t.test('a programme whose delay is made shorter overtakes what waits, and one made longer pauses', (t) => {
  const run = start()
  run.clock.advance(8000)
  const before = run.agent.status().bufferMs!
  run.station.presentationDelayMs = 300
  run.clock.advance(600)
  t.ok(run.agent.status().bufferMs! < before - 300, 'what was to be heard later is given up')
  t.equal(run.agent.playOut.departures.leaving?.playing, 'live')
  run.station.presentationDelayMs = 800
  run.clock.advance(2000)
  t.ok(Math.abs(run.lateMs()) < 0.2)
  t.ok(run.agent.line.concealedFrames === 0, 'a pause is no loss')
  t.end()
})

t.test('timers that come late are not heard', (t) => {
  const random = seeded(8)
  const clock = new FakeClock({ timerLatenessMs: () => (random() < 0.1 ? 8 * random() : 2 * random()) })
  const station = new VirtualStation(clock)
  const { agent, lateMs } = virtualSpeaker(station, { net: lan(seeded(3)) })
  agent.start()
  clock.advance(5000)
  const underrun = agent.playOut.underrunSamples
  t.ok(percentile(watch({ clock, lateMs }, 60_000), 95) <= 0.3)
  t.equal(agent.playOut.underrunSamples, underrun)
  t.end()
})

import t from 'tap'
import { HouseClock } from '../../rooms/house-clock.ts'
import type { Clock } from '../../rooms/clock.ts'
import { Pacer } from '../../rooms/pacer.ts'
import type { PacerOptions } from '../../rooms/pacer.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { FakeClockOptions } from '../support/fake-clock.ts'

const OPUS_FRAME_SAMPLES = 960

function build(options: Partial<PacerOptions> = {}, clockOptions: FakeClockOptions = {}) {
  const clock = new FakeClock(clockOptions)
  const house = new HouseClock(clock, { monotonicMs: clock.monotonicMs(), houseSamples: 1_000_000 * OPUS_FRAME_SAMPLES })
  const ticks: number[] = []
  const latenessMs: number[] = []
  const pacer = new Pacer({
    clock,
    house,
    periodSamples: OPUS_FRAME_SAMPLES,
    onTick(tick, lateMs) {
      ticks.push(tick)
      latenessMs.push(lateMs)
    },
    ...options,
  })
  return { clock, house, pacer, ticks, latenessMs }
}

t.test('timers 7 ms late for an hour: every tick once, in order, none later than at the beginning', (t) => {
  const { clock, pacer, ticks, latenessMs } = build({}, { timerLatenessMs: 7 })
  pacer.start()
  clock.advance(3_600_000)
  t.equal(ticks.length, 180_000, '50 a second')
  t.ok(ticks.every((tick, index) => tick === 1_000_000 + index), 'no gap, no repetition')
  t.ok(latenessMs.every((ms) => Math.abs(ms - 7) < 0.01), 'lateness does not add up')
  t.equal(pacer.resyncsTotal, 0)
  pacer.stop()
  t.end()
})

t.test('ticks stand on the house grid whenever it was started, shifted by the phase', (t) => {
  const { clock, house, pacer, ticks } = build({ phaseSamples: 240 })
  clock.advance(3.3)
  pacer.start()
  pacer.start()
  let dueMs = house.monotonicMsAt(1_000_000 * OPUS_FRAME_SAMPLES + 240) - clock.monotonicMs()
  clock.advance(dueMs - 0.001)
  t.same(ticks, [])
  clock.advance(0.002)
  t.same(ticks, [1_000_000])
  dueMs = house.monotonicMsAt(1_000_001 * OPUS_FRAME_SAMPLES + 240) - clock.monotonicMs()
  clock.advance(dueMs + 0.001)
  t.same(ticks, [1_000_000, 1_000_001], 'started twice, it ticks once')
  pacer.stop()
  t.equal(clock.pendingTimers, 0)
  t.end()
})

t.test('a stall within the bound is made up for tick by tick', (t) => {
  const { clock, pacer, ticks, latenessMs } = build({ maxCatchUpTicks: 10 })
  pacer.start()
  clock.advance(1)
  clock.stall(200)
  clock.advance(0)
  t.same(ticks, Array.from({ length: 11 }, (_, index) => 1_000_000 + index))
  t.equal(Math.round(latenessMs[1]!), 181)
  t.equal(Math.round(latenessMs[10]!), 1)
  t.equal(pacer.resyncsTotal, 0)
  t.end()
})

t.test('after a longer stall only the newest tick is called, the rest are counted as dropped', (t) => {
  const { clock, pacer, ticks } = build({ maxCatchUpTicks: 10 })
  pacer.start()
  clock.advance(1)
  clock.stall(230)
  clock.advance(0)
  t.same(ticks, [1_000_000, 1_000_011])
  t.equal(pacer.resyncsTotal, 1)
  t.equal(pacer.droppedTicksTotal, 10)
  clock.advance(20)
  t.equal(ticks.at(-1), 1_000_012, 'and goes on with the next')
  t.end()
})

t.test('a step of the wall clock is no business of the pacer', (t) => {
  const { clock, pacer, ticks } = build()
  pacer.start()
  clock.advance(1000)
  clock.stepWall(3_600_000)
  clock.advance(1000)
  clock.stepWall(-7_200_000)
  clock.advance(1000)
  t.equal(ticks.length, 151)
  t.end()
})

t.test('timers that lose the fraction of a millisecond make no second turn, and ticks are at most 1 ms early', (t) => {
  const clock = new FakeClock()
  let timers = 0
  const truncating: Clock = {
    monotonicMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs(),
    setTimer(delayMs, fire) {
      timers++
      return clock.setTimer(Math.trunc(delayMs), fire)
    },
  }
  const house = new HouseClock(truncating, { monotonicMs: clock.monotonicMs(), houseSamples: 1_000_000 * OPUS_FRAME_SAMPLES })
  const earlyMs: number[] = []
  const pacer = new Pacer({
    clock: truncating,
    house,
    periodSamples: OPUS_FRAME_SAMPLES,
    phaseSamples: 19,
    onTick(tick) {
      earlyMs.push(house.monotonicMsAt(tick * OPUS_FRAME_SAMPLES + 19) - clock.monotonicMs())
    },
  })
  pacer.start()
  clock.advance(990)
  t.equal(earlyMs.length, 50)
  t.ok(earlyMs.every((ms) => ms < 1))
  t.ok(earlyMs.some((ms) => ms > 0.1), 'some are early, or this test tests nothing')
  t.equal(timers, 51)
  t.end()
})

t.test('stopping within a tick ends it there; it can start again', (t) => {
  const { clock, house, ticks } = build()
  const pacer: Pacer = new Pacer({
    clock,
    house,
    periodSamples: OPUS_FRAME_SAMPLES,
    onTick(tick) {
      ticks.push(tick)
      if (tick === 1_000_002) pacer.stop()
    },
  })
  pacer.start()
  clock.advance(1)
  clock.stall(100)
  clock.advance(500)
  t.same(ticks, [1_000_000, 1_000_001, 1_000_002])
  t.equal(clock.pendingTimers, 0)
  pacer.stop()
  pacer.start()
  clock.advance(20)
  t.equal(ticks.length, 4, 'what was missed while stopped is not made up for')
  t.end()
})

t.test('a tick that throws is not the last', (t) => {
  const { clock, house } = build()
  let calls = 0
  const pacer = new Pacer({
    clock,
    house,
    periodSamples: OPUS_FRAME_SAMPLES,
    onTick() {
      calls++
      throw new Error('from a tick')
    },
  })
  pacer.start()
  t.throws(() => {
    clock.advance(0)
  }, /from a tick/)
  t.throws(() => {
    clock.advance(20)
  }, /from a tick/)
  t.equal(calls, 2)
  t.throws(() => new Pacer({ clock, house, periodSamples: 0.5, onTick: () => undefined }), RangeError)
  t.end()
})

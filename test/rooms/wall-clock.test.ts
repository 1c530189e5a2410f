import t from 'tap'
import type { Test } from 'tap'
import { anchorFromWall, HouseClock } from '../../rooms/house-clock.ts'
import { WallClock } from '../../rooms/wall-clock.ts'
import type { WallClockOptions } from '../../rooms/wall-clock.ts'
import { FakeClock } from '../support/fake-clock.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function build(options: WallClockOptions = {}, wallMs?: number) {
  const clock = new FakeClock(wallMs === undefined ? {} : { wallMs })
  const house = new HouseClock(clock, anchorFromWall(clock))
  const happened: string[] = []
  const wall = new WallClock(clock, house, {
    onFault: ({ stepMs }) => happened.push(`fault ${String(Math.round(stepMs))}`),
    onAdopt: (stepMs) => happened.push(`adopt ${String(Math.round(stepMs))}`),
    onWithdraw: () => happened.push('withdraw'),
    ...options,
  })
  /** Wall time as the schedule sees it. */
  const nowMs = () => wall.wallMsAt(house.nowSamples())
  const run = (seconds: number, check?: () => void) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000)
      wall.observe()
      check?.()
    }
  }
  return { clock, house, wall, happened, nowMs, run }
}

const near = (t: Test, found: number, wanted: number, withinMs: number, message: string) => t.ok(Math.abs(found - wanted) <= withinMs, `${message}: ${String(found - wanted)} ms`)

t.test('it starts with the system\'s wall clock, and converts there and back', (t) => {
  const { clock, house, wall, nowMs } = build()
  clock.advance(1234.5)
  near(t, nowMs(), clock.wallMs(), 0.05, 'now')
  const samples = Math.round(house.nowSamples()) + 48_000 * 3600
  t.equal(wall.samplesAtWall(wall.wallMsAt(samples)), samples)
  t.ok(Number.isInteger(wall.samplesAtWall(clock.wallMs() + 0.123)))
  t.end()
})

for (const stepMs of [HOUR_MS, -HOUR_MS]) {
  t.test(`a step of ${stepMs > 0 ? '+' : '−'}1 h is reported at once, moves nothing for 60 s, and is then followed`, (t) => {
    const { clock, house, wall, happened, nowMs, run } = build()
    run(10)
    const plannedSamples = wall.samplesAtWall(clock.wallMs() + HOUR_MS * 2)
    const before = { mono: clock.monotonicMs(), samples: house.nowSamples(), wallMs: nowMs() }
    clock.stepWall(stepMs)
    run(1)
    t.same(happened, [`fault ${String(stepMs)}`])
    t.equal(wall.suspectedStepMs, stepMs)
    run(59, () => {
      near(t, nowMs() - before.wallMs, clock.monotonicMs() - before.mono, 0.01, 'schedule time goes on')
    })
    t.same(happened, [`fault ${String(stepMs)}`], 'reported once')
    t.equal(wall.samplesAtWall(before.wallMs + HOUR_MS * 2), plannedSamples, 'what was planned stays where it was')
    run(1)
    t.same(happened, [`fault ${String(stepMs)}`, `adopt ${String(stepMs)}`])
    near(t, nowMs(), clock.wallMs(), 0.05, 'followed')
    t.equal(wall.suspectedStepMs, null)
    near(t, house.nowSamples() - before.samples, (clock.monotonicMs() - before.mono) * 48, 0.01, 'media time has not moved')
    t.end()
  })
}

t.test('a step that is taken back within 60 s leaves no trace', (t) => {
  const { clock, happened, nowMs, run } = build()
  const before = { mono: clock.monotonicMs(), wallMs: nowMs() }
  clock.stepWall(-HOUR_MS)
  run(50)
  clock.stepWall(HOUR_MS)
  run(100)
  t.same(happened, [`fault ${String(-HOUR_MS)}`, 'withdraw'])
  near(t, nowMs() - before.wallMs, clock.monotonicMs() - before.mono, 0.01, 'nothing has moved')
  t.end()
})

t.test('a second step starts the 60 s again', (t) => {
  const { clock, happened, nowMs, run } = build()
  clock.stepWall(HOUR_MS)
  run(50)
  clock.stepWall(HOUR_MS)
  run(50)
  t.same(happened, [`fault ${String(HOUR_MS)}`, `fault ${String(2 * HOUR_MS)}`])
  run(20)
  t.equal(happened.at(-1), `adopt ${String(2 * HOUR_MS)}`)
  near(t, nowMs(), clock.wallMs(), 0.05, 'followed')
  t.end()
})

t.test('less than a second is worked off at no more than 500 ppm', (t) => {
  for (const stepMs of [900, -900]) {
    const { clock, happened, nowMs, run } = build()
    clock.stepWall(stepMs)
    let last = nowMs()
    run(1700, () => {
      const rateMs = nowMs() - last - 1000
      if (Math.abs(rateMs) > 0.501) t.fail(`${String(rateMs)} ms in a second`)
      last = nowMs()
    })
    near(t, clock.wallMs() - nowMs(), stepMs - 0.5 * 1700 * Math.sign(stepMs), 0.1, 'after 1 700 s')
    run(110)
    near(t, nowMs(), clock.wallMs(), 0.05, 'after 1 800 s it is worked off')
    t.same(happened, [])
  }
  t.end()
})

t.test('an NTP slew of 400 ppm for a day is followed without a step, within the millisecond', (t) => {
  const { clock, happened, nowMs, run } = build()
  clock.wallRatePpm = 400
  let worstMs = 0
  run(86_400, () => {
    worstMs = Math.max(worstMs, Math.abs(nowMs() - clock.wallMs()))
  })
  t.ok(worstMs < 1, `${String(worstMs)} ms`)
  t.same(happened, [])
  t.end()
})

t.test('a wall clock that runs away faster than the slew is caught up with by believed steps', (t) => {
  const { clock, happened, nowMs, run } = build()
  clock.wallRatePpm = 3000
  run(3600)
  t.ok(happened.filter((event) => event.startsWith('adopt')).length > 0)
  t.ok(Math.abs(nowMs() - clock.wallMs()) < 1000 + 60 * 3, 'never further off than a step and what passes while it is held')
  t.end()
})

t.test('a leap back over midnight does not play the day again before it is believed', (t) => {
  const midnightMs = Date.UTC(2026, 5, 19)
  const { clock, house, wall, nowMs, run } = build({}, midnightMs - 30 * 60_000)
  const morning = wall.samplesAtWall(midnightMs + 5 * HOUR_MS)
  run(1805)
  t.ok(nowMs() > midnightMs)
  clock.stepWall(-HOUR_MS)
  t.ok(clock.wallMs() < midnightMs, 'the system is back in the old day')
  run(60, () => {
    if (nowMs() < midnightMs) t.fail('so is the schedule')
  })
  t.equal(wall.samplesAtWall(midnightMs + 5 * HOUR_MS), morning)
  run(1)
  t.ok(nowMs() < midnightMs, 'believed')
  t.equal(wall.samplesAtWall(midnightMs + 5 * HOUR_MS), morning + HOUR_MS * 48, 'the morning is an hour further off')
  t.ok(house.nowSamples() < morning)
  t.end()
})

t.test('observed rarely, it follows as far as the time that passed allows', (t) => {
  const { clock, wall, nowMs } = build()
  clock.stepWall(900)
  clock.advance(DAY_MS)
  wall.observe()
  near(t, nowMs(), clock.wallMs(), 0.05, 'after a day')
  clock.stepWall(HOUR_MS)
  wall.observe()
  clock.advance(DAY_MS)
  near(t, nowMs(), clock.wallMs() - HOUR_MS, 0.05, 'nothing is believed unseen')
  wall.observe()
  near(t, nowMs(), clock.wallMs(), 0.05, 'then it is')
  t.end()
})

t.test('a successor takes over the offset, so a restart does not believe a step at once', (t) => {
  const { clock, house, wall, run } = build()
  run(5)
  clock.stepWall(HOUR_MS)
  const happened: string[] = []
  const successor = new WallClock(clock, house, { offsetMs: wall.offsetMs, onFault: ({ code, message }) => happened.push(code, message) })
  successor.observe()
  near(t, successor.wallMsAt(house.nowSamples()), clock.wallMs() - HOUR_MS, 0.05, 'not followed')
  t.equal(happened[0], 'LOA_FAULT_WALL_CLOCK_STEP')
  t.match(happened[1], /3600\.0 s ahead of house time/)
  t.end()
})

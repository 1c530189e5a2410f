import t from 'tap'
import { FakeClock } from './fake-clock.ts'

t.test('timers fire in order of time, then of setting, with the clock at their due time', (t) => {
  const clock = new FakeClock({ monotonicMs: 0 })
  const fired: string[] = []
  clock.setTimer(20, () => fired.push(`late ${clock.monotonicMs()}`))
  clock.setTimer(10, () => {
    fired.push(`first ${clock.monotonicMs()}`)
    clock.setTimer(5, () => fired.push(`nested ${clock.monotonicMs()}`))
  })
  clock.setTimer(10, () => fired.push('second'))
  clock.setTimer(12, () => fired.push('cancelled')).cancel()
  clock.advance(19)
  t.same(fired, ['first 10', 'second', 'nested 15'])
  t.equal(clock.monotonicMs(), 19)
  t.equal(clock.pendingTimers, 1)
  clock.advance(1)
  t.same(fired.at(-1), 'late 20')
  t.end()
})

t.test('the wall clock steps and runs at its own rate; monotonic time does not care', (t) => {
  const clock = new FakeClock({ monotonicMs: 0, wallMs: 0 })
  clock.wallRatePpm = 500
  clock.advance(1_000_000)
  t.equal(clock.monotonicMs(), 1_000_000)
  t.equal(Math.round(clock.wallMs()), 1_000_500)
  clock.stepWall(-3_600_000)
  t.equal(Math.round(clock.wallMs()), 1_000_500 - 3_600_000)
  t.equal(clock.monotonicMs(), 1_000_000)
  t.end()
})

t.test('a stall fires what was missed afterwards, late', (t) => {
  const clock = new FakeClock({ monotonicMs: 0, timerLatenessMs: 7 })
  const firedAt: number[] = []
  clock.setTimer(10, () => firedAt.push(clock.monotonicMs()))
  clock.setTimer(100, () => firedAt.push(clock.monotonicMs()))
  clock.stall(50)
  t.same(firedAt, [])
  clock.advance(0)
  t.same(firedAt, [50])
  clock.advance(100)
  t.same(firedAt, [50, 107])
  t.end()
})

t.test('advanceAsync lets awaiting code set its next timer', async (t) => {
  const clock = new FakeClock({ monotonicMs: 0 })
  const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve))
  let done = 0
  void (async () => {
    await wait(10)
    await wait(10)
    done = clock.monotonicMs()
  })()
  await clock.advanceAsync(30)
  t.equal(done, 20)
})

import type { Clock, TimerHandle } from '../rooms/clock.ts'

/** The real clock. Monotonic time is the kernel's CLOCK_MONOTONIC, so it agrees between processes of one machine. */
export const systemClock: Clock = {
  monotonicMs() {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1000 + nanoseconds / 1e6
  },
  wallMs() {
    return Date.now()
  },
  setTimer(delayMs: number, fire: () => void): TimerHandle {
    const timer = setTimeout(fire, Math.max(0, delayMs))
    return {
      cancel() {
        clearTimeout(timer)
      },
    }
  },
}

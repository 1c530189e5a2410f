import type { LocalClock, TimerHandle } from '../ports.ts'

/**
 * The machine's CLOCK_MONOTONIC, one origin for all processes of a machine.
 * @param ppm runs the clock this much faster: a device with a bad crystal, for tests and fleets on one machine
 */
export function systemLocalClock(ppm = 0): LocalClock {
  const scale = 1 + ppm / 1e6
  return {
    monotonicMs() {
      const [seconds, nanoseconds] = process.hrtime()
      return (seconds * 1000 + nanoseconds / 1e6) * scale
    },
    setTimer(delayMs: number, fire: () => void): TimerHandle {
      const timer = setTimeout(fire, Math.max(0, delayMs / scale))
      return {
        cancel() {
          clearTimeout(timer)
        },
      }
    },
  }
}

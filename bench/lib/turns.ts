import { setTimeout as delay } from 'node:timers/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { round } from './statistics.ts'

const RESOLUTION_MS = 1

export interface Step {
  readonly what: string
  readonly tookMs: number
  /** The longest time for which nobody else was served. */
  readonly stallMs: number
  /** The most that this thread computed in one go: what the stall is without others on the machine and without waiting for the disk. */
  readonly cpuMs: number
}

/** Looks at each turn of the event loop how much this thread has computed in it. @returns a function that ends it and tells the most, ms */
function watchTurns(): () => number {
  let most = 0
  let watching = true
  let last = process.threadCpuUsage()
  const look = (): void => {
    const used = process.threadCpuUsage(last)
    last = process.threadCpuUsage()
    most = Math.max(most, (used.user + used.system) / 1000)
    if (watching) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    watching = false
    return most
  }
}

/** How long some work keeps this thread from everything else. */
export async function stallOf(what: string, work: () => Promise<unknown>): Promise<Step> {
  await delay(200)
  const stalls = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  stalls.enable()
  const most = watchTurns()
  const fromMs = performance.now()
  await work()
  const tookMs = performance.now() - fromMs
  await delay(20)
  stalls.disable()
  return { what, tookMs: round(tookMs), cpuMs: round(most()), stallMs: round(Math.max(0, stalls.max / 1e6 - RESOLUTION_MS)) }
}

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Above this share of the machine somebody else is at work, and no time that is measured means much. */
export const BUSY_PERCENT = 8

/** Times since the start of the machine, in ticks. */
interface Ticks {
  /** All cores, all states. */
  readonly total: number
  /** All cores, not idle. */
  readonly busy: number
  /** This process and all it has started that have ended. */
  readonly own: number
}

function readTicks(): Ticks {
  const cores = readFileSync('/proc/stat', 'latin1').split('\n')[0]!.trim().split(/\s+/).slice(1, 9).map(Number)
  const total = cores.reduce((sum, ticks) => sum + ticks, 0)
  const stat = readFileSync('/proc/self/stat', 'latin1')
  // utime, stime, and the same of children that have been waited for, which hold those of their children.
  const own = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
  return { total, busy: total - cores[3]! - cores[4]!, own }
}

/** Tells how much of the machine others have used since it was made. Every process that this one started must have ended by then. */
export class OthersMeter {
  readonly #from = readTicks()

  /** Percent of all cores, at least 0. */
  percent(): number {
    const now = readTicks()
    const others = now.busy - this.#from.busy - (now.own - this.#from.own)
    return Math.max(0, Math.round((others / Math.max(1, now.total - this.#from.total)) * 100))
  }
}

/** Waits until others have used little for two seconds. @returns false when `patienceMs` passed first. */
export async function whenQuiet(patienceMs: number, onWait: (percent: number) => void): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const meter = new OthersMeter()
    await delay(2000)
    const percent = meter.percent()
    if (percent <= BUSY_PERCENT) return true
    if (performance.now() > deadline) return false
    onWait(percent)
  }
}

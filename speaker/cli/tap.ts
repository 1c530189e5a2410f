import { appendFileSync, writeFileSync } from 'node:fs'
import type { Agent } from '../agent.ts'
import { systemLocalClock } from '../clock/system-local-clock.ts'
import type { VirtualCard } from '../outputs/virtual-card.ts'

const EVERY_MS = 100

/** One line of a tap: at this true time (CLOCK_MONOTONIC) the card's sample `sample` left, and it is house place `place` of hearing. */
export interface TapLine {
  readonly trueMs: number
  readonly sample: number
  readonly place: number
}

/** Writes what leaves a virtual card ten times a second. @returns ends it */
export function startTap(path: string, agent: Agent, card: VirtualCard): () => void {
  const clock = systemLocalClock()
  writeFileSync(path, '')
  const timer = setInterval(() => {
    card.position()
    const trueMs = clock.monotonicMs()
    const sample = card.sampleAt(trueMs)
    const place = agent.placeOf(sample)
    if (Number.isNaN(place)) return
    const line: TapLine = { trueMs, sample: sample + card.silentSamples, place }
    appendFileSync(path, `${JSON.stringify(line)}\n`)
  }, EVERY_MS)
  return () => { clearInterval(timer) }
}

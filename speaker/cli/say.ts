import { writeSync } from 'node:fs'
import type { AgentEvent } from '../agent.ts'

const STANDARD_ERROR = 2
/** As pino and its readers number them. */
const LEVEL = { info: 30, warn: 40 } as const

export type Said = AgentEvent | { readonly event: 'status' | 'output' | 'fault'; readonly [name: string]: unknown }

/** Standard output may carry sound, so words go to standard error: JSON lines, all of them or what a person wants to know. */
export function makeSay(all: boolean): (said: Said) => void {
  return (said) => {
    if (!all && (said.event === 'played' || said.event === 'status')) return
    const level = said.event === 'lost' || said.event === 'fault' ? LEVEL.warn : LEVEL.info
    try {
      writeSync(STANDARD_ERROR, `${JSON.stringify({ level, time: Date.now(), ...said })}\n`)
    } catch {
      // Nobody reads any more, or not fast enough; sound goes on.
    }
  }
}

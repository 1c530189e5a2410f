import type { SoundWatchTimes } from '../../codec/index.ts'
import type { Config } from '../config.ts'
import type { SoundFault, Watch } from '../link/messages.ts'

interface Watched {
  readonly watch: Watch
  readonly silenceTimeoutMs: number | null
}

/**
 * How long what is wrong with a source's sound may last.
 * @param silenceMs of sources of its kind that say nothing themselves
 */
export function watchTimes({ watch, silenceTimeoutMs }: Watched, silenceMs: number, { noiseFloorMs, brokenSoundMs, stuckSoundMs }: Pick<Config, 'noiseFloorMs' | 'brokenSoundMs' | 'stuckSoundMs'>): SoundWatchTimes {
  if (watch === 'off') return { silenceMs: 0, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 }
  const times = { silenceMs: silenceTimeoutMs ?? silenceMs, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 }
  return watch === 'silence' ? times : { ...times, noiseFloorMs, brokenMs: brokenSoundMs, stuckMs: stuckSoundMs }
}

/** Whether what is connected may stay connected when one becomes the other. */
export const isWatchedAlike = (one: Watched, other: Watched): boolean => one.watch === other.watch && one.silenceTimeoutMs === other.silenceTimeoutMs

/** Within what time of sound a fault is noticed, ms, with room for pauses and for the search for a loop. */
export function detectedWithinMs(fault: SoundFault, { noiseFloorMs, brokenMs, stuckMs }: SoundWatchTimes): number {
  switch (fault) {
    case 'silence': return 0
    case 'noise-floor': return noiseFloorMs + SLACK_MS
    case 'stuck': return stuckMs + LOOP_SEARCH_MS
    // What is not white takes as long as a noise floor.
    case 'noise': return Math.max(noiseFloorMs, brokenMs) + SLACK_MS
    case 'dc': return brokenMs + SLACK_MS
    case 'clipping': return CLIPPING_MS + SLACK_MS
    case 'wrong-format': return 2 * brokenMs
  }
}

const SLACK_MS = 2000
const LOOP_SEARCH_MS = 8000
/** The window that its share is taken over. */
const CLIPPING_MS = 10_000

import type { LineState } from '../../../../control/client/speak/line.ts'
import type { EmergencyWord } from './words.ts'

export interface Speaking {
  readonly phase: 'off' | 'asking' | 'open'
  /** Why it is not open. */
  readonly fault: 'micDenied' | 'micMissing' | 'micInsecure' | 'micRefused' | null
  /** What the server said. */
  readonly why: string
  readonly line: LineState['kind']
  readonly isMuted: boolean
  /** It is open and brings nothing: pulled out, or taken by the system. */
  readonly isLost: boolean
  /** What plays it; null: nothing can. */
  readonly sourceId: string | null
}

/**
 * What who speaks must know. That he is heard is said only while everything between his mouth and the loudspeakers stands.
 * @param onAirInMs null: nothing plays it; 0 or less: it is heard
 */
export function speakState({ phase, line, isMuted, isLost }: Pick<Speaking, 'phase' | 'line' | 'isMuted' | 'isLost'>, onAirInMs: number | null): readonly [EmergencyWord, Record<string, number>?] {
  if (phase === 'asking') return ['micAsking']
  if (phase === 'off') return ['needMicrophone']
  if (isLost) return ['micGone']
  if (line === 'reconnecting') return ['micLost']
  if (line !== 'connected') return ['micConnecting']
  if (isMuted) return ['micMuted']
  if (onAirInMs === null) return ['micReady']
  return onAirInMs > 0 ? ['micTone', { seconds: Math.ceil(onAirInMs / 1000) }] : ['micOnAir']
}

import type { TalkStatus } from '../talk-status.ts'
import { TAKEN_OVER, type LineState, type Words } from '../../../control/client/speak/line.ts'
import type { TextKey } from './texts.ts'

/** What keeps the page from even trying. */
export type Obstacle = 'insecure' | 'unsupported' | 'denied' | 'no-microphone'

export interface Situation {
  readonly obstacle: Obstacle | null
  readonly hasKey: boolean
  readonly keyWrong: boolean
  /** `idle`: not yet or no more; `live`: speaking, or wanting to. */
  readonly phase: 'idle' | 'asking-microphone' | 'connecting' | 'countdown' | 'live' | 'ended'
  readonly line: LineState
  readonly paused: boolean
  readonly microphoneLost: boolean
  readonly status: TalkStatus | null
  readonly seconds: number
  /** Ever, since the start of this talk. */
  readonly wasOnAir: boolean
}

/** One look of the page: what stands large, what stands below it, and what may be pressed. */
export interface Screen {
  readonly tone: 'calm' | 'busy' | 'air' | 'warn'
  readonly headline: TextKey
  /** Words of the server that stand for the headline's help. */
  readonly words?: Words
  readonly help?: TextKey
  readonly buttons: readonly ('talk' | 'pause' | 'resume' | 'hangUp' | 'retry' | 'key')[]
  readonly meter: boolean
}

const OBSTACLES = {
  'insecure': { headline: 'insecure', help: 'insecureHelp', buttons: [] },
  'unsupported': { headline: 'unsupported', help: 'unsupportedHelp', buttons: [] },
  'denied': { headline: 'denied', help: 'deniedHelp', buttons: ['retry'] },
  'no-microphone': { headline: 'noMicrophone', help: 'noMicrophoneHelp', buttons: ['retry'] },
} as const satisfies Record<Obstacle, Omit<Screen, 'tone' | 'meter'>>

/** Whether what is said comes out of a loudspeaker, as far as this page and the server know. */
export const isOnAir = ({ phase, line, paused, microphoneLost, status }: Situation): boolean =>
  phase === 'live' && line.kind === 'connected' && !paused && !microphoneLost && status !== null && status.playing > 0

/** What the page shows. Says «on air» only when a cluster plays the source. */
export function screenOf(situation: Situation): Screen {
  const { obstacle, hasKey, keyWrong, phase, line, paused, microphoneLost, status } = situation
  if (obstacle !== null) return { tone: 'warn', meter: false, ...OBSTACLES[obstacle] }
  if (keyWrong) return { tone: 'warn', headline: 'keyRefused', help: 'keyWrong', buttons: ['key'], meter: false }
  if (!hasKey) return { tone: 'calm', headline: 'title', help: 'keyHint', buttons: ['key'], meter: false }
  if (line.kind === 'refused') return { tone: 'warn', meter: false, buttons: ['retry'], ...refusal(line.code, line.words) }
  switch (phase) {
    case 'idle':
      return status === null ? { tone: 'calm', headline: 'loading', buttons: [], meter: false } : { tone: 'calm', headline: 'ready', help: 'readyHelp', buttons: ['talk'], meter: false }
    case 'asking-microphone':
      return { tone: 'busy', headline: 'askMicrophone', help: 'askMicrophoneHelp', buttons: [], meter: false }
    case 'connecting':
      return { tone: 'busy', headline: 'connecting', buttons: ['hangUp'], meter: true }
    case 'countdown':
      return line.kind === 'reconnecting' ? reconnecting : { tone: 'busy', headline: 'countdown', help: 'countdownHelp', buttons: ['hangUp'], meter: true }
    case 'ended':
      return { tone: 'calm', headline: 'ended', help: situation.wasOnAir ? 'endedHelp' : 'endedIdle', buttons: ['talk'], meter: false }
    case 'live':
      if (line.kind !== 'connected') return reconnecting
      if (microphoneLost) return { tone: 'warn', headline: 'microphoneLost', help: 'microphoneLostHelp', buttons: ['hangUp', 'retry'], meter: false }
      if (paused) return { tone: 'busy', headline: 'paused', help: 'pausedHelp', buttons: ['hangUp', 'resume'], meter: true }
      return { buttons: ['hangUp', 'pause'], meter: true, ...air(status) }
  }
}

const reconnecting: Screen = { tone: 'warn', headline: 'reconnecting', help: 'reconnectingHelp', buttons: ['hangUp'], meter: true }

function air(status: TalkStatus | null): Pick<Screen, 'tone' | 'headline' | 'help'> {
  if (status === null) return { tone: 'busy', headline: 'loading', help: 'statusLost' }
  if (status.targeted === 0) return { tone: 'warn', headline: 'notScheduled', help: 'notScheduledHelp' }
  if (status.playing === 0) return { tone: 'warn', headline: 'covered', help: 'coveredHelp' }
  if (status.hearing === 0) return { tone: 'warn', headline: 'nobody', help: 'onAirHelp' }
  return { tone: 'air', headline: 'onAir', help: 'onAirHelp' }
}

function refusal(code: string, words: Words): Pick<Screen, 'headline' | 'help' | 'words'> {
  switch (code) {
    case TAKEN_OVER:
      return { headline: 'takenOver', help: 'takenOverHelp' }
    case 'STREAM_ERR_MOUNT_BUSY':
      return { headline: 'busy', help: 'busyHelp' }
    case 'STREAM_ERR_WEBRTC_OFF':
      return { headline: 'off', help: 'offHelp' }
    default:
      return { headline: 'refused', words }
  }
}

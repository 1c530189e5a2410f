import type { PostBody, Schemas } from '../../../../control/client/index.ts'

export type Command = Schemas['Command']
export type CommandCounts = Command['clusters']
export type CommandType = Command['type']
/** Without whom it is for. */
export type CommandBody = PostBody<'/v1/clusters/{id}/commands'>

/** What is offered, the most used first. */
export const COMMANDS: readonly CommandType[] = ['volume', 'mute', 'identify', 'restart-stream', 'amplifier', 'set-frequency', 'set-offset', 'refresh-bundle', 'reboot']

export interface CommandValues {
  readonly percent: number
  readonly muted: boolean
  readonly seconds: number
  readonly offsetMs: number
  readonly frequencyKhz: number
  readonly on: boolean
}

export const DEFAULT_VALUES: CommandValues = { percent: 70, muted: true, seconds: 3, offsetMs: 0, frequencyKhz: 100_000, on: true }

export function commandBody(type: CommandType, { percent, muted, seconds, offsetMs, frequencyKhz, on }: CommandValues): CommandBody {
  switch (type) {
    case 'volume':
      return { type, percent }
    case 'mute':
      return { type, muted }
    case 'identify':
      return { type, durationMs: seconds * 1000 }
    case 'set-offset':
      return { type, offsetMs }
    case 'set-frequency':
      return { type, frequencyKhz }
    case 'amplifier':
      return { type, on }
    case 'restart-stream':
    case 'refresh-bundle':
    case 'reboot':
      return { type }
  }
}

/** What must be said before it is sent, null: it is sent at once. Whatever makes loudspeakers silent is asked for; so is what goes to many. */
export function confirmation({ type }: CommandBody, { muted, on }: Pick<CommandValues, 'muted' | 'on'>, clusters: number): 'confirmRestart' | 'confirmReboot' | 'confirmAmplifier' | 'confirmMany' | null {
  if (type === 'restart-stream') return 'confirmRestart'
  if (type === 'reboot') return 'confirmReboot'
  if (type === 'amplifier' && !on) return 'confirmAmplifier'
  if (type === 'mute' && muted && clusters > 1) return 'confirmMany'
  return clusters > 1 && type !== 'refresh-bundle' ? 'confirmMany' : null
}

export interface Stage {
  readonly word: 'sent' | 'received' | 'done'
  readonly count: number
  readonly look: 'done' | 'open' | 'bad'
}

/** Sent, received, done: how many clusters have come how far. */
export function stagesOf({ targeted, delivered, done, refused, failed, expired }: CommandCounts): readonly Stage[] {
  const look = (count: number): Stage['look'] => (count >= targeted ? 'done' : 'open')
  return [
    { word: 'sent', count: targeted, look: 'done' },
    { word: 'received', count: delivered, look: expired > 0 && delivered < targeted ? 'bad' : look(delivered) },
    { word: 'done', count: done, look: refused + failed + expired > 0 ? 'bad' : look(done) },
  ]
}

/** Whether nothing more will come. */
export const isOver = ({ waiting }: CommandCounts): boolean => waiting === 0

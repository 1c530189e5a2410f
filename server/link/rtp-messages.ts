import type { RtpOutputRecord, RtpStatusInfo } from '../../control/ports.ts'

/** Messages about RTP outputs between control and the fan-outs; part of messages.ts. */

/** An RTP output as the process that sends it must know it: it hears what its cluster hears. */
export type RtpOutputSpec = RtpOutputRecord

/** control → fan-out. All outputs this process has to do with; replaces what was said before. Empty for most processes. */
export interface RtpOutputs {
  readonly type: 'rtp-outputs'
  /** It sends them; otherwise it makes the same packets and keeps them, to go on when the process that sends is gone. */
  readonly active: boolean
  readonly outputs: readonly RtpOutputSpec[]
  /** Unicast outputs whose receiver has proved its address to another process: until which house sample that holds. */
  readonly provenUntilSamples: Readonly<Record<string, number>>
}

/** `standby`: another process sends it. */
export type RtpOutputState = RtpStatusInfo['state'] | 'standby'

/** How an output is doing; counts are of this process. */
export interface RtpOutputStatus extends Omit<RtpStatusInfo, 'state' | 'fanOut' | 'provenUntilMs'> {
  readonly id: string
  readonly state: RtpOutputState
  /** Datagrams to its control port that are no RTCP. */
  readonly unreadableTotal: number
  /** Unicast: null until the address is proved. */
  readonly provenUntilSamples: number | null
}

/** fan-out → control, after each hello and every second. */
export interface RtpStatus {
  readonly type: 'rtp-status'
  readonly active: boolean
  readonly outputs: readonly RtpOutputStatus[]
}

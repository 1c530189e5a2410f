/** Messages about RTP outputs between control and the fan-outs; part of messages.ts. */

/** An RTP output as the process that sends it must know it. */
export interface RtpOutputSpec {
  readonly id: string
  readonly name: string
  /** It hears what this cluster hears. */
  readonly clusterId: string
  readonly mode: 'multicast' | 'unicast'
  /** Group or receiver, a literal in its canonical form. */
  readonly address: string
  readonly port: number
  readonly codec: 'opus' | 'l16' | 'pcmu'
  readonly ptimeMs: number
  readonly ttl: number
  readonly dscp: number
  readonly interface: string | null
  readonly sap: boolean
  readonly createdAtMs: number
}

/** control → fan-out. All outputs this process has to do with; replaces what was said before. Empty for most processes. */
export interface RtpOutputs {
  readonly type: 'rtp-outputs'
  /** It sends them; otherwise it makes the same packets and keeps them, to go on when the process that sends is gone. */
  readonly active: boolean
  readonly outputs: readonly RtpOutputSpec[]
  /** Unicast outputs whose receiver has proved its address to another process: until which house sample that holds. */
  readonly provenUntilSamples: Readonly<Record<string, number>>
}

export type RtpOutputState = 'sending' | 'waiting-for-proof' | 'failed' | 'standby'

/** How an output is doing; counts are of this process. */
export interface RtpOutputStatus {
  readonly id: string
  readonly state: RtpOutputState
  /** Why it failed, or ''. */
  readonly reason: string
  readonly ssrc: number
  readonly packetsTotal: number
  /** Payload. */
  readonly bytesTotal: number
  readonly sendErrorsTotal: number
  /** Opus frames that could not go into one packet with their neighbours. */
  readonly emptiedFramesTotal: number
  /** Report blocks about it. */
  readonly reportsTotal: number
  /** Datagrams to its control port that are no RTCP. */
  readonly unreadableTotal: number
  /** Receivers that have reported lately. */
  readonly receivers: number
  readonly worstLossPercent: number | null
  readonly worstJitterMs: number | null
  readonly worstRoundTripMs: number | null
  /** Unicast: null until the address is proved. */
  readonly provenUntilSamples: number | null
}

/** fan-out → control, after each hello and every second. */
export interface RtpStatus {
  readonly type: 'rtp-status'
  readonly active: boolean
  readonly outputs: readonly RtpOutputStatus[]
}

import type { Page, PageQuery } from './store-port.ts'

export const RTP_MODES = ['multicast', 'unicast'] as const
export const RTP_CODECS = ['opus', 'l16', 'pcmu'] as const

/** A stream for IP speakers: what a cluster hears, as RTP to a group or to one receiver. */
export interface RtpOutputRecord {
  readonly id: string
  readonly name: string
  readonly clusterId: string
  readonly mode: (typeof RTP_MODES)[number]
  /** Group or receiver, in its canonical form. */
  readonly address: string
  /** Of RTP; RTCP is one above it. */
  readonly port: number
  readonly codec: (typeof RTP_CODECS)[number]
  readonly ptimeMs: number
  readonly ttl: number
  readonly dscp: number
  /** Name or address of an interface of the server; null: as its system routes. */
  readonly interface: string | null
  readonly sap: boolean
  readonly createdAtMs: number
}

export interface RtpOutputStore {
  insert(output: RtpOutputRecord): RtpOutputRecord
  remove(id: string): boolean
  get(id: string): RtpOutputRecord | undefined
  all(): readonly RtpOutputRecord[]
  list(page: PageQuery, filter: { readonly clusterId?: string }): Page<RtpOutputRecord>
}

/** What the process that sends an output says of it; counts are of that process. */
export interface RtpStatusInfo {
  readonly state: 'sending' | 'waiting-for-proof' | 'failed'
  /** Why it failed, or ''. */
  readonly reason: string
  readonly ssrc: number
  /** 0-based number of the fan-out process. */
  readonly fanOut: number
  readonly packetsTotal: number
  /** Payload. */
  readonly bytesTotal: number
  readonly sendErrorsTotal: number
  /** Opus frames that could not go into one packet with their neighbours. */
  readonly emptiedFramesTotal: number
  /** Report blocks about it. */
  readonly reportsTotal: number
  /** Receivers that have reported lately. */
  readonly receivers: number
  readonly worstLossPercent: number | null
  readonly worstJitterMs: number | null
  readonly worstRoundTripMs: number | null
  readonly provenUntilMs: number | null
}

/** An address in its canonical form, or why no output may send there. */
export type RtpAddress = { readonly canonical: string } | { readonly fault: 'not-an-address' | 'not-a-group' | 'a-group' | 'reserved' }

/** A session that somebody in the network announces (SAP, RFC 2974). Nothing proves what it says. */
export interface RtpAnnouncement {
  /** Names the session, whatever becomes of its description: user, number and address of its origin. */
  readonly session: string
  readonly name: string
  readonly sdp: string
}

/** The part of the broadcast side that knows of RTP outputs. */
export interface RtpBroadcast {
  /** Judges an address as somebody wrote it. */
  address(mode: RtpOutputRecord['mode'], address: string): RtpAddress
  /** An output was made or removed: read them again. */
  outputsChanged(): void
  /** Null when nothing sends it now. */
  status(id: string): RtpStatusInfo | null
  /** Its session description (RFC 8866). */
  sdp(output: RtpOutputRecord): string
  /** What is announced in the network; null when nobody listens. */
  announcements(): readonly RtpAnnouncement[] | null
}

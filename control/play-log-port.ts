import type { Page, PageQuery } from './store-port.ts'

/** One run of one order as a device reports it after it has left its sound card. Never changed. */
export interface PlayLogRecord {
  readonly clusterId: string
  /** The enrolled device; null: it came with the cluster's key. */
  readonly deviceId: string | null
  /** The device's own log, random; numbers count up within it. */
  readonly logId: string
  readonly number: number
  /** Null: a filler. */
  readonly orderId: string | null
  readonly playing: 'live' | 'cached' | 'filler' | 'silence'
  readonly audible: boolean
  /** The device has verified who ordered it. */
  readonly verified: boolean
  /** Whether a sensor at the loudspeaker has heard it; null: there is none. */
  readonly heard: boolean | null
  /** House samples of the sound, first included, last not. */
  readonly fromSamples: number
  readonly untilSamples: number
  readonly missingSamples: number
  /** When its first sample was heard, wall time by the server's clock. */
  readonly heardAtMs: number
  readonly end: 'over' | 'interrupted' | 'crash'
  readonly receivedAtMs: number
}

export interface PlayLogStore {
  /** Keeps those that are not kept yet, known by cluster, log and number. All or none; durable when it returns. @returns those that were new */
  take(entries: readonly PlayLogRecord[]): readonly PlayLogRecord[]
  /** How much of an order each cluster has sounded, in samples; those that sounded none of it are not among them. */
  soundedOf(orderId: string): ReadonlyMap<string, number>
  /** Newest first, in the sequence in which they came. */
  list(page: PageQuery, filter: { readonly clusterId: string; readonly orderId?: string }): Page<PlayLogRecord>
  /** Runs of one order on all clusters, oldest first, in the sequence in which they came. */
  ofOrder(orderId: string, page: PageQuery): Page<PlayLogRecord>
}

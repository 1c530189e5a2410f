/** What somebody monitors by WHEP: a source, or what a cluster hears. */
export type MonitorHears = { readonly sourceId: string } | { readonly clusterId: string }

/** Somebody who hears, or is about to. */
export interface MonitorInfo {
  readonly monitorId: string
  /** SHA-256 of the token or session that it came with, base64url. */
  readonly tokenHash: string
  readonly hears: MonitorHears
  readonly remoteAddress: string
  readonly sinceWallMs: number
}

/** May this person hear this? Who is let in counts from here on. */
export interface MonitorRequest {
  readonly type: 'monitor-request'
  readonly requestId: number
  readonly monitor: MonitorInfo
}

/** `unseen`: there is no such thing, or none that the person may know of. `full`: he has as many as he may, or the house has. */
export type MonitorRefusal = 'unknown-token' | 'unseen' | 'full'

/** Answers a MonitorRequest. */
export interface MonitorAnswer {
  readonly type: 'monitor-answer'
  readonly requestId: number
  readonly refusal: MonitorRefusal | null
}

/** Everybody who monitors in one process, told after each change. */
export interface MonitorsTold {
  readonly type: 'monitors'
  readonly present: readonly MonitorInfo[]
}

/** These may hear it no more. */
export interface MonitorCut {
  readonly type: 'monitor-cut'
  readonly monitorIds: readonly string[]
}

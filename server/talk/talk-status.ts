/** How a source is on air, as its speaker is told: `GET /talk/{sourceId}/status` of the stream port. Times are ms since 1970. */
export interface TalkStatus {
  readonly name: string
  /** As SourceState of server/link/messages.ts; `unknown`: its engine has not spoken yet. */
  readonly state: 'idle' | 'connecting' | 'live' | 'silent' | 'fallback' | 'down' | 'unknown'
  readonly reason: string
  /** Since when a cluster plays it; null: none does. */
  readonly sinceMs: number | null
  /** When the last order of those that play it now ends. */
  readonly untilMs: number | null
  /** When the next order that plays it begins. */
  readonly nextMs: number | null
  /** Clusters that orders of now want to play it; those that play it, since nothing goes before it there; and of these those that are connected. */
  readonly targeted: number
  readonly playing: number
  readonly hearing: number
  /** Units whose clusters all play it, the largest that are so, and clusters beside them by their own unit; at most MOST_UNITS. */
  readonly units: readonly string[]
  readonly moreUnits: number
  readonly nowMs: number
}

export const MOST_UNITS = 12

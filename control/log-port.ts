import type { Field, OrderClass } from './records.ts'
import type { Page, PageQuery, Within } from './store-port.ts'

/** One request that changed something, or was refused. Never a secret, never a body. */
export interface AuditRecord {
  readonly atMs: number
  readonly requestId: string | null
  readonly tokenId: string | null
  readonly tokenName: string | null
  readonly remoteAddress: string | null
  /** HTTP method; `SUM` for refusals beyond what is kept one by one, `TRIM` for entries or recordings removed by rule. */
  readonly method: string
  /** The pattern, such as `/v1/units/:id`. */
  readonly route: string
  /** Ids in the path, and of what was made. */
  readonly targetIds: readonly string[]
  /** Names of the fields the body had, without their values. */
  readonly fields: readonly string[]
  readonly status: number
  /** `LOA_ERR_…` of a refusal. */
  readonly code: string | null
  /** How many requests this entry stands for. */
  readonly count: number
}

/** How a run on the air ended: its time was over, another order took its place, another source took it over (and it goes on), its clusters went to another unit (and it goes on there), somebody stopped it, the clusters went, the server ended, or nobody saw. */
export const RUN_ENDS = ['over', 'replaced', 'handed-over', 'moved', 'stopped', 'withdrawn', 'shutdown', 'lost'] as const
/** Entries that are no runs. `never`: what was planned on these clusters and did not come on air there at all. `told`: what their devices have said afterwards of how long they sounded. */
export const AIR_ENTRY_ENDS = [...RUN_ENDS, 'never', 'told'] as const

/** One uninterrupted run of one order, from one source, on clusters of one unit, alone or over or beneath another; or what is to be counted beside it. Times follow the house clock; ms that count clusters are sums over them. */
export interface AirRecord {
  /** When it was written. */
  readonly atMs: number
  readonly orderId: string
  readonly class: OrderClass
  readonly title: string
  readonly unitId: string
  readonly issuerUnitId: string
  readonly sourceId: string | null
  readonly clipIds: readonly string[] | null
  readonly clusterIds: readonly string[]
  readonly plannedFromMs: number
  readonly plannedUntilMs: number
  readonly fromMs: number
  readonly untilMs: number
  /** Planned length × clusters; a cluster counts in the first run of the order only, so that sums count nothing twice. */
  readonly plannedMs: number
  /** Real length × clusters. */
  readonly airMs: number
  /** While the clusters were connected. */
  readonly sentMs: number
  readonly end: (typeof AIR_ENTRY_ENDS)[number]
  /** What the order was about; null: nobody has said, or the entry is older than fields. */
  readonly field: Field | null
  /** Heard from the loudspeakers by the devices' own logs: audible sound without what was missing; only in entries `told`. */
  readonly soundedMs: number
}

/** With its place and its hash (hex). */
export type Logged<T> = T & { readonly seq: number; readonly hash: string }

export interface AuditFilter {
  readonly fromMs?: number
  readonly toMs?: number
  readonly tokenId?: string
  /** The route itself and what begins with it and a slash. */
  readonly route?: string
  /** Only what was refused or failed, or only what was done. */
  readonly refused?: boolean
  /** Only what names one of them. */
  readonly targetIds?: readonly string[]
}

/** Of runs: those that overlap the time. */
export interface AirFilter {
  readonly fromMs?: number
  readonly toMs?: number
  readonly unitId?: string
  readonly clusterId?: string
  readonly orderId?: string
}

export interface AuditLogStore {
  /** Durable when it returns, or when the surrounding transaction does. */
  append(entry: AuditRecord): void
  /** Oldest first. The log has no end, so a page may be short, or empty, and still have a `next`. */
  list(page: PageQuery, filter: AuditFilter): Page<Logged<AuditRecord>>
}

/** A run that is on the air: what is known of it if the server dies now. `run` and `sent` belong to whoever writes them. */
export interface OpenRunRecord {
  readonly id: string
  readonly run: string
  readonly sent: string
}

export interface Figure {
  readonly key: string
  readonly runs: number
  readonly plannedMs: number
  readonly airMs: number
  readonly sentMs: number
  readonly soundedMs: number
}

/** Times are those of Viet Nam; a week begins on Monday and is named after it. */
export const FIGURE_KEYS = ['unit', 'source', 'field', 'class', 'day', 'week', 'month', 'quarter', 'year'] as const
export type FigureKey = (typeof FIGURE_KEYS)[number]

/** Runs that began in this time, of these units. */
export interface FigureSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly within: Within
}

/** Where the next slice of figures begins. */
export interface FigureCursor {
  readonly fromMs: number
  readonly seq: number
}

export interface AirLogStore {
  open(): readonly OpenRunRecord[]
  /** All of it or nothing: runs that ended are appended, open ones put or removed. */
  write(change: { readonly ended: readonly AirRecord[]; readonly open: readonly OpenRunRecord[]; readonly closed: readonly string[] }): void
  /** Clusters on which the order has had a run that ended. */
  clustersOf(orderId: string): readonly string[]
  /** As the audit log's. */
  list(page: PageQuery, filter: AirFilter): Page<Logged<AirRecord>>
  /** Sums of one slice of the runs that began in the time, and where the next slice begins: nobody waits for a million rows. */
  figures(by: FigureKey, of: FigureSpan, after: FigureCursor | null): { readonly figures: readonly Figure[]; readonly next: FigureCursor | null }
  /** What figures are made of: the entries of these keys, by when they began. A page may be short, or empty, and still have a `next`. */
  entriesOf(page: PageQuery, by: FigureKey, keys: readonly string[], of: FigureSpan): Page<Logged<AirRecord>>
}

export const LOG_NAMES = ['audit', 'air', 'report'] as const
export type LogName = (typeof LOG_NAMES)[number]

/** Where a log stands: its last entry, and the first that is kept. */
export interface LogHead {
  readonly log: LogName
  readonly firstSeq: number
  /** 0: nothing was ever written. */
  readonly seq: number
  /** Hex. */
  readonly hash: string
}

/** Says, signed, that the logs stood so at this time. */
export interface CheckpointRecord {
  readonly number: number
  readonly atMs: number
  /** Of the checkpoint before: hex. */
  readonly previousHash: string
  readonly heads: readonly LogHead[]
  readonly keyId: string
  /** Raw Ed25519, base64url. */
  readonly publicKey: string
  /** Base64url. */
  readonly signature: string
}

export interface CheckpointStore {
  heads(): readonly LogHead[]
  last(): CheckpointRecord | undefined
  add(checkpoint: CheckpointRecord): void
  /** Oldest first. */
  list(page: PageQuery): Page<CheckpointRecord>
  /** The newest checkpoint made before this time. */
  lastBefore(atMs: number): CheckpointRecord | undefined
  /** The log begins after `seq` from now on, which a checkpoint must name; nobody is shown what is before it, and `sweep` removes it. @returns how many entries */
  trim(log: LogName, seq: number): number
  /** Removes some of what was trimmed. @returns how many entries; 0: nothing is left to remove */
  sweep(log: LogName, most: number): number
}

/** Signs checkpoints, without showing its key. */
export interface LogSigner {
  /** @param bytesFor what is signed, which may name the key */
  sign(bytesFor: (key: { readonly keyId: string; readonly publicKey: string }) => Buffer): { readonly keyId: string; readonly publicKey: string; readonly signature: string }
}

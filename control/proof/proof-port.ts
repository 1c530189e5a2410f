import type { Logged } from '../log-port.ts'
import type { Page, PageQuery } from '../store-port.ts'
import type { ClusterProof, ProofCounts } from './proof.ts'

/** `report`: how an order went, closed after its end. `appendix`: what devices that were away then have told later. */
export const REPORT_KINDS = ['report', 'appendix'] as const

/** One document of an order, chained: it is never changed, only added to. */
export interface ReportRecord {
  readonly atMs: number
  readonly kind: (typeof REPORT_KINDS)[number]
  readonly orderId: string
  /** Of the document, hex. */
  readonly sha256: string
  /** Of the document as it is kept, packed by zlib; hex. */
  readonly packedSha256: string
  /** Length of the document. */
  readonly bytes: number
}

/** With the packed document. */
export interface NewReport extends ReportRecord {
  readonly packed: Uint8Array
}

/** What is known of a cluster of an order that has no report yet, as whoever writes it wants to read it again. */
export interface OpenProof {
  readonly orderId: string
  readonly clusterId: string
  readonly proof: string
}

export interface ProofStore {
  open(): readonly OpenProof[]
  put(proofs: readonly OpenProof[]): void
  /** Appends documents to the chain; an order that gets its report has no open proofs any more. All or nothing. */
  append(reports: readonly NewReport[]): void
  /** Oldest first: the report, then its appendices. */
  ofOrder(orderId: string): readonly Logged<ReportRecord>[]
  /** The packed document of an entry. */
  packed(seq: number): Uint8Array | undefined
  /** Oldest first. */
  list(page: PageQuery): Page<Logged<ReportRecord>>
  /** Until when orders were watched; null: never. */
  seenAtMs(): number | null
  noteSeen(ms: number): void
}

/** How an order that has no report yet goes. */
export interface RunningProof {
  readonly orderId: string
  readonly openedAtMs: number
  /** False: there were more orders at once than can be watched; some clusters may be missing. */
  readonly complete: boolean
  readonly clusters: readonly ClusterProof[]
}

/** What changed within the last second, for those who watch. */
export interface ProofNews {
  readonly orderId: string
  readonly counts: ProofCounts
}

import type { Page, PageQuery, Within } from '../store-port.ts'
import type { CapMessageType, CapReference, CapScope, CapStatus } from './cap-message.ts'

/** Whose messages are taken. */
export interface CapSenderRecord {
  readonly id: string
  readonly name: string
  /** As messages have it in `sender`. */
  readonly sender: string
  /** Certificates and public keys in PEM; any of them may have signed. */
  readonly keys: readonly string[]
  /** Its messages reach nothing beyond this unit. */
  readonly unitId: string
  /** Messages that are urgent, grave and certain go on the air here without a hand; none: everything waits for a person. */
  readonly preAuthorisedUnitIds: readonly string[]
  /** What geocodes that are codes of units are called; empty: all of them. */
  readonly geocodeNames: readonly string[]
  /** What comes beyond it within an hour waits for a person. */
  readonly mostPerHour: number
  readonly enabled: boolean
  readonly createdAtMs: number
}

/** Where messages of a sender are fetched from. */
export interface CapFeedRecord {
  readonly id: string
  readonly name: string
  readonly senderId: string
  /** Atom, RSS, or a message itself; may hold credentials, so they are masked before anybody sees them. */
  readonly url: string
  readonly intervalMs: number
  readonly enabled: boolean
  readonly createdAtMs: number
}

/** What the last look at a feed has come to. */
export interface CapFeedState {
  readonly etag: string | null
  readonly lastModified: string | null
  readonly polledAtMs: number | null
  readonly succeededAtMs: number | null
  /** In a row. */
  readonly failures: number
  readonly problem: string | null
  /** Entries that need not be fetched again, newest last. */
  readonly seen: readonly string[]
}

export const NEVER_POLLED: CapFeedState = { etag: null, lastModified: null, polledAtMs: null, succeededAtMs: null, failures: 0, problem: null, seen: [] }

/**
 * working: an alert is being made of it. on-air: it went on the air without a hand. waiting: for a person. cancelled: it took alerts off the air, or back. kept: there is nothing to do.
 * refused: it is not to be believed.
 */
export const CAP_OUTCOMES = ['working', 'on-air', 'waiting', 'cancelled', 'kept', 'refused'] as const
export type CapOutcome = (typeof CAP_OUTCOMES)[number]

export const CAP_SIGNATURES = ['valid', 'absent', 'unusable', 'broken'] as const
export type CapSignature = (typeof CAP_SIGNATURES)[number]

/** A message that came, and what became of it. One and the same message is kept once for each thing that is to be said of its signature. */
export interface CapMessageRecord extends CapReference {
  readonly id: string
  readonly receivedAtMs: number
  /** Token or user that handed it in, or feed. */
  readonly via: { readonly kind: 'request' | 'feed'; readonly id: string }
  /** Null: of a sender who is not registered. */
  readonly senderId: string | null
  /** Of the sender when it came. */
  readonly unitId: string | null
  readonly status: CapStatus
  readonly msgType: CapMessageType
  readonly scope: CapScope
  readonly references: readonly CapReference[]
  readonly signature: CapSignature
  readonly outcome: CapOutcome
  /** Code of why; see CAP_REASONS. */
  readonly reason: string
  /** The alert that was made of it, or that it is about. */
  readonly alertId: string | null
  /** How often it came again. */
  readonly repeats: number
  /** In canonical form, with its signature. */
  readonly xml: string
}

export interface CapSenderStore {
  insert(sender: CapSenderRecord): CapSenderRecord
  replace(sender: CapSenderRecord): CapSenderRecord | undefined
  remove(id: string): boolean
  get(id: string): CapSenderRecord | undefined
  bySender(sender: string): CapSenderRecord | undefined
  list(page: PageQuery, filter: { readonly within?: Within }): Page<CapSenderRecord>
}

export interface CapFeedStore {
  insert(feed: CapFeedRecord): CapFeedRecord
  replace(feed: CapFeedRecord): CapFeedRecord | undefined
  remove(id: string): boolean
  get(id: string): CapFeedRecord | undefined
  all(): readonly CapFeedRecord[]
  list(page: PageQuery, filter: { readonly within?: Within }): Page<CapFeedRecord>
  state(id: string): CapFeedState
  noteState(id: string, state: CapFeedState): void
}

export interface CapMessageFilter {
  readonly outcome?: CapOutcome
  readonly senderId?: string
  readonly within?: Within
}

export interface CapMessageStore {
  insert(message: CapMessageRecord): CapMessageRecord
  settle(id: string, change: Partial<Pick<CapMessageRecord, 'outcome' | 'reason' | 'alertId' | 'repeats' | 'receivedAtMs' | 'via' | 'senderId' | 'unitId'>>): CapMessageRecord
  get(id: string): CapMessageRecord | undefined
  /** All that are kept of one message, by what is said of their signatures. */
  same(reference: CapReference): readonly CapMessageRecord[]
  /** Those that refer to it. */
  referringTo(reference: CapReference): readonly CapMessageRecord[]
  /** Newest first. */
  list(page: PageQuery, filter: CapMessageFilter): Page<CapMessageRecord>
  /** Of a sender since then with that said of their signatures, so that none counts against better ones: all of them, and those that went on the air without a hand. */
  countSince(senderId: string, signature: CapSignature, sinceMs: number): { readonly all: number; readonly aired: number }
  working(): readonly CapMessageRecord[]
  /** Removes the oldest of those that were refused. */
  trimRefused(most: number): void
}

/** What was fetched. */
export interface Fetched {
  /** 200, or 304 when it has not changed. */
  readonly status: number
  readonly body: Uint8Array
  readonly contentType: string
  readonly etag: string | null
  readonly lastModified: string | null
}

export interface FetchRequest {
  readonly url: string
  readonly mostBytes: number
  /** For all of it, redirects included. */
  readonly timeoutMs: number
  readonly etag?: string | null
  readonly lastModified?: string | null
}

/** Fetches by http and https, from addresses that are allowed only, whatever names and redirects say. Errors carry a `code`: FETCH_ERR_*. */
export interface Fetcher {
  fetch(request: FetchRequest): Promise<Fetched>
}

import type { Page, PageQuery, Within } from '../store-port.ts'
import type { RuleId, Severity } from './alarm-port.ts'

export const CHANNEL_KINDS = ['webhook', 'email', 'file'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** A key with which webhooks are signed. */
export interface WebhookKey {
  /** `whsec_` and 32 bytes in base64. Shown when it is made and never again. */
  readonly secret: string
  /** First ms at which it signs no more; null: it goes on. While two sign, the receiver has time to change over. */
  readonly endsAtMs: number | null
}

export type ChannelTarget =
  | { readonly kind: 'webhook'; readonly url: string; readonly keys: readonly WebhookKey[] }
  | { readonly kind: 'email'; readonly to: readonly string[] }
  /** Name of a file in the folder for it, without its ending. */
  | { readonly kind: 'file'; readonly name: string }

/** A way out for notifications, and what is sent there. */
export interface ChannelRecord {
  readonly id: string
  readonly name: string
  /** It is told of this unit and everything below; null: the whole tree and the server itself. */
  readonly unitId: string | null
  readonly target: ChannelTarget
  /** What is less grave is not sent. */
  readonly minSeverity: Severity
  /** Null: every rule. */
  readonly rules: readonly RuleId[] | null
  /** It is told from this level of escalation on: 0 as soon as it is raised. */
  readonly level: number
  readonly enabled: boolean
  readonly createdAtMs: number
}

export const NOTIFICATION_KINDS = ['raised', 'escalated', 'acknowledged', 'cleared', 'test'] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]
export const NOTIFICATION_STATES = ['pending', 'delivered', 'dead'] as const

/** One thing to be told to one channel. It is sent until the receiver has taken it, so it may come twice, under the same id. */
export interface NotificationRecord {
  readonly id: string
  readonly channelId: string
  /** Null for a test. */
  readonly alarmId: string | null
  readonly kind: NotificationKind
  /** JSON, as it is sent and as it will be sent again. */
  readonly payload: string
  readonly createdAtMs: number
  readonly state: (typeof NOTIFICATION_STATES)[number]
  readonly attempts: number
  readonly nextAtMs: number
  readonly lastError: string | null
  /** When it was delivered, or given up. */
  readonly doneAtMs: number | null
}

export interface NotificationFilter {
  readonly within?: Within
  readonly channelId?: string
  readonly alarmId?: string
  readonly state?: NotificationRecord['state']
}

export interface NotificationStore {
  insertChannel(channel: ChannelRecord): ChannelRecord
  /** Replaces the whole record. */
  replaceChannel(channel: ChannelRecord): ChannelRecord | undefined
  /** With everything that was to be sent there. */
  removeChannel(id: string): boolean
  channel(id: string): ChannelRecord | undefined
  channels(): readonly ChannelRecord[]
  listChannels(page: PageQuery, filter: { readonly within?: Within }): Page<ChannelRecord>

  /** Durable when it returns, or when the surrounding transaction does. */
  enqueue(notification: NotificationRecord): void
  /** Replaces state, attempts, next time, error and end. */
  settle(notification: NotificationRecord): void
  get(id: string): NotificationRecord | undefined
  /** When the last of those is due that wait for the channel about this alarm; null: none waits. */
  waitsUntil(channelId: string, alarmId: string): number | null
  /** None that waits for the channel about this alarm is due before it. */
  holdBack(channelId: string, alarmId: string, untilMs: number): void
  /** Pending ones of a channel whose time has come, oldest first. */
  due(channelId: string, nowMs: number, limit: number): readonly NotificationRecord[]
  /** By channel: how many wait, since when the oldest, when the next is due, what went wrong last. */
  queues(): readonly { readonly channelId: string; readonly pending: number; readonly oldestMs: number; readonly nextAtMs: number; readonly lastError: string | null }[]
  /** Newest first. */
  list(page: PageQuery, filter: NotificationFilter): Page<NotificationRecord>
  /** Of delivered and dead ones. @returns how many were removed */
  removeDoneBefore(ms: number): number
}

/** What was sent and how it went; `code` of a failure is stable. */
export type SendResult =
  | { readonly ok: true; /** Of the receiver, where it has one. */ readonly certificateEndsAtMs?: number }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly isFinal?: boolean; readonly retryAfterMs?: number }

/** Brings notifications out: one by one, or for mail as many as wait in one letter. Never throws; ends by itself in bounded time. */
export interface Notifier {
  send(channel: ChannelRecord, notifications: readonly [NotificationRecord, ...NotificationRecord[]], nowMs: number): Promise<SendResult>
  /** Whether this kind can be used at all: mail needs a server to be set. */
  isReady(kind: ChannelKind): boolean
}

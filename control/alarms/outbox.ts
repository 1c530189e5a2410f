import { isDeepStrictEqual } from 'node:util'
import { newId } from '../ids.ts'
import type { ControlClock } from '../ports.ts'
import type { Store } from '../store-port.ts'
import type { AlarmRecord } from './alarm-port.ts'
import { alarmMessage } from './alarm-message.ts'
import type { ChannelRecord, NotificationKind, NotificationRecord, Notifier, SendResult } from './notification-port.ts'
import { channelsFor } from './routing.ts'

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
/** Retries are spread over twice as long each time, up to a bound (full jitter). */
export const RETRY_BASE_MS = 5 * SECOND_MS
export const RETRY_MOST_MS = 900 * SECOND_MS
const RETRY_LEAST_MS = SECOND_MS
/** What has not got through by then says nothing to anybody. */
export const MAX_AGE_MS = 72 * HOUR_MS
/** So many failures in a row, and the channel is tried only now and then, with one notification. */
export const CIRCUIT_FAILURES = 5
export const CIRCUIT_MOST_MS = 300 * SECOND_MS
/** A receiver may ask for so much patience at most. */
const MOST_PATIENCE_MS = HOUR_MS
/** A letter waits for what comes right after, and the next one for this long: a storm is one letter. */
export const MAIL_WAIT_MS = 10 * SECOND_MS
export const MAIL_SPACING_MS = 60 * SECOND_MS
const MOST_IN_A_MAIL = 100
/** More than this for one channel is thrown away and counted. */
export const MOST_PENDING = 10_000
/** What has been delivered or given up can be read for this long. */
const KEEP_DONE_MS = 30 * 24 * HOUR_MS
const LOOK_EVERY_MS = 60 * SECOND_MS

export interface OutboxPorts {
  readonly store: Store
  readonly notifier: Notifier
  readonly clock: ControlClock
  /** In [0, 1). */
  readonly random: () => number
  readonly onError: (error: unknown) => void
}

/** How a channel is doing; forgotten at a restart, which costs one more try. */
interface Line {
  isBusy: boolean
  failures: number
  /** Nothing is sent before it. */
  quietUntilMs: number
  /** What has become of the last ones, when it could not be written down: that is tried again, not the sending. */
  unwritten: readonly NotificationRecord[]
  /** Of the receiver, as it was last seen. */
  certificateEndsAtMs: number | null
}

/**
 * Brings notifications out, at least once each: they are in the store before anybody sends them, and are sent again until their receiver has taken them. Each
 * channel has a line of its own, so that one that is dead holds up no other.
 */
export class Outbox {
  readonly #ports: OutboxPorts
  readonly #lines = new Map<string, Line>()
  /** How many wait for each channel, as of the last look, and what has come since. */
  #pending = new Map<string, number>()
  #timer: { cancel(): void } | null = null
  #isClosed = false
  #dropped = 0

  constructor(ports: OutboxPorts) {
    this.#ports = ports
  }

  /** Thrown away because too many waited for their channel, since the start. */
  get droppedTotal(): number {
    return this.#dropped
  }

  /** First ms at which the certificate of the channel's receiver is over, as it was last seen; null: it has shown none. */
  certificateEnd(channelId: string): number | null {
    return this.#lines.get(channelId)?.certificateEndsAtMs ?? null
  }

  start(): void {
    this.wake()
  }

  /** What is on its way is not waited for: it will be sent again. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  /** Queues what channels are to be told of an alarm. To be called in the transaction of the change, and `wake` after it. */
  tell(alarm: AlarmRecord, kind: Exclude<NotificationKind, 'test'>, levelBefore: number): void {
    const { store, clock } = this.#ports
    const channels = channelsFor(alarm, kind, levelBefore, store.notifications.channels(), (id) => store.units.ancestors(id))
    if (channels.length === 0) return
    const nowMs = clock.wallMs()
    const payload = JSON.stringify(alarmMessage(alarm, kind, store, nowMs))
    for (const channel of channels) this.#enqueue(channel, alarm.id, kind, payload, nowMs)
  }

  /** As `tell`, to see whether a channel works. */
  test(channel: ChannelRecord): NotificationRecord {
    const nowMs = this.#ports.clock.wallMs()
    const payload = JSON.stringify({ type: 'test', timestamp: new Date(nowMs).toISOString(), data: { channelId: channel.id, name: channel.name, message: 'This is a test.', messageVi: 'Đây là thông báo thử.' } })
    return this.#enqueue(channel, null, 'test', payload, nowMs)!
  }

  /** By hand: at once, once more at least however old it is. @returns undefined when it was delivered already */
  retry(notification: NotificationRecord): NotificationRecord | undefined {
    if (notification.state === 'delivered') return undefined
    const again: NotificationRecord = { ...notification, state: 'pending', attempts: 0, nextAtMs: this.#ports.clock.wallMs(), doneAtMs: null }
    this.#ports.store.notifications.settle(again)
    const line = this.#lines.get(notification.channelId)
    if (line !== undefined) line.quietUntilMs = 0
    return again
  }

  /** Looks at the queues now, and again when the next is due. */
  wake(): void {
    if (this.#isClosed) return
    const { store, clock, onError } = this.#ports
    const nowMs = clock.wallMs()
    let nextMs = nowMs + LOOK_EVERY_MS
    try {
      store.notifications.removeDoneBefore(nowMs - KEEP_DONE_MS)
      const queues = store.notifications.queues()
      this.#pending = new Map(queues.map(({ channelId, pending }) => [channelId, pending]))
      for (const { channelId, nextAtMs } of queues) {
        const channel = store.notifications.channel(channelId)
        if (channel?.enabled !== true) continue
        const line = this.#lineOf(channelId)
        const atMs = Math.max(nextAtMs, line.quietUntilMs)
        if (atMs > nowMs) nextMs = Math.min(nextMs, atMs)
        else if (!line.isBusy) void this.#send(channel, line)
      }
    } catch (error) {
      onError(error)
    }
    this.#timer?.cancel()
    this.#timer = clock.setTimer(Math.max(1, nextMs - nowMs), () => {
      this.wake()
    })
  }

  async #send(channel: ChannelRecord, line: Line): Promise<void> {
    line.isBusy = true
    try {
      while (await this.#sendNext(channel, line));
    } catch (error) {
      line.quietUntilMs = this.#ports.clock.wallMs() + RETRY_BASE_MS
      this.#ports.onError(error)
    } finally {
      line.isBusy = false
      this.wake()
    }
  }

  /** @returns whether the next may follow at once */
  async #sendNext(channel: ChannelRecord, line: Line): Promise<boolean> {
    const { store, notifier, clock } = this.#ports
    const isMail = channel.target.kind === 'email'
    this.#write(line)
    const sentMs = clock.wallMs()
    const [first, ...more] = this.#dropOld(store.notifications.due(channel.id, sentMs, isMail ? MOST_IN_A_MAIL : 1), sentMs)
    if (first === undefined) {
      line.quietUntilMs = Math.max(line.quietUntilMs, sentMs + RETRY_LEAST_MS)
      return false
    }
    const result = await notifier.send(channel, [first, ...more], sentMs)
    if (this.#isClosed) return false
    const nowMs = clock.wallMs()
    this.#note(line, result, nowMs, isMail)
    line.unwritten = [first, ...more].map((notification) => this.#settled(notification, result, nowMs))
    this.#write(line)
    // A channel that was changed or removed meanwhile is read again first.
    return result.ok && !isMail && isDeepStrictEqual(store.notifications.channel(channel.id), channel)
  }

  #write(line: Line): void {
    const { store } = this.#ports
    if (line.unwritten.length > 0) {
      store.transaction(() => {
        for (const notification of line.unwritten) {
          const { alarmId, channelId, state, nextAtMs } = notification
          store.notifications.settle(notification)
          // What comes after it about the same alarm must not come before it.
          if (state === 'pending' && alarmId !== null) store.notifications.holdBack(channelId, alarmId, nextAtMs)
        }
      })
    }
    line.unwritten = []
  }

  /** @returns those that are still worth sending */
  #dropOld(notifications: readonly NotificationRecord[], nowMs: number): NotificationRecord[] {
    const isOld = ({ createdAtMs, attempts }: NotificationRecord): boolean => attempts > 0 && nowMs - createdAtMs > MAX_AGE_MS
    for (const notification of notifications.filter(isOld)) this.#ports.store.notifications.settle({ ...notification, state: 'dead', doneAtMs: nowMs })
    return notifications.filter((notification) => !isOld(notification))
  }

  #note(line: Line, result: SendResult, nowMs: number, isMail: boolean): void {
    if (result.ok) {
      line.failures = 0
      line.quietUntilMs = isMail ? nowMs + MAIL_SPACING_MS : 0
      line.certificateEndsAtMs = result.certificateEndsAtMs ?? null
      return
    }
    line.failures += 1
    const circuitMs = line.failures < CIRCUIT_FAILURES ? 0 : this.#jitter(Math.min(CIRCUIT_MOST_MS, RETRY_BASE_MS * 2 ** (line.failures - CIRCUIT_FAILURES)))
    line.quietUntilMs = nowMs + Math.max(circuitMs, Math.min(result.retryAfterMs ?? 0, MOST_PATIENCE_MS), isMail ? RETRY_BASE_MS : 0)
  }

  #settled(notification: NotificationRecord, result: SendResult, nowMs: number): NotificationRecord {
    const attempts = notification.attempts + 1
    if (result.ok) return { ...notification, attempts, state: 'delivered', lastError: null, doneAtMs: nowMs }
    const lastError = `${result.code}: ${result.message}`.slice(0, 500)
    if (result.isFinal === true) return { ...notification, attempts, lastError, state: 'dead', doneAtMs: nowMs }
    return { ...notification, attempts, lastError, nextAtMs: nowMs + this.#jitter(Math.min(RETRY_MOST_MS, RETRY_BASE_MS * 2 ** Math.min(attempts - 1, 20))) }
  }

  #enqueue(channel: ChannelRecord, alarmId: string | null, kind: NotificationKind, payload: string, nowMs: number): NotificationRecord | null {
    const { notifications } = this.#ports.store
    const pending = this.#pending.get(channel.id) ?? 0
    if (kind !== 'test' && pending >= MOST_PENDING) {
      this.#dropped += 1
      return null
    }
    const waitMs = channel.target.kind === 'email' && kind !== 'test' ? MAIL_WAIT_MS : 0
    const notification: NotificationRecord = { id: newId('n', nowMs), channelId: channel.id, alarmId, kind, payload, createdAtMs: nowMs, state: 'pending', attempts: 0, nextAtMs: Math.max(nowMs + waitMs, alarmId === null ? 0 : (notifications.waitsUntil(channel.id, alarmId) ?? 0)), lastError: null, doneAtMs: null }
    notifications.enqueue(notification)
    this.#pending.set(channel.id, pending + 1)
    return notification
  }

  #jitter(mostMs: number): number {
    return Math.max(RETRY_LEAST_MS, Math.round(this.#ports.random() * mostMs))
  }

  #lineOf(channelId: string): Line {
    let line = this.#lines.get(channelId)
    if (line === undefined) this.#lines.set(channelId, line = { isBusy: false, failures: 0, quietUntilMs: 0, unwritten: [], certificateEndsAtMs: null })
    return line
  }
}

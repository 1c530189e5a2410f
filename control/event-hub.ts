import { randomBytes } from 'node:crypto'
import type { Identity } from './auth.ts'
import type { Broadcast, ControlClock } from './ports.ts'
import type { AlarmView } from './schemas/alarm.ts'
import type { AlertView } from './schemas/alert.ts'
import type { PhoneCallView, PhoneLinesView } from './schemas/phone.ts'
import type { OrderView } from './schemas/order.ts'
import type { EVENT_TYPES } from './schemas/status.ts'
import type { Sight } from './sight.ts'
import { formatTime } from './time.ts'
import { eventData } from './views.ts'
import { sameness, stateEventView } from './monitoring/state-views.ts'
import type { StateChange } from './monitoring/state-board.ts'

export type EventType = (typeof EVENT_TYPES)[number]

/** An event in the two forms in which it is sent, made once: the bytes are shared by all subscribers. */
export interface SentEvent {
  readonly id: string
  readonly type: EventType
  /** One block of an event stream, with its empty line. */
  readonly sse: Buffer
  readonly json: Buffer
}

/** One who watches. `write` must not block: it answers false when the other side is too far behind, and is then ended. */
export interface Subscriber {
  readonly identity: Identity
  /** Null: all. */
  readonly types: ReadonlySet<string> | null
  /** Null: everything. */
  readonly sight: Sight | null
  write(event: SentEvent): boolean
  /** Keeps proxies from closing a quiet connection, and finds dead ones. */
  beat(): void
  end(reason: 'slow' | 'revoked' | 'closing'): void
}

const RING_EVENTS = 2000
const RING_BYTES = 2 * 1024 * 1024
export const BEAT_MS = 15_000
export const MAX_SUBSCRIBERS = 500

/**
 * A subscriber further behind than this is cut. Larger than the ring, because a whole ring is written at once to one who comes back, and what
 * is written in one turn of the event loop waits for its end.
 */
export const MAX_PENDING_BYTES = 2 * RING_BYTES

/**
 * Spreads events to those who watch. The last 2 000 events, and at most 2 MiB of them, are kept; who comes back with the id of the last one he saw gets what he missed,
 * or, when that is no longer known, a `gap` event: then everything must be read again. A subscriber who is too slow is cut, not waited for,
 * and comes back the same way.
 */
export class EventHub {
  readonly #clock: ControlClock
  readonly #unsubscribe: () => void
  readonly #subscribers = new Set<Subscriber>()
  readonly #ring: SentEvent[] = []
  #ringBytes = 0
  /** Ids of an earlier life of the process must not be taken for ours. */
  readonly #life = randomBytes(6).toString('base64url')
  #sequence = 0
  #cutTotal = 0
  /** What is left of an event for those who see only a part, by the key of their sight. */
  readonly #narrowed = new WeakMap<SentEvent, Map<string, SentEvent | null>>()
  #beat: { cancel(): void } | null = null

  constructor(broadcast: Broadcast, clock: ControlClock) {
    this.#clock = clock
    this.#unsubscribe = broadcast.subscribe((event) => {
      this.#publish(event.type, eventData(event))
    })
    this.#scheduleBeat()
  }

  get open(): number {
    return this.#subscribers.size
  }

  get cutTotal(): number {
    return this.#cutTotal
  }

  alertChanged(alert: AlertView): void {
    this.#publish('alert', alert)
  }

  orderChanged(order: OrderView): void {
    this.#publish('order', order)
  }

  /** One event for all clusters that are the same now. */
  statesChanged(changes: readonly StateChange[]): void {
    const there = changes.flatMap(({ after }) => after ?? [])
    for (const reports of Map.groupBy(there, sameness).values()) this.#publish('state', stateEventView(reports))
  }

  alarmChanged(change: { readonly change: string; readonly alarm: AlarmView }): void {
    this.#publish('alarm', change)
  }

  phoneChanged(change: { readonly call: PhoneCallView | null; readonly lines: PhoneLinesView | null }): void {
    this.#publish('phone', change)
  }

  /**
   * @param lastEventId of the last event seen, or undefined to start with the next
   * @returns a function that ends the subscription without calling `end`; idempotent
   */
  subscribe(subscriber: Subscriber, lastEventId?: string): () => void {
    this.#subscribers.add(subscriber)
    for (const event of this.#missed(lastEventId)) {
      if (!this.#subscribers.has(subscriber)) break
      this.#deliver(subscriber, event)
    }
    return () => {
      this.#subscribers.delete(subscriber)
    }
  }

  /** Ends the subscriptions of a user, a token or a session. */
  revoke(id: string): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.identity.actorId === id || subscriber.identity.credentialId === id) this.#end(subscriber, 'revoked')
    }
  }

  /** Idempotent. */
  close(): void {
    this.#unsubscribe()
    this.#beat?.cancel()
    for (const subscriber of this.#subscribers) this.#end(subscriber, 'closing')
  }

  #publish(type: EventType, data: object): void {
    const event = this.#make(++this.#sequence, type, data)
    this.#ring.push(event)
    this.#ringBytes += event.sse.length
    while (this.#ring.length > RING_EVENTS || this.#ringBytes > RING_BYTES) this.#ringBytes -= this.#ring.shift()!.sse.length
    for (const subscriber of this.#subscribers) this.#deliver(subscriber, event)
  }

  #narrow(event: SentEvent, sight: Sight): SentEvent | null {
    let byKey = this.#narrowed.get(event)
    if (byKey === undefined) this.#narrowed.set(event, byKey = new Map<string, SentEvent | null>())
    let narrowed = byKey.get(sight.key)
    if (narrowed === undefined) {
      const { at, data } = JSON.parse(event.json.toString()) as { readonly at: string; readonly data: object }
      const left = sight.narrow(event.type, data)
      byKey.set(sight.key, narrowed = left === null ? null : sent(event.id, event.type, at, left))
    }
    return narrowed
  }

  #make(sequence: number, type: EventType, data: object): SentEvent {
    return sent(`${this.#life}-${String(sequence)}`, type, formatTime(this.#clock.wallMs()), data)
  }

  #missed(lastEventId: string | undefined): readonly SentEvent[] {
    if (lastEventId === undefined) return []
    const match = /^(.+)-(\d+)$/.exec(lastEventId)
    const seen = match?.[1] === this.#life ? Number(match[2]) : undefined
    const firstKept = this.#sequence - this.#ring.length + 1
    if (seen === undefined || seen > this.#sequence || seen < firstKept - 1) {
      return [this.#make(this.#sequence, 'gap', { lastEventId })]
    }
    return this.#ring.slice(seen - firstKept + 1)
  }

  #deliver(subscriber: Subscriber, event: SentEvent): void {
    if (event.type !== 'gap' && subscriber.types !== null && !subscriber.types.has(event.type)) return
    const seen = subscriber.sight === null || event.type === 'gap' ? event : this.#narrow(event, subscriber.sight)
    if (seen === null || subscriber.write(seen)) return
    this.#cutTotal++
    this.#end(subscriber, 'slow')
  }

  #end(subscriber: Subscriber, reason: 'slow' | 'revoked' | 'closing'): void {
    this.#subscribers.delete(subscriber)
    subscriber.end(reason)
  }

  #scheduleBeat(): void {
    this.#beat = this.#clock.setTimer(BEAT_MS, () => {
      const nowMs = this.#clock.wallMs()
      for (const subscriber of this.#subscribers) {
        if (nowMs >= subscriber.identity.expiresAtMs) this.#end(subscriber, 'revoked')
        else subscriber.beat()
      }
      this.#scheduleBeat()
    })
  }
}

function sent(id: string, type: EventType, at: string, data: object): SentEvent {
  const json = JSON.stringify({ id, type, at, data })
  return { id, type, json: Buffer.from(json), sse: Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${json}\n\n`) }
}

import type { ControlClock, Store } from '../ports.ts'
import { ApiError } from '../problem.ts'
import { maskUrl } from '../source-rules.ts'
import { readCapDocument, type CapDesk, type CapDocument } from './cap-desk.ts'
import { CapError } from './cap-error.ts'
import { readCap } from './cap-reader.ts'
import type { CapFeedRecord, CapFeedState, Fetcher } from './cap-port.ts'
import { readFeed, type FeedItem } from './feed-reader.ts'
import { readXml } from './xml.ts'

export interface FeedPollerPorts {
  readonly store: Pick<Store, 'capFeeds' | 'capSenders'>
  readonly clock: ControlClock
  readonly fetcher: Fetcher
  readonly desk: Pick<CapDesk, 'take'>
  readonly onError: (error: unknown) => void
}

const FEED_LIMITS = { bytes: 8 * 1024 * 1024, elements: 60_000, depth: 24, isLenient: true } as const
const MESSAGE_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 15_000
/** Messages fetched at one look; the others come with the next. */
const MOST_AT_ONCE = 50
const MOST_SEEN = 2000
const MOST_WAIT_MS = 30 * 60_000
/** Feeds looked at at once: parsing is work for the one thread that also answers requests. */
const MOST_LOOKING = 4

/**
 * Looks at feeds, each in its own time: asks only for what has changed (RFC 9110, 13.1), waits longer after each failure, fetches only what it has not
 * seen, and hands messages of the feed's own sender to the desk.
 */
export class FeedPoller {
  readonly #ports: FeedPollerPorts
  readonly #timers = new Map<string, { cancel(): void }>()
  readonly #looking = new Map<string, Promise<CapFeedState>>()
  #closed = false

  constructor(ports: FeedPollerPorts) {
    this.#ports = ports
  }

  start(): void {
    for (const feed of this.#ports.store.capFeeds.all()) this.changed(feed.id)
  }

  /** Idempotent. What is being fetched now is still dealt with. */
  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  /** A feed was made, changed or removed: it is looked at when its time has come. */
  changed(id: string): void {
    this.#timers.get(id)?.cancel()
    this.#timers.delete(id)
    if (this.#closed) return
    const feed = this.#ports.store.capFeeds.get(id)
    if (feed?.enabled !== true) return
    const { clock, store } = this.#ports
    const state = store.capFeeds.state(id)
    const nowMs = clock.wallMs()
    // A clock that was wrong may have said that the last look is yet to come.
    const dueMs = nextPollMs(feed, state.polledAtMs !== null && state.polledAtMs > nowMs ? { ...state, polledAtMs: nowMs } : state)
    this.#timers.set(id, clock.setTimer(Math.max(0, dueMs - nowMs), () => {
      if (this.#looking.size < MOST_LOOKING) this.poll(id).catch(this.#ports.onError)
      else this.#timers.set(id, clock.setTimer(1000, () => { this.changed(id) }))
    }))
  }

  /**
   * Looks at a feed now. Whoever asks while it is looked at gets the same.
   * @returns what came of it; failures are part of that
   */
  poll(id: string): Promise<CapFeedState> {
    const running = this.#looking.get(id)
    if (running !== undefined) return running
    const look = this.#look(id).finally(() => {
      this.#looking.delete(id)
      this.changed(id)
    })
    this.#looking.set(id, look)
    return look
  }

  async #look(id: string): Promise<CapFeedState> {
    const { store, clock } = this.#ports
    const before = store.capFeeds.state(id)
    const feed = store.capFeeds.get(id)
    if (feed === undefined) return before
    const nowMs = clock.wallMs()
    let state: CapFeedState
    try {
      state = await this.#read(feed, { ...before, polledAtMs: nowMs })
    } catch (error) {
      state = { ...before, polledAtMs: nowMs, failures: before.failures + 1, problem: problemOf(error) }
    }
    store.capFeeds.noteState(id, state)
    return state
  }

  async #read(feed: CapFeedRecord, state: CapFeedState): Promise<CapFeedState> {
    const { fetcher, clock } = this.#ports
    const { status, body, etag, lastModified } = await fetcher.fetch({ url: feed.url, mostBytes: FEED_LIMITS.bytes, timeoutMs: TIMEOUT_MS, etag: state.etag, lastModified: state.lastModified })
    const done = { failures: 0, problem: null, succeededAtMs: clock.wallMs() }
    if (status === 304) return { ...state, ...done }
    const seen = new Set(state.seen)
    const fresh = readFeed(readXml(body, FEED_LIMITS), feed.url).filter(({ key }) => key === '' || !seen.has(key))
    let firstProblem: string | null = null
    let isWhole = fresh.length <= MOST_AT_ONCE
    // Of many the newest: what is old can wait for the next look, a warning cannot.
    for (const item of fresh.slice(-MOST_AT_ONCE)) {
      const { problem, isFinal } = await this.#take(feed, item)
      firstProblem ??= problem
      if (!isFinal) isWhole = false
      else if (item.key !== '') seen.add(item.key)
    }
    // What could not be had is to be asked for again: so the feed must not answer that nothing has changed.
    return { ...state, ...done, problem: firstProblem, etag: isWhole ? etag : null, lastModified: isWhole ? lastModified : null, seen: [...seen].slice(-MOST_SEEN) }
  }

  /** `isFinal`: there is no use in fetching it again. */
  async #take(feed: CapFeedRecord, item: FeedItem): Promise<{ readonly problem: string | null; readonly isFinal: boolean }> {
    try {
      const document = await this.#document(item)
      const sender = this.#ports.store.capSenders.get(feed.senderId)
      if (document.message.sender !== sender?.sender) return { problem: `a message of ${document.message.sender} is not of the sender of this feed`, isFinal: true }
      await this.#ports.desk.take(document, { kind: 'feed', id: feed.id })
      return { problem: null, isFinal: true }
    } catch (error) {
      return { problem: problemOf(error), isFinal: error instanceof CapError && error.code !== 'CAP_ERR_FETCH' }
    }
  }

  async #document({ root, url }: FeedItem): Promise<CapDocument> {
    if (root !== undefined) return { root, message: readCap(root) }
    const { body } = await this.#ports.fetcher.fetch({ url: url!, mostBytes: MESSAGE_BYTES, timeoutMs: TIMEOUT_MS })
    return readCapDocument(body)
  }
}

/** When a feed is to be looked at next. After n failures in a row it waits 2ⁿ times as long, half an hour at most. */
export function nextPollMs({ intervalMs }: CapFeedRecord, { polledAtMs, failures }: CapFeedState): number {
  if (polledAtMs === null) return 0
  return polledAtMs + Math.max(intervalMs, Math.min(MOST_WAIT_MS, intervalMs * 2 ** Math.min(failures, 16)))
}

/** One line, without secrets. */
function problemOf(error: unknown): string {
  if (error instanceof CapError) return `${error.path} ${error.message}`.slice(0, 500)
  if (error instanceof ApiError) return `${error.code}: ${error.message}`.slice(0, 500)
  return (error instanceof Error ? error.message : String(error)).replace(/\S+:\/\/\S+/g, maskUrl).slice(0, 500)
}

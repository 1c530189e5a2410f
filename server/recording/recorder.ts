import { frameAtOrAfter, msToSamples } from '../../rooms/grid.ts'
import { parseFormat } from '../../codec/index.ts'
import { createFeed, type Feed, type PreparedSounds } from '../../rooms/feed.ts'
import type { BusFrame, Interest } from '../../rooms/frame-bus.ts'
import type { FormatId } from '../../codec/audio-format.ts'
import type { RoomRef } from '../../rooms/plan.ts'
import type { RecorderRoom, RecorderState, RecorderStats, TapeReport } from '../link/recorder-messages.ts'
import { Deck } from './deck.ts'
import { Shelf } from './shelf.ts'
import { TapeWriter } from './tape-writer.ts'
import type { TapeDisk } from './tape-disk.ts'

/** A room's last frames come this long after its end: engines make them when their time is over. */
const LINGER_MS = 2_000
/** A tape of which nothing has come for so long is closed. */
const IDLE_MS = 60_000
/** Whoever hears a prepared sound hears its frames about then. */
const PREPARED_LAG_MS = 60
/** So long a disk that was too slow is told of. */
const SLOW_TOLD_MS = 10_000

export interface RecorderPorts {
  readonly disk: TapeDisk
  readonly sounds: PreparedSounds
  readonly nowSamples: () => number
  readonly monotonicMs: () => number
  readonly newId: () => string
  readonly minFreeBytes: number
  readonly setInterest: (interests: readonly Interest[]) => void
  /** A file that cannot be read; the others are. */
  readonly onError: (error: unknown) => void
}

/**
 * Writes what is on air into files: frames as they come from the engines, told apart by room and format; tones and whatever needs no engine from the
 * same prepared sounds as fan-outs send. Goes on as it was told last while control is away.
 */
export class Recorder {
  readonly #ports: RecorderPorts
  readonly #writer: TapeWriter
  readonly #shelf: Shelf
  readonly #decks = new Map<RoomRef, Map<FormatId, Deck>>()
  readonly #prepared = new Map<Deck, { readonly feed: Feed; nextFrame: number }>()
  /** Files that are whole, until control has said that it keeps them. */
  readonly #closed = new Map<string, TapeReport>()
  readonly #frameAtMs = new Map<Deck, number>()
  #shelving: Promise<void> | undefined
  #isFull = false
  #interests = ''
  #framesTotal = 0
  #missingTotal = 0
  #droppedTotal = 0
  #slowAtMs = -Infinity

  constructor(ports: RecorderPorts) {
    const { disk, monotonicMs, minFreeBytes } = ports
    this.#ports = ports
    this.#shelf = new Shelf(disk)
    this.#writer = new TapeWriter({ disk, monotonicMs, minFreeBytes, onClosed: (report) => { this.#closed.set(report.id, report) } })
  }

  /** Finds what a recorder that was killed has left. Call it first. */
  async start(): Promise<void> {
    await this.#writer.takeUp()
    await this.#shelf.takeUp().catch(this.#ports.onError)
  }

  /** Whole files of which control is to say whether it knows them; the same until it has. */
  filesToAsk(): readonly string[] {
    return this.#shelf.question()
  }

  /** Those that control does not know. */
  unknown(files: readonly string[]): void {
    this.#shelf.answered(files)
  }

  apply({ atSamples, rooms, isFull }: RecorderState): void {
    this.#isFull = isFull
    const named = new Set<Deck>()
    for (const room of rooms) named.add(this.#plan(room, atSamples))
    for (const deck of this.#all()) if (!named.has(deck)) deck.plan(undefined, [], atSamples)
    this.#tellInterest()
  }

  /** Files that control keeps now. */
  async kept(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const report = this.#closed.get(id)
      if (report === undefined) continue
      await this.#ports.disk.finish(report.file)
      this.#closed.delete(id)
    }
  }

  take(frames: readonly BusFrame[]): void {
    const nowMs = this.#ports.monotonicMs()
    for (const { room, format, frameIndex, data } of frames) {
      const deck = this.#decks.get(room)?.get(format)
      if (deck === undefined) continue
      this.#framesTotal += 1
      this.#frameAtMs.set(deck, nowMs)
      deck.take(frameIndex, data)
    }
  }

  /** To be called about twice a second: ends what is over, writes what waits. Resolves when that is written. */
  tick(): Promise<void> {
    const now = this.#ports.nowSamples()
    const nowMs = this.#ports.monotonicMs()
    const overSamples = now - msToSamples(LINGER_MS)
    for (const deck of this.#all()) {
      this.#takePrepared(deck, now)
      const mustStop = this.#isFull || !this.#writer.hasRoom
      const isIdle = nowMs - (this.#frameAtMs.get(deck) ?? nowMs) > IDLE_MS
      if (mustStop || isIdle || !deck.windows.some(({ fromSamples, untilSamples }) => fromSamples <= now && untilSamples > overSamples)) deck.endTape()
      deck.forgetBefore(overSamples)
      if (deck.windows.length === 0) this.#forget(deck)
    }
    this.#tellInterest()
    return this.#writer.flush().then(() => this.#takeFromShelf())
  }

  /** Whether everything is known of what an earlier recorder, or a fault, has left. */
  get isRepaired(): boolean {
    return this.#writer.isRepaired
  }

  /** What control must know: every file that grows, and those that are closed and not kept yet. */
  reports(): readonly TapeReport[] {
    return [...this.#closed.values(), ...this.#writer.tapes.filter(({ hasFrames }) => hasFrames).map((tape) => tape.report())]
  }

  stats(): Omit<RecorderStats, 'type' | 'cpuMsTotal' | 'rssBytes'> {
    const isSlow = this.#ports.monotonicMs() - this.#slowAtMs < SLOW_TOLD_MS
    const full = this.#isFull ? { kind: 'full' as const, message: 'the quota of recordings is used up, and what is kept may not be removed' } : null
    const slow = isSlow ? { kind: 'slow' as const, message: 'frames of recordings were dropped' } : null
    return {
      openTapes: this.#writer.tapes.length,
      framesTotal: this.#framesTotal,
      bytesTotal: this.#writer.bytesTotal,
      missingFramesTotal: this.#missingTotal,
      droppedFramesTotal: this.#droppedTotal,
      freeBytes: this.#writer.freeBytes,
      fault: this.#writer.fault ?? full ?? slow,
    }
  }

  /** Ends every file and writes what waits. */
  async close(): Promise<void> {
    for (const deck of this.#all()) deck.endTape()
    // The first may be a round that began before they had ended.
    await this.#writer.flush()
    await this.#writer.flush()
  }

  /** One at a time, also when a turn comes while one is read. */
  #takeFromShelf(): Promise<void> {
    return (this.#shelving ??= this.#shelf.readNext()
      .then((report) => { if (report !== undefined) this.#closed.set(report.id, report) })
      .catch(this.#ports.onError)
      .finally(() => { this.#shelving = undefined }))
  }

  #plan({ windows, ...subject }: RecorderRoom, atSamples: number): Deck {
    const formats = this.#decks.get(subject.room) ?? new Map<FormatId, Deck>()
    this.#decks.set(subject.room, formats)
    let deck = formats.get(subject.format)
    if (deck === undefined) {
      deck = new Deck(subject, {
        newId: this.#ports.newId,
        mayWrite: () => !this.#isFull && this.#writer.mayWrite,
        onOpen: (tape) => { this.#writer.add(tape) },
        onMissing: (frames) => { this.#missingTotal += frames },
        onDropped: (isTooSlow) => {
          this.#droppedTotal += 1
          if (isTooSlow) this.#slowAtMs = this.#ports.monotonicMs()
        },
      })
      formats.set(subject.format, deck)
      const feed = createFeed(subject.room, parseFormat(subject.format), this.#ports.sounds, 1)
      if (!feed.needsEngine) this.#prepared.set(deck, { feed, nextFrame: frameAtOrAfter(atSamples, feed.format.frameSamples) })
    }
    deck.plan(subject, windows, atSamples)
    return deck
  }

  #takePrepared(deck: Deck, now: number): void {
    const prepared = this.#prepared.get(deck)
    if (prepared === undefined) return
    const { feed } = prepared
    const untilFrame = Math.floor((now - msToSamples(PREPARED_LAG_MS)) / feed.format.frameSamples)
    for (; prepared.nextFrame < untilFrame; prepared.nextFrame += 1) deck.take(prepared.nextFrame, feed.frame(prepared.nextFrame).data)
  }

  #forget(deck: Deck): void {
    const { room, format } = deck.subject
    const formats = this.#decks.get(room)
    formats?.delete(format)
    if (formats?.size === 0) this.#decks.delete(room)
    this.#prepared.delete(deck)
    this.#frameAtMs.delete(deck)
  }

  #tellInterest(): void {
    const interests = this.#all().filter((deck) => !this.#prepared.has(deck) && deck.windows.length > 0).map(({ subject: { room, format } }) => ({ room, format }))
    const text = JSON.stringify(interests)
    if (text === this.#interests) return
    this.#interests = text
    this.#ports.setInterest(interests)
  }

  #all(): Deck[] {
    return [...this.#decks.values()].flatMap((formats) => [...formats.values()])
  }
}


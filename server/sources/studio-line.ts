import type { ElasticBuffer } from '../../rooms/elastic-buffer.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { FLOOR_DBFS } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { SourceReport } from '../link/messages.ts'
import type { SoundMonitor } from './sound-monitor.ts'

/** One connection of a studio, however it came: its buffer, its meter, its end. */
export interface StudioSession {
  readonly buffer: ElasticBuffer
  readonly monitor: SoundMonitor
  /** Whether anything has been decoded. */
  readonly hasSound: boolean
  /** Null: it is not counted. */
  readonly receivedBytes: number | null
  /** Undefined while it lives. */
  readonly endReason: string | undefined
  /** Whether it ended because of what was sent, or was not. */
  readonly fault: boolean
  /** Whether a programme reads it. */
  setNeeded(needed: boolean): void
  read(block: Float32Array): number
  /** Called some times a second. */
  check(): void
  /** Idempotent; the first reason stands. */
  end(reason: string, fault: boolean): void
  /** Resolves when all it started has ended. */
  close(): Promise<void>
}

const TICK_MS = 200

/** Nobody read for this long: what has piled up is old. */
const REJOIN_SAMPLES = msToSamples(1000)

/** The place where a studio connects to us: one session at a time, the next one faded in where the last one ended. */
export class StudioLine<Session extends StudioSession> {
  readonly #clock: Clock
  readonly #changed: () => void
  #session: Session | undefined
  /** The one that was there before; its last samples are played while the new one fills its buffer. */
  #leaving: Session | undefined
  #needed = false
  /** What it brings is heard whatever is wrong with it. */
  forced = false
  #timer: TimerHandle | undefined
  #lastReason = ''
  #lastFault = false
  #lastReadSamples = -Infinity
  readonly #closing = new Set<Promise<void>>()

  /** @param changed to be called when the report has changed */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** Who is connected now. */
  get session(): Session | undefined {
    return this.#session?.endReason === undefined ? this.#session : undefined
  }

  /** A new session; whoever was there is told to go. */
  take(session: Session): void {
    const before = this.session
    this.#leaving = this.#session
    this.#session = session
    before?.end(sourceReason('taken-over'), false)
    if (before !== undefined) this.#release(before)
    session.setNeeded(this.#needed)
    this.#lastReason = ''
    this.#lastFault = false
    this.#timer?.cancel()
    this.#tick()
    this.#changed()
  }

  /** To be called when a session has ended, by whatever. @returns whether it was the one on the line */
  ended(session: Session): boolean {
    if (this.#session !== session) return false
    this.#lastReason = session.endReason ?? ''
    this.#lastFault = session.fault
    this.#release(session)
    this.#changed()
    return true
  }

  /** As PcmSource. */
  read(block: Float32Array, fromSamples: number): number {
    const session = this.#session
    if (session === undefined) return 0
    if (fromSamples - this.#lastReadSamples > REJOIN_SAMPLES) session.buffer.rejoin()
    this.#lastReadSamples = fromSamples
    if (this.#leaving !== undefined && !session.buffer.ready) {
      const filled = this.#leaving.read(block)
      if (filled < block.length) this.#leaving = undefined
      return filled
    }
    if (this.#leaving !== undefined) {
      // One short block from the old one lets the chain fade it out before the new one is faded in.
      this.#leaving = undefined
      return 0
    }
    const filled = session.read(block)
    // What is not worth hearing is no sound: whoever stands in for this source is asked instead.
    return session.monitor.isMissing && !this.forced ? 0 : filled
  }

  setNeeded(needed: boolean): void {
    this.#needed = needed
    this.#session?.setNeeded(needed)
    this.#changed()
  }

  report(): SourceReport {
    const session = this.session
    if (session === undefined) {
      return {
        state: this.#needed || this.#lastFault ? 'down' : 'idle', urlIndex: null, peakDbfs: FLOOR_DBFS, rmsDbfs: FLOOR_DBFS, clippedPercent: 0, fault: null,
        reason: this.#lastReason === '' ? sourceReason('no-studio') : this.#lastReason, title: '',
      }
    }
    const { monitor, hasSound } = session
    return {
      state: !hasSound ? 'connecting' : monitor.isMissing ? 'silent' : 'live',
      urlIndex: null,
      peakDbfs: monitor.peakDbfs,
      rmsDbfs: monitor.rmsDbfs,
      clippedPercent: monitor.clippedPercent,
      fault: monitor.fault,
      reason: monitor.reason,
      title: '',
      ...(session.receivedBytes === null ? {} : { receivedBytes: session.receivedBytes }),
    }
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    const session = this.#session
    this.#session = undefined
    await session?.close()
    await Promise.all(this.#closing)
  }

  #tick(): void {
    const session = this.session
    if (session === undefined) return
    this.#timer = this.#clock.setTimer(TICK_MS, () => { this.#tick() })
    session.check()
    this.#changed()
  }

  #release(session: Session): void {
    const closed = session.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}

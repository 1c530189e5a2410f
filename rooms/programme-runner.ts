import type { Encoder } from '../codec/encoder.ts'
import type { FormatId } from '../codec/audio-format.ts'
import type { Clock, TimerHandle } from './clock.ts'
import type { BusFrame, FramePublisher } from './frame-bus.ts'
import { ENGINE_LEAD_MS, samplesToMs } from './grid.ts'
import type { HouseClock } from './house-clock.ts'
import { LatenessHistogram } from './lateness-histogram.ts'
import { BLOCK_SAMPLES, Programme } from './programme.ts'
import type { RoomRef } from './plan.ts'
import type { BlockRenderer } from './mixer.ts'

/** Programmes are spread over this many phases of the 20 ms tick, 4 ms apart, so that their encoding does not come as one burst. */
export const PHASES = 5

const BLOCK_MS = samplesToMs(BLOCK_SAMPLES)
const PHASE_MS = BLOCK_MS / PHASES

/** A sound that other processes read of this one is sent in this phase at the latest: 10 ms are left until they need it. */
export const LAST_SENDING_PHASE = 2

/** After phase 0: programmes that read what other processes send for the same block come last. */
const FED_AT_MS = (PHASES - 1) * PHASE_MS + 2

/** They wait so long at most for a block that is late; then it is missing. */
const FED_WAIT_MS = 8
const FED_LOOK_MS = 1

/**
 * When phase 0 works on a block, before the block's end on the house clock. A frame may end up to one block before the
 * block that completes it ends, and the last phase begins 16 ms after the first: with 10 ms here, every frame is planned
 * to be out at most 20 + 16 - 10 = 26 ms after its last sample, and 14 ms of ENGINE_LEAD_MS are left for the work itself.
 */
const AHEAD_MS = 10

/** Timers of the runtime have a resolution of 1 ms: what is due within that is done now. */
const EARLY_MS = 0.9

/**
 * Behind by more than this (the process was stopped), the blocks are left out. Their frames would come after listeners have
 * been written past them, and a full engine would take seconds to catch up, late in everything meanwhile.
 */
const RESYNC_BEHIND_MS = 240

/** What a programme's frames may be late beyond their plan and still keep to ENGINE_LEAD_MS, in the worst phase. */
export const LATENESS_ALLOWED_MS = ENGINE_LEAD_MS - (BLOCK_MS + (PHASES - 1) * PHASE_MS - AHEAD_MS)

export interface ProgrammeRunnerOptions {
  readonly clock: Clock
  readonly house: HouseClock
  readonly publisher: FramePublisher
  readonly openEncoder: (format: FormatId) => Encoder
  readonly encoderGraceMs: number
  readonly latenessBoundsMs: readonly number[]
  readonly onEncoderFault: (room: RoomRef, format: FormatId, error: unknown) => void
}

export interface RunnerStats {
  readonly programmes: number
  readonly encoders: number
  readonly framesTotal: number
  readonly encodeMsTotal: number
  /** Cumulative counts of frame lateness in ms by the bounds given, the last is +Inf. */
  readonly latenessBuckets: readonly number[]
  readonly latenessMaxMs: number
  readonly starvedTotal: number
}

/**
 * Runs the programmes of an engine on the house grid, by absolute deadlines. Each has a phase; what the programmes of one
 * phase make of a block goes out as one batch. Lateness of a frame is the time at which its batch has been handed to the
 * bus, less the time at which its phase was planned to begin on that block (so it holds timer lateness, waiting for other
 * phases, mixing and encoding); above LATENESS_ALLOWED_MS a frame can miss ENGINE_LEAD_MS.
 */
export class ProgrammeRunner {
  readonly #options: ProgrammeRunnerOptions
  readonly #phases: Programme[][] = Array.from({ length: PHASES }, () => [])
  readonly #programmes = new Map<RoomRef, Programme>()
  /** Those that are fed, with whether all is there for a block. */
  readonly #fed = new Map<Programme, (fromSamples: number) => boolean>()
  readonly #lateness: LatenessHistogram
  #wanted = new Map<RoomRef, Set<FormatId>>()
  /** Count of (block, phase) steps since house sample 0. */
  #nextStep: number
  #timer: TimerHandle | undefined
  #fedTimer: TimerHandle | undefined
  #nextFedBlock = 0
  /** The block before which what waits in sockets has been read. */
  #readForBlock = -1
  #closed = false
  #framesTotal = 0
  #encodeMsTotal = 0
  #starvedBefore = 0
  #resyncsTotal = 0

  constructor(options: ProgrammeRunnerOptions) {
    this.#options = options
    this.#lateness = new LatenessHistogram(options.latenessBoundsMs)
    this.#nextStep = this.#stepAfter(options.clock.monotonicMs())
    options.publisher.onInterest((interests) => {
      const wanted = new Map<RoomRef, Set<FormatId>>()
      for (const { room, format } of interests) {
        const formats = wanted.get(room)
        if (formats === undefined) wanted.set(room, new Set([format]))
        else formats.add(format)
      }
      this.#wanted = wanted
      for (const programme of this.#programmes.values()) programme.setWanted(wanted.get(programme.room) ?? new Set())
    })
  }

  has(room: RoomRef): boolean {
    return this.#programmes.has(room)
  }

  rooms(): RoomRef[] {
    return [...this.#programmes.keys()]
  }

  /**
   * Starts a programme. A room that runs already is left as it is.
   * @param phase left out: the one with the fewest
   */
  add(room: RoomRef, chain: BlockRenderer, phase?: number): void {
    if (this.#closed || this.#programmes.has(room)) return
    const { openEncoder, encoderGraceMs, onEncoderFault } = this.#options
    const programme = new Programme({ room, chain, openEncoder, encoderGraceMs, onEncoderFault: (format, error) => { onEncoderFault(room, format, error) } })
    programme.setWanted(this.#wanted.get(room) ?? new Set())
    this.#programmes.set(room, programme)
    const into = phase === undefined ? this.#phases.reduce((fewest, one) => (one.length < fewest.length ? one : fewest)) : this.#phases[phase]!
    into.push(programme)
    if (this.#timer === undefined) {
      this.#nextStep = this.#stepAfter(this.#options.clock.monotonicMs())
      this.#sleep()
    }
  }

  /** @returns undefined when no such room runs, or it is fed */
  phaseOf(room: RoomRef): number | undefined {
    const programme = this.#programmes.get(room)
    const phase = this.#phases.findIndex((programmes) => programmes.includes(programme!))
    return phase === -1 ? undefined : phase
  }

  /**
   * The room reads from now on what other processes send for the same block: it comes after all others.
   * @param isFed whether all has come for the block that begins at a house sample; what is late is waited for a little
   */
  setFed(room: RoomRef, isFed: (fromSamples: number) => boolean): void {
    const programme = this.#programmes.get(room)
    if (programme === undefined) return
    this.#leavePhase(programme)
    this.#fed.set(programme, isFed)
    if (this.#fedTimer !== undefined) return
    this.#nextFedBlock = this.#fedBlockAfter(this.#options.clock.monotonicMs())
    this.#sleepFed()
  }

  remove(room: RoomRef): void {
    const programme = this.#programmes.get(room)
    if (programme === undefined) return
    this.#programmes.delete(room)
    this.#leavePhase(programme)
    this.#fed.delete(programme)
    this.#starvedBefore += programme.starvedTotal
    programme.close()
  }

  stats(): RunnerStats {
    let encoders = 0
    let starvedTotal = this.#starvedBefore
    for (const programme of this.#programmes.values()) {
      encoders += programme.encoders
      starvedTotal += programme.starvedTotal
    }
    return {
      programmes: this.#programmes.size, encoders, starvedTotal, framesTotal: this.#framesTotal, encodeMsTotal: this.#encodeMsTotal,
      latenessBuckets: this.#lateness.cumulative(), latenessMaxMs: this.#lateness.maxMs,
    }
  }

  /** How often blocks were left out because the process had been stopped. */
  get resyncsTotal(): number {
    return this.#resyncsTotal
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.#fedTimer?.cancel()
    this.#fedTimer = undefined
    for (const room of this.rooms()) this.remove(room)
  }

  #wake(): void {
    this.#timer = undefined
    const { clock } = this.#options
    let nowMs = clock.monotonicMs()
    if (nowMs - this.#dueMs(this.#nextStep) > RESYNC_BEHIND_MS) {
      this.#resyncsTotal++
      this.#nextStep = this.#stepAfter(nowMs)
    }
    while (this.#dueMs(this.#nextStep) <= nowMs + EARLY_MS) {
      const step = this.#nextStep++
      const phase = this.#phases[step % PHASES]!
      if (phase.length === 0) continue
      nowMs = this.#render(phase, Math.floor(step / PHASES) * BLOCK_SAMPLES, this.#dueMs(step))
    }
    this.#sleep()
  }

  /** @returns when it was done */
  #render(programmes: Iterable<Programme>, fromSamples: number, dueMs: number): number {
    const { clock, publisher } = this.#options
    const frames: BusFrame[] = []
    const beganMs = clock.monotonicMs()
    for (const programme of programmes) programme.render(fromSamples, frames)
    this.#encodeMsTotal += clock.monotonicMs() - beganMs
    if (frames.length > 0) publisher.publish(frames)
    const doneMs = clock.monotonicMs()
    this.#framesTotal += frames.length
    this.#lateness.record(Math.max(0, doneMs - dueMs), frames.length)
    return doneMs
  }

  #wakeFed(): void {
    this.#fedTimer = undefined
    const { clock } = this.#options
    let nowMs = clock.monotonicMs()
    if (nowMs - this.#fedDueMs(this.#nextFedBlock) > RESYNC_BEHIND_MS) this.#nextFedBlock = this.#fedBlockAfter(nowMs)
    while (this.#fedDueMs(this.#nextFedBlock) <= nowMs + EARLY_MS) {
      const block = this.#nextFedBlock
      const fromSamples = block * BLOCK_SAMPLES
      // What waits in sockets is read between two timers, so one is let pass.
      const isRead = this.#readForBlock === block
      this.#readForBlock = block
      const mayWait = nowMs - this.#fedDueMs(block) < FED_WAIT_MS
      if (!isRead || (mayWait && ![...this.#fed.values()].every((isFed) => isFed(fromSamples)))) {
        this.#fedTimer = clock.setTimer(FED_LOOK_MS, () => { this.#wakeFed() })
        return
      }
      this.#nextFedBlock++
      nowMs = this.#render(this.#fed.keys(), fromSamples, this.#fedDueMs(block))
    }
    this.#sleepFed()
  }

  #sleepFed(): void {
    if (this.#closed || this.#fed.size === 0) return
    const { clock } = this.#options
    this.#fedTimer = clock.setTimer(this.#fedDueMs(this.#nextFedBlock) - clock.monotonicMs(), () => { this.#wakeFed() })
  }

  #fedDueMs(block: number): number {
    return this.#dueMs(block * PHASES) + FED_AT_MS
  }

  #fedBlockAfter(monotonicMs: number): number {
    const block = Math.floor(this.#stepAfter(monotonicMs - FED_AT_MS) / PHASES)
    return this.#fedDueMs(block) > monotonicMs ? block : block + 1
  }

  #leavePhase(programme: Programme): void {
    for (const phase of this.#phases) {
      const at = phase.indexOf(programme)
      if (at !== -1) phase.splice(at, 1)
    }
  }

  #sleep(): void {
    // Where no phase has a programme, the next one that gets one begins anew.
    if (this.#closed || this.#phases.every((phase) => phase.length === 0)) return
    while (this.#phases[this.#nextStep % PHASES]!.length === 0) this.#nextStep++
    const { clock } = this.#options
    this.#timer = clock.setTimer(this.#dueMs(this.#nextStep) - clock.monotonicMs(), () => { this.#wake() })
  }

  #dueMs(step: number): number {
    const block = Math.floor(step / PHASES)
    return this.#options.house.monotonicMsAt((block + 1) * BLOCK_SAMPLES) - AHEAD_MS + (step - block * PHASES) * PHASE_MS
  }

  #stepAfter(monotonicMs: number): number {
    const block = Math.floor(this.#options.house.samplesAt(monotonicMs + AHEAD_MS) / BLOCK_SAMPLES) - 1
    let step = block * PHASES
    while (this.#dueMs(step) <= monotonicMs) step++
    return step
  }
}

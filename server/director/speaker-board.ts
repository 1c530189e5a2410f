import type { SpeakerInfo } from '../../control/ports.ts'
import { SPEAKER_STAGES, SPEAKER_SOUNDS } from '../../control/ports.ts'

export interface SpeakerBoardOptions {
  /** A speaker further from the house clock than this is out of step, ms. */
  readonly boundMs: number
  /** For this long before it is told of, ms. */
  readonly holdMs: number
}

/** A speaker has come out of step, or is in step again. */
export interface StepChange {
  readonly clusterId: string
  readonly outOfStep: boolean
  readonly syncErrorMs: number
}

interface Entry {
  info: SpeakerInfo
  /** When it was first beyond the bound without having been within it since; null: it is within. */
  beyondSinceMs: number | null
  told: boolean
}

/**
 * What speakers say of themselves (`status`, server/protocol.md). Believed as far as it has the right shape: a device of
 * another make may leave out anything. Who never told its error is not in step and not out of it: nothing is guessed.
 */
export class SpeakerBoard {
  readonly #options: SpeakerBoardOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: SpeakerBoardOptions) {
    this.#options = options
  }

  /**
   * @param status as the device sent it
   * @returns what of it can be believed; null: nothing
   */
  note(clusterId: string, status: unknown, nowMs: number): SpeakerInfo | null {
    const info = readStatus(clusterId, status, nowMs)
    if (info === null) return null
    const entry = this.#entries.get(clusterId) ?? { info, beyondSinceMs: null, told: false }
    entry.info = info
    this.#entries.set(clusterId, entry)
    if (info.syncErrorUs === null || Math.abs(info.syncErrorUs) <= this.#options.boundMs * 1000) entry.beyondSinceMs = null
    else entry.beyondSinceMs ??= nowMs
    return info
  }

  /** It is not connected any more; what it said last is not true now. */
  forget(clusterId: string): void {
    this.#entries.delete(clusterId)
  }

  of(clusterId: string): SpeakerInfo | null {
    return this.#entries.get(clusterId)?.info ?? null
  }

  all(): SpeakerInfo[] {
    return [...this.#entries.values()].map(({ info }) => info)
  }

  /** Called about once a second. @returns each change once */
  changes(nowMs: number): StepChange[] {
    const changes: StepChange[] = []
    for (const [clusterId, entry] of this.#entries) {
      const outOfStep = entry.beyondSinceMs !== null && nowMs - entry.beyondSinceMs >= this.#options.holdMs
      const isOver = entry.told && entry.beyondSinceMs === null
      if (outOfStep === entry.told || (!outOfStep && !isOver)) continue
      entry.told = outOfStep
      changes.push({ clusterId, outOfStep, syncErrorMs: (entry.info.syncErrorUs ?? 0) / 1000 })
    }
    return changes
  }
}

const MAX_TEXT = 64

function readStatus(clusterId: string, status: unknown, atMs: number): SpeakerInfo | null {
  if (typeof status !== 'object' || status === null) return null
  const fields = status as Readonly<Record<string, unknown>>
  if (fields['type'] !== 'status') return null
  const clock = typeof fields['clock'] === 'object' && fields['clock'] !== null ? (fields['clock'] as Readonly<Record<string, unknown>>) : {}
  const storage = typeof fields['storage'] === 'object' && fields['storage'] !== null ? (fields['storage'] as Readonly<Record<string, unknown>>) : {}
  const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
  const count = (value: unknown): number | null => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null)
  const text = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : null)
  const truth = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null)
  const oneOf = <T extends string>(known: readonly T[], value: unknown): T | null => known.find((each) => each === value) ?? null
  return {
    clusterId,
    atMs,
    stage: oneOf(SPEAKER_STAGES, fields['stage']),
    orderId: text(fields['orderId']),
    playing: oneOf(SPEAKER_SOUNDS, fields['playing']),
    syncErrorUs: number(fields['syncErrorUs']),
    clockErrorUs: number(clock['offsetErrorUs']),
    wallErrorMs: number(clock['wallErrorMs']),
    driftPpm: number(clock['driftPpm']),
    roundTripUs: number(clock['roundTripUs']),
    cardPpm: number(fields['cardPpm']),
    correctionPpm: number(fields['correctionPpm']),
    bufferMs: number(fields['bufferMs']),
    targetMs: number(fields['targetMs']),
    lateFrames: count(fields['lateFrames']),
    lostFrames: count(fields['lostFrames']),
    concealedFrames: count(fields['concealedFrames']),
    unverifiedFrames: count(fields['unverifiedFrames']),
    volumePercent: number(fields['volumePercent']),
    hoursPercent: number(fields['hoursPercent']),
    muted: truth(fields['muted']),
    amplifier: truth(fields['amplifier']),
    power: text(fields['power']),
    temperatureC: number(fields['temperatureC']),
    signalDbm: number(fields['signalDbm']),
    storageFault: text(storage['fault']),
    version: text(fields['version']),
    identity: text(fields['identity']),
  }
}

import type { AuditRecord, ControlClock, KeptRecording, RecorderBroadcast, RecordingFolder, Store } from '../ports.ts'

const LOOK_MS = 60_000
const DAY_MS = 86_400_000
/** Of one look: files are small and many. */
const MOST_AT_ONCE = 500

export interface KeeperRules {
  /** Where no unit says otherwise; 0: for ever. */
  readonly recordingKeepDays: number
  /** 0: no quota. */
  readonly recordingQuotaBytes: number
}

export interface KeeperPorts {
  readonly store: Pick<Store, 'recordings' | 'units' | 'auditLog' | 'transaction'>
  readonly folder: Pick<RecordingFolder, 'remove'>
  readonly recorder: Pick<RecorderBroadcast, 'setFull'>
  readonly clock: ControlClock
  readonly rules: KeeperRules
  readonly onError: (error: unknown) => void
}

/**
 * What holds at a unit: its own days, else those of the nearest unit above that says something, else the default.
 * @param lineage the unit and those above it, nearest first
 * @returns days; 0: for ever
 */
export const keepDaysOf = (lineage: readonly string[], own: ReadonlyMap<string, number>, otherwise: number): number => {
  const unitId = lineage.find((id) => own.has(id))
  return unitId === undefined ? otherwise : own.get(unitId)!
}

/** The time at which nobody who heard it keeps it any more; Infinity: never. */
export function keptUntilMs({ untilMs }: Pick<KeptRecording, 'untilMs'>, unitIds: readonly string[], keepDays: (unitId: string | null) => number): number {
  const days = unitIds.length === 0 ? [keepDays(null)] : unitIds.map(keepDays)
  return days.includes(0) ? Infinity : untilMs + Math.max(...days) * DAY_MS
}

/**
 * Removes recordings that nobody keeps any more, and the oldest when they are too many; an emergency's last, and never one that is on hold. The
 * audit log says which, and why.
 */
export class RecordingKeeper {
  readonly #ports: KeeperPorts
  #timer: { cancel(): void } | null = null
  #closed = false
  #lookedUntilMs = -Infinity

  constructor(ports: KeeperPorts) {
    this.#ports = ports
  }

  start(): void {
    void this.look().catch(this.#ports.onError).finally(() => {
      if (!this.#closed) this.#timer = this.#ports.clock.setTimer(LOOK_MS, () => { this.start() })
    })
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  async look(): Promise<void> {
    const { store, rules } = this.#ports
    await this.#remove('retention', this.#outlived())
    const { bytes } = store.recordings.usage()
    if (rules.recordingQuotaBytes === 0) return
    const isOver = await this.#shrink(bytes - rules.recordingQuotaBytes)
    this.#ports.recorder.setFull(isOver)
  }

  /** Those that ended so long ago that every unit that heard them has let them go. */
  #outlived(): readonly KeptRecording[] {
    const { store, clock, rules } = this.#ports
    const own = store.recordings.keepDays()
    const otherwise = rules.recordingKeepDays
    const days = new Map<string | null, number>([[null, otherwise]])
    const keepDays = (unitId: string | null): number => {
      let known = days.get(unitId)
      if (known === undefined) days.set(unitId, known = keepDaysOf(store.units.ancestors(unitId!), own, otherwise))
      return known
    }
    const finite = [otherwise, ...own.values()].filter((value) => value > 0)
    if (finite.length === 0) return []
    const nowMs = clock.wallMs()
    // Where many are kept longer than the rest, not the same ones are looked at each time.
    const candidates = store.recordings.removable(this.#lookedUntilMs, nowMs - Math.min(...finite) * DAY_MS, MOST_AT_ONCE)
    this.#lookedUntilMs = candidates.length < MOST_AT_ONCE ? -Infinity : candidates.at(-1)!.untilMs - 1
    return candidates.filter((recording) => {
      const unitIds = new Set(store.recordings.spansOf(recording.room, recording).map(({ unitId }) => unitId))
      return keptUntilMs(recording, [...unitIds], keepDays) < nowMs
    })
  }

  /** @returns whether it is still too much */
  async #shrink(excessBytes: number): Promise<boolean> {
    let left = excessBytes
    while (left > 0) {
      const chosen: KeptRecording[] = []
      for (const recording of this.#ports.store.recordings.oldest(MOST_AT_ONCE)) {
        if (left <= 0) break
        chosen.push(recording)
        left -= recording.bytes
      }
      if (chosen.length === 0) return true
      await this.#remove('quota', chosen)
    }
    return false
  }

  async #remove(why: 'retention' | 'quota', recordings: readonly KeptRecording[]): Promise<void> {
    if (recordings.length === 0) return
    const { store, folder, clock } = this.#ports
    // The files first: a row without its file says so when it is asked for, a file without its row would lie there for ever.
    for (const { file } of recordings) await folder.remove(file)
    store.transaction(() => {
      for (const { id } of recordings) store.recordings.remove(id)
      store.recordings.removeSpansUntil(Math.max(...recordings.map(({ untilSamples }) => untilSamples)))
      store.auditLog.append(trimEntry(why, recordings.map(({ id }) => id), clock.wallMs()))
    })
  }
}

const trimEntry = (why: 'retention' | 'quota', ids: readonly string[], atMs: number): AuditRecord =>
  ({ atMs, requestId: null, tokenId: null, tokenName: null, remoteAddress: null, method: 'TRIM', route: `recordings by ${why}`, targetIds: ids, fields: [], status: 200, code: null, count: ids.length })

import type { AloneSound, AloneSource, LocalClock, OnAir, TimerHandle } from '../ports.ts'
import type { BundleKeeper } from './bundle-keeper.ts'
import { OpusFile } from './opus-file.ts'
import type { AloneCue, FilePlace, Timetable } from './timetable.ts'

const S = 48_000
/** A programme that cannot be heard is replaced after this; a shorter cut is not worth a change of sound. At most 5 s by the order of issue. */
const FALLBACK_AFTER_MS = 3000
/** How often files are brought near, and how far ahead. */
const PRIME_EVERY_MS = 500
const PRIME_AHEAD_SAMPLES: readonly number[] = [0, 2 * S, 20 * S]
/** Sound that begins or is cut in its middle rises and falls in 5 ms. */
const EDGE_SAMPLES = 240

const SILENCE: AloneSound = { playing: 'silence', orderId: null }
const FILLER: AloneSound = { playing: 'filler', orderId: null }

export interface AloneOptions {
  readonly clock: LocalClock
  readonly keeper: BundleKeeper
  /** House place that is heard about now; null while the house time is not known. */
  readonly nowPlace: () => number | null
  /** Whether fillers are played in place of a programme that cannot be heard. Default true. */
  readonly playsFillers?: boolean
  /** Switches the amplifier over to another way of the same programme, such as an FM receiver, and back. @returns whether it is there now */
  readonly fallback?: (isOn: boolean) => Promise<boolean>
  /** Text messages of other parts, such as the answers to the play log. */
  readonly message?: (message: Readonly<Record<string, unknown>>) => boolean
}

/**
 * What a cluster plays when the network brings nothing, from the signed bundle: clips at the place where they would be, for a live
 * programme its fallback, otherwise silence. A function of house time, so that neighbours who are alone are together, and what comes
 * back live is where the cached sound is.
 *
 * What the server last said is on air goes before a bundle that says otherwise of the same time: it is newer. Nothing sounds past its end.
 */
export class Alone implements AloneSource {
  readonly #options: AloneOptions
  readonly #keeper: BundleKeeper
  /** Files that are open or being opened; null: being opened. */
  readonly #files = new Map<string, OpusFile | null>()
  readonly #priming = new Set<string>()
  #timer: TimerHandle | null = null
  #told: (OnAir & { readonly atPlace: number }) | null = null
  #lastPlace: number | null = null
  /** Place at which the sound that is on now was joined; what follows without a gap does not count as joined. */
  #joinedPlace = -Infinity
  #endedPlace = -Infinity
  #fallback: 'off' | 'asked' | 'on' | 'none' = 'off'
  #closed = false

  constructor(options: AloneOptions) {
    this.#options = options
    this.#keeper = options.keeper
    this.#wait()
  }

  // Hot path: once per 20 ms while alone. Looks things up and decodes; waits for nothing.
  read(block: Float32Array, housePlace: number, missingMs: number): AloneSound {
    this.#lastPlace = housePlace
    let first: AloneSound | null = null
    for (let at = 0; at < block.length; ) {
      const place = housePlace + at
      const cue = this.#cueAt(place)
      // At least one sample each time: whatever a bundle says, this ends.
      const until = Math.max(place + 1, cue.kind === 'clip' ? cue.place.untilSamples : cue.untilSamples)
      const part = block.subarray(at, Math.min(block.length, at + until - place))
      const sound = this.#fill(part, place, cue, missingMs)
      first ??= sound
      at += part.length
    }
    return first ?? SILENCE
  }

  onAir(onAir: OnAir | null): void {
    // The last word counts on after the connection has ended.
    if (onAir !== null) this.#told = { ...onAir, atPlace: onAir.fromSamples ?? this.#place() ?? -Infinity }
  }

  connected(isConnected: boolean): void {
    this.#keeper.connected(isConnected)
    if (isConnected) this.#leaveFallback()
  }

  volumePercentAt(housePlace: number): number {
    return this.#timetable()?.volumePercentAt(housePlace) ?? 100
  }

  message(message: Readonly<Record<string, unknown>>): boolean {
    return this.#options.message?.(message) ?? false
  }

  /** Whether everything that is kept and would sound from now on, were the network to end, is in memory. */
  get isReady(): boolean {
    const place = this.#place()
    if (place === null) return false
    return [...this.#near(place)].every(([sha256, fileSample]) => !this.#keeper.cache.has(sha256) || this.#files.get(sha256)?.isPrimed(fileSample) === true)
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#keeper.close()
    const files = [...this.#files.values()].filter((file) => file !== null)
    this.#files.clear()
    await Promise.all(files.map((file) => file.close()))
  }

  #fill(part: Float32Array, place: number, cue: AloneCue, missingMs: number): AloneSound {
    switch (cue.kind) {
      case 'clip': {
        const { item } = cue
        if (!this.#play(part, place, cue.place, item.untilSamples)) return this.#replace(part, place, item.class === 'emergency', missingMs)
        return { playing: 'cached', orderId: item.orderId, ...(item.class === 'emergency' ? { emergency: true } : {}) }
      }
      case 'live':
        return this.#replace(part, place, cue.item.class === 'emergency', missingMs)
      case 'nothing':
        part.fill(0)
        this.#leaveFallback()
        return SILENCE
    }
  }

  /** In place of sound that is on air and cannot be had. Music is no answer to an emergency. */
  #replace(part: Float32Array, place: number, isEmergency: boolean, missingMs: number): AloneSound {
    part.fill(0)
    if (missingMs < FALLBACK_AFTER_MS) return SILENCE
    this.#enterFallback()
    if (this.#fallback === 'on' || this.#fallback === 'asked' || isEmergency || this.#options.playsFillers === false) return SILENCE
    const filler = this.#timetable()?.fillerAt(place) ?? null
    return filler !== null && this.#play(part, place, filler, Infinity) ? FILLER : SILENCE
  }

  /** @returns false, and silence, when the file is not there. What is missing of its end is silence. */
  #play(part: Float32Array, place: number, { sha256, fileSample }: FilePlace, cutPlace: number): boolean {
    const file = this.#files.get(sha256) ?? null
    const samples = file?.read(part, fileSample) ?? 0
    part.fill(0, samples)
    if (samples === 0 && (file === null || fileSample < file.durationSamples)) {
      this.#prime()
      return false
    }
    if (place !== this.#endedPlace) this.#joinedPlace = fileSample === 0 ? -Infinity : place
    this.#endedPlace = place + part.length
    if (place - this.#joinedPlace < EDGE_SAMPLES) for (let i = 0; i < part.length; i++) part[i]! *= Math.min(1, (place + i - this.#joinedPlace) / EDGE_SAMPLES)
    if (cutPlace - this.#endedPlace < EDGE_SAMPLES) for (let i = 0; i < part.length; i++) part[i]! *= Math.min(1, (cutPlace - place - i) / EDGE_SAMPLES)
    return true
  }

  #timetable(): Timetable | null {
    return this.#keeper.timetable
  }

  #cueAt(place: number): AloneCue {
    const cue: AloneCue = this.#timetable()?.cueAt(place) ?? { kind: 'nothing', untilSamples: Infinity }
    const told = this.#told
    if (told === null) return cue
    const untilSamples = told.untilSamples ?? Infinity
    if (place >= untilSamples) return cue
    // What begins after the last word stands in the bundle alone.
    const isLater = cue.kind !== 'nothing' && cue.item.fromSamples > told.atPlace
    if (told.orderId === null) return cue.kind === 'nothing' || isLater ? cue : { kind: 'nothing', untilSamples: cue.kind === 'clip' ? cue.item.untilSamples : cue.untilSamples }
    if (isLater || (cue.kind !== 'nothing' && cue.item.orderId === told.orderId)) return cue
    const { orderId } = told
    const until = cue.kind === 'nothing' ? Math.min(untilSamples, cue.untilSamples) : Math.min(untilSamples, cue.kind === 'clip' ? cue.item.untilSamples : cue.untilSamples)
    return { kind: 'live', item: { orderId, class: classOf(told.class), fromSamples: told.atPlace }, untilSamples: until }
  }

  #place(): number | null {
    return this.#options.nowPlace() ?? this.#lastPlace
  }

  // ── Files brought near ────────────────────────────────────────────────────────────────────────────────────────────

  #tick(): void {
    if (this.#closed) return
    this.#prime()
    this.#wait()
  }

  #wait(): void {
    this.#timer = this.#options.clock.setTimer(PRIME_EVERY_MS, () => {
      this.#tick()
    })
  }

  /** Opens what is soon to sound, as if the network were to end now, and lets go of what is not. */
  #prime(): void {
    const place = this.#place()
    if (place === null || this.#closed) return
    this.#keeper.timeKnown((place * 1e6) / S)
    const near = this.#near(place)
    for (const [sha256, file] of this.#files) {
      if (near.has(sha256) || file === null) continue
      this.#files.delete(sha256)
      void file.close()
    }
    for (const [sha256, fileSample] of near) {
      if (this.#priming.has(sha256) || !this.#keeper.cache.has(sha256)) continue
      this.#priming.add(sha256)
      void this.#bring(sha256, fileSample).finally(() => {
        this.#priming.delete(sha256)
      })
    }
  }

  /** Files that would sound soon, and where. */
  #near(place: number): Map<string, number> {
    const near = new Map<string, number>()
    for (const ahead of PRIME_AHEAD_SAMPLES) {
      const cue = this.#cueAt(place + ahead)
      if (cue.kind === 'clip' && !near.has(cue.place.sha256)) near.set(cue.place.sha256, cue.place.fileSample)
      const filler = this.#timetable()?.fillerAt(place + ahead)
      if (filler !== null && filler !== undefined && !near.has(filler.sha256)) near.set(filler.sha256, filler.fileSample)
    }
    return near
  }

  async #bring(sha256: string, fileSample: number): Promise<void> {
    try {
      let file = this.#files.get(sha256) ?? null
      if (file === null) {
        this.#files.set(sha256, null)
        file = await OpusFile.open(this.#keeper.cache.path(sha256), sha256)
        if (file === null) {
          this.#files.delete(sha256)
          await this.#keeper.reportCorrupt(sha256)
          return
        }
        if (this.#closed) {
          await file.close()
          return
        }
        this.#files.set(sha256, file)
        await this.#keeper.cache.touch(sha256)
      }
      await file.prime(fileSample)
    } catch {
      // A disk that cannot be read: it is tried again at the next turn, and the fallback sounds meanwhile.
      const file = this.#files.get(sha256)
      this.#files.delete(sha256)
      await file?.close().catch(() => undefined)
    }
  }

  // ── The other way ─────────────────────────────────────────────────────────────────────────────────────────────────

  #enterFallback(): void {
    if (this.#fallback !== 'off') return
    const { fallback } = this.#options
    if (fallback === undefined) {
      this.#fallback = 'none'
      return
    }
    this.#fallback = 'asked'
    fallback(true).then((isThere) => {
      if (this.#fallback === 'asked') this.#fallback = isThere ? 'on' : 'none'
      else if (isThere) void fallback(false)
    }, () => {
      if (this.#fallback === 'asked') this.#fallback = 'none'
    })
  }

  #leaveFallback(): void {
    if (this.#fallback === 'on') void this.#options.fallback?.(false).catch(() => undefined)
    this.#fallback = 'off'
  }
}

const classOf = (name: string | undefined): 'emergency' | 'priority' | 'normal' => (name === 'emergency' || name === 'priority' ? name : 'normal')

import type { Bundle, BundleItem } from './bundle.ts'

const MINUTE_SAMPLES = 60 * 48_000
const WEEK_MINUTES = 7 * 24 * 60

/** A place in a file. */
export interface FilePlace {
  readonly sha256: string
  /** Sample of the file, counted from its first. */
  readonly fileSample: number
  /** House sample up to which this file goes on from there. */
  readonly untilSamples: number
}

/** What is to be heard at a house sample, when nothing comes over the network. */
export type AloneCue =
  | { readonly kind: 'clip'; readonly item: BundleItem; readonly place: FilePlace }
  /** An order that has no clip: its fallback is to sound. */
  | { readonly kind: 'live'; readonly item: Pick<BundleItem, 'orderId' | 'class' | 'fromSamples'>; readonly untilSamples: number }
  | { readonly kind: 'nothing'; readonly untilSamples: number }

/**
 * The bundle as a function of house time: whoever asks late gets the right place. The server has decided who is on air (priorities,
 * cuts, what comes back after them); this only looks it up. Pure.
 */
export class Timetable {
  readonly #items: readonly BundleItem[]
  readonly #durations: ReadonlyMap<string, number>
  readonly #fillers: readonly string[]
  readonly #fillerSamples: number
  readonly #volume: Bundle['volume']
  #volumeMinute = NaN
  #volumePercent = 100

  constructor(bundle: Pick<Bundle, 'items' | 'fillers' | 'files' | 'volume'>) {
    this.#items = bundle.items
    this.#durations = new Map(bundle.files.map(({ sha256, durationSamples }) => [sha256, durationSamples]))
    this.#fillers = bundle.fillers
    this.#volume = bundle.volume
    this.#fillerSamples = bundle.fillers.reduce((samples, sha256) => samples + this.#durations.get(sha256)!, 0)
  }

  /** Half-open: at `untilSamples` an item is over. */
  cueAt(houseSample: number): AloneCue {
    const index = this.#firstNotOver(houseSample)
    const item = this.#items[index]
    if (item === undefined) return { kind: 'nothing', untilSamples: Infinity }
    if (item.fromSamples > houseSample) return { kind: 'nothing', untilSamples: item.fromSamples }
    if (item.clips.length === 0) return { kind: 'live', item, untilSamples: item.untilSamples }
    let start = item.anchorSamples
    for (const sha256 of item.clips) {
      const end = start + this.#durations.get(sha256)!
      if (houseSample < end) {
        if (houseSample < start) break
        return { kind: 'clip', item, place: { sha256, fileSample: houseSample - start, untilSamples: Math.min(end, item.untilSamples) } }
      }
      start = end
    }
    return { kind: 'nothing', untilSamples: item.untilSamples }
  }

  /** Fillers go round and round from house sample 0, so that neighbours who are alone play the same. Null: there is none. */
  fillerAt(houseSample: number): FilePlace | null {
    if (this.#fillerSamples === 0) return null
    let inRound = houseSample % this.#fillerSamples
    for (const sha256 of this.#fillers) {
      const durationSamples = this.#durations.get(sha256)!
      if (inRound < durationSamples) return { sha256, fileSample: inRound, untilSamples: houseSample + durationSamples - inRound }
      inRound -= durationSamples
    }
    return null
  }

  /** At which part of its volume it sounds there, 0 to 100. */
  volumePercentAt(houseSample: number): number {
    // Hot path: once a frame, so the week is looked through once a minute.
    if (this.#volume === undefined) return 100
    const minute = Math.floor((houseSample - this.#volume.weekFromSamples) / MINUTE_SAMPLES)
    if (minute === this.#volumeMinute) return this.#volumePercent
    this.#volumeMinute = minute
    const ofWeek = ((minute % WEEK_MINUTES) + WEEK_MINUTES) % WEEK_MINUTES
    this.#volumePercent = this.#volume.hours.find(({ from, until }) => from <= ofWeek && ofWeek < until)?.percent ?? 100
    return this.#volumePercent
  }

  /** Hashes of what sounds between two house samples, in the order in which it is needed; then the fillers. */
  neededBetween(fromSamples: number, untilSamples: number): string[] {
    const needed = new Set<string>()
    for (let index = this.#firstNotOver(fromSamples); index < this.#items.length; index++) {
      const item = this.#items[index]!
      if (item.fromSamples >= untilSamples) break
      let start = item.anchorSamples
      for (const sha256 of item.clips) {
        const end = start + this.#durations.get(sha256)!
        if (end > Math.max(fromSamples, item.fromSamples) && start < Math.min(untilSamples, item.untilSamples)) needed.add(sha256)
        start = end
      }
    }
    for (const sha256 of this.#fillers) needed.add(sha256)
    return [...needed]
  }

  #firstNotOver(houseSample: number): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#items[middle]!.untilSamples <= houseSample) low = middle + 1
      else high = middle
    }
    return low
  }
}

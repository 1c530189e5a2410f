import { SAMPLE_RATE_HZ } from '../../codec/playback.ts'
import type { PlayedStretch } from '../ports.ts'
import type { Line, Stretch } from './line.ts'

/** Blocks given to the card and not yet gone, at most; a card's queue is a fraction of it. */
const BLOCKS = 256
/** A stretch is told at the latest when it is so long. */
const TOLD_SAMPLES = SAMPLE_RATE_HZ

/**
 * Remembers which place of hearing each sample of the card carries, so that it can be said what has left and what is leaving now.
 * A block of the card's samples covers [place, place + samples × ratio).
 */
export class Departures {
  readonly #line: Line
  readonly #played: (stretch: PlayedStretch) => void
  readonly #cardSample = new Float64Array(BLOCKS)
  readonly #samples = new Float64Array(BLOCKS)
  /** NaN: silence of no place. */
  readonly #place = new Float64Array(BLOCKS)
  readonly #ratio = new Float64Array(BLOCKS)
  #head = 0
  #tail = 0
  #open: { readonly stretch: Stretch; from: number; until: number } | null = null
  #leaving: Stretch | null = null
  #toldUntil = -Infinity
  #toldOrder: string | null = null

  constructor(line: Line, played: (stretch: PlayedStretch) => void) {
    this.#line = line
    this.#played = played
  }

  /** The last stretch of which something has left. */
  get leaving(): Stretch | null {
    return this.#leaving
  }

  /** A block was given to the card; its first sample is the card's `cardSample`-th. */
  gave(cardSample: number, samples: number, place: number, ratio: number): void {
    // Hot path: once per block.
    const at = this.#tail % BLOCKS
    this.#cardSample[at] = cardSample
    this.#samples[at] = samples
    this.#place[at] = place
    this.#ratio[at] = ratio
    this.#tail++
    if (this.#tail - this.#head > BLOCKS) this.#head++
  }

  /** Place of hearing of a sample of the card; NaN when it carries none, or is not known. */
  placeOf(cardSample: number): number {
    for (let i = this.#tail - 1; i >= this.#tail - BLOCKS && i >= 0; i--) {
      const at = i % BLOCKS
      const first = this.#cardSample[at]!
      if (cardSample >= first) return cardSample < first + this.#samples[at]! ? this.#place[at]! + (cardSample - first) * this.#ratio[at]! : NaN
    }
    return NaN
  }

  /** So many samples have left the card. */
  left(leftSamples: number): void {
    // Hot path: once per turn.
    while (this.#head < this.#tail) {
      const at = this.#head % BLOCKS
      const samples = this.#samples[at]!
      if (this.#cardSample[at]! + samples > leftSamples) break
      const place = this.#place[at]!
      if (!Number.isNaN(place)) this.#passed(Math.round(place), Math.round(place + samples * this.#ratio[at]!))
      this.#head++
    }
  }

  /** Tells what has left and was not told yet. */
  flush(): void {
    const open = this.#open
    this.#open = null
    if (open === null) return
    const { stretch } = open
    if (stretch.orderId === null && stretch.playing === 'silence') return
    let fromSamples = stretch.housePlace + (open.from - stretch.from)
    const untilSamples = stretch.housePlace + (open.until - stretch.from)
    // A correction backwards plays a little twice; it is told once.
    if (stretch.orderId === this.#toldOrder) fromSamples = Math.max(fromSamples, this.#toldUntil)
    if (fromSamples >= untilSamples) return
    this.#toldOrder = stretch.orderId
    this.#toldUntil = untilSamples
    this.#played({
      orderId: stretch.orderId,
      playing: stretch.playing,
      fromSamples,
      untilSamples,
      stage: 'played',
      heardAtHouseUs: Math.round(((open.from + (fromSamples - (stretch.housePlace + (open.from - stretch.from)))) * 1e6) / SAMPLE_RATE_HZ),
      audible: stretch.audible,
    })
  }

  #passed(from: number, until: number): void {
    for (let place = from; place < until;) {
      const stretch = this.#line.stretchAt(place)
      if (stretch === undefined) {
        this.flush()
        break
      }
      const end = Math.min(until, stretch.until)
      const open = this.#open
      if (open === null || !isSame(open.stretch, stretch) || open.until !== place) {
        this.flush()
        this.#open = { stretch, from: place, until: end }
        this.#leaving = stretch
      } else open.until = end
      if (this.#open!.until - this.#open!.from >= TOLD_SAMPLES) this.flush()
      place = end
    }
    this.#line.forget(until - SAMPLE_RATE_HZ)
  }
}

/** Parts of one stretch, also when the line was cut back and went on. */
const isSame = (a: Stretch, b: Stretch): boolean =>
  a === b || (a.orderId === b.orderId && a.playing === b.playing && a.audible === b.audible && a.housePlace - a.from === b.housePlace - b.from)

import { Decimator } from '../../../codec/index.ts'

const RATE_HZ = 8000
const FACTOR = 6
const ROWS_HZ = [697, 770, 852, 941] as const
const COLUMNS_HZ = [1209, 1336, 1477] as const
const KEYS = ['123', '456', '789', '*0#'] as const

/** 12.75 ms: tones of 40 ms hold at least two whole windows. */
const WINDOW = 102
/** Windows that must agree before a key counts, and that must be without it before it may be pressed again. */
const HITS = 2
const MISSES = 2
/** Mean square of the softest key: −36 dBFS for both tones. */
const LEAST_POWER = 10 ** (-36 / 10)
/** Of the sound's power, at least this must be in the two tones: speech seldom has. */
const LEAST_SHARE = 0.7
/** Row louder than column by 8 dB, or column by 4 dB, at most (ITU-T Q.24, widened for lines that fall off). */
const MAX_ROW_OVER = 10 ** (8 / 10)
const MAX_COLUMN_OVER = 10 ** (8 / 10)
/** Each tone over the next one of its group, 6 dB. */
const LEAST_OVER_NEXT = 10 ** (6 / 10)

/** Keys as tones in the sound (ITU-T Q.23), for callers whose line knows no telephone events. Each press is told once. */
export class ToneKeys {
  readonly #onKey: (key: string) => void
  readonly #decimator = new Decimator(FACTOR, 0.45, 60)
  readonly #window = new Float32Array(WINDOW)
  #filled = 0
  #candidate: string | null = null
  #hits = 0
  #pressed: string | null = null
  #misses = 0

  constructor(onKey: (key: string) => void) {
    this.#onKey = onKey
  }

  /** @param pcm 48 kHz, a multiple of six samples */
  push(pcm: Float32Array): void {
    for (const sample of this.#decimator.process(pcm)) {
      this.#window[this.#filled++] = sample
      if (this.#filled === WINDOW) {
        this.#filled = 0
        this.#look(keyIn(this.#window))
      }
    }
  }

  #look(key: string | null): void {
    if (key === this.#pressed && key !== null) {
      this.#misses = 0
      return
    }
    if (this.#pressed !== null && ++this.#misses >= MISSES) this.#pressed = null
    this.#hits = key !== null && key === this.#candidate ? this.#hits + 1 : key === null ? 0 : 1
    this.#candidate = key
    if (key === null || this.#hits < HITS) return
    this.#pressed = key
    this.#misses = 0
    this.#onKey(key)
  }
}

function keyIn(window: Float32Array): string | null {
  let power = 0
  for (const sample of window) power += sample * sample
  power /= window.length
  if (power < LEAST_POWER) return null
  const row = loudest(window, ROWS_HZ)
  const column = loudest(window, COLUMNS_HZ)
  if (row.power + column.power < power * LEAST_SHARE) return null
  if (row.power > column.power * MAX_ROW_OVER || column.power > row.power * MAX_COLUMN_OVER) return null
  if (row.power < row.next * LEAST_OVER_NEXT || column.power < column.next * LEAST_OVER_NEXT) return null
  return KEYS[row.index]![column.index]!
}

function loudest(window: Float32Array, tonesHz: readonly number[]): { readonly index: number; readonly power: number; readonly next: number } {
  const powers = tonesHz.map((hz) => tonePower(window, hz))
  const index = powers.indexOf(Math.max(...powers))
  return { index, power: powers[index]!, next: Math.max(...powers.filter((_, other) => other !== index)) }
}

/** Goertzel: mean square of a tone in the window. */
function tonePower(window: Float32Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / RATE_HZ)
  let last = 0
  let before = 0
  for (const sample of window) [last, before] = [sample + coefficient * last - before, last]
  return (2 * (last * last + before * before - coefficient * last * before)) / (window.length * window.length)
}

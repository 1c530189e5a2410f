import { SAMPLE_RATE_HZ } from '../audio-format.ts'

/** One bit for so many samples: whether the sound below 600 Hz is above or below zero. That survives every codec, and 4 s of it are 2 kB. */
const SAMPLES_PER_BIT = 12
const BITS_PER_MS = SAMPLE_RATE_HZ / SAMPLES_PER_BIT / 1000
const STEP_MS = 100
const STEP_BITS = STEP_MS * BITS_PER_MS

/** What is looked for earlier in the sound. */
const PATTERN_WORDS = 32
/** After so many words a place that does not fit is left. */
const GLANCE_WORDS = 8
const RING_WORDS = 1024
const RING_BITS = RING_WORDS * 32
const LEAST_LAG = 100 * BITS_PER_MS
const MOST_LAG = 4100 * BITS_PER_MS

/** Share of bits that agree, of sound that is heard again: after the coarsest of our codecs still nine tenths. Of unlike sound it is a half, within a tenth. */
const SAME = 0.85
const GLANCE_SAME = 0.7
/** Once found, a step alone may be worse. */
const STILL_SAME = 0.76
/** A period falls between two bits. */
const NEAR_BITS = 1

/** Quieter than this, or than this part of what it has been lately: a pause, in which nothing is compared. */
const SOUNDING_POWER = 1e-7
const SOUNDING_PART = 0.02
const LATELY = 0.025
/** Steps out of so many may differ, lest one lost packet ends it. */
const MISS_FORGIVEN = 0.25
const MOST_MISSES = 4

/** A tone, of a siren or of Morse: its level stands still while it sounds, or it is exactly what it was a moment before. A voice wavers in both. */
const TONE_WORDS = 6
const LEAST_TONE_LAG = 2 * BITS_PER_MS
const MOST_TONE_LAG = 25 * BITS_PER_MS
const TONE_SAME = 0.96
/** Of 7 ms, not a multiple of the period of the usual voices. */
const SLOT_BITS = 28
const SLOTS = Math.floor(STEP_BITS / SLOT_BITS)
const STEADY_PART = 10 ** (-1.5 / 10)
const PAUSE_PART = 10 ** (-20 / 10)
/** Slots in which it is switched on or off. */
const MOST_UNSTEADY = 2

/** So much of a loop, at least, must be sound, and of that no tone. */
const LEAST_SOUNDING = 0.4
const LEAST_RICH = 0.2

/** How often a loop is looked for. */
const SEEK_MS = 1000

const LOW_PASS = lowPass(600)
const HIGH_PASS_PART = 1 - Math.exp((-2 * Math.PI * 120 * SAMPLES_PER_BIT) / SAMPLE_RATE_HZ)

/**
 * Notices that a source repeats itself: the same stretch of 0.1 to 4 s over and over, also after a lossy codec. Tones do not count (a siren, Morse, a test
 * tone are periodic by nature), nor does what is mostly silence (a ticking clock).
 */
export class LoopDetector {
  readonly #ring = new Uint32Array(RING_WORDS)
  readonly #pattern = new Uint32Array(PATTERN_WORDS)
  /** Power within the step. */
  readonly #slots = new Float64Array(SLOTS)
  readonly #onStep: () => void
  #sum = 0
  #squares = 0
  #sumCount = 0
  // Low pass of second order, then high pass of first.
  #z1 = 0
  #z2 = 0
  #below = 0
  #stepPower = 0
  #latelyPower = 0
  /** Bits so far. */
  #bits = 0
  #word = 0
  #stepBits = 0
  #sinceSeekMs = SEEK_MS
  #lag = 0
  #loopMs = 0
  #soundingMs = 0
  #richMs = 0
  #misses = 0

  /** @param onStep called after each 100 ms */
  constructor(onStep: () => void) {
    this.#onStep = onStep
  }

  /** For how long the sound has been what it was one period before; 0 when it is not, or when that says nothing. */
  get loopMs(): number {
    return this.#lag > 0 && this.#soundingMs >= this.#loopMs * LEAST_SOUNDING && this.#richMs >= this.#soundingMs * LEAST_RICH ? this.#loopMs : 0
  }

  /** Length of what is repeated, or a multiple of it. */
  get periodMs(): number {
    return this.#lag / BITS_PER_MS
  }

  push(block: Float32Array): void {
    // Hot path: all that any source brings goes through here.
    let sum = this.#sum
    let squares = this.#squares
    let count = this.#sumCount
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i]!
      if (Number.isFinite(x)) {
        sum += x
        squares += x * x
      }
      count += 1
      if (count < SAMPLES_PER_BIT) continue
      this.#takeBit(sum / SAMPLES_PER_BIT, squares)
      sum = squares = count = 0
    }
    this.#sum = sum
    this.#squares = squares
    this.#sumCount = count
  }

  #takeBit(x: number, squares: number): void {
    const { b0, b1, b2, a1, a2 } = LOW_PASS
    const low = b0 * x + this.#z1
    this.#z1 = b1 * x - a1 * low + this.#z2
    this.#z2 = b2 * x - a2 * low
    this.#below += (low - this.#below) * HIGH_PASS_PART
    const band = low - this.#below
    this.#stepPower += band * band
    const slot = Math.floor(this.#stepBits / SLOT_BITS)
    if (slot < SLOTS) this.#slots[slot]! += squares
    this.#word = (this.#word >>> 1) | (band >= 0 ? 0x8000_0000 : 0)
    this.#bits += 1
    if (this.#bits % 32 === 0) this.#ring[(this.#bits / 32 - 1) % RING_WORDS] = this.#word
    this.#stepBits += 1
    if (this.#stepBits === STEP_BITS) this.#step()
  }

  #step(): void {
    const power = this.#stepPower / STEP_BITS
    this.#latelyPower += (power - this.#latelyPower) * LATELY
    const sounds = power > SOUNDING_POWER && power > this.#latelyPower * SOUNDING_PART
    const isRich = sounds && !this.#isSteady() && !(this.#lasts() && this.#isPeriodic())
    this.#stepBits = this.#stepPower = 0
    this.#slots.fill(0)
    this.#sinceSeekMs += STEP_MS
    if (this.#lag > 0) this.#follow(sounds, isRich)
    else if (isRich && this.#sinceSeekMs >= SEEK_MS) this.#seek()
    this.#onStep()
  }

  #follow(sounds: boolean, isRich: boolean): void {
    this.#loopMs += STEP_MS
    if (!sounds) return
    this.#soundingMs += STEP_MS
    if (isRich) this.#richMs += STEP_MS
    if (this.#agreesNear(this.#lag)) {
      this.#misses = Math.max(0, this.#misses - MISS_FORGIVEN)
      return
    }
    this.#misses += 1
    if (this.#misses < MOST_MISSES) return
    this.#lag = this.#loopMs = this.#soundingMs = this.#richMs = this.#misses = 0
  }

  /** Whether the last whole words of the step are what they were `lag` before. */
  #agreesNear(lag: number): boolean {
    const words = STEP_BITS >> 5
    const end = this.#bits - (this.#bits % 32)
    for (let by = -NEAR_BITS; by <= NEAR_BITS; by += 1) {
      let unlike = 0
      for (let word = 0; word < words; word += 1) {
        const at = end - (words - word) * 32
        unlike += ones(this.#wordAt(at) ^ this.#wordAt(at - lag - by))
      }
      if (unlike <= words * 32 * (1 - STILL_SAME)) return true
    }
    return false
  }

  /** Looks for the last quarter of a second earlier in the sound. */
  #seek(): void {
    this.#sinceSeekMs = 0
    const end = this.#bits - (this.#bits % 32)
    const from = end - PATTERN_WORDS * 32
    if (from - MOST_LAG < 0) return
    const pattern = this.#pattern
    for (let word = 0; word < PATTERN_WORDS; word += 1) pattern[word] = this.#wordAt(from + word * 32)
    let best = PATTERN_WORDS * 32 * (1 - SAME)
    let bestLag = 0
    for (let lag = LEAST_LAG; lag <= MOST_LAG + NEAR_BITS; lag += 1) {
      let unlike = 0
      for (let word = 0; word < PATTERN_WORDS; word += 1) {
        unlike += ones(pattern[word]! ^ this.#wordAt(from - lag + word * 32))
        if (unlike > best || (word === GLANCE_WORDS && unlike > GLANCE_WORDS * 32 * (1 - GLANCE_SAME))) break
      }
      if (unlike >= best) continue
      best = unlike
      bestLag = lag
    }
    this.#lag = bestLag
  }

  /** 32 bits from any place on that is still in the ring. */
  #wordAt(bit: number): number {
    const at = bit & (RING_BITS - 1)
    const word = at >> 5
    const shift = at & 31
    const low = this.#ring[word]! >>> shift
    return shift === 0 ? low : low | (this.#ring[(word + 1) % RING_WORDS]! << (32 - shift))
  }

  /** Whether the level stands still, but for where the sound is switched on and off. */
  #isSteady(): boolean {
    const slots = this.#slots
    let loudest = 0
    for (let slot = 0; slot < SLOTS; slot += 1) if (slots[slot]! > loudest) loudest = slots[slot]!
    let unsteady = 0
    for (let slot = 0; slot < SLOTS; slot += 1) if (slots[slot]! < loudest * STEADY_PART && slots[slot]! > loudest * PAUSE_PART) unsteady += 1
    return unsteady <= MOST_UNSTEADY
  }

  /** Whether it is as loud at the end of the step as at the beginning: a struck drum is a tone as well, but fades. */
  #lasts(): boolean {
    let first = 0
    let last = 0
    for (let slot = 0; slot < SLOTS / 2; slot += 1) {
      first = Math.max(first, this.#slots[slot]!)
      last = Math.max(last, this.#slots[slot + SLOTS / 2]!)
    }
    return Math.min(first, last) >= Math.max(first, last) * STEADY_PART
  }

  #isPeriodic(): boolean {
    const end = this.#bits - (this.#bits % 32)
    for (let lag = LEAST_TONE_LAG; lag <= MOST_TONE_LAG; lag += 1) {
      let unlike = 0
      for (let word = 1; word <= TONE_WORDS; word += 1) unlike += ones(this.#wordAt(end - word * 32) ^ this.#wordAt(end - word * 32 - lag))
      if (unlike <= TONE_WORDS * 32 * (1 - TONE_SAME)) return true
    }
    return false
  }
}

/** How many of 32 bits are set. */
function ones(word: number): number {
  let n = word - ((word >>> 1) & 0x5555_5555)
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** Butterworth of second order at the rate of the bits. */
function lowPass(cutoffHz: number): { readonly b0: number; readonly b1: number; readonly b2: number; readonly a1: number; readonly a2: number } {
  const w = (2 * Math.PI * cutoffHz * SAMPLES_PER_BIT) / SAMPLE_RATE_HZ
  const alpha = Math.sin(w) / Math.SQRT2
  const b = (1 - Math.cos(w)) / 2
  const a0 = 1 + alpha
  return { b0: b / a0, b1: (2 * b) / a0, b2: b / a0, a1: (-2 * Math.cos(w)) / a0, a2: (1 - alpha) / a0 }
}

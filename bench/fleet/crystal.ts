import { deriveSeed, seededRandom } from '../../test/support/link-emulator-random.ts'

/** How wrong a device's quartz is, for good and by the weather. */
export interface CrystalErrors {
  /** Constant part, parts per million; positive: runs fast. */
  readonly ppm: number
  /** Slow swing around it, such as the sun on the cabinet makes. */
  readonly wanderPpm: number
  readonly wanderPeriodMs: number
}

const WANDER_PPM = 1
const WANDER_PERIOD_MS: readonly [number, number] = [300_000, 900_000]

/** The crystal of one device of a fleet: uniform within ±`mostPpm`, the first two at its ends, so that the worst pair is always there. */
export function drawCrystal(seed: number, index: number, mostPpm: number): CrystalErrors {
  const random = seededRandom(deriveSeed(seed, index + 10_000))
  const drawn = (random() * 2 - 1) * mostPpm
  const ppm = index === 0 ? mostPpm : index === 1 ? -mostPpm : drawn
  const [least, most] = WANDER_PERIOD_MS
  return { ppm, wanderPpm: mostPpm === 0 ? 0 : WANDER_PPM, wanderPeriodMs: least + random() * (most - least) }
}

/** Device time as a function of true time (CLOCK_MONOTONIC of the machine), both in ms; native/crystal.c computes the same. */
export class Crystal {
  readonly errors: CrystalErrors
  readonly #zeroTrueMs: number
  readonly #zeroDeviceMs: number
  readonly #rate: number
  readonly #swingMs: number
  readonly #perMs: number

  constructor(errors: CrystalErrors, zeroTrueMs: number, zeroDeviceMs: number) {
    this.errors = errors
    this.#zeroTrueMs = zeroTrueMs
    this.#zeroDeviceMs = zeroDeviceMs
    this.#rate = 1 + errors.ppm / 1e6
    this.#perMs = (2 * Math.PI) / errors.wanderPeriodMs
    this.#swingMs = errors.wanderPpm / 1e6 / this.#perMs
  }

  deviceMs(trueMs: number): number {
    const passedMs = trueMs - this.#zeroTrueMs
    return this.#zeroDeviceMs + passedMs * this.#rate + this.#swingMs * (1 - Math.cos(passedMs * this.#perMs))
  }

  /** The inverse, by Newton's steps: the rate is so near 1 that three are more than enough. */
  trueMs(deviceMs: number): number {
    let trueMs = this.#zeroTrueMs + (deviceMs - this.#zeroDeviceMs) / this.#rate
    for (let step = 0; step < 3; step += 1) trueMs += (deviceMs - this.deviceMs(trueMs)) / this.#rate
    return trueMs
  }
}

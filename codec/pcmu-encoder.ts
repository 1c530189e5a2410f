import type { AudioFormat } from './audio-format.ts'
import { checkFrame, type Encoder } from './encoder.ts'
import { Decimator } from './pcm/decimator.ts'
import { muLawOf } from './pcm/mu-law.ts'

const FACTOR = 6
/** 3.6 kHz at 8 kHz: flat to 3.2 kHz, and what would fold back below 3.7 kHz is gone. */
const CUTOFF = 0.45
/** 2.5 ms, a whole number of samples at 8 kHz. */
export const PCMU_DELAY_SAMPLES = 120

/** Telephone sound (G.711 µ-law, 8 kHz mono) from 48 kHz. The filter goes on from frame to frame. */
export class PcmuEncoder implements Encoder {
  readonly format: AudioFormat
  readonly delaySamples = PCMU_DELAY_SAMPLES
  readonly #decimator = new Decimator(FACTOR, CUTOFF, PCMU_DELAY_SAMPLES)
  #closed = false

  constructor(format: AudioFormat) {
    this.format = format
  }

  encode(pcm: Float32Array): Buffer {
    checkFrame(this.format, pcm, !this.#closed)
    const narrow = this.#decimator.process(pcm)
    const bytes = Buffer.allocUnsafeSlow(narrow.length)
    for (let index = 0; index < narrow.length; index += 1) bytes[index] = muLawOf(toS16(narrow[index]!))
    return bytes
  }

  close(): void {
    this.#closed = true
  }
}

/** Rounded and clipped; NaN as 0. */
const toS16 = (sample: number): number => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))) | 0

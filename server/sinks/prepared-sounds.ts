import { createEncoder, encodeSilence, encodeSteady, type AudioFormat, type EncoderOptions } from '../../codec/index.ts'
import type { PreparedSounds } from '../../rooms/feed.ts'

/**
 * Attention tones and silence, encoded once for each format. The formats of the configuration are made at boot; one that a
 * listener asks for later is made when it is first needed (some tens of milliseconds).
 */
export class EncodedSounds implements PreparedSounds {
  readonly #tones: ReadonlyMap<string, Float32Array>
  readonly #options: EncoderOptions
  readonly #silence = new Map<string, readonly Buffer[]>()
  readonly #encodedTones = new Map<string, readonly Buffer[]>()
  readonly #delays = new Map<string, number>()

  /** @param tones names and PCM (48 kHz mono, full scale ±1) */
  constructor(tones: ReadonlyMap<string, Float32Array>, options: EncoderOptions, formats: readonly AudioFormat[]) {
    this.#tones = tones
    this.#options = options
    for (const format of formats) this.prepare(format)
  }

  /** Makes everything of a format that is not made yet. */
  prepare(format: AudioFormat): void {
    this.silence(format)
    this.delaySamples(format)
    for (const name of this.#tones.keys()) this.tone(name, format)
  }

  silence(format: AudioFormat): readonly Buffer[] {
    let frames = this.#silence.get(format.id)
    if (frames === undefined) {
      frames = [encodeSilence(format, this.#options)]
      this.#silence.set(format.id, frames)
    }
    return frames
  }

  tone(name: string, format: AudioFormat): readonly Buffer[] | undefined {
    const key = `${name}/${format.id}`
    let frames = this.#encodedTones.get(key)
    const pcm = this.#tones.get(name)
    if (frames === undefined && pcm !== undefined) {
      frames = encodeSteady(format, pcm, this.#options)
      this.#encodedTones.set(key, frames)
    }
    return frames
  }

  /** The codec's delay, told to native listeners. */
  delaySamples(format: AudioFormat): number {
    let delay = this.#delays.get(format.id)
    if (delay === undefined) {
      const encoder = createEncoder(format, this.#options)
      delay = encoder.delaySamples
      encoder.close()
      this.#delays.set(format.id, delay)
    }
    return delay
  }
}

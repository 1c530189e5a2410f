import type { AudioFormat } from './audio-format.ts'
import { checkFrame, type Encoder } from './encoder.ts'
import { floatToS16le } from './pcm/s16le.ts'

/** Samples as they are: 16 bits, signed, big-endian (RFC 3551, 4.5.11), 48 kHz mono. */
export class L16Encoder implements Encoder {
  readonly format: AudioFormat
  readonly delaySamples = 0
  #closed = false

  constructor(format: AudioFormat) {
    this.format = format
  }

  encode(pcm: Float32Array): Buffer {
    checkFrame(this.format, pcm, !this.#closed)
    const bytes = Buffer.allocUnsafeSlow(pcm.length * 2)
    floatToS16le(pcm, bytes)
    return bytes.swap16()
  }

  close(): void {
    this.#closed = true
  }
}

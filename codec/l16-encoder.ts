import type { AudioFormat } from './audio-format.ts'
import { CodecError } from './codec-error.ts'
import type { Encoder } from './encoder.ts'
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
    checkFrame(this.format, pcm, this.#closed)
    const bytes = Buffer.allocUnsafeSlow(pcm.length * 2)
    floatToS16le(pcm, bytes)
    return bytes.swap16()
  }

  close(): void {
    this.#closed = true
  }
}

/** What every encoder asks of a frame. @throws CodecError `CODEC_ERR_CLOSED`, `CODEC_ERR_FRAME_SIZE` */
export function checkFrame(format: AudioFormat, pcm: Float32Array, closed: boolean): void {
  if (closed) throw new CodecError('CODEC_ERR_CLOSED', `The encoder of '${format.id}' is closed`)
  if (pcm.length !== format.frameSamples) throw new CodecError('CODEC_ERR_FRAME_SIZE', `A frame of '${format.id}' is ${String(format.frameSamples)} samples, not ${String(pcm.length)}`)
}

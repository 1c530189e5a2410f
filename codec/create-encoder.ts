import type { AudioFormat } from './audio-format.ts'
import type { Encoder } from './encoder.ts'
import type { EncoderOptions } from './encoder-options.ts'
import { L16Encoder } from './l16-encoder.ts'
import { Mp3Encoder } from './mp3-encoder.ts'
import { OpusEncoder } from './opus-encoder.ts'
import { PcmuEncoder } from './pcmu-encoder.ts'

/**
 * Opens an encoder for `format`.
 * @throws CodecError `CODEC_ERR_OPTION`, `CODEC_ERR_NATIVE_MISSING` (MP3 binding not compiled), `CODEC_ERR_ENCODE`.
 */
export function createEncoder(format: AudioFormat, options: EncoderOptions = {}): Encoder {
  switch (format.codec) {
    case 'opus': return new OpusEncoder(format, options)
    case 'mp3': return new Mp3Encoder(format, options)
    case 'l16': return new L16Encoder(format)
    case 'pcmu': return new PcmuEncoder(format)
  }
}

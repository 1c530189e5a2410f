import libopusBinding from '@discordjs/opus'
import type { AudioFormat } from './audio-format.ts'
import { SAMPLE_RATE_HZ } from './audio-format.ts'
import { CodecError } from './codec-error.ts'
import { checkFrame, type Encoder } from './encoder.ts'
import type { EncoderOptions } from './encoder-options.ts'
import { opusSettings } from './encoder-options.ts'
import { floatToS16le } from './pcm/s16le.ts'

/** Requests of libopus (opus_defines.h). */
const CTL = {
  SET_BITRATE: 4002,
  SET_VBR: 4006,
  SET_COMPLEXITY: 4010,
  SET_INBAND_FEC: 4012,
  SET_PACKET_LOSS_PERC: 4014,
  SET_VBR_CONSTRAINT: 4020,
  SET_SIGNAL: 4024,
  SET_PREDICTION_DISABLED: 4042,
} as const

const SIGNAL = { VOICE: 3001, MUSIC: 3002 } as const

/** libopus looks 6.5 ms ahead at 48 kHz (OPUS_GET_LOOKAHEAD); this is also the pre-skip of OpusHead (RFC 7845, 5.1). */
export const OPUS_DELAY_SAMPLES = 312

/**
 * libopus behind the Encoder contract: mono, 20 ms, constrained VBR, application «audio» (the only one the binding makes).
 *
 * Without expected loss the signal is declared to be music, which keeps all packets in the MDCT layer (CELT) from 16 kbit/s up.
 * That is not about music: with prediction off the speech layer (SILK) is the worse one at every rate, for speech too, it costs 3-4 times
 * as much CPU, and a splice between the layers is heard, which one within CELT is not (figures: codec/README.md). In-band
 * FEC exists in the speech layer only, so with expected loss the signal is declared to be voice.
 */
export class OpusEncoder implements Encoder {
  readonly format: AudioFormat
  readonly delaySamples = OPUS_DELAY_SAMPLES
  readonly #scratch: Buffer
  #libopus: libopusBinding.OpusEncoder | undefined

  /** @throws CodecError `CODEC_ERR_OPTION`, `CODEC_ERR_ENCODE` */
  constructor(format: AudioFormat, options: EncoderOptions) {
    const { complexity, expectedLossPercent, predictionDisabled } = opusSettings(options)
    this.format = format
    this.#scratch = Buffer.alloc(format.frameSamples * 2)
    const libopus = new libopusBinding.OpusEncoder(SAMPLE_RATE_HZ, 1)
    try {
      libopus.applyEncoderCTL(CTL.SET_BITRATE, format.bitrateKbps * 1000)
      libopus.applyEncoderCTL(CTL.SET_VBR, 1)
      libopus.applyEncoderCTL(CTL.SET_VBR_CONSTRAINT, 1)
      libopus.applyEncoderCTL(CTL.SET_COMPLEXITY, complexity)
      libopus.applyEncoderCTL(CTL.SET_INBAND_FEC, expectedLossPercent > 0 ? 1 : 0)
      libopus.applyEncoderCTL(CTL.SET_PACKET_LOSS_PERC, expectedLossPercent)
      libopus.applyEncoderCTL(CTL.SET_SIGNAL, expectedLossPercent > 0 ? SIGNAL.VOICE : SIGNAL.MUSIC)
      libopus.applyEncoderCTL(CTL.SET_PREDICTION_DISABLED, predictionDisabled ? 1 : 0)
    } catch (cause) {
      throw new CodecError('CODEC_ERR_ENCODE', `No Opus encoder for '${format.id}': ${String(cause)}`, { cause })
    }
    this.#libopus = libopus
  }

  encode(pcm: Float32Array): Buffer {
    checkFrame(this.format, pcm, this.#libopus !== undefined)
    floatToS16le(pcm, this.#scratch)
    try {
      return this.#libopus.encode(this.#scratch)
    } catch (cause) {
      throw new CodecError('CODEC_ERR_ENCODE', `libopus: ${String(cause)}`, { cause })
    }
  }

  /** The binding has no close: libopus' memory is freed when the collector finds the wrapper unused. */
  close(): void {
    this.#libopus = undefined
  }
}

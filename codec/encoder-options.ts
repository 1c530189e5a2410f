import { CodecError } from './codec-error.ts'

/** Settings that change cost and sound of an encoder, never the shape of its frames. */
export interface EncoderOptions {
  /** libopus effort, 0 (cheap) to 10. What each costs: codec/README.md. Default 5. */
  readonly opusComplexity?: number
  /**
   * Packet loss that in-band FEC is made for, 0 to 100 %. 0, the default, makes none. libopus makes FEC only for packets that are predicted
   * from earlier ones, from 24 kbit/s up, and at 24-32 kbit/s only when 10 % or more is expected.
   */
  readonly opusExpectedLossPercent?: number
  /** Whether packets do without prediction from earlier ones, so that a splice does not smear. Default: true, unless loss is expected. */
  readonly opusPredictionDisabled?: boolean
  /** LAME's effort, 0 (best) to 9 (cheap). What each costs: codec/README.md. Default 5. */
  readonly mp3Quality?: number
}

export interface OpusSettings {
  readonly complexity: number
  readonly expectedLossPercent: number
  readonly predictionDisabled: boolean
}

export interface Mp3Settings {
  readonly quality: number
}

export const OPUS_COMPLEXITY = { min: 0, max: 10, default: 5 } as const
export const OPUS_EXPECTED_LOSS_PERCENT = { min: 0, max: 100, default: 0 } as const
export const MP3_QUALITY = { min: 0, max: 9, default: 5 } as const

/** @throws CodecError `CODEC_ERR_OPTION` */
export function opusSettings(options: EncoderOptions): OpusSettings {
  const expectedLossPercent = checked('opusExpectedLossPercent', options.opusExpectedLossPercent, OPUS_EXPECTED_LOSS_PERCENT)
  const predictionDisabled = options.opusPredictionDisabled ?? expectedLossPercent === 0
  if (predictionDisabled && expectedLossPercent > 0) {
    throw new CodecError('CODEC_ERR_OPTION', 'opusExpectedLossPercent above 0 asks for in-band FEC, which libopus makes only with prediction: set opusPredictionDisabled to false, or expect no loss')
  }
  return { complexity: checked('opusComplexity', options.opusComplexity, OPUS_COMPLEXITY), expectedLossPercent, predictionDisabled }
}

/** @throws CodecError `CODEC_ERR_OPTION` */
export function mp3Settings(options: EncoderOptions): Mp3Settings {
  return { quality: checked('mp3Quality', options.mp3Quality, MP3_QUALITY) }
}

function checked(name: keyof EncoderOptions, value: number | undefined, limits: { min: number; max: number; default: number }): number {
  if (value === undefined) return limits.default
  if (Number.isInteger(value) && value >= limits.min && value <= limits.max) return value
  throw new CodecError('CODEC_ERR_OPTION', `${name} must be a whole number from ${String(limits.min)} to ${String(limits.max)}, not ${String(value)}`)
}

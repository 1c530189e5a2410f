import { CodecError } from './codec-error.ts'

/** The one sample rate of the house: every programme is mixed, placed and counted at it. */
export const SAMPLE_RATE_HZ = 48_000

/** One Opus frame: 20 ms. */
export const OPUS_FRAME_SAMPLES = 960

/** One MP3 frame in house samples: 24 ms (1152 samples at 48 kHz, or 576 at 24 kHz). */
export const MP3_FRAME_SAMPLES = 1152

/** Opus and MP3 frame edges meet every 120 ms. */
export const GRID_SAMPLES = 5760

export type Codec = 'opus' | 'mp3'

/** Names a format on the wire and in metrics: `opus-32`, `mp3-64`, `mp3-24k-32`. */
export type FormatId = string

/** A format somebody can listen to. Mono always. */
export interface AudioFormat {
  readonly id: FormatId
  readonly codec: Codec
  readonly bitrateKbps: number
  /** Rate of the encoded stream: 48 000, or 24 000 for MPEG-2 layer III. */
  readonly sampleRateHz: 48_000 | 24_000
  /** Length of one frame in samples of the house clock (48 kHz), whatever `sampleRateHz` is. */
  readonly frameSamples: number
  /** MIME type of the plain HTTP stream. */
  readonly contentType: string
}

/** Constant bit rates whose frames are whole bytes without padding, so that all frames of a format have one size. */
export const MP3_48K_KBPS: readonly number[] = [32, 40, 48, 56, 64, 80, 96, 112, 128]
export const MP3_24K_KBPS: readonly number[] = [16, 24, 32, 40, 48]
export const OPUS_KBPS: readonly number[] = [16, 24, 32, 40, 48, 64]

const FORMAT_ID = /^(?:opus-(\d{2})|mp3-(\d{2,3})|mp3-24k-(\d{2}))$/

const parsed = new Map<FormatId, AudioFormat>()

/**
 * Reads a format id. The same object is returned for the same id.
 * @throws CodecError `CODEC_ERR_FORMAT` when the id names no format that Loa makes.
 */
export function parseFormat(id: FormatId): AudioFormat {
  const known = parsed.get(id)
  if (known !== undefined) return known
  const format = makeFormat(id)
  parsed.set(id, format)
  return format
}

function makeFormat(id: FormatId): AudioFormat {
  const match = FORMAT_ID.exec(id)
  if (match?.[1] !== undefined && OPUS_KBPS.includes(Number(match[1]))) {
    return Object.freeze({ id, codec: 'opus', bitrateKbps: Number(match[1]), sampleRateHz: 48_000, frameSamples: OPUS_FRAME_SAMPLES, contentType: 'audio/ogg; codecs=opus' })
  }
  if (match?.[2] !== undefined && MP3_48K_KBPS.includes(Number(match[2]))) {
    return Object.freeze({ id, codec: 'mp3', bitrateKbps: Number(match[2]), sampleRateHz: 48_000, frameSamples: MP3_FRAME_SAMPLES, contentType: 'audio/mpeg' })
  }
  if (match?.[3] !== undefined && MP3_24K_KBPS.includes(Number(match[3]))) {
    return Object.freeze({ id, codec: 'mp3', bitrateKbps: Number(match[3]), sampleRateHz: 24_000, frameSamples: MP3_FRAME_SAMPLES, contentType: 'audio/mpeg' })
  }
  throw new CodecError('CODEC_ERR_FORMAT', `'${id}' is not a format: use opus-N (N one of ${OPUS_KBPS.join(', ')}), mp3-N (${MP3_48K_KBPS.join(', ')}) or mp3-24k-N (${MP3_24K_KBPS.join(', ')})`)
}

import { CodecError } from './codec-error.ts'

/** The one sample rate of the house: every programme is mixed, placed and counted at it. */
export const SAMPLE_RATE_HZ = 48_000

/** One Opus frame: 20 ms. */
export const OPUS_FRAME_SAMPLES = 960

/** Uncoded sound is cut like Opus, so that it can be sent by RTP on the same grid. */
const PCM_FRAME_SAMPLES = OPUS_FRAME_SAMPLES

/** One MP3 frame in house samples: 24 ms (1152 samples at 48 kHz, or 576 at 24 kHz). */
export const MP3_FRAME_SAMPLES = 1152

/** Opus and MP3 frame edges meet every 120 ms. */
export const GRID_SAMPLES = 5760

export type Codec = 'opus' | 'mp3' | 'l16' | 'pcmu'

/** Names a format on the wire and in metrics: `opus-32`, `mp3-64`, `mp3-24k-32`, `l16-48k`, `pcmu-8k`. */
export type FormatId = string

/** A format somebody can listen to. Mono always. */
export interface AudioFormat {
  readonly id: FormatId
  readonly codec: Codec
  readonly bitrateKbps: number
  /** Rate of the encoded stream: 48 000, 24 000 for MPEG-2 layer III, 8 000 for PCMU. */
  readonly sampleRateHz: 48_000 | 24_000 | 8000
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

/** Uncoded formats, for RTP speakers: 20 ms of samples a frame (RFC 3551, 4.5.11 and 4.5.14). */
const PCM_FORMATS: readonly AudioFormat[] = [
  { id: 'l16-48k', codec: 'l16', bitrateKbps: 768, sampleRateHz: 48_000, frameSamples: PCM_FRAME_SAMPLES, contentType: 'audio/L16;rate=48000;channels=1' },
  { id: 'pcmu-8k', codec: 'pcmu', bitrateKbps: 64, sampleRateHz: 8000, frameSamples: PCM_FRAME_SAMPLES, contentType: 'audio/PCMU' },
]

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
  const pcm = PCM_FORMATS.find((format) => format.id === id)
  if (pcm !== undefined) return Object.freeze({ ...pcm })
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
  throw new CodecError('CODEC_ERR_FORMAT', `'${id}' is not a format: use opus-N (N one of ${OPUS_KBPS.join(', ')}), mp3-N (${MP3_48K_KBPS.join(', ')}), mp3-24k-N (${MP3_24K_KBPS.join(', ')}), l16-48k or pcmu-8k`)
}

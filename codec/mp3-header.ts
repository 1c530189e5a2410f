/** Header of an MPEG audio layer III frame (ISO 11172-3, 2.4.1.3; ISO 13818-3 for 16-24 kHz; «MPEG 2.5» for 8-12 kHz). */
export interface Mp3Header {
  readonly mpegVersion: 1 | 2 | 2.5
  readonly bitrateKbps: number
  readonly sampleRateHz: number
  readonly channels: 1 | 2
  readonly hasCrc: boolean
  /** Samples of each channel: 1152 (MPEG-1) or 576. */
  readonly samples: number
  /** The whole frame with its header. */
  readonly frameBytes: number
}

const BITRATES_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const BITRATES_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const SAMPLE_RATES_MPEG1 = [44_100, 48_000, 32_000]
const VERSIONS = [2.5, undefined, 2, 1] as const
const LAYER_III = 1
const MODE_MONO = 3

export const MP3_HEADER_BYTES = 4
/** 320 kbit/s at 32 kHz, or 160 kbit/s at 8 kHz, with a padding byte. */
export const MP3_MAX_FRAME_BYTES = 1441

/**
 * Reads the four header bytes.
 * @returns undefined when they are none: no sync word, a reserved value, another layer, or free format, whose frame length is
 * not in the header and which nobody sends.
 */
export function parseMp3Header(b0: number, b1: number, b2: number, b3: number): Mp3Header | undefined {
  if (b0 !== 0xff || (b1 & 0xe0) !== 0xe0) return undefined
  const mpegVersion = VERSIONS[(b1 >> 3) & 3]
  if (mpegVersion === undefined || ((b1 >> 1) & 3) !== LAYER_III) return undefined
  const bitrateKbps = (mpegVersion === 1 ? BITRATES_MPEG1 : BITRATES_MPEG2)[b2 >> 4]
  const rateOfMpeg1 = SAMPLE_RATES_MPEG1[(b2 >> 2) & 3]
  // The last bit rate index is reserved (undefined here), the first is free format (0). Emphasis 2 is reserved.
  if (bitrateKbps === undefined || bitrateKbps === 0 || rateOfMpeg1 === undefined || (b3 & 3) === 2) return undefined
  const sampleRateHz = mpegVersion === 1 ? rateOfMpeg1 : mpegVersion === 2 ? rateOfMpeg1 / 2 : rateOfMpeg1 / 4
  const samples = mpegVersion === 1 ? 1152 : 576
  const padding = (b2 >> 1) & 1
  return {
    mpegVersion,
    bitrateKbps,
    sampleRateHz,
    channels: b3 >> 6 === MODE_MONO ? 1 : 2,
    hasCrc: (b1 & 1) === 0,
    samples,
    frameBytes: Math.floor((samples * bitrateKbps * 125) / sampleRateHz) + padding,
  }
}

/** Whether frames of both headers can be of one stream: everything but bit rate, padding and joint-stereo details stays. */
export function sameMp3Stream(a: Mp3Header, b: Mp3Header): boolean {
  return a.mpegVersion === b.mpegVersion && a.sampleRateHz === b.sampleRateHz && a.channels === b.channels
}

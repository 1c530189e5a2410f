/**
 * The part of codec/ that a player needs, for devices with little memory: `index.ts` also loads encoders, loudness and the resampler,
 * 20 MB of code that a loudspeaker never runs.
 */
export { MP3_FRAME_SAMPLES, OPUS_FRAME_SAMPLES, SAMPLE_RATE_HZ } from './audio-format.ts'
export { CodecError } from './codec-error.ts'
export type { OggPage } from './ogg/page-parser.ts'
export { OggPageParser } from './ogg/page-parser.ts'
export { OpusDecoder } from './opus-decoder.ts'
export { opusPacketSamples } from './opus-packet.ts'
export { dbToGain, gainToDb } from './pcm/decibels.ts'
export { fadeIn, fadeInGain, fadeOut, GainRamp } from './pcm/fade.ts'
export { floatToS16le, s16leToFloat } from './pcm/s16le.ts'
export { writeSine } from './pcm/tone.ts'
export type { LimiterOptions } from './pcm/true-peak-limiter.ts'
export { limiterDesign, TruePeakLimiter } from './pcm/true-peak-limiter.ts'
export { TAPS_AFTER, TAPS_BEFORE, varispeed, varispeedFilters } from './pcm/varispeed.ts'

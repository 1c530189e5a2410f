import { addonLoader } from './require-addon.ts'

declare const handleBrand: unique symbol

/** An open LAME encoder; only `LameBinding` can make or read one. */
export interface LameHandle {
  readonly [handleBrand]: true
}

/** What codec/native/lame.c exports. */
export interface LameBinding {
  create(sampleRateOutHz: number, bitrateKbps: number, quality: number, primeSamples: number): LameHandle
  /** @returns bytes written into `out`, or a negative error of LAME. */
  encode(handle: LameHandle, pcm: Float32Array, out: Uint8Array): number
  /** Idempotent. */
  close(handle: LameHandle): void
}

/**
 * The binding on libmp3lame, loaded on first use so that a role which never encodes MP3 does without it.
 * @throws CodecError `CODEC_ERR_NATIVE_MISSING`
 */
export const loadLame = addonLoader<LameBinding>('lame', 'The MP3 encoder')

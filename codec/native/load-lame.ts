import { fileURLToPath } from 'node:url'
import { requireAddon } from './require-addon.ts'

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

const ADDON_URL = new URL('../../build/lame.node', import.meta.url)

let loaded: LameBinding | undefined

/**
 * The binding on libmp3lame, loaded on first use so that a role which never encodes MP3 does without it.
 * @throws CodecError `CODEC_ERR_NATIVE_MISSING`
 */
export function loadLame(): LameBinding {
  loaded ??= requireAddon(fileURLToPath(ADDON_URL), 'The MP3 encoder') as LameBinding
  return loaded
}

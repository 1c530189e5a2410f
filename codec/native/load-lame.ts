import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { CodecError } from '../codec-error.ts'

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
 * @throws CodecError `CODEC_ERR_NATIVE_MISSING` when it was not compiled, or for another machine.
 */
export function loadLame(): LameBinding {
  loaded ??= requireAddon(fileURLToPath(ADDON_URL))
  return loaded
}

/** Exported for its test: loads the addon at `path`. */
export function requireAddon(path: string): LameBinding {
  try {
    return createRequire(import.meta.url)(path) as LameBinding
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new CodecError('CODEC_ERR_NATIVE_MISSING', `The MP3 encoder ${path} cannot be loaded (${reason ?? 'unknown reason'}). Run \`npm run setup\` to compile it.`, { cause })
  }
}

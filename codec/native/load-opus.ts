import { fileURLToPath } from 'node:url'
import { requireAddon } from './require-addon.ts'

declare const handleBrand: unique symbol

/** An open Opus decoder; only `OpusBinding` can make or read one. */
export interface OpusHandle {
  readonly [handleBrand]: true
}

/** What codec/native/opus.c exports. */
export interface OpusBinding {
  create(): OpusHandle
  /**
   * @param packet null: conceals as much as `out` holds, a multiple of 120 samples
   * @param isFec the packet is the one behind a hole as long as `out`
   * @returns samples written into `out`, or a negative error of libopus.
   */
  decode(handle: OpusHandle, packet: Uint8Array | null, isFec: boolean, out: Float32Array): number
  /** Idempotent. */
  close(handle: OpusHandle): void
}

const ADDON_URL = new URL('../../build/opus.node', import.meta.url)

let loaded: OpusBinding | undefined

/**
 * The binding on libopus, loaded on first use so that a loudspeaker does without it.
 * @throws CodecError `CODEC_ERR_NATIVE_MISSING`
 */
export function loadOpus(): OpusBinding {
  loaded ??= requireAddon(fileURLToPath(ADDON_URL), 'The Opus decoder') as OpusBinding
  return loaded
}

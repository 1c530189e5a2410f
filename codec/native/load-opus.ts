import { addonLoader } from './require-addon.ts'

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

/**
 * The binding on libopus, loaded on first use so that a loudspeaker does without it.
 * @throws CodecError `CODEC_ERR_NATIVE_MISSING`
 */
export const loadOpus = addonLoader<OpusBinding>('opus', 'The Opus decoder')

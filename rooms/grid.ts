/**
 * Arithmetic of the grid. `rooms/` may import only types from `codec/`, so the numbers stand here once more; a test holds
 * them to be the same as in codec/audio-format.ts.
 */
export const SAMPLE_RATE_HZ = 48_000

/** Where Opus and MP3 frame edges meet: 120 ms. */
export const GRID_SAMPLES = 5760

export const msToSamples = (ms: number): number => Math.round((ms * SAMPLE_RATE_HZ) / 1000)
export const samplesToMs = (samples: number): number => (samples * 1000) / SAMPLE_RATE_HZ

/** First frame that begins at or after `samples`. */
export const frameAtOrAfter = (samples: number, frameSamples: number): number => Math.ceil(samples / frameSamples)

/** The frame that holds `samples`. */
export const frameHolding = (samples: number, frameSamples: number): number => Math.floor(samples / frameSamples)

/**
 * A frame is due this long after its last sample's place on the house clock: the engine has that long to fetch, mix,
 * encode and hand over. Beyond it the frame is late.
 */
export const ENGINE_LEAD_MS = 40

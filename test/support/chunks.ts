import { fc } from './seed.ts'

/** Cuts bytes into chunks of the given lengths, over and over; a length of 0 gives an empty chunk once. */
export function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i += 1) {
    // A list of nothing but zeros would never end.
    const length = i < lengths.length ? lengths[i]! : Math.max(1, lengths[i % lengths.length] ?? bytes.length)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}

/** Lengths for `cut`: single bytes, usual ones, and none. */
export const chunkLengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 70_000 })), { minLength: 1, maxLength: 12 })

export const garbage = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes))

/** Settings of every property test here: the seed is printed by fast-check when a property fails; LOA_FUZZ_RUNS makes it look longer. */
export const runs = (count: number): { numRuns: number } => ({ numRuns: Number(process.env.LOA_FUZZ_RUNS ?? count) })

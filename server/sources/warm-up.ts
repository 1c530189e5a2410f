import { Leveller, SoundWatch, type LevellerOptions } from '../../codec/index.ts'

const BLOCKS = 150
const BLOCK_SAMPLES = 960
const EVERY_FAULT = { silenceMs: 1000, noiseFloorMs: 1000, brokenMs: 1000, stuckMs: 1000 }

/** Has what listens to sources compiled before the first of them sounds: their first blocks would take some 50 ms together, and frames of others would be late. */
export function warmUp(loudness: LevellerOptions): void {
  const leveller = new Leveller(loudness)
  const watch = new SoundWatch(EVERY_FAULT)
  const block = new Float32Array(BLOCK_SAMPLES)
  let seed = 1
  for (let n = 0; n < BLOCKS; n += 1) {
    for (let i = 0; i < BLOCK_SAMPLES; i += 1) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      block[i] = 0.9 * Math.sin(i * 0.1) * (seed / 2 ** 32)
    }
    watch.push(block)
    leveller.process(block)
  }
}

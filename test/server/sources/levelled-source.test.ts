import t from 'tap'
import { gainToDb } from '../../../codec/index.ts'
import type { PcmSource } from '../../../rooms/pcm-source.ts'
import { LevelledSource } from '../../../server/sources/levelled-source.ts'

const BLOCK = 960
const HOUSE = { targetLufs: -16, ceilingDbtp: -1 }

/** A tone; `starves`: blocks of which only so many samples are there. */
const tone = (starves: ReadonlyMap<number, number> = new Map()): PcmSource => ({
  read: (block, fromSamples) => {
    for (let i = 0; i < block.length; i += 1) block[i] = 0.05 * Math.sin((2 * Math.PI * 440 * (fromSamples + i)) / 48_000)
    return starves.get(fromSamples / BLOCK) ?? block.length
  },
})

function read(source: LevelledSource, fromBlock: number, blocks: number): Float32Array {
  const pcm = new Float32Array(blocks * BLOCK)
  for (let n = 0; n < blocks; n += 1) source.read(pcm.subarray(n * BLOCK, (n + 1) * BLOCK), (fromBlock + n) * BLOCK)
  return pcm
}

/** Highest second difference: a step in the wave, or a kink. */
const roughness = (pcm: Float32Array): number => pcm.reduce((most, x, n) => (n < 2 ? most : Math.max(most, Math.abs(x - 2 * pcm[n - 1]! + pcm[n - 2]!))), 0)

t.test('off is the source itself, to the sample and at once', (t) => {
  const source = new LevelledSource(tone(), 'off', HOUSE, BLOCK)
  const plain = new Float32Array(BLOCK * 10)
  tone().read(plain, 0)
  t.same(read(source, 0, 10), plain)
  t.end()
})

t.test('it is brought to the loudness of the house, and switched on and off without a click', (t) => {
  const source = new LevelledSource(tone(), 'programme', HOUSE, BLOCK)
  const levelled = read(source, 0, 50 * 12)
  t.ok(gainToDb(levelled.subarray(-4800).reduce((most, x) => Math.max(most, x), 0)) > -16, 'louder by now')
  const smooth = roughness(levelled.subarray(-48_000))
  source.levelling = 'off'
  const off = read(source, 600, 5)
  source.levelling = 'speech'
  const on = read(source, 605, 5)
  // In a wave of this pitch a step of a hundredth of its height shows more than this.
  t.ok(roughness(off) <= smooth * 1.5, `off: ${(roughness(off) / smooth).toFixed(2)}`)
  t.ok(roughness(on) <= smooth * 1.5, `on: ${(roughness(on) / smooth).toFixed(2)}`)
  const plain = new Float32Array(BLOCK)
  tone().read(plain, 604 * BLOCK)
  t.same(off.subarray(-BLOCK), plain, 'nothing of it is left')
  t.end()
})

t.test('a source that starves is told of as it is, and begins again faded in, as loud as it was', (t) => {
  const source = new LevelledSource(tone(new Map([[500, 300], [501, 0], [502, 0]])), 'speech', HOUSE, BLOCK)
  const before = read(source, 0, 500)
  const block = new Float32Array(BLOCK)
  t.equal(source.read(block, 500 * BLOCK), 300)
  const loud = (pcm: Float32Array): number => pcm.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  t.ok(Math.abs(loud(block.subarray(0, 300)) - loud(before.subarray(-BLOCK))) < 0.02, 'what is faded away is as loud as before')
  t.equal(source.read(block, 501 * BLOCK), 0)
  source.read(block, 502 * BLOCK)
  const after = read(source, 503, 2)
  t.ok(roughness(after) <= roughness(before.subarray(-48_000)) * 2, 'no step')
  t.ok(Math.abs(loud(after.subarray(BLOCK)) - loud(before.subarray(-BLOCK))) < 0.02)
  t.end()
})

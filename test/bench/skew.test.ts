import t from 'tap'
import { Crystal, drawCrystal } from '../../bench/fleet/crystal.ts'
import { SkewStatistics, TimeTally } from '../../bench/fleet/skew.ts'
import { FIRST_PLACE, SnapcastTaps, writePlaces } from '../../bench/fleet/snapcast-taps.ts'
import { fc } from '../support/seed.ts'

const exact = (sorted: readonly number[], share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!

t.test('percentiles of pairwise skew are those of all pairs, to the width of a bin', (t) => {
  fc.assert(fc.property(fc.array(fc.array(fc.option(fc.double({ min: -40, max: 40, noNaN: true }), { nil: NaN }), { minLength: 2, maxLength: 12 }), { minLength: 1, maxLength: 5 }), (instants) => {
    const skew = new SkewStatistics()
    const all: number[] = []
    let missing = 0
    for (const [at, errors] of instants.entries()) {
      skew.add(at * 100, errors)
      const playing = errors.filter((error) => !Number.isNaN(error))
      missing += errors.length - playing.length
      for (const [index, a] of playing.entries()) for (const b of playing.slice(index + 1)) all.push(Math.abs(a - b))
    }
    all.sort((a, b) => a - b)
    const figures = skew.figures()
    if (skew.missing !== missing || figures.pairs !== all.length) return false
    if (all.length === 0) return Number.isNaN(figures.p95)
    return figures.max === all[all.length - 1] && [[figures.p50, 0.5], [figures.p95, 0.95], [figures.p999, 0.999]].every(([value, share]) => Math.abs(value! - exact(all, share!)) <= 0.0021)
  }))
  t.end()
})

t.test('instants while players still join are drawn, not counted', (t) => {
  const skew = new SkewStatistics()
  skew.add(0, [0, 30], false)
  skew.add(100, [0, 1, NaN])
  t.equal(skew.figures().max, 1)
  t.equal(skew.missing, 1)
  t.same(skew.series, [{ atMs: 0, p50: 30, p95: 30, max: 30, playing: 2 }])
  const tally = new TimeTally()
  tally.add(5000)
  t.equal(tally.percentile(0.5), 5000, 'beyond the histogram the greatest stands for all')
  t.end()
})

t.test('a crystal drifts as it should and can be turned back', (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 7 * 86_400_000, noNaN: true }), (index, passedMs) => {
    const errors = drawCrystal(1, index, 50)
    const crystal = new Crystal(errors, 1000, 77)
    const ppm = (crystal.deviceMs(1000 + passedMs + 1000) - crystal.deviceMs(1000 + passedMs)) * 1000 - 1e6
    return Math.abs(errors.ppm) <= 50 && Math.abs(ppm - errors.ppm) <= errors.wanderPpm + 0.01 && Math.abs(crystal.trueMs(crystal.deviceMs(1000 + passedMs)) - 1000 - passedMs) < 1e-5
  }))
  t.same([0, 1].map((index) => drawCrystal(9, index, 50).ppm), [50, -50], 'the worst pair is always in a fleet')
  t.end()
})

/** Taps as native/crystal.c writes them, of a player that has the places `at(block)` and wakes so late. */
function taps(blocks: number, zeroMs: number, lateMs: (block: number) => number, at: (block: number) => number): Buffer {
  const bytes = Buffer.alloc(blocks * 24)
  const frames = Buffer.alloc(2400 * 4)
  let countMs = zeroMs
  for (let block = 0; block < blocks; block += 1) {
    const wokenMs = countMs + lateMs(block)
    bytes.writeBigInt64LE(BigInt(Math.round(wokenMs * 1e6)), block * 24)
    bytes.writeBigInt64LE(BigInt(Math.round(wokenMs * 1e6)), block * 24 + 8)
    frames.fill(0)
    if (at(block) >= FIRST_PLACE) writePlaces(frames, at(block))
    frames.copy(bytes, block * 24 + 16, 0, 4)
    frames.copy(bytes, block * 24 + 20, frames.length - 4)
    // file_player.cpp: the next turn is 50 ms after this one, or at once when that is over.
    countMs = countMs + 50 < wokenMs ? wokenMs + 1 : countMs + 50
  }
  return bytes
}

t.test('of a Snapcast player one knows what leaves it when, whenever it woke', (t) => {
  const crystal = new Crystal({ ppm: 0, wanderPpm: 0, wanderPeriodMs: 1 }, 0, 0)
  const zeroMs = 123_000
  const place = (block: number): number => (block === 7 ? 0 : FIRST_PLACE + 70_000 + block * 2400)
  const steady = new SnapcastTaps(taps(40, zeroMs, (block) => (block * 7.3) % 20, place))
  for (const block of [0, 1, 20, 39]) t.ok(Math.abs(steady.placeAt(zeroMs + block * 50 + 25, crystal) - place(block) - 1200) < 1, `block ${String(block)}`)
  t.ok(Number.isNaN(steady.placeAt(zeroMs + 7 * 50 + 25, crystal)), 'silence is not a place')
  t.ok(Number.isNaN(steady.placeAt(zeroMs - 1, crystal)))
  t.ok(Number.isNaN(steady.placeAt(zeroMs + 41 * 50, crystal)))
  t.equal(steady.resyncs, 0)

  const stalled = new SnapcastTaps(taps(40, zeroMs, (block) => (block === 20 ? 130 : 0), place))
  t.equal(stalled.resyncs, 1)
  // Its count began again 131 ms after the turn it missed.
  t.ok(Math.abs(stalled.placeAt(zeroMs + 20 * 50 + 131 + 25, crystal) - place(21) - 1200) < 100)
  t.end()
})

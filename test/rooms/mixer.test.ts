import { spawnSync } from 'node:child_process'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { FRAME_FLAG } from '../../rooms/frame-bus.ts'
import { levelDbAt, placesOf } from '../../rooms/mix-room.ts'
import { bendPeaks, CrossfadeMixer, fadeInGain, fadeOutGain, KNEE, OverlayMixer, type BlockRenderer } from '../../rooms/mixer.ts'
import { SourceChain } from '../../rooms/source-chain.ts'
import { fc } from '../support/seed.ts'

const numRuns = Number(process.env['LOA_PROPERTY_RUNS'] ?? 300)

const BLOCK = 960

/** A sound that is a function of the house sample alone. */
class Known implements BlockRenderer {
  starvedTotal = 0
  asked = 0
  flags = 0
  readonly at: (sample: number) => number

  constructor(at: (sample: number) => number) {
    this.at = at
  }

  render(block: Float32Array, fromSamples: number): number {
    this.asked++
    for (let i = 0; i < block.length; i++) block[i] = this.at(fromSamples + i)
    return this.flags
  }
}

const sine = (hz: number, amplitude: number) => (sample: number): number => amplitude * Math.sin((2 * Math.PI * hz * sample) / 48_000)

function play(renderer: BlockRenderer, blocks: number, firstSample = 0): Float32Array {
  const pcm = new Float32Array(blocks * BLOCK)
  for (let i = 0; i < blocks; i++) renderer.render(pcm.subarray(i * BLOCK, (i + 1) * BLOCK), firstSample + i * BLOCK)
  return pcm
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6

t.test('a crossfade: the one alone up to its first sample, the other alone from its last on, between them equal power; whatever the blocks', (t) => {
  fc.assert(fc.property(fc.integer({ min: -2000, max: 6000 }), fc.integer({ min: 0, max: 5000 }), (atSamples, samples) => {
    const [from, to] = [new Known(sine(300, 0.4)), new Known(sine(400, 0.3))]
    const pcm = play(new CrossfadeMixer(from, to, { atSamples, samples }, BLOCK), 10)
    for (let i = 0; i < pcm.length; i++) {
      const place = i - atSamples
      const expected = place < 0 ? from.at(i) : place >= samples ? to.at(i) : from.at(i) * Math.cos((Math.PI / 2) * ((place + 0.5) / samples)) + to.at(i) * Math.sin((Math.PI / 2) * ((place + 0.5) / samples))
      if (!near(pcm[i]!, Math.fround(expected))) throw new Error(`sample ${String(i)}: ${String(pcm[i])} instead of ${String(expected)}`)
    }
  }), { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
})

t.test('gains of both sides have the power of one, and are mirror images', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 480_000 }), fc.nat(), (samples, place) => {
    const position = place % samples
    if (!near(fadeInGain(position, samples) ** 2 + fadeOutGain(position, samples) ** 2, 1)) throw new Error('power')
    if (!near(fadeInGain(position, samples), fadeOutGain(samples - 1 - position, samples))) throw new Error('mirror')
  }), { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.same([fadeInGain(-1, 10), fadeInGain(10, 10), fadeOutGain(-1, 10), fadeOutGain(10, 10)], [0, 1, 1, 0])
  t.end()
})

t.test('an overlay: what is beneath at its level to the sample, what is over it untouched', (t) => {
  const db = fc.integer({ min: -60, max: 0 })
  fc.assert(fc.property(db, db, fc.integer({ min: -3000, max: 6000 }), fc.integer({ min: 0, max: 5000 }), fc.boolean(), (fromDb, toDb, atSamples, samples, hasOver) => {
    const [over, under] = [new Known(sine(300, 0.4)), new Known(sine(400, 0.3))]
    const level = { fromDb, toDb, atSamples, samples }
    const pcm = play(new OverlayMixer(hasOver ? over : null, under, level, BLOCK), 10)
    for (let i = 0; i < pcm.length; i++) {
      const expected = under.at(i) * 10 ** (levelDbAt(level, i) / 20) + (hasOver ? over.at(i) : 0)
      if (!near(pcm[i]!, Math.fround(expected))) throw new Error(`sample ${String(i)}: ${String(pcm[i])} instead of ${String(expected)}`)
    }
  }), { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
})

t.test('before a crossfade, after it, and at full level, the very samples come out that went in', (t) => {
  const loud = new Known((sample) => (sample % 2 === 0 ? 1 : -1))
  t.same(play(new CrossfadeMixer(loud, new Known(() => 0.5), { atSamples: 9600, samples: 480 }, BLOCK), 5), play(loud, 5))
  t.same(play(new CrossfadeMixer(new Known(() => 0.5), loud, { atSamples: -480, samples: 480 }, BLOCK), 5), play(loud, 5))
  t.same(play(new OverlayMixer(null, loud, { fromDb: -12, toDb: 0, atSamples: -480, samples: 480 }, BLOCK), 5), play(loud, 5))
  t.end()
})

t.test('no sum passes full scale, and what is below the knee is not changed', (t) => {
  fc.assert(fc.property(fc.float32Array({ minLength: 1, maxLength: 50, min: -4, max: 4, noNaN: true }), (block) => {
    const before = Float32Array.from(block)
    bendPeaks(block)
    block.forEach((sample, index) => {
      if (Math.abs(sample) > 1 || Math.sign(sample) !== Math.sign(before[index]!)) throw new Error(`${String(before[index])} becomes ${String(sample)}`)
      if (Math.abs(before[index]!) <= KNEE && sample !== before[index]) throw new Error('changed below the knee')
    })
  }), { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
})

t.test('what comes in is asked for before it sounds, and what has gone out is asked no more', (t) => {
  const [from, to] = [new Known(() => 0), new Known(() => 0)]
  play(new CrossfadeMixer(from, to, { atSamples: 3 * BLOCK, samples: BLOCK }, BLOCK), 10)
  t.same([from.asked, to.asked], [4, 10])
  t.end()
})

t.test('a source that starves beneath does not make the announcement a bridge', (t) => {
  const [over, under] = [new Known(() => 0), new Known(() => 0)]
  under.flags = FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE
  const mixer = new OverlayMixer(over, under, { fromDb: 0, toDb: 0, atSamples: 0, samples: 0 }, BLOCK)
  t.equal(mixer.render(new Float32Array(BLOCK), 0), FRAME_FLAG.FADE)
  over.flags = FRAME_FLAG.BRIDGED
  t.equal(mixer.render(new Float32Array(BLOCK), BLOCK), FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE)
  t.end()
})

t.test('items that fade into one another: never three at once, nothing lost of the length', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 8 }), fc.integer({ min: 0, max: 480_000 }), (lengths, crossfade) => {
    const { starts, overlaps } = placesOf(lengths, crossfade)
    lengths.forEach((length, index) => {
      if (starts[index + 1] !== starts[index]! + length - overlaps[index]!) throw new Error('places')
      if (overlaps[index]! + (overlaps[index - 1] ?? 0) > length) throw new Error('three at once')
      if (overlaps[index]! > crossfade) throw new Error('too long')
    })
    if ((overlaps.at(-1) ?? 0) !== 0) throw new Error('the last fades into nothing')
  }), { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
})

/** What FFmpeg makes offline of two sounds of `seconds`, by a filter graph with inputs [a] and [b]. */
function offline(a: Float32Array, b: Float32Array, graph: string): Float32Array {
  const input = Buffer.concat([a, b].map((pcm) => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)))
  // One pipe holds both, one after the other.
  const split = `[0:a]asplit=2[x][y];[x]atrim=end_sample=${String(a.length)}[a];[y]atrim=start_sample=${String(a.length)},asetpts=N/SR/TB[b];${graph}`
  const { stdout, status, stderr } = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'f32le', '-ar', '48000', '-ac', '1', '-i', '-', '-filter_complex', split, '-map', '[out]', '-f', 'f32le', '-ar', '48000', '-ac', '1', '-'], { input, maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(stderr.toString())
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength))
}

const greatestDifference = (a: Float32Array, b: Float32Array): number => a.reduce((most, sample, index) => Math.max(most, Math.abs(sample - b[index]!)), 0)
/** Speech-like: two tones with a slow envelope; no sum reaches the knee. */
const sound = (samples: number, hz: number): Float32Array => Float32Array.from({ length: samples }, (_, i) => 0.2 * (1 + Math.sin(i / 9000)) * Math.sin((2 * Math.PI * hz * i) / 48_000) + 0.02 * Math.sin(i * i))

t.test('a crossfade is what FFmpeg makes of it offline, to -90 dB', (t) => {
  const [seconds, samples] = [2, 48_000]
  const [a, b] = [sound(seconds * 48_000, 310), sound(seconds * 48_000, 440)]
  const expected = offline(a, b, `[a][b]acrossfade=ns=${String(samples)}:c1=qsin:c2=qsin[out]`)
  const atSamples = a.length - samples
  const mixer = new CrossfadeMixer(new Known((i) => a[i] ?? 0), new Known((i) => b[i - atSamples] ?? 0), { atSamples, samples }, BLOCK)
  const actual = play(mixer, Math.ceil(expected.length / BLOCK)).subarray(0, expected.length)
  t.equal(expected.length, a.length + b.length - samples)
  // FFmpeg takes the gain at the beginning of a sample, we in its middle: at most half a step of the curve, pi/4/48 000, of each side.
  const difference = greatestDifference(actual, expected)
  t.ok(difference < 10 ** (-90 / 20), `greatest difference ${difference.toExponential(2)}`)
  t.end()
})

t.test('an announcement over music is what FFmpeg makes of it offline, to -100 dB', (t) => {
  const [music, talk] = [sound(4 * 48_000, 200), sound(4 * 48_000, 700)]
  // Down 15 dB in 0.3 s from 1 s on, back in 1 s from 2.5 s on.
  const gain = 'pow(10,(-15*clip((t-1)/0.3,0,1)+15*clip((t-2.5)/1,0,1))/20)'
  const expected = offline(music, talk, `[a]aeval='val(0)*${gain}'[m];[b]aeval='val(0)*between(t,1,2.4999999)'[v];[m][v]amix=inputs=2:normalize=0[out]`)
  const under = new Known((i) => music[i] ?? 0)
  const down = new OverlayMixer(new Known((i) => (i >= 48_000 && i < 120_000 ? talk[i]! : 0)), under, { fromDb: 0, toDb: -15, atSamples: 48_000, samples: 14_400 }, BLOCK)
  const back = new OverlayMixer(null, under, { fromDb: -15, toDb: 0, atSamples: 120_000, samples: 48_000 }, BLOCK)
  // The listener changes rooms at 2.5 s, which is an edge of every format.
  const actual = play(down, 200)
  actual.set(play(back, 75, 120_000), 120_000)
  const difference = greatestDifference(actual, expected)
  t.equal(expected.length, actual.length)
  t.ok(difference < 10 ** (-100 / 20), `greatest difference ${difference.toExponential(2)}`)
  t.end()
})

t.test('rooms stand on the same samples: from the room of the base into the overlay and back nothing is lost or repeated', (t) => {
  const ramp = new Known((i) => (i % 40_000) / 80_000)
  const base = play(ramp, 20)
  const mixed = play(new OverlayMixer(new Known(() => 0), ramp, { fromDb: 0, toDb: 0, atSamples: 0, samples: 0 }, BLOCK), 20)
  t.same(mixed, base)
  t.end()
})

t.test('nothing is allocated for a block: 100 000 of them in a crossfade, beneath an overlay, in a ramp', (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const samples = BLOCK / 2
  const chain = (): SourceChain => new SourceChain([{ read: (block) => block.length }], samples)
  const long = 100_000 * BLOCK * 3
  const mixer = new OverlayMixer(chain(), new CrossfadeMixer(chain(), chain(), { atSamples: 0, samples: long }, samples), { fromDb: -1, toDb: -20, atSamples: 0, samples: long }, samples)
  const block = new Float32Array(samples)
  const run = (blocks: number, from: number): void => { for (let i = 0; i < blocks; i++) mixer.render(block, (from + i) * samples) }
  run(2000, 0)
  collect()
  const used = (): number => getHeapStatistics().used_heap_size + getHeapStatistics().external_memory
  const before = used()
  run(100_000, 2000)
  const bytes = used() - before
  // V8 boxes the numbers of calls that it does not inline, 16 bytes each; an object or a view on a block would be more.
  t.ok(bytes < 100_000 * 96, `${String(bytes)} bytes in 100 000 blocks, with nothing collected between`)
  t.end()
})

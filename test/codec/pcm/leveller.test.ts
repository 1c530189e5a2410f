import { spawnSync } from 'node:child_process'
import t from 'tap'
import { dbToGain, Leveller, measureLoudness, type LevellingManner } from '../../../codec/index.ts'
import { drums, joined, made, mixed, noise, plucked, repeated, scaled, SENTENCES, silence, siren, speech, synthesized } from '../../support/programme-sounds.ts'
import { fc } from '../../support/seed.ts'

const BLOCK = 960
const TARGET = -16
const HOUSE = { targetLufs: TARGET, ceilingDbtp: -1 }

/** An independent judge. */
function byFfmpeg(pcm: Float32Array): { readonly lufs: number; readonly dbtp: number } {
  const result = spawnSync('ffmpeg', ['-hide_banner', '-nostats', '-f', 'f32le', '-ac', '1', '-ar', '48000', '-i', '-', '-af', 'ebur128=peak=true', '-f', 'null', '-'], { input: new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), maxBuffer: 1 << 28 })
  const summary = result.stderr.toString().split('Summary').at(-1) ?? ''
  return { lufs: Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]), dbtp: Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1]) }
}

interface Levelled {
  readonly pcm: Float32Array
  /** After each block. */
  readonly gainsDb: readonly number[]
}

function levelled(pcm: Float32Array, manner: LevellingManner, leveller = new Leveller(HOUSE)): Levelled {
  leveller.manner = manner
  const out = pcm.slice(0, pcm.length - (pcm.length % BLOCK))
  const gainsDb: number[] = []
  for (let at = 0; at < out.length; at += BLOCK) {
    leveller.process(out.subarray(at, at + BLOCK))
    gainsDb.push(leveller.gainDb)
  }
  return { pcm: out, gainsDb }
}

const from = (pcm: Float32Array, seconds: number): Float32Array => pcm.subarray(seconds * 48_000)
/** At the loudness of the house. */
const atHome = (pcm: Float32Array): Float32Array => scaled(pcm, TARGET - measureLoudness(pcm, 48_000).integratedLufs)
const atLoudness = (home: Float32Array, lufs: number): Float32Array => scaled(home, lufs - TARGET)

const talk = atHome(joined(...SENTENCES.flatMap((sentence) => [speech(sentence), silence(2)])))
const strings = atHome(plucked(30))

t.test('a programme comes out at the loudness of the house, judged by ffmpeg', (t) => {
  const programmes = { 'talk in a room': mixed(repeated(talk, 30), scaled(synthesized('anoisesrc=color=pink:amplitude=1:seed=3', 30), -50)), strings, drums: atHome(drums(30)) }
  for (const [name, pcm] of Object.entries(programmes)) {
    for (const [manner, lufs] of [['programme', -28], ['speech', -9]] as const) {
      const { pcm: out } = levelled(atLoudness(pcm, lufs), manner)
      const heard = byFfmpeg(from(out, 15))
      t.ok(Math.abs(heard.lufs - TARGET) <= 1, `${name} at ${String(lufs)}, ${manner}: ${String(heard.lufs)} LUFS`)
      t.ok(heard.dbtp <= -1, `${name}: ${String(heard.dbtp)} dBTP`)
    }
  }
  t.end()
})

t.test('after a jump of 20 dB it has settled within its time', (t) => {
  /** Seconds until within 2 dB of where it ends. */
  const SETTLED: Readonly<Record<LevellingManner, readonly [up: number, down: number]>> = { programme: [13, 26], speech: [6, 8] }
  for (const [name, pcm] of Object.entries({ talk: repeated(talk, 30), strings })) {
    for (const manner of ['programme', 'speech'] as const) {
      const [loud, soft] = [atLoudness(pcm, -8), atLoudness(pcm, -28)]
      for (const [first, second, seconds] of [[soft, loud, SETTLED[manner][0]], [loud, soft, SETTLED[manner][1]]] as const) {
        const { gainsDb, pcm: out } = levelled(joined(first, second), manner)
        const jump = gainsDb.length / 2
        const settled = gainsDb.findLastIndex((gain) => Math.abs(gain - gainsDb.at(-1)!) > 2) + 1
        t.ok((settled - jump) / 50 <= seconds, `${name}, ${manner}: ${((settled - jump) / 50).toFixed(1)} s`)
        const heard = byFfmpeg(from(out, 30 + seconds + 1)).lufs
        t.ok(Math.abs(heard - TARGET) <= 1.5, `${name}, ${manner}: ${String(heard)} LUFS then`)
      }
    }
  }
  t.end()
})

t.test('pauses are not made louder, and silence stays silence', (t) => {
  const quietRoom = scaled(noise(30), -48)
  for (const manner of ['programme', 'speech'] as const) {
    const pause = joined(talk, manner === 'programme' ? quietRoom : quietRoom.subarray(0, 10 * 48_000))
    const { gainsDb } = levelled(pause, manner)
    const before = gainsDb[Math.floor(talk.length / BLOCK) - 1]!
    t.ok(Math.abs(gainsDb.at(-1)! - before) < 1, `${manner}: ${before.toFixed(1)} dB before the pause, ${gainsDb.at(-1)!.toFixed(1)} after`)
    t.ok(from(levelled(joined(talk, silence(5)), manner).pcm, Math.ceil(talk.length / 48_000) + 1).every((x) => Math.abs(x) < 1e-9), 'silence')
    t.ok(levelled(silence(2), manner).pcm.every((x) => x === 0))
  }
  t.end()
})

t.test('the gain stays within its bounds, moves without steps, and an offset is taken away', (t) => {
  const faint = levelled(atLoudness(talk, -47), 'programme')
  t.ok(Math.max(...faint.gainsDb) <= 15 && Math.max(...faint.gainsDb) > 14)
  t.ok(Math.max(...levelled(atLoudness(talk, -47), 'speech').gainsDb) <= 26)
  // A tone whose level jumps: no sample of the gain may differ from the last by what is heard as a click.
  const tone = levelled(joined(scaled(siren(6, () => 500), -20), siren(6, () => 500)), 'speech')
  const steps = tone.gainsDb.map((gain, n) => Math.abs(gain - (tone.gainsDb[n - 1] ?? 0)))
  t.ok(Math.max(...steps) <= 20 * 4 * 0.02 + 1e-9, `${Math.max(...steps).toFixed(2)} dB in 20 ms`)
  const offset = levelled(repeated(talk, 20).map((x) => 0.5 * x + 0.3), 'programme').pcm
  t.ok(Math.abs(from(offset, 10).reduce((sum, x) => sum + x, 0) / (offset.length - 480_000)) < 1e-3)
  t.end()
})

t.test('it delays by what it says, less than 5 ms, and begins again without old sound', (t) => {
  const leveller = new Leveller(HOUSE)
  t.ok(leveller.delaySamples <= 240, `${(leveller.delaySamples / 48).toFixed(2)} ms`)
  const pulse = new Float32Array(BLOCK * 4)
  pulse[BLOCK * 2] = 0.1
  const { pcm } = levelled(pulse, 'programme', leveller)
  t.equal(pcm.indexOf(pcm.reduce((most, x) => (x > most ? x : most), 0)), BLOCK * 2 + leveller.delaySamples)
  levelled(siren(1, () => 700), 'programme', leveller)
  leveller.restart()
  const fresh = levelled(made(1, () => 0), 'programme', leveller).pcm
  t.ok(fresh.every((x) => x === 0))
  t.end()
})

t.test('whatever comes, true peaks stay below the ceiling and everything is a number', (t) => {
  const sample = fc.oneof(fc.float({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1, -1, 50, -1e30, Infinity, -Infinity, NaN, 1e-40))
  const stretch = fc.record({ values: fc.array(sample, { minLength: 1, maxLength: 60 }), blocks: fc.integer({ min: 1, max: 40 }), db: fc.integer({ min: -60, max: 30 }), restart: fc.boolean() })
  fc.assert(fc.property(fc.array(stretch, { minLength: 1, maxLength: 4 }), fc.constantFrom<LevellingManner>('programme', 'speech'), (stretches, manner) => {
    const leveller = new Leveller(HOUSE)
    leveller.manner = manner
    // What a restart cuts off is faded by whoever reads on, so each run is judged by itself.
    const runs: Float32Array[][] = [[]]
    for (const { values, blocks, db, restart } of stretches) {
      if (restart) {
        leveller.restart()
        runs.push([])
      }
      const pcm = Float32Array.from({ length: blocks * BLOCK }, (_, n) => values[n % values.length]! * dbToGain(db))
      for (let at = 0; at < pcm.length; at += BLOCK) leveller.process(pcm.subarray(at, at + BLOCK))
      runs.at(-1)!.push(pcm)
    }
    return runs.map((parts) => joined(...parts)).every((out) => out.every((x) => Number.isFinite(x)) && measureLoudness(out, 48_000).truePeakDbtp <= -0.99)
  }), { numRuns: 40 })
  t.end()
})

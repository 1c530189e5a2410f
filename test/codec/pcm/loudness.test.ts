import { spawnSync } from 'node:child_process'
import t from 'tap'
import { dbToGain, LOUDNESS_MAX_SAMPLES, measureLoudness, TruePeakLimiter, writeSine } from '../../../codec/index.ts'
import type { Loudness } from '../../../codec/index.ts'
import { fc } from '../../support/seed.ts'
import { speech, sweep } from '../../support/sound.ts'

/** The same by ffmpeg's ebur128 filter, which prints one decimal. */
function byFfmpeg(pcm: Float32Array): Loudness {
  const input = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)
  const result = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', '-f', 'f32le', '-ar', '48000', '-ac', '1', '-i', 'pipe:0', '-af', 'ebur128=peak=true', '-f', 'null', '-'], { input })
  const summary = result.stderr.toString().split('Summary:')[1] ?? ''
  return { integratedLufs: Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]), truePeakDbtp: Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1]) }
}

t.test('loudness and true peak agree with ffmpeg', (t) => {
  for (const [name, pcm] of [['speech', speech()], ['quiet speech', speech().map((x) => x * 0.05)], ['sweep', sweep(50, 16_000, 5)]] as const) {
    const ours = measureLoudness(pcm, 48_000)
    const theirs = byFfmpeg(pcm)
    t.ok(Math.abs(ours.integratedLufs - theirs.integratedLufs) <= 0.11, `${name}: ${ours.integratedLufs.toFixed(2)} LUFS, ffmpeg ${String(theirs.integratedLufs)}`)
    t.ok(Math.abs(ours.truePeakDbtp - theirs.truePeakDbtp) <= 0.16, `${name}: ${ours.truePeakDbtp.toFixed(2)} dBTP, ffmpeg ${String(theirs.truePeakDbtp)}`)
  }
  // EBU Tech 3341: a 1 kHz sine at −23 dBFS in both channels is −23 LUFS; in one channel 3.01 dB less.
  const sine = new Float32Array(48_000 * 10)
  writeSine(sine, 0, 1000, dbToGain(-23))
  t.ok(Math.abs(measureLoudness(sine, 48_000).integratedLufs + 26.01) < 0.1)
  t.end()
})

t.test('silence, nothing, too much', (t) => {
  t.same(measureLoudness(new Float32Array(48_000), 48_000), { integratedLufs: -Infinity, truePeakDbtp: -144 })
  t.same(measureLoudness(new Float32Array(0), 48_000), { integratedLufs: -Infinity, truePeakDbtp: -144 })
  t.equal(measureLoudness(new Float32Array(4800).fill(0.5), 48_000).integratedLufs, -Infinity, 'shorter than one 400 ms block')
  const tooLong = { length: LOUDNESS_MAX_SAMPLES + 1 } as Float32Array
  t.throws(() => measureLoudness(tooLong, 48_000), { code: 'CODEC_ERR_OPTION' })
  t.end()
})

function limited(pcm: Float32Array, limiter: TruePeakLimiter): Float32Array {
  const result = new Float32Array(pcm.length + limiter.delaySamples)
  result.set(pcm)
  for (let at = 0; at < result.length; at += 960) limiter.process(result.subarray(at, at + 960))
  return result.subarray(limiter.delaySamples)
}

t.test('the limiter keeps true peaks under its ceiling and leaves the rest alone', (t) => {
  let seed = 1
  const noise = new Float32Array(96_000).map(() => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return 3 * (seed / 0x3fffffff - 1)
  })
  // A quarter of the sample rate at 45°: all samples at 0.707 of the true peak.
  const between = new Float32Array(96_000).map((_, i) => (i > 20_000 && i < 60_000 ? 1.3 : 0.1) * Math.sin((Math.PI * i) / 2 + Math.PI / 4))
  const spike = new Float32Array(48_000)
  spike[24_000] = 5
  for (const [name, pcm] of [['speech, 12 dB too loud', speech().map((x) => 4 * x)], ['noise', noise], ['peaks between samples', between], ['a spike', spike]] as const) {
    for (const ceilingDbtp of [-1, -3]) {
      const { truePeakDbtp } = measureLoudness(limited(pcm, new TruePeakLimiter({ ceilingDbtp })), 48_000)
      t.ok(truePeakDbtp <= ceilingDbtp, `${name}: ${truePeakDbtp.toFixed(2)} dBTP under ${String(ceilingDbtp)}`)
      t.ok(truePeakDbtp > ceilingDbtp - 1.5, `${name}: and not far under`)
    }
  }
  const voice = speech().map((x) => x * 0.5)
  t.same(limited(voice, new TruePeakLimiter()), voice, 'what is below comes out bit for bit')
  const afterSpike = limited(Float32Array.from([...spike, ...voice]), new TruePeakLimiter()).subarray(spike.length + 96_000)
  t.same(afterSpike, voice.subarray(96_000), 'and again so some time after a spike')

  const poisoned = voice.slice(0, 9600)
  poisoned.fill(Number.NaN, 100, 200)
  t.ok(limited(poisoned, new TruePeakLimiter()).every((x) => Number.isFinite(x)))
  t.throws(() => new TruePeakLimiter({ ceilingDbtp: 1 }), { code: 'CODEC_ERR_OPTION' })
  t.throws(() => new TruePeakLimiter({ lookAheadMs: 0 }), { code: 'CODEC_ERR_OPTION' })
  t.end()
})

t.test('sound far below the ceiling takes a short way that comes to the same', (t) => {
  const sound = speech()
  fc.assert(fc.property(fc.array(fc.record({ samples: fc.integer({ min: 1, max: 3000 }), gain: fc.constantFrom(0, 0.05, 0.3, 1, 2.5) }), { minLength: 2, maxLength: 12 }), fc.nat(sound.length - 36_000), (parts, from) => {
    const pcm = Float32Array.from(parts.flatMap(({ samples, gain }, index) => Array.from(sound.subarray(from + index * 3000, from + index * 3000 + samples), (x) => x * gain)))
    const [quick, slow] = [pcm.slice(), pcm.slice()]
    const limiters = [new TruePeakLimiter({ lookAheadMs: 2 }), new TruePeakLimiter({ lookAheadMs: 2 })] as const
    let at = 0
    for (const { samples } of parts) {
      limiters[0].process(quick.subarray(at, at + samples))
      at += samples
    }
    // Blocks so short never take it.
    for (at = 0; at < slow.length; at += 5) limiters[1].process(slow.subarray(at, at + 5))
    return quick.every((x, index) => x === slow[index])
  }), { numRuns: 100 })
  t.end()
})

import t from 'tap'
import { attentionTone, DEFAULT_ATTENTION_TONE, writeSine } from '../../../codec/index.ts'
import { bandDb } from '../../support/spectrum.ts'

t.test('a sine is a function of the absolute sample', (t) => {
  for (const start of [0, 4_411, 48_000 * 86_400 * 365, 2 ** 52]) {
    const whole = new Float32Array(5760)
    writeSine(whole, start, 1500, 0.5)
    const parts = new Float32Array(5760)
    for (let at = 0; at < 5760; at += 960) writeSine(parts.subarray(at, at + 960), start + at, 1500, 0.5)
    t.same(parts, whole, `blocks from ${String(start)} join`)
    t.ok(bandDb(whole, 0, 4096, 48_000, 1400, 1600) > -9.2)
    t.ok(bandDb(whole, 0, 4096, 48_000, 2000, 20_000) < -90)
  }
  const negative = new Float32Array(960)
  writeSine(negative, -960, 1500, 0.5)
  const later = new Float32Array(960)
  writeSine(later, 48_000 - 960, 1500, 0.5)
  t.same(negative, later, 'before sample 0 too')
  t.end()
})

t.test('the attention tone: length, level, both tones, soft edges, no click at a change', (t) => {
  const pcm = attentionTone()
  t.equal(pcm.length, 96_000)
  t.ok(Math.abs(pcm[0]!) < 1e-4 && Math.abs(pcm.at(-1)!) < 1e-4)
  const peak = pcm.reduce((highest, x) => Math.max(highest, Math.abs(x)), 0)
  t.ok(Math.abs(20 * Math.log10(peak) + 6) < 0.1)
  t.ok(bandDb(pcm, 2000, 8192, 48_000, 900, 1020) > -9.5 && bandDb(pcm, 2000, 8192, 48_000, 1220, 1340) < -60, 'first the low one')
  t.ok(bandDb(pcm, 14_000, 8192, 48_000, 1220, 1340) > -9.5 && bandDb(pcm, 14_000, 8192, 48_000, 900, 1020) < -60, 'then the high one')
  // Turns that do not hold whole periods: a phase that began anew with each would be heard.
  const uneven = attentionTone({ ...DEFAULT_ATTENTION_TONE, turnMs: 233 })
  let loudest = -Infinity
  for (let start = 0; start + 256 <= uneven.length; start += 64) loudest = Math.max(loudest, bandDb(uneven, start, 256, 48_000, 5000, 20_000))
  t.ok(loudest < -50, `above 5 kHz nothing is louder than ${loudest.toFixed(0)} dBFS`)
  t.throws(() => attentionTone({ ...DEFAULT_ATTENTION_TONE, levelDbfs: 3 }), { code: 'CODEC_ERR_OPTION' })
  t.throws(() => attentionTone({ ...DEFAULT_ATTENTION_TONE, frequenciesHz: [0, 1000] }), { code: 'CODEC_ERR_OPTION' })
  t.throws(() => attentionTone({ ...DEFAULT_ATTENTION_TONE, durationMs: Number.NaN }), { code: 'CODEC_ERR_OPTION' })
  t.end()
})

import t from 'tap'
import { createResampler } from '../../../codec/index.ts'
import type { ResamplerQuality } from '../../../codec/index.ts'
import { rmsDb } from '../../support/spectrum.ts'

const sine = (rateHz: number, frequencyHz: number, seconds: number): Float32Array => new Float32Array(Math.round(rateHz * seconds)).map((_, i) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz))

async function resample(pcm: Float32Array, fromHz: number, toHz: number, blockSamples: number, quality: ResamplerQuality = 'medium'): Promise<Float32Array> {
  const resampler = await createResampler(fromHz, toHz, quality)
  const parts: Float32Array[] = []
  for (let at = 0; at < pcm.length; at += blockSamples) parts.push(resampler.process(pcm.subarray(at, at + blockSamples)))
  parts.push(resampler.flush())
  resampler.close()
  resampler.close()
  return Float32Array.from(parts.flatMap((part) => [...part]))
}

t.test('any rate to any rate: exact length, in place, true to the wave', async (t) => {
  for (const [fromHz, toHz] of [[44_100, 48_000], [48_000, 44_100], [8000, 48_000], [22_050, 48_000], [48_000, 24_000], [96_000, 48_000], [192_000, 8000], [11_025, 44_100]] as const) {
    const heard = await resample(sine(fromHz, 997, 1), fromHz, toHz, 777)
    t.equal(heard.length, toHz, `${String(fromHz)} to ${String(toHz)}: one second is one second`)
    const error = heard.map((x, i) => x - 0.5 * Math.sin((2 * Math.PI * 997 * i) / toHz)).subarray(toHz / 20, toHz - toHz / 20)
    t.ok(rmsDb(error) < -80, `error ${rmsDb(error).toFixed(0)} dBFS`)
  }
})

t.test('blocks of any size give the same sound; larger than the library takes too', async (t) => {
  const pcm = sine(44_100, 3000, 0.5)
  const whole = await resample(pcm, 44_100, 48_000, pcm.length)
  for (const blockSamples of [1, 160, 441, 5000]) {
    const parts = await resample(pcm, 44_100, 48_000, blockSamples)
    t.equal(parts.length, whole.length)
    const difference = parts.map((x, i) => x - whole[i]!)
    t.ok(rmsDb(difference) < -110, `blocks of ${String(blockSamples)} differ by ${rmsDb(difference).toFixed(0)} dBFS`)
  }
})

t.test('what lies above the new band is kept out', async (t) => {
  const aliased = await resample(sine(48_000, 14_500, 1), 48_000, 24_000, 960)
  t.ok(rmsDb(aliased.subarray(1000, 23_000)) < -90, `14.5 kHz at 24 kHz: ${rmsDb(aliased.subarray(1000, 23_000)).toFixed(0)} dBFS`)
})

t.test('after flush it begins anew; equal rates copy; two at once do not disturb each other', async (t) => {
  const resampler = await createResampler(44_100, 48_000)
  const other = await createResampler(44_100, 48_000)
  const pcm = sine(44_100, 500, 0.2)
  const first = Float32Array.from([...resampler.process(pcm), ...resampler.flush()])
  other.process(sine(44_100, 5000, 0.1))
  const second = Float32Array.from([...resampler.process(pcm), ...resampler.flush()])
  t.same(second, first)
  resampler.close()
  t.throws(() => resampler.process(pcm), { code: 'CODEC_ERR_CLOSED' })
  other.close()

  const same = await createResampler(48_000, 48_000)
  const copy = same.process(pcm)
  t.same(copy, pcm)
  t.not(copy.buffer, pcm.buffer)
  t.equal(same.flush().length, 0)
  same.close()
  for (const [fromHz, toHz] of [[0, 48_000], [48_000, 3999], [44_100.5, 48_000], [48_000, 400_000]] as const) await t.rejects(createResampler(fromHz, toHz), { code: 'CODEC_ERR_OPTION' })
})

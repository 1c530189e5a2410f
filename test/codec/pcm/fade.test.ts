import t from 'tap'
import { dbToGain, fadeIn, fadeInGain, fadeOut, gainToDb, GainRamp } from '../../../codec/index.ts'

t.test('a fade in blocks is the fade in one piece; in and out add up to the sound', (t) => {
  const whole = new Float32Array(1000).fill(1)
  fadeIn(whole, -100, 700)
  t.equal(whole[50], 0, 'silence before it begins')
  t.equal(whole[100 + 350], 0.5)
  t.equal(whole[900], 1)
  const blocks = new Float32Array(1000).fill(1)
  for (let at = 0; at < 1000; at += 64) fadeIn(blocks.subarray(at, at + 64), at - 100, 700)
  t.same(blocks, whole)

  const out = new Float32Array(1000).fill(1)
  for (let at = 0; at < 1000; at += 64) fadeOut(out.subarray(at, at + 64), at - 100, 700)
  t.ok(out.every((x, i) => Math.abs(x + whole[i]! - 1) < 1e-6))
  t.equal(out[999], 0, 'silence after its end')
  t.equal(fadeInGain(0, 0), 1, 'a fade of no length switches')
  t.end()
})

t.test('a ramp has no step, whenever it is changed, and ends on its gain', (t) => {
  const ramp = new GainRamp(1, 480)
  const pcm = new Float32Array(4800).fill(1)
  ramp.apply(pcm.subarray(0, 100))
  ramp.set(dbToGain(-20))
  ramp.apply(pcm.subarray(100, 300))
  ramp.set(0.5)
  for (let at = 300; at < 4800; at += 77) ramp.apply(pcm.subarray(at, at + 77))
  let steepest = 0
  for (let i = 1; i < pcm.length; i += 1) steepest = Math.max(steepest, Math.abs(pcm[i]! - pcm[i - 1]!))
  t.ok(steepest < (Math.PI / 2 / 480) * 1.01, `steepest step ${steepest.toFixed(5)}`)
  t.equal(pcm[4799], 0.5)
  t.equal(ramp.gain, 0.5)
  t.end()
})

t.test('decibels', (t) => {
  t.ok(Math.abs(dbToGain(-6.0206) - 0.5) < 1e-5)
  t.ok(Math.abs(gainToDb(0.1) + 20) < 1e-9)
  t.equal(gainToDb(0), -144)
  t.end()
})

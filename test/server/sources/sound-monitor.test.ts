import t from 'tap'
import { SoundMonitor } from '../../../server/sources/sound-monitor.ts'

const RATE_HZ = 48_000
const NEVER = { silenceMs: 0, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 }

/** A tone of so many times full scale, cut off where a converter cuts it off. */
const tone = (seconds: number, gain: number): Float32Array =>
  Float32Array.from({ length: seconds * RATE_HZ }, (_, n) => Math.max(-1, Math.min(32767 / 32768, gain * Math.sin((2 * Math.PI * 440 * n) / RATE_HZ))))

t.test('a tone within bounds is not clipped, one that is driven twice as high as it may is for two thirds of the time', (t) => {
  const monitor = new SoundMonitor(NEVER)
  t.equal(monitor.clippedPercent, 0)
  monitor.push(tone(3, 0.99))
  t.equal(monitor.clippedPercent, 0)
  const loud = new SoundMonitor(NEVER)
  loud.push(tone(3, 2))
  // asin(1/2) is a third of a right angle.
  t.ok(Math.abs(loud.clippedPercent - 66.7) < 1.5, `${String(loud.clippedPercent)} %`)
  t.end()
})

t.test('it is the share of the last ten seconds, in whatever pieces the sound comes', (t) => {
  const monitor = new SoundMonitor(NEVER)
  monitor.push(tone(1, 2))
  const whole = monitor.clippedPercent
  monitor.push(tone(1, 0.5))
  t.equal(monitor.clippedPercent, whole / 2)
  monitor.push(tone(8, 0.5))
  t.ok(Math.abs(monitor.clippedPercent - whole / 10) < 1e-9)
  monitor.push(tone(1, 0.5))
  t.equal(monitor.clippedPercent, 0)
  const pieces = new SoundMonitor(NEVER)
  const sound = tone(2, 1.5)
  for (let at = 0; at < sound.length; at += 960) pieces.push(sound.subarray(at, at + 960))
  const once = new SoundMonitor(NEVER)
  once.push(sound)
  t.equal(pieces.clippedPercent, once.clippedPercent)
  t.end()
})

t.test('single samples at full scale are no clipping', (t) => {
  const monitor = new SoundMonitor(NEVER)
  monitor.push(Float32Array.from({ length: RATE_HZ }, (_, n) => (n % 3 === 0 ? 1 : 0)))
  t.equal(monitor.clippedPercent, 0)
  t.end()
})

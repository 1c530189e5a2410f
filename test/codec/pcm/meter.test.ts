import t from 'tap'
import { LevelMeter, SilenceDetector, writeSine } from '../../../codec/index.ts'

t.test('peak, RMS, offset and clipping, window by window', (t) => {
  const meter = new LevelMeter(100)
  const pcm = new Float32Array(4800)
  writeSine(pcm, 0, 1000, 0.5)
  meter.push(pcm.subarray(0, 4799))
  t.equal(meter.level, undefined, 'not before the window is full')
  meter.push(pcm.subarray(4799))
  t.ok(Math.abs(meter.level!.peakDbfs + 6.02) < 0.01)
  t.ok(Math.abs(meter.level!.rmsDbfs + 9.03) < 0.01)
  t.ok(Math.abs(meter.level!.dcOffset) < 1e-6)
  t.equal(meter.level!.clippedSamples, 0)

  meter.push(new Float32Array(4800).fill(-0.25))
  t.equal(meter.level!.dcOffset, -0.25)

  const clipped = new Float32Array(4800)
  clipped.set([1, 1], 100)
  clipped.set([-1, -1, -1, -1], 200)
  clipped.set([1.7, 1, 2], 300)
  meter.push(clipped)
  t.equal(meter.level!.clippedSamples, 7, 'two in a row are no clipping')

  meter.push(new Float32Array(4800).fill(Number.NaN))
  t.same(meter.level, { peakDbfs: -144, rmsDbfs: -144, dcOffset: 0, clippedSamples: 0 })
  t.end()
})

t.test('silence: digital, noise under the threshold, a constant; but no sound above it', (t) => {
  let seed = 42
  const noise = (amplitude: number): Float32Array => new Float32Array(960).map(() => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return amplitude * (seed / 0x3fffffff - 1)
  })
  // Even noise of amplitude a has an RMS of a/√3: 0.003 is −55 dBFS.
  for (const [name, block, silent] of [['zeros', new Float32Array(960), true], ['a constant', new Float32Array(960).fill(0.9), true], ['noise at −65', noise(0.001), true], ['noise at −55', noise(0.003), false]] as const) {
    const detector = new SilenceDetector(-60, 2000)
    for (let i = 0; i < 99; i += 1) detector.push(block)
    t.equal(detector.silent, false, `${name}: not before 2 s`)
    detector.push(block)
    t.equal(detector.silent, silent, `${name}: after 2 s`)
    t.equal(detector.silentMs, silent ? 2000 : 0)
    const tone = new Float32Array(480)
    writeSine(tone, 0, 500, 0.01)
    detector.push(tone)
    t.equal(detector.silent, false, `${name}: 10 ms of sound end it`)
  }
  t.end()
})

import t from 'tap'
import { LevelMeter, writeSine } from '../../../codec/index.ts'

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

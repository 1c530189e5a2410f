import t from 'tap'
import { linearSamples, linearToMono } from '../../../codec/rtp/index.ts'

t.test('16 and 24 bits, big-endian, channels mixed', async (t) => {
  const stereo16 = Buffer.alloc(8)
  for (const [index, value] of [16_384, 0, -32_768, -32_768].entries()) stereo16.writeInt16BE(value, index * 2)
  t.same([...linearToMono(stereo16, { bytesPerSample: 2, channels: 2 })], [0.25, -1])
  const mono24 = Buffer.alloc(7)
  mono24.writeIntBE(2 ** 22, 0, 3)
  mono24.writeIntBE(-(2 ** 23), 3, 3)
  t.same([...linearToMono(mono24, { bytesPerSample: 3, channels: 1 })], [0.5, -1], 'an incomplete last sample is left out')
  t.equal(linearSamples(mono24, { bytesPerSample: 3, channels: 2 }), 1)
  t.equal(linearToMono(Buffer.alloc(0), { bytesPerSample: 2, channels: 8 }).length, 0)
})

import t from 'tap'
import { floatToS16le, s16leToFloat } from '../../../codec/index.ts'
import { fc } from '../../support/seed.ts'

t.test('rounding, clipping, NaN', (t) => {
  const bytes = Buffer.alloc(18)
  floatToS16le(Float32Array.of(0, 1, -1, 0.5, 1 / 65_536, -0.4 / 32_768, 2, -Infinity, Number.NaN), bytes)
  t.same([...new Int16Array(bytes.buffer, bytes.byteOffset, 9)], [0, 32_767, -32_768, 16_384, 1, 0, 32_767, -32_768, 0])
  t.throws(() => { floatToS16le(new Float32Array(10), bytes) }, { code: 'CODEC_ERR_FRAME_SIZE' })
  t.end()
})

t.test('property: every 16-bit sample survives the way there and back, at odd addresses too', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1), (data, shift) => {
    const source = Buffer.concat([Buffer.alloc(shift), Buffer.from(data)]).subarray(shift)
    const samples = s16leToFloat(source)
    const target = Buffer.alloc(data.length + 1 + shift).subarray(shift)
    floatToS16le(samples, target)
    return samples.length === data.length >> 1 && target.subarray(0, samples.length * 2).equals(source.subarray(0, samples.length * 2))
  }))
  t.end()
})

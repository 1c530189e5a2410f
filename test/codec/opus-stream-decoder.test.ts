import t from 'tap'
import { loadOpus } from '../../codec/native/load-opus.ts'
import { CodecError, createEncoder, opusPacketSamples, OpusStreamDecoder, parseFormat } from '../../codec/index.ts'
import { seededRandom } from '../support/link-emulator-random.ts'
import { fecPackets } from '../support/lossy-opus.ts'
import { TEST_SEED } from '../support/seed.ts'
import { encodeAll, speech } from '../support/sound.ts'
import { rmsDb } from '../support/spectrum.ts'

const isTame = (pcm: Float32Array): boolean => pcm.every((sample) => Math.abs(sample) <= 1)

t.test('a hole is bridged to the sample, with or without a copy of what was lost', (t) => {
  const packets = fecPackets(speech())
  for (const samples of [1, 119, 120, 480, 959, 960, 961, 2880, 24_000]) {
    const decoder = new OpusStreamDecoder()
    for (const packet of packets.slice(60, 70)) decoder.decode(packet)
    t.equal(decoder.bridge(samples, packets[71]).length, samples)
    t.equal(decoder.bridge(samples).length, samples)
    t.equal(decoder.decode(packets[71]!).length, 960, 'and the stream goes on')
    decoder.close()
  }
  const decoder = new OpusStreamDecoder()
  t.equal(decoder.bridge(960, packets[1]).length, 960, 'before the first packet too')
  t.equal(decoder.bridge(0).length, 0)
  // Our own streams are all of the MDCT layer and hold no copies.
  const [first, , third] = encodeAll(createEncoder(parseFormat('opus-32')), speech().subarray(48_000, 52_000))
  decoder.decode(first!)
  t.equal(decoder.bridge(960, third).length, 960)
  decoder.close()
  decoder.close()
  t.throws(() => decoder.bridge(960), { code: 'CODEC_ERR_CLOSED' })
  t.throws(() => decoder.decode(first!), { code: 'CODEC_ERR_CLOSED' })
  t.end()
})

t.test('whatever bytes come: an error or sound within full scale, and the next good packets are heard', (t) => {
  t.comment(`LOA_TEST_SEED=${String(TEST_SEED)}`)
  const random = seededRandom(TEST_SEED)
  const below = (bound: number): number => Math.floor(random() * bound)
  const good = [20, 60].flatMap((frameMs) => fecPackets(speech(), frameMs))
  const garbage = (): Buffer => {
    if (random() < 0.3) return Buffer.from(Array.from({ length: below(400) }, () => below(256)))
    const packet = Buffer.from(good[below(good.length)]!)
    for (let flips = below(12); flips > 0; flips -= 1) packet[below(packet.length)] = below(256)
    return packet.subarray(0, random() < 0.5 ? below(packet.length + 1) : packet.length)
  }
  const decoder = new OpusStreamDecoder()
  let refused = 0
  let decoded = 0
  for (let round = 0; round < 6000; round += 1) {
    const packet = garbage()
    const hole = below(10) === 0 ? below(24_000) : 960 * below(4)
    const bridged = decoder.bridge(hole, packet)
    if (bridged.length !== hole || !isTame(bridged)) t.fail(`${String(hole)} samples before ${packet.toString('hex')}`)
    try {
      const pcm = decoder.decode(packet)
      if (pcm.length !== opusPacketSamples(packet) || !isTame(pcm)) t.fail(`decoding ${packet.toString('hex')}`)
      decoded += 1
    } catch (error) {
      if (!(error instanceof CodecError) || error.code !== 'CODEC_ERR_DECODE') throw error
      refused += 1
    }
  }
  t.ok(refused > 200 && decoded > 200, `${String(decoded)} decoded, ${String(refused)} refused`)
  const fresh = new OpusStreamDecoder()
  const [after, clean] = [decoder, fresh].map((each) => Float32Array.from(good.slice(40, 90).flatMap((packet) => [...each.decode(packet)]).slice(24_000))) as [Float32Array, Float32Array]
  const errorDb = rmsDb(clean.map((sample, at) => sample - after[at]!)) - rmsDb(clean)
  t.ok(errorDb < -10, `half a second later it differs from a new decoder's by ${errorDb.toFixed(1)} dB`)
  t.end()
})

t.test('the binding checks what would corrupt memory', (t) => {
  const opus = loadOpus()
  const handle = opus.create()
  const out = new Float32Array(960)
  const decode = (...args: unknown[]): number => (opus.decode as (...values: unknown[]) => number)(...args)
  const packet = fecPackets(speech())[60]!
  for (const args of [
    [], [handle, packet, false], [{}, packet, false, out], [null, packet, false, out], [handle, 'packet', false, out], [handle, new Float32Array(9), false, out],
    [handle, new Uint8Array(0), false, out], [handle, new Uint8Array(65_536), false, out], [handle, null, true, out], [handle, packet, 1, out],
    [handle, packet, false, new Float32Array(0)], [handle, packet, false, new Float32Array(961)], [handle, packet, false, new Float32Array(48_120)], [handle, packet, false, new Float64Array(960)], [handle, packet, false, packet],
  ]) t.throws(() => decode(...args), Error)
  t.ok(opus.decode(handle, packet, false, new Float32Array(480)) < 0, 'a packet longer than the room for it')
  t.equal(opus.decode(handle, packet, false, out), 960)
  opus.close(handle)
  opus.close(handle)
  t.throws(() => opus.decode(handle, packet, false, out), Error, 'closed')
  t.throws(() => { (opus.close as (value: unknown) => void)({}) }, Error)
  t.end()
})

t.test('closed decoders give their memory back at once', (t) => {
  const open = (): void => {
    const decoder = new OpusStreamDecoder()
    decoder.bridge(960)
    decoder.close()
  }
  for (let i = 0; i < 200; i += 1) open()
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 2000; i += 1) open()
  const grownKib = (process.memoryUsage.rss() - before) / 1024 / 2000
  // One decoder of libopus holds 18 KiB, beside 4 of sound that the collector takes.
  t.ok(grownKib < 9, `${grownKib.toFixed(1)} KiB grown for each`)
  t.end()
})

import t from 'tap'
import { createEncoder, OpusDecoder, opusPacketSamples, parseFormat } from '../../../codec/index.ts'
import { combineOpusPackets } from '../../../codec/rtp/index.ts'
import { fc } from '../../support/seed.ts'
import { encodeAll, sweep } from '../../support/sound.ts'

const seed = Date.now()
t.comment(`seed ${String(seed)}`)

/** CELT, full band, 20 ms, mono, one frame; and the hybrid layer at the same length. */
const CELT = 31 << 3
const HYBRID = 15 << 3
const frame = (toc: number, length: number, fill = length): Buffer => Buffer.concat([Buffer.from([toc]), Buffer.alloc(length, fill)])

t.test('two frames become code 1 or 2, more become code 3 (RFC 6716, 3.2)', async (t) => {
  t.equal(combineOpusPackets([frame(CELT, 3)]).packet.toString('hex'), 'f8030303', 'one stays as it is')
  t.equal(combineOpusPackets([frame(CELT, 2, 1), frame(CELT, 2, 2)]).packet.toString('hex'), 'f901010202')
  t.equal(combineOpusPackets([frame(CELT, 1, 1), frame(CELT, 2, 2)]).packet.toString('hex'), 'fa01010202')
  t.equal(combineOpusPackets([frame(CELT, 1, 1), frame(CELT, 1, 2), frame(CELT, 1, 3)]).packet.toString('hex'), 'fb03010203')
  t.equal(combineOpusPackets([frame(CELT, 1, 1), frame(CELT, 2, 2), frame(CELT, 1, 3)]).packet.toString('hex'), 'fb83010201020203')
  const long = combineOpusPackets([frame(CELT, 300, 1), frame(CELT, 5, 2)]).packet
  t.same([...long.subarray(0, 3)], [CELT | 2, 252, 12], 'a length over 251 takes two bytes: 252 + 4 × 12')
})

t.test('frames of another configuration go empty', async (t) => {
  const { packet, emptied } = combineOpusPackets([frame(CELT, 4, 1), frame(HYBRID, 4, 2), frame(CELT, 4, 3)])
  t.equal(emptied, 1)
  t.equal(packet.toString('hex'), 'fb830400' + '01010101' + '03030303')
  t.equal(combineOpusPackets([frame(CELT, 1, 1), frame(HYBRID, 1, 2)]).packet.toString('hex'), '7a0002', 'of two the later one counts')
})

t.test('what cannot be combined is refused', async (t) => {
  t.throws(() => combineOpusPackets([]), RangeError)
  t.throws(() => combineOpusPackets([Buffer.alloc(0), frame(CELT, 1)]), RangeError)
  t.throws(() => combineOpusPackets([frame(CELT | 1, 2), frame(CELT, 1)]), RangeError, 'holds two frames already')
})

/** Reads the frames of a packet back, by RFC 6716, 3.2, independently of the writer. */
function framesOf(packet: Buffer): Buffer[] {
  let at = 1
  const length = (): number => {
    const first = packet[at]!
    at += first < 252 ? 1 : 2
    return first < 252 ? first : packet[at - 1]! * 4 + first
  }
  const take = (bytes: number): Buffer => packet.subarray(at, (at += bytes))
  switch (packet[0]! & 3) {
    case 0: return [take(packet.length - 1)]
    case 1: {
      const half = (packet.length - 1) / 2
      return [take(half), take(half)]
    }
    case 2: {
      const first = length()
      const head = take(first)
      return [head, take(packet.length - at)]
    }
    default: {
      const countByte = packet[at]!
      at += 1
      const count = countByte & 0x3f
      if ((countByte & 0x80) === 0) {
        const each = (packet.length - 2) / count
        return Array.from({ length: count }, () => take(each))
      }
      const lengths = Array.from({ length: count - 1 }, () => length())
      const frames = lengths.map((bytes) => take(bytes))
      return [...frames, take(packet.length - at)]
    }
  }
}

t.test('property: every frame comes out again, and the packet says how long it is', async (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(CELT, CELT, HYBRID), fc.integer({ min: 1, max: 1275 })), { minLength: 1, maxLength: 6 }), (shapes) => {
    const packets = shapes.map(([toc, length], index) => frame(toc, length, index + 1))
    const { packet, emptied } = combineOpusPackets(packets)
    const kept = packet[0]! & ~3
    const frames = framesOf(packet)
    return frames.length === packets.length && opusPacketSamples(packet) === 960 * packets.length
      && packets.every((one, index) => frames[index]!.equals(one[0] === kept ? one.subarray(1) : Buffer.alloc(0)))
      && emptied === packets.filter((one) => one[0] !== kept).length
  }), { seed, numRuns: 1000 })
  t.pass('held')
})

t.test('libopus decodes a combined packet to what it makes of the single ones', async (t) => {
  const packets = encodeAll(createEncoder(parseFormat('opus-32')), sweep(200, 4000, 1.2))
  for (const together of [2, 3]) {
    const single = new OpusDecoder()
    const combined = new OpusDecoder()
    const apart: number[] = []
    const joined: number[] = []
    for (let at = 0; at + together <= packets.length; at += together) {
      const group = packets.slice(at, at + together)
      for (const packet of group) apart.push(...single.decode(packet))
      joined.push(...combined.decode(combineOpusPackets(group).packet))
    }
    t.equal(joined.length, apart.length)
    t.ok(joined.every((sample, index) => sample === apart[index]), `${String(together * 20)} ms: bit for bit`)
  }
})

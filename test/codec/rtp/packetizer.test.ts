import t from 'tap'
import { parseRtpPacket, RtpPacketizer, type RtpCodec, type TimedPacket } from '../../../codec/rtp/index.ts'
import { fc } from '../../support/seed.ts'

const identity = { ssrc: 0xfeedbeef, sequenceOffset: 65_530, timestampOffset: 0xffff_ff00 }
const FRAME_BYTES: Readonly<Record<RtpCodec, number>> = { opus: 80, l16: 1920, pcmu: 160 }
const frameOf = (codec: RtpCodec, fill = 0): Buffer => (codec === 'opus' ? Buffer.concat([Buffer.from([31 << 3]), Buffer.alloc(79, fill)]) : Buffer.alloc(FRAME_BYTES[codec], fill))

function packetsOf(codec: RtpCodec, packetMs: number, from: number, count: number): TimedPacket[] {
  const packets: TimedPacket[] = []
  const packetizer = new RtpPacketizer({ codec, packetMs, identity })
  for (let index = from; index < from + count; index += 1) packetizer.push(index, frameOf(codec), false, packets)
  return packets
}

t.test('sequence and timestamp follow from the place on the house clock', async (t) => {
  for (const [codec, packetMs, ticks] of [['opus', 20, 960], ['opus', 40, 1920], ['opus', 60, 2880], ['l16', 10, 480], ['l16', 20, 960], ['pcmu', 20, 160], ['pcmu', 60, 480], ['pcmu', 10, 80]] as const) {
    // As many frames from the epoch as there are by some day in June: a multiple of 6, so that all lengths begin with it.
    const start = 727_920_006
    const packets = packetsOf(codec, packetMs, start, 60)
    t.equal(packets.length, (60 * 20) / packetMs, `${codec} ${String(packetMs)} ms`)
    for (const [n, { packet, dueSamples, payloadBytes }] of packets.entries()) {
      const header = parseRtpPacket(packet)!
      const house = start * 960 + n * packetMs * 48
      t.same([header.sequence, header.timestamp, header.ssrc, payloadBytes], [
        Number((BigInt(house) / BigInt(packetMs * 48) + 65_530n) % 65_536n),
        Number((BigInt(house) / (codec === 'pcmu' ? 6n : 1n) + 0xffff_ff00n) % 0x1_0000_0000n),
        0xfeedbeef,
        header.payload.length,
      ])
      t.equal(dueSamples, house + Math.max(960, packetMs * 48), 'due when the frame that holds it is, parts of it one after the other')
      if (n > 0) t.equal((header.timestamp - parseRtpPacket(packets[n - 1]!.packet)!.timestamp) >>> 0, ticks)
    }
  }
})

t.test('property: whoever starts where, all processes make the same packets', async (t) => {
  const seed = Date.now()
  t.comment(`seed ${String(seed)}`)
  fc.assert(fc.property(fc.constantFrom(20, 40, 60), fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 20 }), (packetMs, start, later) => {
    const one = packetsOf('opus', packetMs, start, 40).map(({ packet }) => packet.toString('hex'))
    const other = packetsOf('opus', packetMs, start + later, 40 - later).map(({ packet }) => packet.toString('hex'))
    return other.length > 0 && one.slice(-other.length).join() === other.join()
  }), { seed })
  t.pass('held')
})

t.test('a hole loses the packets it touches and no more', async (t) => {
  const packetizer = new RtpPacketizer({ codec: 'opus', packetMs: 60, identity })
  const packets: TimedPacket[] = []
  for (const index of [0, 1, 2, 3, 4, /* 5 is missing */ 6, 7, 8, /* 9, 10 too */ 11, 12, 13, 14]) packetizer.push(index, frameOf('opus'), false, packets)
  t.same(packets.map(({ packet }) => parseRtpPacket(packet)!.sequence), [65_530, 65_532, 65_534])
  t.equal(packetizer.droppedFrames, 3)
})

t.test('a cut in uncoded sound makes no step', async (t) => {
  const high = Buffer.alloc(1920)
  for (let at = 0; at < 1920; at += 2) high.writeInt16BE(20_000, at)
  const packets: TimedPacket[] = []
  const packetizer = new RtpPacketizer({ codec: 'l16', packetMs: 20, identity })
  packetizer.push(0, high, false, packets)
  packetizer.push(1, Buffer.alloc(1920), true, packets)
  const pcm = packets.flatMap(({ packet }) => Array.from({ length: 960 }, (_, i) => packet.readInt16BE(12 + i * 2)))
  const steps = pcm.slice(1).map((sample, index) => Math.abs(sample - pcm[index]!))
  t.ok(Math.max(...steps) < 200, `largest step ${String(Math.max(...steps))}`)
  t.equal(pcm[960 + 240], 0, 'and the joint is over after 5 ms')
})

t.test('lengths that a codec cannot have', async (t) => {
  for (const [codec, packetMs] of [['opus', 10], ['opus', 30], ['l16', 5], ['pcmu', 140]] as const) t.throws(() => new RtpPacketizer({ codec, packetMs, identity }), RangeError)
})

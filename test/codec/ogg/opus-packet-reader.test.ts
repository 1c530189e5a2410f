import { execFileSync } from 'node:child_process'
import t from 'tap'
import { OPUS_DELAY_SAMPLES, opusHeaderPages, OpusPacketReader, opusPacketSamples, opusPage } from '../../../codec/index.ts'
import type { OpusHead } from '../../../codec/index.ts'
import { oggCrc32 } from '../../../codec/ogg/crc32.ts'
import { chunkLengths, cut, runs } from '../../support/chunks.ts'
import { fc } from '../../support/seed.ts'

interface Read {
  readonly heads: OpusHead[]
  readonly tags: ReadonlyMap<string, string>[]
  readonly packets: Buffer[]
  readonly samples: number
  readonly reader: OpusPacketReader
}

function read(chunks: readonly Uint8Array[]): Read {
  const heads: OpusHead[] = []
  const tags: ReadonlyMap<string, string>[] = []
  const packets: Buffer[] = []
  let samples = 0
  const reader = new OpusPacketReader({
    onHead: (head) => { heads.push(head) },
    onTags: (comments) => { tags.push(comments) },
    onPacket: (packet, packetSamples) => {
      packets.push(Buffer.from(packet))
      samples += packetSamples
    },
  })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return { heads, tags, packets, samples, reader }
}

/** A page as any muxer may write it: several packets, parts of packets. */
function page(flags: number, sequence: number, lacing: number[], body: Buffer, serial = 0x4c4f4131): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(27), Buffer.from(lacing), body])
  bytes.write('OggS', 0, 'latin1')
  bytes[5] = flags
  bytes.writeUInt32LE(serial, 14)
  bytes.writeUInt32LE(sequence, 18)
  bytes[26] = lacing.length
  bytes.writeUInt32LE(oggCrc32(bytes, 0, bytes.length), 22)
  return bytes
}

const HEADERS = opusHeaderPages(OPUS_DELAY_SAMPLES, { vendor: 'loa', comments: ['TITLE=Lũ', 'artist=Đài xã'] })
const TOC_20_MS = 31 << 3
const packet = (length: number, fill: number): Buffer => {
  const bytes = Buffer.alloc(length, fill)
  bytes[0] = TOC_20_MS
  return bytes
}

t.test('what we write is read back', (t) => {
  const packets = Array.from({ length: 20 }, (_, index) => packet(10 + index * 40, index))
  const result = read(cut(Buffer.concat([HEADERS, ...packets.map((bytes, index) => opusPage(bytes, 1000 + index))]), [7, 300]))
  t.same(result.heads, [{ channels: 1, preSkipSamples: 312, inputSampleRateHz: 48_000, outputGainDb: 0 }])
  t.same([...result.tags[0]!], [['TITLE', 'Lũ'], ['ARTIST', 'Đài xã']])
  t.same(result.packets, packets)
  t.equal(result.samples, 20 * 960)
  t.equal(result.reader.lostPackets, 0, 'the gap of page numbers after the headers loses nothing')
  t.end()
})

t.test('packets that share pages and run over them', (t) => {
  const [small, long, last] = [packet(3, 1), packet(600, 2), packet(4, 3)]
  const all = Buffer.concat([small, long, last])
  const good = [page(0, 2, [3, 255, 255], all.subarray(0, 513)), page(1, 3, [90, 4], all.subarray(513))]
  t.same(read([HEADERS, ...good]).packets, [small, long, last])

  const gap = read([HEADERS, good[0]!, page(1, 4, [90, 4], all.subarray(513))])
  t.same(gap.packets, [small, last], 'a packet with a missing page is lost, those around it are not')
  t.equal(gap.reader.lostPackets, 1)
  const tail = read([HEADERS, page(1, 3, [90, 4], all.subarray(513))])
  t.same(tail.packets, [last], 'the rest of a packet nobody saw begin')
  const dropped = read([HEADERS, good[0]!, page(0, 3, [4], last)])
  t.same(dropped.packets, [small, last], 'a page that does not go on with what was open')
  t.end()
})

t.test('chained and foreign streams', (t) => {
  const vorbis = page(2, 0, [7], Buffer.from('\x01vorbis', 'latin1'), 5)
  const foreign = page(0, 1, [3], packet(3, 9), 5)
  const result = read([vorbis, HEADERS, foreign, opusPage(packet(5, 1), 1), HEADERS, opusPage(packet(5, 2), 50)])
  t.equal(result.heads.length, 2)
  t.same(result.packets, [packet(5, 1), packet(5, 2)])
  t.end()
})

t.test('tags that lie about their lengths', (t) => {
  const head = HEADERS.subarray(0, 47)
  const lies = [
    Buffer.from('OpusTags\xff\xff\xff\xff0000', 'latin1'),
    Buffer.from('OpusTags\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7fA=B', 'latin1'),
    Buffer.from('OpusTags\0\0\0\0\x02\0\0\0\x03\0\0\0A=B\xf0\0\0\0C', 'latin1'),
  ]
  const seen = lies.map((tags) => [...read([head, page(0, 1, [tags.length], tags), opusPage(packet(5, 1), 1)]).tags[0]!])
  t.same(seen, [[], [], [['A', 'B']]])
  t.end()
})

t.test('length of a packet by its first bytes', (t) => {
  const cases: [number[], number | undefined][] = [
    [[], undefined],
    [[0 << 3], 480], [[1 << 3], 960], [[2 << 3], 1920], [[3 << 3], 2880],
    [[12 << 3], 480], [[15 << 3], 960],
    [[16 << 3], 120], [[17 << 3], 240], [[30 << 3], 480], [[31 << 3], 960],
    [[(31 << 3) | 1], 1920], [[(31 << 3) | 2], 1920],
    [[(31 << 3) | 3, 6], 5760], [[(31 << 3) | 3, 7], undefined], [[(31 << 3) | 3, 0], undefined], [[(31 << 3) | 3], undefined],
  ]
  for (const [bytes, samples] of cases) t.equal(opusPacketSamples(Uint8Array.from(bytes)), samples, bytes.join(' '))
  t.end()
})

t.test('what ffmpeg writes is read, sample for sample', (t) => {
  const ogg = execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=600:duration=3:sample_rate=48000', '-c:a', 'libopus', '-b:a', '48k', '-f', 'ogg', 'pipe:1'])
  const result = read(cut(ogg, [4096]))
  t.equal(result.heads.length, 1)
  t.ok(result.samples >= 144_000 + result.heads[0]!.preSkipSamples && result.samples < 144_000 + 2 * 960, `${String(result.samples)} samples with pre-skip and padding`)
  t.equal(result.reader.lostPackets, 0)
  t.equal(result.reader.garbageBytes, 0)
  t.end()
})

t.test('property: broken and cut bytes never make it throw, and a new start heals', (t) => {
  const bytes = Buffer.concat([HEADERS, ...Array.from({ length: 10 }, (_, index) => opusPage(packet(50 + 60 * index, index), index))])
  const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 20 })
  fc.assert(fc.property(flips, chunkLengths, (flips, lengths) => {
    const broken = Buffer.from(bytes)
    for (const [at, bits] of flips) broken[at]! ^= bits
    const fixed = read([...cut(broken, lengths), bytes])
    return fixed.packets.length >= 10
  }), runs(100))
  t.end()
})

import t from 'tap'
import { createEncoder, isMissing, missingPacket, OPUS_DELAY_SAMPLES, OPUS_FRAME_SAMPLES, OpusDecoder, OpusFileReader, OpusFileWriter, OpusPacketReader, opusPacketSamples, parseFormat } from '../../../codec/index.ts'
import { fc } from '../../support/seed.ts'

const TAGS = { vendor: 'Loa', comments: ['TITLE=Lũ'] }

function write(firstFrame: number, packets: readonly (Buffer | undefined)[]): Buffer {
  const writer = new OpusFileWriter(firstFrame, OPUS_DELAY_SAMPLES, TAGS)
  const pages = [writer.head]
  for (const packet of packets) pages.push(writer.add(packet) ?? Buffer.alloc(0))
  pages.push(writer.end() ?? Buffer.alloc(0))
  return Buffer.concat(pages)
}

function read(file: Buffer, cuts: readonly number[] = []): { frames: { frameIndex: number; packet: Buffer }[]; reader: OpusFileReader } {
  const frames: { frameIndex: number; packet: Buffer }[] = []
  const reader = new OpusFileReader(({ frameIndex, packet }) => { frames.push({ frameIndex, packet: Buffer.from(packet) }) })
  let at = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    reader.push(file.subarray(at, cut))
    at = Math.max(at, cut)
  }
  reader.push(file.subarray(at))
  return { frames, reader }
}

const packet = fc.uint8Array({ minLength: 2, maxLength: 1276 }).map((bytes) => Buffer.from([0xf8, ...bytes.subarray(1)]))

t.test('what is written is read again at its places, and any cut of the file is a good file with a tail', async () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.array(fc.option(packet, { nil: undefined, freq: 8 }), { minLength: 1, maxLength: 180 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.array(fc.nat(60_000), { maxLength: 5 }), (first, packets, killed, cuts) => {
    const file = write(first, packets)
    const { frames, reader } = read(file, cuts)
    if (reader.goodBytes !== file.length || reader.tags.get('TITLE') !== 'Lũ') return false
    if (frames.length !== packets.length || !frames.every(({ frameIndex }, index) => frameIndex === first + index)) return false
    if (!frames.every((frame, index) => (packets[index] === undefined ? isMissing(frame.packet) && opusPacketSamples(frame.packet) === OPUS_FRAME_SAMPLES : frame.packet.equals(packets[index])))) return false
    // Whatever the last write has left of it.
    const left = file.subarray(0, Math.floor(killed * file.length))
    const saved = read(left)
    return saved.reader.goodBytes <= left.length && saved.frames.every((frame, index) => frame.frameIndex === first + index && frame.packet.equals(frames[index]!.packet))
  }), { numRuns: 60 })
})

t.test('a page for each second of the house clock, and only the last says that it is', async (t) => {
  const writer = new OpusFileWriter(1020, 312, TAGS)
  const at: number[] = []
  for (let frame = 1020; frame < 1170; frame += 1) if (writer.add(Buffer.from([0xf8, 1, 2])) !== undefined) at.push(frame)
  t.same(at, [1050, 1100, 1150])
  t.equal(writer.end()![5], 4)
  t.equal(writer.end(), undefined, 'there is nothing more')
})

t.test('a frame that is missing is concealed, and those about it are where they were', async (t) => {
  const encoder = createEncoder(parseFormat('opus-32'))
  const block = (index: number): Float32Array => Float32Array.from({ length: OPUS_FRAME_SAMPLES }, (_, sample) => 0.5 * Math.sin((2 * Math.PI * 440 * (index * OPUS_FRAME_SAMPLES + sample)) / 48_000))
  const packets = Array.from({ length: 60 }, (_, index) => encoder.encode(block(index)))
  const file = write(1000, packets.map((one, index) => (index === 30 ? undefined : one)))
  const decoder = new OpusDecoder()
  const pcm: number[] = []
  new OpusPacketReader({ onHead: () => undefined, onTags: () => undefined, onPacket: (one) => { pcm.push(...decoder.decode(one)) } }).push(file)
  t.equal(pcm.length, 60 * OPUS_FRAME_SAMPLES)
  t.same(missingPacket(packets[0]), Buffer.from([packets[0]![0]! & 0xfc]), 'it is of the mode of the one before')
})

t.test('a click is found in the decoded file at its own house sample', async (t) => {
  const encoder = createEncoder(parseFormat('opus-64'))
  const first = 5000
  const clicks = [first * 960 + 7000, first * 960 + 31_111, first * 960 + 77_777]
  const pcm = new Float32Array(100 * OPUS_FRAME_SAMPLES)
  for (const click of clicks) pcm[click - first * 960] = 0.9
  const file = write(first, Array.from({ length: 100 }, (_, index) => encoder.encode(pcm.subarray(index * 960, (index + 1) * 960))))
  // A part that begins at frame 20, as a player gets it.
  const part = write(first + 5, read(file).frames.slice(5).map((frame) => frame.packet))
  const decoder = new OpusDecoder()
  const decoded: number[] = []
  new OpusPacketReader({ onHead: () => undefined, onTags: () => undefined, onPacket: (one) => { decoded.push(...decoder.decode(one)) } }).push(part)
  const sound = decoded.slice(OPUS_DELAY_SAMPLES)
  for (const click of clicks) {
    const at = click - (first + 5) * 960
    const near = Array.from({ length: 400 }, (_, index) => Math.abs(sound[at - 200 + index] ?? 0))
    t.ok(Math.abs(near.indexOf(Math.max(...near)) - 200) <= 1, `at ${String(click)}`)
  }
})

import t from 'tap'
import { createEncoder, Mp3FrameParser, parseFormat, parseMp3Header } from '../../codec/index.ts'
import { chunkLengths, cut, garbage, runs } from '../support/chunks.ts'
import { fc } from '../support/seed.ts'
import { encodeAll, sweep } from '../support/sound.ts'

/** 8 kbit/s, 24 kHz mono: the shortest frames there are, 24 bytes. */
const HEADER = [0xff, 0xf3, 0x14, 0xc4]

/** Frames that differ in their bytes; `begin` is main_data_begin. */
function literalFrames(count: number, begin = 0): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const frame = Buffer.alloc(24, index + 1)
    frame.set(HEADER)
    frame[4] = begin
    return frame
  })
}

interface Read {
  readonly frames: Buffer[]
  readonly parser: Mp3FrameParser
}

function read(chunks: readonly Uint8Array[]): Read {
  const frames: Buffer[] = []
  const parser = new Mp3FrameParser((frame) => { frames.push(Buffer.from(frame.bytes)) })
  for (const chunk of chunks) parser.push(chunk)
  parser.end()
  return { frames, parser }
}

const REAL = encodeAll(createEncoder(parseFormat('mp3-64')), sweep(100, 12_000, 0.5))

t.test('headers', (t) => {
  t.same(parseMp3Header(0xff, 0xfb, 0x94, 0xc4), { mpegVersion: 1, bitrateKbps: 128, sampleRateHz: 48_000, channels: 1, hasCrc: false, samples: 1152, frameBytes: 384 })
  t.same(parseMp3Header(0xff, 0xfa, 0x92, 0x04), { mpegVersion: 1, bitrateKbps: 128, sampleRateHz: 44_100, channels: 2, hasCrc: true, samples: 1152, frameBytes: 418 }, 'padded, with a checksum')
  t.same(parseMp3Header(0xff, 0xf3, 0x14, 0xc4), { mpegVersion: 2, bitrateKbps: 8, sampleRateHz: 24_000, channels: 1, hasCrc: false, samples: 576, frameBytes: 24 })
  t.same(parseMp3Header(0xff, 0xe3, 0x18, 0xc4), { mpegVersion: 2.5, bitrateKbps: 8, sampleRateHz: 8000, channels: 1, hasCrc: false, samples: 576, frameBytes: 72 })
  const refused: [string, number[]][] = [
    ['no sync', [0xfe, 0xfb, 0x94, 0xc4]],
    ['half a sync', [0xff, 0xdb, 0x94, 0xc4]],
    ['reserved version', [0xff, 0xeb, 0x94, 0xc4]],
    ['layer II', [0xff, 0xfd, 0x94, 0xc4]],
    ['free format', [0xff, 0xfb, 0x04, 0xc4]],
    ['bad bit rate', [0xff, 0xfb, 0xf4, 0xc4]],
    ['reserved sample rate', [0xff, 0xfb, 0x9c, 0xc4]],
    ['reserved emphasis', [0xff, 0xfb, 0x94, 0xc6]],
  ]
  for (const [name, bytes] of refused) t.equal(parseMp3Header(bytes[0]!, bytes[1]!, bytes[2]!, bytes[3]!), undefined, name)
  t.end()
})

t.test('every cut of literal bytes in two and in single bytes gives the same frames', (t) => {
  const frames = literalFrames(4)
  const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 5, 0xff, 0xf3, 0x14, 0xc4, 0])
  const bytes = Buffer.concat([tag, Buffer.from('noise'), ...frames.slice(0, 2), Buffer.from([0xff, 0xfb]), ...frames.slice(2)])
  const whole = read([bytes])
  t.same(whole.frames, frames)
  t.equal(whole.parser.garbageBytes, 7, 'the tag is no garbage')
  t.equal(whole.parser.syncLosses, 1)
  for (let at = 0; at <= bytes.length; at += 1) t.same(read([bytes.subarray(0, at), bytes.subarray(at)]).frames, frames)
  t.same(read(cut(bytes, [1])).frames, frames)
  t.end()
})

t.test('a frame comes out with its last byte, not with the next frame', (t) => {
  const [first, second, third] = literalFrames(3)
  let count = 0
  const parser = new Mp3FrameParser(() => { count += 1 })
  parser.push(first!)
  t.equal(count, 0, 'the first needs a second as witness')
  parser.push(second!)
  t.equal(count, 2)
  parser.push(third!.subarray(0, 23))
  t.equal(count, 2)
  parser.push(third!.subarray(23))
  t.equal(count, 3)
  t.end()
})

t.test('main_data_begin and the place of the side information', (t) => {
  const seen: [number, number][] = []
  const parser = new Mp3FrameParser((frame) => { seen.push([frame.sideInfoOffset, frame.mainDataBegin]) })
  for (const frame of literalFrames(2, 0xa5)) parser.push(frame)
  parser.end()
  t.same(seen, [[4, 0xa5], [4, 0xa5]], 'eight bits in MPEG-2')

  const mpeg1 = Buffer.alloc(384)
  mpeg1.set([0xff, 0xfa, 0x94, 0xc4, 0, 0, 0x81, 0x80])
  parser.push(mpeg1)
  parser.push(mpeg1)
  parser.end()
  t.same(seen.slice(2), [[6, 0x103], [6, 0x103]], 'nine bits in MPEG-1, behind the checksum')
  t.end()
})

t.test('a tag longer than a stream has is garbage, one inside the stream is not', (t) => {
  const frames = literalFrames(6)
  const huge = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f])
  t.same(read([huge, ...frames]).frames, frames)
  const tag = Buffer.concat([Buffer.from([0x49, 0x44, 0x33, 3, 0, 0x10, 0, 0, 1, 0]), Buffer.alloc(128 + 10, 0xff)])
  const inside = read([...frames.slice(0, 3), tag, ...frames.slice(3)])
  t.same(inside.frames, frames)
  t.equal(inside.parser.syncLosses, 0)
  t.equal(inside.parser.garbageBytes, 0)
  t.end()
})

t.test('an error of the callback passes through and harms nothing', (t) => {
  const frames = literalFrames(3)
  const seen: Buffer[] = []
  const parser = new Mp3FrameParser((frame) => {
    seen.push(Buffer.from(frame.bytes))
    if (seen.length === 1) throw new Error('mine')
  })
  t.throws(() => { parser.push(Buffer.concat(frames)) }, { message: 'mine' })
  parser.push(Buffer.alloc(0))
  parser.end()
  t.same(seen, frames)
  t.end()
})

t.test('property: what comes out does not depend on how the bytes were cut', (t) => {
  fc.assert(fc.property(garbage, garbage, garbage, fc.nat(REAL.length), chunkLengths, (before, between, after, at, lengths) => {
    const bytes = Buffer.concat([before, ...REAL.slice(0, at), between, ...REAL.slice(at), after])
    const whole = read([bytes])
    const pieces = read(cut(bytes, lengths))
    return Buffer.concat(whole.frames).equals(Buffer.concat(pieces.frames))
      && whole.frames.length === pieces.frames.length
      && whole.parser.garbageBytes === pieces.parser.garbageBytes
      && whole.parser.syncLosses === pieces.parser.syncLosses
  }), runs(100))
  t.end()
})

t.test('property: it finds the stream again after any garbage', (t) => {
  fc.assert(fc.property(garbage, garbage, garbage, fc.integer({ min: 2, max: REAL.length - 2 }), chunkLengths, (before, between, after, at, lengths) => {
    const { frames } = read(cut(Buffer.concat([before, ...REAL.slice(0, at), between, ...REAL.slice(at), after]), lengths))
    const found = new Set(frames.map((frame) => frame.toString('latin1')))
    // Garbage can look like a header whose frame reaches into the stream: it may cost the frames it covers (7 of these in the longest), no more.
    const missing = REAL.filter((frame) => !found.has(frame.toString('latin1'))).length
    return missing <= 16
  }), runs(200))
  t.end()
})

t.test('property: broken bytes never make it throw, lose count or lose the rest', (t) => {
  const bytes = Buffer.concat([...REAL, ...REAL, ...REAL])
  const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 30 })
  fc.assert(fc.property(flips, chunkLengths, (flips, lengths) => {
    const broken = Buffer.from(bytes)
    for (const [at, bits] of flips) broken[at]! ^= bits
    const { frames, parser } = read(cut(broken, lengths))
    const total = frames.reduce((sum, frame) => sum + frame.length, 0) + parser.garbageBytes
    // Each flip can break one header; the frame and, for want of a witness, the one before it may go with it.
    return total === bytes.length && frames.length >= 3 * REAL.length - 10 * flips.length
  }), runs(100))
  t.end()
})

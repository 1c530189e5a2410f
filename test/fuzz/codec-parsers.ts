import { execFileSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { createEncoder, Mp3FrameParser, opusHeaderPages, OpusPacketReader, opusPage, parseFormat } from '../../codec/index.ts'
import { sweep, encodeAll } from '../support/sound.ts'

/**
 * Feeds the readers of codec/ with broken streams for as long as it is told to.
 *
 *   node test/fuzz/codec-parsers.ts [seconds, default LOA_FUZZ_SECONDS or 60] [seed]
 *
 * Each round takes real streams, breaks them (bits, cuts, repeats, swapped pieces, words the readers look for), feeds them cut at random and checks: nothing
 * is thrown; what comes out does not depend on the cuts; a good stream behind the broken one is found; time stays proportional to the
 * bytes. A failure names the seed and the round, which make it again.
 */

const WORDS = ['OggS\0', 'OggS\0\x02', 'OpusHead', 'OpusTags', 'ID3\x04\0\0\0\0\x7f\x7f', 'ID3\x03\0\x10\0\x3f\x7f\x7f', 'TAG', '\xff\xfb\x94\xc4', '\xff\xf3\x14\xc4', '\xff\xff\xff\xff', '\0\0\0\0'].map((word) => Buffer.from(word, 'latin1'))

/** What a reader made of a stream: a line for each thing given out, and its counters. */
type Reading = string[]

interface Subject {
  readonly name: string
  readonly good: Buffer
  readonly seeds: readonly Buffer[]
  /** Lines that `good` alone must bring. */
  read(chunks: readonly Buffer[]): Reading
}

/** mulberry32: small, seeded, the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 0x1_0000_0000) * below)
  }
}

function subjects(): Subject[] {
  const ffmpeg = (...args: string[]): Buffer => execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=700:duration=1:sample_rate=48000', ...args, 'pipe:1'])
  const sound = sweep(100, 10_000, 1)
  const mp3 = Buffer.concat(encodeAll(createEncoder(parseFormat('mp3-64')), sound))
  const opus = Buffer.concat([opusHeaderPages(312, { vendor: 'loa', comments: ['TITLE=x'] }), ...encodeAll(createEncoder(parseFormat('opus-32')), sound).map((packet, index) => opusPage(packet, index))])
  return [
    {
      name: 'Mp3FrameParser',
      good: mp3,
      seeds: [mp3, ffmpeg('-c:a', 'libmp3lame', '-ac', '2', '-b:a', '128k', '-metadata', 'title=x', '-f', 'mp3')],
      read(chunks) {
        const lines: Reading = []
        const parser = new Mp3FrameParser((frame) => { lines.push(`${String(frame.mainDataBegin)} ${frame.bytes.toString('latin1')}`) })
        for (const chunk of chunks) parser.push(chunk)
        parser.end()
        return [...lines, `garbage ${String(parser.garbageBytes)} losses ${String(parser.syncLosses)}`]
      },
    },
    {
      name: 'OpusPacketReader',
      good: opus,
      seeds: [opus, ffmpeg('-c:a', 'libopus', '-page_duration', '300000', '-f', 'ogg'), ffmpeg('-c:a', 'libvorbis', '-ac', '2', '-f', 'ogg')],
      read(chunks) {
        const lines: Reading = []
        const reader = new OpusPacketReader({
          onHead: (head) => { lines.push(JSON.stringify(head)) },
          onTags: (comments) => { lines.push(JSON.stringify([...comments])) },
          onPacket: (packet, samples) => { lines.push(`${String(samples)} ${packet.toString('latin1')}`) },
        })
        for (const chunk of chunks) reader.push(chunk)
        reader.end()
        return [...lines, `lost ${String(reader.lostPackets)} garbage ${String(reader.garbageBytes)}`]
      },
    },
  ]
}

function broken(seeds: readonly Buffer[], below: (limit: number) => number): Buffer {
  let bytes = Buffer.from(seeds[below(seeds.length)]!)
  for (let i = below(12); i >= 0; i -= 1) {
    const at = below(bytes.length + 1)
    const to = Math.min(bytes.length, at + below(2000))
    switch (below(6)) {
      case 0:
        for (let n = below(20); n >= 0 && bytes.length > 0; n -= 1) bytes[below(bytes.length)]! ^= 1 << below(8)
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), WORDS[below(WORDS.length)]!, bytes.subarray(below(2) === 0 ? at : to)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(Array.from({ length: below(300) }, () => below(256))), bytes.subarray(at)])
        break
      case 5: {
        const other = seeds[below(seeds.length)]!
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(below(other.length))])
        break
      }
    }
  }
  return bytes.subarray(0, 200_000)
}

function chunksOf(bytes: Buffer, below: (limit: number) => number): Buffer[] {
  const longest = [2, 20, 1500, 70_000][below(4)]!
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = below(longest) + 1
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}

/** An honest reader needs under 50 ms for 200 kB here; what takes this long grows faster than its input. */
const SLOWEST_ROUND_MS = 3000

/** Of this process: whether others leave it the processor says nothing about a reader. */
const cpuMs = (): number => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }

/** @returns how many rounds were made. Throws at the first failure. */
export function fuzzCodecParsers(isEnough: (rounds: number) => boolean, seed: number): number {
  const all = subjects()
  const expected = all.map((subject) => subject.read([subject.good]).slice(0, -1))
  let round = 0
  for (; !isEnough(round); round += 1) {
    const below = random(seed + round)
    const index = round % all.length
    const subject = all[index]!
    const where = `${subject.name}, seed ${String(seed)}, round ${String(round)}`
    try {
      const bytes = broken(subject.seeds, below)
      const startedMs = cpuMs()
      const whole = subject.read([bytes])
      const tookMs = cpuMs() - startedMs
      if (tookMs > SLOWEST_ROUND_MS) throw new Error(`${String(bytes.length)} bytes took ${tookMs.toFixed(0)} ms`)
      const pieces = subject.read(chunksOf(bytes, below))
      if (pieces.length !== whole.length || pieces.some((line, i) => line !== whole[i])) throw new Error('what comes out depends on how the bytes were cut')
      healed(subject, bytes, expected[index]!)
    } catch (cause) {
      throw new Error(`${where}: ${String(cause)}`, { cause })
    }
  }
  return round
}

/** The longest thing a reader may believe in before it looks at what follows: an ID3 tag of 1 MiB, or one Ogg page. */
const LONGEST_LIE_BYTES = (1 << 20) + 65_307

/** Behind a broken stream and as many bytes as the longest lie can swallow, a good stream must come out whole. */
function healed(subject: Subject, bytes: Buffer, expected: readonly string[]): void {
  const repeats = Math.ceil(LONGEST_LIE_BYTES / subject.good.length)
  const result = subject.read([bytes, ...Array.from({ length: repeats }, () => subject.good), subject.good])
  const tail = result.slice(-1 - expected.length, -1)
  if (tail.some((line, i) => line !== expected[i])) throw new Error('a good stream behind it was not found')
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const seconds = Number(process.argv[2] ?? process.env.LOA_FUZZ_SECONDS ?? 60)
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
  console.log(`fuzzing the readers of codec/ for ${String(seconds)} s, seed ${String(seed)}`)
  const untilMs = performance.now() + seconds * 1000
  console.log(`${String(fuzzCodecParsers(() => performance.now() > untilMs, seed))} rounds without a failure`)
}

import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { OggPageParser, OPUS_FRAME_SAMPLES, OpusDecoder, opusPacketSamples, type OggPage } from '../../codec/playback.ts'

/** RFC 7845, 4.6: a decoder that begins in the middle needs 80 ms before what is to be heard. */
const PRE_ROLL_PACKETS = 4
/** Kept in memory from the place that is played on: 30 s, some 120 KB at 32 kbit/s. */
const WINDOW_PACKETS = 1500
/** The next window is read when less than this is left of the one before. */
const REFILL_PACKETS = 500

/** `prime` sees to it that so much after its place is in memory. */
const PRIME_SAMPLES = 5 * 48_000

const READ_BYTES = 64 * 1024

/** Where a page stands, and which packet of the file is the first in it. */
interface PageMark {
  readonly offset: number
  readonly firstPacket: number
}

/**
 * A mono Ogg Opus file in packets of 20 ms, read at any place. Opening it reads it once from end to end, for its hash and for a table
 * of its pages. `read` is for the audio path: it decodes what is in memory and waits for nothing; `prime` brings a place into memory.
 */
export class OpusFile {
  readonly durationSamples: number
  readonly #file: FileHandle
  readonly #pages: readonly PageMark[]
  readonly #bytes: number
  readonly #preSkipSamples: number
  readonly #packetCount: number
  #window: readonly Buffer[] = []
  #windowFrom = 0
  #loading: Promise<void> | null = null
  #decoder = new OpusDecoder()
  /** Next packet the decoder is to be given; -1: it has to begin anew. */
  #nextPacket = -1
  #pcm: Float32Array = new Float32Array(0)
  #pcmFrom = 0
  #closed = false

  /** @returns null when the content is not what its name says, or no file of ours */
  static async open(path: string, sha256: string): Promise<OpusFile | null> {
    const file = await open(path, 'r')
    try {
      const scan = await scanFile(file)
      if (scan?.sha256 === sha256) return new OpusFile(file, scan)
    } catch (error) {
      await file.close()
      throw error
    }
    await file.close()
    return null
  }

  private constructor(file: FileHandle, scan: Scan) {
    this.#file = file
    this.#pages = scan.pages
    this.#bytes = scan.bytes
    this.#preSkipSamples = scan.preSkipSamples
    this.#packetCount = scan.packetCount
    this.durationSamples = scan.durationSamples
  }

  /** Whether `read` would find this place in memory. */
  isPrimed(fileSample: number): boolean {
    const packet = this.#packetOf(fileSample)
    return packet >= this.#windowFrom && packet < this.#windowFrom + this.#window.length
  }

  /** Brings a place and some seconds after it into memory. @throws when the disk cannot be read */
  async prime(fileSample: number): Promise<void> {
    const ahead = Math.min(fileSample + PRIME_SAMPLES, this.durationSamples - 1)
    if (this.isPrimed(fileSample) && this.isPrimed(ahead)) return
    await this.#loading
    if (!this.isPrimed(fileSample) || !this.isPrimed(ahead)) await this.#load(this.#packetOf(fileSample))
  }

  // Hot path: once per block while alone. Decodes one packet at most for each 20 ms; allocates what libopus' binding does.
  /** @returns how many samples were written, from the beginning of `block`; fewer than asked where memory or file end */
  read(block: Float32Array, fileSample: number): number {
    let written = 0
    while (written < block.length) {
      const decoded = fileSample + written + this.#preSkipSamples
      const inPcm = decoded - this.#pcmFrom
      if (inPcm < 0 || inPcm >= this.#pcm.length) {
        if (!this.#decode(Math.floor(decoded / OPUS_FRAME_SAMPLES))) break
        continue
      }
      const take = Math.min(block.length - written, this.#pcm.length - inPcm)
      block.set(this.#pcm.subarray(inPcm, inPcm + take), written)
      written += take
    }
    this.#refill()
    return written
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#window = []
    this.#decoder.close()
    await this.#loading?.catch(() => undefined)
    await this.#file.close()
  }

  #packetOf(fileSample: number): number {
    return Math.floor((fileSample + this.#preSkipSamples) / OPUS_FRAME_SAMPLES)
  }

  /** Puts the sound of a packet into `#pcm`. */
  #decode(packet: number): boolean {
    if (this.#packet(packet) === undefined) return false
    if (this.#nextPacket !== packet) {
      this.#decoder.close()
      this.#decoder = new OpusDecoder()
      for (let before = Math.max(this.#windowFrom, packet - PRE_ROLL_PACKETS); before < packet; before++) this.#decodeOne(before)
    }
    this.#pcm = this.#decodeOne(packet)
    this.#pcmFrom = packet * OPUS_FRAME_SAMPLES
    this.#nextPacket = packet + 1
    return true
  }

  #decodeOne(packet: number): Float32Array {
    try {
      return this.#decoder.decode(this.#packet(packet)!)
    } catch {
      return this.#decoder.conceal()
    }
  }

  #packet(packet: number): Buffer | undefined {
    return this.#window[packet - this.#windowFrom]
  }

  #refill(): void {
    const end = this.#windowFrom + this.#window.length
    if (this.#loading !== null || this.#closed || this.#nextPacket < 0 || end >= this.#packetCount || end - this.#nextPacket > REFILL_PACKETS) return
    this.#load(this.#nextPacket).catch(() => undefined) // then the place is missing, and whoever reads falls back
  }

  #load(packet: number): Promise<void> {
    this.#loading = this.#readWindow(Math.max(0, packet - PRE_ROLL_PACKETS)).finally(() => {
      this.#loading = null
    })
    return this.#loading
  }

  async #readWindow(fromPacket: number): Promise<void> {
    const first = this.#pageOf(fromPacket)
    const last = this.#pageOf(Math.min(this.#packetCount - 1, fromPacket + WINDOW_PACKETS))
    const start = this.#pages[first]!
    const end = this.#pages[last + 1]?.offset ?? this.#bytes
    const bytes = Buffer.alloc(end - start.offset)
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, start.offset)
    const packets = packetsOf(bytes.subarray(0, bytesRead))
    if (this.#closed) return
    this.#window = packets
    this.#windowFrom = start.firstPacket
  }

  /** The page in which a packet stands. */
  #pageOf(packet: number): number {
    let low = 0
    let high = this.#pages.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#pages[middle]!.firstPacket <= packet) low = middle
      else high = middle - 1
    }
    return low
  }
}

interface Scan {
  readonly sha256: string
  readonly bytes: number
  readonly pages: readonly PageMark[]
  readonly packetCount: number
  readonly preSkipSamples: number
  /** Of the sound, as the last page says it (RFC 7845, 4.4). */
  readonly durationSamples: number
}

/** OpusHead and OpusTags have a page each at least (RFC 7845, 3); audio begins after them. */
const HEADER_PACKETS = 2

/** @returns null when it is not one mono Opus stream in packets of 20 ms, each whole within its page. */
async function scanFile(file: FileHandle): Promise<Scan | null> {
  const hash = createHash('sha256')
  const pages: PageMark[] = []
  let headers = 0
  let offset = 0
  let packetCount = 0
  let preSkipSamples = -1
  let granule = 0
  let good = true
  const parser = new OggPageParser((page) => {
    const packets = packetsIn(page)
    if (headers === 0) preSkipSamples = preSkipOf(page.body)
    if (headers < HEADER_PACKETS) {
      headers += packets?.length ?? 0
    } else {
      pages.push({ offset, firstPacket: packetCount })
      packetCount += packets?.length ?? 0
      granule = page.granule ?? granule
      if (packets?.every((packet) => opusPacketSamples(packet) === OPUS_FRAME_SAMPLES) !== true) good = false
    }
    offset += page.bytes.length
  })
  const bytes = Buffer.alloc(READ_BYTES)
  for (;;) {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, null)
    if (bytesRead === 0) break
    const chunk = bytes.subarray(0, bytesRead)
    hash.update(chunk)
    parser.push(chunk)
  }
  if (!good || preSkipSamples < 0 || packetCount === 0 || parser.garbageBytes > 0) return null
  return { sha256: hash.digest('hex'), bytes: offset, pages, packetCount, preSkipSamples, durationSamples: Math.min(granule, packetCount * OPUS_FRAME_SAMPLES) - preSkipSamples }
}

/** @returns null when a packet begins or ends in another page. */
function packetsIn(page: OggPage): Buffer[] | null {
  if (page.continued || page.lacing.at(-1) === 255) return null
  const packets: Buffer[] = []
  let start = 0
  let end = 0
  for (const segmentBytes of page.lacing) {
    end += segmentBytes
    if (segmentBytes === 255) continue
    packets.push(page.body.subarray(start, end))
    start = end
  }
  return packets
}

/** @returns -1 when it is not a mono OpusHead (RFC 7845, 5.1). */
const preSkipOf = (head: Buffer): number => (head.length >= 19 && head.toString('latin1', 0, 8) === 'OpusHead' && head[9] === 1 ? head.readUInt16LE(10) : -1)

/** The packets of whole pages, copied. */
function packetsOf(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = []
  const parser = new OggPageParser((page) => {
    for (const packet of packetsIn(page) ?? []) packets.push(Buffer.from(packet))
  })
  parser.push(bytes)
  return packets
}

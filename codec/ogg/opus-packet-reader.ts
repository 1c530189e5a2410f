import { oggPackets } from './packets.ts'
import type { OggPage } from './page-parser.ts'
import { OggPageParser } from './page-parser.ts'
import { opusPacketSamples } from '../opus-packet.ts'

/** Identification header (RFC 7845, 5.1). */
export interface OpusHead {
  readonly channels: number
  readonly preSkipSamples: number
  /** Rate of the recording, for information: Opus itself always decodes at 48 kHz. */
  readonly inputSampleRateHz: number
  /** What a player adds, in dB. */
  readonly outputGainDb: number
}

export interface OpusPacketEvents {
  /** A stream begins; with chained streams, once for each. */
  onHead(head: OpusHead): void
  /** `NAME=value`, names in upper case. */
  onTags(comments: ReadonlyMap<string, string>): void
  /** One packet, good until the callback returns; `samples` is its length at 48 kHz. */
  onPacket(packet: Buffer, samples: number): void
}

/** 48 kHz × 120 ms in 48 frames of the greatest size (RFC 6716, 3.4): no Opus packet is longer. */
const MAX_AUDIO_PACKET_BYTES = 61_440
/** Comments may carry pictures; a player needs none of that from a live stream. */
const MAX_TAGS_BYTES = 1 << 20
const MAX_COMMENTS = 1000

/**
 * Takes the Opus packets out of an Ogg stream fed in chunks of any size. It follows the stream that began last; other logical streams,
 * broken packets and packets of which a page is missing are passed over and counted. Never throws by itself.
 */
export class OpusPacketReader {
  readonly #events: OpusPacketEvents
  readonly #pages: OggPageParser
  readonly #assemble = oggPackets(MAX_TAGS_BYTES, (packet) => { this.#packet(packet) }, () => { this.#lostPackets += 1 })
  #serial: number | undefined
  #expects: 'head' | 'tags' | 'audio' = 'head'
  #lostPackets = 0

  constructor(events: OpusPacketEvents) {
    this.#events = events
    this.#pages = new OggPageParser((page) => { this.#page(page) })
  }

  /** Packets that began but were broken, too long or not followed to their end. */
  get lostPackets(): number {
    return this.#lostPackets
  }

  get garbageBytes(): number {
    return this.#pages.garbageBytes
  }

  push(chunk: Uint8Array): void {
    this.#pages.push(chunk)
  }

  end(): void {
    this.#pages.end()
  }

  #page(page: OggPage): void {
    if (page.beginOfStream) {
      // RFC 7845, 3: OpusHead stands alone on its page; a page that begins another codec's stream is none of ours.
      if (parseOpusHead(page.body) === undefined) return
      this.#serial = page.serial
      this.#expects = 'head'
    }
    if (page.serial !== this.#serial) return
    this.#assemble(page)
    if (page.endOfStream) this.#serial = undefined
  }

  #packet(packet: Buffer): void {
    switch (this.#expects) {
      case 'head': {
        const head = parseOpusHead(packet)
        if (head === undefined) return
        this.#expects = 'tags'
        this.#events.onHead(head)
        return
      }
      case 'tags': {
        this.#expects = 'audio'
        const comments = parseOpusTags(packet)
        if (comments !== undefined) {
          this.#events.onTags(comments)
          return
        }
        // A listener that joined late may have missed the tags: then this is sound already.
        this.#audio(packet)
        return
      }
      case 'audio':
        this.#audio(packet)
    }
  }

  #audio(packet: Buffer): void {
    const samples = packet.length <= MAX_AUDIO_PACKET_BYTES ? opusPacketSamples(packet) : undefined
    if (samples === undefined) this.#lostPackets += 1
    else this.#events.onPacket(packet, samples)
  }
}

/** @returns undefined when the packet is no OpusHead of a version and mapping that a mono or stereo player can use. */
export function parseOpusHead(packet: Buffer): OpusHead | undefined {
  if (packet.length < 19 || packet.toString('latin1', 0, 8) !== 'OpusHead') return undefined
  // RFC 7845, 5.1: the upper four bits are the major version, which must be 0. Mapping family 0 is one stream of one or two channels.
  const channels = packet.readUInt8(9)
  if ((packet.readUInt8(8) & 0xf0) !== 0 || packet.readUInt8(18) !== 0 || channels < 1 || channels > 2) return undefined
  return {
    channels,
    preSkipSamples: packet.readUInt16LE(10),
    inputSampleRateHz: packet.readUInt32LE(12),
    outputGainDb: packet.readInt16LE(16) / 256,
  }
}

/** @returns undefined when the packet is no OpusTags; comments that run over its end are left out. */
export function parseOpusTags(packet: Buffer): ReadonlyMap<string, string> | undefined {
  if (packet.length < 16 || packet.toString('latin1', 0, 8) !== 'OpusTags') return undefined
  const comments = new Map<string, string>()
  let at = 12 + packet.readUInt32LE(8)
  if (at + 4 > packet.length) return comments
  const count = Math.min(packet.readUInt32LE(at), MAX_COMMENTS)
  at += 4
  for (let i = 0; i < count && at + 4 <= packet.length; i += 1) {
    const end = at + 4 + packet.readUInt32LE(at)
    if (end > packet.length) break
    const text = packet.toString('utf8', at + 4, end)
    const equals = text.indexOf('=')
    if (equals > 0) comments.set(text.slice(0, equals).toUpperCase(), text.slice(equals + 1))
    at = end
  }
  return comments
}

import { joinedL16, joinedMuLaw } from '../pcm/joint.ts'
import { combineOpusPackets } from './opus-repacketizer.ts'
import { modulo, rtpPacket, UINT16, UINT32 } from './rtp-packet.ts'

export type RtpCodec = 'opus' | 'l16' | 'pcmu'

/** Samples of the house clock in one of our frames, whatever the codec. */
export const RTP_FRAME_SAMPLES = 960
const HOUSE_RATE_HZ = 48_000

/** Clock of timestamps: Opus always counts at 48 kHz (RFC 7587, 4.1), PCMU at 8 kHz (RFC 3551, 4.5.14). */
export const RTP_CLOCK_HZ: Readonly<Record<RtpCodec, number>> = { opus: 48_000, l16: 48_000, pcmu: 8000 }

/** PCMU has a number of its own (RFC 3551, 6); the others are dynamic and told by SDP. L16 at 44.1 kHz would be 11, ours is 48 kHz. */
export const RTP_PAYLOAD_TYPE: Readonly<Record<RtpCodec, number>> = { opus: 96, l16: 97, pcmu: 0 }

/** What tells an RTP stream from all others, and where its numbers begin. */
export interface StreamIdentity {
  readonly ssrc: number
  /** Added to the number of the packet on the house clock. */
  readonly sequenceOffset: number
  /** Added to the house time in ticks of the payload's clock. */
  readonly timestampOffset: number
}

export interface PacketizerOptions {
  readonly codec: RtpCodec
  /** 10 (not Opus), 20, 40 or 60. */
  readonly packetMs: number
  readonly identity: StreamIdentity
}

export interface TimedPacket {
  readonly packet: Buffer
  readonly payloadBytes: number
  /** It is due when a frame that ends at this house sample is. Parts of one frame are due one after the other. */
  readonly dueSamples: number
}

/**
 * Makes RTP packets of frames on the house grid. Packet n covers house samples [n × length, (n + 1) × length); its sequence number and
 * timestamp follow from n and the identity alone. So every process makes the same packets of the same frames, and nothing ever jumps
 * but the house clock.
 */
export class RtpPacketizer {
  readonly packetSamples: number
  readonly #codec: RtpCodec
  readonly #identity: StreamIdentity
  readonly #framesPerPacket: number
  readonly #pending: Buffer[] = []
  #nextFrame = -1
  /** Frame before this one, for the joint at a cut in uncoded sound. */
  #previous: Buffer | null = null
  /** Frames that had to go empty in a combined packet, see combineOpusPackets. */
  emptiedFrames = 0
  /** Frames that never became a packet, because others of their packet did not come. */
  droppedFrames = 0

  /** @throws RangeError for a packet length that the codec cannot have */
  constructor({ codec, packetMs, identity }: PacketizerOptions) {
    this.packetSamples = packetMs * (HOUSE_RATE_HZ / 1000)
    const frames = this.packetSamples / RTP_FRAME_SAMPLES
    if (!(Number.isInteger(frames) || (packetMs === 10 && codec !== 'opus')) || frames < 0.5 || frames > 6) throw new RangeError(`${codec} packets cannot last ${String(packetMs)} ms`)
    this.#codec = codec
    this.#identity = identity
    this.#framesPerPacket = Math.max(1, frames)
  }

  /**
   * Takes the next frame and adds the packets it completes to `packets`. After a hole, frames wait for the next beginning of a packet.
   * @param frame Opus packet of one frame, or 20 ms of big-endian or µ-law samples
   * @param cut the frame before it came from another room
   */
  push(frameIndex: number, frame: Buffer, cut: boolean, packets: TimedPacket[]): void {
    const place = frameIndex % this.#framesPerPacket
    if (frameIndex !== this.#nextFrame || place === 0) {
      this.droppedFrames += this.#pending.length
      this.#pending.length = 0
    }
    this.#nextFrame = frameIndex + 1
    if (place !== this.#pending.length) {
      this.droppedFrames += 1
      return
    }
    this.#pending.push(cut ? this.#joined(frame) : frame)
    this.#previous = frame
    if (this.#pending.length < this.#framesPerPacket) return
    const fromSamples = (frameIndex + 1 - this.#framesPerPacket) * RTP_FRAME_SAMPLES
    const payload = this.#payload()
    this.#pending.length = 0
    const parts = Math.max(1, RTP_FRAME_SAMPLES / this.packetSamples)
    const partBytes = payload.length / parts
    for (let part = 0; part < parts; part += 1) {
      packets.push(this.#packet(fromSamples + part * this.packetSamples, parts === 1 ? payload : payload.subarray(part * partBytes, (part + 1) * partBytes)))
    }
  }

  /** Timestamp of a house sample, which may have a fraction. */
  timestampAt(houseSamples: number): number {
    return modulo(Math.floor(houseSamples / (HOUSE_RATE_HZ / RTP_CLOCK_HZ[this.#codec])) + this.#identity.timestampOffset, UINT32)
  }

  #joined(frame: Buffer): Buffer {
    if (this.#previous === null || this.#codec === 'opus') return frame
    return this.#codec === 'l16' ? joinedL16(this.#previous.readInt16BE(this.#previous.length - 2), frame) : joinedMuLaw(this.#previous.at(-1)!, frame)
  }

  #payload(): Buffer {
    if (this.#codec !== 'opus') return this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending)
    const { packet, emptied } = combineOpusPackets(this.#pending)
    this.emptiedFrames += emptied
    return packet
  }

  #packet(fromSamples: number, payload: Buffer): TimedPacket {
    const { ssrc, sequenceOffset } = this.#identity
    const sequence = modulo(fromSamples / this.packetSamples + sequenceOffset, UINT16)
    const header = { payloadType: RTP_PAYLOAD_TYPE[this.#codec], marker: false, sequence, timestamp: this.timestampAt(fromSamples), ssrc }
    return { packet: rtpPacket(header, payload), payloadBytes: payload.length, dueSamples: fromSamples + Math.max(this.packetSamples, RTP_FRAME_SAMPLES) }
  }
}

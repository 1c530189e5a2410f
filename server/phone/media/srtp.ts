import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { RTP_HEADER_BYTES } from '../../../codec/rtp/index.ts'

/** Names as RFC 4568, 6.2 has them; both encrypt by AES in counter mode with 128 bits and differ in the length of the tag. */
export const SRTP_TAG_BYTES = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 } as const
export type SrtpSuite = keyof typeof SRTP_TAG_BYTES

export const SRTP_KEY_BYTES = 16
export const SRTP_SALT_BYTES = 14
/** Of a control packet the tag always has 80 bits (RFC 4568, 6.2.2). */
const RTCP_TAG_BYTES = 10
const RTCP_INDEX_BYTES = 4
const ENCRYPTED_BIT = 0x8000_0000
const AUTH_KEY_BYTES = 20
const LABEL = { RTP_CIPHER: 0, RTP_AUTH: 1, RTP_SALT: 2, RTCP_CIPHER: 3, RTCP_AUTH: 4, RTCP_SALT: 5 } as const
const REPLAY_WINDOW = 64
const MAX_STREAMS = 8

interface SessionKeys {
  readonly cipher: Buffer
  readonly auth: Buffer
  readonly salt: Buffer
}

/** The key derivation of RFC 3711, 4.3.1, with a rate of 0: once, at the beginning. */
export function sessionKey(master: Buffer, salt: Buffer, label: number, bytes: number): Buffer {
  const start = Buffer.alloc(16)
  salt.copy(start)
  start[7] = start[7]! ^ label
  return createCipheriv('aes-128-ctr', master, start).update(Buffer.alloc(bytes))
}

/** Numbers already seen of one stream, RFC 3711, 3.3.2. */
class ReplayWindow {
  #highest = -1
  #seen = 0n

  isNew(index: number): boolean {
    const behind = this.#highest - index
    return behind < 0 || (behind < REPLAY_WINDOW && ((this.#seen >> BigInt(behind)) & 1n) === 0n)
  }

  take(index: number): void {
    const ahead = index - this.#highest
    if (ahead > 0) {
      this.#seen = this.#highest < 0 || ahead >= REPLAY_WINDOW ? 1n : BigInt.asUintN(REPLAY_WINDOW, (this.#seen << BigInt(ahead)) | 1n)
      this.#highest = index
    } else {
      this.#seen |= 1n << BigInt(-ahead)
    }
  }

  get highest(): number {
    return this.#highest
  }
}

/** One direction of a call that is encrypted (RFC 3711) with a key from its SDP (RFC 4568). */
export class SrtpContext {
  readonly #tagBytes: number
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys
  /** By SSRC: packets seen or sent. */
  readonly #streams = new Map<number, ReplayWindow>()
  readonly #controls = new Map<number, ReplayWindow>()
  #rtcpIndex = 0

  /** @param keyAndSalt 30 bytes */
  constructor(suite: SrtpSuite, keyAndSalt: Buffer) {
    if (keyAndSalt.length !== SRTP_KEY_BYTES + SRTP_SALT_BYTES) throw new RangeError('an SRTP key has 30 bytes')
    this.#tagBytes = SRTP_TAG_BYTES[suite]
    const master = keyAndSalt.subarray(0, SRTP_KEY_BYTES)
    const salt = keyAndSalt.subarray(SRTP_KEY_BYTES)
    const keys = (cipher: number, auth: number, salting: number): SessionKeys => ({
      cipher: sessionKey(master, salt, cipher, SRTP_KEY_BYTES), auth: sessionKey(master, salt, auth, AUTH_KEY_BYTES), salt: sessionKey(master, salt, salting, SRTP_SALT_BYTES),
    })
    this.#rtp = keys(LABEL.RTP_CIPHER, LABEL.RTP_AUTH, LABEL.RTP_SALT)
    this.#rtcp = keys(LABEL.RTCP_CIPHER, LABEL.RTCP_AUTH, LABEL.RTCP_SALT)
  }

  /** @returns the packet as it goes out; packets of a stream must come in the order of their numbers */
  protect(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(8)
    const window = streamOf(this.#streams, ssrc)!
    const index = packetIndex(window.highest, packet.readUInt16BE(2))
    window.take(index)
    const headerBytes = rtpHeaderBytes(packet) ?? RTP_HEADER_BYTES
    const body = crypt(this.#rtp, ssrc, index, packet.subarray(headerBytes))
    const secret = Buffer.concat([packet.subarray(0, headerBytes), body])
    return Buffer.concat([secret, this.#rtpTag(secret, index)])
  }

  /** @returns the packet in clear; undefined when it is not one of ours, was changed on its way, or has been here before */
  unprotect(packet: Buffer): Buffer | undefined {
    const end = packet.length - this.#tagBytes
    if (end < RTP_HEADER_BYTES) return undefined
    const secret = packet.subarray(0, end)
    const headerBytes = rtpHeaderBytes(secret)
    if (headerBytes === undefined) return undefined
    const ssrc = packet.readUInt32BE(8)
    const known = this.#streams.get(ssrc)
    const index = packetIndex(known?.highest ?? -1, packet.readUInt16BE(2))
    if (index < 0 || known?.isNew(index) === false) return undefined
    if (!timingSafeEqual(this.#rtpTag(secret, index), packet.subarray(end))) return undefined
    const window = streamOf(this.#streams, ssrc)
    if (window === undefined) return undefined
    window.take(index)
    return Buffer.concat([packet.subarray(0, headerBytes), crypt(this.#rtp, ssrc, index, packet.subarray(headerBytes, end))])
  }

  /** As `protect`, for control packets. */
  protectControl(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(4)
    const index = this.#rtcpIndex
    this.#rtcpIndex = (index + 1) % ENCRYPTED_BIT
    const word = Buffer.alloc(RTCP_INDEX_BYTES)
    word.writeUInt32BE(ENCRYPTED_BIT + index)
    const secret = Buffer.concat([packet.subarray(0, 8), crypt(this.#rtcp, ssrc, index, packet.subarray(8)), word])
    return Buffer.concat([secret, hmac(this.#rtcp.auth, secret).subarray(0, RTCP_TAG_BYTES)])
  }

  /** As `unprotect`, for control packets. */
  unprotectControl(packet: Buffer): Buffer | undefined {
    const end = packet.length - RTCP_TAG_BYTES
    const bodyEnd = end - RTCP_INDEX_BYTES
    if (bodyEnd < 8) return undefined
    if (!timingSafeEqual(hmac(this.#rtcp.auth, packet.subarray(0, end)).subarray(0, RTCP_TAG_BYTES), packet.subarray(end))) return undefined
    const ssrc = packet.readUInt32BE(4)
    const word = packet.readUInt32BE(bodyEnd)
    const index = word % ENCRYPTED_BIT
    const window = streamOf(this.#controls, ssrc)
    if (window?.isNew(index) !== true) return undefined
    window.take(index)
    const body = packet.subarray(8, bodyEnd)
    return Buffer.concat([packet.subarray(0, 8), word >= ENCRYPTED_BIT ? crypt(this.#rtcp, ssrc, index, body) : body])
  }

  #rtpTag(secret: Buffer, index: number): Buffer {
    const rollover = Buffer.alloc(4)
    rollover.writeUInt32BE(Math.floor(index / 0x1_0000))
    return hmac(this.#rtp.auth, secret, rollover).subarray(0, this.#tagBytes)
  }
}

/** Undefined: too many streams for one call. */
function streamOf(streams: Map<number, ReplayWindow>, ssrc: number): ReplayWindow | undefined {
  let window = streams.get(ssrc)
  if (window === undefined) {
    if (streams.size >= MAX_STREAMS) return undefined
    window = new ReplayWindow()
    streams.set(ssrc, window)
  }
  return window
}

/** The number of a packet with its rollovers: of three it may be, the one nearest to the highest so far (RFC 3711, 3.3.1 and Appendix A). */
export function packetIndex(highest: number, sequence: number): number {
  if (highest < 0) return sequence
  const rollover = Math.floor(highest / 0x1_0000)
  const last = highest % 0x1_0000
  if (last < 0x8000) return (sequence - last > 0x8000 ? rollover - 1 : rollover) * 0x1_0000 + sequence
  return (last - 0x8000 > sequence ? rollover + 1 : rollover) * 0x1_0000 + sequence
}

function rtpHeaderBytes(packet: Buffer): number | undefined {
  if (packet.length < RTP_HEADER_BYTES || packet[0]! >> 6 !== 2) return undefined
  let bytes = RTP_HEADER_BYTES + (packet[0]! & 0x0f) * 4
  if ((packet[0]! & 0x10) !== 0) {
    if (packet.length < bytes + 4) return undefined
    bytes += 4 + packet.readUInt16BE(bytes + 2) * 4
  }
  return bytes <= packet.length ? bytes : undefined
}

/** The counter begins at (salt × 2¹⁶) ⊕ (SSRC × 2⁶⁴) ⊕ (index × 2¹⁶) (RFC 3711, 4.1.1). */
function crypt(keys: SessionKeys, ssrc: number, index: number, body: Buffer): Buffer {
  const start = Buffer.alloc(16)
  keys.salt.copy(start)
  start.writeUInt32BE((start.readUInt32BE(4) ^ ssrc) >>> 0, 4)
  start.writeUIntBE(start.readUInt16BE(8) ^ Math.floor(index / 0x1_0000_0000), 8, 2)
  start.writeUInt32BE((start.readUInt32BE(10) ^ (index % 0x1_0000_0000)) >>> 0, 10)
  return createCipheriv('aes-128-ctr', keys.cipher, start).update(body)
}

function hmac(key: Buffer, ...parts: Buffer[]): Buffer {
  const mac = createHmac('sha1', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** Announcements of sessions (RFC 2974). */
export const SAP_PORT = 9875
const VERSION_BITS = 0x20
const IPV6_BIT = 0x10
const DELETION_BIT = 0x04
const ENCRYPTED_BIT = 0x02
const COMPRESSED_BIT = 0x01
const PAYLOAD_TYPE = 'application/sdp'
/** An announcement should fit in 1 kB (RFC 2974, 6). */
export const SAP_MAX_BYTES = 1024

export interface SapPacket {
  /** True: the session is over. */
  readonly deletion: boolean
  /** With the origin it names one version of one description; never 0. */
  readonly messageIdHash: number
  readonly originAddress: string
  readonly sdp: string
}

/**
 * An announcement of this description, or of its end.
 * @param originAddress IPv4 or IPv6 address of this machine, without a zone
 */
export function sapPacket(originAddress: string, sdp: string, deletion: boolean): Buffer {
  const origin = addressBytes(originAddress)
  const head = Buffer.alloc(4)
  head[0] = VERSION_BITS | (origin.length === 16 ? IPV6_BIT : 0) | (deletion ? DELETION_BIT : 0)
  head.writeUInt16BE(messageIdHash(sdp), 2)
  return Buffer.concat([head, origin, Buffer.from(`${PAYLOAD_TYPE}\0`, 'latin1'), Buffer.from(sdp, 'utf8')])
}

/** Where a session of this group is announced: the well-known group of the same scope (RFC 2974, 3; RFC 2365). */
export function sapGroup(address: string): string {
  if (address.includes(':')) return `ff0${scopeOfIpv6(address)}::2:7ffe`
  const [first = 0, second = 0] = address.split('.').map(Number)
  // Organisation-local scope, 239.192.0.0/14.
  if (first === 239 && second >= 192 && second <= 195) return '239.195.255.255'
  return first === 239 ? '239.255.255.255' : '224.2.127.254'
}

/** @returns undefined for anything that is not an announcement of SDP that can be read. */
export function parseSap(datagram: Buffer): SapPacket | undefined {
  const first = datagram[0]
  if (first === undefined || datagram.length < 8 || first >> 5 !== 1) return undefined
  if ((first & (ENCRYPTED_BIT | COMPRESSED_BIT)) !== 0) return undefined
  const originBytes = (first & IPV6_BIT) === 0 ? 4 : 16
  const from = 4 + originBytes + datagram[1]! * 4
  if (datagram.length < from) return undefined
  const body = datagram.subarray(from)
  // The type may be left out when the payload is SDP, which always begins so (RFC 2974, 6).
  const end = body.indexOf(0)
  const bare = body.toString('latin1', 0, 3) === 'v=0'
  if (!bare && (end === -1 || body.toString('latin1', 0, end) !== PAYLOAD_TYPE)) return undefined
  return {
    deletion: (first & DELETION_BIT) !== 0,
    messageIdHash: datagram.readUInt16BE(2),
    originAddress: addressText(datagram.subarray(4, 4 + originBytes)),
    sdp: body.toString('utf8', bare ? 0 : end + 1),
  }
}

/** FNV-1a, folded to 16 bits: it only has to be another number for another description (RFC 2974, 3). */
function messageIdHash(sdp: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(sdp, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  const folded = ((hash >>> 16) ^ hash) & 0xffff
  return folded === 0 ? 1 : folded
}

function scopeOfIpv6(address: string): string {
  return /^ff[0-9a-f]([0-9a-f])/i.exec(address)?.[1]?.toLowerCase() ?? 'e'
}

/** @throws RangeError when it is no address */
export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) {
    const parts = address.split('.').map(Number)
    if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) throw new RangeError(`'${address}' is not an address`)
    return Buffer.from(parts)
  }
  const [head = '', tail] = address.split('::', 2)
  const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)))
  const before = words(head)
  const after = tail === undefined ? [] : words(tail)
  const all = tail === undefined ? before : [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after]
  if (all.length !== 8 || all.some((word) => !Number.isInteger(word) || word < 0 || word > 0xffff)) throw new RangeError(`'${address}' is not an address`)
  const bytes = Buffer.alloc(16)
  for (const [index, word] of all.entries()) bytes.writeUInt16BE(word, index * 2)
  return bytes
}

const addressText = (bytes: Buffer): string =>
  bytes.length === 4 ? [...bytes].join('.') : Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':')

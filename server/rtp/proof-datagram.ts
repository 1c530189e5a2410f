/**
 * The datagrams by which a receiver of unicast RTP proves that it is where it says; byte table in server/protocol.md. All have the same
 * size, so that nothing that is sent to an address is larger than what came from it.
 */
export const PROOF_BYTES = 32
export const TOKEN_BYTES = 24
const MAGIC = Buffer.from('LOAP', 'latin1')
const VERSION = 1
const TYPES = ['request', 'challenge', 'proof', 'accepted'] as const

export interface ProofDatagram {
  readonly type: (typeof TYPES)[number]
  /** `accepted`: for how long, s; otherwise 0. */
  readonly validSeconds: number
  /** All zero in a request. */
  readonly token: Buffer
}

export function proofDatagram(type: ProofDatagram['type'], token: Uint8Array = new Uint8Array(TOKEN_BYTES), validSeconds = 0): Buffer {
  const bytes = Buffer.alloc(PROOF_BYTES)
  MAGIC.copy(bytes, 0)
  bytes[4] = VERSION
  bytes[5] = TYPES.indexOf(type) + 1
  bytes.writeUInt16BE(validSeconds, 6)
  bytes.set(token.subarray(0, TOKEN_BYTES), 8)
  return bytes
}

/** @returns undefined for anything else, longer or shorter datagrams among it. */
export function parseProofDatagram(bytes: Buffer): ProofDatagram | undefined {
  if (bytes.length !== PROOF_BYTES || !bytes.subarray(0, 4).equals(MAGIC) || bytes[4] !== VERSION) return undefined
  const type = TYPES[bytes[5]! - 1]
  if (type === undefined) return undefined
  return { type, validSeconds: bytes.readUInt16BE(6), token: bytes.subarray(8) }
}

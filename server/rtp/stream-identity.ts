import { createHash } from 'node:crypto'
import type { StreamIdentity } from '../../codec/rtp/index.ts'

/**
 * Identity of the stream of an output: random to everybody else (RFC 3550, 5.1 wants SSRC and both offsets so), yet the same in
 * whichever process sends it, so that a successor goes on where the one before it died.
 * @param outputId itself made of random bits
 */
export function streamIdentity(outputId: string): StreamIdentity {
  const hash = createHash('sha256').update(`loa-rtp-1\n${outputId}`, 'utf8').digest()
  return { ssrc: hash.readUInt32BE(0), sequenceOffset: hash.readUInt16BE(4), timestampOffset: hash.readUInt32BE(6) }
}

import { createHash } from 'node:crypto'

/** What tells an RTP stream from all others, and where its numbers begin. */
export interface StreamIdentity {
  readonly ssrc: number
  /** Added to the number of the packet on the house clock. */
  readonly sequenceOffset: number
  /** Added to the house time in ticks of the payload's clock. */
  readonly timestampOffset: number
}

/**
 * Identity of the stream of an output: random to everybody else (RFC 3550, 5.1 wants SSRC and both offsets so), yet the same in
 * whichever process sends it, so that a successor goes on where the one before it died.
 * @param outputId itself made of random bits
 */
export function streamIdentity(outputId: string): StreamIdentity {
  const hash = createHash('sha256').update(`loa-rtp-1\n${outputId}`, 'utf8').digest()
  return { ssrc: hash.readUInt32BE(0), sequenceOffset: hash.readUInt16BE(4), timestampOffset: hash.readUInt32BE(6) }
}

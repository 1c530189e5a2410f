import type { OggPage } from './page-parser.ts'

/**
 * Joins the packets of one logical stream from its pages (RFC 3533, 5).
 * @param maxPacketBytes longer packets are lost.
 * @param onPacket the packet is good until the callback returns.
 * @param onLost a packet was too long or misses its beginning or its end.
 * @returns what takes the pages, in order.
 */
export function oggPackets(maxPacketBytes: number, onPacket: (packet: Buffer) => void, onLost: () => void): (page: OggPage) => void {
  let parts: Buffer[] = []
  let partBytes = 0
  /** Whether a packet is open: 'lost' swallows the rest of one that cannot be completed. */
  let open: 'none' | 'part' | 'lost' = 'none'
  let nextSequence: number | undefined

  function forget(): void {
    parts = []
    partBytes = 0
    open = 'none'
  }

  function lose(): void {
    forget()
    open = 'lost'
    onLost()
  }

  function take(piece: Buffer, ends: boolean): void {
    if (open !== 'lost' && partBytes + piece.length > maxPacketBytes) lose()
    if (open === 'lost') {
      if (ends) forget()
      return
    }
    if (ends) {
      const packet = open === 'part' ? Buffer.concat([...parts, piece]) : piece
      forget()
      onPacket(packet)
      return
    }
    // The view ends with the page, so what is kept is copied.
    parts.push(Buffer.from(piece))
    partBytes += piece.length
    open = 'part'
  }

  return (page) => {
    if (page.beginOfStream) forget()
    const inOrder = nextSequence === undefined || page.sequence === nextSequence
    nextSequence = (page.sequence + 1) >>> 0
    if (open === 'part' && (!inOrder || !page.continued)) lose()
    if (page.continued && open === 'none') lose()
    if (!page.continued && open === 'lost') forget()

    let start = 0
    let end = 0
    for (const segmentBytes of page.lacing) {
      end += segmentBytes
      if (segmentBytes === 255) continue
      take(page.body.subarray(start, end), true)
      start = end
    }
    if (end > start) take(page.body.subarray(start, end), false)
  }
}

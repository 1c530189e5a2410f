import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from './message.ts'

/** What a stream must not do. */
export class FramingError extends Error {}

/** Cuts a stream into messages by Content-Length (RFC 3261, 18.3); bounded, unlike the package's. */
export class StreamFramer {
  #kept = ''
  /** Where the search for the end of the head goes on: a head that comes byte by byte is not read anew each time. */
  #searched = 0

  /**
   * @returns whole messages, oldest first, and how many pings (two empty lines, RFC 5626, 4.4.1) came between them
   * @throws FramingError when the stream can no longer be understood
   */
  push(chunk: Buffer): { readonly messages: Buffer[]; readonly pings: number } {
    this.#kept += chunk.toString('latin1')
    const messages: Buffer[] = []
    let pings = 0
    for (;;) {
      const gap = /^(?:\r\n)+/.exec(this.#kept)?.[0].length ?? 0
      if (gap > 0) {
        pings += Math.floor(gap / 4)
        this.#kept = this.#kept.slice(gap)
        this.#searched = 0
      }
      const end = this.#kept.indexOf('\r\n\r\n', this.#searched)
      if (end === -1 ? this.#kept.length > MAX_HEAD_BYTES : end > MAX_HEAD_BYTES) throw new FramingError('the head of a message is too long')
      if (end === -1) {
        this.#searched = Math.max(0, this.#kept.length - 3)
        return { messages, pings }
      }
      const length = contentLength(this.#kept.slice(0, end))
      const total = end + 4 + length
      if (this.#kept.length < total) {
        this.#searched = end
        return { messages, pings }
      }
      messages.push(Buffer.from(this.#kept.slice(0, total), 'latin1'))
      this.#kept = this.#kept.slice(total)
      this.#searched = 0
    }
  }
}

function contentLength(head: string): number {
  const lengths = [...head.matchAll(/^(?:content-length|l)[ \t]*:[ \t]*(.*)$/gim)].map((match) => match[1]!.trim())
  const [length] = lengths
  if (length === undefined || lengths.length > 1 || !/^\d{1,7}$/.test(length) || Number(length) > MAX_BODY_BYTES) throw new FramingError('a message on a stream needs one Content-Length')
  return Number(length)
}

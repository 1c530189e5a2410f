import { Transform, type TransformCallback } from 'node:stream'

/** A metadata block is at most 255 × 16 bytes. */
const BLOCK_UNIT_BYTES = 16

/**
 * Takes the metadata out of an ICY stream: after every `intervalBytes` of sound stands one length byte (in units of 16)
 * and so many bytes of text such as `StreamTitle='...';`, filled up with zeros.
 */
export class IcyReader extends Transform {
  readonly #intervalBytes: number
  readonly #onTitle: (title: string) => void
  #soundLeft: number
  #textLeft = 0
  #text: Buffer[] = []

  constructor(intervalBytes: number, onTitle: (title: string) => void) {
    super()
    this.#intervalBytes = intervalBytes
    this.#onTitle = onTitle
    this.#soundLeft = intervalBytes
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#textLeft > 0) {
        const take = Math.min(this.#textLeft, chunk.length - at)
        this.#text.push(chunk.subarray(at, at + take))
        this.#textLeft -= take
        at += take
        if (this.#textLeft === 0) this.#readText()
      } else if (this.#soundLeft > 0) {
        const take = Math.min(this.#soundLeft, chunk.length - at)
        this.push(chunk.subarray(at, at + take))
        this.#soundLeft -= take
        at += take
      } else {
        this.#textLeft = chunk[at]! * BLOCK_UNIT_BYTES
        this.#soundLeft = this.#intervalBytes
        at++
      }
    }
    done()
  }

  #readText(): void {
    const bytes = Buffer.concat(this.#text)
    this.#text = []
    const end = bytes.indexOf(0)
    const raw = end === -1 ? bytes : bytes.subarray(0, end)
    // A title may hold quotes; only the quote before a semicolon ends it.
    const match = /StreamTitle='(.*?)';/s.exec(readUtf8OrLatin1(raw))
    if (match !== null) this.#onTitle(match[1]!.slice(0, 300))
  }
}

function readUtf8OrLatin1(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

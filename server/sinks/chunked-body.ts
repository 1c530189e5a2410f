const MAX_CHUNK_HEAD_BYTES = 1024
const MAX_CHUNK_BYTES = 16 * 1024 * 1024

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done' | 'bad'

/** Takes the chunked transfer coding off a body that comes in pieces (RFC 9112, 7.1). */
export class ChunkedBody {
  #state: State = 'size'
  #line = ''
  #left = 0

  /** `done` after the last chunk, `bad` when the peer does not keep to the coding; nothing is taken in either. */
  get state(): 'open' | 'done' | 'bad' {
    return this.#state === 'done' || this.#state === 'bad' ? this.#state : 'open'
  }

  /** @returns the pieces of content in `bytes`, as views. */
  push(bytes: Buffer): Buffer[] {
    const content: Buffer[] = []
    let at = 0
    while (at < bytes.length && this.state === 'open') {
      if (this.#state === 'data') {
        const taken = bytes.subarray(at, at + this.#left)
        content.push(taken)
        at += taken.length
        this.#left -= taken.length
        if (this.#left === 0) this.#state = 'data-end'
        continue
      }
      const end = bytes.indexOf(0x0a, at)
      this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end)
      at = end < 0 ? bytes.length : end + 1
      if (this.#line.length > MAX_CHUNK_HEAD_BYTES) this.#state = 'bad'
      else if (end >= 0) this.#takeLine()
    }
    return content
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r$/, '')
    this.#line = ''
    switch (this.#state) {
      case 'size': {
        const size = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(line)
        const bytes = size === null ? NaN : Number.parseInt(size[1]!, 16)
        if (!(bytes <= MAX_CHUNK_BYTES)) this.#state = 'bad'
        else if (bytes === 0) this.#state = 'trailer'
        else {
          this.#left = bytes
          this.#state = 'data'
        }
        break
      }
      case 'data-end':
        this.#state = line === '' ? 'size' : 'bad'
        break
      case 'trailer':
        if (line === '') this.#state = 'done'
        break
      case 'data':
      case 'done':
      case 'bad':
        break
    }
  }
}

/**
 * The bytes of a stream that a parser still needs: fed in chunks of any size, read as one piece, never longer than `capacity`.
 * Chunks are copied in, so that a view on a whole frame never straddles two chunks and the caller may reuse its own buffer.
 */
export class ByteWindow {
  readonly #buffer: Buffer
  #start = 0
  #end = 0

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** Copies as much of `chunk` from `offset` as there is room for. @returns the count of bytes taken, at least 1 unless the window is full. */
  fill(chunk: Uint8Array, offset: number): number {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end)
      this.#end -= this.#start
      this.#start = 0
    }
    const count = Math.min(chunk.length - offset, this.#buffer.length - this.#end)
    this.#buffer.set(chunk.subarray(offset, offset + count), this.#end)
    this.#end += count
    return count
  }

  /** Byte `index` from the start; the caller has looked at `length`. */
  at(index: number): number {
    return this.#buffer[this.#start + index] as number
  }

  /** A view on [from, to), good until the next `fill`. */
  view(from: number, to: number): Buffer {
    return this.#buffer.subarray(this.#start + from, this.#start + to)
  }

  /** Index of `byte` at or after `from`, or `length` when there is none. */
  indexOf(byte: number, from: number): number {
    const found = this.#buffer.subarray(this.#start, this.#end).indexOf(byte, from)
    return found < 0 ? this.length : found
  }

  /** Forgets `count` bytes at the start. */
  drop(count: number): void {
    this.#start += count
  }

  clear(): void {
    this.#start = 0
    this.#end = 0
  }
}

/** Whole numbers from 0 to 2⁵³ as LEB128: seven bits a byte, the least first. */
export class Packer {
  #bytes = new Uint8Array(1024)
  #length = 0

  add(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    let left = value
    // Division, because shifts end at 32 bits.
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.#bytes[this.#length++] = (left % 0x80) + 0x80
    this.#bytes[this.#length++] = left
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}

export class Unpacker {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isOver(): boolean {
    return this.#at >= this.#bytes.length
  }

  next(): number {
    // Hot path: a year of a province is some ten million of these.
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at++]!
      if (byte < 0x80) return value + byte * factor
      value += (byte - 0x80) * factor
    }
  }
}

/** A set of whole numbers in about a byte each: the distances between them, in order. */
export function packNumbers(numbers: Iterable<number>): Uint8Array {
  const packer = new Packer()
  let last = 0
  for (const number of [...numbers].sort((a, b) => a - b)) {
    packer.add(number - last)
    last = number
  }
  return packer.bytes()
}

export function unpackNumbers(bytes: Uint8Array): number[] {
  const unpacker = new Unpacker(bytes)
  const numbers: number[] = []
  for (let last = 0; !unpacker.isOver; numbers.push(last)) last += unpacker.next()
  return numbers
}

/** Whether a number is among those that were packed; what is greater is not looked at. */
export function isPacked(bytes: Uint8Array, number: number): boolean {
  const unpacker = new Unpacker(bytes)
  for (let last = 0; !unpacker.isOver;) {
    last += unpacker.next()
    if (last >= number) return last === number
  }
  return false
}

/** Of each number a row of amounts, whole and not below 0, of which most are 0: at most 30 of them. */
export function packTotals(totals: ReadonlyMap<number, ArrayLike<number>>): Uint8Array {
  const packer = new Packer()
  let last = 0
  for (const [number, amounts] of [...totals].sort(([a], [b]) => a - b)) {
    packer.add(number - last)
    last = number
    let present = 0
    for (let index = 0; index < amounts.length; index++) if (amounts[index] !== 0) present |= 1 << index
    packer.add(present)
    for (let index = 0; index < amounts.length; index++) if (amounts[index] !== 0) packer.add(amounts[index]!)
  }
  return packer.bytes()
}

/** @param each called for each number with its amounts, in an array that is used again for the next */
export function unpackTotals(bytes: Uint8Array, width: number, each: (number: number, amounts: Float64Array) => void): void {
  const unpacker = new Unpacker(bytes)
  const amounts = new Float64Array(width)
  for (let last = 0; !unpacker.isOver;) {
    last += unpacker.next()
    const present = unpacker.next()
    for (let index = 0; index < width; index++) amounts[index] = (present & (1 << index)) === 0 ? 0 : unpacker.next()
    each(last, amounts)
  }
}

/** Values of RTMP's commands, in Action Message Format 0. Left out, because no encoder sends them: dates, XML, typed objects, references. */
export type AmfValue = number | boolean | string | null | readonly AmfValue[] | { readonly [name: string]: AmfValue }

const NUMBER = 0
const BOOLEAN = 1
const STRING = 2
const OBJECT = 3
const NULL = 5
const UNDEFINED = 6
const ECMA_ARRAY = 8
const OBJECT_END = 9
const STRICT_ARRAY = 10
const LONG_STRING = 12

const MAX_DEPTH = 8

/**
 * The values that follow one another in a message.
 * @returns undefined when the bytes are not AMF0 or nest too deep
 */
export function readAmf(bytes: Buffer): readonly AmfValue[] | undefined {
  const reader = new AmfReader(bytes)
  const values: AmfValue[] = []
  try {
    while (!reader.atEnd) values.push(reader.value(0))
  } catch {
    return undefined
  }
  return values
}

class AmfReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** @throws RangeError beyond the end, and at what cannot be read */
  value(depth: number): AmfValue {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deep')
    switch (this.#byte()) {
      case NUMBER: return this.#number()
      case BOOLEAN: return this.#byte() !== 0
      case STRING: return this.#text(this.#uint16())
      case LONG_STRING: return this.#text(this.#uint32())
      case NULL:
      case UNDEFINED: return null
      case OBJECT: return this.#members(depth)
      case ECMA_ARRAY:
        this.#uint32()
        return this.#members(depth)
      case STRICT_ARRAY: {
        const values: AmfValue[] = []
        for (let left = this.#uint32(); left > 0; left -= 1) values.push(this.value(depth + 1))
        return values
      }
      default: throw new RangeError('a type that is not known')
    }
  }

  #members(depth: number): AmfValue {
    const members = new Map<string, AmfValue>()
    for (;;) {
      const name = this.#text(this.#uint16())
      if (name === '' && this.#bytes[this.#at] === OBJECT_END) {
        this.#at += 1
        return Object.fromEntries(members)
      }
      members.set(name, this.value(depth + 1))
    }
  }

  #byte(): number {
    const value = this.#bytes.readUInt8(this.#at)
    this.#at += 1
    return value
  }

  #uint16(): number {
    const value = this.#bytes.readUInt16BE(this.#at)
    this.#at += 2
    return value
  }

  #uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  #number(): number {
    const value = this.#bytes.readDoubleBE(this.#at)
    this.#at += 8
    return value
  }

  #text(length: number): string {
    if (this.#at + length > this.#bytes.length) throw new RangeError('a text that is cut off')
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }
}

export type WritableAmf = number | boolean | string | null | Readonly<Record<string, number | string>>

/** The bytes of values that follow one another; arrays are not written, because nothing we answer holds one. */
export function writeAmf(...values: WritableAmf[]): Buffer {
  return Buffer.concat(values.map((value) => {
    if (value === null) return Buffer.of(NULL)
    if (typeof value === 'boolean') return Buffer.of(BOOLEAN, value ? 1 : 0)
    if (typeof value === 'number') {
      const bytes = Buffer.alloc(9)
      bytes.writeDoubleBE(value, 1)
      return bytes
    }
    if (typeof value === 'string') return Buffer.concat([Buffer.of(STRING), shortText(value)])
    return Buffer.concat([Buffer.of(OBJECT), ...Object.entries(value).flatMap(([name, member]) => [shortText(name), writeAmf(member)]), Buffer.of(0, 0, OBJECT_END)])
  }))
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

import fc from 'fast-check'

type Generate = fc.GeneratorValue

/** Random choices out of one seed. */
export class Draw {
  readonly #generate: Generate

  constructor(generate: Generate) {
    this.#generate = generate
  }

  /** Both bounds are possible. */
  int(min: number, max: number): number {
    return this.#generate(fc.integer, { min: Math.ceil(min), max: Math.floor(max) })
  }

  number(min: number, max: number): number {
    return this.#generate(fc.double, { min, max, noNaN: true })
  }

  chance(share: number): boolean {
    return this.int(0, 999) < share * 1000
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!
  }

  /** Text that stresses Unicode; length in characters. */
  text(minLength: number, maxLength: number): string {
    return this.#generate(fc.string, { minLength, maxLength, unit: 'binary' })
  }

  bytes(maxLength: number): Buffer {
    return Buffer.from(this.#generate(fc.uint8Array, { maxLength }))
  }

  matching(pattern: string): string {
    return this.#generate(fc.stringMatching, new RegExp(pattern, 'u'))
  }
}

import { fc } from '../seed.ts'

type Generate = fc.GeneratorValue

/** Random choices out of one seed. */
export class Draw {
  readonly #generate: Generate

  constructor(generate: Generate) {
    this.#generate = generate
  }

  /** Both bounds are possible. */
  int(min: number, max: number): number {
    return this.#generate(once(`int ${String(min)} ${String(max)}`, () => fc.integer({ min: Math.ceil(min), max: Math.floor(max) })))
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
    return this.#generate(once(`text ${String(minLength)} ${String(maxLength)}`, () => fc.array(character, { minLength, maxLength }).map((points) => String.fromCodePoint(...points))))
  }

  bytes(maxLength: number): Buffer {
    return Buffer.from(this.#generate(fc.uint8Array, { maxLength }))
  }

  matching(pattern: string): string {
    return this.#generate(once(`matching ${pattern}`, () => fc.stringMatching(new RegExp(pattern, 'u'))))
  }
}

/** Any but half a surrogate pair. What fast-check has for this looks each text over for a second. */
const character = fc.integer({ min: 0, max: 0x10_f7ff }).map((point) => (point < 0xd800 ? point : point + 0x800))

type Builder<T> = () => fc.Arbitrary<T>

const builders = new Map<string, Builder<unknown>>()

/** What makes choices of one kind, made once: to make it, and to find it by its arguments, takes longer than many a request. */
function once<T>(key: string, build: Builder<T>): Builder<T> {
  let builder = builders.get(key)
  if (builder === undefined) {
    const made = build()
    builders.set(key, builder = () => made)
  }
  return builder as Builder<T>
}

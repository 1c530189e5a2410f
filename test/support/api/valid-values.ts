import type { ApiDocument, Media, Schema } from './document.ts'
import type { Draw } from './draw.ts'
import type { KnownThings } from './known-things.ts'

const WORDS = ['Xã Đông Anh', 'cụm loa số 7', 'Lũ về, di dời ngay', 'a', 'thôn-2', 'Ủy ban', 'ven-song', '=1+1', "O'Brien \"x\"", '🚨 báo động', 'e\u0301']
/** Texts that break programs which take texts for what they are not. */
const STRANGE = ['\0', 'a\0b', '\ud800', 'x\udfff', '\u202e\u2066', 'a\r\nb', '\ufeff', '\u2028', '__proto__', 'constructor', 'toString', 'null', '%00', '../..', "'; DROP TABLE units; --", '<script>', '${1}', '=cmd|x', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'ﷺ', 'İ', '0']
const FAR_TIMES = ['1970-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-06-18T05:00+07:00', '2038-01-19T03:14:08Z', '1999-12-31T23:59:59,5-12:00']
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What only the server can have given, or what must be the same as before. */
const FROM_ANSWERS = new Set(['cursor', 'if-match', 'login', 'password'])

/** Makes values that fit schemas; ids are mostly of things that exist. */
export class ValidValues {
  readonly #document: ApiDocument
  readonly #known: KnownThings
  readonly #nowMs: () => number

  constructor(document: ApiDocument, known: KnownThings, nowMs: () => number) {
    this.#document = document
    this.#known = known
    this.#nowMs = nowMs
  }

  /** A body: sometimes the document's own example with fields replaced, else all from the schema. */
  body(draw: Draw, media: Media): unknown {
    const schema = media.schema ?? {}
    const examples = this.#document.examplesOf(media)
    const made = this.value(draw, schema, '')
    if (examples.length === 0 || draw.chance(0.3)) return made
    return this.#livened(draw, structuredClone(draw.pick(examples)), schema, '')
  }

  value(draw: Draw, given: Schema, name: string): unknown {
    const schema = this.#document.resolve(given)
    if (schema.const !== undefined) return schema.const
    if (schema.enum !== undefined) return draw.pick(schema.enum)
    if (schema.anyOf !== undefined) return this.value(draw, draw.pick(schema.anyOf), name)
    switch (schema.type) {
      case 'object': return this.#object(draw, schema)
      case 'array': return this.#array(draw, schema, name)
      case 'string': return this.#string(draw, schema, name)
      case 'integer': return this.#number(draw, schema, true)
      case 'number': return this.#number(draw, schema, false)
      case 'boolean': return draw.chance(0.5)
      case 'null': return null
      default: return {}
    }
  }

  /** An example speaks of ids that nobody has; puts such in their place as exist, and now and then another value. */
  #livened(draw: Draw, example: unknown, given: Schema, name: string): unknown {
    const schema = this.#document.resolve(given)
    if (schema.anyOf !== undefined) {
      const fitting = schema.anyOf.map((part) => this.#document.resolve(part)).find(({ type, properties }) => type === jsonType(example) && Object.entries(properties ?? {}).every(([field, { const: constant }]) => constant === undefined || (example as Record<string, unknown>)[field] === constant))
      return fitting === undefined ? example : this.#livened(draw, example, fitting, name)
    }
    if (Array.isArray(example)) return example.map((item: unknown) => this.#livened(draw, item, schema.items ?? {}, name))
    if (typeof example === 'object' && example !== null) {
      return Object.fromEntries(Object.entries(example).map(([field, value]: [string, unknown]) => [field, this.#livened(draw, value, schema.properties?.[field] ?? {}, field)]))
    }
    if (typeof example === 'string' && (looksLikeId(schema, name) || looksLikeTime(schema))) return this.#string(draw, schema, name)
    return schema.type !== undefined && draw.chance(0.15) ? this.value(draw, schema, name) : example
  }

  #object(draw: Draw, { properties = {}, required = [], minProperties = 0 }: Schema): unknown {
    const names = Object.keys(properties)
    const share = draw.pick([0.1, 0.3, 0.8])
    const chosen = new Set(names.filter((name) => required.includes(name) || draw.chance(share)))
    while (chosen.size < minProperties) chosen.add(draw.pick(names))
    return Object.fromEntries(names.filter((name) => chosen.has(name)).map((name) => [name, this.value(draw, properties[name]!, name)]))
  }

  #array(draw: Draw, { items = {}, minItems = 0, maxItems = 3, uniqueItems = false }: Schema, name: string): unknown {
    const length = draw.int(minItems, Math.max(minItems, Math.min(maxItems, minItems + 3)))
    const list = Array.from({ length }, () => this.value(draw, items, name))
    if (!uniqueItems) return list
    return [...new Map(list.map((item) => [JSON.stringify(item), item])).values()]
  }

  #number(draw: Draw, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, isInteger: boolean): number {
    const step = isInteger ? 1 : 1e-6
    const min = minimum ?? (exclusiveMinimum === undefined ? Math.min(0, maximum ?? 0) : exclusiveMinimum + step)
    const max = maximum ?? (exclusiveMaximum === undefined ? Math.max(min, Number.MAX_SAFE_INTEGER) : exclusiveMaximum - step)
    const roll = draw.int(0, 9)
    if (roll === 0) return min
    if (roll === 1) return max
    // Small numbers are what people mean; the rest of a wide range is mostly refused by rules beside the schema.
    const near = Math.min(max, min + 10_000)
    return isInteger ? draw.int(min, Math.min(draw.chance(0.7) ? near : max, 2 ** 31 - 1)) : draw.number(min, draw.chance(0.5) ? near : max)
  }

  #string(draw: Draw, schema: Schema, name: string): string {
    const { minLength = 0, maxLength = 40, pattern, format, examples = [], description = '' } = schema
    if (format === 'date-time' || looksLikeTime(schema)) return this.#time(draw)
    const fits = (text: string): boolean => [...text].length >= minLength && [...text].length <= (schema.maxLength ?? Infinity) && (pattern === undefined || new RegExp(pattern, 'u').test(text))
    if (looksLikeId(schema, name)) {
      const ids = this.#known.idsFor(name, description)
      if (ids.length > 0 && draw.chance(0.9)) return draw.pick(ids)
    }
    const seen = this.#known.textsOf(name).filter(fits)
    if (seen.length > 0 && draw.chance(FROM_ANSWERS.has(name) ? 0.8 : 0.2)) return draw.pick(seen)
    const texts = examples.filter((example): example is string => typeof example === 'string')
    if (texts.length > 0 && draw.chance(0.4)) return draw.pick(texts)
    if (pattern !== undefined) {
      const made = draw.matching(pattern)
      if (fits(made)) return made
      return texts[0] ?? made.slice(0, maxLength)
    }
    if (draw.chance(0.08)) {
      const strange = draw.pick(STRANGE)
      if (fits(strange)) return strange
    }
    const word = draw.pick(WORDS)
    if (fits(word) && draw.chance(0.7)) return word
    return draw.text(minLength, Math.max(minLength, Math.min(maxLength, minLength + draw.pick([3, 20, 200]))))
  }

  #time(draw: Draw): string {
    if (draw.chance(0.06)) return draw.pick(FAR_TIMES)
    const spanMs = draw.pick([MINUTE_MS, 60 * MINUTE_MS, DAY_MS, 30 * DAY_MS])
    const ms = this.#nowMs() + draw.int(draw.chance(0.3) ? -spanMs : 0, spanMs)
    return draw.chance(0.5) ? new Date(ms).toISOString() : `${new Date(ms + 7 * 60 * MINUTE_MS).toISOString().slice(0, -1)}+07:00`
  }
}

const jsonType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
const looksLikeTime = ({ description = '' }: Schema): boolean => description.includes('ISO 8601')
const looksLikeId = ({ pattern, description = '' }: Schema, name: string): boolean => pattern === undefined && (/^id$|Ids?$|^(units|clusters|groups|issuer|targets)$/.test(name) || /\bid of\b/.test(description))

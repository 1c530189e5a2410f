import type { Draw } from './draw.ts'
import type { Parts } from './request.ts'

type Spoil = (draw: Draw, parts: Parts) => Parts

const HUGE_TEXT = 'ă'.repeat(50_000)
const deepJson = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepObject = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

/** Values that break programs. Texts stand for JSON that JavaScript itself would not write. */
const NASTY: readonly unknown[] = [
  null, true, 0, -1, 1.5, 1e308, -0, 2 ** 53, -(2 ** 63), Number.MIN_VALUE, '', ' ', '\0', 'a\0b', '\ud800', 'x\udfffy', '\u202e\u2066', '\r\nSet-Cookie: a=b', HUGE_TEXT,
  '../../etc/passwd', "'; DROP TABLE units; --", '%00', '__proto__', 'constructor', '9999-99-99', '+275760-09-13T00:00:00Z', '2026-02-30T05:00:00Z', '24:00', 'NaN', '1e9', '=cmd|x',
  [], {}, [[]], [null], [{}], { a: 1 }, { toString: 1 }, { length: 1e9 }, Array.from({ length: 1000 }, () => 'x'),
]

/** Replaces one value anywhere in the body. */
const nastyValue: Spoil = (draw, parts) => atRandomPlace(draw, parts, () => draw.pick(NASTY))
/** Numbers and lengths just beside what they were. */
const nudge: Spoil = (draw, parts) => atRandomPlace(draw, parts, (value) => {
  if (typeof value === 'number') return value + draw.pick([-1, 1, 0.5, -1e9, 1e15])
  if (typeof value === 'string') return draw.pick([value + value, value.slice(1), `${value}\n`, value.toUpperCase(), [value], value.repeat(300)])
  if (Array.isArray(value)) return draw.pick<unknown>([[...value as unknown[], ...value as unknown[]], value[0], [...value as unknown[], null]])
  return draw.pick(NASTY)
})
const missingField: Spoil = (draw, parts) => inRandomObject(draw, parts, (object) => Object.fromEntries(Object.entries(object).filter((_, index) => index !== draw.int(0, 3))))
const extraField: Spoil = (draw, parts) => inRandomObject(draw, parts, (object) => JSON.parse(`${JSON.stringify(object).slice(0, -1)}${Object.keys(object).length > 0 ? ',' : ''}${JSON.stringify(draw.pick(['extra', '__proto__', 'constructor', 'id', 'createdAt', 'a'.repeat(5000), '', '$ref']))}:${JSON.stringify(draw.pick(NASTY))}}`) as object)

/** JSON that is none, or that only a parser can make. */
const rawBody: Spoil = (draw, parts) => {
  const text = parts.body === undefined ? '{}' : (JSON.stringify(parts.body.value) ?? '')
  return {
    ...parts,
    raw: draw.pick([
      Buffer.from(text.slice(0, -1)), Buffer.alloc(0), Buffer.from('\ufeff' + text), Buffer.from('null'), Buffer.from('[]'), Buffer.from('"x"'), Buffer.from(text.replace(/\d+/, '1e999')), Buffer.from(text.replace(/"[^"]*"/g, '"\\ud83d"')),
      Buffer.from(deepJson(5000)), Buffer.from(deepObject(5000)), Buffer.from(deepJson(200_000)), Buffer.from('{"__proto__":{"a":1}}'), Buffer.from('{"constructor":{"prototype":{}}}'), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), Buffer.from(text, 'utf16le'),
      Buffer.from(text.replace('{', '{"name":"a","name":["b"],')), Buffer.alloc(1_100_000, 0x20), Buffer.from(`${text} ${text}`), draw.bytes(300),
    ]),
  }
}
const noBody: Spoil = (_draw, parts) => ({ ...parts, body: undefined, raw: undefined })
const someBody: Spoil = (draw, parts) => ({ ...parts, body: { value: draw.pick(NASTY) } })

const contentType: Spoil = (draw, parts) => ({ ...parts, headers: { ...parts.headers, 'content-type': draw.pick(['', 'text/plain', 'application/json; charset=utf-16', 'application/json; charset=', 'application/x-www-form-urlencoded', 'multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=other', 'application/merge-patch+json', 'json', ';', 'application/json, text/plain', '\u00ff']) } })

const TEXTS_IN_PATHS = ['%00', '%ff', '%', '%2', '%zz', '%2e%2e%2f', '%C3%28', '%ED%A0%80', 'a'.repeat(257), 'a'.repeat(9000), '%F0%9F%9A%A8', '..', '.', '', '%0d%0a', "'", '{id}', '__proto__', '%5B%5D', '*', '\u00e9']
const path: Spoil = (draw, parts) => {
  const at = draw.int(1, parts.path.length - 1)
  return { ...parts, path: parts.path.map((part, index) => (index === at ? draw.pick(TEXTS_IN_PATHS) : part)) }
}
const query: Spoil = (draw, parts) => {
  const [name, value] = parts.query.length > 0 ? draw.pick(parts.query) : (['limit', '1'] as const)
  const bad = draw.pick(['', '0', '-1', '1e3', '1.5', '999999999999999999999', 'NaN', 'null', 'true', '%00', '%ff', '%', '%ED%A0%80', 'a'.repeat(9000), escapedTime, '%5B%5D', '..', 'dW5pdHM6OTk5OTk5OTk5OTk5OTk5', 'dW5pdHM6LTE', '%F0%9F%9A%A8', '\u00ff', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '0001-01-01', '10000-01-01'])
  const others = parts.query.filter(([one]) => one !== name)
  const added: readonly (readonly [string, string])[] = draw.pick<readonly (readonly [string, string])[]>([
    [[name, bad]], [[name, value], [name, bad]], [[name, value], [name, value]], [[`${name}[]`, value]], [[`${name}.x`, bad]], [['unknown', bad]], [['__proto__', bad]], [['', bad]], [[name, `${value}&`]], Array.from({ length: 500 }, (_, n) => [`q${String(n)}`, 'x'] as const),
  ])
  return { ...parts, query: [...others, ...added] }
}
const escapedTime = '2026-06-18T05:00:00+07:00'

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['idempotency-key', ['', ' ', 'a'.repeat(300), '\u00e9', 'a b', '"x"', 'same-key', 'same-key']],
  ['if-match', ['', '*', '"', '"x"', 'W/"x"', ',', 'a'.repeat(1001), '"a", "b"', '\u00ff']],
  ['if-none-match', ['*', '"x"', '']],
  ['accept', ['', 'text/html', 'application/xml', '*/*;q=0', 'text/csv', 'garbage', ';;;', 'a'.repeat(5000)]],
  ['accept-language', ['', '*', 'en', 'vi;q=0', 'fr', 'en;q=9, vi', ';;;q=', 'x'.repeat(5000), 'en-GB-oed;q=0.1,*;q=0']],
  ['authorization', ['', 'Bearer', 'Bearer ', 'Bearer x', 'Basic YTpi', `Bearer ${'a'.repeat(9000)}`, 'Bearer \u00ff', 'bearer a b']],
  ['cookie', ['loa_session=x', 'loa_session=', ';;==', '__Host-loa_session=x', 'a'.repeat(5000)]],
  ['last-event-id', ['', '-1', '99999999999999999999', 'x']],
  ['x-forwarded-for', ['1.2.3.4', 'garbage', ',']],
  ['origin', ['null', 'http://evil.example', 'x']],
  ['x-http-method-override', ['DELETE']],
  ['content-length', ['0', '5']],
  ['content-encoding', ['gzip', 'x']],
  ['transfer-encoding', ['chunked']],
  ['range', ['bytes=0-1']],
  ['expect', ['200-ok']],
]
const header: Spoil = (draw, parts) => {
  const [name, values] = draw.pick(HEADERS)
  return { ...parts, headers: { ...parts.headers, [name]: draw.pick(values) } }
}

const FOR_BODIES: readonly Spoil[] = [nastyValue, nastyValue, nastyValue, nudge, nudge, nudge, missingField, extraField, rawBody, rawBody, noBody, contentType]

/** Makes one thing wrong, or at least strange. What comes out may still be acceptable: who judges it looks at the schema. */
export function spoil(draw: Draw, parts: Parts): Parts {
  const hasBody = parts.body !== undefined || parts.raw !== undefined
  const ways = [...(hasBody ? FOR_BODIES : [someBody]), path, query, query, header, header]
  return draw.pick(ways)(draw, parts)
}

/** Every place in a value, by its names from the top. */
function placesIn(value: unknown, prefix: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [prefix]
  return [prefix, ...Object.entries(value).slice(0, 50).flatMap(([name, part]: [string, unknown]) => placesIn(part, [...prefix, name]))]
}

function atRandomPlace(draw: Draw, parts: Parts, change: (value: unknown) => unknown): Parts {
  if (parts.body === undefined) return rawBody(draw, parts)
  const places = placesIn(parts.body.value)
  return { ...parts, body: { value: replaced(parts.body.value, draw.pick(places), change) } }
}

function inRandomObject(draw: Draw, parts: Parts, change: (value: Readonly<Record<string, unknown>>) => unknown): Parts {
  if (parts.body === undefined) return rawBody(draw, parts)
  const { value } = parts.body
  const isObject = (place: readonly string[]): boolean => { const found = place.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], value); return typeof found === 'object' && found !== null && !Array.isArray(found) }
  const places = placesIn(value).filter(isObject)
  if (places.length === 0) return parts
  return { ...parts, body: { value: replaced(value, draw.pick(places), (object) => change(object as Readonly<Record<string, unknown>>)) } }
}

function replaced(value: unknown, [name, ...rest]: readonly string[], change: (value: unknown) => unknown): unknown {
  if (name === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === name ? replaced(item, rest, change) : item))
  const object = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(Object.entries(object).map(([field, part]) => [field, field === name ? replaced(part, rest, change) : part]))
}

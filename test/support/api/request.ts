import { multipart } from '../build-control.ts'
import type { ApiDocument, Operation } from './document.ts'
import type { Draw } from './draw.ts'
import type { KnownThings } from './known-things.ts'
import type { ValidValues } from './valid-values.ts'

/** A request in its parts, so that one of them can be spoilt. */
export interface Parts {
  /** Each already escaped. */
  readonly path: readonly string[]
  /** Names and values, already escaped. */
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: none is sent. */
  readonly body: { readonly value: unknown } | undefined
  /** What is sent in its place, whatever `body` says. */
  readonly raw: Buffer | undefined
}

export interface ApiRequest {
  readonly method: Operation['method']
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Buffer | undefined
}

export interface Makers {
  readonly document: ApiDocument
  readonly known: KnownThings
  readonly values: ValidValues
}

/** What the document calls valid; ids may be of nothing. */
export function validParts(draw: Draw, operation: Operation, { known, values }: Makers): Parts {
  const query: (readonly [string, string])[] = []
  const headers: Record<string, string> = {}
  const collection = /\/([\w-]+)\/\{/.exec(operation.path)?.[1] ?? ''
  for (const { name, in: place, required = false, description, schema } of operation.parameters) {
    if (place === 'path' || (!required && draw.chance(0.6))) continue
    const value = String(values.value(draw, description === undefined ? schema : { ...schema, description }, name))
    // A header holds no more than visible Latin letters.
    if (place === 'header') headers[name] = value.replaceAll(/[^\x21-\x7e]/g, 'x') || 'x'
    else query.push([name, escaped(value)])
  }
  const path = operation.path.split('/').map((part) => {
    if (!part.startsWith('{')) return part
    const ids = known.idsOf(collection)
    return escaped(ids.length > 0 && draw.chance(0.9) ? draw.pick(ids) : draw.pick(['x-0', 'u-1jz7k3m9xq4w0d2r8t5v6ya', 'cụm', '0']))
  })
  return { path, query, headers, ...bodyParts(draw, operation, known, values) }
}

function bodyParts(draw: Draw, { requestBody }: Operation, known: KnownThings, values: ValidValues): Pick<Parts, 'body' | 'raw'> & { headers?: Record<string, string> } {
  const json = requestBody?.content['application/json']
  if (json !== undefined) return { body: { value: values.body(draw, json) }, raw: undefined }
  if (requestBody?.content['multipart/form-data'] === undefined) return { body: undefined, raw: undefined }
  const file = known.files.length > 0 && draw.chance(0.6) ? draw.pick(known.files) : draw.chance(0.5) ? Buffer.alloc(draw.int(0, 4000), draw.int(0, 255)) : draw.bytes(2000)
  return { body: undefined, raw: multipart(file, draw.pick(['a.csv', 'a.xlsx', 'a.pcm', 'còi.wav'])).payload }
}

/** Puts the parts together. What the parts' own headers say wins. */
export function assemble(operation: Operation, parts: Parts): ApiRequest {
  const query = parts.query.map(([name, value]) => `${name}=${value}`).join('&')
  const payload = parts.raw ?? (parts.body === undefined ? undefined : Buffer.from(JSON.stringify(parts.body.value) ?? 'null'))
  const media = operation.requestBody?.content['multipart/form-data'] === undefined ? 'application/json' : 'multipart/form-data; boundary=loa-test-boundary'
  return {
    method: operation.method,
    url: parts.path.join('/') + (query === '' ? '' : `?${query}`),
    headers: { ...(payload === undefined ? {} : { 'content-type': media }), ...parts.headers },
    payload,
  }
}

/** As encodeURIComponent, which throws for half a surrogate pair. */
export const escaped = (text: string): string => encodeURIComponent(text.toWellFormed())

import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { NAMED_SCHEMAS } from '../../control/schemas/index.ts'

interface PathItem {
  readonly [method: string]: { readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>> }
}

/** The committed document, which test/repo/openapi.test.ts keeps to what the routes say: to ask each app for its own takes longer than most tests. */
const DOCUMENT = JSON.parse(readFileSync(new URL('../../control/openapi.json', import.meta.url), 'utf8')) as { readonly paths: Readonly<Record<string, PathItem>> }

const PATHS = Object.entries(DOCUMENT.paths)
  .sort(([a], [b]) => a.split('{').length - b.split('{').length)
  .map(([pattern, item]) => ({ pattern: new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`), item }))

const HINT = '(after a change of a route: npm run openapi)'

/**
 * Every response of every test must be what the OpenAPI document promises for that path, method and status.
 * @throws Error when it is not
 */
export function checkAgainstDocument(method: string, url: string, status: number, body: unknown): void {
  const [path = ''] = url.split('?', 1)
  const operation = PATHS.find(({ pattern }) => pattern.test(path))?.item[method.toLowerCase()]
  if (operation === undefined) return
  const response = operation.responses?.[String(status)] ?? (status >= 400 ? operation.responses?.['default'] : undefined)
  if (response === undefined) throw new Error(`${method} ${path} answered ${String(status)}, which its document does not mention ${HINT}: ${JSON.stringify(body)}`)
  const schema = Object.values(response.content ?? {})[0]?.schema as { readonly $ref?: string } | undefined
  const named = NAMED_SCHEMAS.find(({ $id }) => schema?.$ref === `#/components/schemas/${$id}`)
  if (named === undefined) throw new Error(`${method} ${path} ${String(status)} has no named schema ${HINT}: ${JSON.stringify(schema)}`)
  const errors = Value.Errors(resolved(named), body)
  if (errors.length > 0) throw new Error(`${method} ${path} ${String(status)} is not a ${named.$id}: ${JSON.stringify(errors)} in ${JSON.stringify(body)}`)
}

const resolvedSchemas = new Map<TSchema, TSchema>()

/** The schema without references, made once. */
function resolved(schema: TSchema): TSchema {
  const known = resolvedSchemas.get(schema)
  if (known !== undefined) return known
  const made = inlined(schema)
  resolvedSchemas.set(schema, made)
  return made
}

/** Puts named schemas in the place of references to them. */
function inlined<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map((item: unknown) => inlined(item)) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref } = schema as { readonly $ref?: unknown }
  if (typeof $ref === 'string') return resolved(NAMED_SCHEMAS.find(({ $id }) => `${$id}#` === $ref)!) as T
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inlined(value as unknown)])) as T
}

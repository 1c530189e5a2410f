type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> } }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

const FOR_READERS = new Set(['description', 'examples', 'example', 'title', 'deprecated', 'readOnly', 'writeOnly'])
const REFERENCE = '#/components/schemas/'

/**
 * What the body of a request must be, complete in itself.
 * @param path as in the description, `/v1/units/{id}`
 * @throws Error when the API has no such request with a JSON body
 */
export function bodySchema(document: ApiDocument, method: string, path: string): Json {
  const schema = document.paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema
  if (schema === undefined) throw new Error(`the API has no ${method} ${path} with a JSON body`)
  return resolve(schema, document)
}

function resolve(schema: Json, document: ApiDocument): Json {
  if (Array.isArray(schema)) return schema.map((item: Json) => resolve(item, document))
  if (schema === null || typeof schema !== 'object') return schema
  const { $ref: reference, ...rest } = schema as Readonly<Record<string, Json>>
  if (typeof reference === 'string') {
    const named = document.components.schemas[reference.slice(REFERENCE.length)]
    if (named === undefined) throw new Error(`the API has no schema ${reference}`)
    return resolve(named, document)
  }
  return Object.fromEntries(Object.entries(rest).flatMap(([key, value]) => {
    if (key === 'properties') return [[key, Object.fromEntries(Object.entries(value as Readonly<Record<string, Json>>).map(([name, property]) => [name, resolve(property, document)]))]]
    return FOR_READERS.has(key) ? [] : [[key, resolve(value, document)]]
  }))
}

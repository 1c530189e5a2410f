import openapiTS, { astToString } from 'openapi-typescript'

interface Schema { readonly [keyword: string]: unknown }
type Media = Readonly<Record<string, { readonly schema?: Schema }>>

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Schema }[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Media }
  readonly responses: Readonly<Record<string, { readonly content?: Media }>>
}

export interface ApiDescription {
  readonly openapi: string
  readonly info: object
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** What a type can say; bounds, patterns and words stand in the document. */
const TYPING = new Set(['$ref', 'type', 'properties', 'required', 'items', 'anyOf', 'enum', 'const', 'additionalProperties', 'patternProperties'])
const NAMED = new Set(['properties', 'patternProperties'])
const PLAIN = new Set(['$ref', 'type', 'required', 'enum', 'const'])

/** TypeScript for the client, from the document: one body of all problems, and nothing that types cannot hold. */
export async function apiTypes({ openapi, info, paths, components }: ApiDescription): Promise<string> {
  const slim = {
    openapi,
    info,
    paths: mapped(paths, (methods) => mapped(methods, ({ parameters, requestBody, responses }) => ({
      ...(parameters === undefined ? {} : { parameters: parameters.map(({ name, in: place, required, schema }) => ({ name, in: place, required, schema: typing(schema) })) }),
      ...(requestBody === undefined ? {} : { requestBody: { ...requestBody, content: mediaTyping(requestBody.content) } }),
      responses: mapped(Object.fromEntries(Object.entries(responses).filter(([status]) => /^[23d]/.test(status))), ({ content }) => ({ description: '', ...(content === undefined ? {} : { content: mediaTyping(content) }) })),
    }))),
    components: { schemas: mapped(components.schemas, typing) },
  }
  const text = astToString(await openapiTS(slim as Parameters<typeof openapiTS>[0]))
  return `// Made by \`npm run openapi\` from control/openapi.json; do not edit.\n${tidy(text)}`
}

const mapped = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
const mediaTyping = (content: Media): object => mapped(content, ({ schema }) => ({ schema: typing(schema) }))

function typing(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(typing)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.entries(schema)
    .filter(([keyword]) => TYPING.has(keyword))
    .map(([keyword, value]: [string, unknown]) => [keyword, PLAIN.has(keyword) ? value : NAMED.has(keyword) ? mapped(value as Record<string, unknown>, typing) : typing(value)]))
}

/** Without members that can never be, and as we write TypeScript. */
const tidy = (text: string): string => text
  .replaceAll(/^ +(?:readonly )?\w+\?: never;\n/gm, '')
  .replaceAll(/ +headers: \{\n[^\n]*\n +\};\n/g, '')
  .replaceAll(/^ +parameters: \{\n +\};\n/gm, '')
  .replaceAll(/^export type \S+ = Record<string, never>;\n/gm, '')
  .replaceAll(/^(?: {4})+/gm, (indent) => indent.slice(0, indent.length / 2))
  .replaceAll(/;$/gm, '')
  .replaceAll(/\{\n\s*([^\n{}]*)\n\s*\}/g, '{ $1 }')

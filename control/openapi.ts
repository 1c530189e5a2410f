import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { TSchema } from 'typebox'
import type { Access } from './access.ts'
import { Examples, type Schema } from './openapi-examples.ts'
import { problems } from './schemas/common.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A body that is read as a stream and so is not checked against a schema, for the document. */
    documentedBody?: TSchema
  }
}

interface Operation {
  readonly responses?: Record<string, { description: string }>
  readonly requestBody?: { required?: boolean; readonly content: Record<string, { readonly schema?: Schema; readonly examples?: object; example?: unknown }> }
}

/** Describes the API from the routes' own schemas: nothing is written twice. */
export async function installOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Loa',
        version,
        description: 'Real-time broadcast server for public-address speakers. Times are ISO 8601 with zone, ids are opaque, problems are RFC 9457 with a stable `code`.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of a program, or of a session. The first start of the server prints an administrator token; more are made at /v1/tokens.' }, session: { type: 'apiKey', in: 'cookie', name: 'loa_session', description: 'Set by POST /v1/sessions for browsers. With TLS its name is `__Host-loa_session`. Requests that change something must come from a page of this server.' } } },
      security: [{ token: [] }, { session: [] }],
      tags: [
        { name: 'orders', description: 'What plays, where and when' },
        { name: 'cap', description: 'Alerts of others and ours, by the Common Alerting Protocol 1.2' },
        { name: 'schedule', description: 'What plays on which days, and where it meets' },
        { name: 'policies', description: 'When and how long the clusters of a unit may sound' },
        { name: 'units', description: 'The administrative tree' },
        { name: 'clusters', description: 'Receiving devices' },
        { name: 'devices', description: 'Devices that prove themselves' },
        { name: 'commands', description: 'What devices are told to do' },
        { name: 'signing-keys', description: 'What devices believe' },
        { name: 'sources', description: 'Where live sound comes from' },
        { name: 'clips', description: 'Recorded sound' },
        { name: 'playlists', description: 'Clips in an order that is used again' },
        { name: 'rtp-outputs', description: 'Streams for IP speakers' },
        { name: 'users', description: 'People, what they may do, and where they have logged in' },
        { name: 'tokens', description: 'Programs that call this' },
        { name: 'recordings', description: 'What went out, to be heard again' },
        { name: 'logs', description: 'What was asked, what was sent, and proof of both' },
        { name: 'status', description: 'Watching the server' },
      ],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => (typeof schema['$id'] === 'string' ? schema['$id'] : `schema-${String(index)}`),
    },
    transform: ({ schema, url, route }) => ({ schema: completed(schema ?? {}, String(route.method), route.config?.access, route.config?.documentedBody), url }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      const schemas = (document.openapiObject.components?.schemas ?? {}) as Record<string, Schema>
      const examples = new Examples(schemas)
      for (const [name, schema] of Object.entries(schemas)) schemas[name] = { ...schema, examples: schema.examples ?? [examples.of(schema, name)] }
      for (const methods of Object.values(document.openapiObject.paths ?? {})) {
        for (const operation of Object.values(methods as Record<string, Operation>)) {
          nameResponses(operation)
          const body = operation.requestBody?.content['application/json']
          // Where null may stand, nothing may be sent at all.
          if (operation.requestBody !== undefined && body?.schema?.anyOf?.some(({ type }) => type === 'null') === true) operation.requestBody.required = false
          if (body?.schema !== undefined && body.example === undefined && body.examples === undefined) body.example = examples.of(body.schema, '')
        }
      }
      return document.openapiObject
    },
  })
}

/** Adds what a route's configuration says: the right it needs, the body it streams; and the problems that any such route can answer with. */
function completed(schema: FastifySchema, method: string, access: Access | undefined, documentedBody: TSchema | undefined): FastifySchema {
  const body = documentedBody ?? schema.body
  const { response } = schema
  const described = { ...schema, ...(body === undefined ? {} : { body }), ...(access === undefined ? {} : { response: { ...problems(...commonProblems({ ...schema, body }, method, access)), ...(response as object) } }) }
  if (access === undefined || access.anyOf === null || access.anyOf.length === 0) return described
  return { ...described, description: `${schema.description === undefined ? '' : `${schema.description} `}Needs the right ${access.anyOf.map((right) => `\`${right}\``).join(' or ')}.` }
}

/** What can be wrong before a handler has a say. */
function commonProblems({ body, params, querystring, headers }: FastifySchema, method: string, { anyOf }: Access): number[] {
  const takesBody = method !== 'GET'
  return [
    ...(takesBody || params !== undefined || querystring !== undefined || headers !== undefined ? [400] : []),
    ...(anyOf === null ? [] : [401, 403, 429]),
    // A body is read, and refused, also where none is wanted.
    ...(takesBody ? [413, 415] : []),
    ...(headers !== undefined && 'if-match' in ((headers as TSchema & { readonly properties?: object }).properties ?? {}) ? [412] : []),
    ...(body === undefined ? [] : [422]),
    ...(takesBody ? [507] : []),
  ]
}

function nameResponses({ responses = {} }: Operation): void {
  for (const [status, response] of Object.entries(responses)) response.description = STATUS_CODES[status] ?? 'Any other problem'
}

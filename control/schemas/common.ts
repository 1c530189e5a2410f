import { Type, type Static, type TSchema } from 'typebox'

/** Shown in the OpenAPI document for every id; clients must not read anything into one. */
export const Id = (description: string) => Type.String({ minLength: 1, maxLength: 128, description })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Names as people write them; kept in Unicode NFC. */
export const Name = (example: string) => Type.String({ minLength: 1, maxLength: 200, description: 'name as people write it; kept in Unicode NFC', examples: [example] })

export const Code = (example: string) => Type.String({ minLength: 1, maxLength: 64, pattern: '^\\S+$', description: 'short name used by people and other systems; unique', examples: [example] })

/** Of what belongs to a unit. */
export const OwnerId = Nullable(Id('the unit to which it belongs: seen and used there, above it and everywhere below it; null: the whole tree'))

export const Tag = Type.String({ minLength: 1, maxLength: 64, pattern: '^\\S+$', examples: ['ven-song'] })
export const Tags = Type.Array(Tag, { maxItems: 50, uniqueItems: true, examples: [['ven-song', 'truong-hoc']] })

export const Time = (description: string) => Type.String({ minLength: 1, maxLength: 40, description: `${description}; ISO 8601 with zone, seconds may be left out`, examples: ['2026-06-18T05:00:00+07:00'] })

export const PageParams = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'most items to return' })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: '`nextCursor` of the page before' })),
}

export const IdParams = Type.Object({ id: Type.String({ maxLength: 128 }) })

/** A page of items under `items`; `nextCursor` is null on the last. */
export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), nextCursor: Nullable(Type.String()) }, { additionalProperties: false })

export const CreateHeaders = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$', description: 'chosen by the client, new for each new request. A repetition with the same body gets the first response again for 24 hours and does nothing more.', examples: ['5f1c2e0a-7a0f-4a3c-9d2b-1c9e5f0b8a77'] })),
})

/** Refers to a schema that is registered with the application, so that it has one name in the OpenAPI document. */
export const named = <T extends TSchema>(schema: T & { $id: string }) => Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })

/** Gives a schema the name under which it is registered. */
export const as = <T extends TSchema>($id: string, schema: T): T & { $id: string } => Object.assign(schema, { $id })

export const Problem = as('Problem', Type.Object({
  type: Type.String({ description: 'URI reference of a page that explains the problem' }),
  title: Type.String({ description: 'in the language of `Accept-Language`, Vietnamese by default; as are `detail` and `message`' }),
  titleVi: Type.String(),
  titleEn: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'stable; match on this' }),
  detail: Type.String(),
  detailVi: Type.String(),
  detailEn: Type.String(),
  instance: Type.String(),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String(), messageVi: Type.String(), messageEn: Type.String() }))),
}, {
  description: 'RFC 9457 problem',
  examples: [{ type: '/problems/LOA_ERR_INVALID', title: 'Nội dung không hợp lệ', titleVi: 'Nội dung không hợp lệ', titleEn: 'The body breaks the rules', status: 422, code: 'LOA_ERR_INVALID', detail: 'name bị thiếu', detailVi: 'name bị thiếu', detailEn: 'name is missing', instance: '/v1/units', requestId: 'req-1', errors: [{ path: 'name', message: 'bị thiếu', messageVi: 'bị thiếu', messageEn: 'is missing' }] }],
}))

type ProblemSchema = ReturnType<typeof named<typeof Problem>>

/** The problems a route can answer with, for its `response` map; `default` stands for what can happen to any request (405, 414, 429, 500). */
export function problems<const S extends number>(...statuses: readonly S[]): Record<S, ProblemSchema> {
  const response = { description: 'Problem', content: { 'application/problem+json': { schema: named(Problem) } } }
  // Handlers throw problems and never return them; to the compiler they are the schema, whatever the document wraps around it.
  return Object.fromEntries([...statuses, 'default'].map((status) => [status, response])) as unknown as Record<S, ProblemSchema>
}

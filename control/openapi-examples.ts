/** JSON Schema as far as the API's own schemas use it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly minItems?: number
  readonly minLength?: number
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly examples?: readonly unknown[]
}

const ID_TAIL = '-1jz7k3m9xq4w0d2r8t5v6ya'
const LETTERS: readonly (readonly [RegExp, string])[] = [
  [/cluster/i, 'c'], [/source/i, 's'], [/order/i, 'o'], [/token/i, 't'], [/command/i, 'k'], [/rtp/i, 'r'], [/user|actor|createdby|^by$|changedby/i, 'p'], [/session/i, 'l'], [/change/i, 'm'], [/group/i, 'g'], [/item|schedule/i, 'i'], [/playlist/i, 'q'], [/clip/i, 'a'], [/device/i, 'd'], [/unit|parent|issuer|successor|predecessor/i, 'u'],
]
const MOMENT = '2026-06-18T05:00:00.000Z'
const LATER = '2026-06-18T05:30:00.000Z'
const ENDS = /until|^to$|ends|expires|finished/i
/** What is not there as a rule. */
const SELDOM = /^(?:endedAt|stoppedAt|revokedAt|failedAt|problem|problems|storageFault|fallbackSourceId|successorIds|lastDay|parentId|result)$/
const TEXTS: Readonly<Record<string, string>> = {
  code: 'X1', name: 'Xã Một', title: 'Bản tin sáng', note: 'Nghị quyết 1656/NQ-UBTVQH15', detail: 'it is still in use', detailVi: 'đang được sử dụng', message: 'is missing', messageVi: 'bị thiếu', reason: 'Kỳ họp Hội đồng nhân dân', login: 'lan.nguyen',
  remoteAddress: '192.0.2.7', userAgent: 'Mozilla/5.0', version: '0.1.0', method: 'PATCH', route: '/v1/units/:id', requestId: 'req-1', tokenName: 'Trực ban', maker: 'Viettel', model: 'VR-2', amplifier: 'TOA A-2060, 60 W', power: 'mains', column: 'imei', connectionId: 'x1',
  token: 'hV0m3kE1yq0N2bq8c9Qw4rT6uX7zA5sD3fG1hJ2kL0o', key: 'hV0m3kE1yq0N2bq8c9Qw4rT6uX7zA5sD3fG1hJ2kL0o', publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE', hash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', previousHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
  secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Loa:lan.nguyen?secret=JBSWY3DPEHPK3PXP', codes: '7k3m9xq4', tags: 'ven-song', fields: 'name', rrule: 'FREQ=DAILY', time: '05:00:00', occurrence: '2026-06-18.1', except: '2026-06-20', keyId: '4f3c9d2b1c9e5f0b',
}

/**
 * Examples for the document, put together from those of the single fields, so that each schema and each new route has one without a word more.
 * A schema that brings examples keeps them.
 */
export class Examples {
  readonly #schemas: Readonly<Record<string, Schema>>

  constructor(schemas: Readonly<Record<string, Schema>>) {
    this.#schemas = schemas
  }

  /** @param name of the schema or field, which tells what an id is of */
  of(schema: Schema, name: string): unknown {
    if (schema.examples?.[0] !== undefined) return schema.examples[0]
    if (schema.$ref !== undefined) {
      const target = schema.$ref.split('/').at(-1)!
      return this.of(this.#schemas[target] ?? {}, target)
    }
    if (schema.const !== undefined) return schema.const
    if (schema.default !== undefined) return schema.default
    if (schema.enum !== undefined) return schema.enum[0]
    if (schema.anyOf !== undefined) return SELDOM.test(name) && schema.anyOf.some(({ type }) => type === 'null') ? null : this.of(schema.anyOf[0] ?? {}, name)
    switch (schema.type) {
      case 'object': return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([field, part]) => [field, this.of(part, field === 'id' ? name : field)]))
      case 'array': return SELDOM.test(name) && (schema.minItems ?? 0) === 0 ? [] : Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => this.of(schema.items ?? {}, name))
      case 'string': return textOf(schema, name)
      case 'integer': return Math.min(schema.maximum ?? Infinity, Math.max(name.endsWith('Ms') ? 60_000 : name === 'status' ? 200 : 1, schema.minimum ?? 1))
      case 'number': return Math.min(schema.maximum ?? Infinity, Math.max(schema.minimum ?? 0, (schema.exclusiveMinimum ?? -1) + 1))
      case 'boolean': return true
      default: return null
    }
  }
}

function textOf({ format, description = '', minLength = 0 }: Schema, name: string): string {
  if (format === 'date-time') return ENDS.test(name) ? LATER : MOMENT
  const letter = LETTERS.find(([pattern]) => pattern.test(name))?.[1]
  if (letter !== undefined && (/Ids?$|^by$|By$|^(units|clusters|groups|issuer|[A-Z]\w*)$/.test(name) || /\bid of\b/.test(description))) return letter + ID_TAIL
  return TEXTS[name] ?? name.padEnd(minLength, 'x')
}

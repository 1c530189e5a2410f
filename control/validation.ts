import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { ApiError, type FieldError } from './problem.ts'

/** What typebox says about one failure; its params depend on the keyword. */
interface SchemaFailure {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message: string
}

/**
 * Checks a part of a request against its schema. Bodies are taken as they are: JSON has types, so `"5"` is not a number there. Path, query
 * and headers are texts and are converted. Failures become one problem that names every path.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const { compiled, alternatives } = compiledOnce(schema)
  return (value: unknown) => {
    const converted = httpPart === 'body' || httpPart === undefined ? value : Value.Convert(schema, value)
    if (compiled.Check(converted)) return { value: converted }
    const failures = (alternatives === undefined ? undefined : failuresOfMeant(alternatives, converted)) ?? [...compiled.Errors(converted)]
    const errors = fieldErrors(failures, httpPart === 'body' ? 'body' : (httpPart ?? 'request'))
    return { error: invalid(errors, httpPart === 'body' ? 'LOA_ERR_INVALID' : 'LOA_ERR_BAD_REQUEST') }
  }
}

const compile = (schema: TSchema) => ({ compiled: Compile(schema), alternatives: alternativesOf(schema) })
const compiledSchemas = new WeakMap<TSchema, ReturnType<typeof compile>>()

/** Many routes have the same path and query; and tests make many apps. */
function compiledOnce(schema: TSchema): ReturnType<typeof compile> {
  let known = compiledSchemas.get(schema)
  if (known === undefined) compiledSchemas.set(schema, known = compile(schema))
  return known
}

/** A problem made of field errors, whose detail names them all. */
export function invalid(errors: readonly FieldError[], code: 'LOA_ERR_INVALID' | 'LOA_ERR_BAD_REQUEST' = 'LOA_ERR_INVALID'): ApiError {
  return new ApiError(code, errors.map(({ path, message }) => `${path} ${message}`).join('; '), errors.map(({ path, messageVi }) => `${path} ${messageVi}`).join('; '), { errors })
}

function fieldErrors(failures: readonly SchemaFailure[], whole: string): FieldError[] {
  const errors = new Map<string, FieldError>()
  for (const failure of failures) {
    for (const { path, message, messageVi } of explain(failure)) {
      const place = path === '' ? whole : path
      if (!errors.has(place)) errors.set(place, { path: place, message, messageVi })
    }
  }
  return [...errors.values()]
}

/** Objects told apart by a constant field, such as the kinds of sources. */
interface Alternatives {
  readonly field: string
  readonly branches: ReadonlyMap<unknown, { Errors(value: unknown): Iterable<SchemaFailure> }>
}

const DISCRIMINATORS = ['kind', 'type']

function alternativesOf(schema: TSchema): Alternatives | undefined {
  const { anyOf = [] } = schema as { readonly anyOf?: readonly (TSchema & { readonly properties?: Readonly<Record<string, { readonly const?: unknown }>> })[] }
  const field = DISCRIMINATORS.find((name) => anyOf.length > 0 && anyOf.every(({ properties }) => properties?.[name]?.const !== undefined))
  if (field === undefined) return undefined
  return { field, branches: new Map(anyOf.map((branch) => [branch.properties?.[field]?.const, Compile(branch)])) }
}

/** A value that fits no alternative fails in all of them, but only the one that was meant is of interest. */
function failuresOfMeant({ field, branches }: Alternatives, value: unknown): readonly SchemaFailure[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const meant = branches.get((value as Readonly<Record<string, unknown>>)[field])
  if (meant !== undefined) return [...meant.Errors(value)]
  return [{ keyword: 'enum', schemaPath: '#', instancePath: `/${field}`, params: { allowedValues: [...branches.keys()] }, message: '' }]
}

/** `/targets/units/0` → `targets.units[0]`. */
function readablePath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '')
}

const TYPES_VI: Readonly<Record<string, string>> = { string: 'chuỗi', number: 'số', integer: 'số nguyên', boolean: 'true hoặc false', object: 'đối tượng', array: 'danh sách', null: 'null' }

function explain(failure: SchemaFailure): FieldError[] {
  const path = readablePath(failure.instancePath)
  const { params } = failure
  const one = (message: string, messageVi: string): FieldError[] => [{ path, message, messageVi }]
  const limit = String(params['limit'])
  switch (failure.keyword) {
    case 'required':
      return (params['requiredProperties'] as string[]).map((name) => ({ path: path === '' ? name : `${path}.${name}`, message: 'is missing', messageVi: 'bị thiếu' }))
    case 'additionalProperties':
      return (params['additionalProperties'] as string[]).map((name) => ({ path: path === '' ? name : `${path}.${name}`, message: 'is not a known field', messageVi: 'không phải trường được biết' }))
    case 'boolean': // the same unknown field once more, seen from the field itself
      return one('is not a known field', 'không phải trường được biết')
    case 'type': {
      const type = String(params['type'])
      return one(`must be ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`, `phải là ${TYPES_VI[type] ?? type}`)
    }
    case 'enum': {
      const values = (params['allowedValues'] as unknown[]).map(String).join(', ')
      return one(`must be one of ${values}`, `phải là một trong: ${values}`)
    }
    case 'const':
      return one(`must be ${String(params['allowedValue'])}`, `phải là ${String(params['allowedValue'])}`)
    case 'minLength':
      return one(limit === '1' ? 'must not be empty' : `must have at least ${limit} characters`, limit === '1' ? 'không được để trống' : `phải có ít nhất ${limit} ký tự`)
    case 'maxLength':
      return one(`must have at most ${limit} characters`, `chỉ được có tối đa ${limit} ký tự`)
    case 'minItems':
      return one(`must have at least ${limit} items`, `phải có ít nhất ${limit} mục`)
    case 'maxItems':
      return one(`must have at most ${limit} items`, `chỉ được có tối đa ${limit} mục`)
    case 'minProperties':
      return one('must change something', 'phải thay đổi ít nhất một trường')
    case 'uniqueItems':
      return one('must not name anything twice', 'không được trùng lặp')
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return one(`must be ${String(params['comparison'])} ${limit}`, `phải ${String(params['comparison'])} ${limit}`)
    case 'pattern':
      return one(`must match ${String(params['pattern'])}`, `phải theo mẫu ${String(params['pattern'])}`)
    default:
      return one(failure.message, 'không hợp lệ')
  }
}

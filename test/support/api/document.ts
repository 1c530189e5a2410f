import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** JSON Schema as far as the API uses it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly minProperties?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly examples?: readonly unknown[]
}

export interface Media {
  readonly schema?: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
  readonly example?: unknown
}

export interface Response {
  readonly content?: Readonly<Record<string, Media>>
}

interface OperationObject {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Response>>
}

export interface DocumentObject {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface Operation extends OperationObject {
  /** `PATCH /v1/units/{id}`. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly parameters: readonly Parameter[]
}

/** The API as its OpenAPI document describes it: all that the tests of properties know about it. */
export class ApiDocument {
  readonly operations: readonly Operation[]
  readonly #document: DocumentObject
  readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: false, formats: { binary: true }, code: { optimize: false }, validateSchema: false })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(document: DocumentObject) {
    this.#document = document
    formats.default(this.#ajv)
    // What OpenAPI puts beside schemas; it is no keyword that checks anything.
    this.#ajv.addVocabulary(['openapi', 'info', 'paths', 'components', 'security', 'tags', 'example', 'servers'])
    this.#ajv.addSchema(document, 'api')
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): Operation => {
        const name = method.toUpperCase() as Operation['method']
        return { ...operation, name: `${name} ${path}`, method: name, path, parameters: operation.parameters ?? [] }
      }))
  }

  /** The schema itself where this one only refers to it. */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1)
    return name === undefined ? schema : this.resolve(this.#document.components.schemas[name] ?? {})
  }

  /** Those beside the schema and those in it. */
  examplesOf({ schema = {}, example, examples = {} }: Media): readonly unknown[] {
    return [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value), ...(this.resolve(schema).examples ?? [])]
  }

  /** What is wrong with a body that is sent; null: nothing. */
  checkRequest({ path, method }: Operation, media: string, value: unknown): string | null {
    return this.#check(['paths', path, method.toLowerCase(), 'requestBody', 'content', media, 'schema'], value)
  }

  /** What is wrong with an answer; null: nothing. */
  checkResponse({ path, method }: Operation, status: string, media: string, value: unknown): string | null {
    return this.#check(['paths', path, method.toLowerCase(), 'responses', status, 'content', media, 'schema'], value)
  }

  #check(place: readonly string[], value: unknown): string | null {
    const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    let validate = this.#compiled.get(pointer)
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `api#/${pointer}` })
      this.#compiled.set(pointer, validate)
    }
    return validate(value) ? null : this.#ajv.errorsText(validate.errors)
  }
}

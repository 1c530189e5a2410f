import { Errors } from 'typebox/schema'
import { defineWords } from '../words/define-words.ts'

/** A JSON Schema of the API. */
export type FormSchema = Readonly<Record<string, unknown>>

export const schemaWords = defineWords({
  vi: {
    required: 'Cần điền', empty: 'Không được để trống', minLength: 'Cần ít nhất {limit} ký tự', maxLength: 'Tối đa {limit} ký tự', minimum: 'Không nhỏ hơn {limit}', maximum: 'Không lớn hơn {limit}', minItems: 'Chọn ít nhất {limit}', maxItems: 'Chọn nhiều nhất {limit}',
    pattern: 'Không đúng dạng', format: 'Không đúng dạng', type: 'Không đúng dạng', unique: 'Bị trùng lặp', other: 'Không hợp lệ',
  },
  en: {
    required: 'Needed', empty: 'Must not be empty', minLength: 'At least {limit} characters', maxLength: 'At most {limit} characters', minimum: 'Not less than {limit}', maximum: 'Not more than {limit}', minItems: 'Choose at least {limit}', maxItems: 'Choose at most {limit}',
    pattern: 'Not in the right form', format: 'Not in the right form', type: 'Not in the right form', unique: 'Given twice', other: 'Not valid',
  },
})
export type SchemaWord = keyof (typeof schemaWords)['vi']

export interface FieldFault {
  /** As forms name fields, `targets.units.0`; empty: the whole. */
  readonly path: string
  readonly word: SchemaWord
  readonly values: { readonly limit?: number }
}

/** What is wrong with a body, the first fault of each field, by the schema that the server checks it with. Empty: nothing. */
export function schemaErrors(schema: FormSchema, body: unknown): FieldFault[] {
  const faults = new Map<string, FieldFault>()
  const add = (path: string, word: SchemaWord, limit?: unknown): void => {
    if (!faults.has(path)) faults.set(path, { path, word, values: typeof limit === 'number' ? { limit } : {} })
  }
  for (const { keyword, instancePath, params } of Errors(schema, body)[1]) {
    const path = instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
    const limit = 'limit' in params ? params.limit : undefined
    if (keyword === 'required') for (const name of params.requiredProperties) add(path === '' ? name : `${path}.${name}`, 'required')
    else if (keyword === 'minLength') add(path, limit === 1 ? 'empty' : 'minLength', limit)
    else if (keyword === 'maxLength' || keyword === 'minimum' || keyword === 'maximum' || keyword === 'minItems' || keyword === 'maxItems') add(path, keyword, limit)
    else if (keyword === 'pattern' || keyword === 'format' || keyword === 'type') add(path, keyword)
    else if (keyword === 'uniqueItems') add(path, 'unique')
    // What an alternative says of itself is only known from its parts, which are told too.
    else if (keyword !== 'anyOf' && keyword !== 'boolean') add(path, 'other')
  }
  return [...faults.values()]
}

import { useCallback, useEffect } from 'react'
import { useForm, type DefaultValues, type FieldValues, type Path, type Resolver, type UseFormReturn } from 'react-hook-form'
import { LoaProblem } from '../../../control/client/index.ts'
import { useDeed } from '../kit/use-deed.ts'
import { useLanguage } from '../words/language.ts'
import { format } from '../words/use-words.ts'
import { schemaErrors, schemaWords, type FormSchema } from './schema-errors.ts'

export interface ApiForm<Values extends FieldValues> extends UseFormReturn<Values> {
  /** What the server said of the whole, or null. */
  readonly failure: string | null
  /** For `<form onSubmit>`: checks, sends, and puts what the server refuses beside its field. */
  readonly onSubmit: (event: React.SyntheticEvent) => void
}

export interface ApiFormOptions<Values extends FieldValues> {
  /** Of the body, imported from `api-schema:POST /v1/…`. */
  readonly schema: FormSchema
  readonly defaultValues: DefaultValues<Values>
  /** What is sent, where it is not what was filled in as it is: no empty texts, numbers for texts. Errors are found at the same paths. */
  readonly toBody?: (values: Values) => unknown
  /** Sends it. @throws LoaProblem */
  readonly send: (values: Values) => Promise<unknown>
}

/** A form that is checked by the server's own schema while it is filled in, and by the server when it is sent. */
export function useApiForm<Values extends FieldValues>({ schema, defaultValues, toBody, send }: ApiFormOptions<Values>): ApiForm<Values> {
  const language = useLanguage()
  const { failure, run, shows } = useDeed()
  const resolver: Resolver<Values> = useCallback((values) => {
    const faults = schemaErrors(schema, toBody === undefined ? values : toBody(values))
    if (faults.length === 0) return { values, errors: {} }
    return { values: {}, errors: nest(faults.map(({ path, word, values: inWords }) => [path === '' ? 'root' : path, { type: word, message: format(schemaWords[language][word], language, inWords) }])) } as ReturnType<Resolver<Values>>
  }, [schema, toBody, language])
  const form = useForm<Values>({ defaultValues, resolver, mode: 'onTouched' })
  const { subscribe, getValues } = form
  useEffect(() => subscribe({ formState: { values: true }, callback: () => { shows([JSON.stringify(getValues())]) } }), [subscribe, getValues, shows])
  const onSubmit = (event: React.SyntheticEvent): void => {
    void form.handleSubmit(async (values) => {
      shows([JSON.stringify(getValues())])
      await run(async () => {
        try {
          await send(values)
        } catch (error) {
          for (const { path, message } of error instanceof LoaProblem ? (error.problem?.errors ?? []) : []) form.setError(path.replaceAll(/\[(\d+)\]/g, '.$1') as Path<Values>, { type: 'server', message })
          throw error
        }
      })
    })(event)
  }
  return { ...form, failure, onSubmit }
}

type Nested = { [name: string]: unknown }

function nest(entries: readonly (readonly [string, unknown])[]): Nested {
  const tree: Nested = {}
  for (const [path, leaf] of entries) {
    const parts = path.split('.')
    let at = tree
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Nested
    at[parts.at(-1) ?? ''] = leaf
  }
  return tree
}

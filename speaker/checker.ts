import type { Static, TSchema } from 'typebox'
import { Check } from 'typebox/schema'

export interface Checker<Schema extends TSchema> {
  Check(value: unknown): value is Static<Schema>
}

/** As `Compile` of typebox, but it reads the schema each time: what is checked here comes rarely, and the compiler takes 5 MB. */
export const checkerOf = <Schema extends TSchema>(schema: Schema): Checker<Schema> => ({
  Check: (value): value is Static<Schema> => Check(schema, value),
})

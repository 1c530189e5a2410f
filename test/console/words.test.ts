import { globSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import t from 'tap'
import type { Words } from '../../console/src/words/define-words.ts'

/** Kind of a part that is text. */
const LITERAL = 0
const root = join(import.meta.dirname, '../../console/src')

t.test('every text of the console is there in both languages, and takes the same values', async (t) => {
  const files = globSync('**/{words,*-words,common}.ts', { cwd: root }).filter((file) => !/(?:define|use)-words\.ts$/.test(file))
  t.ok(files.length >= 10, `${String(files.length)} files of texts`)
  for (const file of files) {
    const module = (await import(join(root, file))) as Record<string, unknown>
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'object' || value === null || !('vi' in value) || !('en' in value)) continue
      const { vi, en } = value as Words<string>
      t.same(Object.keys(en).sort(), Object.keys(vi).sort(), `${file} ${name}: the same keys`)
      for (const key of Object.keys(vi)) t.same(valuesOf(en[key]!), valuesOf(vi[key]!), `${file} ${name}.${key}`)
    }
  }
})

/** Names of the values that a text takes. @throws when it is not well formed */
function valuesOf(text: string): string[] {
  const names = new Set<string>()
  const walk = (parts: ReturnType<IntlMessageFormat['getAst']>): void => {
    for (const part of parts) {
      if ('value' in part && Number(part.type) !== LITERAL) names.add(part.value)
      if ('options' in part) for (const { value } of Object.values(part.options)) walk(value)
    }
  }
  walk(new IntlMessageFormat(text, 'vi', undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}

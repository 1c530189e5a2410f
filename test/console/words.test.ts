import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import t from 'tap'
import type { Words } from '../../console/src/words/define-words.ts'

/** Kind of a part that is text. */
const LITERAL = 0
const root = join(import.meta.dirname, '../../console/src')

t.test('every text of the console is there in both languages, and takes the same values', async (t) => {
  const texts = globSync('**/*.{ts,tsx}', { cwd: root }).map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }))
  const files = texts.filter(({ file, source }) => /= defineWords\(/.test(source) && file !== 'words/define-words.ts')
  t.ok(files.length >= 30, `${String(files.length)} files of texts`)
  for (const { file, source } of files) {
    const found = Object.entries((await import(join(root, file))) as Record<string, unknown>).filter((one): one is [string, Words<string>] => typeof one[1] === 'object' && one[1] !== null && 'vi' in one[1] && 'en' in one[1])
    t.equal(found.length, source.match(/= defineWords\(/g)?.length, `${file}: all its texts can be looked at`)
    for (const [name, { vi, en }] of found) {
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

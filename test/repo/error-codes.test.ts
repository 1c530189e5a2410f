import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const ERROR_CODE = /\b(?!LOA_ERR)[A-Z]+_ERR_[A-Z_]*[A-Z]\b/g

const codesIn = (text: string): string[] => [...new Set(text.match(ERROR_CODE) ?? [])].sort()
const sources = (folder: string): string => globSync(`${folder}/**/*.ts`, { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8')).join('\n')

t.test('the table in server/README.md has every error code of the server and of the store\'s port, and no other', (t) => {
  const readme = readFileSync(join(root, 'server/README.md'), 'utf8')
  const used = codesIn(`${sources('server')}\n${readFileSync(join(root, 'control/store-port.ts'), 'utf8')}`).filter((code) => !code.startsWith('CODEC_'))
  const documented = codesIn(readme.slice(readme.indexOf('## Error codes')))
  t.ok(used.length > 20)
  t.same(documented, used)
  t.end()
})

t.test('each folder keeps its own words for codes', (t) => {
  t.same(codesIn(sources('codec')).filter((code) => !code.startsWith('CODEC_ERR_')), [])
  t.same(codesIn(sources('rooms')).filter((code) => !code.startsWith('ROOM_ERR_')), [])
  t.end()
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PROBLEMS } from '../../control/problem.ts'

const control = join(import.meta.dirname, '..', '..', 'control')

t.test('every code is in problems.md with the same words, and no other', (t) => {
  const rows = [...readFileSync(join(control, 'problems.md'), 'utf8').matchAll(/^\| `(LOA_ERR_\w+)` \| (\d+) \| (.+?) \| (.+) \|$/gm)].map(([, code, status, title, help]) => [code, Number(status), title, help])
  t.same(rows, Object.entries(PROBLEMS).map(([code, { status, title, help }]) => [code, status, title, help]))
  t.end()
})

t.test('every code is used somewhere, and none that is not in the table', (t) => {
  const sources = readdirSync(control, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && name !== 'problem.ts').map((name) => readFileSync(join(control, name), 'utf8'))
  const problemFile = readFileSync(join(control, 'problem.ts'), 'utf8')
  const used = new Set([...sources, problemFile.slice(problemFile.indexOf('export type ProblemCode'))].flatMap((text) => [...text.matchAll(/'(LOA_ERR_\w+)'/g)].map((match) => match[1])))
  t.same([...used].sort(), Object.keys(PROBLEMS).sort())
  t.end()
})

t.test('every problem says what to do in both languages', (t) => {
  for (const [code, { status, title, titleVi, help, helpVi }] of Object.entries(PROBLEMS)) {
    t.ok(status >= 400 && status < 600, code)
    for (const text of [title, titleVi, help, helpVi]) t.ok(text.length > 5, code)
    t.match(titleVi, /[à-ỹđ]/i, `${code} is in Vietnamese`)
    t.equal(titleVi, titleVi.normalize('NFC'))
  }
  t.end()
})

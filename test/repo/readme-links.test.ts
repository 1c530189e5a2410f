import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { trackedFiles } from '../support/tracked-files.ts'

const root = join(import.meta.dirname, '../..')
const files = trackedFiles(root)

t.test('every top-level folder has a README', (t) => {
  const folders = new Set(files.filter((file) => file.includes('/') && !file.startsWith('.')).map((file) => file.split('/')[0]!))
  t.same([...folders].filter((folder) => !existsSync(join(root, folder, 'README.md'))), [])
  t.end()
})

t.test('links between the documents lead somewhere', (t) => {
  const broken = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, link]) => link!)
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(file), link)))
        .map((link) => `${file}: ${link}`),
    )
  t.same(broken, [])
  t.end()
})

t.test('the commands that README.md names exist', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const documents = files.filter((file) => file.endsWith('.md')).map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const named = [...documents.matchAll(/npm run ([:a-z-]+)/g)].map(([, name]) => name!)
  t.ok(named.includes('demo'))
  t.same([...new Set(named)].filter((name) => !(name in scripts)), [])
  t.match(readFileSync(join(root, '.ci/run'), 'utf8'), /\nnpm ci && npm test\n$/, 'CI runs what README.md says')
  t.match(readFileSync(join(root, 'README.md'), 'utf8'), /\nnpm ci && npm test /)
  t.end()
})

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..', '..')

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary?: string; readonly tags?: readonly string[]; readonly responses?: Readonly<Record<string, unknown>>; readonly security?: readonly unknown[] }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

t.test('the committed document is what the routes say', (t) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/openapi.ts', '--check'], { cwd: root, encoding: 'utf8' })
  t.equal(status, 0, stderr)
  t.end()
})

t.test('the document is whole', (t) => {
  const text = readFileSync(join(root, 'control', 'openapi.json'), 'utf8')
  const document = JSON.parse(text) as Document
  t.equal(document.openapi, '3.1.0')
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`
      t.ok(operation.summary, `${name} has a summary`)
      t.equal(operation.tags?.length, 1, `${name} has a tag`)
      if (path.startsWith('/v1/')) t.ok(operation.responses?.['401'], `${name} says that it needs a token`)
    }
  }
  for (const [, name] of text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)) t.ok(name !== undefined && name in document.components.schemas, `${String(name)} is described`)
  t.notMatch(text, /"\$ref": "(?!#\/components\/schemas\/)/, 'nothing refers elsewhere')
  t.end()
})

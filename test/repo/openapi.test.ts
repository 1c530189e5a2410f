import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ApiDocument, type DocumentObject } from '../support/api/document.ts'

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

/** Read by systems that are no callers of ours. */
const PUBLIC = new Set(['/v1/setup', '/v1/alerts/{id}/cap', '/v1/cap/feed.atom', '/v1/cap/certificate.pem'])

t.test('the document is whole', (t) => {
  const text = readFileSync(join(root, 'control', 'openapi.json'), 'utf8')
  const document = JSON.parse(text) as Document
  t.equal(document.openapi, '3.1.0')
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`
      t.ok(operation.summary, `${name} has a summary`)
      t.equal(operation.tags?.length, 1, `${name} has a tag`)
      if (path.startsWith('/v1/') && !PUBLIC.has(path)) t.ok(operation.responses?.['401'], `${name} says that it needs a token`)
    }
  }
  for (const [, name] of text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)) t.ok(name !== undefined && name in document.components.schemas, `${String(name)} is described`)
  t.notMatch(text, /"\$ref": "(?!#\/components\/schemas\/)/, 'nothing refers elsewhere')
  t.end()
})

t.test('every operation shows what is sent and what comes back, and the examples keep the rules they stand beside', (t) => {
  const json = JSON.parse(readFileSync(join(root, 'control', 'openapi.json'), 'utf8')) as DocumentObject
  const document = new ApiDocument(json)
  for (const operation of document.operations) {
    const { name, requestBody, responses, parameters } = operation
    const sent = requestBody?.content['application/json']
    if (sent !== undefined) {
      const examples = document.examplesOf(sent)
      t.ok(examples.length > 0, `${name} has an example of its body`)
      for (const example of examples) t.equal(document.checkRequest(operation, 'application/json', example), null, `${name}: the example of its body keeps the schema`)
    }
    const good = Object.keys(responses).filter((status) => status.startsWith('2'))
    t.ok(good.length > 0, `${name} says how it answers`)
    for (const status of good) {
      const answered = responses[status]!.content?.['application/json']
      if (answered === undefined) continue
      const examples = document.examplesOf(answered)
      t.ok(examples.length > 0, `${name} has an example of its answer ${status}`)
      for (const example of examples) t.equal(document.checkResponse(operation, status, 'application/json', example), null, `${name}: the example of its answer keeps the schema`)
    }
    for (const [status, { content }] of Object.entries(responses)) if (status.startsWith('4')) t.ok(content?.['application/problem+json'], `${name} ${status} is a problem`)
    if (parameters.some((parameter) => parameter.in === 'path')) t.ok(responses['404'], `${name} says 404`)
  }
  t.end()
})

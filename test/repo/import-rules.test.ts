import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { importCycles, importsOf, readImports, type Import } from '../support/import-graph.ts'

const root = join(import.meta.dirname, '../..')

interface Rule {
  /** Folders of ours, besides the folder itself. */
  readonly folders: readonly string[]
  /** Folders of which only types may be imported. */
  readonly typesOf?: readonly string[]
  /** Single files of other folders. */
  readonly files?: readonly string[]
  /** Allowed packages; anything when left out. */
  readonly packages?: readonly RegExp[]
  readonly forbiddenPackages?: readonly RegExp[]
}

/** The table «Folders» of README.md, in full. */
const rules: Readonly<Record<string, Rule>> = {
  codec: { folders: [], packages: [/^node:(module|url|fs|path)$/, /^@discordjs\/opus$/, /^@alexanderolsen\/libsamplerate-js$/, /^ebur128-wasm$/] },
  rooms: { folders: [], typesOf: ['codec'], files: ['codec/pcm/varispeed.ts'], packages: [] },
  control: { folders: [], forbiddenPackages: [/^ws$/, /redis/, /^mediasoup/, /^node:(sqlite|child_process|net|dgram|worker_threads|cluster)$/, /^pino$/, /^@discordjs\//] },
  server: { folders: ['codec', 'rooms', 'control'] },
  speaker: { folders: ['codec'] },
  console: { folders: [], files: ['control/client/index.ts', 'control/client/types.ts', ...['line', 'loudness', 'microphone', 'whip'].map((name) => `control/client/speak/${name}.ts`), 'control/openapi.json'], forbiddenPackages: [/^(fastify|ws|pino|redis|mediasoup)/] },
  scripts: { folders: [], packages: [/^node:/, /^esbuild$/, /^openapi-typescript$/, /^playwright-core$/] },
}
const unruled = ['bench', 'test']
/** Makes a committed file while developing; nothing that is installed runs it. */
const developing = ['scripts/api-types.ts', 'scripts/screenshots.ts']

const describe = ({ from, line, to, typeOnly }: Import): string => `${from}:${String(line)} imports ${typeOnly ? 'types of ' : ''}${to}`

function violations(imports: readonly Import[]): string[] {
  return imports.filter((item) => !isAllowed(item)).map(describe)
}

function isAllowed({ from, to, kind, typeOnly }: Import): boolean {
  const folder = from.split('/')[0]!
  const rule = rules[folder]
  if (rule === undefined) return true
  if (kind === 'package') return rule.packages?.some((pattern) => pattern.test(to)) ?? !(rule.forbiddenPackages ?? []).some((pattern) => pattern.test(to))
  const target = to.split('/')[0]!
  return target === folder || rule.folders.includes(target) || (typeOnly && (rule.typesOf ?? []).includes(target)) || (rule.files ?? []).includes(to) || to === 'package.json'
}

const imports = readImports(root, [...Object.keys(rules), ...unruled])

t.test('no folder imports what it may not know', (t) => {
  t.ok(imports.length > 100, `${String(imports.length)} imports read`)
  t.same(violations(imports), [])
  t.end()
})

t.test('no files import each other in a ring', (t) => {
  t.same(importCycles(imports).map((ring) => ring.join(' → ')), [])
  t.end()
})

t.test('every package that is imported is asked for in package.json', (t) => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>
  const outside = imports.filter(({ kind, to }) => kind === 'package' && !to.startsWith('node:'))
  const production = outside.filter(({ from, typeOnly }) => !unruled.includes(from.split('/')[0]!) && !developing.includes(from) && !typeOnly)
  t.same(outside.filter(({ to }) => !(to in manifest.dependencies) && !(to in manifest.devDependencies)).map(describe), [])
  t.same(production.filter(({ to }) => !(to in manifest.dependencies)).map(describe), [], 'and in its dependencies, when the server needs it')
  t.end()
})

t.test('the rules see every way of importing', (t) => {
  const read = (file: string, text: string): Import[] => importsOf(file, text, () => true)
  t.same(violations(read('rooms/a.ts', `import { parseFormat } from '../codec/audio-format.ts'`)), ['rooms/a.ts:1 imports codec/audio-format.ts'])
  t.same(violations(read('rooms/a.ts', `import type { Codec } from '../codec/audio-format.ts'\nimport { type A } from '../codec/a.ts'`)), [])
  t.same(violations(read('rooms/a.ts', `import { type A, b } from '../codec/a.ts'`)), ['rooms/a.ts:1 imports codec/a.ts'])
  t.same(violations(read('rooms/a.ts', `\nexport * from '../server/x.ts'`)), ['rooms/a.ts:2 imports server/x.ts'])
  t.same(violations(read('control/a.ts', `const x = await import('../server/x.ts')`)), ['control/a.ts:1 imports server/x.ts'])
  t.same(violations(read('control/a.ts', `let x: import('../rooms/room.ts').Room`)), ['control/a.ts:1 imports types of rooms/room.ts'])
  t.same(violations(read('control/a.ts', `import ws from 'ws'\nimport { DatabaseSync } from 'node:sqlite'`)), ['control/a.ts:1 imports ws', 'control/a.ts:2 imports node:sqlite'])
  t.same(violations(read('codec/a.ts', `const x = require('node:net')`)), ['codec/a.ts:1 imports node:net'])
  t.same(violations(read('rooms/a.ts', `import { readFile } from 'node:fs/promises'`)), ['rooms/a.ts:1 imports node:fs'])
  t.same(violations(read('server/a.ts', `import { x } from '../bench/x.ts'`)), ['server/a.ts:1 imports bench/x.ts'])
  t.throws(() => importsOf('server/a.ts', `import './gone.ts'`, () => false), /server\/a.ts:1 imports .\/gone.ts, which is not there/)
  const ring = [...read('a.ts', `import './b.ts'`), ...read('b.ts', `import './c.ts'`), ...read('c.ts', `import './a.ts'`), ...read('d.ts', `import type { A } from './a.ts'`)]
  t.same(importCycles(ring), [['a.ts', 'b.ts', 'c.ts', 'a.ts']])
  t.end()
})

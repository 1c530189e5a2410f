/** Writes the page for speaking by phone into build/talk/; run by setup.mjs. */
import { build } from 'esbuild'
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const page = join(root, 'server/talk/page')
const output = join(root, 'build/talk')
// Made beside its place and then renamed: a server that is just reading it reads all of one.
const folder = `${output}.new`

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const file of ['talk.html', 'talk.css']) copyFileSync(join(page, file), join(folder, file))
// Browsers as old as those of phones bought three years ago, whatever their makers have updated since.
await build({ absWorkingDir: root, entryPoints: ['server/talk/page/main.ts'], outfile: join(folder, 'talk.js'), bundle: true, minify: true, format: 'esm', target: ['chrome103', 'firefox102', 'safari16'], charset: 'utf8', legalComments: 'none', logLevel: 'warning' })
rmSync(output, { recursive: true, force: true })
renameSync(folder, output)

/**
 * Writes the speaker's agent as JavaScript into build/speaker/; run by setup.mjs.
 *
 * A loudspeaker's board has little memory. Run from its sources the agent would keep the stripper of types and hundreds of modules in it, of which it
 * needs a part; so what it runs is bundled, what only some devices need stands in files of its own, and Node's rarer modules are loaded when they are first used.
 */
import { build } from 'esbuild'
import { copyFileSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** Modules of Node's own that only some devices need, or only sometimes: TLS, programs, compression. */
const LAZY = ['tls', 'http', 'https', 'zlib', 'crypto', 'child_process']

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const output = join(root, 'build/speaker')
// Made beside its place and then renamed: an agent that runs keeps the files it has open.
const folder = `${output}.new`

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const [binding] = globSync('node_modules/@discordjs/opus/prebuild/*/opus.node', { cwd: root })
copyFileSync(join(root, binding), join(folder, 'opus.node'))

await build({
  absWorkingDir: root,
  entryPoints: ['speaker/main.ts'],
  outdir: folder,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  logLevel: 'warning',
  // ws is CommonJS and asks for Node's own modules.
  banner: { js: `import { createRequire } from 'node:module';const require=createRequire(import.meta.url);` },
  plugins: [{ name: 'lean', setup: lean }],
})
rmSync(output, { recursive: true, force: true })
renameSync(folder, output)

/** @param {import('esbuild').PluginBuild} bundler */
function lean(bundler) {
  // The package's own entry brings an installer along, only to find this file.
  bundler.onResolve({ filter: /^@discordjs\/opus$/ }, ({ path }) => ({ path, namespace: 'opus' }))
  bundler.onLoad({ filter: /./, namespace: 'opus' }, () => ({ contents: `module.exports = require('./opus.node')` }))
  bundler.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, external: true }))

  // An import statement asks Node's modules for all that they export, so that they load what nobody here asks for: with http the browser's WebSocket, 14 MB.
  bundler.onResolve({ filter: /./ }, ({ path }) => (isBuiltin(path) ? { path: path.replace('node:', ''), namespace: 'node' } : undefined))
  bundler.onLoad({ filter: /./, namespace: 'node' }, ({ path }) => {
    const found = `process.getBuiltinModule('${path}')`
    if (!LAZY.includes(path)) return { contents: `module.exports = ${found}` }
    const names = Object.keys(process.getBuiltinModule(path))
    return { contents: `for (const name of ${JSON.stringify(names)}) Object.defineProperty(exports, name, { enumerable: true, get: () => ${found}[name] })` }
  })
}

/**
 * Makes a checkout ready to run after `npm ci`: `node scripts/setup.mjs [build|run|demo|webrtc|test]`.
 *
 * `.npmrc` turns install scripts off, so `npm ci` needs no compiler and runs nobody's code. What must be compiled or fetched
 * happens here, for the packages that package.json lists under `allowScripts` and for no other:
 *   1. system programs: installed by apt when root, else named in one line
 *   2. install scripts of the allowed packages: first the Node runtime, then what is compiled against its headers
 *   3. our own N-API addons, into build/
 *   4. the speaker's agent as JavaScript, and pages for browsers: the console and the one for speaking by phone, each into a folder of build/
 *   5. for `webrtc`, `image` and `test`: mediasoup's worker, into build/mediasoup/ (over a minute, once)
 * A stamp in build/ remembers what was made from what, so that a second run costs a moment only.
 *
 * Plain JavaScript, because it runs on whatever Node the machine has, before the project's own Node is there.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { installLeftOut } from './left-out.mjs'
import { buildWorker, isWorkerBuilt } from './mediasoup/build.mjs'
import { withLock } from './setup-lock.mjs'
import { ensureSystemPackages, PROFILES } from './system-packages.mjs'

/** Raise it when a checkout that is already set up must be set up again. */
const SETUP_VERSION = 2
const OLDEST_NODE_MAJOR = 18

/** Something the user can put right; its message says how. */
class SetupError extends Error {}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const buildDir = join(root, 'build')
const stampFile = join(buildDir, 'setup-stamp.json')
const runtimeBin = join(root, 'node_modules', '.bin', 'node')
const manifest = readJson('package.json')
const runtimeVersion = manifest.dependencies.node

/** Our addons: C against N-API, one shared object each. */
const addons = [
  { source: 'codec/native/lame.c', headers: ['codec/native/handle.h'], output: 'build/lame.node', libraries: ['mp3lame', 'm'] },
  { source: 'codec/native/opus.c', headers: ['codec/native/handle.h'], output: 'build/opus.node', libraries: ['opus', 'm'] },
  { source: 'server/native/tcp.c', output: 'build/tcp.node', libraries: [] },
  { source: 'speaker/native/board.c', output: 'build/board.node', libraries: ['m'] },
]

const mediasoupWorker = join(buildDir, 'mediasoup', 'mediasoup-worker')

/** What is made of sources by a program of ours, each in a folder of its own below build/. What an image does not have the sources of is not made there. */
const products = [
  { name: 'the speaker agent', run: ['scripts/build-speaker.mjs'], folders: ['speaker', 'codec'], files: ['scripts/build-speaker.mjs', 'package.json'], output: 'build/speaker/main.js' },
  { name: 'the page for speaking by phone', run: ['scripts/build-talk.mjs'], folders: ['server/talk/page', 'control/client/speak'], files: ['scripts/build-talk.mjs'], output: 'build/talk/talk.js' },
  { name: 'the console', run: ['node_modules/vite/bin/vite.js', 'build', '--config', 'console/vite.config.ts', '--logLevel', 'warn'], folders: ['console', 'control/client'], files: ['control/openapi.json'], output: 'build/console/index.html' },
]

try {
  await main(process.argv[2] ?? 'run')
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`setup: ${error.message}\n`)
  process.exitCode = 1
}

/** @param {string} profile */
async function main(profile) {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE_MAJOR) {
    throw new SetupError(`this is Node ${process.versions.node}; Node ${OLDEST_NODE_MAJOR} or later is needed to install Loa (it then runs on its own Node ${runtimeVersion})`)
  }
  if (!(profile in PROFILES)) throw new SetupError(`'${profile}' is not one of ${Object.keys(PROFILES).join(', ')}`)
  checkInstalledPackages(profile === 'test')
  const problem = ensureSystemPackages(profile, say)
  if (problem !== undefined) throw new SetupError(problem)

  const withWebRtc = ['webrtc', 'image', 'test'].includes(profile)
  const isDone = () => isUpToDate() && (!withWebRtc || isWorkerBuilt(mediasoupWorker))
  if (isDone()) return
  mkdirSync(buildDir, { recursive: true })
  await withLock(join(buildDir, 'setup.lock'), say, async () => {
    // Whoever held the lock before us may have done it all.
    if (!isUpToDate()) buildAll()
    if (withWebRtc && !isWorkerBuilt(mediasoupWorker)) await buildMediasoup()
    say('ready')
  })
}

function buildAll() {
  if (!packagesAreBuilt()) buildAllowedPackages()
  for (const addon of addons) compileAddon(addon)
  checkLoads()
  for (const product of products) buildProduct(product)
  writeFileSync(stampFile, JSON.stringify({ packages: packagesFingerprint(), addons: addonsFingerprint(), ...Object.fromEntries(products.filter(hasSources).map((product) => [product.output, productFingerprint(product)])) }, null, 2))
}

async function buildMediasoup() {
  try {
    await buildWorker({ output: mediasoupWorker, say })
  } catch (error) {
    throw new SetupError(`mediasoup's worker cannot be built: ${error.message}`)
  }
}

/** Every pinned package must be there in its pinned version; after a `git pull` it may not be. */
function checkInstalledPackages(withDevelopment) {
  const wanted = { ...manifest.dependencies, ...(withDevelopment ? manifest.devDependencies : {}) }
  for (const [name, version] of Object.entries(wanted)) {
    const file = join('node_modules', name, 'package.json')
    if (!existsSync(join(root, file)) || readJson(file).version !== version) throw new SetupError(`${name} ${version} is not installed; run: npm ci`)
  }
}

function buildAllowedPackages() {
  installLeftOut(root, { run, say })
  if (!runtimeWorks()) {
    say(`fetching Node ${runtimeVersion}`)
    run('npm', ['rebuild', '--ignore-scripts=false', 'node'])
    if (!runtimeWorks()) throw new SetupError(`Node ${runtimeVersion} cannot be run from ${runtimeBin} (does the npm package 'node' serve ${process.platform}-${process.arch}?)`)
  }
  // The others come after the runtime: they are compiled by it and for it.
  for (const [name, allowed] of Object.entries(manifest.allowScripts)) if (allowed === true && name !== 'node') buildPackage(name)
}

/**
 * Runs a package's install scripts, as npm would, but with the project's own node-gyp: the one of Debian's npm links every
 * addon against Debian's libnode.
 */
function buildPackage(name) {
  say(`building ${name}`)
  const folder = join('node_modules', name)
  const runtimePackage = join(root, 'node_modules', 'node', 'node_modules', `node-${process.platform}-${process.arch}`)
  const environment = {
    // A prebuilt binary and headers would come from outside the registry: the one is compiled, the others came with the runtime.
    npm_config_build_from_source: 'true',
    npm_config_nodedir: runtimePackage,
    npm_config_node_gyp: join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
    JOBS: process.env.JOBS ?? 'max',
  }
  const { scripts = {} } = readJson(join(folder, 'package.json'))
  for (const stage of ['preinstall', 'install', 'postinstall']) if (stage in scripts) run('sh', ['-c', scripts[stage]], folder, environment)
}

function runtimeWorks() {
  const result = spawnSync(runtimeBin, ['--version'], { encoding: 'utf8' })
  return result.status === 0 && result.stdout.trim() === `v${runtimeVersion}`
}

/** What was compiled must load in the runtime, or the first start would find out. */
function checkLoads() {
  const addonFiles = addons.map(({ output }) => join(root, output)).filter((file) => existsSync(file))
  const code = `require('@discordjs/opus'); for (const file of ${JSON.stringify(addonFiles)}) process.dlopen({ exports: {} }, file)`
  run(runtimeBin, ['--input-type=commonjs', '--eval', code])
}

/** Runs a program below the top folder, the runtime first on its path. @throws SetupError with the program's last words */
function run(program, args, folder = '.', environment = {}) {
  const result = spawnSync(program, args, {
    cwd: join(root, folder),
    env: { ...process.env, ...environment, PATH: `${dirname(runtimeBin)}:${process.env.PATH ?? ''}` },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.error !== undefined) throw new SetupError(`${program} cannot be started: ${result.error.message}`)
  if (result.status !== 0) throw new SetupError(`${program} ${args.join(' ')} failed:\n${lastLines(result.stdout + result.stderr)}`)
}

function compileAddon({ source, output, libraries }) {
  if (!existsSync(join(root, source))) return
  say(`compiling ${source}`)
  // Compiled beside its place and then renamed: a server that has the old one open keeps it.
  const temporary = `${output}.new`
  const args = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-I', 'node_modules/node-api-headers/include', source, '-o', temporary, ...libraries.map((name) => `-l${name}`)]
  run('cc', args)
  renameSync(join(root, temporary), join(root, output))
}

function buildProduct(product) {
  if (productIsBuilt(product)) return
  say(`building ${product.name}`)
  run(runtimeBin, product.run)
}

function hasSources({ folders }) {
  return existsSync(join(root, folders[0]))
}

/** What the compiled packages were made from. */
function packagesFingerprint() {
  return { version: SETUP_VERSION, platform: `${process.platform}-${process.arch}`, runtime: runtimeVersion, lockfile: hash('package-lock.json'), allowScripts: manifest.allowScripts }
}

function addonsFingerprint() {
  return { version: SETUP_VERSION, sources: addons.flatMap(({ source, headers = [] }) => [source, ...headers]).map((file) => [file, existsSync(join(root, file)) ? hash(file) : 'absent']) }
}

function productFingerprint({ folders, files }) {
  const sources = folders.filter((folder) => existsSync(join(root, folder))).flatMap(filesIn)
  return { version: SETUP_VERSION, lockfile: hash('package-lock.json'), sources: [...files, ...sources].map((file) => [file, hash(file)]) }
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort()
}

function packagesAreBuilt() {
  // `npm ci` empties node_modules and `npm install` may prune the runtime, both behind the stamp's back.
  return stampHolds('packages', packagesFingerprint()) && existsSync(join(root, 'node_modules', '@discordjs', 'opus', 'prebuild')) && runtimeWorks()
}

function addonsAreBuilt() {
  return stampHolds('addons', addonsFingerprint()) && addons.every(({ source, output }) => !existsSync(join(root, source)) || existsSync(join(root, output)))
}

function productIsBuilt(product) {
  return !hasSources(product) || (stampHolds(product.output, productFingerprint(product)) && existsSync(join(root, product.output)))
}

function isUpToDate() {
  return addonsAreBuilt() && products.every(productIsBuilt) && packagesAreBuilt()
}

function stampHolds(part, wanted) {
  try {
    return JSON.stringify(JSON.parse(readFileSync(stampFile, 'utf8'))[part]) === JSON.stringify(wanted)
  } catch {
    // No stamp yet, or one cut short: then everything is made anew.
    return false
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}

function hash(file) {
  return createHash('sha256').update(readFileSync(join(root, file))).digest('hex')
}

function lastLines(text, count = 30) {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

function say(text) {
  process.stdout.write(`setup: ${text}\n`)
}

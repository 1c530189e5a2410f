/**
 * Makes mediasoup's worker from the sources in its npm package against the distribution's libraries: `node scripts/mediasoup/build.mjs [OUTPUT]`, by default
 * build/mediasoup/mediasoup-worker. mediasoup's own build wants meson and downloads from GitHub; this needs neither.
 *
 * What is changed of the sources is said in PATCHES and in compat/. A stamp beside the output remembers what it was made from.
 */
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const packageDir = join(root, 'node_modules/mediasoup')
const worker = join(packageDir, 'worker')

/** Each must be found, or the sources are others than those that were looked at. */
const PATCHES = [
  {
    // The callback answers 1 to every control operation of the BIO; an OpenSSL with kernel TLS, such as Debian's, reads that as «kernel TLS is on» and crashes in the first handshake.
    file: 'src/RTC/DtlsTransport.cpp',
    from: '(operationType == BIO_CB_RETURN) ? static_cast<long>(ret) : 1',
    to: '(operationType & BIO_CB_RETURN) ? static_cast<long>(ret) : 1',
  },
]

/** The bandwidth estimation of libwebrtc is for video and wants abseil: the built-in one does for sound. */
const DEFINES = ['-DMS_LITTLE_ENDIAN', '-DMS_USE_BUILTIN_BWE', '-DMS_EXECUTABLE', '-DFLATBUFFERS_LOCALE_INDEPENDENT=1']
const OPTIMISE = ['-std=c++20', '-O2', '-w', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-fPIE']
const LIBRARIES = ['libuv', 'openssl', 'libsrtp2']

const run = promisify(execFile)

/** @returns hash of everything the worker is made from */
export function workerFingerprint() {
  const hash = createHash('sha256').update(readFileSync(join(packageDir, 'package.json')))
  for (const file of readdirSync(here, { recursive: true }).sort()) if (/\.(h|mjs)$/.test(file)) hash.update(file).update(readFileSync(join(here, file)))
  return hash.digest('hex')
}

/** Whether `output` is there and was made from what is here now. */
export function isWorkerBuilt(output) {
  const stamp = `${output}.stamp`
  return existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === workerFingerprint()
}

/** @returns the sources that the worker's own build would compile */
function sourcesOf(mesonFile) {
  const list = /common_sources = \[([^\]]*)\]/.exec(readFileSync(mesonFile, 'utf8'))?.[1]
  if (list === undefined) throw new Error(`${mesonFile} names no common_sources: this is another mediasoup than the one looked at`)
  return [...list.matchAll(/'([^']+)'/g)].map(([, file]) => file).concat('src/main.cpp')
}

function flagsOf(...question) {
  return execFileSync('pkg-config', [...question, ...LIBRARIES], { encoding: 'utf8' }).trim().split(/\s+/).filter((flag) => flag !== '')
}

/**
 * Builds in a folder of its own beside `output` and moves the result there at the end, so that nobody sees half a worker.
 * @param {{ output: string, say?: (text: string) => void }} options
 */
export async function buildWorker({ output, say = () => {} }) {
  const startedMs = Date.now()
  const scratch = `${output}.scratch`
  rmSync(scratch, { recursive: true, force: true })
  const sources = join(scratch, 'worker')
  mkdirSync(scratch, { recursive: true })
  cpSync(worker, sources, { recursive: true })
  for (const { file, from, to } of PATCHES) {
    const path = join(sources, file)
    const text = readFileSync(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not hold «${from}»: this is another mediasoup than the one looked at`)
    writeFileSync(path, text.replaceAll(from, to))
  }

  const generated = join(scratch, 'fbs')
  const schemas = readdirSync(join(sources, 'fbs')).filter((file) => file.endsWith('.fbs')).map((file) => join(sources, 'fbs', file))
  await run('flatc', ['--cpp', '--cpp-field-case-style', 'lower', '--reflect-names', '--scoped-enums', '--filename-suffix', '', '-o', join(generated, 'FBS'), ...schemas])

  const compiler = process.env.CXX ?? 'g++'
  const flags = [...OPTIMISE, ...DEFINES, `-I${join(here, 'compat')}`, `-I${join(sources, 'include')}`, `-I${generated}`, ...flagsOf('--cflags')]
  // Half of the time goes into these headers otherwise.
  const common = join(scratch, 'shared-headers.hpp')
  writeFileSync(common, '#include "common.hpp"\n#include "Logger.hpp"\n#include "FBS/transport.h"\n#include "FBS/worker.h"\n#include <ankerl/unordered_dense.h>\n#include <string>\n#include <vector>\n')
  await compile(compiler, [...flags, '-x', 'c++-header', common, '-o', `${common}.gch`])

  const files = sourcesOf(join(sources, 'meson.build'))
  const objects = files.map((file) => join(scratch, `${file.replaceAll('/', '_')}.o`))
  say(`compiling mediasoup's worker: ${files.length} files, once`)
  await inParallel(files.map((file, index) => () => compile(compiler, [...flags, '-include', common, '-c', join(sources, file), '-o', objects[index]])))
  const binary = join(scratch, 'mediasoup-worker')
  await compile(compiler, ['-pie', '-s', '-Wl,-z,relro,-z,now', ...objects, '-o', binary, ...flagsOf('--libs'), '-lpthread'])

  mkdirSync(dirname(output), { recursive: true })
  renameSync(binary, output)
  writeFileSync(`${output}.stamp`, workerFingerprint())
  rmSync(scratch, { recursive: true, force: true })
  say(`mediasoup's worker is there after ${Math.round((Date.now() - startedMs) / 1000)} s`)
}

async function compile(compiler, args) {
  try {
    await run(compiler, args, { maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    throw new Error(`${compiler} ${args.at(-3)} failed:\n${String(error.stderr).split('\n').filter((line) => line.includes('error')).slice(0, 10).join('\n')}`)
  }
}

async function inParallel(jobs) {
  const waiting = [...jobs]
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildWorker({ output: resolve(process.argv[2] ?? join(root, 'build/mediasoup/mediasoup-worker')), say: (text) => process.stderr.write(`${text}\n`) })
}

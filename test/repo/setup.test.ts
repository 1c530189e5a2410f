import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const root = join(import.meta.dirname, '../..')
const setup = join(root, 'scripts/setup.mjs')

function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'loa-setup-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Runs the setup with a few lines of code before it. */
function runSetup(t: Test, profile: string, before: string, environment: NodeJS.ProcessEnv = {}) {
  const file = join(temporaryFolder(t), 'before.cjs')
  writeFileSync(file, before)
  return spawnSync(process.execPath, ['--require', file, setup, profile], { encoding: 'utf8', env: { ...process.env, ...environment } })
}

t.test('what is missing is named in one line when it may not be installed', async (t) => {
  const folder = temporaryFolder(t)
  symlinkSync('/bin/true', join(folder, 'apt-get'))
  const { status, stdout, stderr } = runSetup(t, 'demo', 'process.getuid = () => 1000', { PATH: folder })
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /^setup: missing on this machine; run: sudo apt-get install -y --no-install-recommends gcc g\+\+ .*make python3 .*ffmpeg espeak-ng\n$/)
})

t.test('without apt it names the programs', async (t) => {
  const { status, stderr } = runSetup(t, 'run', '', { PATH: temporaryFolder(t) })
  t.equal(status, 1)
  t.match(stderr, /^setup: missing on this machine: cc, g\+\+, .*ffmpeg, espeak-ng \(in Debian's packages gcc g\+\+ .*\)\n$/)
})

t.test('what npm has left out because its own Node is old is found, for this machine only', async (t) => {
  const { leftOut } = (await import(join(root, 'scripts/left-out.mjs'))) as { readonly leftOut: (packages: object, isThere: (folder: string) => boolean, machine: object) => readonly { readonly name: string }[] }
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { optional?: boolean }> }
  const names = (cpu: string, libc: string, isThere: (folder: string) => boolean): string[] => leftOut(packages, isThere, { os: 'linux', cpu, libc }).map(({ name }) => name)
  const isOptional = (folder: string): boolean => packages[folder]?.optional === true
  t.ok(names('x64', 'glibc', (folder) => !isOptional(folder)).includes('@rolldown/binding-linux-x64-gnu'))
  t.ok(names('arm64', 'musl', (folder) => !isOptional(folder)).includes('@rolldown/binding-linux-arm64-musl'))
  t.notMatch(names('x64', 'glibc', (folder) => !isOptional(folder)).join(' '), /arm64|musl|darwin|win32/)
  t.same(names('x64', 'glibc', (folder) => existsSync(join(root, folder))), [], 'here nothing is missing')
})

t.test('a Node too old to install with is told so', async (t) => {
  const { status, stderr } = runSetup(t, 'run', `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '16.20.2' } })`)
  t.equal(status, 1)
  t.match(stderr, /^setup: this is Node 16\.20\.2; Node 18 or later is needed to install Loa .*\n$/)
})

t.test('an unknown purpose is refused with the known ones', async (t) => {
  const { status, stderr } = runSetup(t, 'everything', '')
  t.equal(status, 1)
  t.match(stderr, /^setup: 'everything' is not one of build, image, run, demo, webrtc, test\n$/)
})

t.test('the second run of two at once waits for the first', async (t) => {
  const folder = temporaryFolder(t)
  const [lock, log, script] = [join(folder, 'lock'), join(folder, 'log'), join(folder, 'holder.mjs')]
  writeFileSync(script, `
    import { appendFileSync } from 'node:fs'
    import { withLock } from ${JSON.stringify(join(root, 'scripts/setup-lock.mjs'))}
    await withLock(${JSON.stringify(lock)}, () => {}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ')
      await new Promise((done) => setTimeout(done, 300))
      appendFileSync(${JSON.stringify(log)}, 'out ')
    })`)
  const codes = await Promise.all([1, 2, 3].map(() => new Promise((resolve) => spawn(process.execPath, [script]).once('exit', resolve))))
  t.same(codes, [0, 0, 0])
  t.equal(readFileSync(log, 'utf8'), 'in out in out in out ')
  t.notOk(existsSync(lock))
})

t.test('a lock whose owner is gone is taken over', async (t) => {
  const folder = temporaryFolder(t)
  const lock = join(folder, 'lock')
  writeFileSync(lock, String(spawnSync('true').pid))
  const script = `import { withLock } from ${JSON.stringify(join(root, 'scripts/setup-lock.mjs'))}; await withLock(${JSON.stringify(lock)}, () => {}, () => console.log('mine'))`
  t.equal(spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stdout, 'mine\n')
})

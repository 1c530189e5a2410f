import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const entry = join(import.meta.dirname, '../../server/loa.mjs')

/** Node programs of the machine that are older than the one Loa runs on. */
function olderNodes(): string[] {
  return ['/usr/bin/node', '/usr/local/bin/node'].filter((program) => {
    const version = spawnSync(program, ['--version'], { encoding: 'utf8' })
    return version.status === 0 && Number(/^v(\d+)/.exec(version.stdout)?.[1]) < 24
  })
}

/** Loads a file that makes this runtime say it is another version, before the entry. */
function preload(t: Test, version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'loa-entry-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'version.cjs')
  writeFileSync(file, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`)
  return file
}

t.test('an older runtime is told what to do, in one line', async (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload(t, '20.20.2'), entry, '--help'], { encoding: 'utf8' })
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /^Loa runs on Node 24 or later; this is Node 20\.20\.2\..*npm start.*\n$/)
})

for (const program of olderNodes()) {
  t.test(`so is the real ${program}`, async (t) => {
    const { status, stderr } = spawnSync(program, [entry, '--help'], { encoding: 'utf8' })
    t.equal(status, 1)
    t.match(stderr, /^Loa runs on Node 24 or later; this is Node \d+\.\d+\.\d+\..*npm start.*\n$/)
  })
}

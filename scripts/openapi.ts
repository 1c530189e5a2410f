import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes control/openapi.json, the API's description generated from its routes; with `--check`, only says whether the file is current.
 * Usage: node scripts/openapi.ts [--check]
 */
const root = join(import.meta.dirname, '..')
const file = join(root, 'control', 'openapi.json')
const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'server', 'cli', 'openapi.ts')], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })

if (status !== 0) {
  console.error(stderr)
  process.exitCode = 1
} else if (!process.argv.includes('--check')) {
  writeFileSync(file, stdout)
} else if (readFileSync(file, 'utf8') !== stdout) {
  console.error('control/openapi.json is not what the routes say: run node scripts/openapi.ts and commit it')
  process.exitCode = 1
}

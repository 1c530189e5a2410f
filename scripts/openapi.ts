import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiTypes, type ApiDescription } from './api-types.ts'

/**
 * Writes control/openapi.json, the API's description generated from its routes, and the types of the client from it; with `--check`, only says
 * whether the files are current.
 * Usage: node scripts/openapi.ts [--check]
 */
const root = join(import.meta.dirname, '..')
const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'server', 'cli', 'openapi.ts')], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })

if (status !== 0) {
  console.error(stderr)
  process.exitCode = 1
} else {
  const files = { 'control/openapi.json': stdout, 'control/client/types.ts': await apiTypes(JSON.parse(stdout) as ApiDescription) }
  for (const [file, text] of Object.entries(files)) {
    if (!process.argv.includes('--check')) {
      writeFileSync(join(root, file), text)
    } else if (readFileSync(join(root, file), 'utf8') !== text) {
      console.error(`${file} is not what the routes say: run node scripts/openapi.ts and commit it`)
      process.exitCode = 1
    }
  }
}

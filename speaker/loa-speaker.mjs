#!/usr/bin/env node
// Plain JavaScript, so that an old Node hands over to the project's own instead of failing on the first type.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const MIN_NODE_MAJOR = 24

if (Number(process.versions.node.split('.')[0]) >= MIN_NODE_MAJOR) {
  // From the second start on nothing has to be stripped of its types, which saves 27 MB.
  module.enableCompileCache()
  await import('./main.ts')
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  if (!existsSync(node)) {
    process.stderr.write(`loa-speaker: this is Node ${process.versions.node}; run npm ci and npm run setup first, which bring Node ${MIN_NODE_MAJOR}\n`)
    process.exit(2)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal === null ? code ?? 1 : 1))
}

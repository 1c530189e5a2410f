#!/usr/bin/env node
// Plain JavaScript on whatever Node the machine has: it gives way to the project's own Node with the agent that the setup has built.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const MIN_NODE_MAJOR = 24
/** For a small memory: what each saves and costs is in README.md, «Footprint». */
const FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=0', '--single-threaded', '--no-turbofan', '--optimize-for-size']
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1' }

const isNewEnough = Number(process.versions.node.split('.')[0]) >= MIN_NODE_MAJOR
const node = isNewEnough ? process.execPath : fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
const agent = fileURLToPath(new URL('../build/speaker/main.js', import.meta.url))

if (!existsSync(node) || !existsSync(agent)) {
  process.stderr.write(`loa-speaker: the agent is not built yet (this is Node ${process.versions.node}); run npm ci and npm run setup first, which also bring Node ${MIN_NODE_MAJOR}\n`)
  process.exit(2)
}
const args = [...FLAGS, agent, ...process.argv.slice(2)]
const env = { ...ENVIRONMENT, ...process.env }
// In the place of this process, so that nothing of it stays in memory; an old Node cannot do that.
if (process.platform !== 'win32' && typeof process.execve === 'function') process.execve(node, [node, ...args], env)
const child = spawn(node, args, { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal === null ? code ?? 1 : 1))

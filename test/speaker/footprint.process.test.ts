import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

/** Resident memory in all, and of it what is the process's own, MB of 2²⁰ bytes. speaker/README.md, «Footprint», has what was measured; the rest is for other kernels and C libraries. */
const MOST_RESIDENT_MB = 60
const MOST_OWN_MB = 22
/** Two seconds: by then the sound has gone through everything. */
const PLAYED_BYTES = 2 * 96_000

const root = join(import.meta.dirname, '../..')

/** A line of /proc/PID/status, in MB. */
function megabytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
}

t.test('the agent that a loudspeaker runs fits into a small board', async (t) => {
  const built = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs'), 'run'], { encoding: 'utf8' })
  t.equal(built.status, 0, built.stderr)
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const { id, key } = await server.cluster(unit, 'C1')
  await server.order('normal', await server.tone('A', 440), [unit])

  const agent = spawn(process.execPath, [join(root, 'speaker/loa-speaker.mjs'), '--server', server.stream.replace('http', 'ws'), `--cluster=${id}`, `--key=${key}`, '--output', 'pipe', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => agent.once('exit', resolve))
  t.teardown(async () => {
    agent.kill('SIGTERM')
    await ended
  })
  let soundBytes = 0
  let said = ''
  agent.stdout.on('data', (pcm: Buffer) => {
    if (pcm.some((byte) => byte !== 0)) soundBytes += pcm.length
  })
  agent.stderr.on('data', (chunk: Buffer) => { said += chunk.toString('utf8') })
  await waitUntil('sound has left', () => {
    if (agent.exitCode !== null || agent.signalCode !== null) throw new Error(`the agent ended with ${String(agent.exitCode ?? agent.signalCode)}:\n${said}`)
    return soundBytes > PLAYED_BYTES
  }, 30_000)

  const status = readFileSync(`/proc/${String(agent.pid)}/status`, 'utf8')
  const [resident, own] = [megabytes(status, 'VmHWM'), megabytes(status, 'RssAnon')]
  t.comment(`${resident.toFixed(1)} MB resident at most, ${own.toFixed(1)} MB of it its own`)
  t.ok(resident <= MOST_RESIDENT_MB, `${resident.toFixed(1)} MB resident`)
  t.ok(own <= MOST_OWN_MB, `${own.toFixed(1)} MB of its own`)
})

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { enrolDevice, uploadClip } from '../test/support/enrolled-device.ts'
import { LoaServer } from '../test/support/loa-server.ts'
import { makeCertificate, TlsFront } from '../test/support/tls-front.ts'

/*
 * What one agent takes of a board, in each way of running it: resident memory and processor time of the built agent (`npm run setup`) while it plays
 * noise from a real server. `node bench/footprint.ts [--seconds 60] [--launcher speaker/loa-speaker.mjs] [--only key,enrolled,wss]`
 */

const SETTLING_S = 10
const CLIP_S = 20

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, launcher: { type: 'string', default: 'speaker/loa-speaker.mjs' }, only: { type: 'string', default: 'key,enrolled,wss' }, output: { type: 'string', default: 'raw:/dev/null' } } })

interface Usage {
  readonly residentMb: number
  readonly peakMb: number
  readonly ownMb: number
  readonly filesMb: number
  readonly pssMb: number
  readonly cpuMs: number
  readonly wakeUps: number
  readonly atMs: number
}

const root = join(import.meta.dirname, '..')
const MB = 1e6

function usageOf(pid: number): Usage {
  const read = (file: string): string => readFileSync(`/proc/${String(pid)}/${file}`, 'utf8')
  const status = read('status')
  const rollup = read('smaps_rollup')
  const field = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1])
  const mb = (text: string, name: string): number => (field(text, name) * 1024) / MB
  const tasks = readdirSync(`/proc/${String(pid)}/task`)
  // Exact, where the ticks of `stat` are samples.
  const cpuMs = tasks.reduce((sum, task) => sum + Number(read(`task/${task}/schedstat`).split(' ')[0]) / 1e6, 0)
  return {
    residentMb: mb(status, 'VmRSS'), peakMb: mb(status, 'VmHWM'), ownMb: mb(status, 'RssAnon'), filesMb: mb(status, 'RssFile'), pssMb: mb(rollup, 'Pss'),
    cpuMs, wakeUps: field(status, 'voluntary_ctxt_switches'), atMs: performance.now(),
  }
}

const teardowns: (() => unknown)[] = []
const t = { teardown: (fn: () => Promise<void>): void => { teardowns.push(fn) } }
const folder = mkdtempSync(join(tmpdir(), 'loa-footprint-'))
const agents: { name: string; child: ChildProcess }[] = []

function start(name: string, args: readonly string[]): void {
  const child = spawn(process.execPath, [join(root, values.launcher), ...args, '--ppm', '50', '--output', values.output], { stdio: ['ignore', 'ignore', 'inherit'] })
  agents.push({ name, child })
}

try {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const noise = Float32Array.from({ length: CLIP_S * 48_000 }, () => (Math.random() - 0.5) * 0.6)
  const clip = await uploadClip(server, noise)
  const address = server.stream.replace('http', 'ws')
  const only = values.only.split(',')
  for (const name of only) {
    const { id, key } = await server.cluster(unit, name)
    const state = join(folder, name)
    if (name.startsWith('key')) start(name, ['--server', address, `--cluster=${id}`, `--key=${key}`])
    if (name.startsWith('enrolled')) {
      await enrolDevice(server, id, join(state, 'trust'))
      start(name, ['--server', address, '--state', state])
    }
    if (name.startsWith('wss')) {
      await enrolDevice(server, id, join(state, 'trust'))
      const certificate = makeCertificate(folder, name)
      const front = await TlsFront.listen(server.streamPort, certificate)
      start(name, ['--server', front.address, '--state', state, '--pin', certificate.fingerprint])
    }
  }
  await server.post('/v1/orders', { class: 'normal', title: 'Noise', clipIds: Array.from({ length: 20 }, () => clip), targets: { units: [unit], clusters: [], tags: [] } })
  await delay(SETTLING_S * 1000)
  const before = agents.map(({ child }) => usageOf(child.pid ?? -1))
  await delay(Number(values.seconds) * 1000)
  for (const [index, { name, child }] of agents.entries()) {
    const now = usageOf(child.pid ?? -1)
    const then = before[index]!
    const ms = now.atMs - then.atMs
    const f = (value: number): string => value.toFixed(1)
    console.log(`${name.padEnd(10)} resident ${f(now.residentMb)} peak ${f(now.peakMb)} own ${f(now.ownMb)} files ${f(now.filesMb)} PSS ${f(now.pssMb)} MB of 10^6; core ${(((now.cpuMs - then.cpuMs) / ms) * 100).toFixed(2)} %, ${f(((now.wakeUps - then.wakeUps) / ms) * 1000)} wake-ups/s`)
  }
} finally {
  for (const { child } of agents) child.kill('SIGTERM')
  for (const end of teardowns.reverse()) await end()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

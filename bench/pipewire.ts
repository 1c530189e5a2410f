import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { s16leToFloat } from '../codec/index.ts'
import { uploadClip } from '../test/support/enrolled-device.ts'
import { LoaServer } from '../test/support/loa-server.ts'
import { lagOf } from '../test/support/speaker-process.ts'
import { waitUntil } from '../test/support/wait-until.ts'

/*
 * Two agents through a real PipeWire, each into a sink of its own, both recorded at once from what the sinks played: how far apart are they really?
 * `node bench/pipewire.ts [--outputs pw-cat,pw-cat] [--seconds 30]`; outputs: pw-cat, aplay (through pipewire-alsa).
 * Needs pipewire, pipewire-bin, wireplumber, dbus-daemon, and pipewire-alsa for aplay. Nobody's own PipeWire is touched: it runs in a folder of its own.
 */

const { values } = parseArgs({ options: { outputs: { type: 'string', default: 'pw-cat,pw-cat' }, seconds: { type: 'string', default: '30' }, 'alsa-plugin': { type: 'string' }, json: { type: 'string' } } })
const outputs = values.outputs.split(',')
const seconds = Number(values.seconds)
const SAMPLES_S = 48_000
const CLIP_S = seconds + 20
const WINDOW = 9600
const REACH = 4800

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'loa-pipewire-'))
const environment: NodeJS.ProcessEnv = { ...process.env, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state'), DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, 'bus')}` }
const children = new Set<ChildProcess>()

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = environment): ChildProcess & { log: string } {
  const child = Object.assign(spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }), { log: '' })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { child.log += chunk.toString('utf8') })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

const ask = (command: string, ...args: string[]): string => spawnSync(command, args, { env: environment, encoding: 'utf8' }).stdout

async function startPipeWire(): Promise<ChildProcess> {
  // A sound server and what feeds it run first on any board (RTKit); here they need root for it.
  const pipewire = run('chrt', ['--rr', '20', 'pipewire'])
  await waitUntil('PipeWire has its sinks', () => ask('pw-cli', 'ls', 'Node').includes('loa-sink-1'))
  return pipewire
}

/** Noise below some kHz: every moment of it is different from every other, and Opus keeps its wave. */
function noise(): Float32Array {
  const pcm = new Float32Array(CLIP_S * SAMPLES_S)
  let [a, b] = [0, 0]
  for (let i = 0; i < pcm.length; i++) {
    a += 0.15 * (Math.random() - 0.5 - a)
    b += 0.15 * (a - b)
    pcm[i] = 2 * b
  }
  return pcm
}

/** Records both sinks into the two channels of one stream, and so by one clock. */
async function record(file: string): Promise<ChildProcess> {
  const recorder = run('pw-cat', ['--record', '--target', '0', '--format', 's16', '--rate', String(SAMPLES_S), '--channels', '2', '-P', '{ node.name = loa-recorder }', file])
  const ports = (name: string, kind: '-i' | '-o'): string[] => ask('pw-link', kind).split('\n').filter((port) => port.startsWith(`${name}:`))
  await waitUntil('the recorder is there', () => ports('loa-recorder', '-i').length === 2)
  for (const [index, port] of ports('loa-recorder', '-i').entries()) {
    const monitor = ports(`loa-sink-${String(index)}`, '-o').find((name) => name.includes('monitor'))
    if (monitor === undefined) throw new Error(`loa-sink-${String(index)} has no monitor`)
    const linked = spawnSync('pw-link', [monitor, port], { env: environment, encoding: 'utf8' })
    if (linked.status !== 0) throw new Error(linked.stderr)
  }
  return recorder
}

function channelsOf(file: string): [Float32Array, Float32Array] {
  const both = s16leToFloat(readFileSync(file).subarray(44))
  const half = both.length >> 1
  return [Float32Array.from({ length: half }, (_, i) => both[2 * i]!), Float32Array.from({ length: half }, (_, i) => both[2 * i + 1]!)]
}

const powerDb = (pcm: Float32Array): number => 10 * Math.log10(pcm.reduce((sum, value) => sum + value * value, 0) / Math.max(1, pcm.length) + 1e-12)

/** Skew of the two channels, ms, in each half second in which both sound; positive: the second is later. */
function skews([one, other]: readonly [Float32Array, Float32Array]): { ms: number; correlation: number }[] {
  const found = []
  for (let at = REACH; at + WINDOW + REACH < one.length; at += SAMPLES_S / 2) {
    if (powerDb(one.subarray(at, at + WINDOW)) < -50 || powerDb(other.subarray(at, at + WINDOW)) < -50) continue
    const { lag, correlation } = lagOf(other, at, one, at, WINDOW, REACH)
    found.push({ ms: (lag * 1000) / SAMPLES_S, correlation })
  }
  return found
}

function told(what: string, measured: readonly { ms: number; correlation: number }[]): object {
  const inOrder = measured.map(({ ms }) => ms).sort((a, b) => a - b)
  const part = (p: number): number => inOrder[Math.min(inOrder.length - 1, Math.floor(p * inOrder.length))] ?? NaN
  const worst = Math.min(...measured.map(({ correlation }) => correlation))
  const steps = measured.slice(1).map(({ ms }, index) => Math.abs(ms - measured[index]!.ms))
  const result = { what, outputs, windows: measured.length, p50Ms: part(0.5), leastMs: part(0), mostMs: part(1), worstStepMs: Math.max(...steps), worstCorrelation: worst }
  console.log(`${what}: ${String(measured.length)} windows, skew p50 ${part(0.5).toFixed(3)} ms, from ${part(0).toFixed(3)} to ${part(1).toFixed(3)}, worst step ${Math.max(...steps).toFixed(3)} ms, correlation at least ${worst.toFixed(3)}`)
  return result
}

const teardowns: (() => Promise<void>)[] = []
const results: object[] = []
try {
  mkdirSync(join(folder, 'config/pipewire/pipewire.conf.d'), { recursive: true })
  writeFileSync(join(folder, 'config/pipewire/pipewire.conf.d/sinks.conf'), `context.objects = [\n${[0, 1].map((index) => `  { factory = adapter args = { factory.name = support.null-audio-sink node.name = loa-sink-${String(index)} media.class = Audio/Sink object.linger = true audio.position = [ FL FR ] } }`).join('\n')}\n]\n`)
  const plugin = values['alsa-plugin']
  writeFileSync(join(folder, 'asound.conf'), [...(plugin === undefined ? ['<confdir:alsa.conf>'] : ['<confdir:alsa.conf>', `pcm_type.pipewire { lib "${plugin}" }`]), ...[0, 1].map((index) => `pcm.loa${String(index)} { type pipewire playback_node loa-sink-${String(index)} }`)].join('\n') + '\n')
  run('dbus-daemon', ['--session', '--nofork', `--address=unix:path=${join(folder, 'bus')}`])
  await delay(300)
  let pipewire = await startPipeWire()
  let manager = run('wireplumber', [])
  await delay(1500)

  const server = await LoaServer.start({ teardown: (fn) => { teardowns.push(fn) } })
  const unit = await server.unit('X1')
  const clip = await uploadClip(server, noise())
  const startAgent = async (index: number, cluster: { id: string; key: string }): Promise<ChildProcess & { log: string }> => {
    const kind = outputs[index]!
    const output = kind === 'aplay' ? `aplay:loa${String(index)}` : `${kind}:loa-sink-${String(index)}`
    const agent = run('chrt', ['--rr', '10', process.execPath, join(root, 'speaker/loa-speaker.mjs'), '--server', server.stream.replace('http', 'ws'), `--cluster=${cluster.id}`, `--key=${cluster.key}`, '--output', output, '--json'], { ...environment, ALSA_CONFIG_PATH: join(folder, 'asound.conf'), ...(plugin === undefined ? {} : { ALSA_PLUGIN_DIR: join(plugin, '..') }) })
    await waitUntil('it is connected', () => agent.log.includes('"connected"'), 20_000)
    return agent
  }
  const clusters = [await server.cluster(unit, 'C0'), await server.cluster(unit, 'C1')]
  const agents = [await startAgent(0, clusters[0]!), await startAgent(1, clusters[1]!)]
  await delay(4000)
  let ordered = ''
  const order = async (): Promise<void> => {
    if (ordered !== '') await server.stopOrder(ordered)
    ordered = (await server.post('/v1/orders', { class: 'normal', title: 'Noise', clipIds: [clip], targets: { units: [unit], clusters: [], tags: [] } }))['id'] as string
  }
  const listen = async (what: string, forS: number): Promise<void> => {
    const file = join(folder, `${what.replaceAll(/\W/g, '-')}.wav`)
    const recorder = await record(file)
    await delay(forS * 1000)
    await end(recorder, 'SIGINT')
    const channels = channelsOf(file)
    console.log(`${what}: ${(channels[0].length / SAMPLES_S).toFixed(1)} s, ${powerDb(channels[0]).toFixed(1)} and ${powerDb(channels[1]).toFixed(1)} dB`)
    results.push(told(what, skews(channels)))
  }
  await order()
  await delay(3000)
  await listen('as started', seconds)

  await end(agents[1]!, 'SIGKILL')
  agents[1] = await startAgent(1, clusters[1]!)
  await delay(8000)
  await order()
  await delay(3000)
  await listen('one killed and started again', 8)

  await end(manager)
  await end(pipewire, 'SIGKILL')
  await delay(1000)
  pipewire = await startPipeWire()
  manager = run('wireplumber', [])
  await delay(8000)
  await order()
  await delay(3000)
  await listen('PipeWire killed and back', 8)
  for (const [index, agent] of agents.entries()) {
    const lines = agent.log.split('\n').filter((line) => line.includes('"output"'))
    console.log(`agent ${String(index)} (${outputs[index]!}) told of its output: ${lines.length === 0 ? 'nothing' : lines.map((line) => (JSON.parse(line) as { reason: string }).reason).join('; ')}`)
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1) + '\n')
} finally {
  for (const child of [...children].reverse()) await end(child)
  for (const teardown of teardowns.reverse()) await teardown()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

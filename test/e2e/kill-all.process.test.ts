import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../server/config.ts'
import { LoaServer } from '../support/loa-server.ts'
import { wantedProcessorMs } from '../support/processor-time.ts'
import { decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND, NativeRadio, type ClusterKey } from '../support/radio.ts'
import { toneMap } from '../support/tone-map.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const HZ = 1013
const EMERGENCY_HZ = 2003
const ROUNDS = 2
/** On air again after the kill of everything; and, where the machine does not let it run, what it may wait for anything else. */
const BACK_MS = 3000
const WAITED_MS = 1500

const isAlive = (pid: number): boolean => {
  try {
    // Whoever has ended and waits to be reaped is not alive.
    return !/^.*\) Z/s.test(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Every process below this one, by the kernel's word. */
function descendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const parent = Number(readFileSync(`/proc/${entry}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
    } catch {
      // It went meanwhile.
    }
  }
  const below = (of: number): number[] => (children.get(of) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}

const canConnect = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => { socket.destroy(); resolve(true) })
  socket.once('error', () => { resolve(false) })
})

/** Connects as soon as that is possible, and tells when the first of these tones was heard. */
async function firstSoundMs(server: LoaServer, cluster: ClusterKey, hz: number): Promise<number> {
  const radio = await waitUntil('the stream port takes a listener', () => HttpRadio.open(server, cluster).catch(() => null), 40_000)
  await radio.hear(3 * MP3_64_BYTES_PER_SECOND, 20_000)
  radio.close()
  const stretches = toneMap(decodeMp3(radio.body), [HZ, EMERGENCY_HZ]).filter((stretch) => stretch.hz !== 0)
  if (stretches[0]?.hz !== hz) throw new Error(`${String(hz)} Hz should be heard first, not ${JSON.stringify(stretches)}`)
  return radio.arrivalMs((stretches[0].fromMs / 1000) * MP3_64_BYTES_PER_SECOND)
}

t.test('everything is killed and started again', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const other = await server.unit('X2')
  const cluster = await server.cluster(unit, 'C1')
  const quiet = await server.cluster(other, 'C2')
  const tone = await server.tone('t', HZ)
  const siren = await server.tone('e', EMERGENCY_HZ)
  const idempotent = { class: 'normal', title: 'Bản tin', sourceId: tone, targets: { units: [unit] }, durationMs: 3_600_000 }
  const first = await server.request('POST', '/v1/orders', idempotent, { 'idempotency-key': 'key-0' })
  t.equal(first.status, 201)
  const stopped = await server.order('emergency', siren, [unit], { tone: false })
  await server.stopOrder(stopped)

  for (let round = 1; round <= ROUNDS; round += 1) {
    const pids = await server.pids()
    const all = [server.pid, ...descendants(server.pid)]
    const expired = await server.order('emergency', siren, [unit], { tone: false, durationMs: 300 })
    const last = await server.post('/v1/orders', { class: 'normal', title: `Lệnh ${String(round)}`, sourceId: siren, targets: { units: [other] }, durationMs: 3_600_000 })
    await server.killAll(pids)
    t.ok((await server.request('GET', '/healthz').catch(() => null)) === null, 'it is really gone')
    await waitUntil('no process of it is left', () => !all.some(isAlive), 30_000)
    await waitUntil('the short order would be over', () => Date.now() > Date.parse(last['startsAt'] as string) + 300)

    const spawnedMs = performance.now()
    const ownMs = wantedProcessorMs(process.pid)
    const sound = [firstSoundMs(server, cluster, HZ), firstSoundMs(server, quiet, EMERGENCY_HZ)]
    await server.run()
    const upMs = performance.now() - spawnedMs
    // One after the other: the supervisor, the slowest of the roles, and we who listen.
    const roles = Object.values(await server.pids()).map(wantedProcessorMs)
    const processorMs = wantedProcessorMs(server.pid) + Math.max(...roles) + wantedProcessorMs(process.pid) - ownMs
    for (const [index, heardMs] of (await Promise.all(sound)).entries()) {
      const afterMs = heardMs - spawnedMs
      const waitedMs = afterMs - processorMs
      t.ok(afterMs <= BACK_MS || waitedMs <= WAITED_MS, `round ${String(round)}, listener ${String(index)}: on air again after ${String(Math.round(afterMs))} ms, ${String(Math.round(waitedMs))} of them not for want of the processor; all ready after ${String(Math.round(upMs))} ms`)
    }
    const kept = await server.get(`/v1/orders/${last['id'] as string}`)
    t.match(kept, { id: last['id'], state: 'on-air', title: `Lệnh ${String(round)}`, number: last['number'] }, 'what was acknowledged right before the kill is there')
    t.equal((await server.get(`/v1/orders/${expired}`))['state'], 'ended')
    t.equal((await server.get(`/v1/orders/${stopped}`))['state'], 'stopped')
    const again = await server.request('POST', '/v1/orders', idempotent, { 'idempotency-key': 'key-0' })
    t.equal(again.body['id'], first.body['id'], 'the idempotency key is remembered')
    await server.stopOrder(last['id'] as string)
  }
  const { items } = (await server.get('/v1/orders?limit=100')) as { items: unknown[] }
  t.equal(items.length, 2 + 2 * ROUNDS, 'no order was made twice or lost')
})

t.test('killed while it starts, it leaves nothing behind', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'loa-test-'))
  t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
  t.teardown(() => { rmSync(loadConfig({ LOA_DATA_DIR: dataDir }).runDir, { recursive: true, force: true }) })
  const server = spawnServer(t, dataDir)
  const roles = await waitUntil('the roles are there', () => {
    const pids = descendants(server.child.pid!)
    return pids.length >= 3 ? pids : null
  }, 30_000)
  server.child.kill('SIGKILL')
  await waitUntil('the roles have ended', () => !roles.some(isAlive), 60_000)
  t.pass()
})

t.test('one server for a data folder, ended in order', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  const second = await server.cluster(unit, 'C2')
  await server.order('normal', await server.tone('t', HZ), [unit])
  const http = await HttpRadio.open(server, cluster)
  const native = await NativeRadio.open(server, second)

  const intruder = spawnServer(t, server.dataDir)
  const { code } = await intruder.exited
  t.equal(code, 1)
  t.match(intruder.errors(), /another Loa already uses the data folder .*; stop it first or set LOA_DATA_DIR/)
  t.ok(intruder.errors().includes(server.dataDir))
  await http.hear(MP3_64_BYTES_PER_SECOND)
  t.equal((await server.request('GET', '/readyz')).status, 200, 'the first one is as it was')

  const { runDir } = loadConfig({ LOA_DATA_DIR: server.dataDir })
  t.ok(existsSync(join(runDir, 'control.sock')))
  const pids = descendants(server.pid)
  t.ok(pids.length >= 4)
  const startedMs = performance.now()
  await server.stop()
  t.ok(performance.now() - startedMs < 10_000, `ended after ${String(Math.round(performance.now() - startedMs))} ms`)
  t.same(pids.filter(isAlive), [], 'no process is left')
  t.notOk(existsSync(runDir), 'no socket is left')
  await waitUntil('the listeners are told', () => http.ended && native.closeCode !== 0)
  t.equal(native.closeCode, 1001)
  t.equal(await canConnect(server.port), false)
  t.equal(await canConnect(server.streamPort), false)
  t.notMatch(server.log, /"level":(?:50|60)/, 'nothing went wrong on the way down')
})

t.test('of two that start at once on one data folder, one runs', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'loa-test-'))
  t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
  const both = [spawnServer(t, dataDir), spawnServer(t, dataDir)]
  await waitUntil('one has given up', () => both.some(({ child }) => child.exitCode !== null), 40_000)
  await waitUntil('the other runs', () => both.some(({ output }) => output().includes('Loa is on')), 40_000)
  t.equal(both.filter(({ child }) => child.exitCode === null).length, 1)
})

interface Spawned {
  readonly child: ReturnType<typeof spawn>
  readonly exited: Promise<{ code: number | null }>
  readonly output: () => string
  readonly errors: () => string
}

/** A server by hand, on any ports; it ends with the test. */
function spawnServer(t: Test, dataDir: string): Spawned {
  const main = join(import.meta.dirname, '../../server/main.ts')
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'] ?? '', LOA_DATA_DIR: dataDir, LOA_HOST: '127.0.0.1', LOA_PORT: '0', LOA_STREAM_PORT: '0', LOA_FAN_OUT_PROCESSES: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString('utf8') })
  child.stderr.on('data', (chunk: Buffer) => { errors += chunk.toString('utf8') })
  const exited = new Promise<{ code: number | null }>((resolve) => child.once('close', (code) => { resolve({ code }) }))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
  return { child, exited, output: () => output, errors: () => errors }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { WebSocket } from 'ws'
import { monotonicMs } from '../support/link-emulator-relay.ts'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { MachineWatch } from '../support/machine-watch.ts'
import { SpeakerProcess } from '../support/speaker-process.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)
/** Agent, fan-out, control, engine, and we: each may have to wait as long as the machine held us up at the worst. */
const HOPS = 5
// They mostly wait for time to pass.
t.jobs = 2

t.test('a device that goes silent is told of within ten seconds; one that answers pings stays', { buffered: true }, async (t) => {
  const machine = await MachineWatch.start(t)
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const [alive, dead] = [await server.cluster(unit, 'C1'), await server.cluster(unit, 'C2')]
  const connect = (cluster: { readonly id: string; readonly key: string }, autoPong: boolean): WebSocket => {
    const socket = new WebSocket(`${server.stream.replace('http', 'ws')}/v1/speaker`, { autoPong })
    socket.on('open', () => { socket.send(JSON.stringify({ type: 'hello', protocol: 1, clusterId: cluster.id, key: cluster.key })) })
    socket.on('error', () => undefined)
    t.teardown(() => { socket.terminate() })
    return socket
  }
  const isOnline = async (id: string): Promise<boolean> => (await server.get(`/v1/clusters/${id}`))['online'] === true
  const sockets = [connect(alive, true), connect(dead, false)]
  let pings = 0
  sockets[0]!.on('ping', () => { pings += 1 })
  await waitUntil('both are here', async () => (await isOnline(alive.id)) && (await isOnline(dead.id)))
  const sinceMs = monotonicMs()
  await waitUntil('the silent one is gone', async () => !(await isOnline(dead.id)), 30_000)
  const tookMs = monotonicMs() - sinceMs
  t.ok(tookMs < 10_000 + HOPS * machine.worstMs(sinceMs, monotonicMs()), `noticed after ${Math.round(tookMs).toString()} ms`)
  t.equal(await isOnline(alive.id), true, 'whoever answers stays')
  t.ok(pings > 0)
})

t.test('what becomes of real agents is told within two seconds, their loss within ten', { buffered: true }, async (t) => {
  const machine = await MachineWatch.start(t)
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const clusters = [await server.cluster(unit, 'C1'), await server.cluster(unit, 'C2')] as const
  const folder = mkdtempSync(join(tmpdir(), 'loa-states-'))
  const agents: readonly SpeakerProcess[] = clusters.map(({ id, key }, index) => new SpeakerProcess(folder, `s${String(index)}`, ['--server', server.stream.replace('http', 'ws'), '--cluster', id, '--key', key]))
  t.teardown(() => {
    // One that stands still would not hear a milder word.
    for (const agent of agents) agent.signal('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const [frozen, killed] = agents as [SpeakerProcess, SpeakerProcess]
  const heard: { readonly clusterIds: readonly string[]; readonly state: string }[] = []
  const events = new WebSocket(`ws://127.0.0.1:${String(server.port)}/v1/events?types=state&access_token=${ADMIN_TOKEN}`)
  t.teardown(() => { events.terminate() })
  events.on('message', (data: Buffer) => { heard.push((JSON.parse(data.toString()) as { readonly data: (typeof heard)[number] }).data) })
  await new Promise((resolve) => { events.once('open', resolve) })
  /** Last state that was told of a cluster. */
  const stateOf = (index: 0 | 1): string | undefined => heard.findLast(({ clusterIds }) => clusterIds.includes(clusters[index].id))?.state
  const within = async (boundMs: number, what: string, isSo: () => boolean): Promise<void> => {
    const sinceMs = monotonicMs()
    await waitUntil(what, isSo, boundMs + 20_000)
    const tookMs = Math.round(monotonicMs() - sinceMs)
    const heldUpMs = machine.worstMs(sinceMs, monotonicMs())
    t.ok(tookMs < boundMs + HOPS * heldUpMs, `${what}: ${String(tookMs)} ms; the machine held us up for ${String(Math.round(heldUpMs))} ms`)
  }

  await waitUntil('both are ready', () => stateOf(0) === 'idle' && stateOf(1) === 'idle', 30_000)
  const source = await server.tone('Đài', 700)
  await server.post('/v1/orders', { class: 'normal', title: 'Bản tin', sourceId: source, targets: { units: [unit] }, durationMs: 600_000 })
  await within(2000, 'both play', () => stateOf(0) === 'playing' && stateOf(1) === 'playing')
  await waitUntil('both say that they play', async () => ((await server.get('/v1/cluster-states')) as { readonly items: readonly { readonly sound: string }[] }).items.every(({ sound }) => sound === 'live'), 30_000)

  const { id: commandId } = (await server.post('/v1/commands', { type: 'mute', muted: true, targets: { clusters: [clusters[1].id] } })) as { readonly id: string }
  await within(2000, 'muted', () => stateOf(1) === 'muted')
  await waitUntil('its answer is counted', async () => ((await server.get(`/v1/commands/${commandId}`))['clusters'] as { readonly delivered: number; readonly done: number }).done === 1)
  t.match(await server.get(`/v1/units/${unit}/state`), { total: 2, online: 2, onAir: 2, byState: { playing: 1, muted: 1 } })

  killed.signal('SIGKILL')
  await within(10_000, 'the killed one is lost', () => stateOf(1) === 'lost')
  frozen.signal('SIGSTOP')
  await within(10_000, 'the frozen one is lost', () => stateOf(0) === 'lost')
  t.match(await server.get(`/v1/units/${unit}/state`), { online: 0, byState: { lost: 2 } })
  frozen.signal('SIGCONT')
  await waitUntil('it comes back', () => stateOf(0) === 'playing', 30_000)
})

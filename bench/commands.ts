import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { Loa } from './lib/loa.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'
import { waitUntil } from './lib/processes.ts'

/**
 * How long a command takes to reach every one of 3 000 native clients of a real server, and to be answered and counted; from before the request. The clients are bare
 * sockets in this process, so their own time is in the figures. To reach: all have answered and are counted within 1 s.
 *
 *   node bench/commands.ts [clients]
 */
const CLIENTS = Number(process.argv[2] ?? 3000)
const ROUNDS = 10
const BOUND_MS = 1000
const CONNECTING = 16

const folder = mkdtempSync(join(tmpdir(), 'loa-bench-commands-'))
const loa = await Loa.start(folder)
try {
  const district = await loa.district(folder, CLIENTS, (made) => { console.error(`${String(made)} clusters made`) })
  const sockets: WebSocket[] = []
  let heardAt: number[] = []
  const connect = (cluster: { readonly id: string; readonly key: string }): Promise<void> => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(loa.streamPort)}/v1/speaker`, { perMessageDeflate: false })
    socket.on('open', () => { socket.send(JSON.stringify({ type: 'hello', protocol: 1, clusterId: cluster.id, key: cluster.key })) })
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return
      const message = JSON.parse(data.toString()) as { readonly type: string; readonly commandId?: string }
      if (message.type === 'welcome') resolve()
      if (message.type !== 'command') return
      heardAt.push(performance.now())
      socket.send(JSON.stringify({ type: 'ack', commandId: message.commandId, result: 'done' }))
    })
    socket.on('error', reject)
    sockets.push(socket)
  })
  const left = [...district.clusters]
  await Promise.all(Array.from({ length: CONNECTING }, async () => {
    for (let cluster = left.pop(); cluster !== undefined; cluster = left.pop()) await connect(cluster)
  }))
  await delay(3000)

  const last: number[] = []
  const p99: number[] = []
  const p50: number[] = []
  const counted: number[] = []
  const at = (times: readonly number[], share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))]!
  for (let round = 0; round < ROUNDS; round++) {
    heardAt = []
    const fromMs = performance.now()
    const { id } = await loa.api<{ readonly id: string }>('POST', '/v1/commands', { type: 'volume', percent: 50 + round, targets: { units: [district.unitId] } })
    await waitUntil('all have heard', () => heardAt.length === CLIENTS, 30_000)
    await waitUntil('all are counted', async () => (await loa.api<{ readonly clusters: { readonly done: number } }>('GET', `/v1/commands/${id}`)).clusters.done === CLIENTS, 30_000)
    counted.push(performance.now() - fromMs)
    const times = heardAt.map((ms) => ms - fromMs).sort((a, b) => a - b)
    p50.push(at(times, 0.5))
    p99.push(at(times, 0.99))
    last.push(times.at(-1)!)
    await delay(1000)
  }
  for (const times of [p50, p99, last, counted]) times.sort((a, b) => a - b)
  const { cpu, cores } = describeMachine()
  console.log(`${cpu}, ${String(cores)} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, ${currentCommit()}; ${String(CLIENTS)} clients, ${String(ROUNDS)} commands`)
  for (const [what, times] of [['heard by half', p50], ['heard by 99 %', p99], ['heard by all', last], ['answered by all and counted', counted]] as const) console.log(`${what.padEnd(30)} median ${at(times, 0.5).toFixed(0).padStart(6)} ms   max ${times.at(-1)!.toFixed(0).padStart(6)} ms`)
  process.exitCode = at(counted, 0.5) <= BOUND_MS ? 0 : 1
  for (const socket of sockets) socket.terminate()
} finally {
  await loa.close()
  rmSync(folder, { recursive: true, force: true })
}

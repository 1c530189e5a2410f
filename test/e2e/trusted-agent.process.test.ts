import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { watchFaults, type FaultEvent } from '../support/fault-events.ts'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const MAIN = fileURLToPath(new URL('../../speaker/main.ts', import.meta.url))

type Json = Record<string, unknown>

/** Somebody on the line between a device and its server: everything passes, but what `toDevice` changes. */
class OnTheLine {
  readonly #http: Server = createServer()
  toDevice: (text: string) => readonly string[] = (text) => [text]
  readonly seen: string[] = []

  async listen(target: string): Promise<string> {
    new WebSocketServer({ server: this.#http }).on('connection', (device) => {
      const server = new WebSocket(`${target}/v1/speaker`)
      const early: string[] = []
      device.on('message', (data: Buffer) => {
        const text = data.toString('utf8')
        if (server.readyState === WebSocket.OPEN) server.send(text)
        else early.push(text)
      })
      server.on('open', () => { for (const text of early) server.send(text) })
      server.on('message', (data: Buffer, isBinary) => {
        if (isBinary) device.send(data)
        else for (const text of this.#noted(data.toString('utf8'))) device.send(text)
      })
      server.on('close', () => { device.terminate() })
      device.on('close', () => { server.terminate() })
      for (const socket of [device, server]) socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => { this.#http.listen(0, '127.0.0.1', resolve) })
    return `ws://127.0.0.1:${String((this.#http.address() as AddressInfo).port)}`
  }

  #noted(text: string): readonly string[] {
    this.seen.push(text)
    return this.toDevice(text)
  }

  close(): void {
    this.#http.closeAllConnections()
    this.#http.close()
  }
}

t.test('an enrolled agent plays what is signed, and nothing else', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const { id } = await server.cluster(unit, 'C1')
  const tone = await server.tone('Còi', 1500)
  const state = mkdtempSync(join(tmpdir(), 'loa-agent-'))
  t.teardown(() => { rmSync(state, { recursive: true, force: true }) })
  const line = new OnTheLine()
  const address = await line.listen(server.stream.replace('http', 'ws'))
  t.teardown(() => { line.close() })

  const { code } = (await server.post(`/v1/clusters/${id}/enrolment-codes`)) as { code: string }
  const enrol = (folder: string): ReturnType<typeof spawnSync> => spawnSync(process.execPath, [MAIN, '--server', server.stream.replace('http', 'ws'), '--enrol', code, '--state', folder], { encoding: 'utf8' })
  t.match(enrol(state), { status: 0, stdout: /^enrolled as device [\w-]{22} of cluster c-/ })
  t.match(enrol(join(state, 'another')), { status: 2, stderr: /code is unknown, used or over/ })
  for (const name of readdirSync(join(state, 'trust'))) t.equal(statSync(join(state, 'trust', name)).mode & 0o777, 0o600, name)

  let agent: ChildProcess | null = null
  const start = (): void => { agent = spawn(process.execPath, [MAIN, '--server', address, '--state', state, '--json'], { stdio: ['ignore', 'ignore', 'ignore'] }) }
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const running = agent
    agent = null
    if (running === null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await ended
  }
  t.teardown(() => stop('SIGKILL'))
  start()
  const speaker = async (): Promise<Json> => (await server.request('GET', `/v1/clusters/${id}/speaker`)).body
  const counts = async (commandId: string): Promise<Json> => (await server.get(`/v1/commands/${commandId}`))['clusters'] as Json

  const first = await server.order('normal', tone, [unit])
  t.match(await waitUntil('samples of the order have left', async () => { const now = await speaker(); return now['stage'] === 'played' && now['orderId'] === first ? now : undefined }, 20_000), { identity: 'device', playing: 'live' })

  const volume = (await server.post(`/v1/clusters/${id}/commands`, { type: 'volume', percent: 35 }))['id'] as string
  await waitUntil('the command is done', async () => (await counts(volume))['done'] === 1)
  await waitUntil('the volume is told', async () => (await speaker())['volumePercent'] === 35)
  const hooked = (await server.post(`/v1/clusters/${id}/commands`, { type: 'amplifier', on: true }))['id'] as string
  await waitUntil('what no hook is configured for is refused', async () => (await counts(hooked))['refused'] === 1)

  // Recorded, and said again while it runs and after a kill.
  const recorded = line.seen.filter((text) => text.includes('"signed"'))
  t.ok(recorded.length >= 3)
  const faults: FaultEvent[] = []
  const watching = new AbortController()
  t.teardown(() => { watching.abort() })
  await watchFaults(server, faults, watching.signal)
  line.toDevice = (text) => (text.includes('"clock"') ? [text, ...recorded] : [text])
  t.match(await waitUntil('recorded messages are refused', () => faults.find(({ code: fault }) => fault === 'LOA_FAULT_SPEAKER_REFUSED')), { clusterId: id, message: /replay/ })
  await stop('SIGKILL')
  const before = await counts(volume)
  start()
  const second = await server.order('priority', tone, [unit])
  await waitUntil('it plays again', async () => { const now = await speaker(); return now['stage'] === 'played' && now['orderId'] === second }, 30_000)
  t.same(await counts(volume), before)
  t.equal((await speaker())['volumePercent'], 100, 'no recorded command was obeyed again')

  // Sound without a signature is heard by nobody.
  line.toDevice = (text) => (text.includes('"signed"') ? [] : [text])
  const unsigned = await server.order('emergency', tone, [unit], { tone: false })
  t.match(await waitUntil('frames came that nobody signed for', async () => { const now = await speaker(); return now['orderId'] === unsigned && Number(now['unverifiedFrames']) > 50 ? now : undefined }, 20_000), { stage: 'received' })
  await stop('SIGTERM')
})

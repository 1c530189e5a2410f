import { fork, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Closers } from './closers.ts'
import { PRACTICE_PASSWORD } from './practice.ts'
import { RADIO_KBPS } from './sounds.ts'

const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 10_000
const POLL_MS = 50

/** A child of the demo that is ended with it. */
export interface Running {
  /** Fulfilled when it has ended, by itself or not. */
  readonly ended: Promise<unknown>
}

/** Sees to it, from its first moment on, that a child is ended. */
function running(child: ChildProcess, closers: Closers): Running {
  const ended = once(child, 'exit')
  closers.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
  })
  return { ended }
}

/** Starts the radio station. */
export async function startStation(loop: string, closers: Closers): Promise<Running & { readonly url: string }> {
  const child = fork(join(import.meta.dirname, 'radio-station.ts'), [loop, String(RADIO_KBPS)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const station = running(child, closers)
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { ...station, url: `http://127.0.0.1:${String(port)}/` }
}

export interface DemoServer extends Running {
  readonly api: string
  readonly stream: string
  readonly adminToken: string
}

export interface Place {
  readonly host: string
  readonly port: number
  readonly streamPort: number
}

/** Starts the real server by its normal entry, on `dataDir`, for practising; a port that somebody else has is replaced by a free one. */
export async function startServer(dataDir: string, { host, port: wantedPort, streamPort: wantedStreamPort }: Place, onLog: (text: string) => void, closers: Closers): Promise<DemoServer> {
  const adminToken = randomBytes(33).toString('base64url')
  // Settings of the user's own server are not the demo's.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LOA_')))
  const child = spawn(process.execPath, [join(import.meta.dirname, '../loa.mjs')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      LOA_DATA_DIR: dataDir,
      LOA_HOST: host,
      LOA_PORT: String(await freePort(wantedPort)),
      LOA_STREAM_PORT: String(await freePort(wantedStreamPort)),
      LOA_PRACTICE_PASSWORD: PRACTICE_PASSWORD,
      LOA_ADMIN_TOKEN: adminToken,
      LOA_ALLOW_PRIVATE_SOURCES: 'true',
      LOA_LOG_LEVEL: 'warn',
    },
  })
  const server = running(child, closers)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', onLog)

  const giveUpAt = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const [, port, streamPort] = /http:\/\/[^:\s]+:(\d+).*http:\/\/[^:\s]+:(\d+)/.exec(output) ?? []
    const api = `http://127.0.0.1:${String(port)}`
    if (streamPort !== undefined && (await isReady(api))) return { ...server, api, stream: `http://127.0.0.1:${streamPort}`, adminToken }
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server did not start')
    if (performance.now() > giveUpAt) throw new Error(`the server is not ready after ${String(START_TIMEOUT_MS / 1000)} s`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function isReady(api: string): Promise<boolean> {
  return fetch(`${api}/readyz`).then(({ ok }) => ok, () => false)
}

/** @returns the port when nobody listens on it, else one that is free */
async function freePort(wanted: number): Promise<number> {
  const probe = createServer()
  const listening = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(wanted, '0.0.0.0', () => resolve(true))
  })
  if (!listening) return freePort(0)
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type Config } from '../../server/config.ts'
import type { BusFrame, Interest } from '../../rooms/frame-bus.ts'
import { anchorFromWall, HouseClock } from '../../rooms/house-clock.ts'
import { connectFrameBus, type FrameBusClient } from '../../server/bus/unix-frame-bus.ts'
import { frameJson, readMessages } from '../../server/link/framed-socket.ts'
import type { EngineState, EngineStats, EngineToControl, SourceStatus } from '../../server/link/messages.ts'
import { engineSocket } from '../../server/run-paths.ts'
import { systemClock } from '../../server/system-clock.ts'
import { waitUntil } from './wait-until.ts'

interface TestWithTeardown {
  teardown(fn: () => Promise<void>): void
}

/** An engine process, or several, with a small control of the test's own on the other end of its socket, and a subscriber on its bus. */
export interface TestEngine {
  readonly config: Config
  readonly house: HouseClock
  readonly process: ChildProcess
  readonly frames: BusFrame[]
  readonly statuses: SourceStatus[]
  readonly stats: EngineStats[]
  /** All that the engine has logged, as text. */
  log(): string
  /** @param index of the engine */
  setState(state: Omit<EngineState, 'type'>, index?: number): void
  setInterest(interests: readonly Interest[]): void
  status(sourceId: string): SourceStatus | undefined
  /** Control goes away and does not answer any more, until `startControl`. */
  stopControl(): Promise<void>
  startControl(): Promise<void>
  restart(index?: number): Promise<void>
}

/** Starts engines for a test and ends them with the test. */
export async function startEngine(t: TestWithTeardown, settings: Readonly<Record<string, string>> = {}, count = 1): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-engine-'))
  const environment = { LOA_DATA_DIR: folder, ...settings }
  const config = loadConfig(environment)
  mkdirSync(config.runDir, { recursive: true })
  const anchor = anchorFromWall(systemClock)
  const frames: BusFrame[] = []
  const statuses: SourceStatus[] = []
  const stats: EngineStats[] = []
  let log = ''
  const states = new Map<number, EngineState>()
  let server: Server | undefined
  const sockets = new Map<Socket, number>()

  const startControl = async (): Promise<void> => {
    rmSync(join(config.runDir, 'control.sock'), { force: true })
    const listening = createServer((socket) => {
      sockets.set(socket, -1)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
      readMessages(socket, (_kind, payload) => {
        const message = JSON.parse(payload.toString('utf8')) as EngineToControl
        if (message.type === 'hello') {
          sockets.set(socket, message.index)
          const state = states.get(message.index)
          if (state !== undefined) socket.write(frameJson(state))
        }
        if (message.type === 'source-status') statuses.push(message)
        if (message.type === 'engine-stats') stats.push(message)
      })
    })
    server = listening
    await new Promise<void>((resolve) => listening.listen(join(config.runDir, 'control.sock'), resolve))
  }
  const stopControl = async (): Promise<void> => {
    for (const socket of sockets.keys()) socket.destroy()
    await new Promise<void>((resolve) => { if (server === undefined) resolve(); else server.close(() => { resolve() }) })
  }
  const startChild = async (index: number): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'engine-child.ts'), { env: { PATH: process.env['PATH'], ...environment, LOA_TEST_ANCHOR: JSON.stringify(anchor), LOA_TEST_INDEX: String(index) }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const keep = (chunk: Buffer): void => { log += chunk.toString() }
    child.stdout!.on('data', keep)
    child.stderr!.on('data', keep)
    await Promise.race([once(child, 'message'), once(child, 'exit').then(() => { throw new Error(`the engine did not start: ${log}`) })])
    return child
  }
  const stopChild = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }

  await startControl()
  const children = await Promise.all(Array.from({ length: count }, (_, index) => startChild(index)))
  const bus: FrameBusClient = connectFrameBus(children.map((_, index) => engineSocket(config.runDir, index)))
  bus.onFrames((batch) => { frames.push(...batch) })
  t.teardown(async () => {
    await bus.close()
    await Promise.all(children.map(stopChild))
    await stopControl()
    rmSync(folder, { recursive: true, force: true })
    rmSync(config.runDir, { recursive: true, force: true })
  })
  await waitUntil('the engine connects to control and the bus to the engine', () => [...sockets.values()].filter((index) => index !== -1).length === count && bus.connected === count)

  return {
    config, house: new HouseClock(systemClock, anchor), frames, statuses, stats, stopControl, startControl,
    get process() { return children[0]! },
    log: () => log,
    setState(wanted, index = 0) {
      const state: EngineState = { type: 'engine-state', ...wanted }
      states.set(index, state)
      for (const [socket, of] of sockets) if (of === index) socket.write(frameJson(state))
    },
    setInterest: (interests) => { bus.setInterest(interests) },
    status: (sourceId) => statuses.findLast((status) => status.sourceId === sourceId),
    async restart(index = 0) {
      children[index]!.kill('SIGKILL')
      await once(children[index]!, 'exit')
      children[index] = await startChild(index)
    },
  }
}

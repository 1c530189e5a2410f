import { fork, type ChildProcess } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { anchorFromWall, type HouseAnchor } from '../rooms/house-clock.ts'
import { isPhoneConfigured, type Config } from './config.ts'
import { takeLock } from './data-lock.ts'
import type { Role } from './roles/role-runtime.ts'
import { systemClock } from './system-clock.ts'

/** First message to a role's process. */
export interface StartMessage {
  readonly type: 'start'
  readonly role: Role
  readonly index: number
  readonly config: Config
  readonly anchor: HouseAnchor
}

/** What a role's process answers when it runs. */
export interface ReadyMessage {
  readonly type: 'ready'
  readonly port?: number
  /** A new administrator token, shown once. */
  readonly adminToken?: string
}

export interface Supervisor {
  /** API port, stream port. Resolves when every role has run once. */
  readonly ready: Promise<{ readonly port: number; readonly streamPort: number; readonly adminToken: string | null }>
  /** Rejects when the server cannot run at all (a port is taken, the store cannot be opened). */
  readonly failed: Promise<never>
  /** Pids of the roles now, for tests that kill. */
  pids(): Readonly<Record<string, number>>
  close(): Promise<void>
}

/** Only control needs them. */
const withoutSecrets = (config: Config): Config => ({ ...config, adminToken: '', smtpPassword: '' })

const RESTART_MIN_MS = 50
const RESTART_MAX_MS = 5000
/** A process that lived this long starts again at once. */
const STABLE_MS = 10_000
const STOP_TIMEOUT_MS = 5000
/** A role that has never come up and dies this often makes the start fail instead of trying for ever. */
const MAX_FIRST_FAILURES = 3

/**
 * Starts the roles, each as a process of its own, and starts again whichever dies. Owns nothing else: no state is lost with
 * it, and when it is killed the roles end too, so that the next start finds the ports free.
 * @throws AlreadyRunningError when another one uses the same data folder
 */
export function startSupervisor(config: Config, logger: Logger): Supervisor {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const lock = takeLock(config.dataDir)
  mkdirSync(config.runDir, { recursive: true, mode: 0o700 })
  ownRunDir(config.runDir)
  const anchor = anchorFromWall(systemClock)

  let failWith: (error: Error) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => {
    failWith = reject
  })
  failed.catch(() => undefined) // whoever waits for it sees it; nobody else must

  const roles: RoleProcess[] = []
  const start = (role: Role, index: number): RoleProcess => {
    const process = new RoleProcess({ type: 'start', role, index, config: role === 'control' ? config : withoutSecrets(config), anchor }, logger, failWith)
    roles.push(process)
    return process
  }
  const control = start('control', 0)
  for (let index = 0; index < config.engineProcesses; index += 1) start('engine', index)
  const fanOuts: RoleProcess[] = []
  // With port 0 the first fan-out finds a free port and the others join it.
  const firstFanOut = start('fan-out', 0)
  fanOuts.push(firstFanOut)
  const streamPortKnown = firstFanOut.firstReady.then(({ port }) => {
    for (let index = 1; index < config.fanOutProcesses; index += 1) {
      const process = new RoleProcess({ type: 'start', role: 'fan-out', index, config: { ...withoutSecrets(config), streamPort: port! }, anchor }, logger, failWith)
      roles.push(process)
      fanOuts.push(process)
    }
    firstFanOut.pinStreamPort(port!)
    return port!
  })

  const needed = [...roles]
  // Nothing waits for it: the air goes on without recordings.
  if (config.recording) start('recorder', 0)
  if (isPhoneConfigured(config)) start('phone', 0)

  const ready = (async () => {
    const streamPort = await streamPortKnown
    const [controlReady] = await Promise.all([control.firstReady, ...needed.map(({ firstReady }) => firstReady), ...fanOuts.map(({ firstReady }) => firstReady)])
    return { port: controlReady.port!, streamPort, adminToken: controlReady.adminToken ?? null }
  })()
  ready.catch(() => undefined)

  let closing: Promise<void> | null = null
  return {
    ready,
    failed,
    pids: () => Object.fromEntries(roles.map((role) => [role.name, role.pid])),
    close() {
      closing ??= (async () => {
        await Promise.all(roles.map((role) => role.stop()))
        rmSync(config.runDir, { recursive: true, force: true })
        lock.close()
      })()
      return closing
    },
  }
}

class RoleProcess {
  readonly name: string
  readonly firstReady: Promise<ReadyMessage>
  #start: StartMessage
  readonly #logger: Logger
  readonly #failWith: (error: Error) => void
  #child: ChildProcess | null = null
  #restartTimer: NodeJS.Timeout | null = null
  #startedMs = 0
  #failures = 0
  #wasReady = false
  #stopping = false
  #resolveReady: (message: ReadyMessage) => void = () => undefined

  constructor(start: StartMessage, logger: Logger, failWith: (error: Error) => void) {
    this.name = `${start.role}-${String(start.index)}`
    this.#start = start
    this.#logger = logger
    this.#failWith = failWith
    this.firstReady = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
    this.#spawn()
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  /** After the first start with port 0: comes back on the port it had. */
  pinStreamPort(port: number): void {
    this.#start = { ...this.#start, config: { ...this.#start.config, streamPort: port } }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer)
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  #spawn(): void {
    const child = fork(new URL('./role-main.ts', import.meta.url), [this.name], { execArgv: process.execArgv.filter((flag) => !flag.startsWith('--inspect')), serialization: 'json', env: this.#environment() })
    this.#child = child
    this.#startedMs = systemClock.monotonicMs()
    // One that is gone before it could be told what it is: 'exit' follows, or there was none to begin with.
    child.on('error', (error) => {
      this.#logger.error({ role: this.name, err: error }, 'a role cannot be spoken to')
      if (child.pid === undefined && !this.#stopping) this.#restart(null, null)
    })
    child.send(this.#start)
    child.on('message', (message) => {
      const ready = message as ReadyMessage
      this.#wasReady = true
      if (ready.port !== undefined && this.#start.role === 'control') this.#start = { ...this.#start, config: { ...this.#start.config, port: ready.port } }
      this.#resolveReady(ready)
    })
    child.on('exit', (code, signal) => {
      if (this.#stopping) return
      this.#restart(code, signal)
    })
  }

  /** With its code kept compiled, a role is back in half the time and a fifth smaller. */
  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, LOA_ADMIN_TOKEN: undefined, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(this.#start.config.dataDir, 'compile-cache') }
  }

  #restart(code: number | null, signal: NodeJS.Signals | null): void {
    const livedMs = systemClock.monotonicMs() - this.#startedMs
    this.#failures = livedMs > STABLE_MS ? 0 : this.#failures + 1
    this.#logger.error({ role: this.name, code, signal, livedMs: Math.round(livedMs) }, 'a role has died; starting it again')
    if (!this.#wasReady && this.#failures >= MAX_FIRST_FAILURES && this.#start.role !== 'recorder') {
      this.#failWith(new Error(`${this.name} cannot start (exit code ${String(code)}); its message stands above`))
      return
    }
    const delayMs = this.#failures <= 1 ? 0 : Math.min(RESTART_MAX_MS, RESTART_MIN_MS * 2 ** (this.#failures - 1))
    this.#restartTimer = setTimeout(() => {
      this.#spawn()
    }, delayMs)
  }
}

/** Its name can be guessed and its parent is everybody's, so another user may have made it first; roles must not meet there. */
function ownRunDir(runDir: string): void {
  const found = lstatSync(runDir)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error(`${runDir} belongs to another user; remove it`)
  chmodSync(runDir, 0o700)
}

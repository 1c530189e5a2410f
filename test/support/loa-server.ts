import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { done, loaClient, type LoaClient, type PostBody } from '../../control/client/index.ts'
import { waitUntil } from './wait-until.ts'

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url))
export const ADMIN_TOKEN = 'test-administrator-token-0123456789abcdef'

type Json = Record<string, unknown>

export interface ApiAnswer {
  readonly status: number
  readonly body: Json
}

interface Teardown {
  teardown(fn: () => Promise<void>): void
}

/** A real server, as `npm start` runs it, on free ports and a data folder of its own. */
export class LoaServer {
  readonly dataDir: string
  readonly #settings: Readonly<Record<string, string>>
  #process: ChildProcess | null = null
  #log = ''
  /** What it said to whoever started it. */
  output = ''
  port = 0
  streamPort = 0

  private constructor(dataDir: string, settings: Readonly<Record<string, string>>) {
    this.dataDir = dataDir
    this.#settings = settings
  }

  /** Starts it and ends it with the test. */
  static async start(t: Teardown, settings: Readonly<Record<string, string>> = {}): Promise<LoaServer> {
    const server = new LoaServer(mkdtempSync(join(tmpdir(), 'loa-test-')), settings)
    t.teardown(async () => {
      await server.stop()
      rmSync(server.dataDir, { recursive: true, force: true })
    })
    await server.run()
    return server
  }

  get log(): string {
    return this.#log
  }

  get pid(): number {
    return this.#process?.pid ?? -1
  }

  /** Starts the process; after a kill it takes the ports it had. */
  async run(): Promise<void> {
    const process_ = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        LOA_DATA_DIR: this.dataDir,
        LOA_HOST: '127.0.0.1',
        LOA_PORT: String(this.port),
        LOA_STREAM_PORT: String(this.streamPort),
        LOA_ADMIN_TOKEN: ADMIN_TOKEN,
        LOA_ALLOW_PRIVATE_SOURCES: 'true',
        LOA_FAN_OUT_PROCESSES: '2',
        LOA_RECORDING: 'false',
        ...this.#settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = process_
    this.output = ''
    process_.stdout.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8')
    })
    process_.stderr.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString('utf8')
    })
    const ports = await waitUntil('the server says where it listens', () => {
      if (process_.exitCode !== null) throw new Error(`the server ended with ${String(process_.exitCode)}:\n${this.#log}`)
      return /http:\/\/[^:]+:(\d+).*http:\/\/[^:]+:(\d+)/s.exec(this.output) ?? undefined
    }, 60_000)
    this.port = Number(ports[1])
    this.streamPort = Number(ports[2])
  }

  /** Ends it in order. Idempotent. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /**
   * The whole server is gone at once, every role with it.
   * @param pids of the roles, to kill without asking for them first
   */
  async killAll(pids?: Readonly<Record<string, number>>): Promise<void> {
    for (const pid of [this.pid, ...Object.values(pids ?? (await this.pids()))]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It went with the supervisor.
      }
    }
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process_ = this.#process
    this.#process = null
    if (process_ === null || process_.exitCode !== null || process_.signalCode !== null) return
    const ended = new Promise((resolve) => process_.once('exit', resolve))
    process_.kill(signal)
    await ended
  }

  get api(): string {
    return `http://127.0.0.1:${String(this.port)}`
  }

  get stream(): string {
    return `http://127.0.0.1:${String(this.streamPort)}`
  }

  /** With the types of the document. */
  get loa(): LoaClient {
    return loaClient({ url: this.api, token: ADMIN_TOKEN })
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const response = await fetch(this.api + path, {
      method,
      headers: { 'authorization': `Bearer ${ADMIN_TOKEN}`, 'accept-language': 'en', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Json }
  }

  /** POST that must succeed. */
  async post(path: string, body: unknown = {}): Promise<Json> {
    const answer = await this.request('POST', path, body)
    if (answer.status >= 300) throw new Error(`POST ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async get(path: string): Promise<Json> {
    return (await this.request('GET', path)).body
  }

  /** Pids of the roles now: `control-0`, `engine-0`, `fan-out-1`... */
  async pids(): Promise<Record<string, number>> {
    const { processes } = done(await this.loa.GET('/v1/status'))
    return Object.fromEntries(processes.map(({ role, index, pid }) => [`${role}-${String(index)}`, pid]))
  }

  async unit(code: string, parentId: string | null = null): Promise<string> {
    return done(await this.loa.POST('/v1/units', { body: { code, name: `Xã ${code}`, parentId } })).id
  }

  async cluster(unitId: string, code: string, more: Partial<PostBody<'/v1/clusters'>> = {}): Promise<{ readonly id: string; readonly key: string }> {
    return done(await this.loa.POST('/v1/clusters', { body: { unitId, code, name: `Cụm ${code}`, tags: [], ...more } }))
  }

  async tone(name: string, frequencyHz: number): Promise<string> {
    return done(await this.loa.POST('/v1/sources', { body: { kind: 'tone', name, frequencyHz } })).id
  }

  /** An order for whole units; defaults: now, ten minutes. */
  async order(orderClass: 'emergency' | 'priority' | 'normal', sourceId: string, unitIds: readonly string[], more: Partial<PostBody<'/v1/orders'>> = {}): Promise<string> {
    const window = 'endsAt' in more || 'durationMs' in more ? {} : { durationMs: 600_000 }
    return done(await this.loa.POST('/v1/orders', { body: { class: orderClass, title: orderClass, sourceId, targets: { units: [...unitIds], clusters: [], tags: [] }, ...window, ...more } })).id
  }

  async stopOrder(id: string): Promise<void> {
    done(await this.loa.POST('/v1/orders/{id}/stop', { params: { path: { id } } }))
  }
}

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { end, freePort, start, tree, waitUntil, type ProcessInfo } from './processes.ts'
import { feed } from './sound.ts'
import type { Target } from './sink.ts'

const SERVER = join(import.meta.dirname, '..', '..', 'server', 'loa.mjs')
const MP3_FRAME_MS = 24
const OPUS_FRAME_MS = 20
const DAY_MS = 24 * 3600 * 1000
/** Requests in flight while the district is made. */
const CREATE_CONCURRENCY = 16

export interface Cluster {
  readonly id: string
  readonly key: string
}

/** Everything the scenarios play to. Made once through the API; the data folder keeps it from server to server. */
export interface District {
  /** Unit that emergencies are sent to. */
  readonly unitId: string
  readonly clusters: readonly Cluster[]
  /** Unit that hears the same programme and is never cut: the references. */
  readonly referenceUnitId: string
  readonly references: readonly Cluster[]
  readonly noiseSourceId: string
  readonly noiseKey: string
  readonly alarmSourceId: string
}

export type RoleName = 'supervisor' | 'control' | 'engine' | 'fan-out' | 'phone' | 'decoder'

export interface LoaOptions {
  readonly cores?: string | undefined
  readonly settings?: Readonly<Record<string, string>>
}

/** A real server as `npm start` runs it, on a throw-away data folder, with the noise on air at every cluster. */
export class Loa {
  readonly port: number
  readonly streamPort: number
  readonly #child: ChildProcess
  readonly #token: string
  #feed: ChildProcess | undefined
  #output = ''

  private constructor(child: ChildProcess, port: number, streamPort: number, token: string) {
    this.#child = child
    this.port = port
    this.streamPort = streamPort
    this.#token = token
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString('utf8')).slice(-1200)
      })
    }
  }

  /** @param folder of the whole benchmark; the data folder is in it and stays when this server ends. */
  static async start(folder: string, options: LoaOptions = {}): Promise<Loa> {
    const [port, streamPort] = [await freePort(), await freePort()]
    const token = randomBytes(33).toString('base64url')
    const dataDir = join(folder, 'loa-data')
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LOA_')))
    const child = start(process.execPath, [SERVER], {
      cores: options.cores,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, LOA_DATA_DIR: dataDir, LOA_HOST: '127.0.0.1', LOA_PORT: String(port), LOA_STREAM_PORT: String(streamPort), LOA_ADMIN_TOKEN: token, LOA_LOG_LEVEL: 'warn', LOA_API_READS_PER_SECOND: '0', LOA_API_COMMANDS_PER_SECOND: '0', ...options.settings },
    })
    const loa = new Loa(child, port, streamPort, token)
    await waitUntil('Loa is ready', async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${String(child.exitCode)}`)
      return (await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => undefined))?.ok
    }, 30_000).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${loa.#output}`)
    })
    return loa
  }

  get output(): string {
    return this.#output
  }

  get token(): string {
    return this.#token
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${String(this.port)}`
  }

  /** @throws Error with the problem's own words when the answer is not 2xx. */
  async api<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} → ${String(answer.status)} ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** Makes the district, or reads what an earlier server of this run has made. */
  async district(folder: string, size: number, onProgress: (made: number) => void): Promise<District> {
    const file = join(folder, 'district.json')
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as District
    const unit = await this.api<{ id: string }>('POST', '/v1/units', { code: 'BENCH', name: 'Bench', parentId: null })
    const referenceUnit = await this.api<{ id: string }>('POST', '/v1/units', { code: 'REFERENCE', name: 'Reference', parentId: null })
    const noise = await this.api<{ id: string; key: string }>('POST', '/v1/sources', { kind: 'icecast', name: 'Noise', mount: '/noise', watch: 'off' })
    const alarm = await this.api<{ id: string }>('POST', '/v1/sources', { kind: 'tone', name: 'Alarm', frequencyHz: 1500 })
    const clusters: Cluster[] = []
    let begun = 0
    const worker = async (): Promise<void> => {
      while (begun < size) {
        const number = begun++
        clusters.push(await this.#cluster(unit.id, `B${String(number)}`))
        if (clusters.length % 500 === 0) onProgress(clusters.length)
      }
    }
    await Promise.all(Array.from({ length: CREATE_CONCURRENCY }, worker))
    const references = [await this.#cluster(referenceUnit.id, 'R0'), await this.#cluster(referenceUnit.id, 'R1')]
    await this.api('POST', '/v1/orders', { class: 'normal', title: 'Noise', sourceId: noise.id, targets: { units: [unit.id, referenceUnit.id], clusters: [], tags: [] }, durationMs: DAY_MS })
    const district: District = { unitId: unit.id, clusters, referenceUnitId: referenceUnit.id, references, noiseSourceId: noise.id, noiseKey: noise.key, alarmSourceId: alarm.id }
    writeFileSync(file, JSON.stringify(district))
    return district
  }

  async #cluster(unitId: string, code: string): Promise<Cluster> {
    const { id, key } = await this.api<Cluster>('POST', '/v1/clusters', { unitId, code, name: code, tags: [], position: null })
    return { id, key }
  }

  /** Puts the noise on air: a studio encoder that sends it in real time. Returns when the source is live. */
  async playNoise(district: District, file: string, cores?: string): Promise<void> {
    this.#feed = feed(file, `icecast://source:${district.noiseKey}@127.0.0.1:${String(this.streamPort)}/noise`, cores)
    await waitUntil('the noise is on air', async () => {
      const source = await this.api<{ status: { state: string } | null }>('GET', `/v1/sources/${district.noiseSourceId}`)
      // Nobody listens yet, so it may be connected without being decoded.
      return source.status !== null && ['live', 'idle'].includes(source.status.state)
    })
  }

  /** All its processes now, by what they do. */
  roles(): Map<RoleName, ProcessInfo[]> {
    const roles = new Map<RoleName, ProcessInfo[]>()
    for (const info of tree(this.#child.pid ?? 0)) {
      const match = /role-main\.ts (control|engine|fan-out|phone)/.exec(info.command)
      const role: RoleName = info.pid === this.#child.pid ? 'supervisor' : match === null ? 'decoder' : (match[1] as RoleName)
      roles.set(role, [...(roles.get(role) ?? []), info])
    }
    return roles
  }

  async close(): Promise<void> {
    if (this.#feed !== undefined) await end(this.#feed)
    await end(this.#child, 8000)
  }
}

/** An empty folder for everything one run makes; removed at its end. Others may look in: Icecast runs as a user of its own. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

export const httpTarget = ({ id, key }: Cluster, group = 'http', mode: Target['mode'] = 'normal'): Target =>
  ({ kind: 'http', group, mode, track: 'mp3-64', frameMs: MP3_FRAME_MS, path: `/listen/${id}.mp3?key=${encodeURIComponent(key)}` })

export const nativeTarget = ({ id, key }: Cluster, format: 'mp3-64' | 'opus-32' = 'opus-32', group = 'native', reference = false): Target => ({
  kind: 'native',
  group,
  track: format,
  frameMs: format === 'mp3-64' ? MP3_FRAME_MS : OPUS_FRAME_MS,
  reference,
  path: '/v1/speaker',
  hello: JSON.stringify({ type: 'hello', protocol: 1, clusterId: id, key, format }),
})

/** The two connections that the others are compared with: one a format. */
export const referenceTargets = ({ references }: District): Target[] =>
  [nativeTarget(references[0]!, 'mp3-64', 'reference', true), nativeTarget(references[1]!, 'opus-32', 'reference', true)]

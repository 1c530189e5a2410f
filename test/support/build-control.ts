import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { AlertDesk, CapDesk, CapPublisher, createControlApp, FeedPoller, Monitor, Scheduler, type ClipFolder, type ClipShape, type ControlApp, type ControlConfig, type ControlOptions, type Fetched, type Fetcher, type FetchRequest, type Grant, type PreparedClip, type Role, type SpeechMaker, type SpeechVoice } from '../../control/index.ts'
import { hashSecret } from '../../control/ids.ts'
import { createPhotoFolder } from '../../server/photos/photo-folder.ts'
import { openRecordingFolder } from '../../server/recording/recording-folder.ts'
import { CapKeyFile } from '../../server/signing/cap-key.ts'
import { SigningKeys } from '../../server/signing/signing-keys.ts'
import { isPrivateHost } from '../../server/sources/private-host.ts'
import { backUp } from '../../server/backup.ts'
import { Maintenance, type MaintenanceWork } from '../../server/health/maintenance.ts'
import { verifyLog } from '../../server/log/verify-log.ts'
import { DATABASE_FILE, SqliteStore } from '../../server/store/sqlite-store.ts'
import { checkAgainstDocument } from './document-check.ts'
import { FakeAlarms } from './fake-alarms.ts'
import { FakePhone } from './fake-phone.ts'
import { FakeBroadcast } from './fake-broadcast.ts'
import { FakeClock } from './fake-clock.ts'

/** A day in June 2026, where the clock of these tests stands at first. */
export const START_MS = Date.UTC(2026, 5, 18, 3, 0, 0)

/** A container's memory disk often holds 64 MB, for all tests that run. */
const ROOM_BYTES = 2 ** 30
const hasRoom = (folder: string): boolean => existsSync(folder) && statfsSync(folder).bavail * statfsSync(folder).bsize >= ROOM_BYTES
/** A folder in memory: nearly every call of these tests waits for the disk otherwise. What is on a real one is judged by test/server/store. */
const QUICK_FOLDER = hasRoom('/dev/shm') ? '/dev/shm' : tmpdir()

/** Who calls in most tests. Their roles are held over the whole tree. */
export type Caller = 'admin' | 'operator' | 'viewer'

const GRANTS: Readonly<Record<Caller, readonly Grant[]>> = {
  admin: [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }],
  operator: [{ role: 'operator', unitId: null }, { role: 'emergency-officer', unitId: null }],
  viewer: [{ role: 'viewer', unitId: null }],
}

export const TOKENS: Readonly<Record<Caller, string>> = {
  admin: 'admin-token-for-tests-0123456789abcdef',
  operator: 'operator-token-for-tests-0123456789abcdef',
  viewer: 'viewer-token-for-tests-0123456789abcdef',
}

/** Takes 16-bit mono 48 kHz PCM as it is; refuses files that start with «bad». */
export class FakeClips implements ClipFolder {
  prepared = 0
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  async prepare(inputPath: string): Promise<PreparedClip> {
    await Promise.resolve()
    this.prepared++
    const bytes = readFileSync(inputPath)
    if (bytes.subarray(0, 3).toString() === 'bad') throw Object.assign(new Error('no sound was found in the file'), { code: 'CLIP_ERR_UNREADABLE' })
    const clipId = createHash('sha256').update(bytes).digest('hex').slice(0, 32)
    const path = join(this.#folder, `${clipId}.pcm`)
    copyFileSync(inputPath, path)
    const durationSamples = Math.floor(bytes.length / 2)
    return { clipId, path, durationSamples, durationMs: Math.round(durationSamples / 48), loudnessLufs: -20, sizeBytes: statSync(path).size }
  }

  shape(): Promise<ClipShape> {
    return Promise.resolve({ peaks: [0.25, 0.5], integratedLufs: -16, truePeakDbtp: -1.5 })
  }

  async cut(path: string, fromSamples: number, untilSamples: number, outputPath: string): Promise<void> {
    await Promise.resolve()
    writeFileSync(outputPath, readFileSync(path).subarray(fromSamples * 2, untilSamples * 2))
  }

  readonly begun: string[] = []
  /** While it is not over, no copy is ready. */
  copying: Promise<void> = Promise.resolve()

  beginListeningCopy(path: string): void {
    this.begun.push(path)
  }

  async listeningCopy(path: string): Promise<string> {
    await this.copying
    const copy = `${path}.opus`
    if (!existsSync(copy)) writeFileSync(copy, `OggS ${readFileSync(path).subarray(0, 20).toString()}`)
    return copy
  }

  async remove(path: string): Promise<void> {
    await Promise.resolve()
    rmSync(path, { force: true })
    rmSync(`${path}.opus`, { force: true })
  }
}

/** Has documents at addresses, and says what was asked for. */
export class FakeFetcher implements Fetcher {
  readonly documents = new Map<string, { readonly body: string | Uint8Array; readonly etag?: string }>()
  readonly asked: FetchRequest[] = []
  /** Held back until it is called. */
  wait: Promise<void> = Promise.resolve()

  async fetch(request: FetchRequest): Promise<Fetched> {
    this.asked.push(request)
    await this.wait
    const found = this.documents.get(request.url)
    if (found === undefined) throw Object.assign(new Error(`${request.url} answers 404`), { code: 'FETCH_ERR_STATUS' })
    const { body, etag = null } = found
    const bytes = Buffer.from(body as string)
    if (bytes.length > request.mostBytes) throw Object.assign(new Error('too large'), { code: 'FETCH_ERR_SIZE' })
    const isSame = etag !== null && etag === request.etag
    return { status: isSame ? 304 : 200, body: isSame ? Buffer.alloc(0) : bytes, contentType: 'application/xml', etag, lastModified: null }
  }
}

/** «Speaks» as much PCM as there are letters, 50 ms each; how it is cannot be heard in it, but two texts are two sounds. */
export class FakeSpeech implements SpeechMaker {
  readonly spoken: string[] = []
  /** What it fails with, when it does. */
  failure: string | null = null
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async speak(text: string, voice: SpeechVoice): Promise<string> {
    await Promise.resolve()
    if (this.failure !== null) throw Object.assign(new Error('no voice'), { code: this.failure })
    this.spoken.push(text)
    mkdirSync(this.#folder, { recursive: true })
    const path = join(this.#folder, `${String(this.spoken.length)}.pcm`)
    const bytes = Buffer.alloc([...text].length * 50 * 96)
    bytes.write(`${voice} ${text}`)
    writeFileSync(path, bytes)
    return path
  }
}

export interface Harness {
  readonly app: ControlApp
  readonly store: SqliteStore
  readonly broadcast: FakeBroadcast
  readonly clock: FakeClock
  readonly clips: FakeClips
  readonly scheduler: Scheduler
  readonly alerts: AlertDesk
  readonly capDesk: CapDesk
  readonly feeds: FeedPoller
  readonly fetcher: FakeFetcher
  /** What went wrong with CAP messages. */
  readonly capErrors: unknown[]
  readonly speech: FakeSpeech
  /** Not started: the clocks of most tests run through days. */
  readonly monitor: Monitor
  readonly alarms: FakeAlarms
  readonly phone: FakePhone
  readonly dataDir: string
  /** Calls the API with a token (the administrator's by default), and checks the response against the schema its route declares. */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object, options?: { readonly as?: Caller | null; readonly headers?: Readonly<Record<string, string>> }): Promise<Answer>
  /** Makes a user who holds these roles everywhere and logs in. @returns headers of his calls, to be made `as: null` */
  loggedIn(name: string, roles: readonly Role[]): Promise<{ readonly as: null; readonly headers: { readonly authorization: string } }>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: LightMyRequestResponse['headers']
  // Tests look into bodies of every shape; a cast at each place would hide what they check.
  readonly body: Readonly<Record<string, unknown>> & { readonly id: string; readonly items: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[] }
  readonly text: string
}

export interface HarnessOptions {
  readonly config?: Partial<ControlConfig>
  /** A folder that outlives the harness, to start another one on it. */
  readonly dataDir?: string
  readonly clock?: FakeClock
  readonly freeBytes?: ControlOptions['freeBytes']
  /** Left out: backups and verifications are done in this very thread. */
  readonly maintenanceWork?: MaintenanceWork
  readonly logger?: ControlOptions['logger']
  /** Wraps the store, to make it fail. */
  readonly wrapStore?: (store: SqliteStore) => ControlOptions['store']
}

/** An empty database of today's schema: to write the schema takes longer than most tests. */
let emptyDatabase: Buffer | undefined

function openStore(dataDir: string): SqliteStore {
  const file = join(dataDir, DATABASE_FILE)
  if (!existsSync(file)) {
    if (emptyDatabase !== undefined) writeFileSync(file, emptyDatabase)
    else {
      SqliteStore.open(dataDir).close()
      emptyDatabase = readFileSync(file)
    }
  }
  return SqliteStore.open(dataDir)
}

/** In this very thread. */
const MAINTENANCE_HERE: MaintenanceWork = {
  verify: (dataDir) => Promise.resolve(verifyLog(dataDir)),
  backUp: async (dataDir, file) => { await Promise.resolve(backUp(dataDir, file)) },
}

/** The whole API on a real database, with a broadcast and clips made for tests. Close it with `t.teardown`. */
export async function buildControl(options: HarnessOptions = {}): Promise<Harness> {
  const dataDir = options.dataDir ?? mkdtempSync(join(QUICK_FOLDER, 'loa-control-'))
  const clock = options.clock ?? new FakeClock({ wallMs: START_MS })
  const store = openStore(dataDir)
  for (const [caller, token] of Object.entries(TOKENS) as [Caller, string][]) {
    if (store.tokens.get(`t-${caller}`) === undefined) store.tokens.insert({ id: `t-${caller}`, name: caller, grants: GRANTS[caller], hash: hashSecret(token), createdAtMs: clock.wallMs() })
  }
  const broadcast = new FakeBroadcast(store)
  const clips = new FakeClips(join(dataDir, 'clips'))
  const config: ControlConfig = {
    dataDir,
    maxClipBytes: 1024 * 1024,
    minFreeDiskBytes: 0,
    allowPrivateSources: false,
    allowPrivateWebhooks: false,
    clipResumeSlackMs: 900_000,
    maxOrderMs: 24 * 3600 * 1000,
    attentionToneMs: 3000,
    syncBoundMs: 30,
    corsOrigins: '',
    recordingKeepDays: 90,
    recordingQuotaBytes: 0,
    trustedProxies: '',
    sessionMs: 12 * 3_600_000,
    practicePassword: '',
    practiceUrl: '',
    apiReadsPerSecond: 300,
    apiCommandsPerSecond: 100,
    mapTiles: '',
    mapTilesCredit: '',
    rtmpPort: 0,
    ...options.config,
  }
  const scheduler = new Scheduler({ store, broadcast, clock, config, onError: (error) => { throw error } })
  const speech = new FakeSpeech(join(dataDir, 'speech'))
  const alerts = new AlertDesk({ store: options.wrapStore?.(store) ?? store, broadcast, clock, config, clips, speech, onError: (error) => { throw error } })
  alerts.start()
  const usedStore = options.wrapStore?.(store) ?? store
  const monitor = new Monitor({ store: usedStore, broadcast, clock, rules: { ...config, timeZone: 'Asia/Ho_Chi_Minh', hotC: 75, weakSignalDbm: -105, stateLogKeepDays: 400, availabilityKeepDays: 0, measurementKeepDays: 31, measurementHoursKeepDays: 400 }, onError: (error) => { throw error } })
  const alarms = new FakeAlarms(usedStore, broadcast, clock)
  const maintenance = new Maintenance({ dataDir, minFreeDiskBytes: 0, health: { health: () => alarms.health }, clock, work: options.maintenanceWork ?? MAINTENANCE_HERE })
  const fetcher = new FakeFetcher()
  const capErrors: unknown[] = []
  const onCapError = (error: unknown): void => { capErrors.push(error) }
  const capStore = options.wrapStore?.(store) ?? store
  const desk = new CapDesk({ store: capStore, broadcast, clock, config, clips, fetcher, alerts, onError: onCapError })
  const feeds = new FeedPoller({ store: capStore, clock, fetcher, desk, onError: onCapError })
  const publisher = new CapPublisher({ store: capStore, clock, sender: 'loa@xa.example', key: CapKeyFile.open(dataDir, clock.wallMs()) })
  const phone = new FakePhone({ store: usedStore, broadcast, clock, config, alerts, dataDir })
  desk.start()
  feeds.start()
  const app = await createControlApp({
    store: usedStore,
    broadcast,
    clips,
    photos: createPhotoFolder({ dataDir, ffmpegPath: 'ffmpeg' }),
    recordings: openRecordingFolder(join(dataDir, 'recordings')),
    clock,
    config,
    addresses: { isPrivateHost },
    signing: SigningKeys.open(dataDir, clock.wallMs()),
    scheduler,
    alerts,
    monitor,
    ...alarms.ports,
    maintenance,
    cap: { desk, feeds, publisher },
    phone: phone.parts,
    version: '0.0.0-test',
    ...(options.freeBytes === undefined ? {} : { freeBytes: options.freeBytes }),
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  })

  async function call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object, { as = 'admin', headers = {} }: { as?: Caller | null; headers?: Readonly<Record<string, string>> } = {}): Promise<Answer> {
    const request: InjectOptions = { method, url, headers: { ...(as === null ? {} : { authorization: `Bearer ${TOKENS[as]}` }), 'accept-language': 'en', ...headers }, ...(body === undefined ? {} : { payload: body }) }
    const response = await app.inject(request)
    const isJson = /[/+]json/.test(String(response.headers['content-type']))
    const parsed: unknown = isJson ? JSON.parse(response.body) : {}
    if (isJson) checkAgainstDocument(method, url, response.statusCode, parsed)
    return { status: response.statusCode, headers: response.headers, body: parsed as Answer['body'], text: response.body }
  }

  return {
    app,
    store,
    broadcast,
    clock,
    clips,
    scheduler,
    alerts,
    capDesk: desk,
    feeds,
    fetcher,
    capErrors,
    speech,
    monitor,
    alarms,
    phone,
    dataDir,
    call,
    async loggedIn(name, roles) {
      const password = 'mưa rào trên mái tôn 7'
      await call('POST', '/v1/users', { login: name, name, password, roles: roles.map((role) => ({ role, unitId: null })) })
      const session = await call('POST', '/v1/sessions', { login: name, password, as: 'token' }, { as: null })
      return { as: null, headers: { authorization: `Bearer ${String(session.body['token'])}` } }
    },
    async close() {
      await app.close()
      feeds.close()
      phone.desk.close()
      scheduler.close()
      alerts.close()
      monitor.close()
      maintenance.close()
      alarms.close()
      store.close()
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** A unit, a cluster in it, and a tone source: what most tests of orders start from. */
export async function seed(harness: Harness): Promise<{ readonly unitId: string; readonly clusterId: string; readonly sourceId: string }> {
  const unit = await harness.call('POST', '/v1/units', { code: 'X1', name: 'Xã Một', parentId: null })
  const cluster = await harness.call('POST', '/v1/clusters', { unitId: unit.body.id, code: 'C1', name: 'Cụm 1', tags: ['ven-song'], position: { lat: 21.0285, lon: 105.8542 } })
  const source = await harness.call('POST', '/v1/sources', { kind: 'tone', name: 'Còi', frequencyHz: 1500 })
  return { unitId: unit.body.id, clusterId: cluster.body.id, sourceId: source.body.id }
}

/** A multipart body with one file. */
export function multipart(content: Buffer, filename = 'a.pcm', field = 'file', extra: Readonly<Record<string, string>> = {}): { readonly payload: Buffer; readonly headers: Readonly<Record<string, string>> } {
  const boundary = 'loa-test-boundary'
  const fields = Object.entries(extra).map(([name, value]) => Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`))
  const head = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`)
  return { payload: Buffer.concat([...fields, head, content, Buffer.from(`\r\n--${boundary}--\r\n`)]), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}

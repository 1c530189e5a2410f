import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import type { PlayLogRecord } from '../../../control/ports.ts'
import { PlayLogDesk } from '../../../server/director/play-log-desk.ts'
import type { FanOutPeer } from '../../../server/link/control-server.ts'
import type { SpeakerLogEntry } from '../../../server/link/messages.ts'
import { logSchema } from '../../../server/sinks/speaker-messages.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { LogSender } from '../../../speaker/log/log-sender.ts'
import { PlayLog } from '../../../speaker/log/play-log.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { TEST_SEED } from '../../support/seed.ts'

t.setTimeout(200_000)

const KILLS = 200
const LANES = 2
const S = 48_000
const PIECE = S / 10
/** Sound since the last word that reached the disk: a second, and the piece that was told to the log as the kill came. */
const MAX_UNKNOWN_SAMPLES = S + 2 * PIECE
const CLUSTER = 'c1'
/** What the children run is compiled once, not for each of their lives: most of a start is that. */
const compiled = mkdtempSync(join(tmpdir(), 'loa-kill-code-'))
t.teardown(() => { rmSync(compiled, { recursive: true, force: true }) })

/** A process that is killed and started again. */
class End {
  readonly #module: string
  readonly #arguments: () => readonly string[]
  readonly #heard: (line: string) => void
  #child: ChildProcess | null = null
  #over: Promise<unknown> = Promise.resolve()
  isReady = false

  constructor(module: string, args: () => readonly string[], heard: (line: string) => void) {
    this.#module = module
    this.#arguments = args
    this.#heard = heard
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(import.meta.dirname, this.#module), ...this.#arguments()], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: compiled } })
    this.#child = child
    child.stdin.on('error', () => undefined) // it is killed while it is talked to
    const lines = createInterface({ input: child.stdout })
    this.#over = Promise.all([once(child, 'exit'), once(lines, 'close')])
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => { reject(new Error(`${this.#module} ended by itself`)) })
      lines.on('line', (line) => {
        if (line !== 'ready') return this.#heard(line)
        this.isReady = true
        resolve()
      })
    })
  }

  say(line: string): void {
    if (this.isReady) this.#child?.stdin?.write(`${line}\n`)
  }

  /** SIGKILL, and whatever it had said by then. */
  async kill(): Promise<void> {
    if (this.#child === null) return
    if (this.#child.exitCode !== null) throw new Error(`${this.#module} ended by itself`)
    this.#child.kill('SIGKILL')
    await this.#over
    this.#child = null
    this.isReady = false
  }
}

/** A device and its server, each a process of its own, over all their lives, and what the one has told the other. */
class Lane {
  readonly folder = mkdtempSync(join(tmpdir(), 'loa-kill-'))
  readonly logFolder = join(this.folder, 'device')
  readonly dataFolder = join(this.folder, 'server')
  /** What has left, by its place. */
  readonly sounded = new Map<number, string>()
  /** Places that the log said were safe. */
  readonly safe: { readonly from: number; readonly until: number }[] = []
  /** Where each life of the device ended. */
  readonly ends: number[] = []
  readonly kills = { device: 0, server: 0 }
  readonly sent = new Map<number, SpeakerLogEntry>()
  sentAgain = 0
  differing = 0
  acknowledged = 0
  readonly #random: (below: number) => number
  readonly #device: End
  readonly #server: End
  #startS = 10
  #last = 10 * S

  constructor(seed: number) {
    let state = seed
    // Lehmer's generator: the same course for the same seed.
    this.#random = (below) => (state = (state * 48_271) % 2_147_483_647) % below
    this.#device = new End('playing-child.ts', () => [this.logFolder, String(this.#startS), String(1 + this.#random(1e6))], (line) => { this.#fromDevice(line) })
    this.#server = new End('keeping-child.ts', () => [this.dataFolder], (line) => { this.#fromServer(line) })
  }

  async live(kills: number): Promise<void> {
    await this.#server.start()
    await this.#startDevice()
    while (this.kills.device + this.kills.server < kills) {
      await new Promise((resolve) => setTimeout(resolve, this.#random(97) / 2))
      const whose = this.#random(9)
      // Now and then both at once, as when the power goes.
      await Promise.all([...(whose < 5 ? [this.#restartDevice()] : []), ...(whose > 3 ? [this.#restartServer()] : [])])
    }
    await this.stop()
    this.ends.push(this.#last)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#device.kill(), this.#server.kill()])
  }

  /** The device says so of an entry, at the end to a server in this process. */
  take(entries: readonly SpeakerLogEntry[]): void {
    for (const entry of entries) {
      const before = this.sent.get(entry.number)
      if (before === undefined) this.sent.set(entry.number, entry)
      else {
        this.sentAgain += 1
        if (JSON.stringify(before) !== JSON.stringify(entry)) this.differing += 1
      }
    }
  }

  async #startDevice(): Promise<void> {
    this.#startS = Math.ceil(this.#last / S) + 1
    await this.#device.start()
    if (this.#server.isReady) this.#device.say('here')
  }

  async #restartDevice(): Promise<void> {
    this.kills.device += 1
    await this.#device.kill()
    this.ends.push(this.#last)
    await this.#startDevice()
  }

  async #restartServer(): Promise<void> {
    this.kills.server += 1
    await this.#server.kill()
    this.#device.say('gone')
    await this.#server.start()
    this.#device.say('here')
  }

  #fromDevice(line: string): void {
    const [kind, ...words] = line.split(' ')
    if (kind === 'P') {
      for (let at = Number(words[1]); at < Number(words[2]); at += PIECE) this.sounded.set(at, words[0]!)
      this.#last = Number(words[2])
    } else if (kind === 'D') this.safe.push({ from: this.#startS * S, until: Number(words[0]) })
    else if (kind === 'S' && line.endsWith(']}')) {
      const message: unknown = JSON.parse(line.slice(2))
      if (!logSchema.Check(message)) throw new Error(`the server would not take ${line}`)
      this.take(message.entries)
      this.#server.say(JSON.stringify({ type: 'speaker-log', clusterId: CLUSTER, logId: message.logId, entries: message.entries }))
    }
  }

  #fromServer(line: string): void {
    this.acknowledged += 1
    // Every third answer is lost on its way.
    if (this.#random(3) > 0 && line.endsWith('}')) this.#device.say(line)
  }
}

/** What is still on the device's disk goes to the server's table, and the whole table comes back, oldest first. */
async function settle(lane: Lane): Promise<{ readonly status: object; readonly rows: readonly PlayLogRecord[] }> {
  const store = SqliteStore.open(lane.dataFolder)
  const clock = new FakeClock()
  const log = await PlayLog.open(lane.logFolder, { clock, verifies: true })
  const sender = new LogSender(log, clock)
  const peer = {
    send: ({ items }: { items: readonly { readonly text: string }[] }) => {
      for (const { text } of items) {
        const { logId, number } = JSON.parse(text) as { logId: string; number: number }
        sender.acknowledged(logId, number)
      }
    },
  } as unknown as FanOutPeer
  const desk = new PlayLogDesk({ store: store.playLog, clock, wallMs: Date.now, wallMsAt: (samples) => samples / 48, deviceOf: () => 'device', onError: (error) => { throw error } })
  sender.connected(({ logId, entries }) => {
    lane.take(entries)
    desk.take(peer, { type: 'speaker-log', clusterId: CLUSTER, logId, entries })
  })
  while (log.pending(1).length > 0) clock.advance(50)
  sender.disconnected()
  const status = log.status()
  await log.close()
  const rows: PlayLogRecord[] = []
  let after: number | null = null
  do {
    const page = store.playLog.list({ after, limit: 500 }, { clusterId: CLUSTER })
    rows.push(...page.items)
    after = page.next
  } while (after !== null)
  store.close()
  return { status, rows: rows.reverse() }
}

t.test(`device and server killed ${String(KILLS)} times at random points: the server's table neither loses nor repeats`, async (t) => {
  t.comment(`LOA_TEST_SEED=${String(TEST_SEED)}`)
  const startedMs = performance.now()
  const lanes = Array.from({ length: LANES }, (_, index) => new Lane(1 + (TEST_SEED % 100_000) * LANES + index))
  t.teardown(async () => {
    for (const lane of lanes) {
      await lane.stop()
      rmSync(lane.folder, { recursive: true, force: true })
    }
  })
  let longestUnknown = 0
  await Promise.all(lanes.map((lane) => lane.live(KILLS / LANES)))
  const livedMs = performance.now() - startedMs
  for (const lane of lanes) {
    const { status, rows } = await settle(lane)
    t.match(status, { damagedLines: 0, dropped: 0, fault: null, waiting: 0 })
    const byNumber = rows.toSorted((a, b) => a.number - b.number)
    t.equal(new Set(rows.map(({ logId }) => logId)).size, 1, 'the device kept its log')
    t.equal(byNumber.findIndex(({ number }, at) => number !== at + 1), -1, 'numbers count up by one: nothing that was begun is missing, nothing is there twice')
    t.equal(lane.sent.size, rows.length)
    t.equal(lane.differing, 0, 'what was sent again was the same')
    t.equal(rows.findIndex((row) => !isSame(row, lane.sent.get(row.number))), -1, 'the table has what was sent')
    const claimed = new Map<number, string>()
    let twice = 0
    let never = 0
    for (const { orderId, fromSamples, untilSamples } of byNumber) {
      for (let at = fromSamples; at < untilSamples; at += PIECE) {
        if (claimed.has(at)) twice += 1
        if (lane.sounded.get(at) !== orderId) never += 1
        claimed.set(at, orderId!)
      }
    }
    t.equal(byNumber.findIndex(({ missingSamples }) => missingSamples !== 0), -1)
    t.equal(twice, 0, 'nothing is claimed twice')
    t.equal(never, 0, 'nothing is claimed that has not sounded')
    let lost = 0
    for (const { from, until } of lane.safe) for (let at = until - PIECE; at >= from && lane.sounded.has(at) && !claimed.has(at); at -= PIECE) lost += 1
    t.equal(lost, 0, 'nothing that the device said was on its disk is lost')
    for (const end of lane.ends) {
      let unknown = 0
      for (let at = end - PIECE; lane.sounded.has(at) && !claimed.has(at); at -= PIECE) unknown += PIECE
      longestUnknown = Math.max(longestUnknown, unknown)
    }
    const unclaimed = [...lane.sounded.keys()].filter((at) => !claimed.has(at)).length * PIECE
    t.ok(unclaimed <= lane.ends.length * MAX_UNKNOWN_SAMPLES, 'and what is not claimed stands before kills of the device')
    t.ok(lane.acknowledged > 0 && lane.sentAgain > 0, 'there was much to lose and to repeat')
    t.comment(`device killed ${String(lane.kills.device)} times, server ${String(lane.kills.server)}: ${String(rows.length)} entries, ${String(lane.sentAgain)} sent again, ${String(lane.acknowledged)} answers`)
  }
  t.ok(longestUnknown <= MAX_UNKNOWN_SAMPLES, `at most ${String(longestUnknown / S)} s before a kill are not known`)
  t.comment(`${(livedMs / 1000).toFixed(1)} s`)
})

function isSame(row: PlayLogRecord, entry: SpeakerLogEntry | undefined): boolean {
  if (entry === undefined) return false
  const { heardAtHouseUs, ...fields } = entry
  return row.clusterId === CLUSTER && row.deviceId === 'device' && row.heardAtMs === Math.round(heardAtHouseUs / 1000) && Object.entries(fields).every(([name, value]) => row[name as keyof PlayLogRecord] === value)
}

/**
 * Live sources whose clocks are off, for as long as a programme lasts, in true time: node bench/drift.ts [--minutes 30] [--json FILE]
 *
 * Two WHIP and two RTP senders, 80 ppm fast and 80 ppm slow, send a click track to the real server; what is told for each minute is the delay from the sending of a click to the
 * frame that holds it on the frame bus (as in `server-delay-p99-ms`), which is the depth of the buffer but for a constant, and what was lost.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import { ClickFinder, CLICK_EVERY_SAMPLES, clickPackets } from './lib/clicks.ts'
import { Decoders, LiveServer } from './lib/live-room.ts'
import { OthersMeter } from './lib/load.ts'
import { removeFolder } from './lib/loa.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'
import { openRtpSender, PAYLOAD_TYPE } from './lib/paced-packets.ts'
import { freeUdpPort } from './lib/processes.ts'
import { median, percentile, round } from './lib/statistics.ts'
import { WhipSender } from './lib/whip-sender.ts'

const PPM = 80
/** No click takes longer; what does is lost. */
const MOST_MS = 450
const MINUTE_MS = 60_000
/** The rate has to be learnt first; what is compared is so many minutes after that and at the end. */
const LEARNING_MINUTES = 3
const COMPARED_MINUTES = 5
/** Before every role of the server, as they stand for other machines; needs root. */
const SENDERS_NICE = -18

interface Minute {
  readonly clicks: number
  readonly lost: number
  readonly missingFrames: number
  readonly delayMs: { readonly min: number; readonly p50: number; readonly max: number }
}

/** What comes of one source, minute by minute. */
class Ear {
  readonly name: string
  readonly ppm: number
  readonly minutes: Minute[] = []
  readonly #sentMs: number[] = []
  readonly #finder = new ClickFinder()
  #delaysMs: number[] = []
  #lost = 0
  #missing = 0
  #next: number | undefined

  constructor(name: string, ppm: number) {
    this.name = name
    this.ppm = ppm
  }

  sent(atMs: number): void {
    this.#sentMs.push(atMs)
  }

  hear(frameIndex: number, pcm: Float32Array, atMs: number): void {
    if (this.#next !== undefined) this.#missing += frameIndex - this.#next
    this.#next = frameIndex + 1
    if (this.#finder.find(pcm).length === 0) return
    for (; this.#sentMs.length > 0 && atMs - this.#sentMs[0]! > MOST_MS; this.#sentMs.shift()) this.#lost += 1
    const sentMs = this.#sentMs.shift()
    if (sentMs !== undefined) this.#delaysMs.push(atMs - sentMs)
  }

  endMinute(): Minute {
    const delaysMs = this.#delaysMs
    const minute = {
      clicks: delaysMs.length, lost: this.#lost, missingFrames: this.#missing,
      delayMs: { min: round(Math.min(...delaysMs)), p50: round(median(delaysMs)), max: round(Math.max(...delaysMs)) },
    }
    this.minutes.push(minute)
    this.#delaysMs = []
    this.#lost = this.#missing = 0
    return minute
  }

  /** How much longer sound takes at the end than when the rate had been learnt, ms. */
  get driftMs(): number {
    const p50 = this.minutes.map(({ delayMs }) => delayMs.p50)
    return round(median(p50.slice(-COMPARED_MINUTES)) - median(p50.slice(LEARNING_MINUTES, LEARNING_MINUTES + COMPARED_MINUTES)))
  }
}

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, json: { type: 'string' } } })
const minutes = Number(values.minutes)
const folder = mkdtempSync(join(tmpdir(), 'loa-drift-'))
process.once('exit', () => { removeFolder(folder) })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const server = await LiveServer.start(folder, 'drift')
setPriority(SENDERS_NICE)
const decoders = new Decoders()
const senders: { start(): void; close(): Promise<void> }[] = []
const startedAt = new Date().toISOString()
try {
  const { packets, clicks } = clickPackets()
  const ears = new Map<string, Ear>()
  const lines: { readonly ear: Ear; readonly open: () => Promise<{ start(): void; close(): Promise<void> }> | { start(): void; close(): Promise<void> } }[] = []
  const sources = []
  for (const ppm of [PPM, -PPM]) {
    const whip = await server.source({ kind: 'whip' })
    const port = await freeUdpPort()
    const rtp = await server.source({ kind: 'rtp', stream: { group: null, port, codec: 'opus', payloadType: PAYLOAD_TYPE, sampleRateHz: 48_000, channels: 2 }, senders: ['127.0.0.1'] })
    for (const [name, source] of [['WebRTC', whip], ['RTP', rtp]] as const) {
      const ear = new Ear(name, ppm)
      const sending = { packets, ppm, onSend: (packet: number, atMs: number) => { if (clicks.has(packet)) ear.sent(atMs) } }
      ears.set(source.id, ear)
      sources.push(source)
      lines.push({ ear, open: () => (source === whip ? WhipSender.open({ url: source.url, key: source.key, ...sending }) : openRtpSender(port, sending)) })
    }
  }
  await server.listen(sources, (id, { frameIndex, data }, atMs) => { ears.get(id)!.hear(frameIndex, decoders.decode(id, data), atMs) })
  for (const { open } of lines) senders.push(await open())
  for (const sender of senders) sender.start()
  await server.live(sources)
  const others = new OthersMeter()
  const beganMs = performance.now()
  for (const ear of ears.values()) ear.endMinute()
  for (const ear of ears.values()) ear.minutes.length = 0
  for (let minute = 1; minute <= minutes; minute += 1) {
    await delay(beganMs + minute * MINUTE_MS - performance.now())
    const told = [...ears.values()].map((ear) => {
      const { clicks: heard, lost, missingFrames, delayMs } = ear.endMinute()
      return `${ear.name} ${String(ear.ppm)} ppm: ${String(delayMs.min)} ${String(delayMs.p50)} ${String(delayMs.max)} ms, ${String(heard)} clicks, ${String(lost)} lost, ${String(missingFrames)} frames missing`
    })
    console.log(`${String(minute)} min  ${told.join(' | ')}`)
    const results = [...ears.values()].map((ear) => ({ way: ear.name, ppm: ear.ppm, driftMs: ear.driftMs, uncorrectedMs: round((Math.abs(ear.ppm) * minute * MINUTE_MS) / 1e6), p99OfMaxMs: percentile(ear.minutes.map(({ delayMs }) => delayMs.max), 0.99), lost: ear.minutes.reduce((sum, { lost }) => sum + lost, 0), missingFrames: ear.minutes.reduce((sum, { missingFrames }) => sum + missingFrames, 0), minutes: ear.minutes }))
    if (values.json !== undefined) {
      writeFileSync(values.json, JSON.stringify({
        machine: describeMachine(), commit: currentCommit(), node: process.version, startedAt, minutes: minute, othersPercent: others.percent(), clicksAMinute: round((60 * 48_000) / CLICK_EVERY_SAMPLES),
        defined: 'delay from the sending of the packet that holds a click to the reading of the frame that holds it on the frame bus, by minute; driftMs: median of the last five minutes less that of minutes 4 to 8', results,
      }, null, 1) + '\n')
    }
  }
} finally {
  for (const sender of senders) await sender.close()
  decoders.close()
  await server.close()
}

import { setTimeout as delay } from 'node:timers/promises'
import { OpusDecoder } from '../../codec/index.ts'
import { FRAME_FLAG } from '../../rooms/frame-bus.ts'
import { CLICK_EVERY_SAMPLES, ClickFinder, clickPackets } from '../lib/clicks.ts'
import { LiveServer, type LiveSource } from '../lib/live-room.ts'
import { PAYLOAD_TYPE } from '../lib/paced-packets.ts'
import { freeUdpPort } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { Senders } from '../lib/senders.ts'
import type { SenderLine } from '../lib/senders-thread.ts'
import { percentile, round } from '../lib/statistics.ts'

const BOUND_MS = 60
/** No click takes longer; what does is lost. */
const MOST_MS = 450
const SOURCES = 6
const FRAME_MS = 20
/** A buffer remembers for a minute how uneven the network was, and while a server starts it is. */
const SETTLE_MS = 70_000

interface WayIn {
  readonly name: string
  readonly body: () => Promise<object>
  readonly line: (source: LiveSource, body: object) => SenderLine
}

const WAYS_IN: readonly WayIn[] = [
  { name: 'WebRTC', body: () => Promise.resolve({ kind: 'whip' }), line: ({ url, key }) => ({ url, key }) },
  {
    name: 'RTP',
    body: async () => ({ kind: 'rtp', stream: { group: null, port: await freeUdpPort(), codec: 'opus', payloadType: PAYLOAD_TYPE, sampleRateHz: 48_000, channels: 2 }, senders: ['127.0.0.1'] }),
    line: (_source, body) => ({ port: (body as { stream: { port: number } }).stream.port }),
  },
]

interface Heard {
  readonly data: Buffer
  readonly atMs: number
  readonly isMeasured: boolean
  readonly isBridged: boolean
}

interface Measured {
  readonly name: string
  readonly bySource: readonly (readonly number[])[]
  readonly lost: number
  readonly bridgedFrames: number
}

/** How long each click took from being sent to being heard, ms. Decoded when all is over: what it would cost meanwhile, the senders and the ear would be late by. */
function delays(frames: readonly Heard[], clicksSentMs: readonly number[]): number[] {
  const decoder = new OpusDecoder()
  const finder = new ClickFinder()
  const delaysMs: number[] = []
  let next = 0
  for (const { data, atMs, isMeasured } of frames) {
    if (finder.find(decoder.decode(data)).length === 0) continue
    // Each is heard in its order; one that is long gone was lost.
    while (next < clicksSentMs.length && atMs - clicksSentMs[next]! > MOST_MS) next += 1
    const sentMs = clicksSentMs[next]
    if (sentMs === undefined || sentMs > atMs) continue
    next += 1
    if (isMeasured) delaysMs.push(atMs - sentMs)
  }
  decoder.close()
  return delaysMs
}

async function measure({ name, body, line }: WayIn, bench: Bench, seconds: number): Promise<Measured> {
  const { packets, clicks } = clickPackets()
  const server = await LiveServer.start(bench.folder, `delay-${name}`)
  const senders = new Senders(packets)
  const heard = new Map<string, Heard[]>()
  let sentMs: readonly (readonly number[])[] = []
  try {
    const lines: SenderLine[] = []
    const sources: LiveSource[] = []
    for (let made = 0; made < SOURCES; made += 1) {
      const how = await body()
      const source = await server.source(how)
      sources.push(source)
      heard.set(source.id, [])
      lines.push({ ...line(source, how), phaseMs: ((made + Math.random()) * FRAME_MS) / SOURCES })
    }
    let isMeasured = false
    await server.listen(sources, (id, { data, flags }, atMs) => { heard.get(id)!.push({ data: Buffer.from(data), atMs, isMeasured, isBridged: (flags & FRAME_FLAG.BRIDGED) !== 0 }) })
    for (const one of lines) await senders.open(one)
    senders.start()
    bench.say(`${name}: the buffers find their depth`)
    await delay(SETTLE_MS)
    isMeasured = true
    bench.say(`${name}: ${String(seconds)} s of clicks`)
    await delay(seconds * 1000)
    isMeasured = false
  } finally {
    sentMs = await senders.close()
    await server.close()
  }
  const bySource = [...heard.values()].map((frames, index) => delays(frames, sentMs[index]!.filter((_, packet) => clicks.has(packet % packets.length))))
  const expected = Math.floor((SOURCES * seconds * 48_000) / CLICK_EVERY_SAMPLES)
  const bridgedFrames = [...heard.values()].flat().filter(({ isMeasured, isBridged }) => isMeasured && isBridged).length
  return { name, bySource, lost: Math.max(0, expected - SOURCES - bySource.flat().length), bridgedFrames }
}

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 10 : 25
  const ways: { readonly name: string; readonly p99Ms: number; readonly beside: string; readonly detail: object }[] = []
  const problems: string[] = []
  for (const way of WAYS_IN) {
    const { name, bySource, lost, bridgedFrames } = await measure(way, bench, seconds)
    const delaysMs = bySource.flat()
    const p99Ms = percentile(delaysMs, 0.99)
    if (lost > 0) problems.push(`${name}: ${String(lost)} clicks of ${String(delaysMs.length + lost)} were not heard`)
    if (bridgedFrames > 0) problems.push(`${name}: ${String(bridgedFrames)} frames without sound, on an even network`)
    ways.push({
      name, p99Ms,
      beside: `${name}: p50 ${String(round(percentile(delaysMs, 0.5)))}, p99 ${String(round(p99Ms))}, max ${String(round(Math.max(...delaysMs)))} ms of ${String(delaysMs.length)} clicks`,
      detail: {
        name, lost, bridgedFrames, clicks: delaysMs.length, p99BySource: bySource.map((times) => round(percentile(times, 0.99), 4)),
        ...Object.fromEntries([0.01, 0.5, 0.9, 0.99, 1].map((share) => [`p${String(share * 100)}`, round(percentile(delaysMs, share), 4)])),
      },
    })
  }
  return {
    value: Math.max(...ways.map(({ p99Ms }) => p99Ms)),
    problems,
    beside: ways.map(({ beside }) => beside).join('; '),
    detail: {
      defined: 'from the sending of the packet whose decoding gives the first loud sample of a click, to the reading of the frame on the frame bus whose decoding gives it again: network stack, worker, order, decoder, buffer, grid, encoder with its 6.5 ms of look-ahead; the flush of a listener is not in it. Senders in a thread of their own, frames decoded after the run: what the bench itself computes holds up neither',
      sources: SOURCES, seconds, ways: ways.map(({ detail }) => detail),
    },
    plots: [],
  }
}

export const serverDelay: Scenario = { id: 'server-delay-p99-ms', title: 'delay that the server adds to live sound, p99', unit: 'ms', bound: BOUND_MS, better: 'less', run }

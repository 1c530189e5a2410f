import { setTimeout as delay } from 'node:timers/promises'
import { ClickFinder, clickPackets } from '../lib/clicks.ts'
import { Decoders, LiveServer, type LiveSource } from '../lib/live-room.ts'
import { openRtpSender, PAYLOAD_TYPE, type Packets } from '../lib/paced-packets.ts'
import { freeUdpPort } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'
import { WhipSender } from '../lib/whip-sender.ts'

const BOUND_MS = 60
/** No click takes longer; what does is lost. */
const MOST_MS = 450
const SOURCES = 6
const FRAME_MS = 20
/** A buffer looks at the network for twenty seconds before it believes that less will do. */
const SETTLE_MS = 40_000

interface Sender {
  start(): void
  close(): Promise<void>
}

interface WayIn {
  readonly name: string
  readonly body: () => Promise<object>
  readonly open: (source: LiveSource, body: object, packets: Packets) => Promise<Sender>
}

const WAYS_IN: readonly WayIn[] = [
  { name: 'WebRTC', body: () => Promise.resolve({ kind: 'whip' }), open: ({ url, key }, _body, packets) => WhipSender.open({ url, key, ...packets }) },
  {
    name: 'RTP',
    body: async () => ({ kind: 'rtp', stream: { group: null, port: await freeUdpPort(), codec: 'opus', payloadType: PAYLOAD_TYPE, sampleRateHz: 48_000, channels: 2 }, senders: ['127.0.0.1'] }),
    open: (_source, body, packets) => Promise.resolve(openRtpSender((body as { stream: { port: number } }).stream.port, packets)),
  },
]

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 10 : 25
  const { packets, clicks } = clickPackets()
  const results: { readonly name: string; readonly delaysMs: number[]; readonly bySource: readonly (readonly number[])[]; readonly lost: number }[] = []
  const problems: string[] = []
  for (const { name, body, open } of WAYS_IN) {
    const server = await LiveServer.start(bench.folder, `delay-${name}`)
    const senders: Sender[] = []
    const decoders = new Decoders()
    try {
      const sources: LiveSource[] = []
      const bodies: object[] = []
      for (let made = 0; made < SOURCES; made += 1) {
        bodies.push(await body())
        sources.push(await server.source(bodies[made]!))
      }
      const sent = new Map<string, number[]>(sources.map(({ id }) => [id, []]))
      const finders = new Map(sources.map(({ id }) => [id, new ClickFinder()]))
      const bySource = new Map<string, number[]>(sources.map(({ id }) => [id, []]))
      let measuring = false
      await server.listen(sources, (id, { data }, atMs) => {
        if (finders.get(id)!.find(decoders.decode(id, data)).length === 0) return
        const times = sent.get(id)!
        // Each is heard in its order; one that is long gone was lost.
        while (times.length > 0 && atMs - times[0]! > MOST_MS) times.shift()
        const sentMs = times.shift()
        if (measuring && sentMs !== undefined) bySource.get(id)!.push(atMs - sentMs)
      })
      for (const [index, source] of sources.entries()) {
        const times = sent.get(source.id)!
        senders.push(await open(source, bodies[index]!, { packets, phaseMs: ((index + Math.random()) * FRAME_MS) / SOURCES, onSend: (packet, atMs) => { if (clicks.has(packet)) times.push(atMs) } }))
      }
      for (const sender of senders) sender.start()
      bench.say(`${name}: the buffers find their depth`)
      await delay(SETTLE_MS)
      measuring = true
      bench.say(`${name}: ${String(seconds)} s of clicks`)
      await delay(seconds * 1000)
      measuring = false
      const delaysMs = [...bySource.values()].flat()
      const expected = Math.floor((SOURCES * seconds * 48_000) / 25_009)
      const lost = Math.max(0, expected - SOURCES - delaysMs.length)
      if (lost > 0) problems.push(`${name}: ${String(lost)} of ${String(expected)} clicks were not heard`)
      results.push({ name, delaysMs, bySource: [...bySource.values()], lost })
    } finally {
      for (const sender of senders) await sender.close()
      decoders.close()
      await server.close()
    }
  }
  const worst = results.reduce((a, b) => (percentile(a.delaysMs, 0.99) >= percentile(b.delaysMs, 0.99) ? a : b))
  return {
    value: percentile(worst.delaysMs, 0.99),
    problems,
    beside: results.map(({ name, delaysMs }) => `${name}: p50 ${String(round(percentile(delaysMs, 0.5)))}, p99 ${String(round(percentile(delaysMs, 0.99)))}, max ${String(round(Math.max(...delaysMs)))} ms of ${String(delaysMs.length)} clicks`).join('; '),
    detail: {
      defined: 'from the sending of the packet whose decoding gives the first loud sample of a click, to the reading of the frame on the frame bus whose decoding gives it again: network stack, worker, order, decoder, buffer, grid, encoder with its 6.5 ms of look-ahead; the flush of a listener is not in it',
      sources: SOURCES, seconds,
      ways: results.map(({ name, delaysMs, bySource, lost }) => ({
        name, lost, clicks: delaysMs.length, p99BySource: bySource.map((times) => round(percentile(times, 0.99), 4)),
        ...Object.fromEntries([0.01, 0.5, 0.9, 0.99, 1].map((share) => [`p${String(share * 100)}`, round(percentile(delaysMs, share), 4)])),
      })),
    },
    plots: [],
  }
}

export const serverDelay: Scenario = { id: 'server-delay-p99-ms', title: 'delay that the server adds to live sound, p99', unit: 'ms', bound: BOUND_MS, better: 'less', run }

import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { clickPackets } from '../lib/clicks.ts'
import { LiveServer, type LiveSource } from '../lib/live-room.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { Senders } from '../lib/senders.ts'
import { percentile, round } from '../lib/statistics.ts'
import { Teardowns } from '../lib/teardowns.ts'

const BOUND_MS = 20
const SOURCES = 20
const FRAME_MS = 20
/** Of mp3-64. */
const BYTES_PER_SECOND = 8000
const PIECE_MS = 100

/** A radio station on loopback: the noise in real time, to whoever asks. */
async function station(file: string, after: Teardowns): Promise<string> {
  const sound = readFileSync(file)
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' })
    const startedMs = performance.now()
    // Somewhere else in it for each, and a second at once, as stations give.
    let at = Math.floor(Math.random() * sound.length)
    let sent = -BYTES_PER_SECOND
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedMs) * BYTES_PER_SECOND) / 1000) - sent
      if (at + due > sound.length) at = 0
      response.write(sound.subarray(at, at + due))
      at += due
      sent += due
    }, PIECE_MS)
    request.once('close', () => { clearInterval(timer) })
    response.once('close', () => { clearInterval(timer) })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after.teardown(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/radio.mp3`
}

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 15 : 30
  const after = new Teardowns()
  try {
    const url = await station(bench.noise, after)
    const server = await LiveServer.start(bench.folder, 'live-sources')
    after.teardown(() => server.close())
    const whips: LiveSource[] = []
    const relays: LiveSource[] = []
    for (let made = 0; made < SOURCES; made += 1) {
      whips.push(await server.source({ kind: 'whip' }))
      relays.push(await server.source({ kind: 'relay', urls: [url] }))
    }
    const { packets } = clickPackets()
    const all = [...whips, ...relays]
    /** By room: when each frame came after the end of its place, on a clock that is off by what is the same for all. */
    const came = new Map<string, number[]>(all.map(({ id }) => [id, []]))
    const next = new Map<string, number>()
    let gaps = 0
    let measuring = false
    await server.listen(all, (id, { frameIndex }, atMs) => {
      if (measuring && next.get(id) !== undefined && next.get(id) !== frameIndex) gaps += 1
      next.set(id, frameIndex + 1)
      if (measuring) came.get(id)!.push(atMs - (frameIndex + 1) * FRAME_MS)
    })
    const senders = new Senders(packets)
    after.teardown(async () => { await senders.close() })
    for (const { url: to, key } of whips) await senders.open({ url: to, key })
    senders.start()
    bench.say('all sources come up')
    await server.live(all)
    await delay(5000)
    measuring = true
    bench.say(`${String(seconds)} s of ${String(all.length)} sources`)
    await delay(seconds * 1000)
    measuring = false
    const states = await Promise.all(all.map(({ id }) => server.loa.api<{ status: { state: string } }>('GET', `/v1/sources/${id}`)))
    const notLive = states.filter(({ status }) => status.state !== 'live' && status.state !== 'silent').length
    // A room's frames are planned at the same moment of each 20 ms, so what comes after its earliest is late.
    const late = [...came.values()].flatMap((times) => {
      const earliest = Math.min(...times)
      return times.map((ms) => ms - earliest)
    })
    const expected = (all.length * seconds * 1000) / FRAME_MS
    const problems: string[] = []
    if (notLive > 0) problems.push(`${String(notLive)} sources were not live at the end`)
    if (gaps > 0) problems.push(`${String(gaps)} holes between frames`)
    if (late.length < expected - 5 * all.length) problems.push(`${String(late.length)} frames of ${String(expected)} came`)
    return {
      value: percentile(late, 0.99),
      problems,
      beside: `p50 ${String(round(percentile(late, 0.5)))}, max ${String(round(late.reduce((most, ms) => Math.max(most, ms), 0)))} ms of ${String(late.length)} frames`,
      detail: { defined: 'reading of a frame on the frame bus, less the earliest that a frame of its room was read in its 20 ms; clients in a thread of their own, stations in the bench’s own process, decoders of relays in children of the engine', whip: SOURCES, relays: SOURCES, seconds, engine: server.loa.roles().get('engine')?.map(({ cpuMs }) => Math.round(cpuMs)) },
      plots: [],
    }
  } finally {
    await after.run()
  }
}

export const liveSources: Scenario = { id: 'live-sources-late-p99-ms', title: 'lateness of frames with 20 WHIP sources and 20 relays, p99', unit: 'ms', bound: BOUND_MS, better: 'less', run }

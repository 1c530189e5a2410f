import t from 'tap'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import { compileNative, LoadSink, type GroupReport, type SinkReport, type Target } from '../../bench/lib/sink.ts'
import { waitUntil } from '../support/wait-until.ts'

// The measurements are worth what the sink notices: servers that lose, repeat and replace frames on purpose.

const FRAMES = 200
const FRAME_BYTES = 192

const folder = mkdtempSync(join(tmpdir(), 'loa-sink-test-'))
t.teardown(() => {
  rmSync(folder, { recursive: true })
})
const { sink: program } = compileNative(folder)

/** A 64 kbit/s, 48 kHz frame that no other seed gives. */
function frame(seed: number): Buffer {
  const bytes = Buffer.alloc(FRAME_BYTES)
  bytes.set([0xff, 0xfb, 0x54, 0xc4])
  for (let index = 4; index + 4 <= FRAME_BYTES; index += 4) bytes.writeUInt32LE((Math.imul(seed + 1, 2654435761) + index * 40503) >>> 0, index)
  return bytes
}

const foreign = (index: number): Buffer => frame(1_000_000 + index)

/** What each path sends in place of frame `index`. */
const PATHS: Readonly<Record<string, (index: number) => readonly Buffer[]>> = {
  '/good': (index) => [frame(index)],
  '/lossy': (index) => (index === 60 || index === 61 ? [] : [frame(index)]),
  '/stuttering': (index) => (index === 60 ? [frame(60), frame(60)] : [frame(index)]),
  '/cut': (index) => [index >= 100 && index < 120 ? foreign(index) : frame(index)],
  '/cut-and-lost': (index) => (index === 119 ? [] : [index >= 100 && index < 120 ? foreign(index) : frame(index)]),
  '/torn': (index) => [frame(index).subarray(0, 100), frame(index).subarray(100)],
}

const http = (path: string, group: string, reference = false): Target => ({ kind: 'http', group, track: 'mp3', frameMs: 24, path, reference })

async function finalReport(sink: LoadSink, done: (report: SinkReport) => boolean): Promise<SinkReport> {
  return waitUntil('the sink has judged every frame', async () => {
    const report = await sink.report()
    return done(report) ? report : null
  }, 20_000)
}

const judged = (group: GroupReport | undefined): number => (group?.verified ?? 0) + (group?.foreign ?? 0)

t.test('lost, repeated and foreign frames are told apart', async (t) => {
  const listeners: { response: ServerResponse; path: string }[] = []
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' })
    response.flushHeaders()
    listeners.push({ response, path: request.url ?? '' })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const paths = Object.keys(PATHS)
  const sink = new LoadSink(program, folder, [http('/good', 'reference', true), ...paths.map((path) => http(path, path))], { port: (server.address() as AddressInfo).port, verify: true })
  t.teardown(async () => {
    await sink.close()
    server.closeAllConnections()
    server.close()
  })
  await waitUntil('all are connected', () => listeners.length === paths.length + 1)
  sink.arm()
  for (let index = 0; index < FRAMES; index += 1) {
    for (const { response, path } of listeners) for (const bytes of PATHS[path]!(index)) response.write(bytes)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const { groups } = await finalReport(sink, (report) => paths.every((path) => judged(report.groups[path]) >= FRAMES - 2))
  const counts = (path: string): object => {
    const { verified, foreign: strange, skips, skippedFrames, repeats, garbageBytes } = groups[path]!
    return { verified, foreign: strange, skips, skippedFrames, repeats, garbageBytes }
  }
  const clean = { verified: FRAMES, foreign: 0, skips: 0, skippedFrames: 0, repeats: 0, garbageBytes: 0 }
  t.strictSame(counts('/good'), clean)
  t.strictSame(counts('/torn'), clean, 'frames that come in pieces')
  t.strictSame(counts('/lossy'), { ...clean, verified: FRAMES - 2, skips: 1, skippedFrames: 2 })
  t.strictSame(counts('/stuttering'), { ...clean, verified: FRAMES + 1, repeats: 1 })
  t.strictSame(counts('/cut'), { ...clean, verified: FRAMES - 20, foreign: 20 }, 'an emergency loses nothing')
  t.strictSame(counts('/cut-and-lost'), { ...clean, verified: FRAMES - 20, foreign: 19, skips: 1, skippedFrames: 1 }, 'a frame lost during an emergency is missed at its end')
  const cuts = await sink.cuts(0n)
  for (const path of paths) {
    const wanted = path.startsWith('/cut') ? 1 : 0
    t.equal(cuts.groups[path]?.cut.length, wanted, `${path} cut`)
    t.equal(cuts.groups[path]?.back.length, wanted, `${path} back`)
  }
})

t.test('native listeners: sequence, house time and lateness', async (t) => {
  const FRAME_MS = 20
  const FLUSH_MS = 20
  const LATE_MS = 300
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const nowUs = (): number => Number(process.hrtime.bigint() / 1000n)
  const clients: { socket: WebSocket; name: string }[] = []
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as { type: string; t1: number; clusterId: string }
      if (message.type === 'hello') clients.push({ socket, name: message.clusterId })
      else socket.send(JSON.stringify({ type: 'clock', t1: message.t1, t2: nowUs(), t3: nowUs() }))
    })
  })
  const native = (name: string, reference = false): Target =>
    ({ kind: 'native', group: name, track: 'opus', frameMs: FRAME_MS, path: '/v1/speaker', hello: JSON.stringify({ type: 'hello', clusterId: name }), reference })
  const sink = new LoadSink(program, folder, [native('reference', true), native('good'), native('lossy')], { port: (server.address() as AddressInfo).port, verify: true, nativeFlushMs: FLUSH_MS })
  t.teardown(async () => {
    await sink.close()
    for (const { socket } of clients) socket.terminate()
    server.close()
  })
  await waitUntil('all have said hello', () => clients.length === 3)
  const first = Math.ceil(nowUs() / 1000 / FRAME_MS)
  for (let index = 0; index < FRAMES; index += 1) {
    const place = first + index
    const message = Buffer.alloc(24 + 80)
    message.writeUInt8(1, 0)
    message.writeUInt16BE(960, 2)
    message.writeUInt32BE(place % 2 ** 32, 4)
    message.writeBigUInt64BE(BigInt(place) * 960n, 8)
    frame(index).copy(message, 24)
    const sendAtMs = place * FRAME_MS + FLUSH_MS + LATE_MS
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, sendAtMs - nowUs() / 1000)))
    for (const { socket, name } of clients) if (name !== 'lossy' || index !== 70) socket.send(message)
  }
  const { groups, houseRoundTripUs } = await finalReport(sink, (report) => judged(report.groups['good']) >= FRAMES && judged(report.groups['lossy']) >= FRAMES - 1)
  t.match(groups['good'], { verified: FRAMES, foreign: 0, skips: 0, sequenceErrors: 0, flagErrors: 0 })
  t.match(groups['lossy'], { verified: FRAMES - 1, foreign: 0, skips: 1, skippedFrames: 1, sequenceErrors: 1 })
  t.ok(houseRoundTripUs > 0, 'the house clock is known')
  const lateness = groups['good']?.lateness
  t.ok(lateness !== null && lateness !== undefined && lateness.min > LATE_MS - 10 && lateness.p50 < LATE_MS + 100, `lateness ${String(lateness?.min)} to ${String(lateness?.p50)} ms`)
})

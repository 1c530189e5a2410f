import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { LinkModel, PROFILES, type DirectionProfile, type LinkProfile } from './link-emulator.ts'
import { LinkRelay, monotonicMs } from './link-emulator-relay.ts'
import { MachineWatch } from './machine-watch.ts'
import { waitUntil } from './wait-until.ts'

const plain: DirectionProfile = { delayMs: [10, 10], jitterScaleMs: 0, jitterMaxMs: 0, lossShare: 0, lossBurstPackets: 1, rateBps: 0, queueMs: 100 }
const TEN_MS: LinkProfile = { name: 'test', up: plain, down: plain, cuts: null, symmetric: true }

/** A delivery takes a fifth of it, sender, receiver and echo included; it must not grow with the number of connections. */
const MOST_PROCESSOR_US = 500

interface Teardown {
  teardown(fn: () => Promise<void>): void
}

interface Tested {
  readonly relay: LinkRelay
  /** Answers every byte with the same. */
  readonly echoPort: number
}

async function build(t: Teardown): Promise<Tested> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  }).listen(0, '127.0.0.1', 1024)
  await once(server, 'listening')
  const relay = new LinkRelay()
  t.teardown(async () => {
    await relay.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { relay, echoPort: (server.address() as AddressInfo).port }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

async function roundTrips(port: number, count: number, everyMs: number): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const trips: number[] = []
  socket.on('data', (bytes) => {
    for (let at = 0; at + 8 <= bytes.length; at += 8) trips.push(monotonicMs() - bytes.readDoubleLE(at))
  })
  for (let sent = 0; sent < count; sent += 1) {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(monotonicMs())
    socket.write(bytes)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  await waitUntil('every echo is back', () => trips.length === count)
  socket.destroy()
  // The first waited for the connection to be made.
  return trips.slice(5)
}

t.test('a round trip takes what the link says, to a fraction of a millisecond', async (t) => {
  const { relay, echoPort } = await build(t)
  // The quickest of many: what other processes of the machine do in between is not the relay's.
  const bare = Math.min(...await roundTrips(echoPort, 60, 5))
  const ten = await relay.tcp({ host: '127.0.0.1', port: echoPort }, new LinkModel(TEN_MS, 1))
  const added = Math.min(...await roundTrips(ten.port, 60, 25)) - bare - 20
  t.ok(added > 0 && added < 1, `${added.toFixed(3)} ms more than 20`)
  const model = new LinkModel(PROFILES.lan, 1)
  const lan = await relay.tcp({ host: '127.0.0.1', port: echoPort }, model)
  const trips = await roundTrips(lan.port, 200, 3)
  const least = Math.min(...trips) - 2 * model.up.delayMs
  t.ok(least > 0 && least < 0.6, `the quickest of 200 takes ${least.toFixed(3)} ms more than the link's least`)
  const { delivered, sortedMs } = relay.lateness()
  t.ok(delivered > 500)
  const late = sortedMs[Math.floor(sortedMs.length / 10)]!
  t.ok(late < 0.3, `a tenth of all deliveries is at most ${late.toFixed(3)} ms late`)
})

t.test('hundreds of connections at once: every byte in order, lateness small beside a link of 20 ms', async (t) => {
  const { relay, echoPort } = await build(t)
  const seconds = 4
  // Beside them, not through the relay: what this thread itself is late under all of it, the relay cannot be less.
  const bare = roundTrips(echoPort, 30, 100)
  const { user, system } = process.cpuUsage()
  const results = await Promise.all(Array.from({ length: 300 }, async (_, index) => {
    const { port } = await relay.tcp({ host: '127.0.0.1', port: echoPort }, new LinkModel(PROFILES['4g'], index))
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let [sent, received, wrong] = [0, 0, 0]
    socket.on('data', (bytes) => {
      for (const byte of bytes) if (byte !== (received++ & 255)) wrong += 1
    })
    for (let turn = 0; turn < seconds * 10; turn += 1) {
      socket.write(Buffer.from(Array.from({ length: 600 }, () => sent++ & 255)))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await waitUntil('all is back', () => received === sent)
    socket.destroy()
    return wrong
  }))
  t.same(results.filter((wrong) => wrong > 0), [])
  const { delivered, sortedMs } = relay.lateness()
  const at = (share: number): number => sortedMs[Math.floor((sortedMs.length - 1) * share)]!
  t.comment(`${String(delivered)} deliveries, own lateness p50 ${at(0.5).toFixed(3)}, p99 ${at(0.99).toFixed(3)}, max ${at(1).toFixed(3)} ms`)
  const used = process.cpuUsage()
  const eachUs = (used.user - user + used.system - system) / delivered
  const bareMs = median(await bare)
  t.ok(at(0.5) < Math.max(2, bareMs), `p50 ${at(0.5).toFixed(3)} ms; a round trip past the relay ${bareMs.toFixed(3)} ms`)
  t.ok(eachUs < MOST_PROCESSOR_US, `${eachUs.toFixed(0)} µs of the processor for each delivery, both of its ends with it`)
})

t.test('a cut holds everything back and loses nothing', async (t) => {
  const machine = await MachineWatch.start(t)
  const { relay, echoPort } = await build(t)
  const link = await relay.tcp({ host: '127.0.0.1', port: echoPort }, new LinkModel(TEN_MS, 1))
  const socket = connect({ port: link.port, host: '127.0.0.1', noDelay: true })
  let text = ''
  socket.on('data', (bytes) => (text += bytes.toString('latin1')))
  socket.write('a')
  await waitUntil('the link carries', () => text === 'a')
  const fromMs = monotonicMs()
  link.model.cuts.add(fromMs, fromMs + 600)
  socket.write('b')
  socket.write('c')
  await waitUntil('the link carries again', () => text === 'abc')
  const tookMs = monotonicMs() - fromMs
  // First try lost, retransmitted after 220 (lost) and 660 ms; there and back 20 ms.
  const heldUpMs = machine.worstMs(fromMs, monotonicMs())
  t.ok(tookMs > 660 && tookMs < 760 + 3 * heldUpMs, `${tookMs.toFixed(1)} ms; the machine held us up for ${heldUpMs.toFixed(1)}`)
  t.equal(link.open(), 1)
  socket.end('d')
  await once(socket, 'close')
  t.equal(text, 'abcd', 'what was sent before the end arrives before it')
  await waitUntil('the connection is gone', () => link.open() === 0)
})

t.test('a server that goes away is noticed through the link, and a closed port too', async (t) => {
  const relay = new LinkRelay()
  t.teardown(() => relay.close())
  const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const link = await relay.tcp({ host: '127.0.0.1', port }, new LinkModel(TEN_MS, 1))
  for (const step of ['reset by the server', 'refused by the server']) {
    const socket = connect(link.port, '127.0.0.1')
    const errors: Error[] = []
    socket.on('error', (error) => errors.push(error))
    socket.resume()
    await once(socket, 'close')
    t.pass(step)
    if (step === 'reset by the server') {
      server.close()
      await once(server, 'close')
    }
  }
})

t.test('datagrams are delayed, lost in bursts, and answered from the port they were sent to', async (t) => {
  const relay = new LinkRelay()
  const echo = createSocket('udp4')
  const client = createSocket('udp4')
  t.teardown(async () => {
    await relay.close()
    echo.close()
    client.close()
  })
  echo.on('message', (bytes, from) => {
    echo.send(bytes, from.port, from.address)
  })
  echo.bind(0, '127.0.0.1')
  client.bind(0, '127.0.0.1')
  await Promise.all([once(echo, 'listening'), once(client, 'listening')])
  const model = new LinkModel({ ...TEN_MS, up: { ...plain, lossShare: 0.2, lossBurstPackets: 4 } }, 9)
  const link = await relay.udp({ host: '127.0.0.1', port: echo.address().port }, model)
  const trips: number[] = []
  client.on('message', (bytes, from) => {
    t.equal(from.port, link.port)
    trips.push(monotonicMs() - bytes.readDoubleLE(0))
  })
  const count = 300
  for (let sent = 0; sent < count; sent += 1) {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(monotonicMs())
    client.send(bytes, link.port, '127.0.0.1')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await waitUntil('what was not lost is back', () => trips.length === count - model.up.counts.lost)
  t.ok(model.up.counts.lost > 20 && model.up.counts.lost < 120, `${String(model.up.counts.lost)} of ${String(count)} lost`)
  // The quickest: what the machine does in between is not the relay's.
  const leastMs = Math.min(...trips)
  t.ok(leastMs >= 20 && leastMs < 22, `${leastMs.toFixed(2)} ms`)
})

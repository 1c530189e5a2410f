import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { WebSocket } from 'ws'
import { loadConfig } from '../../server/config.ts'
import { monotonicMs } from '../support/link-emulator-relay.ts'
import { LoaServer } from '../support/loa-server.ts'
import { MachineWatch } from '../support/machine-watch.ts'
import { breaksOf, decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND, mp3FramesOf, NativeRadio, oggSequences, type ClusterKey } from '../support/radio.ts'
import { toneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const HZ = 1013
/** From a client's last useful byte to the end of its connection: the time for a head, a sweep, and the time to read an answer. */
const CLOSED_WITHIN_MS = 15_000
/** Whoever is held up by more may have come too late with a frame; then there is silence in its place. */
const HELD_UP_MS = 10
/** Client, fan-out, control and we: each may have to wait as long as the machine held us up at the worst. */
const HOPS = 4
const MAX_RSS_BYTES = 400 * 1024 * 1024

/** A client that keeps to no rule. */
class Rogue {
  readonly socket: Socket
  answer = ''
  closed = false
  readonly #startedMs = performance.now()
  closedAfterMs = 0

  constructor(port: number, first: Buffer | string = '') {
    // Half-open, so that the server's end alone does not end it.
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('error', () => undefined) // 'close' follows
    this.socket.on('data', (chunk: Buffer) => {
      if (this.answer.length < 100_000) this.answer += chunk.toString('latin1')
    })
    // Only a byte more shows whether the server has let go, or waits for our end.
    this.socket.on('end', () => {
      this.drip(Buffer.from('x'))
    })
    this.socket.on('close', () => {
      this.closed = true
      this.closedAfterMs = performance.now() - this.#startedMs
    })
    if (first.length > 0) this.socket.write(first)
  }

  /** Goes on sending these bytes, one every 100 ms, whatever the server says. */
  drip(bytes: Buffer): this {
    let at = 0
    const timer = setInterval(() => {
      if (this.closed) clearInterval(timer)
      else this.socket.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1))
      at += 1
    }, 100)
    this.socket.once('close', () => {
      clearInterval(timer)
    })
    return this
  }

  get status(): number {
    return Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.answer)?.[1] ?? 0)
  }
}

/** Waits until nothing has moved in the kernel's queues of a connection for so long, as far as its own end shows. */
async function waitUntilStuck(socket: Socket, stillMs: number): Promise<void> {
  const port = `0100007F:${socket.localPort!.toString(16).toUpperCase().padStart(4, '0')}`
  let last = '00000000:00000000 00000000:00000000'
  let sinceMs = performance.now()
  await waitUntil('the connection is stuck', () => {
    // proc(5), net/tcp: local address, remote address, state, tx_queue:rx_queue; both ends of the connection are on this machine.
    const queues = readFileSync('/proc/net/tcp', 'latin1').split('\n').filter((line) => line.includes(port)).map((line) => line.trim().split(/\s+/)[4]).join(' ')
    if (queues !== last) sinceMs = performance.now()
    last = queues
    return /[1-9A-F]/.test(queues) && performance.now() - sinceMs > stillMs
  }, 30_000)
}

/** A WebSocket opened by hand, so that it can break its rules. */
function rogueWebSocket(server: LoaServer, after: Buffer = Buffer.alloc(0)): Rogue {
  const head = 'GET /v1/speaker HTTP/1.1\r\nHost: loa\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  return new Rogue(server.streamPort, Buffer.concat([Buffer.from(head), after]))
}

/** A masked frame with any opcode (RFC 6455, 5.2). */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length < 126 ? Buffer.of(0x80 | payload.length) : Buffer.of(0x80 | 126, payload.length >> 8, payload.length & 255)
  return Buffer.concat([Buffer.of(0x80 | opcode), length, Buffer.alloc(4), payload])
}

const tlsHello = Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), randomBytes(194)])
const basic = (password: string): string => `Basic ${Buffer.from(`source:${password}`).toString('base64')}`

t.test('abuse at every port', async (t) => {
  const machine = await MachineWatch.start(t)
  const server = await LoaServer.start(t, { LOA_FROZEN_TIMEOUT_MS: '6000', LOA_MAX_LAG_MS: '1000' })
  const rogues: Rogue[] = []
  t.teardown(() => {
    for (const { socket } of rogues) socket.destroy()
    return Promise.resolve()
  })
  const rogue = (port: number, first: Buffer | string = ''): Rogue => {
    const one = new Rogue(port, first)
    rogues.push(one)
    return one
  }
  const stream = (first: Buffer | string = ''): Rogue => rogue(server.streamPort, first)

  const unit = await server.unit('X1')
  const clusters: ClusterKey[] = []
  for (let index = 0; index < 13; index += 1) clusters.push(await server.cluster(unit, `C${String(index)}`))
  const [a, b, c, frozen, slow, twice, rotated, disabled, ...more] = clusters as [ClusterKey, ClusterKey, ClusterKey, ClusterKey, ClusterKey, ClusterKey, ClusterKey, ClusterKey, ...ClusterKey[]]
  const studio = (await server.post('/v1/sources', { kind: 'icecast', name: 'Studio', mount: '/studio' })) as { id: string; key: string }
  await server.order('normal', await server.tone('t', HZ), [unit])
  const pidsBefore = { ...(await server.pids()), supervisor: server.pid }

  // The neighbours: they listen while everything below happens.
  const mp3 = await Promise.all([a, b].map((cluster) => HttpRadio.open(server, cluster)))
  const opus = await HttpRadio.open(server, c, { extension: 'opus' })
  const native = await NativeRadio.open(server, more[0]!)
  // Twice the bytes, so that the kernels' buffers are full sooner.
  const frozenRadio = await HttpRadio.open(server, frozen, { query: 'format=mp3-128&burstMs=3000' })
  frozenRadio.socket.pause()
  const slowRadio = await HttpRadio.open(server, slow, { query: 'format=mp3-128&burstMs=3000' })
  slowRadio.socket.pause()
  // It reads again after it has been stuck for longer than it may lag, and for less than makes it frozen.
  const slowResumed = waitUntilStuck(slowRadio.socket, 1500).then(() => slowRadio.socket.resume())
  const deaf = new WebSocket(`${server.stream.replace('http', 'ws')}/v1/speaker`)
  deaf.on('error', () => undefined) // 'close' follows
  deaf.on('open', () => { deaf.send(JSON.stringify({ type: 'hello', protocol: 1, clusterId: more[4]!.id, key: more[4]!.key, format: 'mp3-128', burstMs: 3000 })) })
  await new Promise((resolve) => deaf.once('message', resolve))
  deaf.pause()
  const questions = setInterval(() => { deaf.send('{"type":"clock","t1":1}') }, 100)
  t.teardown(() => {
    clearInterval(questions)
    deaf.terminate()
  })
  await native.hear(20)
  const [startedMs, listensMs] = [performance.now(), monotonicMs()]

  // They need their time; the other tests go on meanwhile.
  const dripped = 'GET /listen/x.mp3 HTTP/1.1\r\nX-A: '
  const lorises: [string, Rogue][] = [
    ['nothing at all', stream()],
    ['a head that never ends', stream('G').drip(Buffer.from(dripped.slice(1) + 'x'.repeat(1000)))],
    ['a head at the API that never ends', rogue(server.port, 'G').drip(Buffer.from(dripped.slice(1) + 'x'.repeat(1000)))],
    ['bytes after a refusal', stream(randomBytes(20)).drip(Buffer.from('x'))],
    ['bytes after a 401', stream('GET /listen/x.mp3?key=no HTTP/1.1\r\n\r\n').drip(Buffer.from('x'))],
    ['bytes after HEAD', stream(`HEAD /listen/${a.id}.mp3?key=${a.key} HTTP/1.1\r\n\r\n`).drip(Buffer.from('x'))],
    ['a second head after a request', stream('GET /healthz HTTP/1.1\r\nHost: loa\r\n\r\nGET /heal').drip(Buffer.from('th'))],
    ['a second head after an expectation', stream('GET /healthz HTTP/1.1\r\nHost: loa\r\nExpect: x\r\n\r\nGET /heal').drip(Buffer.from('th'))],
    ['a body after its answer', stream('POST /healthz HTTP/1.1\r\nHost: loa\r\nContent-Length: 1000000\r\n\r\n').drip(Buffer.from('x'))],
    ['a WebSocket without hello', rogueWebSocket(server)],
    ['a WebSocket with pings only', rogueWebSocket(server).drip(clientFrame(9, Buffer.alloc(0)))],
    ['a WebSocket frame that never ends', rogueWebSocket(server, Buffer.of(0x81, 0xfe, 0x3f, 0x00)).drip(Buffer.from('x'))],
    ['garbage on a WebSocket', rogueWebSocket(server, randomBytes(500)).drip(Buffer.from('x'))],
    ['a WebSocket with a message too long', rogueWebSocket(server, clientFrame(1, Buffer.alloc(60_000, 'x'))).drip(Buffer.from('x'))],
    ['a WebSocket with a wrong hello', rogueWebSocket(server, clientFrame(1, Buffer.from('{"type":"hello"}'))).drip(Buffer.from('x'))],
    ['a WebSocket with a wrong key', rogueWebSocket(server, clientFrame(1, Buffer.from(JSON.stringify({ type: 'hello', protocol: 1, clusterId: a.id, key: 'no' })))).drip(Buffer.from('x'))],
  ]
  rogues.push(...lorises.map(([, one]) => one))

  await t.test('garbage and half requests are answered or cut', async (t) => {
    const gone: [string, Rogue, number[]][] = [
      ['random bytes', stream(randomBytes(2000)), [400]],
      ['a TLS hello', stream(tlsHello), [400]],
      ['a TLS hello at the API', rogue(server.port, tlsHello), [400]],
      ['random bytes at the API', rogue(server.port, randomBytes(2000)), [400]],
      ['lower-case method', stream('get / HTTP/1.1\r\n\r\n'), [400]],
      ['a head of 16 KB', stream(`GET /listen/x.mp3 HTTP/1.1\r\nX: ${'x'.repeat(17 * 1024)}`), [431]],
      ['200 header fields', stream(`GET /listen/x.mp3 HTTP/1.1\r\n${'X: y\r\n'.repeat(200)}\r\n`), [431]],
      ['bad percent-encoding', stream('GET /listen/%E0%A4%A.mp3 HTTP/1.1\r\n\r\n'), [400]],
      ['a NUL in the path', stream('GET /listen/%00.mp3?key=x HTTP/1.1\r\n\r\n'), [401]],
      ['control characters in a header field', stream('GET /listen/x.mp3 HTTP/1.1\r\nX: a\nUpgrade: websocket\r\n\r\n'), [400]],
      ['an absolute-form request', stream('GET http://loa/listen/x.mp3 HTTP/1.1\r\nHost: loa\r\n\r\n'), [400]],
      ['HTTP/2', stream('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), [400, 505]],
      ['an empty authority', stream('GET // HTTP/1.1\r\nHost: loa\r\n\r\n'), [404]],
      ['an authority that is none', stream('GET //[ HTTP/1.1\r\nHost: loa\r\n\r\n'), [404]],
      ['an upgrade to an authority that is none', stream('GET //[ HTTP/1.1\r\nHost: loa\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'), [404]],
      ['an upgrade of a listener', stream(`GET /listen/${a.id}.mp3?key=${a.key} HTTP/1.1\r\nHost: loa\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n`), [404]],
      ['an upgrade to WebSocket without a key', stream('GET /v1/speaker HTTP/1.1\r\nHost: loa\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'), [400]],
      ['an unknown expectation', stream('GET /healthz HTTP/1.1\r\nHost: loa\r\nExpect: the-unexpected\r\n\r\n'), [417]],
      ['pipelined requests', stream('GET /healthz HTTP/1.1\r\nHost: loa\r\n\r\n'.repeat(50)), [200]],
      ['a body that never comes', stream('POST /healthz HTTP/1.1\r\nHost: loa\r\nContent-Length: 1000000\r\n\r\n'), [200]],
      ['a length that is none', stream('GET /healthz HTTP/1.1\r\nHost: loa\r\nContent-Length: -1\r\n\r\n'), [400]],
      ['PUT without a key', stream('PUT /studio HTTP/1.1\r\n\r\n'), [401]],
      ['SOURCE with a wrong key', stream(`SOURCE /studio ICE/1.0\r\nAuthorization: ${basic('wrong')}\r\n\r\n`), [401]],
      ['a studio\'s key at another mount', stream(`PUT /other HTTP/1.1\r\nAuthorization: ${basic(studio.key)}\r\n\r\n`), [401]],
      ['metadata with a wrong key', stream(`GET /admin/metadata?mode=updinfo&mount=/studio&song=x HTTP/1.0\r\nAuthorization: ${basic('wrong')}\r\n\r\n`), [401]],
      ['metadata with broken percent-encoding', stream('GET /admin/metadata?mode=updinfo&mount=%E0%A4%A&song=%FF HTTP/1.0\r\n\r\n'), [401]],
      ['DELETE of a listener\'s path', stream('DELETE /listen/x.mp3 HTTP/1.1\r\n\r\n'), [405]],
      ['chunks of no size', stream(`PUT /studio HTTP/1.1\r\nAuthorization: ${basic(studio.key)}\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n`).drip(Buffer.from('x')), [200]],
    ]
    await waitUntil('every rogue has its answer', () => gone.every(([, one]) => one.status > 0 || one.closed), CLOSED_WITHIN_MS).catch(() => undefined)
    for (const [name, one, statuses] of gone) t.ok(statuses.includes(one.status), `${name}: ${String(statuses)}, got ${String(one.status)}`)
    for (const [, { socket }] of gone) socket.resume()
    await waitUntil('every rogue is let go', () => gone.every(([, one]) => one.closed), CLOSED_WITHIN_MS).catch(() => undefined)
    for (const [name, one] of gone) t.ok(one.closed, `${name}: closed after ${String(Math.round(one.closedAfterMs))} ms`)
    t.notOk(gone.some(([, { answer }]) => answer.includes(studio.key)), 'no answer shows a key')
  })

  await t.test('a native client that breaks the rules after its hello is cut', async (t) => {
    const flood = await NativeRadio.open(server, more[1]!)
    for (let index = 0; index < 200; index += 1) flood.socket.send('{"type":"clock","t1":1}')
    await waitUntil('the flood is cut', () => flood.closeCode !== 0)
    t.equal(flood.closeCode, 1008)
    t.ok(flood.texts.filter(({ type }) => type === 'clock').length <= 50, 'at most 50 answers')

    const huge = await NativeRadio.open(server, more[1]!)
    huge.socket.send(JSON.stringify({ type: 'status', text: 'x'.repeat(20_000) }))
    await waitUntil('the long message is refused', () => huge.closeCode !== 0)
    t.equal(huge.closeCode, 1009)

    const unknown = await NativeRadio.open(server, more[1]!)
    unknown.socket.send('{"type":"nonsense"}')
    await waitUntil('the unknown message is refused', () => unknown.closeCode !== 0)
    t.equal(unknown.closeCode, 4400)
  })

  await t.test('who may listen, and how it is told', async (t) => {
    const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => fetch(server.stream + path, { method, headers, signal: AbortSignal.timeout(5000) })
    const code = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code

    const unknown = await ask('/listen/nobody.mp3?key=x')
    t.equal(unknown.status, 401)
    t.equal(await code(unknown), 'STREAM_ERR_KEY_WRONG')
    const wrong = await ask(`/listen/${a.id}.mp3?key=${b.key}`)
    t.equal(wrong.status, 401)
    t.equal(await code(wrong), 'STREAM_ERR_KEY_WRONG', 'an id that exists is not told from one that does not')
    t.match(wrong.headers.get('www-authenticate'), /^Basic /)
    const missing = await ask(`/listen/${a.id}.mp3`)
    t.equal(missing.status, 401)
    t.equal(await code(missing), 'STREAM_ERR_KEY_MISSING')
    await server.request('PATCH', `/v1/clusters/${more[2]!.id}`, { enabled: false })
    const off = await ask(`/listen/${more[2]!.id}.mp3?key=${more[2]!.key}`)
    t.equal(off.status, 403)
    t.equal(await code(off), 'STREAM_ERR_CLUSTER_DISABLED')
    const disabledButWrong = await ask(`/listen/${more[2]!.id}.mp3?key=x`)
    t.equal(disabledButWrong.status, 401, 'that it is disabled is told only to whoever has its key')

    const head = await ask(`/listen/${a.id}.mp3`, { authorization: `Bearer ${a.key}`, origin: 'https://evil.example' }, 'HEAD')
    t.equal(head.status, 200)
    t.equal(head.headers.get('content-type'), 'audio/mpeg')
    t.match(head.headers.get('cache-control'), /no-cache|no-store/)
    t.equal(head.headers.get('access-control-allow-origin'), null, 'CORS is off')
    t.equal(mp3[0]!.ended, false, 'HEAD takes nobody\'s place')
    const headOfNobody = await ask('/listen/nobody.mp3?key=x', {}, 'HEAD')
    t.equal(headOfNobody.status, 401)
    for (const headers of [{ authorization: basic(more[1]!.key) }, { 'x-loa-key': more[1]!.key }]) {
      const controller = new AbortController()
      const response = await fetch(`${server.stream}/listen/${more[1]!.id}.opus`, { headers, signal: controller.signal })
      t.equal(response.status, 200)
      t.equal(response.headers.get('content-type'), 'audio/ogg; codecs=opus')
      controller.abort()
    }
    const apiHead = await fetch(`${server.api}/v1/units`, { headers: { origin: 'https://evil.example' } })
    t.equal(apiHead.status, 401)
    t.equal(apiHead.headers.get('access-control-allow-origin'), null)
  })

  await t.test('one device, one identity: the second connection with a key takes over, in whichever process it lands', async (t) => {
    const replacedBefore = (await server.get('/v1/status'))['replacedTotal'] as number
    const rounds = 16
    let current: HttpRadio | NativeRadio = await HttpRadio.open(server, twice)
    for (let round = 0; round < rounds; round += 1) {
      const old = current
      current = round % 4 === 3 ? await NativeRadio.open(server, twice) : await HttpRadio.open(server, twice)
      await waitUntil('the older connection ends', () => (old instanceof HttpRadio ? old.ended : old.closeCode !== 0))
      if (old instanceof NativeRadio) t.equal(old.closeCode, 4009)
      await (current instanceof HttpRadio ? current.hear(2000) : current.hear(5))
    }
    // The list is told by the fan-outs' reports, so the connection that ended may stand in it a moment longer.
    const connections = async (): Promise<unknown[]> => ((await server.get(`/v1/clusters/${twice.id}/on-air`)) as { connections: unknown[] }).connections
    await waitUntil('one connection is left', async () => (await connections()).length === 1)
    await waitUntil('each replacement is counted once', async () => ((await server.get('/v1/status'))['replacedTotal'] as number) === replacedBefore + rounds)
    const metrics = await fetch(`${server.api}/metrics`, { headers: { authorization: 'Bearer test-administrator-token-0123456789abcdef' } })
    t.match(await metrics.text(), new RegExp(`^loa_listener_replaced_total ${String(replacedBefore + rounds)}$`, 'm'))
    current.close()
  })

  await t.test('a rotated key, a disabled and a removed cluster end their streams within a second', async (t) => {
    const first = await HttpRadio.open(server, rotated)
    const rotation = await server.post(`/v1/clusters/${rotated.id}/rotate-key`)
    const [rotatedMs, rotatedAtMs] = [performance.now(), monotonicMs()]
    await waitUntil('the stream with the old key ends', () => first.ended)
    t.ok(first.endedAtMs - rotatedMs < 1000 + HOPS * machine.worstMs(rotatedAtMs, monotonicMs()), `rotated: ${String(Math.round(first.endedAtMs - rotatedMs))} ms`)
    const again = HttpRadio.dial(server, rotated)
    await waitUntil('the old key is refused', () => again.status > 0)
    t.equal(again.status, 401)
    again.close()
    const withNew = await HttpRadio.open(server, { id: rotated.id, key: rotation['key'] as string })
    await withNew.hear(3000)
    withNew.close()

    const withinASecond = async (what: string, isSo: () => boolean): Promise<void> => {
      const sinceMs = monotonicMs()
      await waitUntil(what, isSo)
      const tookMs = monotonicMs() - sinceMs
      t.ok(tookMs < 1000 + HOPS * machine.worstMs(sinceMs, monotonicMs()), `${what}: ${String(Math.round(tookMs))} ms`)
    }
    const second = await NativeRadio.open(server, disabled)
    await server.request('PATCH', `/v1/clusters/${disabled.id}`, { enabled: false })
    await withinASecond('the disabled cluster is cut', () => second.closeCode !== 0)
    t.equal(second.closeCode, 4003)

    const third = await NativeRadio.open(server, more[3]!)
    await server.request('DELETE', `/v1/clusters/${more[3]!.id}`)
    await withinASecond('the removed cluster is cut', () => third.closeCode !== 0)
    t.equal(third.closeCode, 4004)
  })

  await t.test('who takes nothing is cut, who takes it late jumps to the live edge', async (t) => {
    const status = async (): Promise<{ frozenTotal: number; skipsTotal: number }> => (await server.get('/v1/status')) as { frozenTotal: number; skipsTotal: number }
    await slowResumed
    t.notOk(slowRadio.ended, 'the slow one was not taken for frozen')
    await waitUntil('the slow one is moved to the live edge', async () => (await status()).skipsTotal > 0)
    await slowRadio.hear(16_000)
    t.doesNotThrow(() => mp3FramesOf(slowRadio.body), 'what it got are whole frames')
    slowRadio.close()
    await waitUntil('the frozen one and the one that only asks are cut and counted', async () => (await status()).frozenTotal === 2, 25_000)
    for (const { id } of [frozen, more[4]!]) {
      await waitUntil(`${id} is told to be gone`, async () => ((await server.get(`/v1/clusters/${id}/on-air`)) as { connections: unknown[] }).connections.length === 0)
    }
  })

  await t.test('a slow loris is cut, whatever it drips', async (t) => {
    // The API gives a head 15 s, and looks every 5 s.
    await waitUntil('every loris is cut', () => lorises.every(([, one]) => one.closed), 40_000).catch(() => undefined)
    const heldUpMs = machine.worstMs(listensMs, monotonicMs())
    for (const [name, one] of lorises) {
      const boundMs = name.includes('API') ? 21_000 : CLOSED_WITHIN_MS
      t.ok(one.closed && one.closedAfterMs < boundMs + HOPS * heldUpMs, `${name}: ${one.closed ? `closed after ${String(Math.round(one.closedAfterMs))} ms` : 'still open'}`)
    }
  })

  await t.test('the sockets between the roles are private', async (t) => {
    const { runDir } = loadConfig({ LOA_DATA_DIR: server.dataDir })
    t.equal(statSync(runDir).mode & 0o777, 0o700)
    t.equal(statSync(server.dataDir).mode & 0o077, 0, 'so is the data folder')
  })

  await t.test('through all of it the neighbours heard one whole sound', async (t) => {
    const elapsedMs = performance.now() - startedMs
    const heldUpMs = machine.worstMs(listensMs, monotonicMs())
    const { gapFramesTotal, latenessMaxMs } = await server.get('/v1/status')
    t.comment(`frames that came too late: ${String(gapFramesTotal)}, latest flush: ${String(Math.round(latenessMaxMs as number))} ms; the machine held us up for ${String(Math.round(heldUpMs))} ms`)
    t.same({ ...(await server.pids()), supervisor: server.pid }, pidsBefore, 'no process has died')
    for (const [index, radio] of mp3.entries()) {
      t.equal(radio.ended, false)
      t.ok(radio.longestPauseMs() < 1000 + HOPS * heldUpMs, `neighbour ${String(index)}: longest pause ${String(Math.round(radio.longestPauseMs()))} ms`)
      t.ok(radio.bodyBytes > ((elapsedMs - HOPS * heldUpMs) / 1000 - 1) * MP3_64_BYTES_PER_SECOND, 'nothing is missing at the end')
      const pcm = decodeMp3(radio.body)
      const ratioDb = toneRatioDb(pcm.subarray(2 * 48_000), HZ, { withoutSilence: heldUpMs > HELD_UP_MS })
      t.ok(ratioDb > 30, `one unbroken tone: ${ratioDb.toFixed(1)} dB over everything else, in ${(pcm.length / 48_000).toFixed(1)} s`)
    }
    t.same(breaksOf(oggSequences(opus.body)), [])
    t.same(breaksOf(native.frames.map(({ sequence }) => sequence)), [])
    t.ok(native.frames.length > (elapsedMs - HOPS * heldUpMs) / 20 - 50)
    const { processes } = (await server.get('/v1/status')) as { processes: { role: string; rssBytes: number }[] }
    for (const { role, rssBytes } of processes) t.ok(rssBytes < MAX_RSS_BYTES, `${role}: ${String(Math.round(rssBytes / 1048576))} MiB`)
  })

  await t.test('no key is in the log', async (t) => {
    for (const { key } of [...clusters, studio]) t.notOk(server.log.includes(key), 'a key is in the log')
    t.notOk(server.log.includes('test-administrator-token'), 'the token is in the log')
  })
})

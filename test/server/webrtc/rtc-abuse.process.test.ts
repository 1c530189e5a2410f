import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { AttemptReporter } from '../../../server/sinks/attempt-reporter.ts'
import { Credentials, hashSecret } from '../../../server/sinks/credentials.ts'
import { WhipEndpoint } from '../../../server/sinks/whip-endpoint.ts'
import { readOffer } from '../../../server/webrtc/whip-offer.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { seededRandom, type Random } from '../../support/link-emulator-random.ts'
import { RtcPeer } from '../../support/rtc-peer.ts'
import { opusFrames, RtcRig } from '../../support/rtc-rig.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(200_000)

const FRAME = opusFrames(new Float32Array(960))[0]!

/** Publishes, and goes on sending until the test is over. */
async function publishing(t: Test, rig: RtcRig): Promise<RtcPeer> {
  const peer = await RtcPeer.publish(rig.whip)
  t.teardown(() => peer.close())
  await waitUntil('it is connected', () => peer.state === 'connected', 30_000)
  const timer = setInterval(() => { peer.send(FRAME) }, 20)
  t.teardown(() => { clearInterval(timer) })
  return peer
}

const portOf = (answer: string): number => Number(/ udp \d+ \S+ (\d+) /.exec(answer)![1])

const bytes = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))

/** What is told apart by its first byte (RFC 7983): STUN, DTLS, RTP and RTCP, each nearly right, and anything. */
function garbage(random: Random, fragment: string): Buffer {
  const body = bytes(random, Math.floor(random() * 200))
  const kind = Math.floor(random() * 5)
  if (kind === 0) {
    const name = Buffer.from(`${fragment}:x`.padEnd(12, 'x'))
    const attributes = Buffer.concat([Buffer.from([0, 6, 0, name.length]), name, Buffer.from([0, 8, 0, 20]), bytes(random, 20), body])
    const head = Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42])
    head.writeUInt16BE(random() < 0.5 ? attributes.length : Math.floor(random() * 65_536), 2)
    return Buffer.concat([head, bytes(random, 12), attributes])
  }
  if (kind === 1) return Buffer.concat([Buffer.from([20 + Math.floor(random() * 44), 0xfe, 0xfd, 0, 0]), body])
  if (kind === 2) return Buffer.concat([Buffer.from([0x80 + Math.floor(random() * 64), Math.floor(random() * 128)]), body])
  if (kind === 3) return Buffer.concat([Buffer.from([0x80, 200 + Math.floor(random() * 8), 0xff, 0xff]), body])
  return body
}

t.test('garbage at the media port does nothing to the worker or to who sends through it', async (t) => {
  const seed = 20_260
  const random = seededRandom(seed)
  const rig = new RtcRig(t)
  await publishing(t, rig)
  const session = rig.published[0]!
  const port = portOf(session.answer)
  const fragment = /a=ice-ufrag:(\S+)/.exec(session.answer)![1]!
  const pids = rig.rtc.pids
  const sockets = Array.from({ length: 4 }, () => createSocket('udp4'))
  for (let packet = 0; packet < 4000; packet += 1) {
    sockets[packet % 4]!.send(garbage(random, fragment), port, '127.0.0.1')
    if (packet % 200 === 0) await new Promise((resolve) => { setImmediate(resolve) })
  }
  const streams = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  for (const stream of streams) for (let part = 0; part < 10; part += 1) stream.write(garbage(random, fragment))
  const before = session.packetsTotal
  await waitUntil('it is still heard', () => session.packetsTotal > before + 25)
  t.same(rig.rtc.pids, pids, `the worker lives (seed ${String(seed)})`)
  t.equal(session.endReason, undefined)
  t.equal(rig.rtc.diedTotal, 0)
  for (const socket of sockets) socket.close()
  for (const stream of streams) stream.destroy()
})

t.test('the death of a worker takes only those who sent through it, and they are back at once', async (t) => {
  const rig = new RtcRig(t, { ports: [0, 0] })
  // The ninth session starts the second worker.
  const offer = await new Promise<string>((resolve, reject) => { RtcPeer.publish((text) => { resolve(text); return Promise.reject(new Error('only the offer is wanted')) }).catch(reject).catch(() => undefined) })
  for (let at = 0; at < 8; at += 1) await rig.whip(offer)
  t.equal(rig.rtc.pids.length, 1)
  await publishing(t, rig)
  t.equal(rig.rtc.pids.length, 2, 'on demand')
  const neighbour = rig.published[8]!
  const [first] = rig.rtc.pids
  process.kill(first!, 'SIGKILL')
  const killedMs = performance.now()
  await waitUntil('its sessions are told', () => rig.published.slice(0, 8).every(({ endReason }) => endReason === 'the WebRTC worker died'))
  await publishing(t, rig)
  await waitUntil('it is heard again', () => rig.published[9]!.packetsTotal > 0)
  t.comment(`heard again ${(performance.now() - killedMs).toFixed(0)} ms after the kill`)
  await waitUntil('another worker runs', () => rig.rtc.pids.length === 2 && !rig.rtc.pids.includes(first!))
  const before = neighbour.packetsTotal
  await waitUntil('the neighbour sends on', () => neighbour.packetsTotal > before + 10)
  t.equal(neighbour.endReason, undefined)
  t.equal(neighbour.lostTotal, 0)
  t.equal(rig.rtc.diedTotal, 1)
})

t.test('who offers and never comes is forgotten, and his place is free', async (t) => {
  const clock = new FakeClock()
  const rig = new RtcRig(t, {}, clock)
  const nowhere = { candidates: /nowhere/ }
  const publisher = await RtcPeer.publish(rig.whip, nowhere)
  const monitor = await RtcPeer.play(rig.whep, nowhere)
  t.teardown(() => Promise.all([publisher.close(), monitor.close()]))
  clock.advance(14_000)
  rig.published[0]!.check()
  t.same([rig.published[0]!.endReason, rig.monitors[0]!.endReason], [undefined, undefined])
  clock.advance(1100)
  rig.published[0]!.check()
  for (const { endReason } of [rig.published[0]!, rig.monitors[0]!]) t.match(endReason, /did not connect: are UDP and TCP/)
})

t.test('thousands of wrong keys keep nobody out who has the right one', async (t) => {
  const credentials = new Credentials()
  credentials.replace({ type: 'fan-out-state', clusters: [], studioSources: [{ id: 's1', mount: '/whip/s1', keyHash: hashSecret('right'), takeover: 'refuse', engine: 0 }], monitorTokenHashes: [], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0 })
  const attempts = new AttemptReporter(() => 0, () => undefined)
  t.teardown(() => { attempts.close() })
  const endpoint = new WhipEndpoint({ runDir: '/nowhere', credentials, attempts, nowSamples: () => 0 }, () => undefined)
  const http = createServer((request, response) => { endpoint.handle(request, response) })
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { http.close() })
  const post = async (key: string): Promise<number> => (await fetch(`http://127.0.0.1:${String((http.address() as AddressInfo).port)}/whip/s1`, { method: 'POST', headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/sdp' }, body: 'v=0' })).status
  const wrong = new Set<number>()
  for (let round = 0; round < 40; round += 1) for (const status of await Promise.all(Array.from({ length: 50 }, (_, at) => post(`wrong-${String(round)}-${String(at)}`)))) wrong.add(status)
  t.same([...wrong], [401])
  t.equal(endpoint.refused, 2000, 'all counted')
  t.equal(await post('right'), 503, 'let through to an engine, of which there is none here')
})

t.test('an offer beyond all measure is refused before it costs anything', (t) => {
  const head = ['v=0', 'o=- 1 0 IN IP4 0.0.0.0', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=setup:actpass', 'a=ice-ufrag:Vz3d', 'a=ice-pwd:oLu7mFqmVbCyiWXhvkFrU1mB', 'a=rtcp-mux', 'a=sendonly', 'a=rtpmap:96 opus/48000/2', 'a=mid:0', 'a=fingerprint:sha-256 00:01']
  const candidates = (count: number): string[] => Array.from({ length: count }, (_, at) => `a=candidate:${String(at)} 1 UDP 1 192.0.2.1 9 typ host`)
  const offer = (lines: string[]): (() => unknown) => () => readOffer([...head, ...lines, ''].join('\r\n'))
  t.ok(offer(candidates(250))())
  t.throws(offer(candidates(1000)), { code: 'WEBRTC_ERR_OFFER', status: 422, message: /candidates/ })
  t.throws(offer(Array.from({ length: 10_000 }, () => 'a=x:y')), { code: 'WEBRTC_ERR_OFFER', status: 400 })
  t.throws(offer(Array.from({ length: 17 }, () => 'm=video 9 UDP/TLS/RTP/SAVPF 97')), { code: 'WEBRTC_ERR_OFFER', status: 422 })
  t.end()
})

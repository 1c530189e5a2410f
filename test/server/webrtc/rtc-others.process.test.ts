import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { iceServerLinks } from '../../../server/webrtc/rtc-settings.ts'
import { RtcPeer } from '../../support/rtc-peer.ts'
import { opusFrames, RtcRig } from '../../support/rtc-rig.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(200_000)

const HZ = 800
const FRAMES = opusFrames(Float32Array.from({ length: 48_000 }, (_, at) => 0.3 * Math.sin((2 * Math.PI * HZ * at) / 48_000)))

/** A program that lives as long as the test; what it says is kept. */
function program(t: Test, command: string, args: readonly string[]): { readonly said: () => string } {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => { text += part })
  t.teardown(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  return { said: () => text }
}

async function overHttp(t: Test, rig: RtcRig): Promise<string> {
  const http = createServer((request, response) => {
    let offer = ''
    request.setEncoding('utf8').on('data', (part: string) => { offer += part }).on('end', () => {
      (request.url === '/whip' ? rig.whip : rig.whep)(offer).then((answer) => response.writeHead(201, { 'content-type': 'application/sdp' }).end(answer), (error: unknown) => response.writeHead(422).end(String(error)))
    })
  })
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { http.close() })
  return `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`
}

t.test('GStreamer publishes and listens', async (t) => {
  // It offers no loopback address.
  const rig = new RtcRig(t, { listenAddress: '' })
  const url = await overHttp(t, rig)
  const script = join(import.meta.dirname, '../../support/gst-rtc.py')
  const publisher = program(t, '/usr/bin/python3', [script, 'publish', `${url}/whip`, 'key'])
  const listener = program(t, '/usr/bin/python3', [script, 'play', `${url}/whep`, 'token'])
  let sent = 0
  const timer = setInterval(() => { rig.feedFrame(sent, FRAMES[sent++ % 50]!) }, 20)
  t.teardown(() => { clearInterval(timer) })
  const pcm = new Float32Array(24_000)
  const block = new Float32Array(960)
  let at = 0
  let ratioDb = -Infinity
  const reader = setInterval(() => {
    const session = rig.published[0]
    if (session === undefined) return
    const filled = session.read(block)
    if (at + 960 > pcm.length) return
    at = filled < 960 ? 0 : at + 960
    if (at > 0) pcm.set(block, at - 960)
  }, 20)
  t.teardown(() => { clearInterval(reader) })
  await waitUntil('what it publishes is heard', () => {
    if (publisher.said() !== '') throw new Error(publisher.said())
    if (at + 960 <= pcm.length) return false
    ratioDb = shortToneRatioDb(pcm, HZ)
    at = ratioDb > 20 ? at : 0
    return ratioDb > 20
  }, 30_000)
  t.ok(ratioDb > 20, `${ratioDb.toFixed(1)} dB over everything else`)
  const session = rig.published[0]!
  await waitUntil('its pauses are known for what they are', () => session.buffer.pauses)
  t.equal(session.lostTotal, 0, 'nothing is lost in them')
  t.comment(`${session.buffer.targetMs.toFixed(0)} ms are thought to be needed`)
  // A sine of 0.3 is −13.5 dB.
  const level = await waitUntil('it hears', () => /^level (-1[2-5]\.\d+)/m.exec(listener.said())?.[1], 30_000)
  t.comment(`it hears ${level} dBFS`)
})

// Not among the packages of the tests, because Debian starts it as a service that anybody can reach.
const hasTurnServer = spawnSync('turnserver', ['--version']).error === undefined

t.test('through a TURN server, with the credentials that clients are given', { skip: hasTurnServer ? false : 'coturn is not installed' }, async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => { socket.close(resolve) })
  const folder = t.testdir()
  const turn = program(t, 'turnserver', ['-n', '--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port), '--use-auth-secret', '--static-auth-secret', 'a secret', '--realm', 'loa', '--allow-loopback-peers', '--no-tls', '--no-dtls', '--no-cli', '--log-file', 'stdout', '--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')])
  await waitUntil('the TURN server listens', () => /Total General servers/.test(turn.said()))
  const [link] = iceServerLinks({ iceServers: `turn:127.0.0.1:${String(port)}?transport=udp`, turnSecret: 'a secret' }, Date.now())
  const [, urls = '', username = '', credential = ''] = /^<([^>]+)>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"; credential-type="password"$/.exec(link!) ?? []
  const rig = new RtcRig(t)
  const peer = await RtcPeer.publish(rig.whip, { config: { iceTransportPolicy: 'relay', iceServers: [{ urls, username, credential }] } })
  t.teardown(() => peer.close())
  await waitUntil('it is connected', () => peer.state === 'connected', 30_000)
  const timer = setInterval(() => { peer.send(FRAMES[0]!) }, 20)
  t.teardown(() => { clearInterval(timer) })
  await waitUntil('its packets come', () => rig.published[0]!.packetsTotal > 10)
  t.equal(peer.state, 'connected')
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { httpFiles } from '../../speaker/alone/http-files.ts'
import { pinnedTls, wsConnect } from '../../speaker/client/ws-link.ts'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { keyIdentity } from '../../speaker/key-identity.ts'
import { enrol } from '../../speaker/trust/enrol.ts'
import { TrustFiles } from '../../speaker/trust/trust-files.ts'
import { LoaServer } from '../support/loa-server.ts'
import { SpeakerProcess } from '../support/speaker-process.ts'
import { makeCertificate, TlsFront } from '../support/tls-front.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const HZ = 1500
const ANOTHER = /another certificate than the pinned one/
/** The head of an upgrade and nothing after it, not even a frame. */
const ONLY_AN_UPGRADE = /^GET \/v1\/speaker HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)+\r\n$/

/** @returns 'open', or why it was not */
function attempt(server: string, pins: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const link = wsConnect({ server, pins })({
      open() {
        link.close(1000, '')
        resolve('open')
      },
      text: () => undefined,
      binary: () => undefined,
      closed(_code, reason) { resolve(reason) },
    })
  })
}

t.test('over TLS a device talks to the server of the pinned key, and to nobody else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loa-tls-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const [own, other] = [makeCertificate(folder, 'own'), makeCertificate(folder, 'other')]
  const renewed = makeCertificate(folder, 'renewed', own)
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1' })
  const front = await TlsFront.listen(server.streamPort, other)
  t.teardown(() => { front.close() })
  const unit = await server.unit('X1')
  const { id, key } = await server.cluster(unit, 'C1')
  const order = await server.order('normal', await server.tone('Nền', HZ), [unit])
  const state = join(folder, 'state')
  const trust = new TrustFiles(join(state, 'trust'))
  const { code } = (await server.post(`/v1/clusters/${id}/enrolment-codes`)) as { code: string }
  const ended = (): Promise<boolean> => waitUntil('every connection has ended', () => front.said.length > 0 && front.said.every(({ open }) => !open))
  const neverMoreThanAnUpgrade = async (): Promise<void> => {
    await ended()
    for (const { text } of front.said) t.match(text, ONLY_AN_UPGRADE, 'nothing but an upgrade was sent')
  }

  await t.rejects(enrol(wsConnect({ server: front.address, pins: [own.keyPin] }), trust, code), { message: ANOTHER })
  await neverMoreThanAnUpgrade()
  front.use(own)
  const { deviceId } = await enrol(wsConnect({ server: front.address, pins: [own.keyPin] }), trust, code)
  t.type(deviceId, 'string', 'the code was not shown to the other')

  const agent = new SpeakerProcess(folder, 'agent', ['--server', front.address, '--state', state, '--pin', own.keyPin])
  t.teardown(() => agent.stop())
  const reached = (stage: string) => async (): Promise<boolean> => {
    const { body } = await server.request('GET', `/v1/clusters/${id}/speaker`)
    return body['stage'] === stage && body['orderId'] === order
  }
  await waitUntil('the agent plays what it has verified', reached('played'), 30_000)

  front.use(other)
  await waitUntil('the agent says what is wrong', () => agent.events.find(({ event, reason }) => event === 'lost' && ANOTHER.test(String(reason))), 30_000)
  await neverMoreThanAnUpgrade()
  t.equal(agent.events.filter(({ event }) => event === 'connected').length, 1)

  front.use(renewed)
  await waitUntil('the agent is back: the key is the one it was', () => agent.events.filter(({ event }) => event === 'connected').length === 2, 30_000)
  await waitUntil('and plays', reached('played'), 30_000)
  const { sample: backAt } = agent.taps.at(-1)!
  await waitUntil('a second of it', () => agent.taps.at(-1)!.sample - backAt > 1.5 * 48_000)
  await agent.stop()
  const bytes = readFileSync(agent.wav).subarray(44)
  const pcm = Float32Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readInt16LE(at * 2) / 32_768)
  t.ok(shortToneRatioDb(pcm.subarray(-48_000), HZ) > 20, 'the tone')

  await t.test('what a pin is', async (t) => {
    t.equal(await attempt(front.address, [renewed.fingerprint]), 'open', 'of the certificate')
    t.match(await attempt(front.address, [own.fingerprint]), ANOTHER, 'which a renewal changes')
    t.equal(await attempt(front.address, [other.keyPin, `sha256:${own.keyPin.toUpperCase()}`]), 'open', 'one of several')
    t.match(await attempt(front.address, []), /self-signed/, 'without a pin a certificate must be signed by somebody')
    t.throws(() => wsConnect({ server: 'ws://127.0.0.1', pins: [own.keyPin] }), RangeError)
  })

  await t.test('files come the same way, and their request holds the key', async (t) => {
    const fetchFrom = (pin: string): Promise<unknown> => httpFiles({ server: front.address, identity: keyIdentity(id, key), clock: systemLocalClock(), houseMs: () => null, tls: pinnedTls([pin]) })(`/v1/speaker/files/${'0'.repeat(64)}`)
    front.use(other)
    await t.rejects(fetchFrom(own.keyPin), { message: ANOTHER })
    await ended()
    t.same(front.said.map(({ text }) => text), [''], 'so nothing at all is sent')
    front.use(renewed)
    await t.rejects(fetchFrom(own.keyPin), /the server answers 4/)
    t.match(front.said[0]?.text, /x-loa-key/i)
  })
})

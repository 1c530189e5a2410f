import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { NO_EQUIPMENT } from '../../../control/records.ts'
import { hashCode } from '../../../control/ids.ts'
import type { BroadcastEvent, ConnectionInfo } from '../../../control/ports.ts'
import { HouseClock, anchorFromWall } from '../../../rooms/house-clock.ts'
import { sourceRoom, type Plan } from '../../../rooms/plan.ts'
import { SpeakerDispatch } from '../../../server/director/speaker-dispatch.ts'
import type { FanOutPeer } from '../../../server/link/control-server.ts'
import type { ControlToFanOut } from '../../../server/link/messages.ts'
import { SigningKeys } from '../../../server/signing/signing-keys.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { newKeyPair } from '../../../speaker/trust/keys.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitUntil } from '../../support/wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-dispatch-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

interface Sent {
  readonly clusterId: string
  readonly kind: string
  readonly keyId: string
  readonly body: Readonly<Record<string, unknown>>
}

function build(t: { teardown(fn: () => void): void }) {
  const clock = new FakeClock({ wallMs: Date.UTC(2026, 5, 18, 3) })
  const house = new HouseClock(clock, anchorFromWall(clock))
  const store = SqliteStore.inMemory()
  const keys = SigningKeys.open(mkdtempSync(join(folder, 'd-')), clock.wallMs())
  const sent: Sent[] = []
  const plain: string[] = []
  const answers: ControlToFanOut[] = []
  const events: BroadcastEvent[] = []
  const enrolled: string[] = []
  const peer = {
    send(message: ControlToFanOut) {
      if (message.type !== 'speaker-messages') {
        answers.push(message)
        return
      }
      for (const { clusterId, text } of message.items) {
        const envelope = JSON.parse(text) as { type: string; keyId: string; body: string }
        if (envelope.type !== 'signed') {
          plain.push(text)
          continue
        }
        const body = JSON.parse(Buffer.from(envelope.body, 'base64url').toString('utf8')) as Record<string, unknown>
        sent.push({ clusterId, kind: String(body['kind']), keyId: envelope.keyId, body })
      }
    },
  } as unknown as FanOutPeer
  const plans = new Map<string, Plan>()
  const dispatch = new SpeakerDispatch({
    store, keys, clock,
    nowSamples: () => Math.floor(house.nowSamples()),
    wallMs: () => clock.wallMs(),
    planOf: (clusterId) => plans.get(clusterId) ?? [],
    nativePeers: () => [peer],
    enrolled: (clusterId) => { enrolled.push(clusterId) },
    emit: (event) => { events.push(event) },
    logger: pino({ level: 'silent' }),
  })
  t.teardown(() => {
    dispatch.close()
    store.close()
  })
  const connection = (clusterId: string, connectionId = `x-${clusterId}`, instanceId: string | null = 'an-instance'): ConnectionInfo => ({ clusterId, connectionId, protocol: 'native', format: 'opus-32', remoteAddress: '', sinceMs: 0, ...(instanceId === null ? {} : { instanceId }) })
  const settled = (): Promise<unknown> => waitUntil('all is signed', () => dispatch.pending === 0)
  const segment = (orderId: string, from: number, until: number, orderClass: 'emergency' | 'normal' = 'normal') => ({ room: sourceRoom('s'), orderId, class: orderClass, title: orderId, fromSamples: Math.floor(house.nowSamples()) + from * 48_000, untilSamples: Math.floor(house.nowSamples()) + until * 48_000 })
  return { clock, store, keys, sent, plain, answers, events, enrolled, peer, plans, dispatch, connection, settled, segment }
}

t.test('a device that comes gets keys, orders and commands, in this sequence', async (t) => {
  const h = build(t)
  h.plans.set('c1', [h.segment('a', 0, 60), h.segment('b', 60, 90)])
  h.keys.rotate(h.clock.wallMs(), 3_600_000)
  h.dispatch.commandGiven({ id: 'k1', type: 'mute', arguments: { muted: true }, targets: { units: [], clusters: ['c1'], tags: [] }, createdAtMs: 0, createdBy: 't', expiresAtMs: h.clock.wallMs() + 60_000 }, ['c1'])
  h.plain.length = 0
  h.dispatch.presence([h.connection('c1')], [])
  await h.settled()
  t.same(h.sent.map(({ kind, body }) => [kind, body['orderId'] ?? body['commandId'] ?? null]), [['keys', null], ['order', 'a'], ['order', 'b'], ['command', 'k1']])
  const [old, now] = h.keys.infos()
  t.same(h.sent.map(({ keyId }) => keyId), [old!.keyId, now!.keyId, now!.keyId, now!.keyId])
  const numbers = h.sent.map(({ body }) => Number(body['number']))
  t.ok(numbers.every((number, at) => at === 0 || number > numbers[at - 1]!))
  t.same(h.plain, [], 'nothing without a signature')

  h.sent.length = 0
  h.dispatch.acked({ type: 'speaker-ack', clusterId: 'c1', commandId: 'k1', result: 'done' })
  h.dispatch.gone('c1', 'x-c1')
  h.plans.set('c1', [])
  h.dispatch.plansChanged([{ clusters: ['c1'], plan: [] }])
  await h.settled()
  t.same(h.sent, [], 'nobody is there')
  h.dispatch.presence([h.connection('c1', 'x2')], [])
  await h.settled()
  t.same(h.sent.map(({ kind, body }) => [kind, body['orderId'] ?? null]), [['keys', null], ['order', 'a'], ['order', 'b']])
  t.ok(h.sent.slice(1).every(({ body }) => Date.parse(String(body['endsAt'])) <= h.clock.wallMs()), 'what was taken back meanwhile is closed')
})

t.test('a speaker with a key gets commands as they are', async (t) => {
  const h = build(t)
  h.dispatch.presence([h.connection('c1', 'x', null)], [])
  h.dispatch.commandGiven({ id: 'k1', type: 'volume', arguments: { percent: 3 }, targets: { units: [], clusters: ['c1'], tags: [] }, createdAtMs: 0, createdBy: 't', expiresAtMs: h.clock.wallMs() + 60_000 }, ['c1'])
  t.same(h.plain.map((text) => JSON.parse(text) as unknown), [{ type: 'command', commandId: 'k1', command: 'volume', arguments: { percent: 3 } }])
  await h.settled()
  t.same(h.sent, [])
})

t.test('enrolment, lease and alarms', async (t) => {
  const h = build(t)
  h.store.units.insert({ id: 'u', code: 'u', name: 'u', parentId: null, presentationDelayMs: null, createdAtMs: 0 })
  h.store.clusters.insert({ id: 'c1', unitId: 'u', code: 'c1', name: 'c1', tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: 'h', keyChangedAtMs: 0, createdAtMs: 0 })
  h.store.devices.addCode({ hash: hashCode('aaaa-bbbb'), clusterId: 'c1', createdAtMs: 0, createdBy: 't', expiresAtMs: h.clock.wallMs() + 1000 })
  const { publicKey } = newKeyPair()
  await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 1, code: 'aaaa-cccc', publicKey, remoteAddress: '192.0.2.1' })
  await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 2, code: 'AAAA bbbb', publicKey, remoteAddress: '192.0.2.1' })
  t.match(h.answers, [{ type: 'enrol-answer', requestId: 1, text: null }, { type: 'enrol-answer', requestId: 2, text: /"enrolled"/ }])
  t.same(h.enrolled, ['c1'], 'fan-outs are told before the device is')
  h.answers.length = 0
  await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 6, code: 'aaaabbbb', publicKey, remoteAddress: '192.0.2.1' })
  await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 7, code: 'aaaabbbb', publicKey: newKeyPair().publicKey, remoteAddress: '192.0.2.1' })
  t.match(h.answers, [{ requestId: 6, text: /"enrolled"/ }, { requestId: 7, text: null }], 'the answer was lost on its way: the same key is answered again, no other')
  t.equal(h.store.devices.ofCluster('c1').length, 1)
  h.dispatch.deviceChanged('c1')
  t.match(h.dispatch.credentialOf('c1'), { device: { publicKey } })
  for (let tried = 0; tried < 700; tried++) await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 3, code: `x${String(tried)}`, publicKey, remoteAddress: '' })
  h.store.devices.addCode({ hash: hashCode('dddd'), clusterId: 'c1', createdAtMs: 0, createdBy: 't', expiresAtMs: h.clock.wallMs() + 120_000 })
  h.answers.length = 0
  await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 4, code: 'dddd', publicKey, remoteAddress: '' })
  h.clock.advance(60_000)
  await h.dispatch.enrol(h.peer, { type: 'enrol-request', requestId: 5, code: 'dddd', publicKey, remoteAddress: '' })
  t.match(h.answers, [{ requestId: 4, text: null }, { requestId: 5, text: /"enrolled"/ }], 'guessing is bounded for a minute')

  h.answers.length = 0
  const lease = (requestId: number, instanceId: string): void => { h.dispatch.lease(h.peer, { type: 'lease-request', requestId, clusterId: 'c1', instanceId, remoteAddress: '192.0.2.9' }) }
  lease(1, 'one')
  h.dispatch.presence([h.connection('c1', 'x1', 'one')], [])
  for (const requestId of [2, 3, 4]) lease(requestId, 'two')
  t.same(h.answers.map((answer) => 'granted' in answer && answer.granted), [true, false, false, false])
  t.match(h.events.filter(({ type }) => type === 'fault'), [{ code: 'LOA_FAULT_IDENTITY_IN_USE', clusterId: 'c1', message: /192\.0\.2\.9/ }], 'told once a minute')
  h.dispatch.acked({ type: 'speaker-ack', clusterId: 'c1', commandId: 'order-7', result: 'refused', reason: 'bad-signature' })
  h.dispatch.acked({ type: 'speaker-ack', clusterId: 'c1', commandId: 'order-8', result: 'refused', reason: 'bad-signature' })
  t.match(h.events.at(-1), { code: 'LOA_FAULT_SPEAKER_REFUSED', message: /bad-signature/ })
  t.equal(h.events.length, 2)
  h.dispatch.presence([], [{ clusterId: 'c1', connectionId: 'x1', reason: 'closed', silentMs: 3000 }])
  h.clock.advance(10_000)
  lease(5, 'two')
  t.match(h.answers.at(-1), { granted: true })
})

t.test('an emergency for two thousand devices holds the assignment up for nothing', async (t) => {
  const h = build(t)
  const ids = Array.from({ length: 2000 }, (_, index) => `c-${String(index)}`)
  const before: Plan = [h.segment('music', -10, 3600)]
  for (const id of ids) h.plans.set(id, before)
  h.dispatch.presence(ids.map((id) => h.connection(id)), [])
  await h.settled()
  t.equal(h.sent.length, 2000)
  h.sent.length = 0
  const plan: Plan = [h.segment('flood', 0, 600, 'emergency')]
  for (const id of ids) h.plans.set(id, plan)
  const startMs = performance.now()
  h.dispatch.plansChanged([{ clusters: ids, plan }])
  const returnedMs = performance.now() - startMs
  await waitUntil('all emergencies are out', () => h.sent.filter(({ body }) => body['orderId'] === 'flood').length === 2000)
  const emergenciesMs = performance.now() - startMs
  t.ok(h.sent.slice(0, 2000).every(({ body }) => body['orderId'] === 'flood'), 'what is closed waits')
  await h.settled()
  t.equal(h.sent.length, 4000)
  t.comment(`plansChanged() returned after ${returnedMs.toFixed(1)} ms; 2000 emergencies were signed and out after ${emergenciesMs.toFixed(0)} ms`)
  t.ok(returnedMs < 200, 'bound for a busy machine')
})

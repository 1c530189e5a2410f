import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newKeyPair, proofText, signWith } from '../../speaker/trust/keys.ts'
import { watchFaults, type FaultEvent } from '../support/fault-events.ts'
import { LoaServer } from '../support/loa-server.ts'
import { ask, enrolDevice, ScriptedDevice } from '../support/scripted-device.ts'
import { fc } from '../support/seed.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

type Json = Record<string, unknown>

t.test('enrolled devices', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const [one, two] = [await server.cluster(unit, 'C1'), await server.cluster(unit, 'C2')]
  const tone = await server.tone('Còi', 1500)
  const open: ScriptedDevice[] = []
  t.teardown(() => { for (const { socket } of open) socket.terminate() })
  const connect = (...given: ConstructorParameters<typeof ScriptedDevice> extends [LoaServer, ...infer Rest] ? Rest : never): ScriptedDevice => {
    const device = new ScriptedDevice(server, ...given)
    open.push(device)
    return device
  }
  const events: FaultEvent[] = []
  const watching = new AbortController()
  t.teardown(() => { watching.abort() })
  await watchFaults(server, events, watching.signal)

  const identity = await enrolDevice(server, one.id)

  await t.test('are enrolled by a code, once', async (t) => {
    t.equal(statSync(join(server.dataDir, 'signing-keys.json')).mode & 0o777, 0o600)
    t.match(await server.get('/v1/signing-keys'), { items: [{ keyId: identity.keys[0]!.keyId, publicKey: identity.keys[0]!.publicKey, signs: true }] })
    t.match(await server.get(`/v1/clusters/${one.id}/devices`), { items: [{ id: identity.deviceId, publicKey: identity.pair.publicKey, revokedAt: null }] })
    const { code } = (await server.post(`/v1/clusters/${two.id}/enrolment-codes`)) as { code: string }
    const { publicKey } = newKeyPair()
    const enrol = { type: 'enrol', protocol: 1, code, publicKey }
    t.match(await ask(server, { ...enrol, code: '0000-0000-0000-0000' }), { answer: { code: 'STREAM_ERR_CODE_WRONG', status: 401 }, code: 4401 })
    t.match(await ask(server, { ...enrol, publicKey: 'A'.repeat(42) + 'B' }), { answer: { code: 'STREAM_ERR_BAD_REQUEST' }, code: 4401 }, 'loose bits')
    t.match(await ask(server, enrol), { answer: { type: 'enrolled', clusterId: two.id, record: { type: 'signed' } }, code: 1000 })
    t.match(await ask(server, enrol), { answer: { type: 'enrolled', clusterId: two.id }, code: 1000 }, 'the same device may have lost the answer')
    t.match(await ask(server, { ...enrol, publicKey: newKeyPair().publicKey }), { answer: { code: 'STREAM_ERR_CODE_WRONG' }, code: 4401 }, 'used by another')
    t.equal((await server.get(`/v1/clusters/${two.id}/devices`) as { items: unknown[] }).items.length, 1)
    t.match(await ask(server, { type: 'hello', protocol: 1, clusterId: one.id, key: one.key }), { answer: { code: 'STREAM_ERR_ENROLLED', status: 403 }, code: 4401 }, 'the key opens nothing now')
    t.equal((await fetch(`${server.stream}/listen/${one.id}.mp3?key=${one.key}`)).status, 403)
  })

  await t.test('prove themselves, or are refused', async (t) => {
    const stranger = { ...identity, pair: newKeyPair() }
    const cases: [string, ScriptedDevice][] = [
      ['another key', connect(stranger)],
      ['no proof', connect(identity, { prove: () => ({ type: 'status' }) })],
      ['a recorded proof', connect(identity, { prove: () => ({ type: 'proof', signature: signWith(identity.pair, proofText('an-older-nonce', one.id, identity.deviceId, 'i')) }) })],
      ['another cluster', connect({ ...identity, clusterId: two.id })],
      ['no such cluster', connect({ ...identity, clusterId: 'c-nobody' })],
    ]
    for (const [name, device] of cases) {
      await waitUntil(name, () => device.closed)
      t.match(device.closed, { code: 4401, reason: '401 STREAM_ERR_PROOF_WRONG' }, name)
      t.equal(device.frames, 0)
    }
    const nonces = cases.map(([, { texts }]) => texts[0]!['nonce'])
    t.equal(new Set(nonces).size, nonces.length, 'no challenge comes twice')
  })

  await t.test('get every order signed, and its end', async (t) => {
    const device = await connect(identity).welcomed()
    const orderId = await server.order('emergency', tone, [unit], { title: 'Lũ', durationMs: 3_600_000 })
    const order = await waitUntil('the signed order', () => device.bodies('order')[0])
    t.match(order, { orderId, class: 'emergency', title: 'Lũ' })
    const [startMs, endMs] = [Date.parse(order.startsAt), Date.parse(order.endsAt)]
    t.ok(Math.abs(startMs - Date.now()) < 5000)
    t.ok(endMs - Date.now() <= 600_000 && endMs - Date.now() > 550_000, 'ten minutes ahead at most')
    await waitUntil('sound', () => device.frames > 10)
    await server.stopOrder(orderId)
    const ended = await waitUntil('its end', () => device.bodies('order').find((body) => body.orderId === orderId && Date.parse(body.endsAt) < endMs))
    t.ok(Date.parse(ended.endsAt) - Date.now() < 1000)

    const second = await server.order('normal', tone, [unit], { durationMs: 60_000 })
    await waitUntil('the next order', () => device.bodies('order').some((body) => body.orderId === second))
    await device.cut()
    const again = connect(identity, { instanceId: 'instance-of-this-test' })
    await waitUntil('another instance has to wait', () => again.closed)
    t.match(again.closed, { reason: '409 STREAM_ERR_IN_USE' })
    t.ok(device.opened().every((one) => 'body' in one), 'every signature is good')
    const numbers = device.bodies('order').map(({ number }) => number)
    t.same(numbers, [...new Set(numbers)].sort((a, b) => a - b), 'numbers rise')
    await server.stopOrder(second)
  })

  await t.test('have their identity to themselves, and whoever copies it is told of', async (t) => {
    const instanceId = 'one-instance-only-1'
    const first = await waitUntil('the lease of the one before is over', async () => {
      const device = connect(identity, { instanceId })
      await waitUntil('an answer', () => device.closed !== null || device.texts.some(({ type }) => type === 'welcome'))
      return device.closed === null ? device : undefined
    }, 20_000)
    const copy = connect(identity, { instanceId: 'one-instance-only-2' })
    await waitUntil('the copy is refused', () => copy.closed)
    t.match(copy.closed, { code: 4401, reason: '409 STREAM_ERR_IN_USE' })
    t.match(await waitUntil('the alarm', () => events.find(({ code }) => code === 'LOA_FAULT_IDENTITY_IN_USE')), { clusterId: one.id })
    t.equal(first.closed, null)
    const same = await connect(identity, { instanceId }).welcomed()
    await waitUntil('the same instance replaces at once', () => first.closed)
    t.equal(first.closed!.code, 4009)
    await same.cut()
    // Control is asked for every hello; without it the device is served all the same.
    const { 'control-0': pid } = await server.pids()
    process.kill(pid!, 'SIGKILL')
    const alone = await connect(identity, { instanceId }).welcomed()
    t.equal(alone.closed, null)
    await waitUntil('control is back', async () => (await server.request('GET', '/readyz').catch(() => ({ status: 0 }))).status === 200, 30_000)
    await watchFaults(server, events, watching.signal)
    const late = connect(identity, { instanceId: 'one-instance-only-3' })
    await waitUntil('a new control knows who is there', () => late.closed)
    t.match(late.closed, { reason: '409 STREAM_ERR_IN_USE' })
    await alone.cut()
    const back = await connect(identity, { instanceId }).welcomed()
    t.equal(back.closed, null)
  })

  await t.test('take commands, now or when they come, and answer', async (t) => {
    const device = open.at(-1)!
    const give = async (clusterId: string, body: object): Promise<string> => (await server.post(`/v1/clusters/${clusterId}/commands`, body))['id'] as string
    const counts = async (id: string): Promise<Json> => (await server.get(`/v1/commands/${id}`))['clusters'] as Json
    const volume = await give(one.id, { type: 'volume', percent: 40 })
    const got = await waitUntil('the command', () => device.bodies('command')[0])
    t.match(got, { commandId: volume, command: 'volume', arguments: { percent: 40 } })
    t.notOk(device.texts.some(({ type }) => type === 'command'), 'none without a signature')
    t.match(await counts(volume), { targeted: 1, waiting: 1 })
    device.send({ type: 'ack', commandId: volume, number: got.number, result: 'done' })
    await waitUntil('the answer is counted', async () => (await counts(volume))['done'] === 1)

    await device.cut()
    const amplifier = await give(one.id, { type: 'amplifier', on: true })
    const brief = await give(one.id, { type: 'identify', expiresInMs: 1000 })
    await waitUntil('the brief one is over', async () => (await counts(brief))['expired'] === 1)
    const later = await connect(identity, { instanceId: 'one-instance-only-1' }).welcomed()
    const waited = await waitUntil('the command that waited', () => later.bodies('command')[0])
    t.match(waited, { commandId: amplifier, command: 'amplifier', arguments: { on: true } })
    later.send({ type: 'ack', commandId: amplifier, number: waited.number, result: 'failed', reason: 'no hook' })
    await waitUntil('the answer is counted', async () => (await counts(amplifier))['failed'] === 1)
    t.match((await server.get(`/v1/commands/${amplifier}`))['problems'], [{ clusterId: one.id, result: 'failed', reason: 'no hook' }])
    t.equal(later.bodies('command').length, 1, 'what was answered, or is over, does not come again')
    later.send({ type: 'ack', commandId: 'order-77', number: 77, result: 'refused', reason: 'replay' })
    t.match(await waitUntil('a refusal is told of', () => events.find(({ code }) => code === 'LOA_FAULT_SPEAKER_REFUSED')), { clusterId: one.id })
  })

  await t.test('learn a new key from the old one, and go with their enrolment', async (t) => {
    const device = open.at(-1)!
    const { items } = (await server.post('/v1/signing-keys/rotate', { overlapMs: 3_600_000 })) as { items: { keyId: string }[] }
    const keys = (await waitUntil('the keys', () => device.bodies('keys')[0])).keys
    t.same(keys.map(({ keyId }) => keyId), items.map(({ keyId }) => keyId))
    await server.post(`/v1/clusters/${one.id}/commands`, { type: 'identify' })
    const command = await waitUntil('a command signed by the new key', () => device.bodies('command', keys).find((body) => body.command === 'identify'))
    t.type(command.number, 'number')
    t.match(device.opened().at(-1), { refusal: 'unknown-key' }, 'who knows the old key alone cannot read it')
    t.ok(device.opened(keys).every((one) => 'body' in one))
    const other = await connect(identity, { instanceId: 'one-instance-only-1' }).welcomed()
    t.match(await waitUntil('the keys at every hello in the overlap', () => other.bodies('keys')[0]), { number: Number })
    await server.post(`/v1/devices/${identity.deviceId}/revoke`)
    await waitUntil('it is cut', () => other.closed)
    t.equal(other.closed!.code, 4001)
    const refused = connect(identity)
    await waitUntil('and kept out', () => refused.closed)
    t.match(refused.closed, { reason: '401 STREAM_ERR_PROOF_WRONG' })
    t.match(await ask(server, { type: 'hello', protocol: 1, clusterId: one.id, key: 'x' }), { answer: { code: 'STREAM_ERR_KEY_WRONG' } })
    t.equal((await enrolDevice(server, one.id, identity.pair)).deviceId, identity.deviceId, 'it may be enrolled again')
  })

  await t.test('nothing else is taken, and nothing breaks', async (t) => {
    const field = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constantFrom(one.id, identity.deviceId, identity.pair.publicKey, 'A'.repeat(43), 'A'.repeat(86), 'x\ny'))
    const message = fc.oneof(
      fc.record({ type: fc.constantFrom('enrol', 'hello', 'proof', 'challenge', 'signed'), protocol: fc.constantFrom(1, 2), code: field, publicKey: field, clusterId: field, deviceId: field, instanceId: field, signature: field, key: field }, { requiredKeys: ['type'] }).map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string(),
    )
    const sent = fc.sample(message, 60)
    const answers = await Promise.all(sent.map((text) => Promise.race([ask(server, text), new Promise<{ code: number; answer: Json | null }>((resolve) => { setTimeout(() => { resolve({ code: 4401, answer: null }) }, 4000).unref() })])))
    t.same(answers.filter(({ code }) => ![4400, 4401].includes(code)), [])
    t.notOk(answers.some(({ answer }) => answer?.['type'] === 'enrolled' || answer?.['type'] === 'welcome'))
    t.equal((await server.request('GET', '/readyz')).status, 200)
    t.notMatch(server.log, /uncaught|unhandled/i)
  })
})

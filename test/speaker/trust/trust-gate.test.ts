import { sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { houseTimeText } from '../../../server/signing/signer.ts'
import type { AckMessage, CommandResult, SignedMessage, VerifiedCommand } from '../../../speaker/ports.ts'
import { housePlaceOf, parseHouseTime } from '../../../speaker/trust/house-wall.ts'
import { TrustFiles } from '../../../speaker/trust/trust-files.ts'
import { TrustGate } from '../../../speaker/trust/trust-gate.ts'
import { fc } from '../../support/seed.ts'
import { privateKeyOf, proofVectors, signedVectors, type VectorKey } from '../../support/vectors.ts'

const { keys: KEYS, state: STATE } = signedVectors
const CLUSTER = STATE.clusterId
const NOW_MS = parseHouseTime(STATE.houseTime)
const usAt = (houseMs: number): number => (houseMs - Date.UTC(2026, 0, 1)) * 1000

const folders: string[] = []
t.teardown(() => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }) })

/** A device enrolled under the keys of the vectors, in a folder of its own. */
async function enrolled(): Promise<{ folder: string; files: TrustFiles }> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-trust-'))
  folders.push(folder)
  const files = new TrustFiles(folder)
  const { publicKey, seed, deviceId } = proofVectors.device
  await files.enrolled({ clusterId: CLUSTER, deviceId, instanceId: 'instance-0123456789', publicKey, privateKey: seed, keys: [...STATE.trustedKeys], record: null }, 0)
  return { folder, files }
}

const open = async (files: TrustFiles, more: Partial<Parameters<typeof TrustGate.open>[0]> = {}): Promise<TrustGate> => (await TrustGate.open({ files, ...more }))!

function signed(fields: Record<string, unknown>, number: number, key: VectorKey = KEYS.server, more: Record<string, unknown> = {}): SignedMessage {
  const body = Buffer.from(JSON.stringify({ clusterId: CLUSTER, number, issuedAt: houseTimeText(NOW_MS), expiresAt: houseTimeText(NOW_MS + 60_000), ...fields, ...more }))
  return { type: 'signed', keyId: key.keyId, body: body.toString('base64url'), signature: sign(null, Buffer.concat([Buffer.from('loa-signed-1\n'), body]), privateKeyOf(key)).toString('base64url') }
}
const order = (number: number, startMs = 0, endMs = 60_000, orderId = 'o-1', key = KEYS.server, more = {}): SignedMessage =>
  signed({ kind: 'order', orderId, class: 'normal', title: 'x', startsAt: houseTimeText(NOW_MS + startMs), endsAt: houseTimeText(NOW_MS + endMs) }, number, key, more)
const command = (number: number, commandId = `k-${String(number)}`): SignedMessage => signed({ kind: 'command', commandId, command: 'volume', arguments: { percent: 70 } }, number)
const keysMessage = (number: number, keys: readonly object[], key = KEYS.server): SignedMessage => signed({ kind: 'keys', keys }, number, key)
const trusted = ({ keyId, publicKey }: VectorKey, endMs: number | null = null): object => ({ keyId, publicKey, notBefore: houseTimeText(NOW_MS - 1000), notAfter: endMs === null ? null : houseTimeText(NOW_MS + endMs) })

const done = (): Promise<CommandResult> => Promise.resolve({ result: 'done' })
const take = (gate: TrustGate, message: SignedMessage, afterMs = 0, run: (command: VerifiedCommand) => Promise<CommandResult> = done): Promise<AckMessage | null> => gate.take(message, usAt(NOW_MS + afterMs), run)
const place = (afterMs: number): number => housePlaceOf(NOW_MS + afterMs)

t.test('an order may sound from its start to its end, and nothing else may', async (t) => {
  const { files } = await enrolled()
  const gate = await open(files)
  t.equal(gate.maySound('o-1', place(0)), false, 'before any word of the server')
  t.equal(await take(gate, order(10, 1000, 2000)), null)
  t.same([999, 1000, 1999, 2000].map((ms) => gate.maySound('o-1', place(ms))), [false, true, true, false])
  t.equal(gate.maySound('o-1', place(2000) - 1), true, 'to the last sample')
  t.equal(gate.maySound('o-2', place(1500)), false)
  t.equal(gate.maySound(null, place(1500)), false, 'sound of no order')
  t.equal(await take(gate, order(11, 1000, 1200)), null)
  t.equal(gate.maySound('o-1', place(1500)), false, 'taken back')
  t.equal(await take(gate, order(12, 1000, 1200, 'o-1'), 0), null)
  t.match(await take(gate, order(11, 1000, 9000)), { type: 'ack', commandId: 'order-11', number: 11, result: 'refused', reason: 'replay' })
  t.equal(gate.maySound('o-1', place(1500)), false, 'a recorded order does not open what was closed')
  t.same(gate.refusals, { replay: 1 })
})

t.test('an order refused for any reason opens nothing', async (t) => {
  const { files } = await enrolled()
  const gate = await open(files)
  const bad: [string, SignedMessage, number][] = [
    ['unknown-key', order(10, 0, 9000, 'o-1', KEYS.stranger), 0],
    ['bad-signature', { ...order(10), signature: order(11).signature }, 0],
    ['wrong-target', order(10, 0, 9000, 'o-1', KEYS.server, { clusterId: 'c-9' }), 0],
    ['expired', order(10), 60_000],
    ['malformed', order(10, 0, 9000, 'o-1', KEYS.server, { startsAt: 'today' }), 0],
  ]
  for (const [reason, message, afterMs] of bad) {
    t.match(await take(gate, message, afterMs), { result: 'refused', reason })
    t.equal(gate.refusals[reason], 1)
    t.equal(gate.maySound('o-1', place(100)), false, reason)
  }
})

t.test('numbers go on over restarts, whatever the sequence', async (t) => {
  const { files } = await enrolled()
  const first = await open(files)
  t.equal(await take(first, order(500)), null)
  const second = await open(files)
  t.equal(second.lastNumber, 500)
  t.same([second.maySound('o-1', place(1)), second.maySound('o-1', place(60_000)), second.maySound('o-2', place(1))], [true, false, false], 'a device that was only restarted is heard at once')
  for (const number of [500, 499, 1]) t.match(await take(second, order(number)), { reason: 'replay' })
  t.match(await take(second, command(500)), { reason: 'replay', commandId: 'k-500' })
  t.equal(await take(second, order(501)), null)
  t.equal((await open(files)).lastNumber, 501)
  t.equal(await take(second, order(502, 0, 0)), null)
  t.equal((await open(files)).maySound('o-1', place(1)), false, 'what was taken back stays so')
})

t.test('the number is on the disk before the message has any effect', async (t) => {
  const { files, folder } = await enrolled()
  const gate = await open(files)
  await take(gate, command(77), 0, () => {
    t.match(JSON.parse(readFileSync(join(folder, 'last-number.json'), 'utf8')), { content: { lastNumber: 77, commands: [{ commandId: 'k-77' }] } })
    return done()
  })
  const both = take(gate, order(78)).then(() => { t.match(JSON.parse(readFileSync(join(folder, 'last-number.json'), 'utf8')), { content: { lastNumber: 78 } }) })
  t.equal(gate.maySound('o-1', place(1)), false)
  await both
  t.equal(gate.maySound('o-1', place(1)), true)
})

t.test('a command is carried out once, however often it comes', async (t) => {
  const { files } = await enrolled()
  const ran: string[] = []
  const run = ({ commandId, command: name, arguments: given }: VerifiedCommand): Promise<CommandResult> => {
    ran.push(`${commandId} ${name} ${JSON.stringify(given)}`)
    return Promise.resolve({ result: 'failed', reason: 'no amplifier' })
  }
  const first = await open(files)
  const answer = { type: 'ack', commandId: 'k-1', result: 'failed', reason: 'no amplifier' }
  t.same(await take(first, command(10, 'k-1'), 0, run), { ...answer, number: 10 })
  t.same(await take(first, command(11, 'k-1'), 0, run), { ...answer, number: 11 }, 'given again under another number')
  t.same(await take(await open(files), command(12, 'k-1'), 0, run), { ...answer, number: 12 }, 'after a restart too')
  t.same(ran, ['k-1 volume {"percent":70}'])

  // A reboot ends the process in the middle of the command.
  const dying = await open(files)
  await new Promise<void>((begun) => {
    void take(dying, command(13, 'k-2'), 0, () => {
      begun()
      return new Promise(() => undefined)
    })
  })
  t.match(await take(await open(files), command(14, 'k-2'), 0, run), { commandId: 'k-2', result: 'done', reason: /restarted/ })
  t.equal(ran.length, 1)
  t.match(await take(await open(files), command(15), 0, () => Promise.reject(new Error('hook broke'))), { result: 'failed', reason: 'hook broke' })
})

t.test('a slow command holds no order up', async (t) => {
  const { files } = await enrolled()
  const gate = await open(files)
  const { promise: hook, resolve: finish } = Promise.withResolvers<CommandResult>()
  const slow = take(gate, command(10), 0, () => hook)
  t.equal(await take(gate, order(11)), null)
  t.equal(gate.maySound('o-1', place(1)), true)
  finish({ result: 'done' })
  t.match(await slow, { result: 'done' })
})

t.test('keys are rotated with an overlap, and kept', async (t) => {
  const { files } = await enrolled()
  const gate = await open(files)
  t.match(await take(gate, order(9, 0, 1000, 'o-1', KEYS.next)), { reason: 'unknown-key' })
  // In one batch: what follows is signed by the key of which the first tells.
  const batch = [take(gate, keysMessage(10, [trusted(KEYS.server, 30_000), trusted(KEYS.next)])), take(gate, order(11, 0, 1000, 'o-1', KEYS.next))]
  t.same(await Promise.all(batch), [null, null])
  t.equal(await take(gate, order(12)), null, 'the old key in the overlap')
  t.match(await take(gate, order(13), 30_000), { reason: 'key-expired' })
  const after = await open(files)
  t.same(after.keyIds, [KEYS.server.keyId, KEYS.next.keyId], 'over a restart')
  t.equal(await take(after, order(14, 0, 99_000, 'o-1', KEYS.next), 31_000), null)
  t.equal(await take(after, keysMessage(15, [trusted(KEYS.next)], KEYS.next)), null)
  t.same(after.keyIds, [KEYS.next.keyId])
  t.match(await take(after, order(16)), { reason: 'unknown-key' }, 'a key that is no longer named is gone')

  t.match(await take(after, keysMessage(17, [trusted(KEYS.stranger)], KEYS.stranger)), { reason: 'unknown-key' }, 'no key brings itself')
  t.match(await take(after, keysMessage(18, [{ ...trusted(KEYS.stranger), keyId: KEYS.next.keyId }], KEYS.next)), { reason: 'malformed' }, 'a name that is not of the key')
  t.match(await take(after, keysMessage(19, [trusted(KEYS.stranger, -500)], KEYS.next)), { reason: 'malformed' }, 'a ring of which no key counts would be the end')
  t.same(after.keyIds, [KEYS.next.keyId])
})

t.test('before the first clock exchange nothing is judged', async (t) => {
  const { files } = await enrolled()
  const gate = await open(files)
  let ran = 0
  const early = [gate.take(order(10), null, done), gate.take(command(11), null, () => { ran++; return done() })]
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(gate.maySound('o-1', place(1)), false)
  t.equal(ran, 0)
  gate.timeKnown(usAt(NOW_MS))
  t.match(await Promise.all(early), [null, { result: 'done' }])
  t.equal(gate.maySound('o-1', place(1)), true)
  const fresh = await open(files)
  for (let number = 20; number < 320; number++) void fresh.take(order(number), null, done)
  t.same(fresh.refusals, { overflow: 44 }, 'what waits has a bound')
})

t.test('files that are torn, changed or gone are lost, not believed', async (t) => {
  const damage: [string, (path: string) => void][] = [
    ['torn', (path) => { writeFileSync(path, readFileSync(path).subarray(0, 40)) }],
    ['empty', (path) => { writeFileSync(path, '') }],
    ['changed by hand', (path) => { writeFileSync(path, readFileSync(path, 'utf8').replace(/"lastNumber":\d+/, '"lastNumber":3').replace(/"notBefore":"2026-01/, '"notBefore":"2025-01')) }],
    ['gone', (path) => { rmSync(path) }],
    ['a folder', (path) => { rmSync(path); mkdirSync(path) }],
  ]
  for (const [name, harm] of damage) {
    const { files, folder } = await enrolled()
    await take(await open(files), order(NOW_MS + 5))
    harm(join(folder, 'last-number.json'))
    const gate = await open(files)
    t.match(await take(gate, order(NOW_MS - 1)), { reason: 'replay' }, `count ${name}: nothing from before now`)
    t.equal(await take(gate, order(NOW_MS + 10)), null, `count ${name}: what is new is taken`)

    harm(join(folder, 'trusted-keys.json'))
    t.same((await open(files)).keyIds, STATE.trustedKeys.map(({ keyId }) => keyId), `keys ${name}: those of the enrolment count`)
    harm(join(folder, 'identity.json'))
    t.equal(await TrustGate.open({ files }), null, `identity ${name}: not enrolled`)
  }
})

t.test('a full disk ends no sound, but no command is begun that could come twice', async (t) => {
  const { files } = await enrolled()
  const faults: unknown[] = []
  const gate = await open(Object.assign(Object.create(files) as TrustFiles, { identity: () => files.identity(), keys: () => files.keys(), number: () => files.number(), writeNumber: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) }), { onFault: (error) => { faults.push(error) } })
  t.equal(await take(gate, order(10)), null)
  t.equal(gate.maySound('o-1', place(1)), true)
  t.match(await take(gate, order(10)), { reason: 'replay' }, 'in memory the number counts')
  t.match(await take(gate, command(11), 0, () => { throw new Error('must not run') }), { result: 'failed', reason: /disk/ })
  t.ok(faults.length > 0)
})

t.test('bundles go to their keeper, and stored ones are checked again', async (t) => {
  const { files } = await enrolled()
  const seen: unknown[] = []
  const gate = await open(files, { onBundle: (message, body) => { seen.push([message, body]); return Promise.resolve((body as { bundleId: string }).bundleId === 'good') } })
  const bundle = signed({ kind: 'bundle', bundleId: 'good', items: [] }, 10)
  t.equal(await take(gate, bundle), null)
  t.match(await take(gate, signed({ kind: 'bundle', bundleId: 'bad' }, 11)), { result: 'refused', reason: 'malformed' })
  t.equal(seen.length, 2)
  t.match(gate.verifyStored(bundle, usAt(NOW_MS)), { bundleId: 'good' })
  t.equal(gate.verifyStored(bundle, usAt(NOW_MS + 60_000)), null, 'over')
  t.equal(gate.verifyStored({ ...bundle, keyId: KEYS.next.keyId }, usAt(NOW_MS)), null)
})

t.test('nothing that is not signed is ever taken, whatever it is', async (t) => {
  const { files } = await enrolled()
  const gate = await open(files)
  const good = signedVectors.messages.filter(({ accepted }) => accepted === true).map(({ message }) => message)
  const text = fc.oneof(fc.string(), fc.base64String(), fc.constantFrom(...good.flatMap(({ body, signature, keyId }) => [body, signature, keyId])))
  const changed = fc.tuple(fc.constantFrom(...good), fc.constantFrom('body' as const, 'signature' as const), fc.nat(), fc.constantFrom('A', 'z', '-', '=', '.', 'é')).map(([message, field, at, letter]) => {
    const before = message[field]
    const after = before.slice(0, at % before.length) + letter + before.slice((at % before.length) + 1)
    return after === before ? null : { ...message, [field]: after }
  }).filter((message) => message !== null)
  const mixed = fc.tuple(fc.constantFrom(...good), fc.constantFrom(...good)).filter(([a, b]) => a.body !== b.body).map(([a, b]) => ({ ...a, body: b.body }))
  const random = fc.record({ type: fc.constant('signed' as const), keyId: text, body: text, signature: text }).filter((message) => !good.some(({ body, signature }) => body === message.body && signature === message.signature))
  const body = fc.oneof(fc.json(), fc.object().map((value) => JSON.stringify({ ...(value as object), clusterId: CLUSTER, number: 1 })))
  // Rightly signed nonsense must not crash it either.
  const nonsense = body.map((json): SignedMessage => ({ type: 'signed', keyId: KEYS.server.keyId, body: Buffer.from(json).toString('base64url'), signature: sign(null, Buffer.from(`loa-signed-1\n${json}`), privateKeyOf(KEYS.server)).toString('base64url') }))
  await fc.assert(fc.asyncProperty(fc.oneof(changed, mixed, random, nonsense), async (message) => {
    const ack = await take(gate, message, 0, () => { throw new Error('must not run') })
    return ack?.result === 'refused'
  }), { numRuns: 3000 })
  t.equal(gate.lastNumber, 0)
  t.pass('none was')
})

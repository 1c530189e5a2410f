import { spawnSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { FRAME_FLAG } from '../../../rooms/frame-bus.ts'
import { envelopeText, SIGNED_PREFIX } from '../../../server/signing/signer.ts'
import { keyIdOf as serverKeyIdOf } from '../../../server/signing/signing-keys.ts'
import { deviceIdOf as serverDeviceIdOf } from '../../../server/director/enrolment.ts'
import { ControlQuestions } from '../../../server/sinks/control-questions.ts'
import { Credentials } from '../../../server/sinks/credentials.ts'
import { DeviceHandshake, proofText as serverProofText } from '../../../server/sinks/device-handshake.ts'
import { createNativeWire, NATIVE_FLAG } from '../../../server/sinks/native-wire.ts'
import { readAudioMessage } from '../../../speaker/client/audio-message.ts'
import { heldFrame } from '../../../speaker/play-out/frame-buffer.ts'
import { houseMsOf, parseHouseTime } from '../../../speaker/trust/house-wall.ts'
import { deviceIdOf, keyIdOf, proofText, signWith } from '../../../speaker/trust/keys.ts'
import { TrustFiles } from '../../../speaker/trust/trust-files.ts'
import { TrustGate } from '../../../speaker/trust/trust-gate.ts'
import { audioVectors, privateKeyOf, proofVectors, signedVectors } from '../../support/vectors.ts'

t.test('the speaker makes of every signed message what the vectors say', async (t) => {
  const { state, messages } = signedVectors
  const { publicKey, seed, deviceId } = proofVectors.device
  t.equal(houseMsOf(state.houseUs), parseHouseTime(state.houseTime))
  t.ok(messages.length > 20)
  const folder = mkdtempSync(join(tmpdir(), 'loa-vectors-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  for (const [index, { name, message, accepted, refusal }] of messages.entries()) {
    mkdirSync(join(folder, String(index)))
    const files = new TrustFiles(join(folder, String(index)))
    await files.enrolled({ clusterId: state.clusterId, deviceId, instanceId: 'instance-0123456789', publicKey, privateKey: seed, keys: [...state.trustedKeys], record: null }, state.lastNumber)
    const gate = (await TrustGate.open({ files }))!
    const ack = await gate.take(message, state.houseUs, () => Promise.resolve({ result: 'done' }))
    t.equal(ack?.result === 'refused' ? ack.reason : 'accepted', accepted === true ? 'accepted' : refusal, name)
  }
})

t.test('both sides write and read audio messages as the vectors do', (t) => {
  for (const { name, hex, codecDelaySamples, heardAtSamples, dataHex, ...fields } of audioVectors.messages) {
    const message = readAudioMessage(Buffer.from(hex, 'hex'))!
    t.match({ ...message, data: message.data.toString('hex') }, { data: dataHex, housePlace: fields.houseSamples, flags: fields.flags, frameSamples: fields.frameSamples, sequence: fields.sequence, presentationUs: fields.presentationUs }, name)
    t.equal(heldFrame(message, codecDelaySamples, null).heardAt, heardAtSamples, name)
    const delayMs = (fields.presentationUs - fields.houseSamples / 0.048) / 1000
    const { CUT, FADE, EMERGENCY, BRIDGED, MISSING } = NATIVE_FLAG
    const has = (flag: number): boolean => (fields.flags & flag) !== 0
    const frame = { frameIndex: fields.houseSamples / fields.frameSamples, data: message.data, isMissing: has(MISSING), cut: has(CUT), orderClass: has(EMERGENCY) ? 'emergency' : null, flags: (has(FADE) ? FRAME_FLAG.FADE : 0) | (has(BRIDGED) ? FRAME_FLAG.BRIDGED : 0) } as const
    t.equal(createNativeWire(fields.frameSamples, delayMs, delayMs).encode([frame]).subarray(2).toString('hex'), hex, name)
  }
  for (const { name, hex } of audioVectors.refused) t.equal(readAudioMessage(Buffer.from(hex, 'hex')), undefined, name)
  t.end()
})

t.test('the server signs as the vectors do, byte for byte', (t) => {
  const { keys, messages } = signedVectors
  const good = messages.filter(({ accepted }) => accepted === true)
  for (const { name, message } of good) {
    const body = Buffer.from(message.body, 'base64url')
    t.equal(envelopeText(keys.server.keyId, body, sign(null, Buffer.concat([Buffer.from(SIGNED_PREFIX), body]), privateKeyOf(keys.server))), JSON.stringify(message), name)
  }
  for (const { keyId, publicKey } of Object.values(keys)) {
    t.equal(keyIdOf(publicKey), keyId)
    t.equal(serverKeyIdOf(publicKey), keyId)
  }
  t.end()
})

t.test('both sides name and prove a device as the vectors do', async (t) => {
  const { device, challenge, signedBytesHex, proofs } = proofVectors
  t.equal(deviceIdOf(device.publicKey), device.deviceId)
  t.equal(serverDeviceIdOf(device.publicKey), device.deviceId)
  const text = proofText(challenge.nonce, challenge.clusterId, challenge.deviceId, challenge.instanceId)
  t.equal(Buffer.from(text).toString('hex'), signedBytesHex)
  t.equal(serverProofText(challenge.nonce, challenge).toString('hex'), signedBytesHex)
  t.equal(signWith({ publicKey: device.publicKey, privateKey: device.seed }, text), proofs[0]!.signature)
})

t.test('the server takes the right proof of its own challenge alone', async (t) => {
  const { device, challenge } = proofVectors
  const { clusterId, deviceId } = challenge
  const credentials = new Credentials()
  credentials.replace({ type: 'fan-out-state', clusters: [{ id: clusterId, keyHash: '', enabled: true, device: { deviceId, publicKey: device.publicKey } }, { id: 'c-2', keyHash: '', enabled: true }], studioSources: [], monitorTokenHashes: [], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0 })
  const handshake = new DeviceHandshake({ credentials, questions: new ControlQuestions(() => false), monotonicMs: () => 0 })
  const tryOut = async (answer: (nonce: string) => unknown, hello = challenge): Promise<string | null> => {
    let nonce = ''
    return handshake.admit({ remoteAddress: '192.0.2.1', send: (sent) => { nonce = (JSON.parse(sent) as { nonce: string }).nonce }, next: () => Promise.resolve(answer(nonce)) }, { type: 'hello', protocol: 1, ...hello })
  }
  const proof = (nonce: string, of = challenge): object => ({ type: 'proof', signature: signWith({ publicKey: device.publicKey, privateKey: device.seed }, proofText(nonce, of.clusterId, of.deviceId, of.instanceId)) })
  t.equal(await tryOut((nonce) => proof(nonce)), null)
  for (const { name, signature } of proofVectors.proofs) t.equal(await tryOut(() => ({ type: 'proof', signature })), 'STREAM_ERR_PROOF_WRONG', `recorded: ${name}`)
  t.equal(await tryOut((nonce) => proof(nonce, { ...challenge, clusterId: 'c-2' })), 'STREAM_ERR_PROOF_WRONG', 'a text for another cluster')
  t.equal(await tryOut((nonce) => proof(nonce, { ...challenge, clusterId: 'c-2' }), { ...challenge, clusterId: 'c-2' }), 'STREAM_ERR_PROOF_WRONG', 'a cluster where it is not enrolled')
  t.equal(await tryOut((nonce) => proof(nonce), { ...challenge, instanceId: 'another-instance-id' }), 'STREAM_ERR_PROOF_WRONG', 'another instance in the hello')
  t.equal(await tryOut((nonce) => proof(nonce, { ...challenge, instanceId: 'another-instance-id' }), { ...challenge, instanceId: 'another-instance-id' }), 'STREAM_ERR_IN_USE', 'another instance, rightly signed')
  for (const answer of [null, {}, { type: 'proof' }, { type: 'proof', signature: 'A'.repeat(86) }, { type: 'proof', signature: 7 }, { type: 'hello' }]) t.equal(await tryOut(() => answer), 'STREAM_ERR_PROOF_WRONG')
  credentials.update({ type: 'fan-out-update', clusters: [{ id: clusterId, keyHash: '', enabled: false, device: { deviceId, publicKey: device.publicKey } }] })
  t.equal(await tryOut((nonce) => proof(nonce)), 'STREAM_ERR_CLUSTER_DISABLED')
})

t.test('the files are what their maker writes', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loa-vectors-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const source = join(import.meta.dirname, '..', '..', 'vectors')
  cpSync(join(source, 'make.ts'), join(folder, 'make.ts'))
  t.equal(spawnSync(process.execPath, [join(folder, 'make.ts')]).status, 0)
  for (const name of ['signed-messages.json', 'proofs.json', 'audio-messages.json']) t.equal(readFileSync(join(folder, name), 'utf8'), readFileSync(join(source, name), 'utf8'), name)
  t.end()
})

import { createHash, createPrivateKey, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes the test vectors of server/protocol.md: `node test/vectors/make.ts`. Keys come from fixed seeds and Ed25519 needs no randomness, so the same files come
 * out each time. It shares no code with the server or the speaker, which are checked by what it writes.
 */
const folder = import.meta.dirname
const base64url = (bytes: Buffer): string => bytes.toString('base64url')
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

/** PKCS #8 of an Ed25519 seed (RFC 8410, 7). */
const keyOfSeed = (seed: Buffer) => createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' })

function makeKey(name: string) {
  const seed = sha256(Buffer.from(`loa test vector key ${name}`))
  const key = keyOfSeed(seed)
  const raw = Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')
  return { key, seed: base64url(seed), publicKey: base64url(raw), keyId: base64url(sha256(raw).subarray(0, 8)), deviceId: base64url(sha256(raw).subarray(0, 16)) }
}
const [server, next, stranger, former, coming, device, clone] = ['server', 'next', 'stranger', 'former', 'coming', 'device', 'clone'].map(makeKey) as [Key, Key, Key, Key, Key, Key, Key]
type Key = ReturnType<typeof makeKey>

const CLUSTER = 'c-1jz7k3m9xq4w0d2r8t5v6ya'
const NOW = '2026-06-18T03:00:00.000Z'
const trusted = (key: Key, notBefore: string, notAfter: string | null) => ({ keyId: key.keyId, publicKey: key.publicKey, notBefore, notAfter })
const MS_LATER = '2026-06-18T03:00:00.001Z'
const trustedKeys = [trusted(former, '2026-01-01T00:00:00.000Z', NOW), trusted(server, '2026-01-01T00:00:00.000Z', null), trusted(coming, MS_LATER, null)]

const PREFIX = Buffer.from('loa-signed-1\n')
const envelope = (key: Key, bytes: Buffer, prefix = PREFIX) => ({ type: 'signed', keyId: key.keyId, body: base64url(bytes), signature: base64url(sign(null, Buffer.concat([prefix, bytes]), key.key)) })
const signed = (body: unknown, key = server) => envelope(key, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const common = (number: number, expiresAt = '2026-06-18T03:10:00.000Z') => ({ clusterId: CLUSTER, number, issuedAt: '2026-06-18T02:59:59.500Z', expiresAt })
const order = (number: number, more: object = {}) => ({ kind: 'order', ...common(number), orderId: 'o-1', class: 'emergency', title: 'Lũ về, di dời ngay', startsAt: '2026-06-18T02:59:59.000Z', endsAt: '2026-06-18T03:10:00.000Z', ...more })
const command = (number: number, name: string, given: object, more: object = {}) => ({ kind: 'command', ...common(number), commandId: `k-${String(number)}`, command: name, arguments: given, ...more })
const keysOf = (number: number, keys: readonly object[]) => ({ kind: 'keys', ...common(number), keys })
const flip = (text: string, at: number): string => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

/** Each stands alone: the state before it is `trustedKeys`, `lastNumber` and `houseTime`. */
const messages = [
  { name: 'an order', message: signed(order(1001)), accepted: true },
  { name: 'an order that is over: its window is empty', message: signed(order(1002, { endsAt: '2026-06-18T02:59:59.000Z', startsAt: '2026-06-18T02:59:59.000Z' })), accepted: true },
  { name: 'a command', message: signed(command(1003, 'volume', { percent: 70 })), accepted: true },
  { name: 'a command without arguments', message: signed(command(1004, 'reboot', {})), accepted: true },
  { name: 'fields that nobody knows are passed over', message: signed(order(1005, { colour: 'red' })), accepted: true },
  { name: 'spaces and another sequence of fields are other bytes, and as good', message: signed(JSON.stringify(order(1006), null, 2)), accepted: true },
  { name: 'the next key, told of by the one before', message: signed(keysOf(1007, [trusted(server, '2026-01-01T00:00:00.000Z', '2026-07-18T03:00:00.000Z'), trusted(next, '2026-06-18T02:00:00.000Z', null)])), accepted: true },
  { name: 'a device record', message: signed({ kind: 'device', ...common(1008, '2036-06-18T03:00:00.000Z'), deviceId: device.deviceId, publicKey: device.publicKey }), accepted: true },
  { name: 'a bundle of nothing', message: signed({ kind: 'bundle', ...common(1009), bundleId: 'b-1', validFrom: NOW, validUntil: '2026-06-20T03:00:00.000Z', items: [], fillers: [], files: [] }), accepted: true },
  { name: 'a command whose argument is out of its bounds is a good message; carrying it out is refused', message: signed(command(1026, 'volume', { percent: 101 })), accepted: true },
  { name: 'the greatest number', message: signed(order(2 ** 53 - 1)), accepted: true },
  { name: 'at the very ms at which its key is over', message: signed(order(1027), former), refusal: 'key-expired' },
  { name: 'one ms before its key begins', message: signed(order(1028), coming), refusal: 'key-expired' },
  { name: 'a key that was never told of', message: signed(order(1010), stranger), refusal: 'unknown-key' },
  { name: 'another key under the name of a trusted one', message: { ...signed(order(1011), stranger), keyId: server.keyId }, refusal: 'bad-signature' },
  { name: 'one character of the signature is another', message: ((good) => ({ ...good, signature: flip(good.signature, 20) }))(signed(order(1012))), refusal: 'bad-signature' },
  { name: 'one character of the body is another', message: ((good) => ({ ...good, body: flip(good.body, 40) }))(signed(order(1013))), refusal: 'bad-signature' },
  { name: 'signed without the prefix', message: envelope(server, Buffer.from(JSON.stringify(order(1014))), Buffer.alloc(0)), refusal: 'bad-signature' },
  { name: 'the signature of a proof is none of a message', message: envelope(server, Buffer.from(JSON.stringify(order(1015))), Buffer.from('loa-hello-1\n')), refusal: 'bad-signature' },
  { name: 'a signature of 63 bytes', message: ((good) => ({ ...good, signature: base64url(Buffer.from(good.signature, 'base64url').subarray(0, 63)) }))(signed(order(1016))), refusal: 'bad-signature' },
  { name: 'base64 with padding', message: ((good) => ({ ...good, signature: `${good.signature}==` }))(signed(order(1017))), refusal: 'malformed' },
  { name: 'for another cluster', message: signed(order(1018, { clusterId: 'c-9' })), refusal: 'wrong-target' },
  { name: 'the last number again', message: signed(order(1000)), refusal: 'replay' },
  { name: 'a lower number', message: signed(order(7)), refusal: 'replay' },
  { name: 'at the very ms of its expiry', message: signed(order(1019, { expiresAt: NOW })), refusal: 'expired' },
  { name: 'one ms before its expiry', message: signed(order(1020, { expiresAt: '2026-06-18T03:00:00.001Z' })), accepted: true },
  { name: 'a kind of later times', message: signed({ kind: 'firmware', ...common(1021) }), refusal: 'unknown-kind' },
  { name: 'a command of later times', message: signed(command(1022, 'shell', { text: 1 })), refusal: 'malformed' },
  { name: 'no argument is text', message: signed(command(1023, 'set-frequency', { frequencyKhz: '$(reboot)' })), refusal: 'malformed' },
  { name: 'a number that is none', message: signed(order(1024.5)), refusal: 'malformed' },
  { name: 'a time in another spelling', message: signed(order(1025, { expiresAt: '2026-06-18T10:10:00+07:00' })), refusal: 'malformed' },
  { name: 'a number beyond the greatest', message: signed(order(2 ** 53)), refusal: 'malformed' },
  { name: 'a number in quotes', message: signed({ ...order(1029), number: '1029' }), refusal: 'malformed' },
  { name: 'an order without its end', message: signed({ ...order(1030), endsAt: undefined }), refusal: 'malformed' },
  { name: 'an order whose end is a time in another spelling', message: signed(order(1031, { endsAt: '2026-06-18T03:10:00Z' })), refusal: 'malformed' },
  { name: 'an order of no known class', message: signed(order(1032, { class: 'urgent' })), refusal: 'malformed' },
  { name: 'keys of which none is believed now', message: signed(keysOf(1033, [trusted(next, MS_LATER, null)])), refusal: 'malformed' },
  { name: 'a key under the name of another', message: signed(keysOf(1034, [trusted(server, '2026-01-01T00:00:00.000Z', null), { ...trusted(stranger, '2026-01-01T00:00:00.000Z', null), keyId: next.keyId }])), refusal: 'malformed' },
  { name: 'wrong in all later ways too: the first reason counts', message: signed({ kind: 'firmware', clusterId: 'c-9', number: 1, issuedAt: NOW, expiresAt: NOW }), refusal: 'wrong-target' },
  { name: 'the body is no JSON', message: signed('loa'), refusal: 'malformed' },
  { name: 'the body is no UTF-8', message: envelope(server, Buffer.concat([Buffer.from('{"kind":"'), Buffer.from([0xff]), Buffer.from('"}')])), refusal: 'malformed' },
]

const plain = ({ seed, publicKey, keyId }: Key) => ({ keyId, seed, publicKey })
writeFileSync(join(folder, 'signed-messages.json'), `${JSON.stringify({
  about: 'Messages as a device gets them, and what it makes of each. Every message is judged by itself, from the state given here. Seeds and keys: Ed25519 (RFC 8032), raw, base64url.',
  keys: { server: plain(server), next: plain(next), stranger: plain(stranger), former: plain(former), coming: plain(coming) },
  state: { clusterId: CLUSTER, trustedKeys, lastNumber: 1000, houseTime: NOW, houseUs: (Date.parse(NOW) - Date.UTC(2026, 0, 1)) * 1000 },
  messages,
}, null, 2)}\n`)

const nonce = base64url(sha256(Buffer.from('nonce')).subarray(0, 24))
const instanceId = base64url(sha256(Buffer.from('instance')).subarray(0, 16))
const text = (lines: readonly string[]): Buffer => Buffer.from(['loa-hello-1', ...lines].join('\n'))
const proof = (key: Key, lines: readonly string[]): string => base64url(sign(null, text(lines), key.key))
const lines = [nonce, CLUSTER, device.deviceId, instanceId]
writeFileSync(join(folder, 'proofs.json'), `${JSON.stringify({
  about: 'What a device answers to a challenge. Names of keys and devices are hashes of the raw public key.',
  device: { seed: device.seed, publicKey: device.publicKey, deviceId: device.deviceId },
  server: plain(server),
  challenge: { nonce, clusterId: CLUSTER, deviceId: device.deviceId, instanceId },
  signedBytesHex: text(lines).toString('hex'),
  proofs: [
    { name: 'the device', signature: proof(device, lines), good: true },
    { name: 'another device', signature: proof(clone, lines), good: false },
    { name: 'for another challenge', signature: proof(device, [flip(nonce, 3), ...lines.slice(1)]), good: false },
    { name: 'for another cluster', signature: proof(device, [nonce, 'c-9', ...lines.slice(2)]), good: false },
    { name: 'for another instance', signature: proof(device, [...lines.slice(0, 3), flip(instanceId, 3)]), good: false },
  ],
}, null, 2)}\n`)

/** «Audio message» of server/protocol.md, from the table alone. */
function audioMessage({ flags, frameSamples, frameIndex, delayUs, data }: { readonly flags: number; readonly frameSamples: number; readonly frameIndex: number; readonly delayUs: number; readonly data: Buffer }) {
  const houseSamples = BigInt(frameIndex) * BigInt(frameSamples)
  const presentationUs = (houseSamples * 1000n) / 48n + BigInt(delayUs)
  const head = Buffer.alloc(24)
  head.writeUInt8(1, 0)
  head.writeUInt8(flags, 1)
  head.writeUInt16BE(frameSamples, 2)
  head.writeUInt32BE(frameIndex % 2 ** 32, 4)
  head.writeBigUInt64BE(houseSamples, 8)
  head.writeBigUInt64BE(presentationUs, 16)
  return { hex: Buffer.concat([head, data]).toString('hex'), flags, frameSamples, sequence: frameIndex % 2 ** 32, houseSamples: Number(houseSamples), presentationUs: Number(presentationUs), dataHex: data.toString('hex') }
}
const OPUS = { flags: 0, frameSamples: 960, frameIndex: 1_402_298_358, delayUs: 800_000, data: Buffer.from('98fffe', 'hex') }
const MP3 = { ...OPUS, frameSamples: 1152, frameIndex: 1_168_581_965, data: Buffer.from('fff954c4', 'hex') }
/** By so many house samples sound comes out of the decoder later than it stands in the frame. */
const CODEC_DELAY = { 960: 312, 1152: 1105 }
const audio = [
  { name: 'silence in Opus', frame: OPUS },
  { name: 'the first frame of another room', frame: { ...OPUS, frameIndex: OPUS.frameIndex + 1, flags: 1 } },
  { name: 'the first frame of an emergency, to be heard sooner than frames before it', frame: { ...OPUS, frameIndex: OPUS.frameIndex + 2, flags: 5, delayUs: 300_000 } },
  { name: 'a fade in which the source starved', frame: { ...OPUS, frameIndex: OPUS.frameIndex + 3, flags: 10 } },
  { name: 'a frame index beyond 32 bits', frame: { ...OPUS, frameIndex: 2 ** 32 + 5 } },
  { name: 'MP3', frame: MP3 },
].map(({ name, frame }) => {
  const codecDelaySamples = CODEC_DELAY[frame.frameSamples as 960 | 1152]
  const message = audioMessage(frame)
  return { name, ...message, codecDelaySamples, heardAtSamples: Math.round(message.presentationUs * 0.048) - codecDelaySamples }
})
writeFileSync(join(folder, 'audio-messages.json'), `${JSON.stringify({
  about: 'Payloads of binary WebSocket messages. heardAtSamples: house time, in samples, at which the first sample out of the decoder is to leave.',
  messages: audio,
  refused: [
    { name: 'another version', hex: `02${audio[0]!.hex.slice(2)}` },
    { name: 'a head without sound', hex: audio[0]!.hex.slice(0, 48) },
    { name: 'half a head', hex: audio[0]!.hex.slice(0, 24) },
    { name: 'a frame of no length', hex: `${audio[0]!.hex.slice(0, 4)}0000${audio[0]!.hex.slice(8)}` },
  ],
}, null, 2)}\n`)

import * as Type from 'typebox'
import { checkerOf } from '../checker.ts'
import type { Connect, SignedMessage } from '../ports.ts'
import { openEnvelope } from './envelope.ts'
import { deviceIdOf, KeyRing, MOST_KEYS, TrustedKeyType } from './keys.ts'
import type { DeviceIdentity, TrustFiles } from './trust-files.ts'

const ENROL_TIMEOUT_MS = 15_000

const enrolledSchema = checkerOf(Type.Object({
  type: Type.Literal('enrolled'),
  clusterId: Type.String({ minLength: 1, maxLength: 128 }),
  deviceId: Type.String({ minLength: 1, maxLength: 128 }),
  keys: Type.Array(TrustedKeyType, { minItems: 1, maxItems: MOST_KEYS }),
  record: Type.Object({ type: Type.Literal('signed'), keyId: Type.String(), body: Type.String(), signature: Type.String() }),
}, { additionalProperties: true }))

/** An enrolment that did not come about; `code` is the server's, or SPEAKER_ERR_ENROL. */
export class EnrolError extends Error {
  override readonly name = 'EnrolError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Gives the server this device's public key under a one-time code, and keeps what comes back: who it is, and the keys it believes from now on.
 * Whoever answers is believed, so this is to be done over TLS or in a network that is one's own.
 * @throws EnrolError; nothing is kept then but the key pair, and the same code may be tried again: the server answers that key again
 */
export async function enrol(connect: Connect, files: TrustFiles, code: string): Promise<DeviceIdentity> {
  const pair = await files.pair()
  const answer = await ask(connect, JSON.stringify({ type: 'enrol', protocol: 1, code, publicKey: pair.publicKey }))
  if (!enrolledSchema.Check(answer)) throw new EnrolError('SPEAKER_ERR_ENROL', 'the server answered with something else')
  const { clusterId, deviceId, keys, record } = answer
  const ring = KeyRing.of(keys)
  if (deviceId !== deviceIdOf(pair.publicKey) || ring === null) throw new EnrolError('SPEAKER_ERR_ENROL', 'the answer is for another device, or holds a key that is none')
  const lastNumber = numberOf(record, ring, clusterId, pair.publicKey)
  const identity: DeviceIdentity = { clusterId, deviceId, instanceId: pair.instanceId, publicKey: pair.publicKey, privateKey: pair.privateKey, keys, record }
  await files.enrolled(identity, lastNumber)
  return identity
}

/** The record must be of this device; from its number on the server counts. */
function numberOf(record: SignedMessage, keys: KeyRing, clusterId: string, publicKey: string): number {
  // There is no house time yet: the record is judged at its own.
  const issuedAtMs = Date.parse(String((JSON.parse(Buffer.from(record.body, 'base64url').toString('utf8')) as { issuedAt?: unknown }).issuedAt))
  const opened = openEnvelope(record, { keys, clusterId, houseMs: issuedAtMs })
  if ('refusal' in opened || opened.body.kind !== 'device' || opened.body.publicKey !== publicKey) throw new EnrolError('SPEAKER_ERR_ENROL', 'the record of the enrolment is not in order')
  return opened.body.number
}

/** The first text message that answers `text`. */
function ask(connect: Connect, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      link.destroy()
    }, ENROL_TIMEOUT_MS)
    const link = connect({
      open() {
        link.sendText(text)
      },
      text(answer) {
        clearTimeout(timer)
        try {
          const message = JSON.parse(answer) as { code?: unknown; title?: unknown }
          if (typeof message.code === 'string') reject(new EnrolError(message.code, typeof message.title === 'string' ? message.title : message.code))
          else resolve(message)
        } catch {
          reject(new EnrolError('SPEAKER_ERR_ENROL', 'the server does not answer in JSON'))
        }
      },
      binary: () => undefined,
      closed(closeCode, reason) {
        clearTimeout(timer)
        reject(new EnrolError('SPEAKER_ERR_ENROL', `the connection ended (${String(closeCode)} ${reason})`))
      },
    })
  })
}

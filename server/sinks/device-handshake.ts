import { createPublicKey, randomBytes, verify } from 'node:crypto'
import type { EnrolAnswer, EnrolRequest, LeaseAnswer, LeaseRequest } from '../link/messages.ts'
import type { ControlQuestions } from './control-questions.ts'
import type { Credentials } from './credentials.ts'
import { LeaseTable } from './lease-table.ts'
import { proofSchema, type DeviceHello, type Enrol } from './speaker-messages.ts'
import type { StreamProblemCode } from './stream-problem.ts'

export const PROOF_PREFIX = 'loa-hello-1\n'
const NONCE_BYTES = 24

/** What the handshake needs of the connection. */
export interface Conversation {
  readonly remoteAddress: string
  send(text: string): void
  /** The next text message as JSON; null when the connection has ended, or the message is not JSON. */
  next(): Promise<unknown>
}

export type Questions = ControlQuestions<Omit<LeaseRequest, 'requestId'> | Omit<EnrolRequest, 'requestId'>, LeaseAnswer | EnrolAnswer>

/** Enrolment, challenge and proof, and the lease of an identity: server/protocol.md, «Devices». */
export class DeviceHandshake {
  readonly #credentials: Credentials
  readonly #questions: Questions
  /** For the time when control is away; otherwise control decides, for all processes. */
  readonly leases: LeaseTable

  constructor(ports: { credentials: Credentials; questions: Questions; monotonicMs: () => number }) {
    this.#credentials = ports.credentials
    this.#questions = ports.questions
    this.leases = new LeaseTable(ports.monotonicMs)
  }

  /** @returns why the device is refused; null: it is who it says, and nobody else is. */
  async admit(conversation: Conversation, hello: DeviceHello): Promise<StreamProblemCode | null> {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    conversation.send(JSON.stringify({ type: 'challenge', nonce }))
    const answer = await conversation.next()
    if (!proofSchema.Check(answer)) return 'STREAM_ERR_PROOF_WRONG'

    const { clusterId, deviceId, instanceId } = hello
    const cluster = this.#credentials.cluster(clusterId)
    if (cluster?.device?.deviceId !== deviceId) return 'STREAM_ERR_PROOF_WRONG'
    const isRight = await verifyInPool(cluster.device.publicKey, proofText(nonce, hello), answer.signature)
    if (!isRight) return 'STREAM_ERR_PROOF_WRONG'
    if (!cluster.enabled) return 'STREAM_ERR_CLUSTER_DISABLED'

    const lease = await this.#questions.ask({ type: 'lease-request', clusterId, instanceId, remoteAddress: conversation.remoteAddress })
    const granted = lease?.type === 'lease-answer' ? lease.granted : this.leases.request(clusterId, instanceId)
    if (!granted) return 'STREAM_ERR_IN_USE'
    // It may have been revoked while control was asked.
    return this.#credentials.cluster(clusterId)?.device?.deviceId === deviceId ? null : 'STREAM_ERR_PROOF_WRONG'
  }

  /** @returns why it is refused; null: the device has been sent what it needs. */
  async enrol(conversation: Conversation, { code, publicKey }: Enrol): Promise<StreamProblemCode | null> {
    if (!isPublicKey(publicKey)) return 'STREAM_ERR_BAD_REQUEST'
    const answer = await this.#questions.ask({ type: 'enrol-request', code, publicKey, remoteAddress: conversation.remoteAddress })
    if (answer?.type !== 'enrol-answer') return 'STREAM_ERR_NOT_READY'
    if (answer.text === null) return 'STREAM_ERR_CODE_WRONG'
    conversation.send(answer.text)
    return null
  }
}

/** What a device signs to prove itself. */
export const proofText = (nonce: string, { clusterId, deviceId, instanceId }: Pick<DeviceHello, 'clusterId' | 'deviceId' | 'instanceId'>): Buffer =>
  Buffer.from(`${PROOF_PREFIX}${nonce}\n${clusterId}\n${deviceId}\n${instanceId}`, 'utf8')

const importKey = (publicKey: string) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })

function isPublicKey(publicKey: string): boolean {
  try {
    importKey(publicKey)
    return Buffer.from(publicKey, 'base64url').toString('base64url') === publicKey
  } catch {
    return false
  }
}

/** In the thread pool: thousands of devices may come back in one second. */
function verifyInPool(publicKey: string, text: Buffer, signature: string): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      verify(null, text, importKey(publicKey), Buffer.from(signature, 'base64url'), (error, isRight) => {
        resolve(error === null && isRight)
      })
    } catch {
      resolve(false)
    }
  })
}

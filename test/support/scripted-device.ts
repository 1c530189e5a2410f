import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { SignedMessage } from '../../speaker/ports.ts'
import { openEnvelope, type Opened, type SignedBody } from '../../speaker/trust/envelope.ts'
import { KeyRing, newKeyPair, proofText, signWith, type KeyPair, type TrustedKey } from '../../speaker/trust/keys.ts'
import type { LoaServer } from './loa-server.ts'
import { waitUntil } from './wait-until.ts'

export interface EnrolledDevice {
  readonly pair: KeyPair
  readonly clusterId: string
  readonly deviceId: string
  readonly keys: readonly TrustedKey[]
  readonly record: SignedMessage
}

type Json = Record<string, unknown>

const speakerUrl = (server: LoaServer): string => `${server.stream.replace('http', 'ws')}/v1/speaker`

/** One question, one answer, and the close that follows. */
export async function ask(server: LoaServer, message: unknown): Promise<{ readonly answer: Json | null; readonly code: number; readonly reason: string }> {
  const socket = new WebSocket(speakerUrl(server))
  let answer: Json | null = null
  return new Promise((resolve) => {
    socket.on('open', () => { socket.send(typeof message === 'string' ? message : JSON.stringify(message)) })
    socket.on('message', (data: Buffer, isBinary) => { if (!isBinary) answer = JSON.parse(data.toString('utf8')) as Json })
    socket.on('close', (code, reason) => { resolve({ answer, code, reason: reason.toString('utf8') }) })
    socket.on('error', () => undefined)
  })
}

/** Enrols a new device for the cluster. */
export async function enrolDevice(server: LoaServer, clusterId: string, pair = newKeyPair()): Promise<EnrolledDevice> {
  const { code } = (await server.post(`/v1/clusters/${clusterId}/enrolment-codes`)) as { code: string }
  const { answer } = await ask(server, { type: 'enrol', protocol: 1, code, publicKey: pair.publicKey })
  if (answer?.['type'] !== 'enrolled') throw new Error(`not enrolled: ${JSON.stringify(answer)}`)
  return { pair, ...(answer as unknown as Omit<EnrolledDevice, 'pair'>) }
}

/** An enrolled device that does what a test says, written from server/protocol.md. */
export class ScriptedDevice {
  readonly socket: WebSocket
  readonly texts: Json[] = []
  frames = 0
  closed: { readonly code: number; readonly reason: string } | null = null
  readonly #identity: EnrolledDevice

  constructor(server: LoaServer, identity: EnrolledDevice, { instanceId = randomBytes(16).toString('base64url'), prove }: { instanceId?: string; prove?: (nonce: string) => object | null } = {}) {
    this.#identity = identity
    const { clusterId, deviceId, pair } = identity
    this.socket = new WebSocket(speakerUrl(server))
    this.socket.on('open', () => { this.send({ type: 'hello', protocol: 1, clusterId, deviceId, instanceId }) })
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        this.frames += 1
        return
      }
      const message = JSON.parse(data.toString('utf8')) as Json
      this.texts.push(message)
      if (message['type'] !== 'challenge') return
      const nonce = message['nonce'] as string
      const answer = prove === undefined ? { type: 'proof', signature: signWith(pair, proofText(nonce, clusterId, deviceId, instanceId)) } : prove(nonce)
      if (answer !== null) this.send(answer)
    })
    this.socket.on('close', (code, reason) => { this.closed = { code, reason: reason.toString('utf8') } })
    this.socket.on('error', () => undefined)
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  async welcomed(): Promise<this> {
    await waitUntil('the device is welcomed', () => this.texts.some(({ type }) => type === 'welcome'))
    return this
  }

  /** Ends without a close frame, and waits for it. */
  async cut(): Promise<void> {
    this.socket.terminate()
    await waitUntil('the connection has ended', () => this.closed !== null)
  }

  /** Every signed message, opened with the keys of the enrolment or others, at the time of now. */
  opened(keys = this.#identity.keys): Opened[] {
    const ring = KeyRing.of(keys)!
    return this.texts.filter(({ type }) => type === 'signed').map((message) => openEnvelope(message as unknown as SignedMessage, { keys: ring, clusterId: this.#identity.clusterId, houseMs: Date.now() }))
  }

  /** Bodies of the good ones, in the sequence in which they came. */
  bodies<Kind extends SignedBody['kind']>(kind: Kind, keys?: readonly TrustedKey[]): Extract<SignedBody, { kind: Kind }>[] {
    return this.opened(keys).flatMap((one) => ('body' in one && one.body.kind === kind ? [one.body as Extract<SignedBody, { kind: Kind }>] : []))
  }
}

import { createPublicKey, verify } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SPEAKER_FILES_PATH } from '../speaker-bundle/bundle-body.ts'
import { speakerFilePath } from '../speaker-bundle/speaker-files.ts'
import type { Credentials } from './credentials.ts'
import { proofText } from './device-handshake.ts'
import { targetUrl } from './request-head.ts'
import { problemBody, problemOfRefusal, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

/** A proof is good for so long, before and after; its hour is that of the server. */
const PROOF_MS = 600_000
/** Downloads at once in one process; whoever comes then tries again. The sound that is on air goes first. */
const MOST_DOWNLOADS = 64
/** A download that takes no byte for so long is over. */
const IDLE_MS = 30_000

const NONCE = /^file-(\d{12,15})-([0-9a-f]{64})$/
const DEVICE_ID = /^[\w-]{22}$/
const INSTANCE_ID = /^[\w-]{16,64}$/
const SIGNATURE = /^[\w-]{86}$/

/** GET /v1/speaker/files/{sha256}: the sounds of a bundle, to devices that prove themselves and to clusters that come with their key. */
export class SpeakerFilesEndpoint {
  readonly #dataDir: string
  readonly #credentials: Credentials
  readonly #wallMs: () => number
  readonly #keepOpen: (request: IncomingMessage) => void
  #downloads = 0
  refused = 0

  /** @param keepOpen the connection has more to do than one quick answer: its time is bounded here */
  constructor(ports: { readonly dataDir: string; readonly credentials: Credentials; readonly wallMs: () => number; readonly keepOpen: (request: IncomingMessage) => void }) {
    this.#dataDir = ports.dataDir
    this.#credentials = ports.credentials
    this.#wallMs = ports.wallMs
    this.#keepOpen = ports.keepOpen
  }

  /** @returns false when the request is none of this endpoint's */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const pathname = targetUrl(request.url)?.pathname
    if (pathname?.startsWith(SPEAKER_FILES_PATH) !== true) return false
    response.shouldKeepAlive = false
    this.#answer(request, response, pathname.slice(SPEAKER_FILES_PATH.length)).catch(() => {
      response.destroy()
    })
    return true
  }

  async #answer(request: IncomingMessage, response: ServerResponse, sha256: string): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      this.#refuse(response, 'STREAM_ERR_METHOD')
      return
    }
    const refusal = this.#credentials.ready ? await this.#judge(request, sha256) : 'STREAM_ERR_NOT_READY'
    if (refusal !== null) {
      this.#refuse(response, refusal)
      return
    }
    const path = speakerFilePath(this.#dataDir, sha256)
    const size = path === null ? null : await stat(path).then(({ size: bytes }) => bytes, () => null)
    if (path === null || size === null) this.#refuse(response, 'STREAM_ERR_NOT_FOUND')
    else if (this.#downloads >= MOST_DOWNLOADS) this.#refuse(response, 'STREAM_ERR_BUSY')
    else await this.#send(request, response, path, size)
  }

  /** @returns why it is refused, or null */
  async #judge({ headers }: IncomingMessage, sha256: string): Promise<StreamProblemCode | null> {
    const header = (name: string): string => {
      const value = headers[name]
      return typeof value === 'string' ? value : ''
    }
    const clusterId = header('x-loa-cluster')
    const nonce = NONCE.exec(header('x-loa-nonce'))
    if (nonce === null) {
      const refusal = this.#credentials.checkCluster(clusterId, header('x-loa-key'))
      return refusal === null ? null : problemOfRefusal(refusal)
    }
    const [deviceId, instanceId, signature] = [header('x-loa-device'), header('x-loa-instance'), header('x-loa-signature')]
    const cluster = this.#credentials.cluster(clusterId)
    if (cluster?.device === undefined || cluster.device.deviceId !== deviceId || !DEVICE_ID.test(deviceId) || !INSTANCE_ID.test(instanceId) || !SIGNATURE.test(signature)) return 'STREAM_ERR_PROOF_WRONG'
    if (nonce[2] !== sha256 || Math.abs(Number(nonce[1]) - this.#wallMs()) > PROOF_MS) return 'STREAM_ERR_PROOF_WRONG'
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: cluster.device.publicKey }, format: 'jwk' })
    const isRight = await new Promise<boolean>((resolve) => {
      verify(null, proofText(nonce[0], { clusterId, deviceId, instanceId }), key, Buffer.from(signature, 'base64url'), (error, good) => {
        resolve(error === null && good)
      })
    })
    if (!isRight) return 'STREAM_ERR_PROOF_WRONG'
    return cluster.enabled ? null : 'STREAM_ERR_CLUSTER_DISABLED'
  }

  async #send(request: IncomingMessage, response: ServerResponse, path: string, size: number): Promise<void> {
    this.#keepOpen(request)
    this.#downloads += 1
    try {
      response.writeHead(200, { 'content-type': 'audio/ogg; codecs=opus', 'content-length': size, 'cache-control': 'private, immutable, max-age=31536000' })
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      request.socket.setTimeout(IDLE_MS, () => request.socket.destroy())
      const file = createReadStream(path)
      const over = new Promise<void>((resolve) => {
        response.once('close', () => {
          file.destroy()
          resolve()
        })
      })
      file.once('error', () => {
        response.destroy()
      })
      file.pipe(response)
      await over
    } finally {
      this.#downloads -= 1
    }
  }

  #refuse(response: ServerResponse, code: StreamProblemCode): void {
    this.refused += 1
    const { status } = STREAM_PROBLEMS[code]
    response.writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store', ...(status === 503 ? { 'retry-after': '5' } : {}) }).end(problemBody(code))
  }
}

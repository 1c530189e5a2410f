import type { IncomingMessage, ServerResponse } from 'node:http'
import { ATTEMPT_REASONS, type AttemptReason } from '../../control/ingest-port.ts'
import { whipSocket } from '../run-paths.ts'
import { KEY_CLASS_HEADER, KEY_TAG_HEADER } from '../webrtc/whip-server.ts'
import { refusedKey } from './attempt-reporter.ts'
import type { Credentials } from './credentials.ts'
import { MOST_AGENT_CHARACTERS, type IngestPorts } from './ingest-endpoint.ts'
import { targetUrl } from './request-head.ts'
import { CORS, passOn, refuseRtc, secretOf } from './rtc-front.ts'
import { problemOfRefusal, type StreamProblemCode } from './stream-problem.ts'

const PATH = /^\/whip\/([\w-]{1,64})(?:\/[\w-]{1,64})?$/

/** `/whip/…` on the stream port (RFC 9725): looks at the source's key and passes the request on to the engine that runs it. Media never come through here. */
export class WhipEndpoint {
  readonly #ports: IngestPorts
  readonly #credentials: Credentials
  readonly #keepOpen: (request: IncomingMessage) => void
  refused = 0

  /** @param keepOpen lets a request take longer than a quick answer */
  constructor(ports: IngestPorts, keepOpen: (request: IncomingMessage) => void) {
    this.#ports = ports
    this.#credentials = ports.credentials
    this.#keepOpen = keepOpen
  }

  /** @returns whether the request was for here */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = targetUrl(request.url)?.pathname
    const sourceId = path === undefined ? undefined : PATH.exec(path)?.[1]
    if (path === undefined || sourceId === undefined) return false
    // As of all that ask one thing here: nobody holds a connection for a next one.
    response.shouldKeepAlive = false
    if (request.method === 'OPTIONS') {
      response.writeHead(204, CORS).end()
      return true
    }
    if (!this.#credentials.ready) {
      this.#refuse(response, 'STREAM_ERR_NOT_READY')
      return true
    }
    const mount = `/whip/${sourceId}`
    const found = this.#credentials.sourceKey(mount, secretOf(request), this.#ports.nowSamples())
    const source = this.#credentials.sourceAt(mount)
    const from = { sourceId, protocol: 'whip', userAgent: (request.headers['user-agent'] ?? '').slice(0, MOST_AGENT_CHARACTERS), remoteAddress: request.socket.remoteAddress ?? '' } as const
    if (typeof found === 'string' || source === undefined) {
      if (source !== undefined) this.#ports.attempts.note({ ...from, ...refusedKey(found) })
      this.#refuse(response, problemOfRefusal(typeof found === 'string' ? found : 'unknown'))
      return true
    }
    if (request.method === 'GET') this.#keepOpen(request)
    const note = (accepted: boolean, reason: AttemptReason): void => {
      if (path === mount && request.method === 'POST') this.#ports.attempts.note({ ...from, accepted, reason, keyId: found.id, keyClass: found.class })
    }
    passOn(request, response, {
      socketPath: whipSocket(this.#ports.runDir, source.engine), path, more: { [KEY_CLASS_HEADER]: found.class, [KEY_TAG_HEADER]: found.tag },
      onAnswer: (status, outcome) => { note(status === 201, ATTEMPT_REASONS.find((reason) => reason === outcome) ?? (status === 503 ? 'no-engine' : 'not-sound')) },
    }, () => {
      note(false, 'no-engine')
      this.#refuse(response, 'STREAM_ERR_INGEST_UNAVAILABLE')
    })
    return true
  }

  #refuse(response: ServerResponse, code: StreamProblemCode): void {
    this.refused += 1
    refuseRtc(response, code)
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { whipSocket } from '../run-paths.ts'
import { ATTEMPT_REASONS, type AttemptReason } from '../../control/ingest-port.ts'
import { KEY_CLASS_HEADER, KEY_TAG_HEADER, OUTCOME_HEADER } from '../webrtc/whip-server.ts'
import { refusedKey } from './attempt-reporter.ts'
import type { Credentials, SourceKey } from './credentials.ts'
import { MOST_AGENT_CHARACTERS, type IngestPorts } from './ingest-endpoint.ts'
import { targetUrl } from './request-head.ts'
import { CORS, passOn, refuseRtc, secretOf } from './rtc-front.ts'
import { problemOfRefusal, type StreamProblemCode } from './stream-problem.ts'

const PATH = /^\/whip\/([\w-]{1,64})(?:\/[\w-]{1,64})?$/
const ENGINE_TIMEOUT_MS = 8000
/** Everything a WHIP client may ask and see from a page of another origin: it proves itself by its key, not by a cookie. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, if-match',
  'access-control-expose-headers': 'location, etag, link, accept-patch, retry-after',
  'access-control-max-age': '86400',
}
const PASSED_ON = ['content-type', 'content-length', 'transfer-encoding', 'if-match'] as const
const PASSED_BACK = ['content-type', 'content-length', 'location', 'etag', 'link', 'accept-patch', 'allow', 'retry-after'] as const

/** `/whip/…` on the stream port (RFC 9725): looks at the source's key and passes the request on to the engine that runs it. Media never come through here. */
export class WhipEndpoint {
  readonly #ports: IngestPorts
  readonly #credentials: Credentials
  readonly #keepOpen: (request: IncomingMessage) => void
  refused = 0

  /** @param keepOpen lets a request take longer than a quick answer */
  constructor(ports: IngestPortsstring, credentials: Credentials, keepOpen: (request: IncomingMessage) => void) {
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
    const headers = new Map(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])))
    // Never from the query: a key in an address is kept in logs and histories.
    const key = presentedKey({ method: 'POST', path, query: new URLSearchParams(), protocol: 'HTTP/1.1', headers, headBytes: 0 })
    const foundrefusal = this.#credentials.sourceKey(mount, key, this.#ports.nowSamples(, secretOf(request))
    const source = this.#credentials.sourceAt(mount)
    const from = { sourceId, protocol: 'whip', userAgent: (request.headers['user-agent'] ?? '').slice(0, MOST_AGENT_CHARACTERS), remoteAddress: request.socket.remoteAddress ?? '' } as const
    if (typeof found === 'string' || source === undefined) {
      if (source !== undefined) this.#ports.attempts.note({ ...from, ...refusedKey(found) })
      this.#refuse(response, problemOfRefusal(typeof found === 'string' ? found : 'unknown'))
      return true
    }
    const note = (accepted: boolean, reason: AttemptReason): void => {
      if (path === mount && request.method === 'POST') this.#ports.attempts.note({ ...from, accepted, reason, keyId: found.id, keyClass: found.class })
    }
    {
      if (request.method === 'GET') this.#keepOpen(request)
      passOn(request, response, { socketPath: whipSocket(this.#runDir, source.engine, found, note), path }, () => { this.#refuse(response, 'STREAM_ERR_INGEST_UNAVAILABLE') })
    }
    return true
  }

  #pass(request: IncomingMessage, response: ServerResponse, path: string, engine: number, key: SourceKey, note: (accepted: boolean, reason: AttemptReason) => void): void {
    const headers: Record<string, string> = { [REMOTE_ADDRESS_HEADER]: request.socket.remoteAddress ?? '', [KEY_CLASS_HEADER]: key.class, [KEY_TAG_HEADER]: key.tag }
    for (const name of PASSED_ON) if (request.headers[name] !== undefined) headers[name] = request.headers[name]
    const asked = forward({ socketPath: whipSocket(this.#ports.runDir, engine), method: request.method, path, headers, timeout: ENGINE_TIMEOUT_MS }, (answer) => {
      const back: Record<string, string | string[]> = { ...CORS }
      for (const name of PASSED_BACK) if (answer.headers[name] !== undefined) back[name] = answer.headers[name]
      const { statusCode = 503 } = answer
      note(statusCode === 201, ATTEMPT_REASONS.find((reason) => reason === answer.headers[OUTCOME_HEADER]) ?? (statusCode === 503 ? 'no-engine' : 'not-sound'))
      response.writeHead(statusCode, back)
      answer.pipe(response)
    })
    asked.once('timeout', () => { asked.destroy(new Error('the engine does not answer')) })
    asked.once('error', () => {
      note(false, 'no-engine')
      if (response.headersSent) response.destroy()
      else this.#refuse(response, 'STREAM_ERR_INGEST_UNAVAILABLE')
    })
    request.once('close', () => { if (!request.complete) asked.destroy() })
    request.pipe(asked)
  }

  #refuse(response: ServerResponse, code: StreamProblemCode): void {
    this.refused += 1
    refuseRtc(response, code)
  }
}

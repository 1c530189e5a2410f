import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { whipSocket } from '../run-paths.ts'
import { REMOTE_ADDRESS_HEADER } from '../webrtc/whip-server.ts'
import type { Credentials } from './credentials.ts'
import { presentedKey, targetUrl } from './request-head.ts'
import { problemBody, problemOfRefusal, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

const PATH = /^\/whip\/([\w-]{1,64})(?:\/[\w-]{1,64})?$/
const ENGINE_TIMEOUT_MS = 8000
/** Everything a WHIP client may ask and see from a page of another origin: it proves itself by its key, not by a cookie. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, if-match',
  'access-control-expose-headers': 'location, etag, link, accept-patch',
  'access-control-max-age': '86400',
}
const PASSED_ON = ['content-type', 'content-length', 'transfer-encoding', 'if-match'] as const
const PASSED_BACK = ['content-type', 'content-length', 'location', 'etag', 'link', 'accept-patch', 'allow'] as const

/** `/whip/…` on the stream port (RFC 9725): looks at the source's key and passes the request on to the engine that runs it. Media never come through here. */
export class WhipEndpoint {
  readonly #runDir: string
  readonly #credentials: Credentials
  refused = 0

  constructor(runDir: string, credentials: Credentials) {
    this.#runDir = runDir
    this.#credentials = credentials
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
    const refusal = this.#credentials.checkSource(mount, key)
    const source = this.#credentials.sourceAt(mount)
    if (refusal !== null || source === undefined) this.#refuse(response, problemOfRefusal(refusal ?? 'unknown'))
    else this.#pass(request, response, path, source.engine)
    return true
  }

  #pass(request: IncomingMessage, response: ServerResponse, path: string, engine: number): void {
    const headers: Record<string, string> = { [REMOTE_ADDRESS_HEADER]: request.socket.remoteAddress ?? '' }
    for (const name of PASSED_ON) if (request.headers[name] !== undefined) headers[name] = request.headers[name]
    const asked = forward({ socketPath: whipSocket(this.#runDir, engine), method: request.method, path, headers, timeout: ENGINE_TIMEOUT_MS }, (answer) => {
      const back: Record<string, string | string[]> = { ...CORS }
      for (const name of PASSED_BACK) if (answer.headers[name] !== undefined) back[name] = answer.headers[name]
      response.writeHead(answer.statusCode ?? 503, back)
      answer.pipe(response)
    })
    asked.once('timeout', () => { asked.destroy(new Error('the engine does not answer')) })
    asked.once('error', () => {
      if (response.headersSent) response.destroy()
      else this.#refuse(response, 'STREAM_ERR_INGEST_UNAVAILABLE')
    })
    request.once('close', () => { if (!request.complete) asked.destroy() })
    request.pipe(asked)
  }

  #refuse(response: ServerResponse, code: StreamProblemCode): void {
    this.refused += 1
    const { status } = STREAM_PROBLEMS[code]
    response.writeHead(status, { ...CORS, 'content-type': 'application/problem+json; charset=utf-8', ...(status === 401 ? { 'www-authenticate': 'Bearer realm="Loa"' } : {}) }).end(problemBody(code))
  }
}

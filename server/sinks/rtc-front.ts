import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { OUTCOME_HEADER, REMOTE_ADDRESS_HEADER } from '../webrtc/whip-server.ts'
import { presentedKey } from './request-head.ts'
import { problemBody, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

/* What WHIP and WHEP have in common at the stream port: pages of any origin, the secret in a header, another process that answers. */

/** Longer than the heartbeat of a session's events. */
const ANSWER_TIMEOUT_MS = 8000
/** Everything a client may ask and see from a page of another origin: it proves itself by its key, not by a cookie. */
export const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, GET, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, if-match',
  'access-control-expose-headers': 'location, etag, link, accept-patch, retry-after',
  'access-control-max-age': '86400',
}
const PASSED_ON = ['content-type', 'content-length', 'transfer-encoding', 'if-match'] as const
const PASSED_BACK = ['content-type', 'content-length', 'location', 'etag', 'link', 'accept-patch', 'allow', 'cache-control', 'retry-after'] as const

/** The secret in the headers. Never from the query: a key in an address is kept in logs and histories. */
export function secretOf(request: IncomingMessage): string | null {
  const headers = new Map(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])))
  return presentedKey({ method: 'POST', path: '', query: new URLSearchParams(), protocol: 'HTTP/1.1', headers, headBytes: 0 })
}

/**
 * Has another process of ours answer, on its Unix socket.
 * @param target `more`: headers that it believes; `onAnswer` is told the status and what the other says became of it
 */
export function passOn(request: IncomingMessage, response: ServerResponse, target: { readonly socketPath: string; readonly path: string; readonly more?: Readonly<Record<string, string>>; readonly onAnswer?: (status: number, outcome: string | undefined) => void }, onUnreachable: () => void): void {
  const headers: Record<string, string> = { [REMOTE_ADDRESS_HEADER]: request.socket.remoteAddress ?? '', ...target.more }
  for (const name of PASSED_ON) if (request.headers[name] !== undefined) headers[name] = request.headers[name]
  const asked = forward({ socketPath: target.socketPath, method: request.method, path: target.path, headers, timeout: ANSWER_TIMEOUT_MS }, (answer) => {
    const back: Record<string, string | string[]> = { ...CORS }
    for (const name of PASSED_BACK) if (answer.headers[name] !== undefined) back[name] = answer.headers[name]
    const { statusCode = 503 } = answer
    const outcome = answer.headers[OUTCOME_HEADER]
    target.onAnswer?.(statusCode, typeof outcome === 'string' ? outcome : undefined)
    response.writeHead(statusCode, back)
    answer.pipe(response)
    answer.once('error', () => response.destroy())
  })
  asked.once('timeout', () => { asked.destroy(new Error('the other process does not answer')) })
  asked.once('error', () => {
    if (response.headersSent) response.destroy()
    else onUnreachable()
  })
  response.once('close', () => { asked.destroy() })
  request.pipe(asked)
}

export function refuseRtc(response: ServerResponse, code: StreamProblemCode, detail?: string): void {
  const { status } = STREAM_PROBLEMS[code]
  const more = status === 401 ? { 'www-authenticate': 'Bearer realm="Loa"' } : status === 503 || status === 429 ? { 'retry-after': '1' } : {}
  response.writeHead(status, { ...CORS, 'content-type': 'application/problem+json; charset=utf-8', ...more }).end(problemBody(code, detail))
}

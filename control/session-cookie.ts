import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './problem.ts'

const NAME = 'loa_session'

/** With TLS under a name that only this host, and only over TLS, can set (RFC 6265bis, 4.1.3.2). */
const nameFor = (request: FastifyRequest): string => (request.protocol === 'https' ? `__Host-${NAME}` : NAME)

/** The secret of the session, as the browser sends it. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const wanted = `${nameFor(request)}=`
  return request.headers.cookie?.split(';').map((pair) => pair.trim()).find((pair) => pair.startsWith(wanted))?.slice(wanted.length)
}

/** No script can read it, and no other site makes the browser send it. */
export function sendSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string, maxAgeMs: number): void {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  void reply.header('Set-Cookie', `${nameFor(request)}=${secret}; Path=/; Max-Age=${String(Math.floor(maxAgeMs / 1000))}; HttpOnly; SameSite=Strict${secure}`)
}

export const clearSessionCookie = (request: FastifyRequest, reply: FastifyReply): void => {
  sendSessionCookie(request, reply, '', 0)
}

const READING = new Set(['GET', 'HEAD'])

/**
 * A cookie is sent by the browser, whoever made it ask: so what changes something, or opens a WebSocket, must be shown to come from a page of this very
 * server. Browsers say so themselves (Fetch Metadata; over plain HTTP only `Origin`).
 * @throws ApiError LOA_ERR_CROSS_SITE
 */
export function checkOwnPage(request: FastifyRequest): void {
  const { method, headers } = request
  if (READING.has(method) && headers.upgrade === undefined) return
  const site = headers['sec-fetch-site']
  const { origin } = headers
  const isOwn = site === undefined ? origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.host : site === 'same-origin'
  if (!isOwn) throw new ApiError('LOA_ERR_CROSS_SITE', 'the request does not come from a page of this server', 'yêu cầu không đến từ trang của máy chủ này')
}

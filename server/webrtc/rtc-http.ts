import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { problemBody, STREAM_PROBLEMS, type StreamProblemCode } from '../sinks/stream-problem.ts'
import { RtcUnavailableError } from './rtc-host.ts'
import { iceCredentialsOf, OfferError } from './sdp-offer.ts'

/* What WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) have in common as HTTP. */

const MAX_BODY_BYTES = 64 * 1024
const SDP = 'application/sdp'
const FRAGMENT = 'application/trickle-ice-sdpfrag'
const EVENTS = 'text/event-stream'
/** Shorter than proxies wait for the next byte. */
const HEARTBEAT_MS = 5000

/** A session as its HTTP resource sees it. */
export interface RtcResource {
  readonly id: string
  /** The SDP answer. */
  readonly answer: string
  readonly etag: string
  /** @returns the SDP fragment with the new credentials */
  restartIce(): Promise<string>
  hangUp(): void
  /** Why it has ended; undefined while it lives. */
  readonly endReason: string | undefined
  /** Calls back once when it ends. @returns stops waiting */
  onEnd(listener: (reason: string) => void): () => void
}

export interface OfferRefusal {
  readonly code: StreamProblemCode
  readonly detail?: string | undefined
}

export interface OfferContext {
  /** Path of the endpoint; a session's is below it. */
  readonly path: string
  /** Given to clients as `Link` headers (RFC 9725, 4.6). */
  readonly iceServerLinks: () => readonly string[]
  readonly logger: Logger
  /** Takes the offer, or says why it does not, with words for the client where those of the code are not enough. */
  readonly accept: (offer: string) => Promise<RtcResource | StreamProblemCode | OfferRefusal>
}

/** Answers what is asked of an endpoint: `POST` of an offer. */
export async function answerOffer(request: IncomingMessage, response: ServerResponse, { path, iceServerLinks, logger, accept }: OfferContext): Promise<void> {
  const body = await readBody(request)
  if (body === null) {
    refuse(response, 'STREAM_ERR_BAD_REQUEST', 'The body is larger than 64 KiB', 413)
    return
  }
  if (request.method !== 'POST') {
    refuseMethod(response, 'POST')
    return
  }
  if (contentTypeOf(request) !== SDP) {
    refuse(response, 'STREAM_ERR_BAD_REQUEST', `Content-Type must be ${SDP}`, 415)
    return
  }
  let taken: RtcResource | StreamProblemCode | OfferRefusal
  try {
    taken = await accept(body)
  } catch (error) {
    logger.warn({ path, err: error }, 'an offer was not taken')
    if (error instanceof OfferError) refuse(response, 'STREAM_ERR_OFFER', error.message, error.status)
    else if (error instanceof RtcUnavailableError) refuse(response, 'STREAM_ERR_WEBRTC_OFF', error.message)
    // mediasoup says in words what it does not like about the parameters of an offer.
    else refuse(response, 'STREAM_ERR_OFFER', error instanceof Error ? error.message : String(error), 422)
    return
  }
  if (typeof taken === 'string') {
    refuse(response, taken)
    return
  }
  if ('code' in taken) {
    refuse(response, taken.code, taken.detail)
    return
  }
  const links = iceServerLinks()
  response.writeHead(201, {
    'content-type': SDP,
    location: `${path}/${taken.id}`,
    etag: taken.etag,
    'accept-patch': FRAGMENT,
    ...(links.length === 0 ? {} : { link: [...links] }),
  }).end(taken.answer)
}

/** Answers what is asked of a session: `PATCH`, `DELETE`, and `GET` of its end as an event. */
export async function answerSession(request: IncomingMessage, response: ServerResponse, session: RtcResource | undefined): Promise<void> {
  const body = await readBody(request)
  if (body === null) refuse(response, 'STREAM_ERR_BAD_REQUEST', 'The body is larger than 64 KiB', 413)
  else if (session === undefined) refuse(response, 'STREAM_ERR_NOT_FOUND', 'This session has ended')
  else if (request.method === 'DELETE') {
    session.hangUp()
    response.writeHead(200).end()
  } else if (request.method === 'PATCH') await change(request, response, body, session)
  else if (request.method === 'GET') tellEnd(response, session)
  else refuseMethod(response, 'GET, PATCH, DELETE')
}

/** The client's own candidates are of no use to us, who answer to whoever proves to be it; new credentials are a restart. */
async function change(request: IncomingMessage, response: ServerResponse, body: string, session: RtcResource): Promise<void> {
  if (contentTypeOf(request) !== FRAGMENT) {
    refuse(response, 'STREAM_ERR_BAD_REQUEST', `Content-Type must be ${FRAGMENT}`, 415)
    return
  }
  const expected = request.headers['if-match']
  const credentials = iceCredentialsOf(body)
  const restarts = expected === '*' || (credentials !== null && expected === undefined)
  if (!restarts && expected !== undefined && expected !== session.etag) {
    refuse(response, 'STREAM_ERR_BAD_REQUEST', 'If-Match names another ICE session than the one there is', 412)
    return
  }
  if (!restarts) {
    response.writeHead(204).end()
    return
  }
  if (credentials === null) {
    refuse(response, 'STREAM_ERR_BAD_REQUEST', 'An ICE restart needs a=ice-ufrag and a=ice-pwd')
    return
  }
  const fragment = await session.restartIce()
  response.writeHead(200, { 'content-type': FRAGMENT, etag: session.etag }).end(fragment)
}

/** A browser notices only after seconds that nobody is at the other end any more: here it is told at once and can offer anew. */
function tellEnd(response: ServerResponse, session: RtcResource): void {
  response.writeHead(200, { 'content-type': EVENTS, 'cache-control': 'no-store' })
  response.write(': connected\n\n')
  const heartbeat = setInterval(() => { response.write(': \n\n') }, HEARTBEAT_MS)
  const forget = session.onEnd((reason) => { response.end(`event: ended\ndata: ${JSON.stringify({ reason })}\n\n`) })
  response.once('close', () => {
    clearInterval(heartbeat)
    forget()
  })
}

const contentTypeOf = (request: IncomingMessage): string => (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()

/** @returns null when it is too long */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed)
  refuse(response, 'STREAM_ERR_METHOD', `Use ${allowed.replace(/, (?=\w+$)/, ' or ')} here`)
}

/** Answers with a problem (RFC 9457). `status` where it is not that of the code. */
export function refuse(response: ServerResponse, code: StreamProblemCode, detail?: string, status: number = STREAM_PROBLEMS[code].status): void {
  response.writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8', ...(status === 503 || status === 429 ? { 'retry-after': '1' } : {}) }).end(problemBody(code, detail, status))
}

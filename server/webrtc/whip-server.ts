import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { problemOfGate } from '../sinks/stream-problem.ts'
import { classOf, openingOf } from '../sources/ingest-protocol.ts'
import { answerOffer, answerSession, refuse } from './rtc-http.ts'
import { readOffer } from './whip-offer.ts'
import type { WhipSource } from './whip-source.ts'

const BODY_TIMEOUT_MS = 10_000

/** Where the fan-out says who the client is: it has looked at the key, and nobody else reaches the socket. */
export const REMOTE_ADDRESS_HEADER = 'x-loa-remote-address'

/** And which key it has shown (see Publisher). */
export const KEY_CLASS_HEADER = 'x-loa-key-class'
export const KEY_TAG_HEADER = 'x-loa-key-tag'
/** What became of an offer, for the fan-out to note: an AttemptReason. */
export const OUTCOME_HEADER = 'x-loa-outcome'

export interface WhipServerOptions {
  /** Undefined: this engine has no such source. */
  readonly source: (sourceId: string) => WhipSource | undefined
  /** Given to clients as `Link` headers (RFC 9725, 4.6), such as `<stun:stun.example.net>; rel="ice-server"`. */
  readonly iceServerLinks: () => readonly string[]
  /** House samples. */
  readonly nowSamples: () => number
  readonly logger: Logger
}

/** An HTTP server of our own processes, on a Unix socket. */
export interface SocketServer {
  close(): Promise<void>
}

/** @throws the error of listen(2) */
export async function listenOnSocket(path: string, logger: Logger, answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<SocketServer> {
  rmSync(path, { force: true })
  const server = createServer({ requestTimeout: BODY_TIMEOUT_MS }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Whoever has gone while he was read does not want an answer.
      if (!request.destroyed || request.complete) logger.error({ err: error }, 'a WebRTC request failed')
      if (!response.headersSent) refuse(response, 'STREAM_ERR_INGEST_UNAVAILABLE')
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () => new Promise((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    }),
  }
}

/**
 * The engine's end of WHIP (RFC 9725): HTTP on a Unix socket, spoken by fan-outs that have looked at the key.
 * `POST /whip/{sourceId}` offers, `PATCH` and `DELETE /whip/{sourceId}/{sessionId}` change and end a session, `GET` waits for its end.
 * @throws the error of listen(2)
 */
export function listenWhip(path: string, { source: find, iceServerLinks, nowSamples, logger }: WhipServerOptions): Promise<SocketServer> {
  return listenOnSocket(path, logger, async (request, response) => {
    const [, root, sourceId = '', sessionId, ...rest] = (request.url ?? '').split('/')
    const source = root === 'whip' && rest.length === 0 ? find(sourceId) : undefined
    if (source === undefined) {
      refuse(response, 'STREAM_ERR_NOT_FOUND')
      return
    }
    if (sessionId !== undefined) {
      await answerSession(request, response, source.session(sessionId))
      return
    }
    await answerOffer(request, response, {
      path: `/whip/${sourceId}`, iceServerLinks, logger,
      accept: async (offer) => {
        const said = (name: string): string === undefined && source.wasTakenOver(sessionId)) refuse(response, 'STREAM_ERR_MOUNT_BUSY', 'Another client has taken over')
  else if (session === undefined) refuse(response, 'STREAM_ERR_NOT_FOUND', 'This session has ended')
  else if (request.method === 'DELETE') {
    session.end('the client has hung up', false)
    response.writeHead(200).end()
  } else if (request.method === 'PATCH') await change(request, response, body, session)
  else refuseMethod(response, 'PATCH, DELETE')
}

async function offer(request: IncomingMessage, response: ServerResponse, body: string, sourceId: string, source: WhipSource, options: WhipServerOptions): Promise<void> {
  if (request.method !== 'POST') {
    refuseMethod(response, 'POST')
    return
  }
  if (contentTypeOf(request) !== SDP) {
    refuse(response, 'STREAM_ERR_BAD_REQUEST', `Content-Type must be ${SDP}`, 415)
    return
  }
  let session: WhipSession | null
  try {
    session = await source.accept(readOffer(body), String(request.headers[REMOTE_ADDRESS_HEADER] ?? ''))
  } catch (error) {
    options.logger.warn({ sourceId, err: error }, 'a WHIP offer was not taken')
    if (error instanceof OfferError) refuse(response, 'STREAM_ERR_OFFER', error.message, error.status)
    else if (error instanceof RtcUnavailableError) refuse(response, 'STREAM_ERR_WEBRTC_OFF', error.message)
    // mediasoup says in words what it does not like about the parameters of an offer.
    else refuse(response, 'STREAM_ERR_OFFER', error instanceof Error ? error.message : String(error), 422)
    return
  }
  if (session === null) {
    refuse(response, 'STREAM_ERR_MOUNT_BUSY')
    return
  }
  response.writeHead(201, {
    'content-type': SDP,
    location: `/whip/${sourceId}/${session.id}`,
    etag: session.etag,
    'accept-patch': FRAGMENT,
    ...(options.iceServerLinks.length === 0 ? {} : { link: [...options.iceServerLinks] }),
  }).end(session.answer)
}

/** The client's own candidates are of no use to us, who answer to whoever proves to be it; new credentials are a restart. */
async function change(request: IncomingMessage, response: ServerResponse, body: string, session: WhipSession): Promise<void> {
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

const contentTypeOf = (request: IncomingMessage): string => String(request.headers[name] ?? '')
        const taken = await source.accept(readOffer(offer), said(REMOTE_ADDRESS_HEADER), { keyClass: classOf(said(KEY_CLASS_HEADER)), keyTag: said(KEY_TAG_HEADER) })
        if ('session' in taken) {
          response.setHeader(OUTCOME_HEADER, taken.tookOver ? 'took-over' : 'free')
          return taken.session
        }
        response.setHeader(OUTCOME_HEADER, taken.reason)
        const { code, detail, retryAfterS } = problemOfGate(taken.reason, openingOf(taken.opensAtSamples, nowSamples()))
        if (retryAfterS !== undefined) response.setHeader('retry-after', retryAfterS)
        return { code, detail }
      },
    })
  })
}

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
      const session = source.session(sessionId)
      if (session === undefined && source.wasTakenOver(sessionId)) refuse(response, 'STREAM_ERR_MOUNT_BUSY', 'Another client has taken over')
      else await answerSession(request, response, session)
      return
    }
    await answerOffer(request, response, {
      path: `/whip/${sourceId}`, iceServerLinks, logger,
      accept: async (offer) => {
        const said = (name: string): string => String(request.headers[name] ?? '')
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

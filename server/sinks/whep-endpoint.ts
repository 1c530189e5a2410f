import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { MonitorAnswer, MonitorHears, MonitorRefusal, MonitorRequest } from '../link/monitor-messages.ts'
import { whepSocket } from '../run-paths.ts'
import { answerOffer, answerSession, refuse, type RtcResource } from '../webrtc/rtc-http.ts'
import { hostOf, newMonitorId, type WhepHost } from '../webrtc/whep-host.ts'
import { readWhepOffer } from '../webrtc/whep-offer.ts'
import { listenOnSocket, REMOTE_ADDRESS_HEADER, type SocketServer } from '../webrtc/whip-server.ts'
import type { ControlQuestions } from './control-questions.ts'
import type { Credentials, MonitorHolder } from './credentials.ts'
import { targetUrl } from './request-head.ts'
import { CORS, passOn, refuseRtc, secretOf } from './rtc-front.ts'
import type { StreamProblemCode } from './stream-problem.ts'

const PATH = /^\/whep\/(source|cluster)\/([\w-]{1,64})(?:\/([\w-]{1,64}))?$/
/** Who came, as the fan-out that let it in says; nobody else reaches the socket. */
const TOKEN_HASH_HEADER = 'x-loa-token-hash'

const PROBLEM_OF: Readonly<Record<MonitorRefusal, StreamProblemCode>> = { 'unknown-token': 'STREAM_ERR_KEY_WRONG', unseen: 'STREAM_ERR_NOT_FOUND', full: 'STREAM_ERR_MONITORS_FULL' }

export type MonitorQuestions = ControlQuestions<Omit<MonitorRequest, 'requestId'>, MonitorAnswer>

export interface WhepEndpointPorts {
  readonly runDir: string
  /** Of this fan-out, and of the one that hosts the sessions of those who come here. */
  readonly index: number
  readonly host: number
  readonly credentials: Credentials
  readonly questions: MonitorQuestions
  readonly sessions: WhepHost
  /** As RtcHost.lack. */
  readonly lack: () => string | undefined
  readonly iceServerLinks: () => readonly string[]
  readonly wallMs: () => number
  readonly keepOpen: (request: IncomingMessage) => void
  readonly logger: Logger
}

interface Asked {
  readonly path: string
  readonly hears: MonitorHears
  readonly monitorId: string | undefined
  readonly tokenHash: string
  readonly remoteAddress: string
}

/**
 * `/whep/source/{sourceId}` and `/whep/cluster/{clusterId}` on the stream port (draft-ietf-wish-whep): who shows a token or pass and may see it hears it, within 300 ms.
 * Requests come to any fan-out, sessions live in one of them.
 */
export class WhepEndpoint {
  readonly #ports: WhepEndpointPorts
  #socket: SocketServer | undefined
  refused = 0

  constructor(ports: WhepEndpointPorts) {
    this.#ports = ports
  }

  /** Lets the other fan-outs hand requests over. */
  async listen(): Promise<void> {
    const { runDir, index, logger } = this.#ports
    this.#socket = await listenOnSocket(whepSocket(runDir, index), logger, (request, response) => {
      const { [TOKEN_HASH_HEADER]: tokenHash, [REMOTE_ADDRESS_HEADER]: remoteAddress } = request.headers
      const asked = askedOf(request, String(tokenHash), String(remoteAddress))
      if (asked !== null) return this.#answer(request, response, asked)
      refuse(response, 'STREAM_ERR_NOT_FOUND')
      return Promise.resolve()
    })
  }

  /** @returns whether the request was for here */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const asked = askedOf(request, '', request.socket.remoteAddress ?? '')
    if (asked === null) return false
    response.shouldKeepAlive = false
    if (request.method === 'OPTIONS') {
      response.writeHead(204, CORS).end()
      return true
    }
    const holder = this.#holder(secretOf(request), asked.hears)
    if (typeof holder === 'string') this.#refuse(response, holder)
    else this.#route(request, response, { ...asked, tokenHash: holder.tokenHash })
    return true
  }

  close(): Promise<void> {
    return this.#socket?.close() ?? Promise.resolve()
  }

  #holder(presented: string | null, hears: MonitorHears): MonitorHolder | StreamProblemCode {
    const { credentials, wallMs } = this.#ports
    if (!credentials.ready) return 'STREAM_ERR_NOT_READY'
    const holder = credentials.monitorHolder(presented, hears, wallMs())
    return typeof holder !== 'string' ? holder : holder === 'missing-key' ? 'STREAM_ERR_TOKEN' : 'STREAM_ERR_KEY_WRONG'
  }

  #route(request: IncomingMessage, response: ServerResponse, asked: Asked): void {
    const { runDir, index, host, keepOpen, logger } = this.#ports
    const owner = asked.monitorId === undefined ? host : hostOf(asked.monitorId)
    if (request.method === 'GET') keepOpen(request)
    if (owner === null) {
      this.#refuse(response, 'STREAM_ERR_NOT_FOUND')
    } else if (owner !== index) {
      // Where there is no such process, the session is none.
      const code = asked.monitorId === undefined ? 'STREAM_ERR_INGEST_UNAVAILABLE' : 'STREAM_ERR_NOT_FOUND'
      passOn(request, response, { socketPath: whepSocket(runDir, owner), path: asked.path, more: { [TOKEN_HASH_HEADER]: asked.tokenHash } }, () => { this.#refuse(response, code) })
    } else {
      for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
      this.#answer(request, response, asked).catch((error: unknown) => {
        if (request.complete) logger.error({ err: error }, 'a WHEP request failed')
        response.destroy()
      })
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const { sessions, lack, iceServerLinks, logger } = this.#ports
    if (asked.monitorId !== undefined) {
      await answerSession(request, response, sessions.session(asked.monitorId, asked.tokenHash))
      return
    }
    const missing = lack()
    if (missing === undefined) await answerOffer(request, response, { path: asked.path, iceServerLinks, logger, accept: (offer) => this.#accept(offer, asked) })
    else {
      this.refused += 1
      refuse(response, 'STREAM_ERR_WEBRTC_OFF', missing)
    }
  }

  async #accept(offerText: string, { hears, tokenHash, remoteAddress }: Asked): Promise<RtcResource | StreamProblemCode> {
    const { index, questions, sessions, wallMs, logger } = this.#ports
    const offer = readWhepOffer(offerText)
    const monitor = { monitorId: newMonitorId(index), tokenHash, hears, remoteAddress, sinceWallMs: wallMs() }
    const answer = await questions.ask({ type: 'monitor-request', monitor })
    if (answer?.refusal === null) {
      logger.info({ monitorId: monitor.monitorId, hears, remoteAddress }, 'a monitor is let in')
      return sessions.open(offer, monitor)
    }
    this.refused += 1
    return answer === null ? 'STREAM_ERR_NOT_READY' : PROBLEM_OF[answer.refusal]
  }

  #refuse(response: ServerResponse, code: StreamProblemCode): void {
    this.refused += 1
    refuseRtc(response, code)
  }
}

/** @returns null for what is none of its paths */
function askedOf(request: IncomingMessage, tokenHash: string, remoteAddress: string): Asked | null {
  const path = targetUrl(request.url)?.pathname
  const match = path === undefined ? null : PATH.exec(path)
  if (path === undefined || match === null) return null
  const [, kind, id = '', monitorId] = match
  return { path, hears: kind === 'source' ? { sourceId: id } : { clusterId: id }, monitorId, tokenHash, remoteAddress }
}

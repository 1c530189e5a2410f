import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { FanOutToControl } from '../link/messages.ts'
import { ingestSocket } from '../run-paths.ts'
import { openIngest } from '../sources/ingest-protocol.ts'
import { attemptOf, refusedKey, type AttemptReporter } from './attempt-reporter.ts'
import { ChunkedBody } from './chunked-body.ts'
import type { Credentials } from './credentials.ts'
import { endSocket } from './end-socket.ts'
import { presentedKey, targetUrl, type RequestHead } from './request-head.ts'
import { problemBody, problemOfGate, problemOfRefusal, respondProblem, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

/** An encoder that sends nothing for this long is gone; it connects again. */
const SOURCE_TIMEOUT_MS = 10_000
/** What encoders call themselves is kept, within reason. */
export const MOST_AGENT_CHARACTERS = 200

export interface IngestPorts {
  readonly runDir: string
  readonly credentials: Credentials
  readonly attempts: AttemptReporter
  /** House samples. */
  readonly nowSamples: () => number
}

const METADATA_DONE = '<?xml version="1.0" encoding="UTF-8"?>\n<iceresponse><message>Metadata update successful</message><return>1</return></iceresponse>\n'

/**
 * Studio encoders by Icecast's source protocol: `PUT` and the older `SOURCE`, Basic with the source's key, with or without
 * `Expect: 100-continue`, chunked or plain. Only authenticates and passes on: the bytes are read by a child process of an
 * engine, never here.
 */
export class IngestEndpoint {
  readonly #runDir: string
  readonly #credentials: Credentials
  readonly #attempts: AttemptReporter
  readonly #nowSamples: () => number
  readonly #send: (message: FanOutToControl) => void
  readonly #logger: Logger
  readonly #connections = new Set<Socket>()
  refused = 0

  constructor({ runDir, credentials, attempts, nowSamples }: IngestPorts, send: (message: FanOutToControl) => void, logger: Logger) {
    this.#runDir = runDir
    this.#credentials = credentials
    this.#attempts = attempts
    this.#nowSamples = nowSamples
    this.#send = send
    this.#logger = logger
  }

  /** @param rest bytes of the body that came with the head */
  handle(socket: Socket, head: RequestHead, rest: Buffer): void {
    socket.pause()
    if (!this.#credentials.ready) {
      this.#refuse(socket, 'STREAM_ERR_NOT_READY')
      return
    }
    const source = this.#credentials.sourceAt(head.path)
    const key = this.#credentials.sourceKey(head.path, presentedKey(head), this.#nowSamples())
    const from = { userAgent: (head.headers.get('user-agent') ?? '').slice(0, MOST_AGENT_CHARACTERS), remoteAddress: socket.remoteAddress ?? '' }
    if (typeof key === 'string' || source === undefined) {
      if (source !== undefined) this.#attempts.note({ ...from, sourceId: source.id, protocol: 'icecast', ...refusedKey(key) })
      this.#refuse(socket, problemOfRefusal(typeof key === 'string' ? key : 'unknown'))
      return
    }
    const hello = { ...from, sourceId: source.id, contentType: head.headers.get('content-type') ?? 'audio/mpeg', keyClass: key.class, keyTag: key.tag }
    void openIngest(ingestSocket(this.#runDir, source.engine), hello).then((outcome) => {
      this.#attempts.note({ ...from, sourceId: source.id, protocol: 'icecast', keyId: key.id, keyClass: key.class, ...attemptOf(outcome) })
      if (outcome.accepted) {
        this.#carry(socket, head, rest, outcome.socket)
        return
      }
      this.#logger.warn({ sourceId: source.id, reason: outcome.reason }, 'a studio was not taken by its engine')
      const { code, ...more } = problemOfGate(outcome.reason, outcome)
      this.#refuse(socket, code, more)
    })
  }

  /** Requests that come with a length, through Node's own parser: metadata, health, and whatever is not here. */
  handleRequest(request: IncomingMessage, response: ServerResponse): void {
    // One request a connection: those who come here have one thing to say, and nobody may hold a connection for a next one.
    response.shouldKeepAlive = false
    const url = targetUrl(request.url)
    if (url === null) {
      answer(response, 'STREAM_ERR_NOT_FOUND')
    } else if (url.pathname === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok\n')
    } else if (url.pathname === '/admin/metadata') {
      this.#takeMetadata(request, response, url)
    } else {
      answer(response, 'STREAM_ERR_NOT_FOUND')
    }
  }

  close(): void {
    for (const socket of this.#connections) socket.destroy()
  }

  #carry(socket: Socket, head: RequestHead, rest: Buffer, engine: Socket): void {
    if (socket.destroyed) {
      engine.end()
      return
    }
    this.#connections.add(socket)
    const body = /\bchunked\b/i.test(head.headers.get('transfer-encoding') ?? '') ? new ChunkedBody() : null
    if (/^100-continue$/i.test(head.headers.get('expect') ?? '')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    else socket.write(`${head.protocol === 'HTTP/1.1' ? 'HTTP/1.1' : 'HTTP/1.0'} 200 OK\r\nServer: Loa\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n`)

    const take = (bytes: Buffer): void => {
      let open = true
      for (const piece of body === null ? [bytes] : body.push(bytes)) open = engine.write(piece) && open
      if (body !== null && body.state !== 'open') {
        // Whatever follows the end of the body, or what cannot be its continuation, belongs to nobody.
        socket.off('data', take)
        engine.end()
        endSocket(socket)
      } else if (!open) {
        socket.pause()
      }
    }
    engine.on('drain', () => {
      socket.resume()
    })
    engine.once('close', () => {
      socket.destroy()
    })
    engine.resume()
    socket.setTimeout(SOURCE_TIMEOUT_MS, () => {
      socket.destroy()
    })
    socket.on('data', take)
    socket.once('close', () => {
      this.#connections.delete(socket)
      engine.end()
    })
    if (rest.length > 0) take(rest)
    socket.resume()
  }

  #takeMetadata(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const mount = url.searchParams.get('mount') ?? ''
    const headers = new Map(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])))
    const key = presentedKey({ method: 'GET', path: url.pathname, query: url.searchParams, protocol: 'HTTP/1.1', headers, headBytes: 0 })
    const found = this.#credentials.sourceKey(mount, key, this.#nowSamples())
    const source = this.#credentials.sourceAt(mount)
    if (typeof found === 'string' || source === undefined) {
      this.refused += 1
      answer(response, problemOfRefusal(typeof found === 'string' ? found : 'unknown'))
      return
    }
    if (url.searchParams.get('mode') !== 'updinfo') {
      answer(response, 'STREAM_ERR_BAD_REQUEST', 'mode must be updinfo')
      return
    }
    this.#send({ type: 'source-metadata', sourceId: source.id, title: songOf(url) })
    response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(METADATA_DONE)
  }

  #refuse(socket: Socket, code: StreamProblemCode, more: { readonly detail?: string; readonly retryAfterS?: number } = {}): void {
    this.refused += 1
    respondProblem(socket, code, more)
  }
}

/** The title in UTF-8; old encoders say `charset=ISO-8859-1` and percent-encode that. */
function songOf(url: URL): string {
  if (!/^(?:iso-?8859-?1|latin-?1)$/i.test(url.searchParams.get('charset') ?? '')) {
    const song = url.searchParams.get('song')
    // Liquidsoap sends all three, the artist standing in `song` already.
    const parts = song === null ? [url.searchParams.get('artist'), url.searchParams.get('title')] : [song]
    return parts.filter((part) => part !== null && part !== '').join(' - ').normalize('NFC').slice(0, 500)
  }
  const raw = /[?&]song=([^&]*)/.exec(url.search)?.[1] ?? ''
  const bytes = raw.replaceAll('+', ' ').replace(/%([0-9a-fA-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return bytes.slice(0, 500)
}

function answer(response: ServerResponse, code: StreamProblemCode, detail?: string): void {
  const { status } = STREAM_PROBLEMS[code]
  response.writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8', ...(status === 401 ? { 'www-authenticate': 'Basic realm="Loa", charset="UTF-8"' } : {}) }).end(problemBody(code, detail))
}

import type { ServerResponse } from 'node:http'
import type { WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { somewhere } from '../access.ts'
import { identityOf, type Identity } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { MAX_PENDING_BYTES, MAX_SUBSCRIBERS, type EventHub, type SentEvent, type Subscriber } from '../event-hub.ts'
import { ApiError } from '../problem.ts'
import { problems } from '../schemas/common.ts'
import { EVENT_TYPES, EventQuery } from '../schemas/status.ts'
import { Sights, type Sight } from '../sight.ts'
import { invalid } from '../validation.ts'

export function eventRoutes(app: ControlApp, { hub, store, broadcast, clock }: Context): void {
  const sights = new Sights({ store, broadcast }, clock)
  app.route({
    method: 'GET',
    url: '/v1/events',
    config: { access: somewhere('view'), tokenInQuery: true },
    schema: {
      tags: ['status'],
      summary: 'Watch what happens',
      description: 'Server-sent events; with `Upgrade: websocket`, the same as one JSON message an event: `{id, type, at, data}`. Types: `on-air`, `join`, `leave`, `fault`, `source`, `order`, `alert`, `state`, `command`, `alarm` (`{change, alarm}`: `raised`, `updated`, `escalated`, `acknowledged`, `cleared`), and `gap` when events were missed that are no longer kept, after which everything should be read again. Every 15 s a stream brings `alive`, without an id: a sign of life.',
      querystring: EventQuery,
      produces: ['text/event-stream'],
      response: { 200: Type.String(), ...problems(400, 401, 503) },
    },
    preHandler: (request, _reply, done) => {
      readTypes(request.query)
      if (hub.open >= MAX_SUBSCRIBERS) throw new ApiError('LOA_ERR_BUSY', `${String(MAX_SUBSCRIBERS)} are watching already`, `đã có ${String(MAX_SUBSCRIBERS)} kết nối theo dõi`, { headers: { 'Retry-After': '10' } })
      done()
    },
    handler: (request, reply) => {
      void reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      })
      raw.write('retry: 2000\n\n')
      watch(hub, request, new StreamSubscriber(raw, watcher(request, sights)), (ended) => raw.once('close', ended))
    },
    wsHandler: (socket, request) => {
      watch(hub, request, new SocketSubscriber(socket, watcher(request, sights)), (ended) => socket.once('close', ended))
    },
  })
}

function watch(hub: EventHub, request: FastifyRequest, subscriber: Subscriber, onEnd: (ended: () => void) => void): void {
  const { lastEventId } = request.query as { lastEventId?: string }
  const header = request.headers['last-event-id']
  onEnd(hub.subscribe(subscriber, typeof header === 'string' ? header : lastEventId))
}

function readTypes(query: { readonly types?: string }): ReadonlySet<string> | null {
  if (query.types === undefined) return null
  const types = query.types.split(',').map((type) => type.trim())
  const known: readonly string[] = EVENT_TYPES
  const unknown = types.filter((type) => !known.includes(type))
  if (unknown.length > 0) {
    throw invalid([{ path: 'types', message: `must be of ${known.join(', ')}; not '${unknown.join(', ')}'`, messageVi: `phải thuộc: ${known.join(', ')}` }], 'LOA_ERR_BAD_REQUEST')
  }
  return new Set(types)
}

type Watcher = Pick<Subscriber, 'identity' | 'types' | 'sight'>

function watcher(request: FastifyRequest, sights: Sights): Watcher {
  const identity = identityOf(request)
  return { identity, types: readTypes(request.query as { types?: string }), sight: sights.of(identity.rights) }
}

/** An event and no comment, which pages are not told of; without an id, so that the last one seen stays the last. */
const ALIVE = 'event: alive\ndata: {}\n\n'

/** One who watches by server-sent events. */
class StreamSubscriber implements Subscriber {
  readonly identity: Identity
  readonly types: ReadonlySet<string> | null
  readonly sight: Sight | null
  readonly #raw: ServerResponse

  constructor(raw: ServerResponse, watcher: Watcher) {
    this.#raw = raw
    this.identity = watcher.identity
    this.types = watcher.types
    this.sight = watcher.sight
    // A connection that breaks is told by 'close'; without a listener its 'error' would end the process.
    raw.on('error', () => undefined)
  }

  write(event: SentEvent): boolean {
    if (this.#raw.writableLength > MAX_PENDING_BYTES) return false
    this.#raw.write(event.sse)
    return true
  }

  beat(): void {
    if (this.#raw.writableLength <= MAX_PENDING_BYTES) this.#raw.write(ALIVE)
  }

  end(reason: 'slow' | 'revoked' | 'closing'): void {
    if (reason === 'slow') this.#raw.destroy()
    else this.#raw.end()
  }
}

/** One who watches by WebSocket. */
class SocketSubscriber implements Subscriber {
  readonly identity: Identity
  readonly types: ReadonlySet<string> | null
  readonly sight: Sight | null
  readonly #socket: WebSocket
  #answered = true

  constructor(socket: WebSocket, watcher: Watcher) {
    this.#socket = socket
    this.identity = watcher.identity
    this.types = watcher.types
    this.sight = watcher.sight
    socket.on('pong', () => {
      this.#answered = true
    })
    socket.on('error', () => undefined)
  }

  write(event: SentEvent): boolean {
    if (this.#socket.bufferedAmount > MAX_PENDING_BYTES) return false
    this.#socket.send(event.json, { binary: false })
    return true
  }

  beat(): void {
    if (!this.#answered) {
      this.#socket.terminate()
      return
    }
    this.#answered = false
    this.#socket.ping()
  }

  /** Close codes of RFC 6455 7.4.1: 1001 going away, 1008 policy. */
  end(reason: 'slow' | 'revoked' | 'closing'): void {
    if (reason === 'slow') this.#socket.terminate()
    else this.#socket.close(reason === 'closing' ? 1001 : 1008, reason)
  }
}

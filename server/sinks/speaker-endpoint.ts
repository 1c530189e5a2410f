import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { WebSocket} from 'ws';
import { WebSocketServer } from 'ws'
import { parseFormat, type AudioFormat } from '../../codec/index.ts'
import type { FanOut } from '../../rooms/fan-out.ts'
import type { HouseClock } from '../../rooms/house-clock.ts'
import type { Listener, LeaveReason } from '../../rooms/listener.ts'
import type { PlanSegment } from '../../rooms/plan.ts'
import type { FanOutToControl } from '../link/messages.ts'
import type { Credentials } from './credentials.ts'
import { createNativeWire, NATIVE_VERSION } from './native-wire.ts'
import type { PresenceReporter } from './presence-reporter.ts'
import { targetUrl } from './request-head.ts'
import { boundSocket, SocketSink } from './socket-sink.ts'
import { problemBody, problemOfRefusal, respondProblem, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

export interface SpeakerOptions {
  readonly mp3Format: string
  readonly opusFormat: string
  readonly nativeFlushMs: number
  readonly presentationDelayMs: number
  readonly frozenTimeoutMs: number
}

const HELLO_TIMEOUT_MS = 5000
/** For a whole HTTP request and its answer; upgraded connections have their own bounds. */
const HTTP_TIMEOUT_MS = 10_000
/** How long the far side has to answer a close frame. */
const CLOSE_TIMEOUT_MS = 2000
const MAX_MESSAGE_BYTES = 16 * 1024
// Apart from its use, because the declarations of ws do not know closeTimeout yet.
const WEB_SOCKET_OPTIONS = { noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, clientTracking: false, closeTimeout: CLOSE_TIMEOUT_MS }
/** A clock exchange a second and a status every ten are usual; a storm is a broken device. */
const MAX_MESSAGES_PER_SECOND = 50
const MAX_BURST_MS = 3000

/** Close codes of our own (RFC 6455, 7.4.2: 4000 to 4999). Table in server/protocol.md. */
const CLOSE_CODE: Readonly<Record<LeaveReason, number>> = { closed: 1000, frozen: 4008, replaced: 4009, disabled: 4003, 'key-rotated': 4001, removed: 4004, shutdown: 1001 }
const CLOSE_POLICY = 1008
const CLOSE_REFUSED = 4401
const CLOSE_BAD_MESSAGE = 4400

const helloType = Type.Object({
  type: Type.Literal('hello'),
  protocol: Type.Literal(NATIVE_VERSION),
  clusterId: Type.String({ minLength: 1, maxLength: 128 }),
  key: Type.String({ minLength: 1, maxLength: 256 }),
  format: Type.Optional(Type.String({ maxLength: 32 })),
  burstMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_BURST_MS })),
  capabilities: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
})
const helloSchema = Compile(helloType)
const clockSchema = Compile(Type.Object({ type: Type.Literal('clock'), t1: Type.Number() }))
const statusSchema = Compile(Type.Object({ type: Type.Literal('status') }, { additionalProperties: true }))
const ackSchema = Compile(Type.Object({ type: Type.Literal('ack'), commandId: Type.String({ maxLength: 128 }) }, { additionalProperties: true }))

type HelloMessage = Static<typeof helloType>

interface Session {
  readonly webSocket: WebSocket
  readonly clusterId: string
}

/** WebSocket `/v1/speaker`: the native protocol of server/protocol.md. */
export class SpeakerEndpoint {
  /** Give it every connection that is not a plain listener; it also answers what nothing else does. */
  readonly http: HttpServer
  readonly #webSockets = new WebSocketServer(WEB_SOCKET_OPTIONS)
  readonly #fanOut: FanOut
  readonly #house: HouseClock
  readonly #credentials: Credentials
  readonly #presence: PresenceReporter
  readonly #send: (message: FanOutToControl) => void
  readonly #codecDelaySamples: (format: AudioFormat) => number
  readonly #options: SpeakerOptions
  readonly #sessions = new Map<string, Session>()
  readonly #deadlines = new WeakMap<Duplex, NodeJS.Timeout>()
  refused = 0

  constructor(ports: { fanOut: FanOut; house: HouseClock; credentials: Credentials; presence: PresenceReporter; send: (message: FanOutToControl) => void; codecDelaySamples: (format: AudioFormat) => number }, options: SpeakerOptions) {
    this.#fanOut = ports.fanOut
    this.#house = ports.house
    this.#credentials = ports.credentials
    this.#presence = ports.presence
    this.#send = ports.send
    this.#codecDelaySamples = ports.codecDelaySamples
    this.#options = options
    this.http = createServer({ keepAliveTimeout: 5000 })
    // A server that does not listen itself has no watch over slow requests, so each connection gets its time here.
    this.http.on('connection', (socket) => {
      const deadline = setTimeout(() => socket.destroy(), HTTP_TIMEOUT_MS)
      deadline.unref()
      this.#deadlines.set(socket, deadline)
      socket.once('close', () => {
        clearTimeout(deadline)
      })
    })
    this.http.on('upgrade', (request, socket, head) => {
      clearTimeout(this.#deadlines.get(socket))
      this.#upgrade(request, socket, head)
    })
  }

  /** Passes a command on to the speaker. @returns false when it is not here. */
  command(clusterId: string, command: Readonly<Record<string, unknown>>): boolean {
    const session = this.#sessions.get(clusterId)
    session?.webSocket.send(JSON.stringify({ type: 'command', ...command }))
    return session !== undefined
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (targetUrl(request.url)?.pathname !== '/v1/speaker') {
      respondProblem(socket as Socket, 'STREAM_ERR_NOT_FOUND')
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#greet(webSocket, socket as Socket)
    })
  }

  #greet(webSocket: WebSocket, socket: Socket): void {
    webSocket.on('error', () => undefined) // 'close' follows
    const timer = setTimeout(() => {
      this.#refuse(webSocket, 'STREAM_ERR_TIMEOUT')
    }, HELLO_TIMEOUT_MS)
    webSocket.once('close', () => {
      clearTimeout(timer)
    })
    webSocket.once('message', (data, isBinary) => {
      clearTimeout(timer)
      const message = isBinary ? null : parseJson(data)
      if (!helloSchema.Check(message)) {
        webSocket.close(CLOSE_BAD_MESSAGE, 'the first message must be hello, see server/protocol.md')
        return
      }
      this.#welcome(webSocket, socket, message)
    })
  }

  #welcome(webSocket: WebSocket, socket: Socket, hello: HelloMessage): void {
    if (!this.#credentials.ready) {
      this.#refuse(webSocket, 'STREAM_ERR_NOT_READY')
      return
    }
    const refusal = this.#credentials.checkCluster(hello.clusterId, hello.key)
    if (refusal !== null) {
      this.#refuse(webSocket, problemOfRefusal(refusal))
      return
    }
    let format: AudioFormat
    try {
      format = parseFormat(hello.format ?? this.#options.opusFormat)
    } catch {
      this.#refuse(webSocket, 'STREAM_ERR_FORMAT')
      return
    }

    boundSocket(socket, this.#options.frozenTimeoutMs)
    webSocket.send(JSON.stringify({
      type: 'welcome',
      protocol: NATIVE_VERSION,
      format: format.id,
      codec: format.codec,
      sampleRateHz: format.sampleRateHz,
      frameSamples: format.frameSamples,
      codecDelaySamples: this.#codecDelaySamples(format),
      presentationDelayMs: this.#options.presentationDelayMs,
      houseUs: this.#houseUs(),
    }))
    const sink = new SocketSink(
      socket,
      (segment) => {
        webSocket.send(JSON.stringify(onAirMessage(segment)))
      },
      (reason) => closeFrame(CLOSE_CODE[reason], reason),
    )
    const listener: Listener = this.#fanOut.join({
      sink,
      hears: { clusterId: hello.clusterId },
      format,
      wire: nativeWire(format.frameSamples, this.#options.presentationDelayMs),
      flushMs: this.#options.nativeFlushMs,
      burstMs: hello.burstMs ?? 0,
    })
    const session: Session = { webSocket, clusterId: hello.clusterId }
    this.#sessions.set(hello.clusterId, session)
    const left = this.#presence.joined(hello.clusterId, 'native', format.id, socket.remoteAddress ?? '')
    this.#converse(webSocket, hello.clusterId, (code, reason) => {
      // No frame goes after the close frame.
      this.#fanOut.leave(listener)
      webSocket.close(code, reason)
    })
    webSocket.once('close', () => {
      this.#fanOut.leave(listener)
      if (this.#sessions.get(hello.clusterId) === session) this.#sessions.delete(hello.clusterId)
      left(sink.leaveReason)
    })
  }

  #converse(webSocket: WebSocket, clusterId: string, end: (code: number, reason: string) => void): void {
    let windowStartMs = 0
    let messages = 0
    const isTooMuch = (): boolean => {
      const nowMs = performance.now()
      if (nowMs - windowStartMs > 1000) {
        windowStartMs = nowMs
        messages = 0
      }
      messages += 1
      if (messages > MAX_MESSAGES_PER_SECOND) end(CLOSE_POLICY, 'too many messages')
      return messages > MAX_MESSAGES_PER_SECOND
    }
    webSocket.on('ping', isTooMuch)
    webSocket.on('message', (data, isBinary) => {
      const receivedUs = this.#houseUs()
      if (isTooMuch()) return
      const message = isBinary ? null : parseJson(data)
      if (clockSchema.Check(message)) {
        webSocket.send(JSON.stringify({ type: 'clock', t1: message.t1, t2: receivedUs, t3: this.#houseUs() }))
      } else if (statusSchema.Check(message) || ackSchema.Check(message)) {
        this.#send({ type: 'speaker-status', clusterId, status: message })
      } else {
        end(CLOSE_BAD_MESSAGE, 'unknown message, see server/protocol.md')
      }
    })
  }

  #houseUs(): number {
    return Math.round(this.#house.nowSamples() / 0.048)
  }

  #refuse(webSocket: WebSocket, code: StreamProblemCode): void {
    this.refused += 1
    webSocket.send(problemBody(code))
    webSocket.close(CLOSE_REFUSED, `${String(STREAM_PROBLEMS[code].status)} ${code}`)
  }
}

const wires = new Map<string, ReturnType<typeof createNativeWire>>()

function nativeWire(frameSamples: number, presentationDelayMs: number): ReturnType<typeof createNativeWire> {
  const key = `${String(frameSamples)}/${String(presentationDelayMs)}`
  let wire = wires.get(key)
  if (wire === undefined) {
    wire = createNativeWire(frameSamples, presentationDelayMs)
    wires.set(key, wire)
  }
  return wire
}

function onAirMessage(segment: PlanSegment | null): object {
  if (segment === null) return { type: 'on-air', orderId: null }
  const { orderId, class: orderClass, title, fromSamples, untilSamples } = segment
  return { type: 'on-air', orderId, class: orderClass, title, fromSamples, untilSamples }
}

/** A WebSocket close frame (RFC 6455, 5.5.1), for sinks that write to the socket themselves. */
function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, 'utf8').subarray(0, 120)
  const frame = Buffer.allocUnsafe(4 + text.length)
  frame[0] = 0x88
  frame[1] = 2 + text.length
  frame.writeUInt16BE(code, 2)
  text.copy(frame, 4)
  return frame
}

function parseJson(data: WebSocket.RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString('utf8')) as unknown
  } catch {
    return null
  }
}

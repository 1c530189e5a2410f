import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { parseFormat, type AudioFormat } from '../../codec/index.ts'
import type { FanOut } from '../../rooms/fan-out.ts'
import type { HouseClock } from '../../rooms/house-clock.ts'
import type { Listener, LeaveReason } from '../../rooms/listener.ts'
import type { FanOutToControl } from '../link/messages.ts'
import type { Credentials } from './credentials.ts'
import { DeviceHandshake, type Conversation, type Questions } from './device-handshake.ts'
import { createNativeWire, emergencyDelayMs, flushMsFor, NATIVE_VERSION } from './native-wire.ts'
import type { PresenceReporter } from './presence-reporter.ts'
import { targetUrl } from './request-head.ts'
import { boundSocket, SocketSink } from './socket-sink.ts'
import { ackSchema, clockSchema, closeFrame, deviceHelloSchema, enrolSchema, keyHelloSchema, logSchema, onAirMessage, parseJson, statusSchema, type Hello } from './speaker-messages.ts'
import { nativeProblem, problemOfRefusal, respondProblem, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

export interface SpeakerOptions {
  readonly mp3Format: string
  readonly opusFormat: string
  readonly nativeFlushMs: number
  readonly presentationDelayMs: number
  readonly emergencyDelayMs: number
  readonly frozenTimeoutMs: number
}

const HELLO_TIMEOUT_MS = 5000
/** How often it is looked who has gone silent. */
const WATCH_MS = 1000
/** Silent for this long: asked by a ping (RFC 6455, 5.5.2), again at every look. */
const ASK_MS = 3000
/** And for this long: given up. Clock exchanges and statuses come far more often, and every WebSocket client answers pings. */
const GIVE_UP_MS = 8000
/** For a whole HTTP request and its answer; upgraded connections have their own bounds. */
const HTTP_TIMEOUT_MS = 10_000
/** How long the far side has to answer a close frame. */
const CLOSE_TIMEOUT_MS = 2000
const MAX_MESSAGE_BYTES = 16 * 1024
const MAX_REASON_CHARACTERS = 256
// Apart from its use, because the declarations of ws do not know closeTimeout yet.
const WEB_SOCKET_OPTIONS = { noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, clientTracking: false, closeTimeout: CLOSE_TIMEOUT_MS }
/** A clock exchange a second and a status every ten are usual; a storm is a broken device. */
const MAX_MESSAGES_PER_SECOND = 50

/** Close codes of our own (RFC 6455, 7.4.2: 4000 to 4999). Table in server/protocol.md. */
const CLOSE_CODE: Readonly<Record<LeaveReason, number>> = { closed: 1000, frozen: 4008, replaced: 4009, disabled: 4003, 'key-rotated': 4001, removed: 4004, shutdown: 1001 }
const CLOSE_POLICY = 1008
const CLOSE_REFUSED = 4401
const CLOSE_BAD_MESSAGE = 4400

interface Session {
  readonly webSocket: WebSocket
  readonly clusterId: string
  /** Of an enrolled device, null otherwise. */
  readonly instanceId: string | null
  /** When its last message came, monotonic ms. */
  heardMs: number
  /** Lets it go because nothing comes from it any more. */
  readonly giveUp: () => void
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
  readonly #handshake: DeviceHandshake
  readonly #watch: NodeJS.Timeout
  #watchedMs = performance.now()
  readonly #sessions = new Map<string, Session>()
  readonly #deadlines = new WeakMap<Duplex, NodeJS.Timeout>()
  refused = 0

  constructor(ports: { fanOut: FanOut; house: HouseClock; credentials: Credentials; presence: PresenceReporter; send: (message: FanOutToControl) => void; questions: Questions; codecDelaySamples: (format: AudioFormat) => number }, options: SpeakerOptions) {
    this.#fanOut = ports.fanOut
    this.#house = ports.house
    this.#credentials = ports.credentials
    this.#presence = ports.presence
    this.#send = ports.send
    this.#codecDelaySamples = ports.codecDelaySamples
    this.#options = options
    this.#watch = setInterval(() => {
      this.#watchSessions()
    }, WATCH_MS).unref()
    this.#handshake = new DeviceHandshake({ credentials: ports.credentials, questions: ports.questions, monotonicMs: () => performance.now() })
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

  /** Passes messages of control on to the speakers that are here. */
  deliver(items: readonly { readonly clusterId: string; readonly text: string }[]): void {
    for (const { clusterId, text } of items) this.#sessions.get(clusterId)?.webSocket.send(text)
  }

  /** A request that takes longer than one quick answer; whoever asks bounds its time. */
  keepOpen({ socket }: IncomingMessage): void {
    clearTimeout(this.#deadlines.get(socket))
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
      const message = isBinary ? null : parseJson(data)
      this.#admit(webSocket, socket, message).then(
        (refusal) => {
          clearTimeout(timer)
          if (refusal !== null) this.#refuse(webSocket, refusal)
        },
        () => {
          webSocket.terminate()
        },
      )
    })
  }

  /** @returns why the connection is refused, or null */
  async #admit(webSocket: WebSocket, socket: Socket, message: unknown): Promise<StreamProblemCode | null> {
    if (!this.#credentials.ready) return 'STREAM_ERR_NOT_READY'
    if (keyHelloSchema.Check(message)) {
      const refusal = this.#credentials.checkCluster(message.clusterId, message.key)
      return refusal === null ? this.#welcome(webSocket, socket, message) : problemOfRefusal(refusal)
    }
    if (deviceHelloSchema.Check(message)) {
      const refusal = await this.#handshake.admit(conversation(webSocket, socket), message)
      if (refusal !== null || webSocket.readyState !== webSocket.OPEN) return refusal
      return this.#welcome(webSocket, socket, message)
    }
    if (enrolSchema.Check(message)) {
      const refusal = await this.#handshake.enrol(conversation(webSocket, socket), message)
      if (refusal === null) webSocket.close(1000, 'enrolled')
      return refusal
    }
    webSocket.close(CLOSE_BAD_MESSAGE, 'the first message must be hello or enrol, see server/protocol.md')
    return null
  }

  /** @returns why it cannot be served, or null */
  #welcome(webSocket: WebSocket, socket: Socket, hello: Hello): StreamProblemCode | null {
    let format: AudioFormat
    try {
      format = parseFormat(hello.format ?? this.#options.opusFormat)
    } catch {
      return 'STREAM_ERR_FORMAT'
    }
    const presentationDelayMs = this.#credentials.cluster(hello.clusterId)?.presentationDelayMs ?? this.#options.presentationDelayMs
    const instanceId = 'instanceId' in hello ? hello.instanceId : null

    boundSocket(socket, this.#options.frozenTimeoutMs)
    webSocket.send(JSON.stringify({
      type: 'welcome',
      protocol: NATIVE_VERSION,
      format: format.id,
      codec: format.codec,
      sampleRateHz: format.sampleRateHz,
      frameSamples: format.frameSamples,
      codecDelaySamples: this.#codecDelaySamples(format),
      presentationDelayMs,
      houseUs: this.#houseUs(),
    }))
    const emergencyMs = emergencyDelayMs(this.#options.emergencyDelayMs, presentationDelayMs)
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
      wire: nativeWire(format.frameSamples, presentationDelayMs, emergencyMs),
      flushMs: flushMsFor(emergencyMs, this.#options.nativeFlushMs),
      burstMs: hello.burstMs ?? 0,
    })
    const session: Session = {
      webSocket,
      clusterId: hello.clusterId,
      instanceId,
      heardMs: performance.now(),
      giveUp: () => {
        this.#fanOut.leave(listener)
        sink.close('frozen')
      },
    }
    this.#sessions.set(hello.clusterId, session)
    const left = this.#presence.joined(hello.clusterId, 'native', format.id, socket.remoteAddress ?? '', instanceId ?? undefined)
    const connectionId = this.#presence.clusterHere(hello.clusterId) ?? ''
    if (instanceId !== null) this.#handshake.leases.joined(hello.clusterId, instanceId, connectionId)
    this.#converse(session, (code, reason) => {
      // No frame goes after the close frame.
      this.#fanOut.leave(listener)
      webSocket.close(code, reason)
    })
    webSocket.once('close', () => {
      this.#fanOut.leave(listener)
      if (this.#sessions.get(hello.clusterId) === session) this.#sessions.delete(hello.clusterId)
      const silentMs = performance.now() - session.heardMs
      if (instanceId !== null) this.#handshake.leases.left(hello.clusterId, connectionId, silentMs)
      left(sink.leaveReason, instanceId === null ? undefined : silentMs)
    })
    return null
  }

  #converse(session: Session, end: (code: number, reason: string) => void): void {
    const { webSocket, clusterId } = session
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
    webSocket.on('pong', () => {
      session.heardMs = performance.now()
    })
    webSocket.on('message', (data, isBinary) => {
      const receivedUs = this.#houseUs()
      session.heardMs = performance.now()
      if (isTooMuch()) return
      const message = isBinary ? null : parseJson(data)
      if (clockSchema.Check(message)) {
        webSocket.send(JSON.stringify({ type: 'clock', t1: message.t1, t2: receivedUs, t3: this.#houseUs() }))
      } else if (statusSchema.Check(message)) {
        this.#send({ type: 'speaker-status', clusterId, status: message })
      } else if (ackSchema.Check(message)) {
        // Early clients answer without a result.
        this.#send({ type: 'speaker-ack', clusterId, commandId: message.commandId, result: message.result ?? 'done', ...(message.reason === undefined ? {} : { reason: message.reason.slice(0, MAX_REASON_CHARACTERS) }) })
      } else if (logSchema.Check(message)) {
        this.#send({ type: 'speaker-log', clusterId, logId: message.logId, entries: message.entries })
      } else {
        end(CLOSE_BAD_MESSAGE, 'unknown message, see server/protocol.md')
      }
    })
  }

  /** A device that lost its power or its network says nothing: it is asked, and then given up, within ten seconds in all. */
  #watchSessions(): void {
    const nowMs = performance.now()
    // When this process stood still, whatever the devices said meanwhile has not been read yet.
    const stoodStill = nowMs - this.#watchedMs > 2 * WATCH_MS
    this.#watchedMs = nowMs
    for (const session of this.#sessions.values()) {
      const silentMs = nowMs - session.heardMs
      if (stoodStill) session.heardMs = nowMs
      else if (silentMs > GIVE_UP_MS) session.giveUp()
      else if (silentMs > ASK_MS) session.webSocket.ping()
    }
  }

  /** Lets devices connect again, because what their welcome said does not hold any more. */
  renew(clusterIds: readonly string[]): void {
    for (const clusterId of clusterIds) if (this.#sessions.has(clusterId)) this.#fanOut.leaveCluster(clusterId, 'shutdown')
  }

  /** Stops watching; the connections are the fan-out's to close. */
  close(): void {
    clearInterval(this.#watch)
  }

  #houseUs(): number {
    return Math.round(this.#house.nowSamples() / 0.048)
  }

  #refuse(webSocket: WebSocket, code: StreamProblemCode): void {
    if (webSocket.readyState !== webSocket.OPEN) return
    this.refused += 1
    webSocket.send(nativeProblem(code))
    webSocket.close(CLOSE_REFUSED, `${String(STREAM_PROBLEMS[code].status)} ${code}`)
  }
}

const wires = new Map<string, ReturnType<typeof createNativeWire>>()

function nativeWire(frameSamples: number, presentationDelayMs: number, emergencyMs: number): ReturnType<typeof createNativeWire> {
  const key = `${String(frameSamples)}/${String(presentationDelayMs)}/${String(emergencyMs)}`
  let wire = wires.get(key)
  if (wire === undefined) {
    wire = createNativeWire(frameSamples, presentationDelayMs, emergencyMs)
    wires.set(key, wire)
  }
  return wire
}

function conversation(webSocket: WebSocket, socket: Socket): Conversation {
  return {
    remoteAddress: socket.remoteAddress ?? '',
    send(text) {
      webSocket.send(text)
    },
    next() {
      return new Promise((resolve) => {
        webSocket.once('close', () => {
          resolve(null)
        })
        webSocket.once('message', (data, isBinary) => {
          resolve(isBinary ? null : parseJson(data))
        })
      })
    },
  }
}

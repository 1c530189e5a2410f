import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { frameJson, readMessages } from './framed-socket.ts'
import { LINK_VERSION, type ControlToEngine, type ControlToFanOut, type ControlToRecorder, type EngineToControl, type FanOutToControl, type Hello, type RecorderToControl } from './messages.ts'
import type { ControlToPhone, PhoneToControl } from './phone-messages.ts'

/** A peer that takes nothing for this much is cut; it connects again and gets the whole state. */
const MAX_QUEUED_BYTES = 256 * 1024 * 1024

/** One connected role. */
export class Peer<Outgoing extends object> {
  readonly hello: Hello
  readonly #socket: Socket

  constructor(hello: Hello, socket: Socket) {
    this.hello = hello
    this.#socket = socket
  }

  send(message: Outgoing): void {
    this.sendFramed(frameJson(message))
  }

  /** For one message to many peers: frame it once. */
  sendFramed(framed: Buffer): void {
    if (this.#socket.destroyed) return
    if (this.#socket.writableLength > MAX_QUEUED_BYTES) this.#socket.destroy()
    else this.#socket.write(framed)
  }
}

export type EnginePeer = Peer<ControlToEngine>
export type FanOutPeer = Peer<ControlToFanOut>
export type RecorderPeer = Peer<ControlToRecorder>
export type PhonePeer = Peer<ControlToPhone>

export interface ControlServerHandlers {
  readonly onEngine: (peer: EnginePeer) => void
  readonly onFanOut: (peer: FanOutPeer) => void
  readonly onEngineMessage: (peer: EnginePeer, message: EngineToControl) => void
  readonly onFanOutMessage: (peer: FanOutPeer, message: FanOutToControl) => void
  readonly onRecorder: (peer: RecorderPeer) => void
  readonly onRecorderMessage: (peer: RecorderPeer, message: RecorderToControl) => void
  readonly onGone: (peer: EnginePeer | FanOutPeer | RecorderPeer) => void
  readonly onPhone: (peer: PhonePeer) => void
  readonly onPhoneMessage: (peer: PhonePeer, message: PhoneToControl) => void
  readonly onPhoneGone: (peer: PhonePeer) => void
}

/** Control's end of the link: where engines and fan-outs connect. */
export class ControlServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(handlers: ControlServerHandlers) {
    this.#server = createServer((socket) => {
      this.#accept(socket, handlers)
    })
  }

  async listen(path: string): Promise<void> {
    rmSync(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, resolve)
    })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(socket: Socket, handlers: ControlServerHandlers): void {
    this.#sockets.add(socket)
    let engine: EnginePeer | null = null
    let fanOut: FanOutPeer | null = null
    let recorder: RecorderPeer | null = null
    let phone: PhonePeer | null = null
    readMessages(socket, (_kind, payload) => {
      const message = parse(payload)
      if (message === null) {
        socket.destroy()
      } else if (message.type === 'hello') {
        if (message.version !== LINK_VERSION || engine !== null || fanOut !== null || recorder !== null || phone !== null) {
          socket.destroy()
        } else if (message.role === 'engine') {
          engine = new Peer(message, socket)
          handlers.onEngine(engine)
        } else if (message.role === 'recorder') {
          recorder = new Peer(message, socket)
          handlers.onRecorder(recorder)
        } else if (message.role === 'phone') {
          phone = new Peer(message, socket)
          handlers.onPhone(phone)
        } else {
          fanOut = new Peer(message, socket)
          handlers.onFanOut(fanOut)
        }
      } else if (engine !== null) {
        handlers.onEngineMessage(engine, message as EngineToControl)
      } else if (fanOut !== null) {
        handlers.onFanOutMessage(fanOut, message as FanOutToControl)
      } else if (recorder !== null) {
        handlers.onRecorderMessage(recorder, message as RecorderToControl)
      } else if (phone !== null) {
        handlers.onPhoneMessage(phone, message as PhoneToControl)
      } else {
        socket.destroy()
      }
    })
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      this.#sockets.delete(socket)
      const peer = engine ?? fanOut ?? recorder
      if (peer !== null) handlers.onGone(peer)
      if (phone !== null) handlers.onPhoneGone(phone)
    })
  }
}

function parse(payload: Buffer): EngineToControl | FanOutToControl | RecorderToControl | PhoneToControl | null {
  try {
    return JSON.parse(payload.toString('utf8')) as EngineToControl | FanOutToControl | RecorderToControl | PhoneToControl
  } catch {
    return null
  }
}

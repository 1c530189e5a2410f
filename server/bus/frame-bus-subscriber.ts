import type { Socket } from 'node:net'
import type { BusFrame, FrameSubscriber, Interest } from '../../rooms/frame-bus.ts'
import { InterestSet } from '../../rooms/local-frame-bus.ts'
import { connectAndReadMessages, frameMessage } from '../link/framed-socket.ts'
import { ENTRY_HEADER_BYTES, HELLO, KIND, MAX_BUS_MESSAGE_BYTES, type StreamName } from './bus-messages.ts'

/** An engine that was restarted listens again within a second; until then this is how often it is looked for. */
const RECONNECT_MS = 100

export interface FrameBusClient extends FrameSubscriber {
  /** Connections to engines that have said hello. */
  readonly connected: number
  /** Frames of streams that were no longer wanted when they came. */
  readonly strayFramesTotal: number
}

/** Connects to every engine's end of the bus, again and again while one is away. */
export function connectFrameBus(paths: readonly string[]): FrameBusClient {
  return new UnixFrameSubscriber(paths)
}

class UnixFrameSubscriber implements FrameBusClient {
  readonly #links: EngineLink[]
  #onFrames: (frames: readonly BusFrame[]) => void = () => undefined

  constructor(paths: readonly string[]) {
    this.#links = paths.map((path) => new EngineLink(path, (frames) => { this.#onFrames(frames) }))
  }

  get connected(): number {
    return this.#links.filter((link) => link.greeted).length
  }

  get strayFramesTotal(): number {
    return this.#links.reduce((sum, link) => sum + link.strayFramesTotal, 0)
  }

  setInterest(interests: readonly Interest[]): void {
    for (const link of this.#links) link.setInterest(interests)
  }

  onFrames(listener: (frames: readonly BusFrame[]) => void): void {
    this.#onFrames = listener
  }

  close(): Promise<void> {
    for (const link of this.#links) link.close()
    return Promise.resolve()
  }
}

class EngineLink {
  greeted = false
  strayFramesTotal = 0
  readonly #path: string
  readonly #deliver: (frames: readonly BusFrame[]) => void
  readonly #streams = new Map<number, StreamName>()
  #interests: readonly Interest[] = []
  #interestMessage: Buffer = frameMessage(KIND.INTEREST, Buffer.from('[]'))
  #socket: Socket | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(path: string, deliver: (frames: readonly BusFrame[]) => void) {
    this.#path = path
    this.#deliver = deliver
    this.#connect()
  }

  setInterest(interests: readonly Interest[]): void {
    this.#interests = interests
    this.#interestMessage = frameMessage(KIND.INTEREST, Buffer.from(JSON.stringify(interests.map(({ room, format }) => ({ room, format }))), 'utf8'))
    const wanted = new InterestSet(interests)
    for (const [number, { room, format }] of this.#streams) if (!wanted.has(room, format)) this.#streams.delete(number)
    if (this.greeted) this.#socket?.write(this.#interestMessage)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connectAndReadMessages(this.#path, (from, kind, payload) => { this.#receive(from, kind, payload) }, MAX_BUS_MESSAGE_BYTES)
    this.#socket = socket
    socket.on('error', () => undefined) // 'close' follows and connects again
    socket.on('close', () => {
      this.greeted = false
      this.#streams.clear()
      if (!this.#closed) this.#retry = setTimeout(() => { this.#connect() }, RECONNECT_MS)
    })
    socket.on('connect', () => socket.write(frameMessage(KIND.HELLO, HELLO)))
  }

  #receive(socket: Socket, kind: number, payload: Buffer): void {
    if (!this.greeted) {
      if (kind === KIND.HELLO && payload.equals(HELLO)) {
        this.greeted = true
        if (this.#interests.length > 0) socket.write(this.#interestMessage)
      } else {
        socket.destroy(new Error('the peer speaks another version of the frame bus'))
      }
    } else if (kind === KIND.STREAM) {
      this.#streams.set(payload.readUInt32BE(0), JSON.parse(payload.toString('utf8', 4)) as StreamName)
    } else if (kind === KIND.BATCH) {
      const frames = this.#readBatch(payload)
      if (frames.length > 0) this.#deliver(frames)
    }
  }

  /** The frames are views of one copy of the message: the socket reads its next bytes over it. */
  #readBatch(message: Buffer): BusFrame[] {
    const payload = Buffer.from(message)
    // Hot path: once per phase of a tick per engine.
    const frames: BusFrame[] = []
    let at = 0
    while (at + ENTRY_HEADER_BYTES <= payload.length) {
      const stream = this.#streams.get(payload.readUInt32BE(at))
      const end = at + ENTRY_HEADER_BYTES + payload.readUInt32BE(at + 11)
      if (stream === undefined) this.strayFramesTotal++
      else frames.push({ room: stream.room, format: stream.format, frameIndex: payload.readUIntBE(at + 4, 6), flags: payload[at + 10]!, data: payload.subarray(at + ENTRY_HEADER_BYTES, end) })
      at = end
    }
    return frames
  }
}

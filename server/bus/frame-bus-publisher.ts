import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { BusFrame, FramePublisher, Interest } from '../../rooms/frame-bus.ts'
import { InterestSet } from '../../rooms/local-frame-bus.ts'
import { systemClock } from '../system-clock.ts'
import { frameMessage, readMessages } from '../link/framed-socket.ts'
import { ENTRY_HEADER_BYTES, HELLO, KIND, MAX_BUS_MESSAGE_BYTES, readInterest, type StreamName } from './bus-messages.ts'

/** A subscriber that has taken nothing for this long gets no more until it does: what it missed is worthless by then. */
const MAX_BLOCKED_MS = 500

/** And whatever the time, no more than this waits for one subscriber. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024

/** A subscriber blocked this long is cut; it connects again when it lives. */
const FROZEN_MS = 10_000

export interface FrameBusServer extends FramePublisher {
  readonly subscribers: number
  /** Batches not sent because a subscriber was too slow. */
  readonly droppedBatchesTotal: number
  /** Most that waits for any one subscriber now. */
  readonly queuedBytes: number
}

interface Subscriber {
  readonly socket: Socket
  /** Stream numbers this subscriber knows and wants, by room and format. */
  streams: Map<string, Map<string, number>>
  interests: readonly StreamName[]
  greeted: boolean
  blockedSinceMs: number | undefined
}

/**
 * Opens an engine's end of the bus on a Unix socket. A socket file left by a dead process is replaced.
 * @throws the error of listen(2), e.g. when the folder is missing or the path is over 107 bytes
 */
export async function listenFrameBus(path: string): Promise<FrameBusServer> {
  rmSync(path, { force: true })
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
  chmodSync(path, 0o600)
  return new UnixFramePublisher(server)
}

class UnixFramePublisher implements FrameBusServer {
  readonly #server: Server
  readonly #subscribers = new Set<Subscriber>()
  #onInterest: (interests: readonly Interest[]) => void = () => undefined
  #nextStream = 1
  #droppedBatchesTotal = 0

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => { this.#accept(socket) })
  }

  get subscribers(): number {
    return this.#subscribers.size
  }

  get droppedBatchesTotal(): number {
    return this.#droppedBatchesTotal
  }

  get queuedBytes(): number {
    let most = 0
    for (const { socket } of this.#subscribers) most = Math.max(most, socket.writableLength)
    return most
  }

  publish(frames: readonly BusFrame[]): void {
    // Hot path: once per phase of a tick. One write per subscriber, whatever the number of frames.
    for (const subscriber of this.#subscribers) {
      if (subscriber.streams.size === 0) continue
      const payload = batchFor(subscriber, frames)
      if (payload === undefined) continue
      if (this.#isTooSlow(subscriber)) {
        this.#droppedBatchesTotal++
        continue
      }
      if (!subscriber.socket.write(payload)) subscriber.blockedSinceMs ??= systemClock.monotonicMs()
    }
  }

  onInterest(listener: (interests: readonly Interest[]) => void): void {
    this.#onInterest = listener
    this.#tellInterest()
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => { resolve() }))
    for (const { socket } of this.#subscribers) socket.destroy()
    await closed
  }

  #isTooSlow(subscriber: Subscriber): boolean {
    if (subscriber.socket.writableLength > MAX_QUEUED_BYTES) return true
    if (subscriber.blockedSinceMs === undefined) return false
    const blockedMs = systemClock.monotonicMs() - subscriber.blockedSinceMs
    if (blockedMs > FROZEN_MS) subscriber.socket.destroy()
    return blockedMs > MAX_BLOCKED_MS
  }

  #accept(socket: Socket): void {
    const subscriber: Subscriber = { socket, streams: new Map(), interests: [], greeted: false, blockedSinceMs: undefined }
    this.#subscribers.add(subscriber)
    socket.on('drain', () => { subscriber.blockedSinceMs = undefined })
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      this.#subscribers.delete(subscriber)
      this.#tellInterest()
    })
    socket.write(frameMessage(KIND.HELLO, HELLO))
    readMessages(socket, (kind, payload) => { this.#receive(subscriber, kind, payload) }, MAX_BUS_MESSAGE_BYTES)
  }

  #receive(subscriber: Subscriber, kind: number, payload: Buffer): void {
    if (!subscriber.greeted) {
      if (kind === KIND.HELLO && payload.equals(HELLO)) subscriber.greeted = true
      else subscriber.socket.destroy(new Error('the peer speaks another version of the frame bus'))
      return
    }
    if (kind !== KIND.INTEREST) return
    try {
      subscriber.interests = readInterest(payload)
    } catch (error) {
      subscriber.socket.destroy(error instanceof Error ? error : new Error(String(error)))
      return
    }
    const known = subscriber.streams
    subscriber.streams = new Map()
    for (const stream of subscriber.interests) {
      const formats = subscriber.streams.get(stream.room) ?? new Map<string, number>()
      subscriber.streams.set(stream.room, formats)
      if (formats.has(stream.format)) continue
      const number = known.get(stream.room)?.get(stream.format) ?? this.#introduce(subscriber, stream)
      formats.set(stream.format, number)
    }
    this.#tellInterest()
  }

  #introduce(subscriber: Subscriber, stream: StreamName): number {
    const number = this.#nextStream++
    const name = Buffer.from(JSON.stringify({ room: stream.room, format: stream.format }), 'utf8')
    const payload = Buffer.allocUnsafe(4 + name.length)
    payload.writeUInt32BE(number, 0)
    name.copy(payload, 4)
    subscriber.socket.write(frameMessage(KIND.STREAM, payload))
    return number
  }

  #tellInterest(): void {
    const union = new InterestSet()
    for (const { interests } of this.#subscribers) for (const interest of interests) union.add(interest)
    this.#onInterest(union.list())
  }
}

/** A whole message with what this subscriber wants of `frames`; undefined when that is nothing. */
function batchFor(subscriber: Subscriber, frames: readonly BusFrame[]): Buffer | undefined {
  let bytes = 0
  for (const frame of frames) if (subscriber.streams.get(frame.room)?.has(frame.format) === true) bytes += ENTRY_HEADER_BYTES + frame.data.length
  if (bytes === 0) return undefined
  const message = Buffer.allocUnsafe(5 + bytes)
  message.writeUInt32BE(bytes, 0)
  message[4] = KIND.BATCH
  let at = 5
  for (const frame of frames) {
    const number = subscriber.streams.get(frame.room)?.get(frame.format)
    if (number === undefined) continue
    message.writeUInt32BE(number, at)
    message.writeUIntBE(frame.frameIndex, at + 4, 6)
    message[at + 10] = frame.flags
    message.writeUInt32BE(frame.data.length, at + 11)
    frame.data.copy(message, at + ENTRY_HEADER_BYTES)
    at += ENTRY_HEADER_BYTES + frame.data.length
  }
  return message
}

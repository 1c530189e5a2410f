import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { FRAME_FLAG } from '../../rooms/frame-bus.ts'
import type { BlockRenderer } from '../../rooms/mixer.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { SourceChain } from '../../rooms/source-chain.ts'
import { HEADER_BYTES, readMessages, writeHeader } from '../link/framed-socket.ts'
import { MAX_PCM_MESSAGE_BYTES, PCM_AT, PCM_BYTES, PCM_KIND } from './pcm-messages.ts'

/** A reader that has not taken so many blocks is held up; it hears nothing until it has. */
const MOST_WAITING = 8
/** More than can wait, so that none is written over before it is sent. */
const KEPT_MESSAGES = 2 * MOST_WAITING

export interface PcmServerPorts {
  /** A source of this engine and its fallbacks as they are now, first choice first. */
  readonly chainOf: (sourceId: string) => readonly PcmSource[]
  /** Has it rendered once for each block of the house grid. */
  readonly start: (sourceId: string, sending: BlockRenderer) => void
  readonly stop: (sourceId: string) => void
}

export interface PcmServer {
  /** Sources have changed. */
  refresh(): void
  close(): Promise<void>
}

/** Sends one source, with its fallbacks in its place, to the engines that mix it. */
class Sending implements BlockRenderer {
  readonly readers = new Set<Socket>()
  readonly chain = new SourceChain([], BLOCK_SAMPLES)
  readonly #messages: readonly { readonly framed: Buffer; readonly pcm: Float32Array }[]
  #next = 0

  constructor(sourceId: string) {
    const id = Buffer.from(sourceId, 'utf8')
    this.#messages = Array.from({ length: KEPT_MESSAGES }, () => {
      const framed = Buffer.allocUnsafeSlow(HEADER_BYTES + PCM_AT + PCM_BYTES + id.length)
      writeHeader(framed, PCM_KIND.BLOCK)
      framed.fill(0, HEADER_BYTES, HEADER_BYTES + PCM_AT)
      id.copy(framed, HEADER_BYTES + PCM_AT + PCM_BYTES)
      return { framed, pcm: new Float32Array(framed.buffer, HEADER_BYTES + PCM_AT, BLOCK_SAMPLES) }
    })
  }

  get starvedTotal(): number {
    return this.chain.starvedTotal
  }

  render(block: Float32Array, fromSamples: number): number {
    // Hot path: 50 times a second per source that is read elsewhere.
    const flags = this.chain.render(block, fromSamples)
    const { framed, pcm } = this.#messages[this.#next]!
    this.#next = (this.#next + 1) % KEPT_MESSAGES
    framed.writeDoubleLE(fromSamples, HEADER_BYTES)
    framed.writeUInt32LE(flags === FRAME_FLAG.BRIDGED ? 0 : BLOCK_SAMPLES, HEADER_BYTES + 8)
    pcm.set(block)
    for (const reader of this.readers) if (reader.writableLength < MOST_WAITING * framed.length) reader.write(framed)
    return flags
  }
}

/**
 * The end of the engine that runs the sources.
 * @throws the error of listen(2)
 */
export async function listenPcm(path: string, { chainOf, start, stop }: PcmServerPorts): Promise<PcmServer> {
  rmSync(path, { force: true })
  const sendings = new Map<string, Sending>()
  const sockets = new Set<Socket>()

  const want = (socket: Socket, ids: ReadonlySet<string>): void => {
    for (const id of ids) {
      let sending = sendings.get(id)
      if (sending === undefined) {
        sending = new Sending(id)
        sending.chain.setSources(chainOf(id))
        sendings.set(id, sending)
        start(id, sending)
      }
      sending.readers.add(socket)
    }
    for (const [id, { readers }] of sendings) {
      if (!ids.has(id)) readers.delete(socket)
      if (readers.size > 0) continue
      sendings.delete(id)
      stop(id)
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    readMessages(socket, (_kind, payload) => { want(socket, new Set(JSON.parse(payload.toString('utf8')) as string[])) }, MAX_PCM_MESSAGE_BYTES)
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      sockets.delete(socket)
      want(socket, new Set())
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    refresh() {
      for (const [id, { chain }] of sendings) chain.setSources(chainOf(id))
    },
    async close() {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve() }) })
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

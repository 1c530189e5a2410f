import { createServer, connect, type Server, type Socket } from 'node:net'
import { chmodSync, rmSync } from 'node:fs'
import { KEY_CLASSES, type KeyClass } from '../../control/ingest-port.ts'
import { samplesToMs } from '../../rooms/grid.ts'
import { houseMsAt } from '../../rooms/house-clock.ts'
import { frameJson, KIND_JSON } from '../link/framed-socket.ts'
import type { GateRefusal } from './studio-gate.ts'

/**
 * How a fan-out hands a studio's bytes, and the telephone process a caller's voice, to the engine that runs its source, over the engine's Unix socket:
 * 1. fan-out → engine: one framed JSON message, IngestHello
 * 2. engine → fan-out: one framed JSON message, IngestReply; after `accepted: false` the engine closes
 * 3. fan-out → engine: the studio's bytes as they are, until either side closes. The engine closes when the bytes are no
 *    sound, when nothing comes for ten seconds, or when another studio has taken over.
 * Framing as in link/framed-socket.ts. The engine reads no faster than it decodes, so the fan-out's socket pushes back.
 */
export interface IngestHello {
  readonly sourceId: string
  /** As the studio said it, or ''. */
  readonly contentType: string
  readonly userAgent: string
  readonly remoteAddress: string
  /** Of the key that it has shown, see Publisher. */
  readonly keyClass: KeyClass
  readonly keyTag: string
}

/** What the telephone process sends: the samples as they are, 16 bits, little-endian, mono, 48 kHz; pauses are marked, see phone-pcm.ts. */
export const PHONE_PCM = 'audio/x-loa-pcm'

export type IngestReply =
  | { readonly accepted: true; readonly tookOver: boolean }
  | IngestRefusal

export interface IngestRefusal extends Partial<Opening> {
  readonly accepted: false
  /** As GateRefusal; or `unknown`: this engine has no such source (yet). `bad-hello`: not this protocol. */
  readonly reason: GateRefusal['reason'] | 'unknown' | 'bad-hello'
}

/** When who came outside the source's times may come. */
export interface Opening {
  readonly opensInMs: number
  /** House time, ms since 1970. */
  readonly opensAtMs: number
}

/** @param opensAtSamples null: nobody knows */
export const openingOf = (opensAtSamples: number | null, nowSamples: number): Partial<Opening> =>
  opensAtSamples === null ? {} : { opensInMs: Math.ceil(samplesToMs(opensAtSamples - nowSamples)), opensAtMs: Math.round(houseMsAt(opensAtSamples)) }

export type IngestOutcome =
  /** Write the bytes to `socket`, by pipe() or heeding the result of write(); 'close' tells that the engine wants no more. */
  | { readonly accepted: true; readonly tookOver: boolean; readonly socket: Socket }
  | (Omit<IngestRefusal, 'reason'> & { readonly reason: IngestRefusal['reason'] | 'engine-away' })

const MAX_HELLO_BYTES = 16 * 1024
const HELLO_TIMEOUT_MS = 3000

/** Fan-out's end: asks an engine to take a studio. Never rejects. */
export async function openIngest(path: string, hello: IngestHello, timeoutMs = HELLO_TIMEOUT_MS): Promise<IngestOutcome> {
  const socket = connect(path)
  socket.on('error', () => undefined) // 'close' follows, and readOne sees it
  socket.write(frameJson(hello))
  const reply = (await readOne(socket, timeoutMs)) as IngestReply | undefined
  if (reply?.accepted === true) return { ...reply, socket }
  socket.destroy()
  return reply ?? { accepted: false, reason: 'engine-away' }
}

export interface IngestServer {
  close(): Promise<void>
}

/**
 * Engine's end. `take` answers each hello; when it accepts, the socket is its own, with the first bytes still in it.
 * @throws the error of listen(2)
 */
export async function listenIngest(path: string, take: (hello: IngestHello, socket: Socket) => IngestReply): Promise<IngestServer> {
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined) // 'close' follows
    void readOne(socket, HELLO_TIMEOUT_MS).then((message) => {
      if (socket.destroyed) return
      const hello = message as Partial<IngestHello> | undefined
      const reply: IngestReply = typeof hello?.sourceId === 'string'
        ? take({ sourceId: hello.sourceId, contentType: text(hello.contentType), userAgent: text(hello.userAgent), remoteAddress: text(hello.remoteAddress), keyClass: classOf(hello.keyClass), keyTag: text(hello.keyTag) }, socket)
        : { accepted: false, reason: 'bad-hello' }
      if (reply.accepted) socket.write(frameJson(reply))
      else socket.end(frameJson(reply), () => { socket.destroy() })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => { resolve() }))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** @returns the lowest for what is no class */
export const classOf = (value: unknown): KeyClass => KEY_CLASSES.find((known) => known === value) ?? 'normal'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Reads exactly one framed JSON message and leaves what follows in the socket; undefined when none comes. */
function readOne(socket: Socket, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    let pending = Buffer.alloc(0)
    const done = (value: unknown): void => {
      clearTimeout(timer)
      socket.off('readable', read)
      socket.off('close', gone)
      resolve(value)
    }
    const gone = (): void => { done(undefined) }
    const read = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) pending = Buffer.concat([pending, chunk])
      if (pending.length < 5) return
      const length = pending.readUInt32BE(0)
      if (length > MAX_HELLO_BYTES || pending[4] !== KIND_JSON) {
        done(undefined)
        return
      }
      if (pending.length < 5 + length) return
      const rest = pending.subarray(5 + length)
      if (rest.length > 0) socket.unshift(rest)
      try {
        done(JSON.parse(pending.toString('utf8', 5, 5 + length)))
      } catch {
        done(undefined)
      }
    }
    const timer = setTimeout(gone, timeoutMs)
    socket.on('readable', read)
    socket.on('close', gone)
  })
}

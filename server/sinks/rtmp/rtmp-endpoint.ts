import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from 'pino'
import { ingestSocket } from '../../run-paths.ts'
import { openIngest } from '../../sources/ingest-protocol.ts'
import { attemptOf, refusedKey } from '../attempt-reporter.ts'
import type { Credentials } from '../credentials.ts'
import { endSocket } from '../end-socket.ts'
import type { IngestPorts } from '../ingest-endpoint.ts'
import { problemOfGate, problemOfRefusal, STREAM_PROBLEMS, type StreamProblemCode } from '../stream-problem.ts'
import { RtmpFault } from './rtmp-chunks.ts'
import { RtmpSession } from './rtmp-session.ts'

/** From the connection to `publish`. */
const PUBLISH_TIMEOUT_MS = 10_000
/** An encoder that sends nothing for this long is gone. */
const SOURCE_TIMEOUT_MS = 10_000
/** Those that have not shown a key yet. For one more the oldest has to go: an encoder shows its key at once, and who only holds places keeps nobody out. */
const MAX_STRANGERS = 64
/** Answers are short: who has so many waiting reads none. */
const MAX_QUEUED_BYTES = 64 * 1024
const FLV = 'video/x-flv'

/** The mount under which an RTMP source is known. */
export const rtmpMount = (sourceId: string): string => `/rtmp/${sourceId}`

/**
 * Encoders that push by RTMP, on a port of its own: `rtmp://host:port/live` and the key of the source as stream key. The key names its source:
 * what stands before the dot is its id. Only authenticates and passes on the sound; it is decoded by a child process of an engine.
 */
export class RtmpEndpoint {
  readonly #ports: IngestPorts
  readonly #credentials: Credentials
  readonly #logger: Logger
  readonly #server: Server
  readonly #connections = new Set<Socket>()
  /** In order of arrival. */
  readonly #strangers = new Set<Socket>()
  refused = 0

  constructor(ports: IngestPorts, logger: Logger) {
    this.#ports = ports
    this.#credentials = ports.credentials
    this.#logger = logger
    this.#server = createServer({ noDelay: true }, (socket) => { this.#welcome(socket) })
  }

  /** @returns the port, when 0 was asked for */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host, port, reusePort: true }, resolve)
    })
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#connections) socket.destroy()
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => undefined) // 'close' follows
    if (this.#strangers.size >= MAX_STRANGERS) {
      this.refused += 1
      const [oldest] = this.#strangers
      this.#strangers.delete(oldest!)
      oldest!.destroy()
    }
    this.#connections.add(socket)
    this.#strangers.add(socket)
    const timer = setTimeout(() => { socket.destroy() }, PUBLISH_TIMEOUT_MS)
    const sound: { engine?: Socket } = {}
    const session = new RtmpSession({
      send: (bytes) => {
        if (socket.writableLength > MAX_QUEUED_BYTES) socket.destroy()
        else socket.write(bytes)
      },
      onPublish: (_app, streamKey) => {
        void this.#admit(socket, session, streamKey).then((engine) => {
          clearTimeout(timer)
          this.#strangers.delete(socket)
          if (engine === undefined) return
          sound.engine = engine
          socket.setTimeout(SOURCE_TIMEOUT_MS, () => { socket.destroy() })
          session.accept()
        })
      },
      onSound: (bytes) => { if (sound.engine?.write(bytes) === false) socket.pause() },
      onEnd: () => { endSocket(socket) },
    })
    socket.on('data', (bytes) => {
      try {
        session.push(bytes)
      } catch (error) {
        if (!(error instanceof RtmpFault)) throw error
        this.refused += 1
        this.#logger.info({ remoteAddress: socket.remoteAddress, reason: error.message }, 'an RTMP client was cut')
        socket.destroy()
      }
    })
    socket.once('close', () => {
      clearTimeout(timer)
      this.#strangers.delete(socket)
      this.#connections.delete(socket)
      sound.engine?.end()
    })
  }

  /** @returns the engine's socket; undefined: refused, and told so */
  async #admit(socket: Socket, session: RtmpSession, streamKey: string): Promise<Socket | undefined> {
    // Some encoders let what belongs to the address trail behind.
    const key = streamKey.split('?', 1)[0]!
    const mount = rtmpMount(key.split('.', 1)[0]!)
    const source = this.#credentials.sourceAt(mount)
    if (!this.#credentials.ready) return this.#refuse(socket, session, 'STREAM_ERR_NOT_READY')
    const found = this.#credentials.sourceKey(mount, key, this.#ports.nowSamples())
    const from = { userAgent: 'RTMP', remoteAddress: socket.remoteAddress ?? '' }
    if (typeof found === 'string' || source === undefined) {
      if (source !== undefined) this.#ports.attempts.note({ ...from, sourceId: source.id, protocol: 'rtmp', ...refusedKey(found) })
      return this.#refuse(socket, session, problemOfRefusal(typeof found === 'string' ? found : 'unknown'))
    }
    this.#strangers.delete(socket)
    const outcome = await openIngest(ingestSocket(this.#ports.runDir, source.engine), { ...from, sourceId: source.id, contentType: FLV, keyClass: found.class, keyTag: found.tag })
    this.#ports.attempts.note({ ...from, sourceId: source.id, protocol: 'rtmp', keyId: found.id, keyClass: found.class, ...attemptOf(outcome) })
    if (!outcome.accepted) {
      this.#logger.warn({ sourceId: source.id, reason: outcome.reason }, 'a studio was not taken by its engine')
      const { code, detail } = problemOfGate(outcome.reason, outcome)
      return this.#refuse(socket, session, code, detail)
    }
    if (socket.destroyed) {
      outcome.socket.end()
      return undefined
    }
    outcome.socket.on('drain', () => { socket.resume() })
    outcome.socket.once('close', () => { socket.destroy() })
    outcome.socket.resume()
    return outcome.socket
  }

  #refuse(socket: Socket, session: RtmpSession, code: StreamProblemCode, detail = ''): undefined {
    this.refused += 1
    session.refuse(`${STREAM_PROBLEMS[code].en} ${detail}`.trimEnd())
    endSocket(socket)
    return undefined
  }
}

import type { Socket } from 'node:net'
import type { Clock } from '../../rooms/clock.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { connectAndReadMessages, frameMessage } from '../link/framed-socket.ts'
import { MAX_PCM_MESSAGE_BYTES, PCM_AT, PCM_BYTES, PCM_KIND } from './pcm-messages.ts'

/** An engine that was restarted listens again within a second; until then this is how often it is looked for. */
const RECONNECT_MS = 100
/** Blocks come before they are needed, by less than one; the rest is for a reader that was held up. */
const KEPT_BLOCKS = 8
/** After so long without a block nobody waits for the next one. */
const AWAY_MS = 100
/** Asked for and without a word for so long, a source is out of reach. */
const MISSING_MS = 1000

/** A source of another engine. */
export class FarSource implements PcmSource {
  readonly #clock: Clock
  readonly #kept = Array.from({ length: KEPT_BLOCKS }, () => ({ fromSamples: -Infinity, filledSamples: 0, pcm: new Float32Array(BLOCK_SAMPLES) }))
  #next = 0
  #readMs = -Infinity
  #heardMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#heardMs = clock.monotonicMs()
  }

  read(block: Float32Array, fromSamples: number): number {
    // Hot path: once per block per programme.
    this.#readMs = this.#clock.monotonicMs()
    for (const kept of this.#kept) {
      if (kept.fromSamples !== fromSamples) continue
      block.set(kept.pcm)
      return kept.filledSamples
    }
    return 0
  }

  /** Whether there is nothing to wait for: the block has come, or nothing comes anyway. */
  has(fromSamples: number): boolean {
    return this.#clock.monotonicMs() - this.#heardMs > AWAY_MS || this.#kept.some((kept) => kept.fromSamples === fromSamples)
  }

  /** @param payload of a block; valid until this returns */
  take(payload: Buffer): void {
    this.#heardMs = this.#clock.monotonicMs()
    const kept = this.#kept[this.#next]!
    this.#next = (this.#next + 1) % KEPT_BLOCKS
    kept.fromSamples = payload.readDoubleLE(0)
    kept.filledSamples = payload.readUInt32LE(8)
    payload.copy(new Uint8Array(kept.pcm.buffer), 0, PCM_AT, PCM_AT + PCM_BYTES)
  }

  isMissing(nowMs: number): boolean {
    return nowMs - this.#readMs < MISSING_MS && nowMs - this.#heardMs > MISSING_MS
  }
}

/** The connection to one engine. */
class EngineLink {
  readonly sources = new Map<string, FarSource>()
  readonly #path: string
  #socket: Socket | undefined
  #connected = false
  #retry: NodeJS.Timeout | undefined
  #told = ''

  constructor(path: string) {
    this.#path = path
    this.#connect()
  }

  /** The sources that are wanted have changed. */
  tell(): void {
    const wanted = JSON.stringify([...this.sources.keys()].sort())
    if (!this.#connected || wanted === this.#told) return
    this.#told = wanted
    this.#socket?.write(frameMessage(PCM_KIND.WANTED, Buffer.from(wanted, 'utf8')))
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#socket?.removeAllListeners('close')
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connectAndReadMessages(this.#path, (_socket, kind, payload) => {
      if (kind === PCM_KIND.BLOCK) this.sources.get(payload.toString('utf8', PCM_AT + PCM_BYTES))?.take(payload)
    }, MAX_PCM_MESSAGE_BYTES)
    this.#socket = socket
    socket.on('error', () => undefined) // 'close' follows and connects again
    socket.on('connect', () => {
      this.#connected = true
      this.#told = ''
      this.tell()
    })
    socket.on('close', () => {
      this.#connected = false
      this.#retry = setTimeout(() => { this.#connect() }, RECONNECT_MS)
    })
  }
}

/** Sources that other engines run, read as if they ran here: on the same samples of the house clock, without delay. */
export class FarSources {
  readonly #pathOf: (engine: number) => string
  readonly #clock: Clock
  readonly #links = new Map<number, EngineLink>()

  /** @param pathOf socket of an engine's pcm-server.ts */
  constructor(pathOf: (engine: number) => string, clock: Clock) {
    this.#pathOf = pathOf
    this.#clock = clock
  }

  /** What is wanted from now on; what was wanted before goes on untouched. */
  apply(wanted: Iterable<{ readonly engine: number; readonly sourceId: string }>): void {
    const byEngine = Map.groupBy(wanted, ({ engine }) => engine)
    for (const [engine, link] of this.#links) {
      if (byEngine.has(engine)) continue
      link.close()
      this.#links.delete(engine)
    }
    for (const [engine, sources] of byEngine) {
      let link = this.#links.get(engine)
      if (link === undefined) this.#links.set(engine, link = new EngineLink(this.#pathOf(engine)))
      const ids = new Set(sources.map(({ sourceId }) => sourceId))
      for (const id of link.sources.keys()) if (!ids.has(id)) link.sources.delete(id)
      for (const id of ids) if (!link.sources.has(id)) link.sources.set(id, new FarSource(this.#clock))
      link.tell()
    }
  }

  /** @returns undefined when it is not wanted, see apply() */
  source(engine: number, sourceId: string): FarSource | undefined {
    return this.#links.get(engine)?.sources.get(sourceId)
  }

  /** Sources that programmes ask for and of which nothing comes, not even that they have no sound. */
  missing(): string[] {
    const nowMs = this.#clock.monotonicMs()
    return [...this.#links.values()].flatMap(({ sources }) => [...sources].flatMap(([id, source]) => (source.isMissing(nowMs) ? [id] : [])))
  }

  close(): void {
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }
}

import type { OrderRecord, SourceRecord, Store } from '../../control/ports.ts'
import { parseRoom, sourceRoom, type RoomRef } from '../../rooms/plan.ts'
import type { ClipSpec, EngineState, ProgrammeSpec, SourceSpec } from '../link/messages.ts'

/**
 * Which engine runs a source or a clip order: a hash, so that it stays where it is when others come and go. Sources that fall
 * back on one another run together, because a fallback is taken within one engine.
 */
export class EnginePlan {
  readonly #engines: number
  readonly #sources = new Map<string, SourceRecord>()

  constructor(engines: number) {
    this.#engines = engines
  }

  setSources(sources: readonly SourceRecord[]): void {
    this.#sources.clear()
    for (const source of sources) this.#sources.set(source.id, source)
  }

  engineOfSource(sourceId: string): number {
    let id = sourceId
    for (let hops = 0; hops < this.#sources.size; hops += 1) {
      const fallback = this.#sources.get(id)?.fallbackSourceId
      if (fallback === undefined || fallback === null) break
      id = fallback
    }
    return hash(id) % this.#engines
  }

  /** The whole wanted state of each engine. */
  states(rooms: Iterable<RoomRef>, clipsOf: (orderId: string) => readonly ClipSpec[]): EngineState[] {
    // What listens on a port of its own does so in one process only.
    const sources = (engine: number): SourceSpec[] => [...this.#sources.values()].filter(({ id, kind }) => kind !== 'srt' || this.engineOfSource(id) === engine).map(sourceSpec)
    const programmes = Array.from({ length: this.#engines }, () => new Map<RoomRef, ProgrammeSpec>())
    for (const room of rooms) {
      const parsed = parseRoom(room)
      if (parsed?.kind === 'source' && this.#sources.has(parsed.sourceId)) {
        programmes[this.engineOfSource(parsed.sourceId)]!.set(room, { room, kind: 'source', sourceId: parsed.sourceId })
      } else if (parsed?.kind === 'clips') {
        const clips = clipsOf(parsed.orderId)
        if (clips.length > 0) programmes[hash(parsed.orderId) % this.#engines]!.set(room, { room, kind: 'clips', anchorSamples: parsed.anchorSamples, clips })
      }
    }
    return programmes.map((byRoom, engine) => ({ type: 'engine-state', sources: sources(engine), programmes: [...byRoom.values()] }))
  }
}

function sourceSpec(source: SourceRecord): SourceSpec {
  const { id, name, fallbackSourceId, silenceTimeoutMs } = source
  switch (source.kind) {
    case 'icecast':
    case 'whip':
    case 'rtmp':
      return { kind: source.kind, id, name, takeover: source.takeover, fallbackSourceId, silenceTimeoutMs }
    case 'relay':
      return { kind: 'relay', id, name, urls: source.urls, fallbackSourceId, silenceTimeoutMs }
    case 'tone':
      return { kind: 'tone', id, name, frequencyHz: source.frequencyHz, levelDbfs: source.levelDbfs }
    case 'rtp':
      return { kind: 'rtp', id, name, stream: source.stream, senders: source.senders, interface: source.interface, fallbackSourceId, silenceTimeoutMs }
    case 'srt':
      return { kind: 'srt', id, name, port: source.port, passphrase: source.passphrase, latencyMs: source.latencyMs, fallbackSourceId, silenceTimeoutMs }
  }
}

/** Clips of an order as an engine reads them; empty when one is missing. */
export function clipSpecs(store: Pick<Store, 'clips'>, order: OrderRecord | undefined): ClipSpec[] {
  const clips = (order?.clipIds ?? []).map((id) => store.clips.get(id))
  return clips.some((clip) => clip === undefined) ? [] : clips.map((clip) => ({ clipId: clip!.id, path: clip!.path, durationSamples: clip!.durationSamples }))
}

/** What a user who monitors this order hears, as long as nothing of it is on air. */
export const monitorRoomOf = (order: OrderRecord): RoomRef | null => (order.sourceId === null ? null : sourceRoom(order.sourceId))

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}

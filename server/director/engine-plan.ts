import type { IngestRules, SourceRecord } from '../../control/ports.ts'
import { inputsOf } from '../../control/source-rules.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { parseRoom, type RoomRef } from '../../rooms/plan.ts'
import type { AdmissionSpec, EngineState, ProgrammeSpec, SourceSpec, SoundSpec } from '../link/messages.ts'
import type { AirTime } from './air-times.ts'
import { partsOf } from './order-sounds.ts'

/**
 * Which engine runs a source or a clip order: a hash, so that it stays where it is when others come and go. Sources that fall
 * back on one another run together, because a fallback is taken within one engine. A room may be mixed of sources of several
 * engines, and nobody knows beforehand of which: it runs where one of them does, and reads the others from where they are.
 */
export class EnginePlan {
  readonly #engines: number
  readonly #sources = new Map<string, SourceRecord>()
  /** The source after which each is placed. */
  #places: ReadonlyMap<string, string> = new Map()

  constructor(engines: number) {
    this.#engines = engines
  }

  setSources(sources: readonly SourceRecord[]): void {
    this.#sources.clear()
    for (const source of sources) this.#sources.set(source.id, source)
    this.#places = placesOf(this.#sources)
  }

  get sources(): readonly SourceRecord[] {
    return [...this.#sources.values()]
  }

  engineOfSource(sourceId: string): number {
    return hash(this.#places.get(sourceId) ?? sourceId) % this.#engines
  }

  /** The whole wanted state of each engine. */
  states(rooms: Iterable<RoomRef>, soundOf: (room: RoomRef) => SoundSpec | undefined, about: SourceFacts): EngineState[] {
    const sources = (engine: number): SourceSpec[] => [...this.#sources.values()].filter(({ id }) => this.engineOfSource(id) === engine).map((source) => sourceSpec(source, about))
    const programmes = Array.from({ length: this.#engines }, () => new Map<RoomRef, ProgrammeSpec>())
    for (const room of rooms) {
      const sound = soundOf(room)
      if (sound === undefined || (sound.kind === 'source' && !this.#sources.has(sound.sourceId))) continue
      const engine = this.#engineOfRoom(room)
      programmes[engine]!.set(room, { room, ...this.#seenFrom(engine, sound) })
    }
    return programmes.map((byRoom, engine) => ({ type: 'engine-state', sources: sources(engine), programmes: [...byRoom.values()] }))
  }

  /** The sound with the engine of each source that does not run in `engine`. */
  #seenFrom(engine: number, sound: SoundSpec): SoundSpec {
    switch (sound.kind) {
      case 'clips':
        return sound
      case 'source': {
        const home = this.engineOfSource(sound.sourceId)
        return home === engine ? sound : { ...sound, engine: home }
      }
      case 'crossfade':
        return { ...sound, from: this.#seenFrom(engine, sound.from), to: this.#seenFrom(engine, sound.to) }
      case 'overlay':
        return { ...sound, over: sound.over === null ? null : this.#seenFrom(engine, sound.over), under: this.#seenFrom(engine, sound.under) }
    }
  }

  /** Where the first of its sources runs; clips are read anywhere. */
  #engineOfRoom(room: RoomRef): number {
    const parts = [...partsOf(room)].map(parseRoom)
    const source = parts.find((part) => part?.kind === 'source')
    if (source?.kind === 'source') return this.engineOfSource(source.sourceId)
    const clips = parts.find((part) => part?.kind === 'clips')
    return hash(clips?.kind === 'clips' ? clips.orderId : room) % this.#engines
  }
}

/** What engines must know of sources beside what is kept of them. */
export interface SourceFacts {
  /** When each is on the air; left out: never. */
  readonly airTimes: ReadonlyMap<string, readonly AirTime[]>
  /** When each is on the air with an emergency; left out: never. */
  readonly emergencyTimes: ReadonlyMap<string, readonly AirTime[]>
  /** The input that each source with hot standby took last. */
  readonly lastInputs: ReadonlyMap<string, string>
}

/**
 * Sources that stand in for one another are placed after the last of them that stands on nothing, so that a source and its
 * fallback stay where they are when others come and go; of several such, after the first by name.
 */
function placesOf(sources: ReadonlyMap<string, SourceRecord>): Map<string, string> {
  const neighbours = new Map<string, Set<string>>([...sources.keys()].map((id) => [id, new Set()]))
  for (const source of sources.values()) {
    for (const id of inputsOf(source)) {
      neighbours.get(id)?.add(source.id)
      if (sources.has(id)) neighbours.get(source.id)!.add(id)
    }
  }
  const places = new Map<string, string>()
  for (const start of neighbours.keys()) {
    if (places.has(start)) continue
    const together = new Set([start])
    for (const id of together) for (const next of neighbours.get(id)!) together.add(next)
    const ends = [...together].filter((id) => inputsOf(sources.get(id)!).every((input) => !sources.has(input)))
    const [place = start] = (ends.length === 0 ? [...together] : ends).sort()
    for (const id of together) places.set(id, place)
  }
  return places
}

function sourceSpec(source: SourceRecord, { airTimes, emergencyTimes, lastInputs }: SourceFacts): SourceSpec {
  const { id, name, fallbackSourceId, silenceTimeoutMs, levelling, watch } = source
  switch (source.kind) {
    case 'icecast':
    case 'whip':
    case 'rtmp':
      return { kind: source.kind, id, name, takeover: source.takeover, admission: admissionSpec(source.ingest, airTimes.get(id) ?? [], emergencyTimes.get(id) ?? []), fallbackSourceId, silenceTimeoutMs, levelling, watch }
    case 'relay':
      return { kind: 'relay', id, name, urls: source.urls, fallbackSourceId, silenceTimeoutMs, levelling, watch }
    case 'tone':
      return { kind: 'tone', id, name, frequencyHz: source.frequencyHz, levelDbfs: source.levelDbfs }
    case 'rtp':
      return { kind: 'rtp', id, name, stream: source.stream, senders: source.senders, interface: source.interface, fallbackSourceId, silenceTimeoutMs, levelling, watch }
    case 'srt':
      return { kind: 'srt', id, name, port: source.port, passphrase: source.passphrase, latencyMs: source.latencyMs, sessionsEndedAtMs: source.sessionsEndedAtMs, fallbackSourceId, silenceTimeoutMs, levelling, watch }
    case 'standby':
      return { kind: 'standby', id, name, inputSourceIds: source.inputSourceIds, return: source.return, returnAfterMs: source.returnAfterMs, pinned: source.pinned, chosenAtMs: source.chosenAtMs, lastInputSourceId: lastInputs.get(id) ?? null, fallbackSourceId }
    case 'phone':
      return { kind: 'phone', id, name, fallbackSourceId, silenceTimeoutMs, levelling, watch }
  }
}

const admissionSpec = ({ acceptsFrom, leadTimeMs, tailMs, revokedKeyTags }: IngestRules, airTimes: readonly AirTime[], emergencyTimes: readonly AirTime[]): AdmissionSpec =>
  ({ airTimes, emergencyTimes, window: acceptsFrom === 'always' ? null : { leadSamples: msToSamples(leadTimeMs), tailSamples: msToSamples(tailMs) }, revokedKeyTags })

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}

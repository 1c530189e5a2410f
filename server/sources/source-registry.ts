import type { LevellerOptions } from '../../codec/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { SharedSource } from '../../rooms/shared-source.ts'
import { fallbackChain } from '../../rooms/source-chain.ts'
import type { SourceReport, SourceSpec, SourceStatus, Levelling } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import { LevelledSource } from './levelled-source.ts'
import type { SharedInput } from './standby-source.ts'

/** A source that no programme has read for this long may rest. */
const NEEDED_GRACE_MS = 10_000
/** Who forces a source says so with every block; it ends with him. */
const FORCED_SAMPLES = 2 * BLOCK_SAMPLES

export interface SourceRegistryOptions {
  readonly clock: Clock
  /** What live sources are brought to. */
  readonly loudness: LevellerOptions
  /** Opens a source; called again when a spec has changed too much to be taken over. */
  readonly open: (spec: SourceSpec, changed: () => void) => EngineSource
  readonly onStatus: (status: SourceStatus) => void
  readonly onCycle: (sourceId: string) => void
}

/** A tone is as loud as it was set to be. */
const levellingOf = (spec: SourceSpec): Levelling => ('levelling' in spec ? spec.levelling : 'off')

/** What of a report is told at once; levels can wait for the second. */
const newsOf = ({ state, urlIndex, fault, reason, title, standby }: SourceReport): string =>
  JSON.stringify([state, urlIndex, fault, reason, title, standby?.inputSourceId, standby?.inputs.map((input) => [input.state, input.fault])])

/** A source under its id: what reads it keeps this object while the source behind it is made anew. */
class SourceSlot implements PcmSource {
  source: EngineSource
  lastReadMs = -Infinity
  needed = false
  lastTold = ''
  #forcedAtSamples = -Infinity
  #isForced = false
  #spec: SourceSpec
  readonly #levelled: LevelledSource
  readonly #shared: SharedSource
  readonly #clock: Clock

  constructor(spec: SourceSpec, source: EngineSource, clock: Clock, loudness: LevellerOptions) {
    this.#spec = spec
    this.source = source
    this.#clock = clock
    this.#levelled = new LevelledSource({ read: (block, fromSamples) => this.source.read(block, fromSamples) }, levellingOf(spec), loudness, BLOCK_SAMPLES)
    this.#shared = new SharedSource(this.#levelled, BLOCK_SAMPLES)
  }

  get spec(): SourceSpec {
    return this.#spec
  }

  set spec(spec: SourceSpec) {
    this.#spec = spec
    this.#levelled.levelling = levellingOf(spec)
  }

  read(block: Float32Array, fromSamples: number): number {
    this.lastReadMs = this.#clock.monotonicMs()
    if (!this.needed) {
      this.needed = true
      this.source.setNeeded(true)
    }
    const isForced = fromSamples - this.#forcedAtSamples < FORCED_SAMPLES
    if (isForced !== this.#isForced) this.source.setForced?.(this.#isForced = isForced)
    return this.#shared.read(block, fromSamples)
  }

  /** What it brings is heard from this house sample on whatever is wrong with it, by all who read it; to be said again with each block. */
  force(fromSamples: number): void {
    this.#forcedAtSamples = fromSamples
  }

  /** Another one in its place. */
  replace(source: EngineSource): void {
    this.source = source
    source.setNeeded(this.needed)
    source.setForced?.(this.#isForced)
  }

  report(): SourceReport {
    return this.source.report()
  }
}

/** Owns the sources of an engine: opens, changes and closes them as control says, and tells how they are. */
export class SourceRegistry {
  readonly #options: SourceRegistryOptions
  readonly #slots = new Map<string, SourceSlot>()

  constructor(options: SourceRegistryOptions) {
    this.#options = options
  }

  get(sourceId: string): EngineSource | undefined {
    return this.#slots.get(sourceId)?.source
  }

  /** A source to be read by another one. */
  input(sourceId: string): SharedInput | undefined {
    return this.#slots.get(sourceId)
  }

  /** The source and its fallbacks, first choice first; empty when there is no such source. */
  chain(sourceId: string): PcmSource[] {
    const { ids, cycle } = fallbackChain(sourceId, (id) => {
      const spec = this.#slots.get(id)?.spec
      return spec === undefined || spec.kind === 'tone' ? null : spec.fallbackSourceId
    })
    if (cycle) this.#options.onCycle(sourceId)
    return ids.flatMap((id) => this.#slots.get(id) ?? [])
  }

  /** Makes the sources what `specs` says. What has not changed is not touched. */
  apply(specs: readonly SourceSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.id, spec]))
    for (const [id, slot] of this.#slots) {
      if (wanted.has(id)) continue
      this.#slots.delete(id)
      void slot.source.close()
    }
    for (const spec of wanted.values()) {
      const slot = this.#slots.get(spec.id)
      if (slot === undefined) {
        const opened: SourceSlot = new SourceSlot(spec, this.#open(spec), this.#options.clock, this.#options.loudness)
        this.#slots.set(spec.id, opened)
      } else {
        slot.spec = spec
        if (slot.source.update(spec)) continue
        void slot.source.close()
        slot.replace(this.#open(spec))
      }
    }
  }

  /** Tells the state of every source; called once a second and when control has come back. */
  tellAll(): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const slot of this.#slots.values()) {
      if (slot.needed && nowMs - slot.lastReadMs > NEEDED_GRACE_MS) {
        slot.needed = false
        slot.source.setNeeded(false)
      }
      this.#tell(slot)
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const slots = [...this.#slots.values()]
    this.#slots.clear()
    await Promise.all(slots.map(({ source }) => source.close()))
  }

  #open(spec: SourceSpec): EngineSource {
    return this.#options.open(spec, () => {
      const slot = this.#slots.get(spec.id)
      if (slot !== undefined) this.#tellChange(slot)
    })
  }

  #tellChange(slot: SourceSlot): void {
    if (newsOf(slot.source.report()) !== slot.lastTold) this.#tell(slot)
  }

  #tell(slot: SourceSlot): void {
    const report = slot.source.report()
    slot.lastTold = newsOf(report)
    this.#options.onStatus({ type: 'source-status', sourceId: slot.spec.id, ...report })
  }
}

import { CrossfadeMixer, OverlayMixer, type BlockRenderer } from '../../rooms/mixer.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { SourceChain } from '../../rooms/source-chain.ts'
import { ClipSource } from '../clips/clip-source.ts'
import type { SoundSpec } from '../link/messages.ts'

export interface SoundPorts {
  /** A source and its fallbacks as they are now, first choice first; of another engine what comes from there. */
  readonly chainOf: (source: SourcePart) => readonly PcmSource[]
  readonly nowSamples: () => number
  readonly onClipFault: (clipId: string, error: unknown) => void
}

export type SourcePart = Extract<SoundSpec, { readonly kind: 'source' }>
type PartSpec = Extract<SoundSpec, { readonly kind: 'source' | 'clips' }>

interface Part {
  readonly chain: SourceChain
  clips: ClipSource | undefined
  /** What the clips were opened from, to see whether that has changed. */
  spec: string
}

/** The sound of one room of an engine: a source, clips, or several of them mixed. */
export class RunningSound {
  /** What a programme renders. */
  readonly renderer: BlockRenderer
  readonly #ports: SoundPorts
  readonly #parts: Part[] = []

  constructor(spec: SoundSpec, ports: SoundPorts) {
    this.#ports = ports
    this.renderer = this.#build(spec)
  }

  /** Takes over what has changed without a step. @param spec of the same room: its parts are of the same kinds */
  update(spec: SoundSpec): void {
    for (const [index, part] of [...partsOf(spec)].entries()) this.#fill(this.#parts[index]!, part)
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#parts.map(async ({ clips }) => { await clips?.close() }))
  }

  #build(spec: SoundSpec): BlockRenderer {
    switch (spec.kind) {
      case 'source':
      case 'clips': {
        const part: Part = { chain: new SourceChain([], BLOCK_SAMPLES), clips: undefined, spec: '' }
        this.#parts.push(part)
        this.#fill(part, spec)
        return part.chain
      }
      case 'crossfade': {
        const from = this.#build(spec.from)
        return new CrossfadeMixer(from, this.#build(spec.to), spec, BLOCK_SAMPLES)
      }
      case 'overlay': {
        const over = spec.over === null ? null : this.#build(spec.over)
        return new OverlayMixer(over, this.#build(spec.under), spec.level, BLOCK_SAMPLES)
      }
    }
  }

  #fill(part: Part, spec: PartSpec): void {
    const { chainOf, nowSamples, onClipFault } = this.#ports
    if (spec.kind === 'source') {
      part.chain.setSources(chainOf(spec))
      return
    }
    const text = JSON.stringify(spec)
    if (part.spec === text) return
    const clips = new ClipSource(spec.anchorSamples, spec.clips, onClipFault, spec)
    clips.prefetch(nowSamples())
    part.chain.setSources([clips])
    void part.clips?.close()
    part.clips = clips
    part.spec = text
  }
}

/** The sources that a sound is made of and that other engines run. */
export const farParts = (spec: SoundSpec): { readonly engine: number; readonly sourceId: string }[] =>
  [...partsOf(spec)].flatMap((part) => (part.kind === 'source' && part.engine !== undefined ? [{ engine: part.engine, sourceId: part.sourceId }] : []))

/** In the sequence in which they are built. */
function* partsOf(spec: SoundSpec): Generator<PartSpec> {
  switch (spec.kind) {
    case 'source':
    case 'clips':
      yield spec
      break
    case 'crossfade':
      yield* partsOf(spec.from)
      yield* partsOf(spec.to)
      break
    case 'overlay':
      if (spec.over !== null) yield* partsOf(spec.over)
      yield* partsOf(spec.under)
  }
}

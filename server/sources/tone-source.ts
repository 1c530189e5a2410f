import { dbToGain, writeSine } from '../../codec/index.ts'
import type { SourceReport, SourceSpec } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'

type ToneSpec = Extract<SourceSpec, { kind: 'tone' }>

/** A sine whose phase is a function of the house clock alone, so that engines that come and go continue one wave. */
export class ToneSource implements EngineSource {
  readonly #spec: ToneSpec
  readonly #amplitude: number
  /** Whole, so that the phase repeats every second and stays exact for ever. */
  readonly #frequencyHz: number
  #needed = false

  constructor(spec: ToneSpec) {
    this.#spec = spec
    this.#amplitude = dbToGain(spec.levelDbfs)
    this.#frequencyHz = Math.round(spec.frequencyHz)
  }

  read(block: Float32Array, fromSamples: number): number {
    writeSine(block, fromSamples, this.#frequencyHz, this.#amplitude)
    return block.length
  }

  setNeeded(needed: boolean): void {
    this.#needed = needed
  }

  update(spec: SourceSpec): boolean {
    return spec.kind === 'tone' && spec.frequencyHz === this.#spec.frequencyHz && spec.levelDbfs === this.#spec.levelDbfs
  }

  report(): SourceReport {
    const peakDbfs = this.#spec.levelDbfs
    return { state: this.#needed ? 'live' : 'idle', urlIndex: null, peakDbfs, rmsDbfs: peakDbfs - 10 * Math.log10(2), clippedPercent: 0, fault: null, reason: '', title: '' }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

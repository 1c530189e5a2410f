import { SAMPLE_RATE_HZ, type SoundWatchTimes } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { ElasticBuffer } from '../../rooms/elastic-buffer.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { SoundMonitor } from './sound-monitor.ts'
import type { StudioSession } from './studio-line.ts'

const SILENCE = new Float32Array(SAMPLE_RATE_HZ / 50)

/** What every connection of a studio is, however its sound comes: what arrives is watched and buffered, and it ends once, with the first reason. */
export abstract class LineSession implements StudioSession {
  abstract readonly receivedBytes: number | null
  readonly buffer: ElasticBuffer
  readonly monitor: SoundMonitor
  readonly #onEnd: () => void
  #needed = false
  #hasSound = false
  /** When the last sound came, where that is known. */
  #lastMs = Infinity
  #endReason: string | undefined
  #fault = false

  constructor(buffer: ElasticBuffer, { watch, onEnd }: { readonly watch: SoundWatchTimes; readonly onEnd: () => void }) {
    this.buffer = buffer
    this.monitor = new SoundMonitor(watch)
    this.#onEnd = onEnd
  }

  abstract check(): void

  /** Whether a programme reads it. */
  get needed(): boolean {
    return this.#needed
  }

  setNeeded(needed: boolean): void {
    this.#needed = needed
  }

  get hasSound(): boolean {
    return this.#hasSound
  }

  get endReason(): string | undefined {
    return this.#endReason
  }

  get fault(): boolean {
    return this.#fault
  }

  read(block: Float32Array): number {
    return this.buffer.read(block)
  }

  end(reason: string, fault: boolean): void {
    if (this.#endReason !== undefined) return
    this.#endReason = reason
    this.#fault = fault
    this.buffer.end()
    this.release()
    this.#onEnd()
  }

  close(): Promise<void> {
    this.end(sourceReason('closed'), false)
    return Promise.resolve()
  }

  /** Gives up what it holds; called once, when it ends. */
  protected abstract release(): void

  /**
   * Sound has come.
   * @param atMs when it came, where the buffer is to know
   * @param watched what of it is watched, where that is not all
   * @param isHeard it is not only made up in the place of what is missing
   */
  protected give(pcm: Float32Array, { atMs, watched = pcm, isHeard = true }: { readonly atMs?: number; readonly watched?: Float32Array; readonly isHeard?: boolean } = {}): void {
    this.#hasSound ||= isHeard
    this.monitor.push(watched)
    this.buffer.write(pcm, atMs)
    if (atMs !== undefined) this.#lastMs = atMs
  }

  /** The sender has said nothing for so long before what comes next: silence to whoever watches, but no delay. @param atMs now */
  protected rest(samples: number, atMs: number): void {
    // Where the sender's clock has jumped, no more than the time that has passed.
    for (let left = Math.min(samples, msToSamples(atMs - this.#lastMs)); left > 0; left -= SILENCE.length) this.monitor.push(SILENCE.subarray(0, left))
    this.buffer.pause(samples, atMs)
  }
}

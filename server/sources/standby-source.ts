import { fadeInGain, FLOOR_DBFS } from '../../codec/index.ts'
import { samplesToMs } from '../../rooms/grid.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { FADE_SAMPLES } from '../../rooms/source-chain.ts'
import { StandbyLadder, type Choice, type InputSight } from '../../rooms/standby-ladder.ts'
import type { StandbyInputInfo } from '../../control/ingest-port.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { SourceReport, SourceSpec, SourceSwitch } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import type { SourceContext } from './open-source.ts'

type StandbySpec = Extract<SourceSpec, { kind: 'standby' }>

/** Another source of the same engine, read by whoever needs it. */
export interface SharedInput extends PcmSource {
  /** What it brings is heard from this house sample on whatever is wrong with it; to be said again with each block. */
  force(fromSamples: number): void
  report(): SourceReport
}

/** What inputs say of themselves changes some times a second; whether they sound is seen with every block. */
const ASK_EVERY_BLOCKS = 5

interface Input {
  readonly sourceId: string
  readonly pcm: Float32Array
  filled: number
  sight: InputSight
  report: SourceReport | undefined
}

/**
 * One source out of several that carry the same programme: all are read, so that each is connected and its buffer stands at
 * the live edge, and the best of them sounds. When it fails the next one goes on within the same block, faded over 10 ms.
 */
export class StandbySource implements EngineSource {
  readonly #context: SourceContext
  #spec: StandbySpec
  #inputs: Input[] = []
  #ladder: StandbyLadder
  #needed = false
  #blocks = 0
  /** It is being read: an input leads back to it. */
  #isReading = false
  /** The last samples that were given out, from which a fade is made when an input ends without a warning. */
  readonly #tail = new Float32Array(FADE_SAMPLES)
  #sounded = false
  /** Silence since the last sound, samples. */
  #gapSamples = 0

  constructor(spec: StandbySpec, context: SourceContext) {
    this.#spec = spec
    this.#context = context
    this.#ladder = this.#open(spec, spec.lastInputSourceId)
  }

  read(block: Float32Array, fromSamples: number): number {
    // Hot path: once per block.
    if (this.#isReading) return 0
    this.#isReading = true
    if (this.#spec.pinned?.force === true) this.#context.input(this.#spec.pinned.inputSourceId)?.force(fromSamples)
    for (const input of this.#inputs) input.filled = this.#context.input(input.sourceId)?.read(input.pcm, fromSamples) ?? 0
    this.#isReading = false
    if (this.#blocks++ % ASK_EVERY_BLOCKS === 0) this.#ask()
    for (const input of this.#inputs) {
      const sounds = input.filled === BLOCK_SAMPLES
      if (input.sight.sounds === sounds) continue
      // What is wrong with a sound ends it, so why it has ended must be known now.
      this.#askOne(input)
      input.sight = { sounds, fault: input.sight.fault }
    }
    const before = this.#ladder.current
    const cause = this.#ladder.look(samplesToMs(fromSamples), this.#inputs.map(({ sight }) => sight))
    const filled = this.#give(block, before)
    if (cause !== null) this.#tell(cause, before, fromSamples)
    this.#gapSamples = filled < block.length ? this.#gapSamples + block.length - filled : 0
    this.#sounded = filled === block.length
    if (this.#sounded) this.#tail.set(block.subarray(block.length - FADE_SAMPLES))
    return filled
  }

  setNeeded(needed: boolean): void {
    if (needed === this.#needed) return
    this.#needed = needed
    // Inputs that nobody reads rest by themselves; when they are needed again they are opened again, all at once.
    if (needed) this.#ladder = this.#open(this.#spec, this.#inputs[this.#ladder.current]?.sourceId ?? this.#spec.lastInputSourceId)
    this.#sounded = false
    this.#context.changed()
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'standby') return false
    const before = this.#spec
    this.#spec = spec
    if (spec.inputSourceIds.join() !== before.inputSourceIds.join()) this.#ladder = this.#open(spec, this.#inputs[this.#ladder.current]?.sourceId ?? null)
    else {
      this.#ladder.setRules(spec)
      if (spec.chosenAtMs !== before.chosenAtMs) this.#ladder.choose(choiceOf(spec))
    }
    return true
  }

  report(): SourceReport {
    const current = this.#inputs[this.#ladder.current]
    const said = current?.report
    const sounds = this.#needed && this.#sounded && current !== undefined
    const state = !this.#needed ? 'idle' : sounds ? (this.#ladder.current === 0 ? 'live' : 'fallback') : this.#ladder.current === -1 && this.#inputs.some(({ report }) => report?.state === 'connecting') ? 'connecting' : 'down'
    return {
      state,
      urlIndex: null,
      peakDbfs: sounds ? said?.peakDbfs ?? FLOOR_DBFS : FLOOR_DBFS,
      rmsDbfs: sounds ? said?.rmsDbfs ?? FLOOR_DBFS : FLOOR_DBFS,
      clippedPercent: sounds ? said?.clippedPercent ?? 0 : 0,
      fault: sounds ? said?.fault ?? null : null,
      reason: state === 'down' ? sourceReason('no-input') : '',
      title: sounds ? said?.title ?? '' : '',
      standby: { inputSourceId: current?.sourceId ?? null, inputs: this.#inputs.map((input, index) => this.#inputReport(input, index)) },
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #open(spec: StandbySpec, startId: string | null): StandbyLadder {
    this.#inputs = spec.inputSourceIds.map((sourceId) => this.#inputs.find((known) => known.sourceId === sourceId) ?? { sourceId, pcm: new Float32Array(BLOCK_SAMPLES), filled: 0, sight: { sounds: false, fault: null }, report: undefined })
    return new StandbyLadder(spec, startId === null ? -1 : spec.inputSourceIds.indexOf(startId), choiceOf(spec))
  }

  /** @returns samples that are sound */
  #give(block: Float32Array, before: number): number {
    const current = this.#inputs[this.#ladder.current]
    if (current === undefined) return 0
    block.set(current.pcm)
    const previous = this.#inputs[before]
    if (this.#ladder.current === before || previous === undefined || !this.#sounded || current.filled < FADE_SAMPLES) return current.filled
    // What is left of the one before fades into this one; where less than a fade is left, what was heard last is played
    // backwards from its end, which continues the wave without a step.
    const left = Math.min(previous.filled, BLOCK_SAMPLES)
    const end = Math.max(left, FADE_SAMPLES)
    for (let i = 0; i < end; i++) {
      const mirrored = 2 * left - 1 - i
      const old = i < left ? previous.pcm[i]! : mirrored >= 0 ? previous.pcm[mirrored]! : this.#tail[FADE_SAMPLES + mirrored]!
      const gain = fadeInGain(i - (end - FADE_SAMPLES) + 0.5, FADE_SAMPLES)
      block[i] = block[i]! * gain + old * (1 - gain)
    }
    return current.filled
  }

  #ask(): void {
    for (const input of this.#inputs) this.#askOne(input)
    this.#context.changed()
  }

  #askOne(input: Input): void {
    const report = this.#context.input(input.sourceId)?.report()
    input.report = report
    const fault = report === undefined ? 'missing' : report.fault
    if (input.sight.fault !== fault) input.sight = { sounds: input.sight.sounds, fault }
  }

  #tell(cause: SourceSwitch['cause'], before: number, fromSamples: number): void {
    const previous = this.#inputs[before]
    const told: Omit<SourceSwitch, 'type' | 'id'> = {
      sourceId: this.#spec.id,
      fromInputId: previous?.sourceId ?? null,
      toInputId: this.#inputs[this.#ladder.current]!.sourceId,
      cause,
      detail: cause === 'fault' ? previous?.sight.fault ?? '' : cause === 'no-sound' ? previous?.report?.reason ?? '' : '',
      atSamples: fromSamples,
      gapMs: Math.round(samplesToMs(this.#gapSamples)),
    }
    this.#context.logger.info(told, 'a standby source has switched')
    this.#context.switched(told)
  }

  #inputReport({ sourceId, sight, report }: Input, index: number): StandbyInputInfo {
    return {
      sourceId,
      state: report?.state ?? 'down',
      fault: sight.fault,
      goodForMs: this.#needed ? Math.round(this.#ladder.goodForMs(index)) : 0,
      peakDbfs: report?.peakDbfs ?? FLOOR_DBFS,
      rmsDbfs: report?.rmsDbfs ?? FLOOR_DBFS,
      receivedBytes: report?.receivedBytes ?? null,
      reason: report?.reason ?? '',
    }
  }
}

const choiceOf = ({ pinned, inputSourceIds }: StandbySpec): Choice | null => (pinned === null ? null : { index: inputSourceIds.indexOf(pinned.inputSourceId), force: pinned.force })

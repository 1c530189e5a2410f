import type { TimerHandle } from '../../rooms/clock.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { FADE_SAMPLES } from '../../rooms/source-chain.ts'
import { FLOOR_DBFS, fadeInGain } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { SoundFault, SourceReport, SourceSpec } from '../link/messages.ts'
import { addressCheck } from './address-check.ts'
import type { EngineSource } from './engine-source.ts'
import { RelayUpstream } from './relay-upstream.ts'
import type { SourceContext } from './open-source.ts'
import { detectedWithinMs, isWatchedAlike, watchTimes } from './watch-times.ts'

type RelaySpec = Extract<SourceSpec, { kind: 'relay' }>

/** How often the state is looked at. */
const TICK_MS = 100

/** A connection that had sound for this long and broke is tried again before the next URL: it was one fault, not a bad station. */
const PROVEN_MS = 5000

/** After a round in which no URL had sound: wait, twice as long after each further one, each time with jitter. */
const BACKOFF_MIN_MS = 500
const BACKOFF_MAX_MS = 30_000

/** Nobody read for this long: what has piled up is old. */
const REJOIN_SAMPLES = msToSamples(1000)

interface Attempt {
  readonly upstream: RelayUpstream
  readonly urlIndex: number
}

/**
 * Relays the first of its URLs that has sound, over one connection whatever the number of programmes. A URL that breaks
 * off, brings nothing for relayStallMs or nothing worth hearing is left for the next; better ones are tried again by a second
 * connection, which takes over, without a gap, only when it has sound.
 */
export class RelaySource implements EngineSource {
  readonly #context: SourceContext
  #spec: RelaySpec
  #needed = false
  #forced = false
  #timer: TimerHandle | undefined
  /** What sounds, or what sounded last and is still played to its end. */
  #active: Attempt | undefined
  /** Set while the active one brings nothing more. */
  #lostReason: string | undefined
  /** Faded away under the active one in the next block. */
  #leaving: RelayUpstream | undefined
  #candidate: Attempt | undefined
  /** Where the search stands: which URL next, how many were tried in this round, when. */
  #nextIndex = 0
  #triedInRound = 0
  #failedRounds = 0
  #nextAttemptMs = 0
  #returnIndex = 0
  #returnAtMs = Infinity
  /** What URLs were left for. */
  readonly #faults = new Map<number, SoundFault>()
  #lastReason = ''
  #lastReadSamples = -Infinity
  readonly #scratch = new Float32Array(FADE_SAMPLES * 2)
  readonly #closing = new Set<Promise<void>>()

  constructor(spec: RelaySpec, context: SourceContext) {
    this.#spec = spec
    this.#context = context
  }

  read(block: Float32Array, fromSamples: number): number {
    const active = this.#active?.upstream
    if (active === undefined) return 0
    if (fromSamples - this.#lastReadSamples > REJOIN_SAMPLES) active.buffer.rejoin()
    this.#lastReadSamples = fromSamples
    const filled = active.read(block)
    if (this.#leaving !== undefined) this.#fadeFromLeaving(block, filled)
    // What is not worth hearing is no sound: whoever stands in for this source is asked instead.
    return active.monitor.isMissing && !this.#forced ? 0 : filled
  }

  setForced(forced: boolean): void {
    this.#forced = forced
  }

  setNeeded(needed: boolean): void {
    if (needed === this.#needed) return
    this.#needed = needed
    if (needed) {
      this.#nextIndex = 0
      this.#triedInRound = 0
      this.#failedRounds = 0
      this.#nextAttemptMs = this.#nowMs()
      this.#tick()
    } else {
      this.#timer?.cancel()
      this.#drop(this.#active?.upstream)
      this.#drop(this.#candidate?.upstream)
      this.#drop(this.#leaving)
      this.#active = this.#candidate = this.#leaving = this.#lostReason = undefined
      this.#lastReason = ''
      this.#faults.clear()
    }
    this.#context.changed()
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'relay' || !isWatchedAlike(spec, this.#spec) || spec.urls.join('\n') !== this.#spec.urls.join('\n')) return false
    this.#spec = spec
    return true
  }

  report(): SourceReport {
    const active = this.#active
    const sounding = active !== undefined && this.#lostReason === undefined
    const fault = sounding ? active.upstream.monitor.fault : null
    return {
      state: !this.#needed ? 'idle' : sounding ? (active.upstream.monitor.isMissing ? 'silent' : active.urlIndex === 0 ? 'live' : 'fallback') : this.#failedRounds === 0 ? 'connecting' : 'down',
      urlIndex: sounding ? active.urlIndex : null,
      peakDbfs: sounding ? active.upstream.monitor.peakDbfs : FLOOR_DBFS,
      rmsDbfs: sounding ? active.upstream.monitor.rmsDbfs : FLOOR_DBFS,
      clippedPercent: sounding ? active.upstream.monitor.clippedPercent : 0,
      fault,
      reason: sounding && active.urlIndex === 0 && fault === null ? '' : this.#lastReason,
      title: sounding ? active.upstream.title : '',
    }
  }

  async close(): Promise<void> {
    this.setNeeded(false)
    await Promise.all(this.#closing)
  }

  #tick(): void {
    this.#timer?.cancel()
    this.#timer = this.#context.clock.setTimer(TICK_MS, () => { this.#tick() })
    this.#watchActive()
    this.#watchCandidate()
    if (this.#candidate === undefined) this.#seek()
    this.#context.changed()
  }

  #watchActive(): void {
    const active = this.#active
    if (active === undefined || this.#lostReason !== undefined) return
    const { relayStallMs } = this.#context.config
    const { upstream, urlIndex } = active
    const ended = upstream.endReason
    const stalled = upstream.stalledMs > relayStallMs
    if (ended === undefined && !stalled) {
      const { fault, reason } = upstream.monitor
      if (fault !== null && this.#candidate === undefined && this.#nextAttemptMs === Infinity && this.#spec.urls.length > 1) {
        this.#blame(urlIndex, reason)
        this.#faults.set(urlIndex, fault)
        this.#seekFrom(this.#after(urlIndex))
      } else if (fault === null && this.#nextAttemptMs !== Infinity) {
        // Sound has come back by itself: the search is over.
        this.#nextAttemptMs = Infinity
        this.#drop(this.#candidate?.upstream)
        this.#candidate = undefined
        this.#scheduleReturn(urlIndex)
      }
      return
    }
    this.#lostReason = ended ?? sourceReason('stalled', `for ${String(relayStallMs)} ms`)
    this.#blame(urlIndex, this.#lostReason)
    this.#drop(upstream)
    if (this.#candidate === undefined) this.#seekFrom(ended !== undefined && upstream.soundingMs > PROVEN_MS ? urlIndex : this.#after(urlIndex))
    else this.#nextAttemptMs = this.#nowMs()
  }

  #watchCandidate(): void {
    const candidate = this.#candidate
    if (candidate === undefined) return
    const { upstream, urlIndex } = candidate
    const ready = upstream.endReason === undefined && upstream.buffer.ready
    const { fault, heard, reason } = upstream.monitor
    if (ready && heard && fault === null) {
      if (upstream.soundingMs >= this.#provingMs(urlIndex)) this.#promote(candidate)
      else upstream.skim()
      return
    }
    if (upstream.endReason === undefined && fault === null && !upstream.isOverdue) return
    const isLast = this.#triedInRound + 1 >= this.#spec.urls.length
    if (ready && isLast && (this.#active === undefined || this.#lostReason !== undefined)) {
      // Silence from the only one that answers is better than nothing: sound may come any time.
      this.#promote(candidate)
      return
    }
    this.#blame(urlIndex, upstream.endReason ?? (fault !== null ? reason : sourceReason(ready ? 'silence' : 'no-sound')))
    this.#drop(upstream)
    this.#candidate = undefined
    if (this.#nextAttemptMs === Infinity) this.#nextReturn(urlIndex)
    else this.#nextInRound(urlIndex)
  }

  /** Starts the next attempt when there is a search and its time has come, or a better URL is to be tried again. */
  #seek(): void {
    const nowMs = this.#nowMs()
    if (nowMs >= this.#nextAttemptMs) this.#try(this.#nextIndex)
    else if (nowMs >= this.#returnAtMs) this.#try(this.#returnIndex)
  }

  #try(urlIndex: number): void {
    const { config, clock, changed, proxy } = this.#context
    this.#candidate = {
      urlIndex,
      upstream: new RelayUpstream({
        url: this.#spec.urls[urlIndex]!, ffmpegPath: config.ffmpegPath, addresses: addressCheck(config.allowPrivateSources), watch: watchTimes(this.#spec, config.relaySilenceMs, config), clock, proxy, changed,
      }),
    }
  }

  /** How long a URL must sound before it is played: one that was left for noise sounds well enough at first. */
  #provingMs(urlIndex: number): number {
    const fault = this.#faults.get(urlIndex)
    return fault === undefined ? 0 : detectedWithinMs(fault, watchTimes(this.#spec, this.#context.config.relaySilenceMs, this.#context.config))
  }

  #promote({ upstream, urlIndex }: Attempt): void {
    this.#faults.delete(urlIndex)
    const before = this.#active?.upstream
    this.#drop(this.#leaving)
    this.#leaving = before
    this.#active = { upstream, urlIndex }
    this.#candidate = undefined
    this.#lostReason = undefined
    this.#failedRounds = 0
    this.#triedInRound = 0
    this.#nextAttemptMs = Infinity
    this.#scheduleReturn(urlIndex)
    this.#context.logger.info({ sourceId: this.#spec.id, urlIndex }, 'relay sounds')
  }

  #seekFrom(urlIndex: number): void {
    this.#nextIndex = urlIndex
    this.#triedInRound = 0
    this.#nextAttemptMs = this.#nowMs()
  }

  #nextInRound(urlIndex: number): void {
    this.#nextIndex = this.#after(urlIndex)
    this.#triedInRound++
    this.#nextAttemptMs = this.#nowMs()
    if (this.#triedInRound < this.#spec.urls.length) return
    const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#failedRounds)
    this.#failedRounds++
    this.#triedInRound = 0
    this.#nextIndex = 0
    this.#nextAttemptMs = this.#nowMs() + waitMs * (0.5 + Math.random() / 2)
  }

  #scheduleReturn(urlIndex: number): void {
    this.#returnIndex = 0
    this.#returnAtMs = urlIndex === 0 ? Infinity : this.#nowMs() + this.#context.config.relayRetryMs
  }

  #nextReturn(urlIndex: number): void {
    const active = this.#active?.urlIndex ?? 0
    this.#returnIndex = urlIndex + 1
    if (this.#returnIndex >= active) this.#scheduleReturn(active)
  }

  #after(urlIndex: number): number {
    return (urlIndex + 1) % this.#spec.urls.length
  }

  #blame(urlIndex: number, reason: string): void {
    this.#lastReason = `URL ${String(urlIndex + 1)}: ${reason}`
    this.#context.logger.warn({ sourceId: this.#spec.id, urlIndex, reason }, 'relay without sound')
  }

  #drop(upstream: RelayUpstream | undefined): void {
    if (upstream === undefined) return
    const closed = upstream.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  #fadeFromLeaving(block: Float32Array, filled: number): void {
    const leaving = this.#leaving!
    this.#leaving = undefined
    const old = leaving.read(this.#scratch)
    this.#drop(leaving)
    // The old one had run dry: the chain has been silent and fades the new one in itself.
    if (old < FADE_SAMPLES || filled < FADE_SAMPLES) return
    for (let i = 0; i < FADE_SAMPLES; i++) {
      const gain = fadeInGain(i + 0.5, FADE_SAMPLES)
      block[i] = block[i]! * gain + this.#scratch[i]! * (1 - gain)
    }
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs()
  }
}

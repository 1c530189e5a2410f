import type { Socket } from 'node:net'
import type { TimerHandle } from '../../rooms/clock.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { FLOOR_DBFS } from '../../codec/index.ts'
import type { SourceReport, SourceSpec } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import type { IngestHello, IngestReply } from './ingest-protocol.ts'
import { IngestSession } from './ingest-session.ts'
import type { SourceContext } from './open-source.ts'

type IcecastSpec = Extract<SourceSpec, { kind: 'icecast' }>

const TICK_MS = 200

/** Nobody read for this long: what has piled up is old. */
const REJOIN_SAMPLES = msToSamples(1000)

/** A studio that connects to us. One at a time; whether a second is refused or takes over is the source's rule. */
export class IcecastSource implements EngineSource {
  readonly #context: SourceContext
  #spec: IcecastSpec
  #session: IngestSession | undefined
  /** The one that was there before; its last samples are played while the new one fills its buffer. */
  #leaving: IngestSession | undefined
  #needed = false
  #timer: TimerHandle | undefined
  #lastReason = ''
  #lastFault = false
  #lastReadSamples = -Infinity
  readonly #closing = new Set<Promise<void>>()

  constructor(spec: IcecastSpec, context: SourceContext) {
    this.#spec = spec
    this.#context = context
  }

  /** Takes a studio's bytes, or says why not. */
  accept(hello: IngestHello, socket: Socket): IngestReply {
    const before = this.#session?.endReason === undefined ? this.#session : undefined
    if (before !== undefined && this.#spec.takeover === 'refuse') return { accepted: false, reason: 'busy' }
    const { config, clock, changed, logger } = this.#context
    const session = new IngestSession({
      hello, socket, clock, ffmpegPath: config.ffmpegPath, silenceMs: this.#spec.silenceTimeoutMs ?? 0,
      onEnd: () => {
        if (this.#session !== session) return
        this.#lastReason = session.endReason ?? ''
        this.#lastFault = session.fault
        this.#release(session)
        logger.info({ sourceId: this.#spec.id, reason: session.endReason }, 'studio is gone')
        changed()
      },
    })
    this.#leaving = this.#session
    this.#session = session
    before?.end('another studio has taken over', false)
    if (before !== undefined) this.#release(before)
    session.needed = this.#needed
    this.#lastReason = ''
    this.#lastFault = false
    this.#timer?.cancel()
    this.#tick()
    logger.info({ sourceId: this.#spec.id, contentType: hello.contentType, userAgent: hello.userAgent, remoteAddress: hello.remoteAddress, takesOver: before !== undefined }, 'studio is connected')
    changed()
    return { accepted: true }
  }

  read(block: Float32Array, fromSamples: number): number {
    const session = this.#session
    if (session === undefined) return 0
    if (fromSamples - this.#lastReadSamples > REJOIN_SAMPLES) session.buffer.rejoin()
    this.#lastReadSamples = fromSamples
    if (this.#leaving !== undefined && !session.buffer.ready) {
      const filled = this.#leaving.read(block)
      if (filled < block.length) this.#leaving = undefined
      return filled
    }
    if (this.#leaving !== undefined) {
      // One short block from the old one lets the chain fade it out before the new one is faded in.
      this.#leaving = undefined
      return 0
    }
    const filled = session.read(block)
    return session.monitor.silent ? 0 : filled
  }

  setNeeded(needed: boolean): void {
    this.#needed = needed
    if (this.#session !== undefined) this.#session.needed = needed
    this.#context.changed()
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'icecast' || spec.silenceTimeoutMs !== this.#spec.silenceTimeoutMs) return false
    this.#spec = spec
    return true
  }

  report(): SourceReport {
    const session = this.#session
    const live = session !== undefined && session.endReason === undefined
    return {
      state: live ? (!session.hasSound ? 'connecting' : session.monitor.silent ? 'silent' : 'live') : this.#needed || this.#lastFault ? 'down' : 'idle',
      urlIndex: null,
      peakDbfs: live ? session.monitor.peakDbfs : FLOOR_DBFS,
      rmsDbfs: live ? session.monitor.rmsDbfs : FLOOR_DBFS,
      clippedPercent: live ? session.monitor.clippedPercent : 0,
      reason: live ? (session.monitor.silent ? 'digital silence' : '') : this.#lastReason === '' ? 'no studio is connected' : this.#lastReason,
      title: '',
    }
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    const session = this.#session
    this.#session = undefined
    await session?.close()
    await Promise.all(this.#closing)
  }

  #tick(): void {
    if (this.#session === undefined || this.#session.endReason !== undefined) return
    this.#timer = this.#context.clock.setTimer(TICK_MS, () => { this.#tick() })
    this.#session.check()
    this.#context.changed()
  }

  #release(session: IngestSession): void {
    const closed = session.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}

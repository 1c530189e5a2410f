import type { Socket } from 'node:net'
import type { SourceReport, SourceSpec } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import { openingOf, type IngestHello, type IngestReply } from './ingest-protocol.ts'
import { IngestSession } from './ingest-session.ts'
import type { SourceContext } from './open-source.ts'
import { isAlive, StudioGate } from './studio-gate.ts'
import { StudioLine } from './studio-line.ts'
import { isWatchedAlike, watchTimes } from './watch-times.ts'

type StudioSpec = Extract<SourceSpec, { kind: 'icecast' | 'rtmp' }>

/** A studio that connects to us and sends bytes: by Icecast's protocol, or by RTMP. One at a time; who may come, and take the place of another, is the gate's affair. */
export class IcecastSource implements EngineSource {
  readonly #context: SourceContext
  readonly #line: StudioLine<IngestSession>
  readonly #gate: StudioGate
  #spec: StudioSpec

  constructor(spec: StudioSpec, context: SourceContext) {
    this.#spec = spec
    this.#context = context
    this.#gate = new StudioGate(spec)
    this.#line = new StudioLine(context.clock, () => {
      this.#endWhoMayStayNoLonger()
      context.changed()
    })
  }

  /** Takes a studio's bytes, or says why not. */
  accept(hello: IngestHello, socket: Socket): IngestReply {
    const { config, clock, logger } = this.#context
    const there = this.#line.session
    const nowSamples = this.#context.nowSamples()
    const verdict = this.#gate.judge(hello, there && { isAlive: isAlive(there) }, nowSamples)
    if (!verdict.accepted) return { accepted: false, reason: verdict.reason, ...openingOf(verdict.opensAtSamples, nowSamples) }
    const session = new IngestSession({
      hello, socket, clock, ffmpegPath: config.ffmpegPath, watch: watchTimes(this.#spec, config.studioSilenceMs, config),
      onEnd: () => {
        if (this.#line.ended(session)) logger.info({ sourceId: this.#spec.id, reason: session.endReason }, 'studio is gone')
      },
    })
    this.#gate.took(hello)
    this.#line.take(session)
    logger.info({ sourceId: this.#spec.id, contentType: hello.contentType, userAgent: hello.userAgent, remoteAddress: hello.remoteAddress, keyClass: hello.keyClass, reason: verdict.reason }, 'studio is connected')
    return { accepted: true, tookOver: verdict.reason === 'took-over' }
  }

  read(block: Float32Array, fromSamples: number): number {
    return this.#line.read(block, fromSamples)
  }

  setForced(forced: boolean): void {
    this.#line.forced = forced
  }

  setNeeded(needed: boolean): void {
    this.#line.setNeeded(needed)
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== this.#spec.kind || !isWatchedAlike(spec, this.#spec)) return false
    this.#spec = spec
    this.#gate.setRules(spec)
    this.#endWhoMayStayNoLonger()
    return true
  }

  report(): SourceReport {
    return this.#line.report()
  }

  close(): Promise<void> {
    return this.#line.close()
  }

  #endWhoMayStayNoLonger(): void {
    const reason = this.#gate.endReason(this.#context.nowSamples())
    if (reason !== null) this.#line.session?.end(reason, false)
  }
}

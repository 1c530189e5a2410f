import type { Socket } from 'node:net'
import type { SourceSpec } from '../link/messages.ts'
import { openingOf, type IngestHello, type IngestReply } from './ingest-protocol.ts'
import { IngestSession } from './ingest-session.ts'
import { LineSource } from './line-source.ts'
import type { SourceContext } from './open-source.ts'
import { isAlive, StudioGate } from './studio-gate.ts'
import { isWatchedAlike, watchTimes } from './watch-times.ts'

type StudioSpec = Extract<SourceSpec, { kind: 'icecast' | 'rtmp' }>

/** A studio that connects to us and sends bytes: by Icecast's protocol, or by RTMP. One at a time; who may come, and take the place of another, is the gate's affair. */
export class IcecastSource extends LineSource<IngestSession> {
  readonly #gate: StudioGate
  #spec: StudioSpec

  constructor(spec: StudioSpec, context: SourceContext) {
    super(context)
    this.#spec = spec
    this.#gate = new StudioGate(spec)
  }

  /** Takes a studio's bytes, or says why not. */
  accept(hello: IngestHello, socket: Socket): IngestReply {
    const { config, clock, logger } = this.context
    const there = this.line.session
    const nowSamples = this.context.nowSamples()
    const verdict = this.#gate.judge(hello, there && { isAlive: isAlive(there) }, nowSamples)
    if (!verdict.accepted) return { accepted: false, reason: verdict.reason, ...openingOf(verdict.opensAtSamples, nowSamples) }
    const session = new IngestSession({
      hello, socket, clock, ffmpegPath: config.ffmpegPath, watch: watchTimes(this.#spec, config.studioSilenceMs, config),
      onEnd: () => {
        if (this.line.ended(session)) logger.info({ sourceId: this.#spec.id, reason: session.endReason }, 'studio is gone')
      },
    })
    this.#gate.took(hello)
    this.line.take(session)
    logger.info({ sourceId: this.#spec.id, contentType: hello.contentType, userAgent: hello.userAgent, remoteAddress: hello.remoteAddress, keyClass: hello.keyClass, reason: verdict.reason }, 'studio is connected')
    return { accepted: true, tookOver: verdict.reason === 'took-over' }
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== this.#spec.kind || !isWatchedAlike(spec, this.#spec)) return false
    this.#spec = spec
    this.#gate.setRules(spec)
    this.#endWhoMayStayNoLonger()
    return true
  }

  protected override lineChanged(): void {
    this.#endWhoMayStayNoLonger()
    super.lineChanged()
  }

  #endWhoMayStayNoLonger(): void {
    const reason = this.#gate.endReason(this.context.nowSamples())
    if (reason !== null) this.line.session?.end(reason, false)
  }
}

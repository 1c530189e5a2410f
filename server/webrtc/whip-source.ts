import { randomUUID } from 'node:crypto'
import type { SourceReport, SourceSpec } from '../link/messages.ts'
import type { EngineSource } from '../sources/engine-source.ts'
import type { SourceContext } from '../sources/open-source.ts'
import { StudioLine } from '../sources/studio-line.ts'
import type { WhipOffer } from './whip-offer.ts'
import { WhipSession } from './whip-session.ts'

type WhipSpec = Extract<SourceSpec, { kind: 'whip' }>

/** Sound that a browser, a phone or an encoder sends by WHIP. One at a time; whether a second is refused or takes over is the source's rule. */
export class WhipSource implements EngineSource {
  readonly #context: SourceContext
  readonly #line: StudioLine<WhipSession>
  #spec: WhipSpec
  /** Counts offers, so that of two that come at once the later wins, whichever is opened first. */
  #offers = 0

  constructor(spec: WhipSpec, context: SourceContext) {
    this.#spec = spec
    this.#context = context
    this.#line = new StudioLine(context.clock, context.changed)
    if (context.rtc.lack !== undefined) context.logger.warn({ sourceId: spec.id }, context.rtc.lack)
  }

  /**
   * Takes an offer.
   * @returns null when somebody is connected and the source's rule is to refuse, or another offer came while this one was opened
   * @throws RtcUnavailableError, or what mediasoup throws at parameters it cannot take
   */
  async accept(offer: WhipOffer, remoteAddress: string): Promise<WhipSession | null> {
    if (this.#isBusy()) return null
    const turn = ++this.#offers
    const { clock, logger, rtc } = this.#context
    const session: WhipSession = await WhipSession.open({
      id: randomUUID(), offer, room: await rtc.room(), clock, silenceMs: this.#spec.silenceTimeoutMs ?? 0,
      onEnd: () => {
        if (this.#line.ended(session)) logger.info({ sourceId: this.#spec.id, reason: session.endReason, packets: session.packetsTotal, lost: session.lostTotal }, 'studio is gone')
      },
    })
    if (this.#isBusy() || turn !== this.#offers) {
      await session.close()
      return null
    }
    const takesOver = this.#line.session !== undefined
    this.#line.take(session)
    logger.info({ sourceId: this.#spec.id, sessionId: session.id, remoteAddress, takesOver }, 'studio is connected')
    return session
  }

  /** The session on the line, when it has this id. */
  session(id: string): WhipSession | undefined {
    const session = this.#line.session
    return session?.id === id ? session : undefined
  }

  read(block: Float32Array, fromSamples: number): number {
    return this.#line.read(block, fromSamples)
  }

  setNeeded(needed: boolean): void {
    this.#line.setNeeded(needed)
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'whip' || spec.silenceTimeoutMs !== this.#spec.silenceTimeoutMs) return false
    this.#spec = spec
    return true
  }

  report(): SourceReport {
    const report = this.#line.report()
    return this.#line.session === undefined && this.#context.rtc.lack !== undefined ? { ...report, reason: this.#context.rtc.lack } : report
  }

  close(): Promise<void> {
    return this.#line.close()
  }

  #isBusy(): boolean {
    return this.#line.session !== undefined && this.#spec.takeover === 'refuse'
  }
}

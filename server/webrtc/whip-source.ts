import { randomUUID } from 'node:crypto'
import type { SourceReport, SourceSpec } from '../link/messages.ts'
import { LineSource } from '../sources/line-source.ts'
import type { SourceContext } from '../sources/open-source.ts'
import { ComingTurns, isAlive, StudioGate, type GateRefusal, type GateVerdict, type Publisher } from '../sources/studio-gate.ts'
import { isWatchedAlike, watchTimes } from '../sources/watch-times.ts'
import type { WhipOffer } from './whip-offer.ts'
import { WhipSession } from './whip-session.ts'

const MOST_SUPPLANTED = 16

type WhipSpec = Extract<SourceSpec, { kind: 'whip' }>

/** Sound that a browser, a phone or an encoder sends by WHIP. One at a time, as the gate says. */
export class WhipSource extends LineSource<WhipSession> {
  readonly #gate: StudioGate
  #spec: WhipSpec
  /** The last sessions whose place another has taken: their clients must not take it back by themselves. */
  #supplanted: readonly string[] = []
  /** Of offers that come at once the later wins, whichever is opened first. */
  readonly #turns = new ComingTurns()

  constructor(spec: WhipSpec, context: SourceContext) {
    super(context)
    this.#spec = spec
    this.#gate = new StudioGate(spec)
    if (context.rtc.lack !== undefined) context.logger.warn({ sourceId: spec.id }, context.rtc.lack)
  }

  /**
   * Takes an offer.
   * @returns a refusal by the gate, or `busy` when another offer came while this one was opened
   * @throws RtcUnavailableError, or what mediasoup throws at parameters it cannot take
   */
  async accept(offer: WhipOffer, remoteAddress: string, publisher: Publisher): Promise<{ readonly session: WhipSession; readonly tookOver: boolean } | GateRefusal> {
    const first = this.#judge(publisher)
    if (!first.accepted) return first
    const turn = this.#turns.begin(publisher)
    const { clock, config, logger, rtc } = this.context
    const session: WhipSession = await WhipSession.open({
      id: randomUUID(), offer, seat: await rtc.seat(), clock, watch: watchTimes(this.#spec, config.studioSilenceMs, config),
      onEnd: () => {
        if (this.line.ended(session)) logger.info({ sourceId: this.#spec.id, reason: session.endReason, packets: session.packetsTotal, lost: session.lostTotal }, 'studio is gone')
      },
    })
    const verdict: GateVerdict = this.#turns.isOvertaken(turn, publisher) ? { accepted: false, reason: 'busy', opensAtSamples: null } : this.#judge(publisher)
    if (!verdict.accepted) {
      await session.close()
      return verdict
    }
    this.#gate.took(publisher)
    const before = this.line.session
    if (before !== undefined) this.#supplanted = [...this.#supplanted, before.id].slice(-MOST_SUPPLANTED)
    this.line.take(session)
    logger.info({ sourceId: this.#spec.id, sessionId: session.id, remoteAddress, keyClass: publisher.keyClass, reason: verdict.reason }, 'studio is connected')
    return { session, tookOver: verdict.reason === 'took-over' }
  }

  /** The session on the line, when it has this id. */
  session(id: string): WhipSession | undefined {
    const session = this.line.session
    return session?.id === id ? session : undefined
  }

  /** Whether another has taken the place of the session that had this id. */
  wasTakenOver(id: string): boolean {
    return this.#supplanted.includes(id)
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'whip' || !isWatchedAlike(spec, this.#spec)) return false
    this.#spec = spec
    this.#gate.setRules(spec)
    this.#endWhoMayStayNoLonger()
    return true
  }

  override report(): SourceReport {
    const report = super.report()
    return this.line.session === undefined && this.context.rtc.lack !== undefined ? { ...report, reason: this.context.rtc.lack } : report
  }

  #judge(publisher: Publisher): GateVerdict {
    const there = this.line.session
    return this.#gate.judge(publisher, there && { isAlive: isAlive(there) }, this.context.nowSamples())
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

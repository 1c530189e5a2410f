import { sourceReason } from '../../control/source-reasons.ts'
import type { RtpSourceSpec, SourceReport, SourceSpec } from '../link/messages.ts'
import { LineSource } from './line-source.ts'
import type { SourceContext } from './open-source.ts'
import { RtpReceiver, type ReceivedPacket } from './rtp-receiver.ts'
import { RtpSession } from './rtp-session.ts'
import { watchTimes } from './watch-times.ts'

/** Another of the agreed senders is heard when the one before has been quiet for this long; longer where it leaves out its silence, as it says something at least every 400 ms then. */
const NEXT_SENDER_MS = 200
const NEXT_AFTER_PAUSE_MS = 1000

/**
 * RTP from a studio's network (L16, L24 or Opus; what an SDP of AES67 names). The group is joined while somebody needs it. One sender
 * at a time: while it sends, nobody else's packets are heard, not even those of another agreed sender.
 */
export class RtpSource extends LineSource<RtpSession> {
  #spec: RtpSourceSpec
  #receiver: RtpReceiver | undefined

  constructor(spec: RtpSourceSpec, context: SourceContext) {
    super(context)
    this.#spec = spec
  }

  override setNeeded(needed: boolean): void {
    super.setNeeded(needed)
    if (needed) this.#receiver ??= new RtpReceiver(this.#spec, this.context.clock, { onPacket: (packet, address) => { this.#take(packet, address) }, onChange: this.context.changed })
    else this.#rest()
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'rtp' || essence(spec) !== essence(this.#spec)) return false
    this.#spec = spec
    return true
  }

  override report(): SourceReport {
    const report = super.report()
    if (this.line.session !== undefined || this.#receiver === undefined) return report
    const { fault, strangersTotal } = this.#receiver
    if (fault !== null) return { ...report, state: 'down', reason: fault }
    return strangersTotal === 0 ? report : { ...report, reason: sourceReason('strangers', [String(strangersTotal), report.reason].filter((part) => part !== '').join('; ')) }
  }

  override async close(): Promise<void> {
    this.#rest()
    await super.close()
  }

  #rest(): void {
    this.#receiver?.close()
    this.#receiver = undefined
    this.line.session?.end(sourceReason('not-needed'), false)
  }

  #take(packet: ReceivedPacket, senderAddress: string): void {
    let session = this.line.session
    if (session === undefined || (session.senderAddress !== senderAddress && session.quietMs >= (session.buffer.pauses ? NEXT_AFTER_PAUSE_MS : NEXT_SENDER_MS))) session = this.#begin(senderAddress)
    if (session.senderAddress === senderAddress) session.take(packet)
  }

  #begin(senderAddress: string): RtpSession {
    const { clock, config, logger } = this.context
    const { id, stream } = this.#spec
    const session: RtpSession = new RtpSession({
      stream, senderAddress, clock, watch: watchTimes(this.#spec, config.studioSilenceMs, config),
      onEnd: () => {
        if (this.line.ended(session)) logger.info({ sourceId: id, senderAddress, reason: session.endReason, packets: session.packetsTotal, lost: session.lostTotal }, 'studio is gone')
      },
    })
    this.line.take(session)
    logger.info({ sourceId: id, senderAddress, codec: stream.codec }, 'studio is connected')
    return session
  }
}

const essence = ({ stream, senders, interface: name, silenceTimeoutMs, watch }: RtpSourceSpec): string => JSON.stringify([stream, senders, name, silenceTimeoutMs, watch])

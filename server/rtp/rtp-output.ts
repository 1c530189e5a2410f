import { ntpMiddle, ntpTime, RTP_CLOCK_HZ, RtpPacketizer, senderBye, senderReport, type SenderDescription, type SenderInfo, type StreamIdentity, type TimedPacket } from '../../codec/rtp/index.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { ENGINE_LEAD_MS, msToSamples } from '../../rooms/grid.ts'
import { houseMsAt, type HouseClock } from '../../rooms/house-clock.ts'
import type { ListenerSink } from '../../rooms/listener.ts'
import type { RtpOutputSpec, RtpOutputStatus } from '../link/rtp-messages.ts'
import { version } from '../version.ts'
import { cnameOf } from './describe-output.ts'
import { readFrames } from './frame-wire.ts'
import { ReceiverBoard } from './receiver-board.ts'
import { streamIdentity } from './stream-identity.ts'
import type { RtpTransport } from './transport.ts'

/** RFC 3550, 6.2 allows a sender that few listen to as many; receivers that join want the first report soon. */
const REPORT_MS = 1000
/**
 * A standby keeps as many packets as may not have been sent when it is told to go on and has opened its sockets: the death of a process is
 * noticed within some tens of ms. What had been sent is sent twice, and receivers drop it.
 */
const HISTORY_MS = 300
/** Timers have a resolution of 1 ms. */
const EARLY_MS = 1

/** What lets packets out: always for a group, after proof for one receiver. */
export interface Gate {
  readonly open: boolean
  /** House sample until which it stays open; null: for ever. */
  readonly untilSamples: number | null
  /** A report shows that we are heard. */
  heard(): void
}

/**
 * One RTP stream: takes the frames that its cluster hears, makes packets, and sends each when it is due. A standby does the same, but for
 * sending, so that it can go on at once with the very same packets.
 */
export class RtpOutput implements ListenerSink {
  readonly spec: RtpOutputSpec
  readonly identity: StreamIdentity
  readonly state = 'open'
  readonly fd = -1
  readonly receivers: ReceiverBoard
  readonly #clock: Clock
  readonly #house: HouseClock
  readonly #presentationDelayMs: () => number
  readonly #packetizer: RtpPacketizer
  readonly #description: SenderDescription
  readonly #made: TimedPacket[] = []
  /** Waiting for their time. */
  readonly #queue: TimedPacket[] = []
  /** Their time has come, but not their way out: of a standby, or while sockets are being opened. */
  readonly #history: TimedPacket[] = []
  #timer: TimerHandle | null = null
  #reportTimer: TimerHandle | null = null
  #way: { readonly transport: RtpTransport; readonly gate: Gate } | null = null
  #packets = 0
  #octets = 0
  #closed = false

  /** @param presentationDelayMs from a frame's place on the house clock to the moment it is to be heard, as it is now */
  constructor(spec: RtpOutputSpec, ports: { readonly clock: Clock; readonly house: HouseClock }, presentationDelayMs: () => number) {
    this.spec = spec
    this.identity = streamIdentity(spec.id)
    this.receivers = new ReceiverBoard(this.identity.ssrc, RTP_CLOCK_HZ[spec.codec])
    this.#clock = ports.clock
    this.#house = ports.house
    this.#presentationDelayMs = presentationDelayMs
    this.#packetizer = new RtpPacketizer({ codec: spec.codec, packetMs: spec.ptimeMs, identity: this.identity })
    this.#description = { cname: cnameOf(spec.id), name: spec.name, tool: `Loa ${version}` }
  }

  /** From now on packets are sent, those of the last moment first: who sent before may not have. */
  activate(transport: RtpTransport, gate: Gate): void {
    if (this.#closed || this.#way !== null) return
    this.#way = { transport, gate }
    this.#sendDue()
    this.#report()
  }

  get active(): boolean {
    return this.#way !== null
  }

  write(chunk: Buffer): void {
    readFrames(chunk, (frameIndex, data, cut) => {
      this.#packetizer.push(frameIndex, data, cut, this.#made)
    })
    this.#queue.push(...this.#made.splice(0))
    this.#sendDue()
  }

  /** As the fan-out does when it goes down. */
  close(): void {
    this.end('server shutdown')
  }

  /** @param farewell told to receivers in a BYE; null when somebody else goes on with the stream */
  end(farewell: string | null): void {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.cancel()
    this.#reportTimer?.cancel()
    if (farewell !== null && this.#way?.gate.open === true) this.#way.transport.sendRtcp(senderBye(this.#senderInfo(), this.#description, farewell))
    this.#way?.transport.close()
    this.#way = null
  }

  /** A datagram from the receivers' control port. */
  takeReport(datagram: Buffer): void {
    if (this.receivers.take(datagram, this.#houseUnixMs())) this.#way?.gate.heard()
  }

  status(): RtpOutputStatus {
    const way = this.#way
    return {
      id: this.spec.id,
      state: way === null ? 'standby' : way.transport.fault !== null ? 'failed' : way.gate.open ? 'sending' : 'waiting-for-proof',
      reason: way?.transport.fault ?? '',
      ssrc: this.identity.ssrc,
      packetsTotal: this.#packets,
      bytesTotal: this.#octets,
      sendErrorsTotal: way?.transport.sendErrors ?? 0,
      emptiedFramesTotal: this.#packetizer.emptiedFrames,
      reportsTotal: this.receivers.reports,
      unreadableTotal: this.receivers.unreadable,
      ...this.receivers.summary(this.#houseUnixMs()),
      provenUntilSamples: way === null || way.gate.untilSamples === null || !way.gate.open ? null : way.gate.untilSamples,
    }
  }

  #sendDue(): void {
    const nowMs = this.#clock.monotonicMs()
    const isDue = (packet: TimedPacket): boolean => this.#dueMs(packet) <= nowMs + EARLY_MS
    while (this.#queue.length > 0 && isDue(this.#queue[0]!)) this.#history.push(this.#queue.shift()!)
    // Sockets that are still being opened are waited for, too. What comes late because the process was held up is sent all the same.
    if (this.#way?.transport.fault === null) for (const packet of this.#history.splice(0)) this.#send(packet, this.#way)
    while (this.#history.length > 0 && nowMs - this.#dueMs(this.#history[0]!) > HISTORY_MS) this.#history.shift()
    const [next] = this.#queue
    this.#timer?.cancel()
    this.#timer = next === undefined || this.#closed ? null : this.#clock.setTimer(this.#dueMs(next) - nowMs, () => {
      this.#sendDue()
    })
  }

  #send({ packet, payloadBytes }: TimedPacket, { transport, gate }: { readonly transport: RtpTransport; readonly gate: Gate }): void {
    if (!gate.open) return
    transport.sendRtp(packet)
    this.#packets += 1
    this.#octets += payloadBytes
  }

  #dueMs(packet: TimedPacket): number {
    return this.#house.monotonicMsAt(packet.dueSamples) + ENGINE_LEAD_MS
  }

  #report(): void {
    if (this.#closed || this.#way === null) return
    if (this.#way.gate.open) {
      const info = this.#senderInfo()
      this.receivers.noteSent(ntpMiddle(info.ntp))
      this.#way.transport.sendRtcp(senderReport(info, this.#description))
    }
    // Never two senders in step (RFC 3550, 6.2).
    this.#reportTimer = this.#clock.setTimer(REPORT_MS * (0.9 + 0.2 * Math.random()), () => {
      this.#report()
    })
  }

  /**
   * The NTP time is that of the house clock now; the RTP time is that of the house sample that is to be heard now. So the sample of RTP
   * time t is to be heard at the NTP time that a line through the reports gives for t: its place on the house clock plus the presentation
   * delay, as in the native protocol.
   */
  #senderInfo(): SenderInfo {
    const now = this.#house.nowSamples()
    return { ssrc: this.identity.ssrc, ntp: ntpTime(houseMsAt(now)), rtpTimestamp: this.#packetizer.timestampAt(now - msToSamples(this.#presentationDelayMs())), packets: this.#packets, octets: this.#octets }
  }

  #houseUnixMs(): number {
    return houseMsAt(this.#house.nowSamples())
  }
}

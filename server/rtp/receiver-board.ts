import { ntpMiddle, ntpTime, parseRtcp, type ReportBlock } from '../../codec/rtp/index.ts'

/** A whole multicast zone may report, each receiver seldom (RFC 3550, 6.2); more are counted and left out. */
const MAX_RECEIVERS = 1024
/** Without a report for this long a receiver is gone: in a zone of a thousand, each reports about once in half a minute. */
const FORGET_AFTER_MS = 90_000
/** Sender reports that a receiver may still answer to. */
const REMEMBERED_REPORTS = 64

interface Receiver {
  lostShare: number
  jitterMs: number
  roundTripMs: number | null
  seenMs: number
}

export interface ReceptionSummary {
  readonly receivers: number
  /** Of the receiver that is worst off, since its report before; null: nobody reports. */
  readonly worstLossPercent: number | null
  readonly worstJitterMs: number | null
  readonly worstRoundTripMs: number | null
}

/** What receivers say of one stream in their reports (RFC 3550, 6.4). */
export class ReceiverBoard {
  readonly #ssrc: number
  readonly #clockHz: number
  readonly #receivers = new Map<number, Receiver>()
  /** Middles of the NTP times of our last sender reports. */
  readonly #sent: number[] = []
  reports = 0
  /** Datagrams that are no RTCP. */
  unreadable = 0
  /** Reports of receivers beyond the number that is kept. */
  overflow = 0

  constructor(ssrc: number, clockHz: number) {
    this.#ssrc = ssrc
    this.#clockHz = clockHz
  }

  /** A sender report with this NTP time goes out. */
  noteSent(ntpMiddle32: number): void {
    this.#sent.push(ntpMiddle32)
    if (this.#sent.length > REMEMBERED_REPORTS) this.#sent.shift()
  }

  /**
   * Reads a datagram from the control port.
   * @param unixMs our time, on the axis of our sender reports
   * @returns true when it answers to a sender report of ours, which only who has received that can do
   */
  take(datagram: Buffer, unixMs: number): boolean {
    const packets = parseRtcp(datagram)
    if (packets === undefined) {
      this.unreadable += 1
      return false
    }
    let answersUs = false
    for (const packet of packets) {
      if (packet.type === 'bye') for (const ssrc of packet.ssrcs) this.#receivers.delete(ssrc)
      if (packet.type !== 'receiver-report' && packet.type !== 'sender-report') continue
      const reporter = packet.type === 'receiver-report' ? packet.ssrc : packet.sender.ssrc
      // Our own reports come back to us from the group.
      if (reporter === this.#ssrc) continue
      const block = packet.blocks.find(({ ssrc }) => ssrc === this.#ssrc)
      if (block === undefined) continue
      answersUs = this.#note(reporter, block, unixMs) || answersUs
    }
    return answersUs
  }

  summary(unixMs: number): ReceptionSummary {
    for (const [ssrc, { seenMs }] of this.#receivers) if (unixMs - seenMs > FORGET_AFTER_MS) this.#receivers.delete(ssrc)
    const all = [...this.#receivers.values()]
    const roundTrips = all.flatMap(({ roundTripMs }) => (roundTripMs === null ? [] : [roundTripMs]))
    return {
      receivers: all.length,
      worstLossPercent: all.length === 0 ? null : Math.max(...all.map(({ lostShare }) => lostShare)) * 100,
      worstJitterMs: all.length === 0 ? null : Math.max(...all.map(({ jitterMs }) => jitterMs)),
      worstRoundTripMs: roundTrips.length === 0 ? null : Math.max(...roundTrips),
    }
  }

  #note(reporter: number, block: ReportBlock, unixMs: number): boolean {
    this.reports += 1
    const answersUs = block.lastSenderReport !== 0 && this.#sent.includes(block.lastSenderReport)
    if (!this.#receivers.has(reporter) && this.#receivers.size >= MAX_RECEIVERS) {
      this.overflow += 1
      return answersUs
    }
    this.#receivers.set(reporter, {
      lostShare: block.lostShare,
      jitterMs: (block.jitter * 1000) / this.#clockHz,
      roundTripMs: answersUs ? roundTripMs(block, unixMs) : (this.#receivers.get(reporter)?.roundTripMs ?? null),
      seenMs: unixMs,
    })
    return answersUs
  }
}

/** RFC 3550, 6.4.1, figure 2: arrival − last sender report − delay at the receiver, in 16.16 fixed point modulo 2³². */
function roundTripMs(block: ReportBlock, unixMs: number): number {
  const ticks = (ntpMiddle(ntpTime(unixMs)) - block.lastSenderReport - block.delaySinceSenderReport) | 0
  return Math.max(0, (ticks / 0x1_0000) * 1000)
}

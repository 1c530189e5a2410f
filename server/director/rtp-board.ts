import type { RtpAddress, RtpAnnouncement, RtpBroadcast, RtpOutputRecord, RtpOutputStore, RtpStatusInfo } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { Announcements } from '../link/messages.ts'
import type { RtpOutputs, RtpOutputSpec, RtpOutputStatus, RtpStatus } from '../link/rtp-messages.ts'
import { describeOutput } from '../rtp/describe-output.ts'
import { outputAddress } from '../rtp/output-address.ts'

/** What the board needs of a connected fan-out. */
export interface RtpPeer {
  readonly hello: { readonly index: number }
  send(message: RtpOutputs): void
}

interface Known {
  readonly peer: RtpPeer
  status: RtpStatus | null
  /** What it was last told. */
  told: string
}

/** After control's start, processes that still send what the control before this one told them have this long to say so. */
const SETTLE_MS = 2000

/**
 * Decides which fan-out sends the RTP outputs: one for all, because two would be heard twice; it stays until it dies. Another makes the same
 * packets and keeps them, and sends from where the first stopped. Both are those with the lowest index that are there.
 */
export class RtpBoard implements RtpBroadcast {
  readonly #store: { readonly rtpOutputs: RtpOutputStore }
  readonly #fanOutProcesses: number
  readonly #wallMsAt: (houseSamples: number) => number
  readonly #known = new Map<number, Known>()
  #specs: readonly RtpOutputSpec[] = []
  #sender: number | null = null
  /** What the sender that is gone said last: whoever goes on must know which receivers have proved their address. */
  #before: RtpStatus | null = null
  #settled = false
  #announcements: Map<string, RtpAnnouncement> | null = null
  readonly #settleTimer: TimerHandle

  constructor(ports: { readonly store: { readonly rtpOutputs: RtpOutputStore }; readonly clock: Clock; readonly fanOutProcesses: number; readonly wallMsAt: (houseSamples: number) => number }) {
    this.#store = ports.store
    this.#fanOutProcesses = ports.fanOutProcesses
    this.#wallMsAt = ports.wallMsAt
    this.#settleTimer = ports.clock.setTimer(SETTLE_MS, () => {
      this.#settled = true
      this.#tell()
    })
    this.#read()
  }

  // ── RtpBroadcast ──────────────────────────────────────────────────────────────────────────────────────────────────

  address(mode: RtpOutputRecord['mode'], address: string): RtpAddress {
    return outputAddress(mode, address)
  }

  outputsChanged(): void {
    this.#read()
    this.#tell()
  }

  status(id: string): RtpStatusInfo | null {
    const status = this.#statusOf(id)
    return status === undefined || this.#sender === null ? null : statusInfo(status, this.#sender, this.#wallMsAt)
  }

  sdp(output: RtpOutputRecord): string {
    return describeOutput(output).sdp
  }

  announcements(): readonly RtpAnnouncement[] | null {
    return this.#announcements === null ? null : [...this.#announcements.values()]
  }

  /** What the engine that listens has heard. */
  announced({ isAll, heard, gone }: Omit<Announcements, 'type'>): void {
    if (isAll || this.#announcements === null) this.#announcements = new Map()
    for (const session of gone) this.#announcements.delete(session)
    for (const announcement of heard) this.#announcements.set(announcement.session, announcement)
  }

  // ── Fan-outs ──────────────────────────────────────────────────────────────────────────────────────────────────────

  greet(peer: RtpPeer): void {
    this.#known.set(peer.hello.index, { peer, status: null, told: '' })
    this.#tell()
  }

  gone(peer: RtpPeer): void {
    const known = this.#known.get(peer.hello.index)
    if (known?.peer !== peer) return
    this.#known.delete(peer.hello.index)
    if (this.#sender !== peer.hello.index) return
    this.#sender = null
    this.#before = known.status
    this.#tell()
  }

  hear(peer: RtpPeer, status: RtpStatus): void {
    const known = this.#known.get(peer.hello.index)
    if (known?.peer !== peer) return
    const isFirst = known.status === null
    known.status = status
    if (isFirst) this.#tell()
  }

  close(): void {
    this.#settleTimer.cancel()
  }

  /** Prometheus text format. */
  metricsText(): string {
    const all = this.#specs.flatMap(({ id }) => this.#statusOf(id) ?? [])
    const lines = (name: string, type: string, help: string, value: (status: RtpOutputStatus) => number | null): string => {
      const samples = all.flatMap((status) => {
        const one = value(status)
        return one === null ? [] : [`${name}{output="${status.id}"} ${String(one)}\n`]
      })
      return samples.length === 0 ? '' : `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`
    }
    return [
      lines('loa_rtp_sending', 'gauge', '1 when the output is sent', ({ state }) => (state === 'sending' ? 1 : 0)),
      lines('loa_rtp_sent_packets_total', 'counter', 'RTP packets sent', ({ packetsTotal }) => packetsTotal),
      lines('loa_rtp_sent_bytes_total', 'counter', 'RTP payload sent', ({ bytesTotal }) => bytesTotal),
      lines('loa_rtp_send_errors_total', 'counter', 'RTP packets that the system refused', ({ sendErrorsTotal }) => sendErrorsTotal),
      lines('loa_rtp_unreadable_total', 'counter', 'Datagrams to the control port that are no RTCP', ({ unreadableTotal }) => unreadableTotal),
      lines('loa_rtp_receivers', 'gauge', 'Receivers that have reported lately', ({ receivers }) => receivers),
      lines('loa_rtp_worst_loss_ratio', 'gauge', 'Loss at the receiver that is worst off', ({ worstLossPercent }) => (worstLossPercent === null ? null : worstLossPercent / 100)),
      lines('loa_rtp_worst_jitter_seconds', 'gauge', 'Jitter at the receiver that is worst off', ({ worstJitterMs }) => (worstJitterMs === null ? null : worstJitterMs / 1000)),
    ].join('')
  }

  #read(): void {
    this.#specs = this.#store.rtpOutputs.all()
  }

  #statusOf(id: string): RtpOutputStatus | undefined {
    return this.#sender === null ? undefined : this.#known.get(this.#sender)?.status?.outputs.find((output) => output.id === id)
  }

  #tell(): void {
    this.#choose()
    if (this.#sender === null) return
    const standby = this.#lowest((index) => index !== this.#sender)
    const provenUntilSamples = Object.fromEntries((this.#before?.outputs ?? []).flatMap(({ id, provenUntilSamples: until }) => (until === null ? [] : [[id, until]])))
    // The one that sends first, so that nothing is missing; for a moment both may, and receivers drop the second of two equal packets.
    for (const index of [...this.#known.keys()].sort((a, b) => Number(b === this.#sender) - Number(a === this.#sender))) {
      const known = this.#known.get(index)!
      const message: Omit<RtpOutputs, 'provenUntilSamples'> = { type: 'rtp-outputs', active: index === this.#sender, outputs: index === this.#sender || index === standby ? this.#specs : [] }
      const text = JSON.stringify(message)
      if (known.told === text) continue
      known.told = text
      known.peer.send({ ...message, provenUntilSamples })
    }
    this.#before = null
  }

  #choose(): void {
    if (this.#sender !== null) return
    this.#sender = this.#lowest((index) => this.#known.get(index)!.status?.active === true)
    const allHere = this.#known.size >= this.#fanOutProcesses && [...this.#known.values()].every(({ status }) => status !== null)
    // There is only ever one: whoever is asked after it need not be waited for.
    if (allHere || this.#sender !== null) this.#settled = true
    if (this.#settled) this.#sender ??= this.#lowest(() => true)
  }

  #lowest(fits: (index: number) => boolean): number | null {
    const indices = [...this.#known.keys()].filter(fits)
    return indices.length === 0 ? null : Math.min(...indices)
  }
}

/** @returns null for one that sends nothing */
function statusInfo({ id: _id, unreadableTotal: _unreadable, state, provenUntilSamples, ...figures }: RtpOutputStatus, fanOut: number, wallMsAt: (houseSamples: number) => number): RtpStatusInfo | null {
  return state === 'standby' ? null : { ...figures, state, fanOut, provenUntilMs: provenUntilSamples === null ? null : wallMsAt(provenUntilSamples) }
}

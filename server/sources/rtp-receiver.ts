import type { Socket } from 'node:dgram'
import { parseRtpPacket, type RtpHeader } from '../../codec/rtp/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { RtpSourceSpec } from '../link/messages.ts'
import { familyOf } from '../rtp/describe-output.ts'
import { findInterface } from '../rtp/local-address.ts'
import { hearOnlyOwnGroups, openSocket } from '../rtp/transport.ts'

/** An interface that is not there may come; so does a port that somebody else has. */
const RETRY_MS = 2000

export type ReceivedPacket = RtpHeader & { readonly payload: Buffer }

export interface RtpReceiverEvents {
  /** A packet of the wanted type from one of the senders. */
  onPacket(packet: ReceivedPacket, senderAddress: string): void
  /** The fault has come, or gone. */
  onChange(): void
}

/** The socket of an RTP source: joins its group or takes its port, and lets through only RTP of the agreed type from the agreed senders. */
export class RtpReceiver {
  /** Why nothing can be heard; null when something could. */
  fault: string | null = null
  /** Packets from others, or of another type. */
  strangersTotal = 0
  readonly #spec: RtpSourceSpec
  readonly #clock: Clock
  readonly #events: RtpReceiverEvents
  readonly #senders: ReadonlySet<string>
  #socket: Socket | undefined
  #retry: TimerHandle | undefined
  #closed = false

  constructor(spec: RtpSourceSpec, clock: Clock, events: RtpReceiverEvents) {
    this.#spec = spec
    this.#clock = clock
    this.#events = events
    this.#senders = new Set(spec.senders)
    this.#open()
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#retry?.cancel()
    this.#drop()
  }

  #open(): void {
    const { group, port } = this.#spec.stream
    const family = familyOf(group ?? this.#spec.senders[0]!)
    const local = this.#spec.interface === null ? undefined : findInterface(this.#spec.interface, family)
    if (this.#spec.interface !== null && local === undefined) {
      this.#fail(sourceReason('no-interface', `'${this.#spec.interface}' with an IPv${String(family)} address`))
      return
    }
    // Only a group may be heard by several; a port of our own is nobody else's, or a stranger on this machine could take our packets.
    const socket = openSocket(family, group !== null)
    this.#socket = socket
    socket.on('error', (error) => { if (this.#socket === socket) this.#fail(error.message) })
    socket.on('message', (datagram, { address }) => { this.#take(datagram, address) })
    const any = family === 4 ? '0.0.0.0' : '::'
    socket.bind(port, group === null ? local?.address ?? any : any, () => {
      try {
        if (group !== null) {
          hearOnlyOwnGroups(socket, family)
          this.#join(socket, group, family, local?.multicastAddress)
        }
        this.fault = null
        this.#events.onChange()
      } catch (error) {
        if (this.#socket === socket) this.#fail(error instanceof Error ? error.message : String(error))
      }
    })
  }

  /** Asks routers for the senders alone (RFC 4607) where the group is one of those; elsewhere the address of each packet is looked at. */
  #join(socket: Socket, group: string, family: 4 | 6, multicastAddress: string | undefined): void {
    const isSourceSpecific = family === 4 && group.startsWith('232.')
    if (!isSourceSpecific) socket.addMembership(group, multicastAddress)
    else for (const sender of this.#senders) socket.addSourceSpecificMembership(sender, group, multicastAddress)
  }

  #take(datagram: Buffer, address: string): void {
    const packet = parseRtpPacket(datagram)
    if (packet?.payloadType !== this.#spec.stream.payloadType || !this.#senders.has(address)) this.strangersTotal += 1
    else this.#events.onPacket(packet, address)
  }

  #fail(reason: string): void {
    this.#drop()
    if (this.#closed) return
    this.fault = reason
    this.#events.onChange()
    this.#retry = this.#clock.setTimer(RETRY_MS, () => { this.#open() })
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.removeAllListeners('message')
    try {
      socket?.close()
    } catch {
      // It was never open.
    }
  }
}

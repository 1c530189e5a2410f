import type { Socket } from 'node:dgram'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { familyOf } from './describe-output.ts'
import { findInterface } from './local-address.ts'
import { hearOnlyOwnGroups, openSocket, setDscp, type RtpTransport, type TransportEvents } from './transport.ts'

export interface MulticastOptions {
  readonly group: string
  /** Of RTP; RTCP is one above it. */
  readonly port: number
  readonly ttl: number
  readonly dscp: number
  /** Name or address; null: as the system routes. */
  readonly interface: string | null
}

/** An interface that is not there may come; so does a route. */
const RETRY_MS = 5000

/**
 * One packet for a whole zone. Both sockets send from the ports they send to, so that a successor's packets come from where those of
 * its predecessor came from. The RTP socket is connected to the group, which nothing ever comes from: it hears nothing.
 */
export class MulticastTransport implements RtpTransport {
  fault: string | null = 'not open yet'
  sendErrors = 0
  readonly #options: MulticastOptions
  readonly #clock: Clock
  readonly #events: TransportEvents
  readonly #family: 4 | 6
  #rtp: Socket | null = null
  #rtcp: Socket | null = null
  #retry: TimerHandle | null = null
  #closed = false

  constructor(options: MulticastOptions, clock: Clock, events: TransportEvents) {
    this.#options = options
    this.#clock = clock
    this.#events = events
    this.#family = familyOf(options.group)
    this.#open()
  }

  sendRtp(packet: Buffer): void {
    if (this.fault === null) this.#rtp?.send(packet, this.#sent)
  }

  sendRtcp(packet: Buffer): void {
    this.sendTo(packet, this.#options.port + 1, this.#options.group)
  }

  sendTo(packet: Buffer, port: number, address: string): void {
    if (this.fault === null) this.#rtcp?.send(packet, port, address, this.#sent)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#retry?.cancel()
    this.#drop()
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.sendErrors += 1
  }

  #open(): void {
    const { group, port, interface: wanted } = this.#options
    const local = wanted === null ? undefined : findInterface(wanted, this.#family)
    if (wanted !== null && local === undefined) {
      this.#fail(new Error(`no interface '${wanted}' with an IPv${String(this.#family)} address`))
      return
    }
    const rtp = openSocket(this.#family, true)
    const rtcp = openSocket(this.#family, true)
    this.#rtp = rtp
    this.#rtcp = rtcp
    const fail = (error: Error): void => {
      if (this.#rtp === rtp) this.#fail(error)
    }
    rtp.on('error', fail)
    rtcp.on('error', fail)
    rtcp.on('message', (datagram) => {
      this.#events.onRtcp(datagram)
    })
    const any = this.#family === 4 ? '0.0.0.0' : '::'
    rtcp.bind(port + 1, any, () => {
      guarded(fail, () => {
        this.#prepare(rtcp, local?.multicastAddress)
        hearOnlyOwnGroups(rtcp, this.#family)
        rtcp.addMembership(group, local?.multicastAddress)
        rtp.bind(port, any, () => {
          guarded(fail, () => {
            this.#prepare(rtp, local?.multicastAddress)
            // The source address is chosen here, so the interface must be set before.
            const connected = (error?: Error): void => {
              if (error !== undefined) fail(error)
              else if (this.#rtp === rtp) this.fault = null
            }
            rtp.connect(port, group, connected)
          })
        })
      })
    })
  }

  #prepare(socket: Socket, multicastAddress: string | undefined): void {
    if (multicastAddress !== undefined) socket.setMulticastInterface(multicastAddress)
    socket.setMulticastTTL(this.#options.ttl)
    socket.setMulticastLoopback(true)
    setDscp(socket, this.#family, this.#options.dscp)
  }

  #fail(error: Error): void {
    this.fault = error.message
    this.#drop()
    if (this.#closed) return
    this.#retry?.cancel()
    this.#retry = this.#clock.setTimer(RETRY_MS, () => {
      this.#open()
    })
  }

  #drop(): void {
    for (const socket of [this.#rtp, this.#rtcp]) if (socket !== null) closeQuietly(socket)
    this.#rtp = null
    this.#rtcp = null
  }
}

/** Socket options throw; a fault there is like any other of the socket. */
function guarded(fail: (error: Error) => void, work: () => void): void {
  try {
    work()
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)))
  }
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close()
  } catch {
    // It was never open, or is closed already.
  }
}

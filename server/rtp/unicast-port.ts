import type { Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { openSocket, setDscp, type RtpTransport, type TransportEvents } from './transport.ts'

const RETRY_MS = 2000

/** Where a datagram came from, for finding the output it belongs to. */
const key = (address: string, port: number): string => `${address}|${String(port)}`

interface Pair {
  readonly rtp: Socket
  readonly rtcp: Socket
  open: boolean
  /** DSCP last set on either socket. */
  rtpDscp: number
  rtcpDscp: number
}

/**
 * The UDP port from which all unicast outputs are sent, and the one above it for RTCP. One port for all, so that receivers know where to
 * prove their address, and a successor sends from where its predecessor sent. It is open only while there are unicast outputs. A datagram
 * from an address that is no output's is dropped without a word.
 */
export class UnicastPort {
  /** Datagrams from addresses that no output has. */
  strangers = 0
  readonly #host: string
  readonly #port: number
  readonly #clock: Clock
  readonly #byRtp = new Map<string, TransportEvents>()
  readonly #byRtcp = new Map<string, TransportEvents>()
  readonly #pairs = new Map<4 | 6, Pair>()
  #fault = 'not open yet'
  #retry: TimerHandle | null = null
  #closed = false

  /** @param host address to bind to: that of the listeners' port; a family it is not of gets the unspecified address */
  constructor(host: string, port: number, clock: Clock) {
    this.#host = host
    this.#port = port
    this.#clock = clock
  }

  /** @param address literal, in its canonical form */
  transport(address: string, port: number, dscp: number, events: TransportEvents): RtpTransport {
    const family = isIPv6(address) ? 6 : 4
    this.#byRtp.set(key(address, port), events)
    this.#byRtcp.set(key(address, port + 1), events)
    if (!this.#pairs.has(family)) this.#open(family)
    const counters = { sendErrors: 0 }
    const sent = (error: Error | null): void => {
      if (error !== null) counters.sendErrors += 1
    }
    const send = (packet: Buffer, control: boolean): void => {
      const pair = this.#pairs.get(family)
      if (pair?.open !== true) return
      // One socket for outputs of different marks; the kernel takes the mark of the moment.
      if (control && pair.rtcpDscp !== dscp) {
        setDscp(pair.rtcp, family, dscp)
        pair.rtcpDscp = dscp
      } else if (!control && pair.rtpDscp !== dscp) {
        setDscp(pair.rtp, family, dscp)
        pair.rtpDscp = dscp
      }
      if (control) pair.rtcp.send(packet, port + 1, address, sent)
      else pair.rtp.send(packet, port, address, sent)
    }
    const faultOf = (): string | null => (this.#pairs.get(family)?.open === true ? null : this.#fault)
    return {
      get fault() {
        return faultOf()
      },
      get sendErrors() {
        return counters.sendErrors
      },
      sendRtp(packet) {
        send(packet, false)
      },
      sendRtcp(packet) {
        send(packet, true)
      },
      sendTo() { /* unicast is announced to nobody */ },
      close: () => {
        if (this.#byRtp.get(key(address, port)) !== events) return
        this.#byRtp.delete(key(address, port))
        this.#byRtcp.delete(key(address, port + 1))
        if (this.#byRtp.size === 0) this.#drop()
      },
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#drop()
  }

  #open(family: 4 | 6): void {
    const pair: Pair = { rtp: openSocket(family, true), rtcp: openSocket(family, true), open: false, rtpDscp: 0, rtcpDscp: 0 }
    this.#pairs.set(family, pair)
    const isCurrent = (): boolean => this.#pairs.get(family) === pair
    for (const socket of [pair.rtp, pair.rtcp]) {
      socket.on('error', (error) => {
        if (!isCurrent()) return
        this.#fault = error.message
        this.#drop()
        this.#retryLater()
      })
    }
    pair.rtp.on('message', (datagram, { address, port }) => {
      this.#take(pair.rtp, datagram, address, port)
    })
    pair.rtcp.on('message', (datagram, { address, port }) => {
      const events = this.#byRtcp.get(key(address, port))
      if (events === undefined) this.strangers += 1
      else events.onRtcp(datagram)
    })
    const host = isIPv6(this.#host) === (family === 6) ? this.#host : family === 6 ? '::' : '0.0.0.0'
    pair.rtcp.bind(this.#port + 1, host, () => {
      pair.rtp.bind(this.#port, host, () => {
        pair.open = isCurrent()
      })
    })
  }

  #take(socket: Socket, datagram: Buffer, address: string, port: number): void {
    const events = this.#byRtp.get(key(address, port))
    if (events === undefined) {
      this.strangers += 1
      return
    }
    const answer = events.onDatagram(datagram)
    // An answer that cannot be sent is asked for again by who wants it.
    if (answer !== null) socket.send(answer, port, address, () => undefined)
  }

  #retryLater(): void {
    this.#retry?.cancel()
    this.#retry = this.#clock.setTimer(RETRY_MS, () => {
      const families = new Set([...this.#byRtp.keys()].map((one) => (one.includes(':') ? 6 : 4)))
      for (const family of families) if (!this.#closed && !this.#pairs.has(family)) this.#open(family)
    })
  }

  #drop(): void {
    this.#retry?.cancel()
    const pairs = [...this.#pairs.values()]
    this.#pairs.clear()
    for (const socket of pairs.flatMap(({ rtp, rtcp }) => [rtp, rtcp])) {
      try {
        socket.close()
      } catch {
        // It was never open, or is closed already.
      }
    }
  }
}

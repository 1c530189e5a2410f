import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'

/** Even ports for RTP, the one above for RTCP (RFC 3550, 11). */
export interface PortRange {
  readonly from: number
  readonly to: number
}

export interface RtpSockets {
  readonly port: number
  readonly rtp: Socket
  readonly rtcp: Socket
  close(): void
}

/** Room for what the kernel gathers while this process is held up: at 50 packets a second, seconds of one call. */
const RECEIVE_BUFFER_BYTES = 256 * 1024

/** Gives each call a pair of ports out of a range, in a random order, and not at once again those that have just been used. */
export class RtpPorts {
  readonly #free: number[]
  readonly #address: string

  constructor(address: string, range: PortRange) {
    this.#address = address
    this.#free = []
    for (let port = range.from + (range.from % 2); port + 1 <= range.to; port += 2) this.#free.push(port)
    for (let index = this.#free.length - 1; index > 0; index -= 1) {
      const other = Math.floor(Math.random() * (index + 1));
      [this.#free[index], this.#free[other]] = [this.#free[other]!, this.#free[index]!]
    }
  }

  /** Pairs of ports that no call has. */
  get freePairs(): number {
    return this.#free.length
  }

  /** @returns null when no pair of the range can be had */
  async open(): Promise<RtpSockets | null> {
    for (let tries = this.#free.length; tries > 0; tries -= 1) {
      const port = this.#free.shift()
      if (port === undefined) return null
      const rtp = await bound(this.#address, port)
      const rtcp = rtp === null ? null : await bound(this.#address, port + 1)
      if (rtp !== null && rtcp !== null) return this.#pair(port, rtp, rtcp)
      rtp?.close()
      this.#free.push(port)
    }
    return null
  }

  #pair(port: number, rtp: Socket, rtcp: Socket): RtpSockets {
    let open = true
    return {
      port, rtp, rtcp,
      close: () => {
        if (!open) return
        open = false
        rtp.close()
        rtcp.close()
        this.#free.push(port)
      },
    }
  }
}

/** @returns null when another has the port */
function bound(address: string, port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address), recvBufferSize: RECEIVE_BUFFER_BYTES })
    socket.once('error', () => {
      socket.close()
      resolve(null)
    })
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error')
      // A port that answers «unreachable» is the far end's matter; silence ends the call.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { types } from 'mediasoup'
import type { Logger } from 'pino'

export interface RtcHostOptions {
  /** mediasoup's worker program. */
  readonly workerPath: string
  /** UDP and TCP port of all media of this host; 0: any that is free. */
  readonly port: number
  /** Address to listen on; '' for all, IPv4 and IPv6. */
  readonly listenAddress: string
  /** What clients are told to send to, where that is not an address of this machine (NAT); the first IPv4 and the first IPv6 are used. */
  readonly announcedAddresses: readonly string[]
  readonly logger: Logger
}

/** What a transport is made on. All of it ends with the worker. */
export interface RtcRoom {
  readonly router: types.Router
  readonly server: types.WebRtcServer
}

/** WebRTC cannot be had here; the message says how to get it. */
export class RtcUnavailableError extends Error {
  override readonly name = 'RtcUnavailableError'
  readonly code = 'WEBRTC_ERR_UNAVAILABLE'
}

const MEDIA_CODECS: types.RouterRtpCodecCapability[] = [{
  kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48_000, channels: 2,
  parameters: { useinbandfec: 1 }, rtcpFeedback: [{ type: 'nack' }, { type: 'transport-cc' }],
}]

/**
 * mediasoup's worker, which reads what comes from the network in a process of its own: started when somebody first comes, and again when it has died. Sessions learn of
 * its end by their transports' `@close` / `routerclose`.
 */
export class RtcHost {
  readonly #options: RtcHostOptions
  #room: Promise<RtcRoom> | undefined
  #worker: types.Worker | undefined
  #closed = false
  /** Workers that died by themselves. */
  diedTotal = 0

  constructor(options: RtcHostOptions) {
    this.#options = options
  }

  /** @throws RtcUnavailableError when there is no worker program, or it does not start */
  async room(): Promise<RtcRoom> {
    if (this.#closed) throw new RtcUnavailableError('WebRTC is being shut down')
    if (this.lack !== undefined) throw new RtcUnavailableError(this.lack)
    this.#room ??= this.#open().catch((cause: unknown) => {
      this.#room = undefined
      throw cause instanceof RtcUnavailableError ? cause : new RtcUnavailableError(`mediasoup's worker cannot be started: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    })
    return this.#room
  }

  /** What is missing here, in words that say how to get it; undefined when nothing is. */
  get lack(): string | undefined {
    return existsSync(this.#options.workerPath) ? undefined : `WebRTC is off: mediasoup's worker is not at ${this.#options.workerPath}; make it with: npm run build:mediasoup`
  }

  /** Of the worker process; undefined while none runs. */
  get pid(): number | undefined {
    return this.#worker?.pid
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#worker?.close()
    this.#worker = undefined
    this.#room = undefined
  }

  async #open(): Promise<RtcRoom> {
    const { workerPath, logger } = this.#options
    // Not before it is needed: it costs every engine memory, and most have nobody who comes by WebRTC.
    const { createWorker } = await import('mediasoup')
    const worker = await createWorker({ workerBin: workerPath, logLevel: 'warn' })
    this.#worker = worker
    worker.on('died', (error) => {
      if (this.#worker !== worker) return
      this.diedTotal += 1
      this.#worker = undefined
      this.#room = undefined
      logger.error({ err: error, pid: worker.pid }, "mediasoup's worker died; the next session starts another")
    })
    try {
      const server = await worker.createWebRtcServer({ listenInfos: this.#listenInfos() })
      const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS })
      logger.info({ pid: worker.pid }, "mediasoup's worker runs")
      return { router, server }
    } catch (error) {
      this.#worker = undefined
      worker.close()
      throw error
    }
  }

  #listenInfos(): types.TransportListenInfo[] {
    const { listenAddress, port, announcedAddresses } = this.#options
    const announced = (ip: string): string | undefined => announcedAddresses.find((address) => address.includes(':') === ip.includes(':'))
    const isWildcard = listenAddress === '' || listenAddress === '0.0.0.0' || listenAddress === '::'
    // A wildcard is no address to send to: it is listened on where another is told, else every address of this machine is.
    const addresses = !isWildcard ? [listenAddress] : announcedAddresses.length > 0 ? ['0.0.0.0', '::'].filter((ip) => announced(ip) !== undefined) : ownAddresses()
    return addresses.flatMap((ip) => {
      const announcedAddress = announced(ip)
      return (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip, port, ...(announcedAddress === undefined ? {} : { announcedAddress }) }))
    })
  }
}

/** Those that others can send to; the loopback too, for a browser on this machine. Link-local IPv6 is left out: it means nothing without its interface. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).map(({ address }) => address).filter((address) => !/^fe80:/i.test(address))
}

import { networkInterfaces } from 'node:os'
import type { types } from 'mediasoup'

/** Opus as everybody on the web sends and hears it. */
const OPUS: Omit<types.RouterRtpCodecCapability, 'preferredPayloadType'> = {
  kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1 }, rtcpFeedback: [{ type: 'nack' }, { type: 'transport-cc' }],
}
const ASK_EVERY_MS = 2000
/** A worker that has not answered for so long hangs; what it carried is better off with another. */
const HANGS_MS = 6000

export interface RtcWorkerOptions {
  /** mediasoup's worker program. */
  readonly workerPath: string
  /** UDP and TCP port of all media of this worker; 0: any that is free. */
  readonly port: number
  /** Address to listen on; '' or a wildcard: all, IPv4 and IPv6. */
  readonly listenAddress: string
  /** What clients are told to send to, where that is not an address of this machine (NAT); the first IPv4 and the first IPv6 are used. */
  readonly announcedAddresses: readonly string[]
}

/** One process of mediasoup's, which reads and writes what goes over the network, on one port. */
export class RtcWorker {
  readonly server: types.WebRtcServer
  readonly #worker: types.Worker
  readonly #routers = new Map<number, Promise<types.Router>>()
  readonly #watch: NodeJS.Timeout
  #answeredMs = performance.now()

  /** @throws what mediasoup throws when the program does not start or the port is taken */
  static async open(options: RtcWorkerOptions, onDied: (error: Error) => void): Promise<RtcWorker> {
    // Not before it is needed: it costs every process memory, and most have nobody who comes by WebRTC.
    const { createWorker } = await import('mediasoup')
    const worker = await createWorker({ workerBin: options.workerPath, logLevel: 'warn' })
    try {
      return new RtcWorker(worker, await worker.createWebRtcServer({ listenInfos: listenInfos(options) }), onDied)
    } catch (error) {
      worker.close()
      throw error
    }
  }

  private constructor(worker: types.Worker, server: types.WebRtcServer, onDied: (error: Error) => void) {
    this.#worker = worker
    this.server = server
    worker.on('died', (error) => {
      clearInterval(this.#watch)
      onDied(error)
    })
    this.#watch = setInterval(() => { this.#ask() }, ASK_EVERY_MS)
    this.#watch.unref()
  }

  get pid(): number {
    return this.#worker.pid
  }

  /** Where Opus has this payload type: whoever hears names the number that it is to be sent with, and mediasoup has one for each router. */
  router(payloadType: number): Promise<types.Router> {
    let router = this.#routers.get(payloadType)
    if (router === undefined) {
      router = this.#worker.createRouter({ mediaCodecs: [{ ...OPUS, preferredPayloadType: payloadType }] })
      this.#routers.set(payloadType, router)
      router.catch(() => { this.#routers.delete(payloadType) })
    }
    return router
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#watch)
    this.#worker.close()
  }

  #ask(): void {
    if (performance.now() - this.#answeredMs > HANGS_MS) {
      process.kill(this.#worker.pid, 'SIGKILL')
      return
    }
    this.#worker.getResourceUsage().then(() => { this.#answeredMs = performance.now() }, () => undefined)
  }
}

function listenInfos({ listenAddress, port, announcedAddresses }: RtcWorkerOptions): types.TransportListenInfo[] {
  const announced = (ip: string): string | undefined => announcedAddresses.find((address) => address.includes(':') === ip.includes(':'))
  const isWildcard = listenAddress === '' || listenAddress === '0.0.0.0' || listenAddress === '::'
  // A wildcard is no address to send to: it is listened on where another is told, else every address of this machine is.
  const addresses = !isWildcard ? [listenAddress] : announcedAddresses.length > 0 ? ['0.0.0.0', '::'].filter((ip) => announced(ip) !== undefined) : ownAddresses()
  return addresses.flatMap((ip) => {
    const announcedAddress = announced(ip)
    return (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip, port, ...(announcedAddress === undefined ? {} : { announcedAddress }) }))
  })
}

/** Those that others can send to; the loopback too, for a browser on this machine. Link-local IPv6 is left out: it means nothing without its interface. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).map(({ address }) => address).filter((address) => !/^fe80:/i.test(address))
}

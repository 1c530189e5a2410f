import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP relay that can stop passing bytes without closing anything, as a wireless link does that goes away. */
export class StallingRelay {
  readonly #sockets = new Set<Socket>()
  #isStalled = false
  port = 0

  static async start(t: { teardown(fn: () => Promise<void>): void }, target: { readonly host: string; readonly port: number }): Promise<StallingRelay> {
    const relay = new StallingRelay()
    const server = createServer((near) => {
      const far = connect(target)
      for (const [from, to] of [[near, far], [far, near]] as const) {
        relay.#sockets.add(from)
        from.on('data', (bytes) => { to.write(bytes) })
        from.on('error', () => undefined)
        from.on('close', () => {
          relay.#sockets.delete(from)
          to.destroy()
        })
        if (relay.#isStalled) from.pause()
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    relay.port = (server.address() as AddressInfo).port
    t.teardown(async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of relay.#sockets) socket.destroy()
      await closed
    })
    return relay
  }

  stall(): void {
    this.#isStalled = true
    for (const socket of this.#sockets) socket.pause()
  }

  resume(): void {
    this.#isStalled = false
    for (const socket of this.#sockets) socket.resume()
  }
}

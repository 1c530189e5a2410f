import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

const TICK_MS = 10
const UNENDING = 'x'.repeat(4000)

const invite = (number: number, { first = 'INVITE sip:100@127.0.0.1 SIP/2.0', cseq = '1 INVITE', more = [] as readonly string[], length = '0', body = '' }): string => [
  first, `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK${String(number)}`, 'Max-Forwards: 70', 'To: <sip:100@127.0.0.1>', `From: <sip:flood@127.0.0.1>;tag=${String(number)}`, `Call-ID: flood-${String(number)}`,
  `CSeq: ${cseq}`, 'Contact: <sip:flood@127.0.0.1:9>', ...more, `Content-Length: ${length}`, '', body,
].join('\r\n')

/** Each broken in another way; by number, since what has been said before is answered without a look. */
const BROKEN: readonly ((number: number) => string)[] = [
  (number) => invite(number, { length: '9999', body: 'v=0' }),
  (number) => invite(number, { length: '-1' }),
  (number) => invite(number, { cseq: '36893488147419103232 INVITE' }),
  (number) => invite(number, { cseq: '1 OPTIONS' }),
  (number) => invite(number, { first: 'INVITE  sip:100@127.0.0.1  SIP/2.0' }),
  (number) => invite(number, { first: 'INVITE <sip:100@127.0.0.1> SIP/2.0' }),
  (number) => invite(number, { first: 'SIP/2.0 4294967301 what' }),
  (number) => invite(number, { more: ['To: "Mr. J. User <sip:j.user@example.com>', 'Via: SIP/2.0/UDP ;;,;,,'] }),
  (number) => invite(number, { cseq: 'INVITE', more: Array.from({ length: 60 }, (_, index) => `Via: SIP/2.0/UDP h${String(index)};branch=z9hG4bK${String(index)}`) }),
  (number) => invite(number, { length: 'none', more: [`X-Long: ${UNENDING}`, ' folded'] }),
  (number) => invite(number, { more: ['Content-Type: application/sdp'], length: '200', body: `v=0\r\no=- ${UNENDING.slice(0, 180)}` }),
  (number) => invite(number, {}).slice(0, 40 + (number % 200)),
  (number) => `\0\xff${String.fromCharCode(number % 256).repeat(300)}`,
  () => `\r\n\r\n${':'.repeat(1000)}`,
]

export interface FloodOptions {
  readonly toPort: number
  /** Where it comes from, in turn: addresses of this machine. */
  readonly fromAddresses: readonly string[]
  readonly perSecond: number
}

/** Malformed SIP messages, evenly so many a second, over UDP. */
export class SipFlood {
  readonly #sockets: readonly Socket[]
  readonly #timer: NodeJS.Timeout
  sentTotal = 0

  static async open(options: FloodOptions): Promise<SipFlood> {
    const sockets = await Promise.all(options.fromAddresses.map(async (address) => {
      const socket = createSocket('udp4').bind(0, address)
      await once(socket, 'listening')
      return socket
    }))
    return new SipFlood(sockets, options)
  }

  private constructor(sockets: readonly Socket[], { toPort, perSecond }: FloodOptions) {
    this.#sockets = sockets
    const startedMs = performance.now()
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - startedMs) * perSecond) / 1000; this.sentTotal < due; this.sentTotal += 1) {
        const text = BROKEN[this.sentTotal % BROKEN.length]!(this.sentTotal)
        sockets[this.sentTotal % sockets.length]!.send(Buffer.from(text, 'latin1'), toPort, '127.0.0.1')
      }
    }, TICK_MS)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.close()
  }
}

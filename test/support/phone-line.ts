import { createSocket, type Socket } from 'node:dgram'
import { pino } from 'pino'
import type { Clock } from '../../rooms/clock.ts'
import type { PhoneCall, PhoneCallEvents } from '../../server/phone/phone-call.ts'
import { openPhoneLine, type OpenPhoneLine } from '../../server/phone/phone-line.ts'
import { DEFAULT_PHONE_SETTINGS, type PhoneSettings } from '../../server/phone/phone-settings.ts'
import { systemClock } from '../../server/system-clock.ts'
import { waitUntil } from './wait-until.ts'

/** One call as the line told of it. */
export class HeardCall implements PhoneCallEvents {
  readonly call: PhoneCall
  readonly digits: string[] = []
  readonly holds: boolean[] = []
  readonly blocks: Float32Array[] = []
  ended: string | null = null
  /** How the answer went: an error's text, or ''. */
  answered: string | null = null
  endedTimes = 0

  constructor(call: PhoneCall) {
    this.call = call
  }

  onDigit(key: string): void {
    this.digits.push(key)
  }

  onSound(pcm: Float32Array): void {
    this.blocks.push(pcm)
  }

  onHold(held: boolean): void {
    this.holds.push(held)
  }

  onEnd(reason: string): void {
    this.ended = reason
    this.endedTimes += 1
  }

  get sound(): Float32Array {
    const pcm = new Float32Array(this.blocks.length * 960)
    for (const [index, block] of this.blocks.entries()) pcm.set(block, index * 960)
    return pcm
  }
}

export interface TestLine {
  readonly line: OpenPhoneLine
  readonly calls: HeardCall[]
  /** The n-th call, once it is there. */
  readonly call: (index: number) => Promise<HeardCall>
}

interface Owner {
  teardown(fn: () => Promise<void> | void): void
}

/** A phone line on a free port of this machine, which takes calls from it; `onCall` answers unless it is told otherwise. */
export async function openTestLine(t: Owner, settings: Partial<PhoneSettings> = {}, options: { readonly clock?: Clock; readonly onCall?: (heard: HeardCall) => boolean } = {}): Promise<TestLine> {
  const line = await openPhoneLine({
    settings: { ...DEFAULT_PHONE_SETTINGS, listen: { address: '127.0.0.1', port: 0 }, allowedPeers: ['127.0.0.1'], rtpPorts: { from: 30_000, to: 31_999 }, ...settings },
    clock: options.clock ?? systemClock,
    logger: pino({ level: process.env['LOA_TEST_LOG'] ?? 'silent' }),
  })
  t.teardown(() => line.close())
  const calls: HeardCall[] = []
  line.onCall((call) => {
    const heard = new HeardCall(call)
    calls.push(heard)
    if (options.onCall?.(heard) === false) return null
    if (options.onCall === undefined) call.answer().then(() => { heard.answered = '' }, (error: unknown) => { heard.answered = String(error) })
    return heard
  })
  return { line, calls, call: (index) => waitUntil(`call ${String(index)}`, () => calls[index]) }
}

/** A datagram socket with the texts that came to it: a phone whose every word the test says. */
export class TextPhone {
  readonly received: string[] = []
  readonly #socket: Socket
  readonly #toPort: number

  private constructor(socket: Socket, toPort: number) {
    this.#socket = socket
    this.#toPort = toPort
    socket.on('message', (bytes) => { this.received.push(bytes.toString('latin1')) })
  }

  static async open(t: Owner, toPort: number): Promise<TextPhone> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve) })
    t.teardown(() => { socket.close() })
    return new TextPhone(socket, toPort)
  }

  get port(): number {
    return this.#socket.address().port
  }

  send(text: string): void {
    this.#socket.send(Buffer.from(text, 'latin1'), this.#toPort, '127.0.0.1')
  }

  /** The first text since `from` that fits. */
  expect(what: RegExp, from = 0, timeoutMs = 5000): Promise<string> {
    return waitUntil(`${String(what)} in ${String(this.received.length)} texts`, () => this.received.slice(from).find((text) => what.test(text)), timeoutMs)
  }
}

export interface Words {
  readonly callId: string
  readonly seq?: number
  readonly branch?: string
  readonly toTag?: string
  readonly headers?: readonly string[]
  readonly sdp?: string
}

/** A request as a plain phone writes it. */
export function requestText(phone: TextPhone, method: string, { callId, seq = 1, branch = `z9hG4bK${callId}${method}${String(seq)}`, toTag, headers = [], sdp }: Words): string {
  return [
    `${method} sip:100@127.0.0.1 SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${String(phone.port)};branch=${branch};rport`, 'Max-Forwards: 70', `From: <sip:thon@127.0.0.1>;tag=from${callId}`,
    `To: <sip:100@127.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`, `Call-ID: ${callId}`, `CSeq: ${String(seq)} ${method}`, `Contact: <sip:thon@127.0.0.1:${String(phone.port)}>`,
    ...headers, ...(sdp === undefined ? [] : ['Content-Type: application/sdp']), `Content-Length: ${String((sdp ?? '').length)}`, '', sdp ?? '',
  ].join('\r\n')
}

/** An offer of telephone sound at a port of this machine. */
export const offerText = (port: number, lines = 'm=audio PORT RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n'): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n${lines.replace('PORT', String(port))}`

/** The tag of To in a response. */
export const tagOf = (response: string): string => /^To:.*;tag=(\S+)\r$/m.exec(response)?.[1] ?? ''

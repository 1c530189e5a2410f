import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import sip, { type Message, type TransactionLayer } from 'sip'
import type { Clock } from '../../../rooms/clock.ts'
import { answerChallenge, chooseChallenge, type Credentials } from './digest.ts'
import { first, readMessage, writeRequest, writeResponse, type Read, type SipRequest, type SipResponse } from './message.ts'
import type { Flow } from './transports.ts'

/** What to say to a request. May be used several times: provisional answers, then one final; a 2xx to INVITE again and again until it is acknowledged. */
export interface Responder {
  respond(status: number, reason: string, options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string }): void
  /** The tag that responses carry. */
  readonly tag: string
}

export interface StackEvents {
  onRequest(request: SipRequest, flow: Flow, responder: Responder): void
  onAck(request: SipRequest, flow: Flow): void
  /** A request that is wrong in itself has been told so, or something that is none was dropped. */
  onRefused(): void
}

export interface OutgoingRequest {
  readonly method: string
  readonly uri: string
  readonly callId: string
  readonly seq: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Our address for Via. */
  readonly via: { readonly host: string; readonly port: number }
}

/** Longer than any timer of a transaction (64 × T1): the package forgets its own when a provisional answer has come. */
const ANSWER_MS = 33_000

/** Transactions of RFC 3261, 17, by the package, behind our own reading, writing and sockets. */
export class SipStack {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #events: StackEvents
  readonly #layer: TransactionLayer
  /** By branch as it is on the wire: the package's branches can be guessed. */
  readonly #waiting = new Map<string, { readonly branch: string; readonly take: (response: SipResponse) => void }>()
  #current: SipResponse | null = null

  constructor(clock: Clock, logger: Logger, events: StackEvents) {
    this.#clock = clock
    this.#logger = logger
    this.#events = events
    this.#layer = sip.makeTransactionLayer({}, () => { throw new Error('connections are opened by us') })
  }

  /** Takes one message. Never throws. */
  receive(bytes: Buffer, flow: Flow): void {
    this.#guarded(flow, () => { this.#take(readMessage(bytes), flow) })
  }

  #take(read: Read, flow: Flow): void {
    switch (read.kind) {
      case 'junk': this.#events.onRefused(); break
      case 'wrong':
        this.#events.onRefused()
        if (read.method !== 'ACK') flow.send(writeResponse(read, { status: read.status, reason: read.reason, tag: newTag(), from: flow, headers: {}, body: '' }))
        break
      case 'response': this.#takeResponse(read); break
      case 'request': this.#takeRequest(read, flow); break
    }
  }

  /** Refuses without a transaction, for those who shall cost nothing. Never throws. */
  refuse(bytes: Buffer, flow: Flow, status: number, reason: string): void {
    this.#guarded(flow, () => {
      const read = readMessage(bytes)
      if (read.kind === 'request' && read.method !== 'ACK') flow.send(writeResponse(read, { status, reason, tag: newTag(), from: flow, headers: {}, body: '' }))
    })
  }

  #guarded(flow: Flow, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#logger.error({ err: error, remoteAddress: flow.address }, 'a SIP message broke its reader')
      this.#events.onRefused()
    }
  }

  /**
   * Sends a request and waits for its final answer. A challenge is answered once.
   * @param again called for each further 2xx to an INVITE
   * @returns null when none came: 32 s over UDP, or the connection was lost
   */
  async request(request: OutgoingRequest, flow: Flow, credentials: Credentials | null = null, again: (response: SipResponse) => void = () => undefined): Promise<SipResponse | null> {
    const response = await this.#send(request, flow, again)
    if (response === null || credentials === null || (response.status !== 401 && response.status !== 407)) return response
    const proxy = response.status === 407
    const challenge = chooseChallenge(response.fields.get(proxy ? 'proxy-authenticate' : 'www-authenticate') ?? [])
    if (challenge === null) return response
    const proof = answerChallenge(challenge, credentials, request.method, request.uri, 1)
    return this.#send({ ...request, seq: request.seq + 1, headers: { ...request.headers, [proxy ? 'proxy-authorization' : 'authorization']: proof } }, flow, again)
  }

  /** An ACK for a 2xx: outside of all transactions. */
  acknowledge(request: OutgoingRequest, flow: Flow): void {
    const message = packageMessage(request, flow)
    message.headers.via![0]!.params['branch'] = `z9hG4bK${randomBytes(9).toString('hex')}`
    flow.send(writeRequest(message))
  }

  close(): void {
    this.#layer.destroy()
    this.#waiting.clear()
  }

  #send(request: OutgoingRequest, flow: Flow, again: (response: SipResponse) => void): Promise<SipResponse | null> {
    return new Promise((resolve) => {
      const message = packageMessage(request, flow)
      const secret = randomBytes(9).toString('hex')
      let answered = false
      let wire: string | null = null
      const finish = (response: SipResponse | null): void => {
        if (answered) return
        answered = true
        giveUp.cancel()
        resolve(response)
      }
      const transaction = this.#layer.createClientTransaction({
        protocol: flow.protocol,
        send: (outgoing) => {
          const via = outgoing.headers.via![0]!
          const branch = via.params['branch']!
          wire ??= `${branch}.${secret}`
          if (!this.#waiting.has(wire)) this.#waiting.set(wire, { branch, take })
          flow.send(writeRequest({ ...outgoing, headers: { ...outgoing.headers, via: [{ ...via, params: { ...via.params, branch: wire } }] } }))
        },
        // Its end, by whatever: also when all are shut down.
        release: () => {
          if (wire !== null) this.#waiting.delete(wire)
          finish(null)
        },
      }, message, (parsed) => {
        // What the package makes up itself (408) has nothing behind it.
        const response = this.#current?.parsed === parsed ? this.#current : null
        if (response !== null && response.status < 200) return
        if (answered && response !== null) again(response)
        else finish(response)
      })
      const take = (response: SipResponse): void => {
        this.#current = response
        try {
          transaction.message(response.parsed, flow)
        } finally {
          this.#current = null
        }
      }
      const lost = (): void => {
        if (answered) return
        transaction.shutdown()
        finish(null)
      }
      const giveUp = this.#clock.setTimer(ANSWER_MS, lost)
      flow.onClose(lost)
    })
  }

  #takeResponse(response: SipResponse): void {
    const waiting = this.#waiting.get(response.branch)
    if (waiting === undefined) return
    response.parsed.headers.via![0]!.params['branch'] = waiting.branch
    waiting.take(response)
  }

  #takeRequest(request: SipRequest, flow: Flow): void {
    const transaction = this.#layer.getServer(request.parsed)
    if (transaction !== undefined) {
      transaction.message(request.parsed)
      return
    }
    if (request.method === 'ACK') {
      this.#events.onAck(request, flow)
      return
    }
    const tag = newTag()
    const own = this.#layer.createServerTransaction(request.parsed, {
      protocol: flow.protocol,
      send: (message) => { flow.send((message as Rendered).bytes) },
      release: () => undefined,
    })
    this.#events.onRequest(request, flow, {
      tag,
      respond: (status, reason, { headers = {}, body = '' } = {}) => {
        const bytes = writeResponse(request, { status, reason, tag: status === 100 ? null : tag, from: flow, headers, body })
        const rendered: Rendered = { status, headers: {}, bytes }
        own.send?.(rendered)
      },
    })
  }
}

/** The package looks at nothing but the status of what it sends again. */
interface Rendered extends Message {
  readonly bytes: Buffer
}

const newTag = (): string => randomBytes(8).toString('hex')

function packageMessage({ method, uri, callId, seq, headers, body = '', via }: OutgoingRequest, { protocol }: Flow): Message {
  return {
    method, uri, content: body,
    headers: {
      via: [{ version: '2.0', protocol, host: via.host, port: via.port, params: { rport: null } }],
      'max-forwards': '70', ...headers, 'call-id': callId, cseq: { seq, method }, 'user-agent': 'Loa',
    },
  }
}

/** A whole number in a header, or null. */
export function numberIn(message: { readonly fields: SipRequest['fields'] }, name: string): number | null {
  const text = /^\d{1,9}/.exec(first(message.fields, name) ?? '')?.[0]
  return text === undefined ? null : Number(text)
}

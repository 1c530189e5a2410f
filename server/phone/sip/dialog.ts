import type { SipRequest, SipResponse } from './message.ts'
import { first } from './message.ts'
import { readSipUri, uriHost } from './sip-uri.ts'
import type { OutgoingRequest, SipStack } from './stack.ts'
import type { Credentials } from './digest.ts'
import type { Flow } from './transports.ts'

export interface DialogOptions {
  readonly stack: SipStack
  readonly invite: SipRequest
  readonly flow: Flow
  readonly tag: string
  /** Our address and port for Via and Contact. */
  readonly own: { readonly address: string; readonly port: number }
  readonly credentials: Credentials | null
  /** UDP to an address that may be sent to, besides the one that calls come from; null: may not. */
  udpFlow(address: string, port: number): Flow | null
  /** Another way when a connection was lost. */
  spareFlow(): Flow | null
}

/** The frame of one call that came in (RFC 3261, 12): who is who, the numbers of requests, the way back. */
export class Dialog {
  readonly contact: string
  readonly #options: DialogOptions
  readonly #own: string
  readonly #peer: string
  readonly #routes: string | null
  #remoteTarget: string
  #remoteSeq: number
  #localSeq = 1
  #flow: Flow

  constructor(options: DialogOptions) {
    const { invite, flow, tag, own } = options
    this.#options = options
    this.#flow = flow
    this.#own = `${first(invite.fields, 'to')!};tag=${tag}`
    this.#peer = first(invite.fields, 'from')!
    this.#routes = invite.fields.get('record-route')?.join(', ') ?? null
    this.#remoteTarget = invite.contact ?? invite.uri
    this.#remoteSeq = invite.seq
    const transport = flow.protocol === 'UDP' ? '' : `;transport=${flow.protocol.toLowerCase()}`
    this.contact = `<sip:loa@${uriHost(own.address)}:${String(own.port)}${transport}>`
  }

  /** @returns false for a number that is not after the last one (RFC 3261, 12.2.2) */
  follow(request: SipRequest, flow: Flow): boolean {
    if (request.seq <= this.#remoteSeq) return false
    this.#remoteSeq = request.seq
    this.#flow = flow
    if (request.contact !== null && (request.method === 'INVITE' || request.method === 'UPDATE')) this.#remoteTarget = request.contact
    return true
  }

  request(method: string, headers: Readonly<Record<string, string>> = {}, body = '', again: (response: SipResponse) => void = () => undefined): Promise<SipResponse | null> {
    const request = this.#outgoing(method, this.#localSeq, headers, body)
    // A challenge takes the next number.
    this.#localSeq += 2
    return this.#options.stack.request(request, this.#way(), this.#options.credentials, again)
  }

  /** The ACK for a 2xx to an INVITE of ours. */
  acknowledge(response: SipResponse): void {
    this.#options.stack.acknowledge(this.#outgoing('ACK', response.seq, {}, ''), this.#way())
  }

  #outgoing(method: string, seq: number, headers: Readonly<Record<string, string>>, body: string): OutgoingRequest {
    const { invite, own } = this.#options
    return {
      method, seq, body, uri: this.#remoteTarget, callId: invite.callId, via: { host: uriHost(own.address), port: own.port },
      headers: { from: this.#own, to: this.#peer, contact: this.contact, ...(this.#routes === null ? {} : { route: this.#routes }), ...headers },
    }
  }

  /**
   * Back the way the call came, which leads through any NAT. Only a caller that knows its own address and names another for what follows, as behind a
   * proxy that steps out of the way, is sent to there, and only where we may send to at all: a Contact is a stranger's word.
   */
  #way(): Flow {
    const flow = this.#flow
    if (!flow.open) return this.#options.spareFlow() ?? flow
    if (flow.protocol !== 'UDP' || this.#options.invite.sentBy.host !== flow.address) return flow
    const next = readSipUri(/<([^>]+)>/.exec(this.#routes ?? '')?.[1] ?? this.#remoteTarget)
    if (next?.protocol !== 'UDP') return flow
    return this.#options.udpFlow(next.host, next.port ?? 5060) ?? flow
  }
}

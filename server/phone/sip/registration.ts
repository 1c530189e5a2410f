import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock, TimerHandle } from '../../../rooms/clock.ts'
import type { PhoneLineReport } from '../phone-call.ts'
import type { PhoneAccount } from '../phone-settings.ts'
import { first, type SipResponse } from './message.ts'
import { readSipUri, uriHost, type Hop, type SipUri } from './sip-uri.ts'
import { numberIn, type OutgoingRequest } from './stack.ts'
import { ping, type Flow } from './transports.ts'

type AccountState = PhoneLineReport['accounts'][number]['state']

/** What a registration needs of the rest; tests give their own. */
export interface RegistrarLink {
  resolve(uri: SipUri): Promise<readonly Hop[]>
  open(hop: Hop): Promise<Flow>
  /** Our address and port as the far end may reach them. */
  ownAddress(flow: Flow): Promise<{ readonly address: string; readonly port: number }>
  request(request: OutgoingRequest, flow: Flow, account: PhoneAccount): Promise<SipResponse | null>
}

export interface RegistrationOptions {
  readonly account: PhoneAccount
  readonly clock: Clock
  readonly logger: Logger
  readonly link: RegistrarLink
  /** Whether our outer address is known already, so that none is to be learned. */
  readonly addressIsSet: boolean
}

/** Again after 2 s, 4 s, ... when nobody answers; providers lock out who knocks too often with a wrong password. */
const BACKOFF_MS = { unreachable: { first: 2000, most: 120_000 }, refused: { first: 60_000, most: 1_800_000 } } as const
const PING_MS = 25_000
const GOODBYE_MS = 2000
const MAX_EXPIRES_S = 86_400
const MIN_EXPIRES_S = 30
const MAX_RETRY_AFTER_S = 3600

/** Keeps one account registered (RFC 3261, 10.2): refreshed in good time, tried again with growing waits, behind NAT under the address that the far end sees. */
export class Registration {
  readonly account: PhoneAccount
  readonly user: string
  readonly #options: RegistrationOptions
  readonly #target: SipUri
  readonly #domain: string
  readonly #callId = `${randomBytes(12).toString('hex')}@loa`
  readonly #fromTag = randomBytes(8).toString('hex')
  #seq = 1
  #state: AccountState = 'registering'
  #reason = ''
  #expiresS: number
  #failures = 0
  #hops: readonly Hop[] = []
  /** All addresses that the provider has been seen under: calls come from there. */
  readonly #addresses = new Set<string>()
  #hopIndex = 0
  #flow: Flow | null = null
  #learned: { readonly address: string; readonly port: number } | null = null
  #timer: TimerHandle | null = null
  #pinger: TimerHandle | null = null
  #closed = false
  #working: Promise<void> = Promise.resolve()

  /** @throws RangeError when a URI of the account cannot be read */
  constructor(options: RegistrationOptions) {
    const { account } = options
    const own = readSipUri(account.uri)
    const target = readSipUri(account.outboundProxy ?? account.registrar ?? account.uri)
    const registrar = readSipUri(account.registrar ?? account.uri)
    if (own === null || own.user === '' || target === null || registrar === null) throw new RangeError(`'${account.uri}' is no account: sip:user@domain, registrar and proxy as sip:host[:port][;transport=udp|tcp|tls]`)
    this.#options = options
    this.account = account
    this.user = own.user
    this.#target = target
    this.#domain = uriHost(registrar.host) + (registrar.port === null ? '' : `:${String(registrar.port)}`)
    this.#expiresS = account.expiresS
  }

  start(): void {
    this.#work()
    this.#ping()
  }

  get flow(): Flow | null {
    return this.#flow?.open === true ? this.#flow : null
  }

  isAt(address: string): boolean {
    return this.#addresses.has(address)
  }

  report(): PhoneLineReport['accounts'][number] {
    return { uri: this.account.uri, state: this.#state, reason: this.#reason }
  }

  /** Says goodbye when it is registered; waits no longer than two seconds for the answer. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.cancel()
    this.#pinger?.cancel()
    const flow = this.flow
    if (this.#state !== 'registered' || flow === null) return
    let late: TimerHandle | undefined
    const patience = new Promise<void>((resolve) => { late = this.#options.clock.setTimer(GOODBYE_MS, resolve) })
    await Promise.race([this.#send(flow, 0).catch(() => null), patience])
    late?.cancel()
  }

  #work(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#working = this.#working.then(() => this.#register()).catch((error: unknown) => {
      this.#fail('unreachable', error instanceof Error ? error.message : String(error))
    })
  }

  async #register(): Promise<void> {
    if (this.#closed) return
    const flow = await this.#openFlow()
    const response = await this.#send(flow, this.#expiresS)
    if (this.#closed) return
    if (response === null) {
      this.#fail('unreachable', 'no answer')
      return
    }
    if (response.status === 423) {
      const least = numberIn(response, 'min-expires') ?? 0
      if (least > this.#expiresS && least <= MAX_EXPIRES_S) {
        this.#expiresS = least
        this.#work()
        return
      }
    }
    if (response.status < 200 || response.status >= 300) {
      const refused = response.status < 500 && response.status !== 408
      this.#fail(refused ? 'refused' : 'unreachable', `${String(response.status)} ${response.reason}`.trim(), numberIn(response, 'retry-after'))
      return
    }
    if (this.#learn(response)) {
      this.#work()
      return
    }
    if (this.#state !== 'registered') this.#options.logger.info({ account: this.account.uri }, 'phone account is registered')
    this.#state = 'registered'
    this.#reason = ''
    this.#failures = 0
    this.#again(grantedS(response, this.user, this.#expiresS) * 800)
  }

  async #openFlow(): Promise<Flow> {
    if (this.flow !== null && this.#failures === 0) return this.flow
    this.#hops = await this.#options.link.resolve(this.#target)
    for (const { address } of this.#hops) this.#addresses.add(address)
    const hop = this.#hops[this.#hopIndex % Math.max(1, this.#hops.length)]
    if (hop === undefined) throw new Error('the registrar has no address')
    const flow = await this.#options.link.open(hop)
    this.#flow = flow
    flow.onClose(() => {
      if (this.#closed || this.#flow !== flow) return
      this.#flow = null
      if (this.#state === 'registered') this.#fail('unreachable', 'the connection was closed')
    })
    return flow
  }

  async #send(flow: Flow, expiresS: number): Promise<SipResponse | null> {
    const own = this.#learned ?? await this.#options.link.ownAddress(flow)
    const { uri } = this.account
    const seq = this.#seq
    // A challenge takes the next number.
    this.#seq += 2
    const transport = flow.protocol === 'UDP' ? '' : `;transport=${flow.protocol.toLowerCase()}`
    return this.#options.link.request({
      method: 'REGISTER', uri: `sip:${this.#domain}`, callId: this.#callId, seq, via: { host: uriHost(own.address), port: own.port },
      headers: {
        from: `<${uri}>;tag=${this.#fromTag}`, to: `<${uri}>`, contact: `<sip:${this.user}@${uriHost(own.address)}:${String(own.port)}${transport}>`,
        expires: String(expiresS), allow: 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO', supported: 'timer',
      },
    }, flow, this.account)
  }

  /** @returns whether we are known under another address than we thought, which calls must be sent to */
  #learn(response: SipResponse): boolean {
    const { address, port } = response.seenAs
    if (this.#options.addressIsSet || this.#learned !== null || address === null || port === null || this.#flow?.protocol !== 'UDP') return false
    this.#learned = { address, port }
    return true
  }

  #fail(state: 'refused' | 'unreachable', reason: string, retryAfterS: number | null = null): void {
    if (this.#closed) return
    if (this.#state !== state || this.#reason !== reason) this.#options.logger.warn({ account: this.account.uri, state, reason }, 'phone account is not registered')
    this.#state = state
    this.#reason = reason
    this.#hopIndex += 1
    this.#learned = null
    const { first: firstMs, most } = BACKOFF_MS[state]
    const waitMs = Math.min(most, firstMs * 2 ** Math.min(this.#failures, 16))
    this.#failures += 1
    this.#again(Math.max(waitMs * (0.8 + 0.4 * Math.random()), Math.min(retryAfterS ?? 0, MAX_RETRY_AFTER_S) * 1000))
  }

  #again(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimer(delayMs, () => { this.#work() })
  }

  #ping(): void {
    this.#pinger = this.#options.clock.setTimer(PING_MS, () => {
      if (this.flow !== null) ping(this.flow)
      this.#ping()
    })
  }
}

/** What was granted to our contact, s, within bounds: the parameter of its Contact, else Expires, else what was asked for. */
function grantedS(response: SipResponse, user: string, askedS: number): number {
  const contacts = (response.fields.get('contact') ?? []).join(',').split(/,(?=[^,]*sips?:)/i)
  const ours = contacts.find((contact) => contact.includes(`sip:${user}@`)) ?? contacts[0] ?? ''
  const parameter = /;\s*expires\s*=\s*"?(\d{1,9})/i.exec(ours)?.[1]
  const header = /^\d{1,9}$/.exec(first(response.fields, 'expires') ?? '')?.[0]
  return Math.max(MIN_EXPIRES_S, Math.min(Number(parameter ?? header ?? askedS), MAX_EXPIRES_S))
}

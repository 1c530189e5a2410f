import type { Logger } from 'pino'
import type { Clock } from '../../../rooms/clock.ts'
import { allowedPeers } from '../allowed-peers.ts'
import { agree, readDescription } from '../media/description.ts'
import { MediaClock } from '../media/media-clock.ts'
import { RtpPorts } from '../media/rtp-ports.ts'
import type { PhoneCall, PhoneCallEvents, PhoneLineReport } from '../phone-call.ts'
import type { PhoneSettings } from '../phone-settings.ts'
import { Admission, TokenBucket, type SenderClass } from './admission.ts'
import { Dialog } from './dialog.ts'
import { CallerProof } from './digest.ts'
import { first, tokens, type SipRequest } from './message.ts'
import { Registration } from './registration.ts'
import { MIN_SESSION_S, sessionTerms } from './session-timer.ts'
import { ALLOWED_METHODS, SipCall } from './sip-call.ts'
import { resolveHops, type Hop } from './sip-uri.ts'
import { SipStack, type Responder } from './stack.ts'
import { Transports, type Flow } from './transports.ts'

const REALM = 'loa'
const SUPPORTED = ['timer']
/** Known elsewhere, not done here; anything else is no method (RFC 3261, 21.5.2). */
const KNOWN_METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'PRACK', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'INFO', 'REFER', 'MESSAGE', 'UPDATE']
const REFUSALS_PER_SECOND = 5
/** Wrong passwords of one address, then one in ten seconds. */
const WRONG_PROOFS = { perSecond: 0.1, burst: 5 } as const
const MAX_WATCHED_ADDRESSES = 1000

export type TakeCall = (call: PhoneCall) => PhoneCallEvents | null

/** Figures beside those of PhoneLineReport, for metrics. */
export interface SipFigures {
  readonly answeredTotal: number
  /** Messages dropped unread: strangers and floods. */
  readonly droppedTotal: number
  readonly malformedTotal: number
}

/** Registers, hears who calls, and makes calls of it (RFC 3261). */
export class UserAgent {
  readonly #settings: PhoneSettings
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #admission: Admission
  readonly #isPeer: (address: string) => boolean
  readonly #proof: CallerProof | null
  readonly #wrongProofs = new Map<string, TokenBucket>()
  readonly #stack: SipStack
  readonly #ports: RtpPorts
  readonly #ticks: MediaClock
  readonly #registrations: readonly Registration[]
  /** By Call-ID and our tag. */
  readonly #calls = new Map<string, SipCall>()
  /** INVITEs not yet answered, by Call-ID, for CANCEL and to know the same one that came twice. */
  readonly #invites = new Map<string, { readonly request: SipRequest; readonly call: SipCall }>()
  /** Calls on their way to be one: they count. */
  #arriving = 0
  #transports: Transports | null = null
  #take: TakeCall = () => null
  #closed = false
  #refusedTotal = 0
  #answeredTotal = 0
  #malformedTotal = 0

  /** @throws RangeError for settings that cannot be read, the system's error when a port cannot be had */
  static async open(settings: PhoneSettings, clock: Clock, logger: Logger): Promise<UserAgent> {
    const agent = new UserAgent(settings, clock, logger)
    agent.#transports = await Transports.open({
      address: settings.listen.address, port: settings.listen.port, tls: settings.tls, trustedCertificates: settings.trustedCertificates,
      mayConnect: (address) => agent.#classOf(address) !== 'stranger',
      onMessage: (bytes, flow) => { agent.#receive(bytes, flow) },
    })
    for (const registration of agent.#registrations) registration.start()
    return agent
  }

  private constructor(settings: PhoneSettings, clock: Clock, logger: Logger) {
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
    this.#admission = new Admission({ messagesPerSecond: settings.maxMessagesPerSecond, refusalsPerSecond: settings.strangers === 'refuse' ? REFUSALS_PER_SECOND : 0 }, clock.monotonicMs())
    this.#isPeer = allowedPeers(settings.allowedPeers)
    this.#proof = settings.callers.length === 0 ? null : new CallerProof(REALM, settings.callers)
    this.#ports = new RtpPorts(settings.listen.address, settings.rtpPorts)
    this.#ticks = new MediaClock(clock)
    this.#stack = new SipStack(clock, logger, {
      onRequest: (request, flow, responder) => { this.#request(request, flow, responder) },
      onAck: (request) => { this.#callOf(request)?.takeAck(request) },
      onRefused: () => { this.#malformedTotal += 1 },
    })
    this.#registrations = settings.accounts.map((account) => new Registration({
      account, clock, logger, addressIsSet: settings.publicAddress !== null,
      link: {
        resolve: resolveHops,
        open: (hop) => this.#open(hop),
        ownAddress: (flow) => this.#ownAddress(flow),
        request: (request, flow, { credentials }) => this.#stack.request(request, flow, credentials),
      },
    }))
  }

  get port(): number {
    return this.#transports!.port
  }

  get tlsPort(): number | null {
    return this.#transports!.tlsPort
  }

  get figures(): SipFigures {
    return { answeredTotal: this.#answeredTotal, droppedTotal: this.#admission.droppedTotal, malformedTotal: this.#malformedTotal }
  }

  onCall(take: TakeCall): void {
    this.#take = take
  }

  report(): PhoneLineReport {
    return { accounts: this.#registrations.map((registration) => registration.report()), calls: this.#liveCalls(), refusedTotal: this.#refusedTotal }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const call of this.#calls.values()) call.shutDown()
    await Promise.all(this.#registrations.map((registration) => registration.close()))
    // Goodbyes to callers are on their way; their answers are not waited for.
    await new Promise<void>((resolve) => { setImmediate(resolve) })
    this.#stack.close()
    await this.#transports?.close()
  }

  #classOf(address: string): SenderClass {
    if (this.#registrations.some((registration) => registration.isAt(address))) return 'trunk'
    return this.#isPeer(address) ? 'peer' : 'stranger'
  }

  #receive(bytes: Buffer, flow: Flow): void {
    // Pings over UDP are a line or two without words.
    if (bytes.length < 16) return
    const sender = this.#classOf(flow.address)
    if (sender === 'stranger') this.#refusedTotal += 1
    if (!this.#admission.admit(bytes, flow.address, sender, this.#clock.monotonicMs())) return
    if (sender === 'stranger') this.#stack.refuse(bytes, flow, 403, 'Forbidden')
    else this.#stack.receive(bytes, flow)
  }

  async #open(hop: Hop): Promise<Flow> {
    const transports = this.#transports!
    return hop.protocol === 'UDP' ? transports.udpFlow(hop.address, hop.port) : transports.connect(hop.protocol, hop.address, hop.port, hop.name)
  }

  async #ownAddress(flow: Flow): Promise<{ readonly address: string; readonly port: number }> {
    const transports = this.#transports!
    const address = this.#settings.publicAddress ?? await transports.localAddress(flow.address)
    return { address, port: flow.protocol === 'TLS' ? transports.tlsPort ?? transports.port : transports.port }
  }

  #callOf(request: SipRequest): SipCall | undefined {
    return this.#calls.get(`${request.callId} ${request.toTag ?? ''}`)
  }

  #liveCalls(): number {
    let live = 0
    for (const call of this.#calls.values()) if (!call.ended) live += 1
    return live
  }

  #request(request: SipRequest, flow: Flow, responder: Responder): void {
    const { method } = request
    if (method === 'CANCEL') {
      this.#cancel(request, responder)
      return
    }
    const unknown = tokens(request.fields, 'require').filter((token) => !SUPPORTED.includes(token))
    if (unknown.length > 0) {
      this.#refuse(responder, 420, 'Bad Extension', { unsupported: unknown.join(', ') })
      return
    }
    if (request.toTag !== null) {
      const call = this.#callOf(request)
      if (call === undefined) responder.respond(481, 'Call Does Not Exist')
      else call.take(request, flow, responder)
      return
    }
    switch (method) {
      case 'INVITE':
        this.#invite(request, flow, responder).catch((error: unknown) => {
          this.#logger.error({ err: error }, 'a call could not be taken')
          this.#refuse(responder, 500, 'Server Internal Error')
        })
        break
      case 'OPTIONS':
        responder.respond(200, 'OK', { headers: { allow: ALLOWED_METHODS, accept: 'application/sdp', supported: SUPPORTED.join(', '), 'accept-language': 'vi, en' } })
        break
      case 'BYE':
      case 'INFO':
      case 'UPDATE':
      case 'PRACK': responder.respond(481, 'Call Does Not Exist'); break
      default:
        if (KNOWN_METHODS.includes(method)) this.#refuse(responder, 405, 'Method Not Allowed', { allow: ALLOWED_METHODS })
        else this.#refuse(responder, 501, 'Not Implemented', { allow: ALLOWED_METHODS })
    }
  }

  #refuse(responder: Responder, status: number, reason: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#refusedTotal += 1
    responder.respond(status, reason, { headers })
  }

  #cancel(request: SipRequest, responder: Responder): void {
    const waiting = this.#invites.get(request.callId)
    if (waiting === undefined || waiting.request.branch !== request.branch || waiting.request.seq !== request.seq) {
      responder.respond(481, 'Call Does Not Exist')
      return
    }
    responder.respond(200, 'OK')
    waiting.call.cancel()
  }

  async #invite(request: SipRequest, flow: Flow, responder: Responder): Promise<void> {
    if (this.#closed) {
      this.#refuse(responder, 503, 'Service Unavailable')
      return
    }
    const before = this.#invites.get(request.callId)?.request
    if (before?.fromTag === request.fromTag && before.seq === request.seq) {
      this.#refuse(responder, 482, 'Loop Detected')
      return
    }
    if (!this.#isProved(request, flow, responder)) return
    const type = (first(request.fields, 'content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
    if (request.body !== '' && (type !== 'application/sdp' || request.fields.has('content-encoding'))) {
      this.#refuse(responder, 415, 'Unsupported Media Type', { accept: 'application/sdp' })
      return
    }
    const terms = sessionTerms(request.fields, this.#settings.sessionS)
    if (terms === 'too-small') {
      this.#refuse(responder, 422, 'Session Interval Too Small', { 'Min-SE': String(MIN_SESSION_S) })
      return
    }
    const remote = request.body === '' ? null : readDescription(request.body)
    const agreed = remote === null ? null : agree(remote, this.#settings.codecs)
    if (request.body !== '' && agreed === null) {
      this.#refuse(responder, 488, 'Not Acceptable Here', { warning: '304 loa "no codec is shared"' })
      return
    }
    if (this.#liveCalls() + this.#arriving >= this.#settings.maxCalls || this.#ports.freePairs === 0) {
      this.#refuse(responder, 486, 'Busy Here')
      return
    }
    responder.respond(100, 'Trying')
    this.#arriving += 1
    let own
    try {
      own = await this.#ownAddress(flow)
    } finally {
      this.#arriving -= 1
    }
    this.#offer(request, flow, responder, terms, remote !== null && agreed !== null ? { remote, agreed } : null, own)
  }

  #offer(request: SipRequest, flow: Flow, responder: Responder, terms: Exclude<ReturnType<typeof sessionTerms>, string>, offer: ConstructorParameters<typeof SipCall>[0]['offer'], own: { readonly address: string; readonly port: number }): void {
    const key = `${request.callId} ${responder.tag}`
    const account = this.#accountFor(request, flow)
    const call = new SipCall({
      clock: this.#clock, logger: this.#logger, invite: request, responder, flow, offer, terms, sessionS: this.#settings.sessionS, codecs: this.#settings.codecs,
      ports: this.#ports, ticks: this.#ticks, mediaAddress: own.address, mediaTimeoutMs: this.#settings.mediaTimeoutMs,
      dialog: new Dialog({
        stack: this.#stack, invite: request, flow, tag: responder.tag, own, credentials: account?.account.credentials ?? null,
        udpFlow: (address, port) => (this.#classOf(address) === 'stranger' ? null : this.#transports!.udpFlow(address, port)),
        spareFlow: () => account?.flow ?? null,
      }),
      onUp: () => { this.#answeredTotal += 1 },
      onGone: () => {
        this.#calls.delete(key)
        if (this.#invites.get(request.callId)?.call === call) this.#invites.delete(request.callId)
        if (![...this.#calls.keys()].some((other) => other.startsWith(`${request.callId} `))) this.#admission.closeCall(request.callId)
      },
    })
    this.#calls.set(key, call)
    this.#invites.set(request.callId, { request, call })
    this.#admission.openCall(request.callId, this.#clock.monotonicMs())
    let events: PhoneCallEvents | null = null
    try {
      events = this.#take(call)
    } catch (error) {
      this.#logger.error({ err: error }, 'who takes phone calls failed')
    }
    if (events !== null) {
      call.ring(events)
      return
    }
    this.#refusedTotal += 1
    call.turnAway()
  }

  /** Of several accounts at one provider, the one that is called. */
  #accountFor(request: SipRequest, flow: Flow): Registration | undefined {
    const there = this.#registrations.filter((registration) => registration.isAt(flow.address))
    return there.find(({ user }) => request.uri.includes(`:${user}@`)) ?? there[0]
  }

  /** Direct callers prove themselves, if they must; providers have proved themselves by our registration. */
  #isProved(request: SipRequest, flow: Flow, responder: Responder): boolean {
    if (this.#proof === null || this.#classOf(flow.address) === 'trunk') return true
    const nowMs = this.#clock.monotonicMs()
    const result = this.#proof.check(request.fields.get('authorization') ?? [], request.method, nowMs)
    if (result === 'proved') return true
    if (result === 'wrong' && !this.#mayBeWrong(flow.address, nowMs)) {
      this.#refuse(responder, 403, 'Forbidden')
      return false
    }
    if (result === 'wrong') this.#logger.warn({ remoteAddress: flow.address }, 'a caller could not prove itself')
    const [strong, usual] = this.#proof.challenges(nowMs, result === 'stale')
    this.#refuse(responder, 401, 'Unauthorized', { 'WWW-Authenticate': `${strong!}\r\nWWW-Authenticate: ${usual!}` })
    return false
  }

  #mayBeWrong(address: string, nowMs: number): boolean {
    let bucket = this.#wrongProofs.get(address)
    if (bucket === undefined) {
      if (this.#wrongProofs.size >= MAX_WATCHED_ADDRESSES) this.#wrongProofs.delete(this.#wrongProofs.keys().next().value!)
      bucket = new TokenBucket(WRONG_PROOFS.perSecond, WRONG_PROOFS.burst, nowMs)
      this.#wrongProofs.set(address, bucket)
    }
    return bucket.take(nowMs)
  }
}

import { randomInt, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock, TimerHandle } from '../../../rooms/clock.ts'
import type { PhoneCall, PhoneCallEvents } from '../phone-call.ts'
import { CallMedia } from '../media/call-media.ts'
import { agree, readDescription, writeAnswer, writeOffer, type AgreedAudio, type LocalAudio, type RemoteAudio } from '../media/description.ts'
import type { MediaClock } from '../media/media-clock.ts'
import type { RtpPorts, RtpSockets } from '../media/rtp-ports.ts'
import { keyOfInfo } from '../media/telephone-events.ts'
import type { VoiceCodecName } from '../media/voice-codec.ts'
import { AcceptAgain } from './accept-again.ts'
import type { Dialog } from './dialog.ts'
import { first, tokens, type SipRequest, type SipResponse } from './message.ts'
import { giveUpMs, MIN_SESSION_S, refreshMs, sessionHeaders, sessionTerms, type SessionTerms } from './session-timer.ts'
import type { Responder } from './stack.ts'
import type { Flow } from './transports.ts'

export const ALLOWED_METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO'
/** Longer than anybody lets it ring. */
const RING_MS = 180_000
const SDP_TYPE = 'application/sdp'

/** Why a call cannot be answered. */
export class CallError extends Error {
  readonly code: 'PHONE_ERR_GONE' | 'PHONE_ERR_NO_CODEC' | 'PHONE_ERR_NO_PORT'

  constructor(code: CallError['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface SipCallOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly dialog: Dialog
  readonly invite: SipRequest
  readonly responder: Responder
  readonly flow: Flow
  /** Null: the INVITE had no description, and ours is the offer. */
  readonly offer: { readonly remote: RemoteAudio; readonly agreed: AgreedAudio } | null
  readonly terms: SessionTerms
  readonly sessionS: number
  readonly codecs: readonly VoiceCodecName[]
  readonly ports: RtpPorts
  readonly ticks: MediaClock
  /** Our address for media. */
  readonly mediaAddress: string
  readonly mediaTimeoutMs: number
  /** It has been answered and acknowledged. */
  readonly onUp: () => void
  /** The call may be forgotten: nothing of it will come any more. */
  readonly onGone: () => void
}

type State = 'ringing' | 'answering' | 'up' | 'ended'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: CallError) => void
}

/** One call that came in, from INVITE to the answer to BYE. */
export class SipCall implements PhoneCall {
  readonly id = randomUUID()
  readonly callerId: string
  readonly remoteAddress: string
  readonly #options: SipCallOptions
  readonly #local: Omit<LocalAudio, 'version' | 'port' | 'keyAndSalt'>
  #events: PhoneCallEvents | null = null
  #state: State = 'ringing'
  #answering: Promise<void> | null = null
  #waiter: Waiter | null = null
  #sockets: RtpSockets | null = null
  #media: CallMedia | null = null
  #held = false
  /** What we last said of ourselves, and its number. */
  #sdp = ''
  #version = 1
  /** A 2xx of ours that waits for its ACK, and whether that must bring a description. */
  #accept: AcceptAgain | null = null
  #offered = false
  #byeWhenAcknowledged = false
  #terms: SessionTerms
  #sessionTimer: TimerHandle | null = null
  /** An INVITE of ours is under way. */
  #inviting = false
  #usesUpdate: boolean

  constructor(options: SipCallOptions) {
    this.#options = options
    this.callerId = options.invite.callerId
    this.remoteAddress = options.flow.address
    this.#terms = options.terms
    this.#usesUpdate = tokens(options.invite.fields, 'allow').includes('update')
    this.#local = { sessionId: randomInt(2 ** 40), address: options.mediaAddress }
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Rings, and tells `events` from now on. */
  ring(events: PhoneCallEvents): void {
    this.#events = events
    if (this.#state !== 'ringing' || this.#answering !== null) return
    // A caller that vanished while it rang tells nobody.
    this.#sessionTimer = this.#options.clock.setTimer(RING_MS, () => { this.#finish('nobody answered', { refusal: [480, 'Temporarily Unavailable'], bye: true }) })
    this.#options.responder.respond(180, 'Ringing', { headers: { contact: this.#options.dialog.contact } })
  }

  answer(): Promise<void> {
    if (this.#state === 'ended') return Promise.reject(new CallError('PHONE_ERR_GONE', 'the caller has gone'))
    this.#answering ??= this.#answer()
    return this.#answering
  }

  play(pcm: Float32Array): Promise<boolean> {
    return this.#media?.play(pcm) ?? Promise.resolve(false)
  }

  stopPlaying(): void {
    this.#media?.stopPlaying()
  }

  hangUp(): void {
    this.#finish('hung up by us', { refusal: [603, 'Decline'], bye: true })
  }

  /** Nobody takes it. */
  turnAway(): void {
    this.#finish('nobody takes it', { refusal: [486, 'Busy Here'], bye: true })
  }

  /** The server goes: whoever rings may try elsewhere. */
  shutDown(): void {
    // There is no time to wait for an ACK.
    this.#accept?.stop()
    this.#accept = null
    this.#finish('the server is closing', { refusal: [503, 'Service Unavailable'], bye: true })
  }

  /** CANCEL: gives up an INVITE that has not been answered. */
  cancel(): void {
    if (this.#state === 'ringing') this.#finish('the caller hung up before the answer', { refusal: [487, 'Request Terminated'], bye: false })
  }

  takeAck(request: SipRequest): void {
    if (this.#accept?.seq !== request.seq) return
    this.#accept.stop()
    this.#accept = null
    if (this.#byeWhenAcknowledged) {
      this.#bye()
      return
    }
    if (this.#offered && !this.#takeAnswer(request.body)) return
    if (this.#state !== 'answering') return
    this.#state = 'up'
    this.#options.onUp()
    this.#watchSession()
    this.#waiter?.resolve()
    this.#waiter = null
  }

  /** A request within the call. */
  take(request: SipRequest, flow: Flow, responder: Responder): void {
    const { dialog } = this.#options
    if (!dialog.follow(request, flow)) {
      responder.respond(500, 'Out Of Order')
      return
    }
    if (this.#state === 'ended' && request.method !== 'BYE') {
      responder.respond(481, 'Call Does Not Exist')
      return
    }
    switch (request.method) {
      case 'BYE':
        responder.respond(200, 'OK')
        this.#finish('the caller hung up', { refusal: [487, 'Request Terminated'], bye: false })
        break
      case 'INVITE': this.#reinvite(request, responder); break
      case 'UPDATE': this.#update(request, responder); break
      case 'INFO': this.#info(request, responder); break
      case 'OPTIONS': responder.respond(200, 'OK', { headers: { allow: ALLOWED_METHODS, accept: SDP_TYPE } }); break
      default: responder.respond(405, 'Method Not Allowed', { headers: { allow: ALLOWED_METHODS } })
    }
  }

  async #answer(): Promise<void> {
    const { ports, responder, offer, dialog, invite } = this.#options
    const sockets = await ports.open()
    if (this.#state !== 'ringing') {
      sockets?.close()
      throw new CallError('PHONE_ERR_GONE', 'the caller has gone')
    }
    if (sockets === null) {
      this.#finish('no port for its sound is free', { refusal: [503, 'Service Unavailable'], bye: true })
      throw new CallError('PHONE_ERR_NO_PORT', 'no RTP port is free')
    }
    this.#sessionTimer?.cancel()
    this.#sockets = sockets
    this.#state = 'answering'
    if (offer === null) {
      this.#offered = true
      this.#sdp = writeOffer(this.#localAudio(), this.#options.codecs)
    } else {
      this.#useMedia(offer.agreed)
      this.#sdp = writeAnswer(this.#localAudio(), offer.remote, offer.agreed)
    }
    const flowing = new Promise<void>((resolve, reject) => { this.#waiter = { resolve, reject } })
    this.#acceptInvite(invite.seq, responder, { contact: dialog.contact })
    await flowing
  }

  #acceptInvite(seq: number, responder: Responder, headers: Readonly<Record<string, string>>): void {
    const body = this.#sdp
    const all = { allow: ALLOWED_METHODS, supported: 'timer', 'content-type': SDP_TYPE, ...sessionHeaders(this.#terms), ...headers }
    this.#accept?.stop()
    this.#accept = new AcceptAgain(this.#options.clock, seq, () => { responder.respond(200, 'OK', { headers: all, body }) }, () => {
      this.#accept = null
      if (this.#byeWhenAcknowledged) this.#bye()
      else this.#finish('our answer was never acknowledged', { refusal: null, bye: true })
    })
  }

  /** The answer to our offer, in an ACK. @returns whether the call goes on */
  #takeAnswer(body: string): boolean {
    this.#offered = false
    const remote = readDescription(body)
    const agreed = remote === null ? null : agree(remote, this.#options.codecs)
    if (agreed === null) {
      // Asked anew in a running call, what was agreed before stands.
      if (this.#media !== null) return true
      this.#waiter?.reject(new CallError('PHONE_ERR_NO_CODEC', 'no codec is shared'))
      this.#waiter = null
      this.#finish('no codec is shared', { refusal: null, bye: true })
      return false
    }
    this.#useMedia(agreed)
    return true
  }

  #useMedia(agreed: AgreedAudio): void {
    const { clock, ticks, flow, mediaTimeoutMs } = this.#options
    if (this.#media === null) {
      this.#media = new CallMedia(agreed, {
        sockets: this.#sockets!, clock, ticks, signallingAddress: flow.address, timeoutMs: mediaTimeoutMs,
        events: {
          onSound: (pcm) => { this.#tell((events) => { events.onSound(pcm) }) },
          onKey: (key) => { this.#tell((events) => { events.onDigit(key) }) },
          onSilentWire: () => { this.#finish('no sound came any more', { refusal: null, bye: true }) },
        },
      })
    } else {
      this.#media.update(agreed)
    }
    if (agreed.held === this.#held) return
    this.#held = agreed.held
    this.#tell((events) => { events.onHold(agreed.held) })
  }

  #localAudio(): LocalAudio {
    return { ...this.#local, version: this.#version, port: this.#sockets!.port, keyAndSalt: this.#media?.keyAndSalt ?? null }
  }

  #reinvite(request: SipRequest, responder: Responder): void {
    if (this.#inviting) {
      responder.respond(491, 'Request Pending')
      return
    }
    if (this.#state !== 'up' || this.#accept !== null) {
      responder.respond(500, 'Answer The One Before', { headers: { 'retry-after': String(randomInt(1, 10)) } })
      return
    }
    if (!this.#renegotiate(request, responder)) return
    this.#offered = request.body === ''
    this.#acceptInvite(request.seq, responder, { contact: this.#options.dialog.contact })
  }

  #update(request: SipRequest, responder: Responder): void {
    if (request.body !== '' && (this.#state !== 'up' || this.#inviting)) {
      responder.respond(this.#inviting ? 491 : 500, 'Request Pending', { headers: { 'retry-after': '2' } })
      return
    }
    if (!this.#renegotiate(request, responder)) return
    responder.respond(200, 'OK', {
      headers: { contact: this.#options.dialog.contact, supported: 'timer', ...sessionHeaders(this.#terms), ...(request.body === '' ? {} : { 'content-type': SDP_TYPE }) },
      body: request.body === '' ? '' : this.#sdp,
    })
  }

  /** @returns whether the request may be answered 2xx; otherwise it has been refused, and all stays as it was */
  #renegotiate(request: SipRequest, responder: Responder): boolean {
    const terms = sessionTerms(request.fields, this.#options.sessionS)
    if (terms === 'too-small') {
      responder.respond(422, 'Session Interval Too Small', { headers: { 'Min-SE': String(MIN_SESSION_S) } })
      return false
    }
    if (request.body !== '') {
      const remote = readDescription(request.body)
      const agreed = remote === null ? null : agree(remote, this.#options.codecs)
      if (remote === null || agreed === null) {
        responder.respond(488, 'Not Acceptable Here')
        return false
      }
      this.#useMedia(agreed)
      const same = writeAnswer(this.#localAudio(), remote, agreed)
      if (same !== this.#sdp) {
        this.#version += 1
        this.#sdp = writeAnswer(this.#localAudio(), remote, agreed)
      }
    }
    this.#terms = terms
    this.#watchSession()
    return true
  }

  #info(request: SipRequest, responder: Responder): void {
    const type = first(request.fields, 'content-type') ?? ''
    const key = keyOfInfo(type, request.body)
    if (/^application\/dtmf/i.test(type) || request.body === '') {
      responder.respond(200, 'OK')
      if (key !== undefined) this.#media?.pressByInfo(key)
    } else {
      responder.respond(415, 'Unsupported Media Type', { headers: { accept: 'application/dtmf-relay, application/dtmf' } })
    }
  }

  /** RFC 4028: whoever is to give signs of life gives them, and a call without them ends. */
  #watchSession(): void {
    const { clock } = this.#options
    this.#sessionTimer?.cancel()
    if (this.#state !== 'up') return
    this.#sessionTimer = this.#terms.refresher === 'us'
      ? clock.setTimer(refreshMs(this.#terms), () => { void this.#refresh() })
      : clock.setTimer(giveUpMs(this.#terms), () => { this.#finish('the caller gave no sign of life', { refusal: null, bye: true }) })
  }

  async #refresh(): Promise<void> {
    if (this.#state !== 'up') return
    const { clock, dialog } = this.#options
    if (this.#accept !== null) {
      this.#sessionTimer = clock.setTimer(1000, () => { void this.#refresh() })
      return
    }
    const headers = { supported: 'timer', allow: ALLOWED_METHODS, 'session-expires': `${String(this.#terms.intervalS)};refresher=uac`, 'Min-SE': String(MIN_SESSION_S) }
    this.#inviting = !this.#usesUpdate
    const response = this.#usesUpdate
      ? await dialog.request('UPDATE', headers)
      : await dialog.request('INVITE', { ...headers, 'content-type': SDP_TYPE }, this.#sdp, (again) => { dialog.acknowledge(again) })
    const wasInvite = this.#inviting
    this.#inviting = false
    this.#takeRefreshed(response, wasInvite)
  }

  #takeRefreshed(response: SipResponse | null, wasInvite: boolean): void {
    const { clock, dialog } = this.#options
    if (wasInvite && response !== null && response.status < 300) dialog.acknowledge(response)
    if (this.#state !== 'up') return
    if (response === null || response.status === 408 || response.status === 481) {
      this.#finish('the caller gave no sign of life', { refusal: null, bye: true })
      return
    }
    if (response.status === 491) {
      // Both asked at once; who did not begin the call waits up to two seconds (RFC 3261, 14.1).
      this.#sessionTimer = clock.setTimer(randomInt(2000), () => { void this.#refresh() })
      return
    }
    if (!wasInvite && (response.status === 405 || response.status === 501)) {
      this.#usesUpdate = false
      void this.#refresh()
      return
    }
    if (wasInvite && response.status < 300) {
      const remote = readDescription(response.body)
      const agreed = remote === null ? null : agree(remote, this.#options.codecs)
      if (agreed !== null) this.#useMedia(agreed)
    }
    // Whatever else it answers, it lives.
    this.#watchSession()
  }

  #finish(reason: string, { refusal, bye }: { readonly refusal: readonly [number, string] | null; readonly bye: boolean }): void {
    if (this.#state === 'ended') return
    const was = this.#state
    this.#state = 'ended'
    this.#sessionTimer?.cancel()
    const { logger } = this.#options
    logger.info({ callId: this.id, remoteAddress: this.remoteAddress, reason, lost: this.#media?.lostTotal, dropped: this.#media?.droppedTotal }, 'phone call has ended')
    if (this.#media === null) this.#sockets?.close()
    this.#media?.close()
    this.#waiter?.reject(new CallError('PHONE_ERR_GONE', reason))
    this.#waiter = null
    if (was === 'ringing' && refusal !== null) {
      this.#options.responder.respond(...refusal)
      this.#options.onGone()
    } else if (!bye) {
      this.#accept?.stop()
      this.#options.onGone()
    } else if (this.#accept !== null) {
      // A call may be ended by its callee only when the caller has acknowledged it, or will not any more (RFC 3261, 15).
      this.#byeWhenAcknowledged = true
    } else {
      this.#bye()
    }
    this.#tell((events) => { events.onEnd(reason) })
  }

  #bye(): void {
    void this.#options.dialog.request('BYE').finally(() => { this.#options.onGone() })
  }

  /** What listens must not bring down the other calls of this process. */
  #tell(say: (events: PhoneCallEvents) => void): void {
    if (this.#events === null) return
    try {
      say(this.#events)
    } catch (error) {
      this.#options.logger.error({ err: error, callId: this.id }, 'a listener of a phone call failed')
    }
  }
}

import { randomInt } from 'node:crypto'
import type { types } from 'mediasoup'
import { sourceReason } from '../../control/source-reasons.ts'
import type { RtcSeat } from './rtc-host.ts'
import type { AnswerParts } from './sdp-offer.ts'

/** ICE or DTLS not done by then: the client cannot reach us. */
export const CONNECT_MS = 15_000
/** A client that answers no consent check for so long is gone (RFC 7675). */
const ICE_CONSENT_S = 10
const WORKER_DIED = sourceReason('worker-died')
export const NOT_CONNECTED = sourceReason('not-connected', 'are UDP and TCP of the media port open?')

/** What carries one client's media: ICE, DTLS and SRTP in the worker. */
export class RtcConnection {
  readonly transport: types.WebRtcTransport
  readonly #seat: RtcSeat
  #connected = false

  /** @throws what mediasoup throws at parameters it cannot take */
  static async open(seat: RtcSeat, router: types.Router, dtlsParameters: types.DtlsParameters): Promise<RtcConnection> {
    const transport = await router.createWebRtcTransport({ webRtcServer: seat.worker.server, enableUdp: true, enableTcp: true, preferUdp: true, iceConsentTimeout: ICE_CONSENT_S })
    try {
      await transport.connect({ dtlsParameters })
      return new RtcConnection(seat, transport)
    } catch (error) {
      transport.close()
      throw error
    }
  }

  private constructor(seat: RtcSeat, transport: types.WebRtcTransport) {
    this.#seat = seat
    this.transport = transport
    transport.on('dtlsstatechange', (state) => { if (state === 'connected') this.#connected = true })
  }

  /**
   * @param onGone called when the client cannot be reached any more, or its worker is no more, perhaps more than once
   * @throws when it has gone already
   */
  watch(onGone: (reason: string, fault: boolean) => void): void {
    const { transport } = this
    if (transport.closed) throw new Error(WORKER_DIED)
    transport.on('dtlsstatechange', (state) => {
      if (state === 'failed') onGone(sourceReason('client-unproven', 'DTLS failed'), true)
      else if (state === 'closed') onGone(sourceReason('client-gone'), false)
    })
    // Also when a client goes without a word: consent to be sent to is asked for every few seconds.
    transport.on('icestatechange', (state) => { if (state === 'disconnected' || state === 'closed') onGone(sourceReason('client-unreachable'), false) })
    transport.on('routerclose', () => { onGone(WORKER_DIED, true) })
    transport.on('listenserverclose', () => { onGone(WORKER_DIED, true) })
  }

  /** Whether the client has proved who it is. */
  get connected(): boolean {
    return this.#connected
  }

  /** Names the ICE session; another one after a restart (RFC 9725, 4.3.1). */
  get etag(): string {
    return `"${this.transport.iceParameters.usernameFragment}"`
  }

  get answerParts(): AnswerParts {
    const { iceParameters, iceCandidates, dtlsParameters } = this.transport
    return { sessionId: String(randomInt(1, 2 ** 47)), iceParameters, iceCandidates, dtlsParameters }
  }

  /** New ICE credentials for a client whose network has changed (RFC 8445, 2.4). @returns the SDP fragment that says them */
  async restartIce(): Promise<string> {
    const { usernameFragment, password } = await this.transport.restartIce()
    return `a=ice-lite\r\na=ice-ufrag:${usernameFragment}\r\na=ice-pwd:${password}\r\n`
  }

  /** Tells the client, and gives its place free. Idempotent. */
  close(): void {
    this.#seat.release()
    this.transport.close()
  }
}

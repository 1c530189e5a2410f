import type { types } from 'mediasoup'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { EndWatch } from './end-watch.ts'
import { CONNECT_MS, NOT_CONNECTED, RtcConnection } from './rtc-connection.ts'
import type { RtcSeat } from './rtc-host.ts'
import type { RtcResource } from './rtc-http.ts'
import type { SoundOffer } from './sdp-offer.ts'
import type { FeedShare, WhepFeed } from './whep-feed.ts'
import { rtpCapabilitiesOf, writeWhepAnswer } from './whep-offer.ts'

export interface WhepSessionOptions {
  readonly id: string
  readonly offer: SoundOffer
  /** The session gives it free. */
  readonly seat: RtcSeat
  readonly feed: WhepFeed
  readonly clock: Clock
  readonly onEnd: (reason: string) => void
}

/** One browser that hears by WHEP. */
export class WhepSession implements RtcResource {
  readonly id: string
  readonly answer: string
  readonly #connection: RtcConnection
  readonly #share: FeedShare
  readonly #ending = new EndWatch()
  readonly #deadline: TimerHandle
  #endReason: string | undefined

  /**
   * Makes the transport and the answer; sound flows when the client has connected.
   * @throws what mediasoup throws at an offer that it cannot take; then nothing is left of it
   */
  static async open(options: WhepSessionOptions): Promise<WhepSession> {
    const { seat, offer, feed } = options
    let connection: RtcConnection | undefined
    let share: FeedShare | undefined
    try {
      const router = await seat.worker.router(offer.payloadType)
      connection = await RtcConnection.open(seat, router, offer.dtlsParameters)
      share = await feed.join(seat.worker, offer.payloadType)
      // Sound has no retransmission unless it is asked for; what it costs is some packets that are kept.
      const consumer = await connection.transport.consume({ producerId: share.producer.id, rtpCapabilities: rtpCapabilitiesOf(offer), enableRtx: true })
      const session = new WhepSession(options, connection, share, consumer)
      connection.watch((reason) => { session.end(reason) })
      return session
    } catch (error) {
      share?.leave()
      connection?.close()
      seat.release()
      throw error
    }
  }

  private constructor({ id, offer, clock, onEnd }: WhepSessionOptions, connection: RtcConnection, share: FeedShare, consumer: types.Consumer) {
    this.id = id
    this.#connection = connection
    this.#share = share
    this.answer = writeWhepAnswer(offer, connection.answerParts, consumer.rtpParameters.encodings![0]!.ssrc!)
    this.#ending.onEnd(onEnd)
    this.#deadline = clock.setTimer(CONNECT_MS, () => { if (!connection.connected) this.end(NOT_CONNECTED) })
  }

  get etag(): string {
    return this.#connection.etag
  }

  get endReason(): string | undefined {
    return this.#endReason
  }

  restartIce(): Promise<string> {
    return this.#connection.restartIce()
  }

  hangUp(): void {
    this.end('the client has hung up')
  }

  onEnd(listener: (reason: string) => void): () => void {
    return this.#ending.onEnd(listener)
  }

  /** Idempotent; the first reason stands. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return
    this.#endReason = reason
    this.#deadline.cancel()
    this.#share.leave()
    this.#connection.close()
    this.#ending.tell(reason)
  }
}

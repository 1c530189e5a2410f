import type { types } from 'mediasoup'
import type { SoundWatchTimes } from '../../codec/index.ts'
import { parseRtpPacket } from '../../codec/rtp/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import { LineSession } from '../sources/line-session.ts'
import { RtpMedia } from '../sources/rtp-media.ts'
import { EndWatch } from './end-watch.ts'
import { CONNECT_MS, NOT_CONNECTED, RtcConnection } from './rtc-connection.ts'
import type { RtcSeat } from './rtc-host.ts'
import type { RtcResource } from './rtc-http.ts'
import { writeAnswer, type WhipOffer } from './whip-offer.ts'

/** People speak to people: as little delay as the network allows. It grows by itself where packets come unevenly, and falls again where they no longer do. */
export const VOICE_BUFFER: ElasticBufferOptions = { targetMs: 20, maxTargetMs: 1000, windowMs: 1000, trimAboveMs: 400, capacityMs: 3000, nimble: { leastMs: 4, afterDryMs: 60 } }

/** A retransmission takes a round trip; a phone's is seldom longer. What the buffer holds is played meanwhile. */
const HOLD_MS = 100
const EXPIRE_MS = 20
/** A connected client that sends no sound for this long is gone. */
const SILENT_WIRE_MS = 10_000

export interface WhipSessionOptions {
  readonly id: string
  readonly offer: WhipOffer
  /** The session gives it free. */
  readonly seat: RtcSeat
  readonly clock: Clock
  readonly watch: SoundWatchTimes
  readonly onEnd: () => void
}

/** One browser, phone or encoder that sends by WHIP: its transport, what it sends in order, its decoder, its buffer. */
export class WhipSession extends LineSession implements RtcResource {
  readonly id: string
  readonly answer: string
  readonly #clock: Clock
  readonly #connection: RtcConnection
  readonly #ending = new EndWatch()
  readonly #direct: types.DirectTransport
  readonly #media = RtpMedia.opus(HOLD_MS, {
    onPcm: (pcm, isHeard) => { this.give(pcm, { atMs: this.#clock.monotonicMs(), isHeard }) },
    onPause: (samples) => { this.rest(samples, this.#clock.monotonicMs()) },
    onSpeechEnd: () => { this.buffer.expectPause() },
  })
  readonly #startedMs: number
  #lastPacketMs: number
  #expiry: TimerHandle | undefined
  packetsTotal = 0
  receivedBytes = 0

  /**
   * Makes the transport and the answer; sound flows when the client has connected.
   * @throws what mediasoup throws at an offer that it cannot take
   */
  static async open(options: WhipSessionOptions): Promise<WhipSession> {
    const { seat, offer } = options
    let connection: RtcConnection | undefined
    let direct: types.DirectTransport | undefined
    try {
      const router = await seat.worker.router(offer.payloadType)
      connection = await RtcConnection.open(seat, router, offer.dtlsParameters)
      direct = await router.createDirectTransport()
      const producer = await connection.transport.produce({ kind: 'audio', rtpParameters: offer.rtpParameters })
      const consumer = await direct.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities })
      const session = new WhipSession(options, connection, direct, consumer)
      connection.watch((reason, fault) => { session.end(reason, fault) })
      return session
    } catch (error) {
      connection?.close()
      direct?.close()
      seat.release()
      throw error
    }
  }

  private constructor(options: WhipSessionOptions, connection: RtcConnection, direct: types.DirectTransport, consumer: types.Consumer) {
    super(new ElasticBuffer(VOICE_BUFFER), options)
    const { id, offer, clock } = options
    this.id = id
    this.#clock = clock
    this.#connection = connection
    this.#direct = direct
    this.#startedMs = this.#lastPacketMs = clock.monotonicMs()
    this.answer = writeAnswer(offer, connection.answerParts)
    consumer.on('rtp', (packet) => { this.#take(packet) })
    this.#tick()
  }

  /** How long nothing has come, ms. */
  get quietMs(): number {
    return this.#clock.monotonicMs() - this.#lastPacketMs
  }

  get lostTotal(): number {
    return this.#media.lostTotal
  }

  override read(block: Float32Array): number {
    return this.buffer.read(block, this.#clock.monotonicMs())
  }

  check(): void {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#connection.connected) {
      this.#lastPacketMs = nowMs
      if (nowMs - this.#startedMs > CONNECT_MS) this.end(NOT_CONNECTED, true)
    } else if (this.quietMs > SILENT_WIRE_MS) this.end(sourceReason('client-quiet'), true)
  }

  get etag(): string {
    return this.#connection.etag
  }

  restartIce(): Promise<string> {
    return this.#connection.restartIce()
  }

  hangUp(): void {
    this.end(sourceReason('client-left'), false)
  }

  onEnd(listener: (reason: string) => void): () => void {
    return this.#ending.onEnd(listener)
  }

  protected release(): void {
    this.#expiry?.cancel()
    this.#connection.close()
    this.#direct.close()
    this.#media.close()
    this.#ending.tell(this.endReason!)
  }

  #tick(): void {
    this.#expiry = this.#clock.setTimer(EXPIRE_MS, () => {
      this.#media.expire(this.#clock.monotonicMs())
      if (this.endReason === undefined) this.#tick()
    })
  }

  #take(bytes: Buffer): void {
    const packet = parseRtpPacket(bytes)
    if (packet === undefined || this.endReason !== undefined) return
    this.packetsTotal += 1
    this.receivedBytes += bytes.length
    const nowMs = this.#clock.monotonicMs()
    this.#lastPacketMs = nowMs
    this.#media.push(packet, nowMs)
  }
}

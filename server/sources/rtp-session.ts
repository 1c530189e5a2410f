import type { SoundWatchTimes } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { RtpStreamSpec } from '../link/messages.ts'
import { LineSession } from './line-session.ts'
import { RtpMedia } from './rtp-media.ts'
import type { ReceivedPacket } from './rtp-receiver.ts'

/** A network of one's own: packets come evenly. Where they do not, it grows by itself, and falls again where they do. */
const LAN_BUFFER: ElasticBufferOptions = { targetMs: 15, maxTargetMs: 1000, windowMs: 1000, trimAboveMs: 300, capacityMs: 3000, nimble: { leastMs: 4, afterDryMs: 45 } }

/** Nothing is sent again in RTP: a packet is waited for only as long as a switch may mix up the order. */
const HOLD_MS = 10
const EXPIRE_MS = 5
/** Packets come at least every 120 ms, of one that leaves out silence every 400 ms. */
export const SENDER_GONE_MS = 2000

/** One sender's stream for as long as it lasts. */
export class RtpSession extends LineSession {
  readonly senderAddress: string
  readonly #clock: Clock
  #media: RtpMedia | undefined
  #expiry: TimerHandle | undefined
  #lastPacketMs: number
  packetsTotal = 0
  receivedBytes = 0

  constructor(options: { readonly stream: RtpStreamSpec; readonly senderAddress: string; readonly watch: SoundWatchTimes; readonly clock: Clock; readonly onEnd: () => void }) {
    super(new ElasticBuffer(LAN_BUFFER), options)
    const { stream, senderAddress, clock } = options
    this.senderAddress = senderAddress
    this.#clock = clock
    this.#lastPacketMs = clock.monotonicMs()
    void RtpMedia.open(stream, HOLD_MS, {
      onPcm: (pcm, isHeard) => { if (pcm.length > 0) this.give(pcm, { atMs: this.#clock.monotonicMs(), isHeard }) },
      onPause: (samples) => { this.rest(samples, this.#clock.monotonicMs()) },
      onSpeechEnd: () => { this.buffer.expectPause() },
    }).then((media) => {
      if (this.endReason !== undefined) {
        media.close()
        return
      }
      this.#media = media
      this.#tick()
    }, () => { this.end(sourceReason('sender-rate'), true) })
  }

  get lostTotal(): number {
    return this.#media?.lostTotal ?? 0
  }

  /** How long nothing has come, ms. */
  get quietMs(): number {
    return this.#clock.monotonicMs() - this.#lastPacketMs
  }

  take(packet: ReceivedPacket): void {
    this.packetsTotal += 1
    this.receivedBytes += packet.payload.length
    this.#lastPacketMs = this.#clock.monotonicMs()
    this.#media?.push(packet, this.#lastPacketMs)
  }

  override read(block: Float32Array): number {
    return this.buffer.read(block, this.#clock.monotonicMs())
  }

  check(): void {
    if (this.quietMs > SENDER_GONE_MS) this.end(sourceReason('sender-gone'), true)
  }

  protected release(): void {
    this.#expiry?.cancel()
    this.#media?.close()
  }

  #tick(): void {
    this.#expiry = this.#clock.setTimer(EXPIRE_MS, () => {
      this.#media?.expire(this.#clock.monotonicMs())
      if (this.endReason === undefined) this.#tick()
    })
  }
}

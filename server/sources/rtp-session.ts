import type { SoundWatchTimes } from '../../codec/index.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { RtpStreamSpec } from '../link/messages.ts'
import { RtpMedia } from './rtp-media.ts'
import type { ReceivedPacket } from './rtp-receiver.ts'
import { SoundMonitor } from './sound-monitor.ts'
import type { StudioSession } from './studio-line.ts'

/** A network of one's own: packets come evenly. Where they do not, it grows by itself, and falls again where they do. */
const LAN_BUFFER: ElasticBufferOptions = { targetMs: 15, maxTargetMs: 1000, windowMs: 1000, trimAboveMs: 300, capacityMs: 3000, nimble: { leastMs: 4, afterDryMs: 45 } }

/** Nothing is sent again in RTP: a packet is waited for only as long as a switch may mix up the order. */
const HOLD_MS = 10
const EXPIRE_MS = 5
/** Packets come at least every 60 ms, silence or not. */
export const SENDER_GONE_MS = 2000

/** One sender's stream for as long as it lasts. */
export class RtpSession implements StudioSession {
  readonly buffer = new ElasticBuffer(LAN_BUFFER)
  readonly monitor: SoundMonitor
  readonly senderAddress: string
  needed = false
  readonly #clock: Clock
  readonly #onEnd: () => void
  #media: RtpMedia | undefined
  #expiry: TimerHandle | undefined
  #lastPacketMs: number
  #hasSound = false
  #endReason: string | undefined
  #fault = false
  packetsTotal = 0
  receivedBytes = 0

  constructor(options: { readonly stream: RtpStreamSpec; readonly senderAddress: string; readonly watch: SoundWatchTimes; readonly clock: Clock; readonly onEnd: () => void }) {
    const { stream, senderAddress, watch, clock, onEnd } = options
    this.senderAddress = senderAddress
    this.#clock = clock
    this.#onEnd = onEnd
    this.#lastPacketMs = clock.monotonicMs()
    this.monitor = new SoundMonitor(watch)
    void RtpMedia.open(stream, HOLD_MS, (pcm, isHeard) => { this.#give(pcm, isHeard) }).then((media) => {
      if (this.#endReason !== undefined) {
        media.close()
        return
      }
      this.#media = media
      this.#tick()
    }, () => { this.end('the stream has a rate that cannot be played', true) })
  }

  get hasSound(): boolean {
    return this.#hasSound
  }

  get endReason(): string | undefined {
    return this.#endReason
  }

  get fault(): boolean {
    return this.#fault
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

  read(block: Float32Array): number {
    return this.buffer.read(block, this.#clock.monotonicMs())
  }

  check(): void {
    if (this.quietMs > SENDER_GONE_MS) this.end('the sender sends no more', true)
  }

  end(reason: string, fault: boolean): void {
    if (this.#endReason !== undefined) return
    this.#endReason = reason
    this.#fault = fault
    this.#expiry?.cancel()
    this.buffer.end()
    this.#media?.close()
    this.#onEnd()
  }

  close(): Promise<void> {
    this.end('closed', false)
    return Promise.resolve()
  }

  #tick(): void {
    this.#expiry = this.#clock.setTimer(EXPIRE_MS, () => {
      this.#media?.expire(this.#clock.monotonicMs())
      if (this.#endReason === undefined) this.#tick()
    })
  }

  #give(pcm: Float32Array, isHeard: boolean): void {
    if (pcm.length === 0) return
    this.#hasSound ||= isHeard
    this.monitor.push(pcm)
    this.buffer.write(pcm, this.#clock.monotonicMs())
  }
}

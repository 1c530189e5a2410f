import type { Socket } from 'node:net'
import type { PhoneAir } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { ingestSocket } from '../run-paths.ts'
import { openIngest, PHONE_PCM } from '../sources/ingest-protocol.ts'
import { pauseBytes, voiceBytes } from '../sources/phone-pcm.ts'

const RETRY_MS = 200
/** An engine that takes nothing for so long gets what is new when it does. */
const MOST_QUEUED_BYTES = 96_000 / 2

/** The way of one caller's voice to the engine; opened again when the engine comes back. */
export class AirLine {
  readonly #runDir: string
  readonly #air: PhoneAir
  readonly #callId: string
  readonly #remoteAddress: string
  readonly #clock: Clock
  #socket: Socket | null = null
  #retry: TimerHandle | undefined
  #isClosed = false

  constructor(runDir: string, air: PhoneAir, { callId, remoteAddress, clock }: { readonly callId: string; readonly remoteAddress: string; readonly clock: Clock }) {
    this.#runDir = runDir
    this.#air = air
    this.#callId = callId
    this.#remoteAddress = remoteAddress
    this.#clock = clock
    void this.#open()
  }

  /** @param pcm full scale ±1, 48 kHz */
  send(pcm: Float32Array): void {
    this.#write(() => voiceBytes(pcm))
  }

  /** In the place of as much of the voice. */
  pause(samples: number): void {
    this.#write(() => pauseBytes(samples))
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#retry?.cancel()
    this.#socket?.destroy()
  }

  #write(bytes: () => Buffer): void {
    if (this.#socket !== null && this.#socket.writableLength <= MOST_QUEUED_BYTES) this.#socket.write(bytes())
  }

  async #open(): Promise<void> {
    const outcome = await openIngest(ingestSocket(this.#runDir, this.#air.engine), { sourceId: this.#air.sourceId, contentType: PHONE_PCM, userAgent: this.#callId, remoteAddress: this.#remoteAddress, keyClass: 'normal', keyTag: '' })
    if (!outcome.accepted) {
      if (!this.#isClosed) this.#retry = this.#clock.setTimer(RETRY_MS, () => { void this.#open() })
      return
    }
    if (this.#isClosed) {
      outcome.socket.destroy()
      return
    }
    this.#socket = outcome.socket
    outcome.socket.resume()
    outcome.socket.once('close', () => {
      this.#socket = null
      if (!this.#isClosed) this.#retry = this.#clock.setTimer(RETRY_MS, () => { void this.#open() })
    })
  }
}

import { modulo, PacketOrder, UINT16, UINT32, type InTurn, type RtpHeader } from '../../../codec/rtp/index.ts'
import { BLOCK_SAMPLES, createVoiceDecoder, VOICE_CLOCK_HZ, type VoiceCodecName, type VoiceDecoder } from './voice-codec.ts'

/** How long a gap is waited for: four times the jitter and this, within bounds. */
const HOLD_MS = { min: 20, max: 120, start: 60 } as const
const JITTERS = 4
/** Numbers of a new stream count as 16 bits and their turns (RFC 3550, A.1). */
const MAX_DROPOUT = 3000
const NO_SOUND = Buffer.alloc(0)
/** Before a pause a caller is as quiet as this, -40 dBFS, or as before other pauses, and twice that; never louder than -26 dBFS. */
const QUIET_PEAK = 0.01
const MOST_QUIET_PEAK = 0.05
const QUIET_MARGIN = 2
/** Of one who is known to pause so much more than a packet's length says that he does. */
const PAUSE_AFTER_MS = 5
/** So much of a pause may still be missing when it is over; of more the time has passed. */
const AFTERWARDS_MS = 60
/** Held up for longer, nobody catches up. */
const MOST_AT_ONCE = 48_000 / 2
/** What Opus makes of silence when it may leave out packets (DTX); some send the first of them. */
const OPUS_DTX_BYTES = 2

/** Figures of what is heard, as a receiver report wants them. */
export interface ReceptionFigures {
  readonly ssrc: number
  readonly highestSequence: number
  readonly jitterTicks: number
  readonly expected: number
  readonly received: number
}

/**
 * A caller's voice: packets into sound, in order, each as soon as it is its turn, in blocks of 20 ms. What is lost is waited for as long as the network's jitter
 * asks, then concealed. While the caller sends nothing because he says nothing (silence suppression, DTX) silence goes on in its place, at its time; too much of it is taken back from
 * the next pause. Uneven arrival is passed on and evened out by the buffer of whoever listens, which knows the house clock.
 */
export class VoiceReceiver {
  readonly codec: VoiceCodecName
  readonly #onBlock: (pcm: Float32Array) => void
  readonly #decoder: VoiceDecoder
  readonly #order = new PacketOrder(HOLD_MS.start)
  readonly #block = new Float32Array(BLOCK_SAMPLES)
  #filled = 0
  #ssrc: number | null = null
  #base = 0
  #highest = 0
  #turns = 0
  #received = 0
  #jitterTicks = 0
  #lastTransitTicks: number | null = null
  /** When sound came last, how long and how loud it was. */
  #lastMs = Infinity
  /** How long nothing had come before it. */
  #passedMs = 0
  #lastSamples = 0
  #lastPeak = 1
  /** Louder than this no pause begins; 0: the caller is not known to pause. */
  #quietPeak = 0
  /** What came last says that nothing is said: comfort noise (RFC 3389), an event, the end of a word in Opus. */
  #isSilent = false
  /** Silence that was given and that the caller has not asked for. */
  #aheadSamples = 0
  /** Sound is decoded, so that decoder and figures stay whole, and thrown away. */
  muted = false

  constructor(codec: VoiceCodecName, onBlock: (pcm: Float32Array) => void) {
    this.codec = codec
    this.#onBlock = onBlock
    this.#decoder = createVoiceDecoder(codec)
  }

  get lostTotal(): number {
    return this.#order.lostTotal
  }

  get holdMs(): number {
    return this.#order.holdMs
  }

  /** Null before the first packet. */
  figures(): ReceptionFigures | null {
    if (this.#ssrc === null) return null
    const highestSequence = this.#turns * UINT16 + this.#highest
    return { ssrc: this.#ssrc, highestSequence, jitterTicks: Math.round(this.#jitterTicks), expected: highestSequence - this.#base + 1, received: this.#received }
  }

  /** @param hasSound false for what stands in the same row of numbers and is no sound, as events */
  push(header: RtpHeader, payload: Buffer, hasSound: boolean, nowMs: number): void {
    this.#count(header, hasSound, nowMs)
    this.#isSilent = !hasSound || (this.codec === 'opus' && payload.length <= OPUS_DTX_BYTES)
    if (hasSound) {
      this.#passedMs = Math.max(0, nowMs - this.#lastMs)
      this.#lastMs = nowMs
    }
    this.#play(this.#order.push(header, hasSound ? payload : NO_SOUND, nowMs, this.#ticksOf))
  }

  /** Gives up what was waited for long enough, and goes on where the caller pauses; to be called every 20 ms. @param isHeld he sends nothing because he holds the call */
  tick(nowMs: number, isHeld = false): void {
    this.#play(this.#order.expire(nowMs, this.#ticksOf))
    if (!isHeld) this.#goOn(nowMs)
  }

  close(): void {
    this.#decoder.close()
  }

  readonly #ticksOf = (payload: Buffer): number => (payload.length === 0 ? 0 : this.#decoder.ticksOf(payload))

  #play(turns: readonly InTurn[]): void {
    for (const turn of turns) {
      switch (turn.kind) {
        case 'packet': this.#hear(this.#decoder.decode(turn.payload)); break
        case 'lost': this.#conceal(turn.samples, turn.next); break
        case 'pause': this.#endPause((turn.samples * 48_000) / VOICE_CLOCK_HZ[this.codec]); break
        case 'restart': this.#aheadSamples = 0; break
      }
    }
  }

  #hear(pcm: Float32Array): void {
    this.#lastSamples = pcm.length
    this.#lastPeak = pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
    this.#give(pcm)
  }

  /** In the place of a part of it there may be silence already. */
  #conceal(ticks: number, next: Buffer): void {
    const ticksPerSample = VOICE_CLOCK_HZ[this.codec] / 48_000
    const missing = Math.round(this.#bounded(ticks) - this.#aheadSamples * ticksPerSample)
    this.#aheadSamples = Math.max(0, this.#aheadSamples - ticks / ticksPerSample)
    if (missing > 0) this.#give(this.#decoder.conceal(missing, next))
  }

  /** The caller was silent for so long before what is next. */
  #endPause(samples: number): void {
    this.#quietPeak = Math.max(this.#quietPeak, QUIET_PEAK, Math.min(MOST_QUIET_PEAK, QUIET_MARGIN * this.#lastPeak))
    const passed = Math.max(0, this.#passedMs - AFTERWARDS_MS) * 48
    this.#giveSilence(samples - Math.max(this.#aheadSamples, passed))
    this.#aheadSamples = Math.max(0, this.#aheadSamples - samples)
  }

  /** Silence in the place of packets that seem not to be sent, each when it would have come. */
  #goOn(nowMs: number): void {
    const missingMs = nowMs - this.#lastMs - (this.#lastSamples * 1000) / 48_000
    const isPause = this.#isSilent || this.#lastPeak <= Math.max(this.#quietPeak, QUIET_PEAK)
    const isKnown = this.#isSilent || this.#quietPeak > 0
    if (!isPause || missingMs < (isKnown ? PAUSE_AFTER_MS : this.#order.holdMs)) return
    this.#aheadSamples += this.#giveSilence((Math.floor(missingMs / 20) + 1) * BLOCK_SAMPLES - this.#aheadSamples)
  }

  /** @returns how much of it is given */
  #giveSilence(samples: number): number {
    const given = Math.max(0, Math.min(samples, MOST_AT_ONCE))
    if (given > 0) this.#give(this.#decoder.silence(Math.round((given * VOICE_CLOCK_HZ[this.codec]) / 48_000)))
    return given
  }

  /** Holes are bridged up to half a second. */
  #bounded(ticks: number): number {
    return Math.min(ticks, VOICE_CLOCK_HZ[this.codec] / 2)
  }

  #give(pcm: Float32Array): void {
    for (let at = 0; at < pcm.length;) {
      const part = Math.min(BLOCK_SAMPLES - this.#filled, pcm.length - at)
      this.#block.set(pcm.subarray(at, at + part), this.#filled)
      this.#filled += part
      at += part
      if (this.#filled < BLOCK_SAMPLES) continue
      this.#filled = 0
      if (!this.muted) this.#onBlock(this.#block.slice())
    }
  }

  /** RFC 3550, A.1, A.3 and A.8. */
  #count(header: RtpHeader, hasSound: boolean, nowMs: number): void {
    const ahead = modulo(header.sequence - this.#highest, UINT16)
    if (this.#ssrc !== header.ssrc || (ahead >= MAX_DROPOUT && ahead < UINT16 - MAX_DROPOUT)) {
      this.#ssrc = header.ssrc
      this.#base = this.#highest = header.sequence
      this.#turns = this.#received = this.#jitterTicks = 0
      this.#lastTransitTicks = null
    } else if (ahead < MAX_DROPOUT && ahead > 0) {
      if (header.sequence < this.#highest) this.#turns += 1
      this.#highest = header.sequence
    }
    this.#received += 1
    if (!hasSound) return
    const clockHz = VOICE_CLOCK_HZ[this.codec]
    const transit = modulo(Math.round((nowMs * clockHz) / 1000) - header.timestamp, UINT32)
    if (this.#lastTransitTicks !== null) {
      const apart = modulo(transit - this.#lastTransitTicks, UINT32)
      this.#jitterTicks += (Math.min(apart, UINT32 - apart, clockHz) - this.#jitterTicks) / 16
    }
    this.#lastTransitTicks = transit
    this.#order.holdMs = Math.min(HOLD_MS.max, HOLD_MS.min + (JITTERS * this.#jitterTicks * 1000) / clockHz)
  }
}

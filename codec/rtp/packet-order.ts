import { modulo, UINT16, UINT32, type RtpHeader } from './rtp-packet.ts'

/** What comes out: a packet in its turn, or the samples of one that will not come. */
export type InTurn =
  | { readonly kind: 'packet'; readonly payload: Buffer; readonly timestamp: number }
  /** `samples` of sound are missing, bounded by MAX_BRIDGED_SAMPLES; `next` is what comes behind them, in its own turn, and may hold a copy. */
  | { readonly kind: 'lost'; readonly samples: number; readonly next: Buffer }
  /** The sender said nothing for so many samples (discontinuous transmission; RFC 3551, 4.1): silence, no loss. Of any length. */
  | { readonly kind: 'pause'; readonly samples: number }
  /** A new stream begins: what was known of the old one is void. */
  | { readonly kind: 'restart' }

/** A jump of the sequence this far is another stream, not loss (RFC 3550, A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3000
/** Kept at most while a packet is awaited: more than any wait can gather. */
const MAX_HELD = 256
/** A longer hole is bridged by no codec, and the place of what is lost is not kept: the buffer behind fills up anew. */
export const MAX_BRIDGED_SAMPLES = 48_000 / 2

interface Held {
  readonly timestamp: number
  readonly payload: Buffer
  readonly atMs: number
  /** The first one after a pause (RFC 3551, 4.1). */
  readonly marker: boolean
}

/**
 * Puts RTP packets in order and says which are lost. A gap is waited for `holdMs` after the packet behind it came, in which a retransmission may arrive; a packet
 * later than that, or a second time, is dropped and counted. Sequence numbers and timestamps wrap (RFC 3550, 5.1).
 */
export class PacketOrder {
  /** May change on the way, for receivers that follow the network's jitter. */
  holdMs: number
  readonly #clockPerSample: number
  readonly #held = new Map<number, Held>()
  /** The number that comes next; null before the first packet. */
  #next: number | null = null
  #nextTimestamp = 0
  /** Length of the last packet: of those that are lost it is thought the same. */
  #lastSamples = 0
  /** When it came. */
  #lastMs = 0
  #ssrc = 0
  lostTotal = 0
  lateTotal = 0

  /** @param ticksPerSample ticks of the RTP clock for one sample at the rate that samples are counted in: 1 where both are 48 kHz */
  constructor(holdMs: number, ticksPerSample = 1) {
    this.holdMs = holdMs
    this.#clockPerSample = ticksPerSample
  }

  /**
   * @param samplesOf length of a packet's sound, from its payload; 0: holds none and is dropped
   * @returns what is now in turn, oldest first
   */
  push(header: Pick<RtpHeader, 'sequence' | 'timestamp' | 'ssrc'> & Partial<Pick<RtpHeader, 'marker'>>, payload: Buffer, nowMs: number, samplesOf: (payload: Buffer) => number): readonly InTurn[] {
    const out: InTurn[] = []
    if (this.#next !== null && (header.ssrc !== this.#ssrc || this.#isElsewhere(header.sequence))) {
      this.#held.clear()
      this.#next = null
      out.push({ kind: 'restart' })
    }
    if (this.#next === null) {
      this.#next = header.sequence
      this.#nextTimestamp = header.timestamp
      this.#ssrc = header.ssrc
    }
    const ahead = modulo(header.sequence - this.#next, UINT16)
    if (ahead >= UINT16 / 2 || this.#held.has(header.sequence)) this.lateTotal += 1
    else this.#held.set(header.sequence, { timestamp: header.timestamp, payload, atMs: nowMs, marker: header.marker ?? false })
    this.#release(nowMs, samplesOf, out)
    return out
  }

  /** Gives up what was waited for long enough; to be called some times in `holdMs`. */
  expire(nowMs: number, samplesOf: (payload: Buffer) => number): readonly InTurn[] {
    const out: InTurn[] = []
    this.#release(nowMs, samplesOf, out)
    return out
  }

  #isElsewhere(sequence: number): boolean {
    const ahead = modulo(sequence - (this.#next ?? 0), UINT16)
    return ahead >= MAX_DROPOUT && ahead < UINT16 - MAX_DROPOUT
  }

  #release(nowMs: number, samplesOf: (payload: Buffer) => number, out: InTurn[]): void {
    while (this.#next !== null && this.#held.size > 0) {
      const held = this.#held.get(this.#next)
      if (held !== undefined) {
        this.#held.delete(this.#next)
        this.#next = modulo(this.#next + 1, UINT16)
        this.#give(held, samplesOf(held.payload), out)
        continue
      }
      const follower = this.#follower(this.#next)
      const lost = modulo(follower.sequence - this.#next, UINT16)
      const missing = this.#samplesUntil(follower.held.timestamp)
      const pause = this.#pauseIn(missing, lost, samplesOf(follower.held.payload))
      // What was lost at the beginning of a pause as long as the wait has had its time.
      const isOver = pause > 0 && follower.held.marker && follower.held.atMs - this.#lastMs >= this.holdMs
      if (!isOver && nowMs - follower.held.atMs < this.holdMs && this.#held.size < MAX_HELD) return
      this.lostTotal += lost
      // Who marks the first packet after a pause has lost what stood before it; without a mark it may be the beginning, of which the next one holds a copy.
      const silent = pause > 0 && follower.held.marker ? missing : pause
      if (silent > 0) out.push({ kind: 'pause', samples: silent })
      if (missing > silent) out.push({ kind: 'lost', samples: Math.min(missing - silent, MAX_BRIDGED_SAMPLES), next: follower.held.payload })
      this.#next = follower.sequence
      this.#nextTimestamp = follower.held.timestamp
    }
  }

  #give(held: Held, samples: number, out: InTurn[]): void {
    if (samples === 0) return
    // In sequence but later on the sender's clock: it had nothing to say.
    const pause = this.#samplesUntil(held.timestamp)
    if (pause > 0) out.push({ kind: 'pause', samples: pause })
    this.#lastSamples = samples
    this.#lastMs = held.atMs
    this.#nextTimestamp = modulo(held.timestamp + Math.round(samples * this.#clockPerSample), UINT32)
    out.push({ kind: 'packet', payload: held.payload, timestamp: held.timestamp })
  }

  /**
   * Of a hole in numbers and time what the sender did not send at all: it is longer than so many packets are.
   * @param nextSamples length of the packet behind it
   */
  #pauseIn(missing: number, lost: number, nextSamples: number): number {
    const packetSamples = Math.max(this.#lastSamples, nextSamples)
    const pause = missing - lost * packetSamples
    return packetSamples > 0 && pause >= packetSamples ? pause : 0
  }

  /** Never negative: a clock that goes backwards is no silence. */
  #samplesUntil(timestamp: number): number {
    const ticks = modulo(timestamp - this.#nextTimestamp, UINT32)
    return ticks < UINT32 / 2 ? Math.round(ticks / this.#clockPerSample) : 0
  }

  /** The nearest one behind the gap. */
  #follower(next: number): { readonly sequence: number; readonly held: Held } {
    let best: { sequence: number; held: Held } | null = null
    let nearest = Infinity
    for (const [sequence, held] of this.#held) {
      const ahead = modulo(sequence - next, UINT16)
      if (ahead < nearest) [nearest, best] = [ahead, { sequence, held }]
    }
    if (best === null) throw new Error('asked for what is behind a gap, and nothing is held')
    return best
  }
}

/** Where media come from and go to. */
export interface MediaAddress {
  readonly address: string
  readonly port: number
}

/** Packets that a stranger must send in a row before it is believed to be the caller behind NAT. */
const STRANGERS_RUN = 5
/** A stream that has been silent for so long may go on from another address, as when a NAT forgets its binding. */
const MOVE_AFTER_MS = 500
/** How long the address of the description has the first word. */
const FIRST_WORD_MS = 1000

const same = (a: MediaAddress, b: MediaAddress): boolean => a.address === b.address && a.port === b.port

/**
 * Decides which packets are the caller's, and where ours go («comedia», symmetric RTP, RFC 4961). Behind NAT nobody knows the caller's address until the caller
 * sends; but whoever sends a packet to an open port must not get the call (the fault called RTP bleed). So: the first packet from an address that the signalling
 * named, or came from, is believed at once; anyone else only with a run of packets of one stream while the named address stays silent; and once it has
 * been found out, another is believed only when the first has fallen silent and the stream goes on, or when a new description names it. With SRTP whoever has the key is the caller.
 */
export class Latch {
  #described: MediaAddress | null
  readonly #signalling: string
  readonly #startedMs: number
  #latched: MediaAddress | null = null
  #ssrc = 0
  #sequence = 0
  #lastMs = -Infinity
  #stranger: { readonly from: MediaAddress; readonly ssrc: number; sequence: number; run: number } | null = null

  /**
   * @param described what the description says; null when it names no address
   * @param signalling address where the call's signalling comes from
   */
  constructor(described: MediaAddress | null, signalling: string, nowMs: number) {
    this.#described = described
    this.#signalling = signalling
    this.#startedMs = nowMs
  }

  /** Where to send: where it comes from, until then what the description says. */
  get target(): MediaAddress | null {
    return this.#latched ?? this.#described
  }

  get isLatched(): boolean {
    return this.#latched !== null
  }

  /** A new description names another address: what comes from there is believed at once. */
  describe(described: MediaAddress | null): void {
    if (described !== null && this.#described !== null && same(described, this.#described)) return
    this.#described = described
    this.#latched = null
    this.#stranger = null
  }

  /**
   * @param authentic whether a key proves the packet
   * @returns whether the packet is the caller's
   */
  take(from: MediaAddress, ssrc: number, sequence: number, nowMs: number, authentic: boolean): boolean {
    const belongs = this.#latched !== null && same(this.#latched, from) ? true : this.#mayBecome(from, ssrc, sequence, nowMs, authentic)
    if (!belongs) return false
    this.#latched = from
    this.#stranger = null
    this.#ssrc = ssrc
    this.#sequence = sequence
    this.#lastMs = nowMs
    return true
  }

  #mayBecome(from: MediaAddress, ssrc: number, sequence: number, nowMs: number, authentic: boolean): boolean {
    if (authentic) return true
    const isNamed = this.#described !== null && same(this.#described, from)
    if (this.#latched === null) {
      if (isNamed || from.address === this.#described?.address || from.address === this.#signalling) return true
      return nowMs - this.#startedMs >= FIRST_WORD_MS && this.#ran(from, ssrc, sequence)
    }
    if (nowMs - this.#lastMs < MOVE_AFTER_MS) return false
    if (isNamed || from.address === this.#latched.address) return true
    const ahead = (sequence - this.#sequence) & 0xffff
    return ssrc === this.#ssrc && ahead < 3000 && this.#ran(from, ssrc, sequence)
  }

  #ran(from: MediaAddress, ssrc: number, sequence: number): boolean {
    const before = this.#stranger
    if (before === null || !same(before.from, from) || before.ssrc !== ssrc || ((sequence - before.sequence) & 0xffff) !== 1) {
      this.#stranger = { from, ssrc, sequence, run: 1 }
      return false
    }
    before.sequence = sequence
    before.run += 1
    return before.run >= STRANGERS_RUN
  }
}

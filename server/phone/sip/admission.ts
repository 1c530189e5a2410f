/** So many at once, then so many a second. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#atMs = nowMs
  }

  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1000)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

/** Who sends: a provider we register with, a peer on the list, anybody else. */
export type SenderClass = 'trunk' | 'peer' | 'stranger'

export interface AdmissionLimits {
  /** For each address of a trunk or peer. */
  readonly messagesPerSecond: number
  /** Refusals told to strangers, all together; 0: they hear nothing. */
  readonly refusalsPerSecond: number
}

/** More addresses than any province has peers; with more, the oldest bucket goes. */
const MAX_ADDRESSES = 1000
const BURST_SECONDS = 2
/** A call in progress needs a few messages; a storm under its name is cut. */
const CALL_PER_SECOND = 10
const CALL_BURST = 30
/** All that is ever read in a second, whoever sends it. */
const TOTAL_FACTOR = 3

/**
 * Says, before a message is read, whether it will be. Each address has its own measure, so that a flood from one leaves the others alone; and messages of calls
 * in progress have a measure of their own, so that a flood under a provider's address cannot keep its callers from hanging up.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #addresses = new Map<string, TokenBucket>()
  readonly #calls = new Map<string, TokenBucket>()
  readonly #total: TokenBucket
  readonly #refusals: TokenBucket | null
  droppedTotal = 0

  constructor(limits: AdmissionLimits, nowMs: number) {
    this.#limits = limits
    this.#total = new TokenBucket(limits.messagesPerSecond * TOTAL_FACTOR, limits.messagesPerSecond * TOTAL_FACTOR, nowMs)
    this.#refusals = limits.refusalsPerSecond === 0 ? null : new TokenBucket(limits.refusalsPerSecond, limits.refusalsPerSecond, nowMs)
  }

  openCall(callId: string, nowMs: number): void {
    this.#calls.set(callId, new TokenBucket(CALL_PER_SECOND, CALL_BURST, nowMs))
  }

  closeCall(callId: string): void {
    this.#calls.delete(callId)
  }

  /** @returns whether to read the message; a stranger's is read only to be refused */
  admit(bytes: Buffer, address: string, sender: SenderClass, nowMs: number): boolean {
    const admitted = sender === 'stranger' ? this.#refusals?.take(nowMs) === true : this.#admitKnown(bytes, address, nowMs)
    if (!admitted) this.droppedTotal += 1
    return admitted
  }

  #admitKnown(bytes: Buffer, address: string, nowMs: number): boolean {
    if (this.#calls.size > 0) {
      const callId = callIdOf(bytes)
      if (callId !== undefined && this.#calls.get(callId)?.take(nowMs) === true) return true
    }
    let bucket = this.#addresses.get(address)
    if (bucket === undefined) {
      if (this.#addresses.size >= MAX_ADDRESSES) this.#addresses.delete(this.#addresses.keys().next().value!)
      const { messagesPerSecond } = this.#limits
      bucket = new TokenBucket(messagesPerSecond, messagesPerSecond * BURST_SECONDS, nowMs)
      this.#addresses.set(address, bucket)
    }
    return bucket.take(nowMs) && this.#total.take(nowMs)
  }
}

const CALL_ID_WITHIN_BYTES = 2048

/** The Call-ID, found without reading the message. */
function callIdOf(bytes: Buffer): string | undefined {
  return /\r\n(?:call-id|i)[ \t]*:[ \t]*(\S{1,256})/i.exec(bytes.toString('latin1', 0, CALL_ID_WITHIN_BYTES))?.[1]
}

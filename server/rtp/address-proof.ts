import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../rooms/clock.ts'
import { parseProofDatagram, proofDatagram, TOKEN_BYTES } from './proof-datagram.ts'

/** How long a proof, or a receiver report that shows that we are heard, keeps the stream going. */
export const PROOF_VALID_MS = 60_000
/** A token is good for this long at least, and twice as long at most. */
const TOKEN_SLOT_MS = 10_000
/** Answers that may come at once, and how many more a second: a device needs two a minute. */
const ANSWER_BURST = 5
const ANSWERS_PER_SECOND = 1

/**
 * Whether the receiver at one address has shown lately that it is there and wants the stream. Until then nothing goes to the address but
 * challenges, one for each request, not larger than it, and not many: so nobody can point the stream, or an answer to it, at somebody else.
 * Tokens are kept nowhere: they follow from the address, the time and a secret of the process.
 */
export class AddressProof {
  readonly #secret: Buffer
  readonly #clock: Clock
  readonly #who: string
  #provenUntilMs: number
  #answers = ANSWER_BURST
  #answersAtMs: number
  /** Requests and proofs that were not answered: too many of them, or wrong. */
  ignored = 0

  /** @param provenUntilMs monotonic; what the process before this one knew */
  constructor(options: { readonly secret: Buffer; readonly clock: Clock; readonly address: string; readonly port: number; readonly provenUntilMs?: number }) {
    this.#secret = options.secret
    this.#clock = options.clock
    this.#who = `${options.address}|${String(options.port)}`
    this.#answersAtMs = options.clock.monotonicMs()
    this.#provenUntilMs = Math.min(options.provenUntilMs ?? -Infinity, this.#answersAtMs + PROOF_VALID_MS)
  }

  get proven(): boolean {
    return this.#clock.monotonicMs() < this.#provenUntilMs
  }

  /** Monotonic ms; −Infinity before the first proof. */
  get provenUntilMs(): number {
    return this.#provenUntilMs
  }

  /** A receiver report that names a sender report of ours came from this address. Only keeps alive, never starts. */
  heard(): void {
    if (this.proven) this.#provenUntilMs = this.#clock.monotonicMs() + PROOF_VALID_MS
  }

  /** @returns the answer to a datagram that came from this very address, or null. */
  take(datagram: Buffer): Buffer | null {
    const message = parseProofDatagram(datagram)
    if (message?.type === 'request') return this.#mayAnswer() ? proofDatagram('challenge', this.#token(this.#slot())) : null
    if (message?.type === 'proof' && this.#isToken(message.token)) {
      this.#provenUntilMs = this.#clock.monotonicMs() + PROOF_VALID_MS
      return this.#mayAnswer() ? proofDatagram('accepted', new Uint8Array(TOKEN_BYTES), PROOF_VALID_MS / 1000) : null
    }
    this.ignored += 1
    return null
  }

  #isToken(token: Buffer): boolean {
    const slot = this.#slot()
    return [slot, slot - 1].some((one) => timingSafeEqual(token, this.#token(one)))
  }

  #slot(): number {
    return Math.floor(this.#clock.monotonicMs() / TOKEN_SLOT_MS)
  }

  #token(slot: number): Buffer {
    return createHmac('sha256', this.#secret).update(`${this.#who}|${String(slot)}`).digest().subarray(0, TOKEN_BYTES)
  }

  #mayAnswer(): boolean {
    const nowMs = this.#clock.monotonicMs()
    this.#answers = Math.min(ANSWER_BURST, this.#answers + ((nowMs - this.#answersAtMs) / 1000) * ANSWERS_PER_SECOND)
    this.#answersAtMs = nowMs
    if (this.#answers < 1) {
      this.ignored += 1
      return false
    }
    this.#answers -= 1
    return true
  }
}

/** The only source of time for `rooms/`: tests move it by hand. */
export interface Clock {
  /** Monotonic time in milliseconds with fractions, from an origin shared by all processes of the machine. */
  monotonicMs(): number
  /** Wall time in milliseconds since 1970; may step. */
  wallMs(): number
  /** Calls `fire` once, no earlier than `delayMs` from now. */
  setTimer(delayMs: number, fire: () => void): TimerHandle
}

export interface TimerHandle {
  /** Idempotent. */
  cancel(): void
}

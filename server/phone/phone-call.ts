/** A call that has been answered or rings, whatever carries it. Sound is mono at 48 kHz, full scale ±1, in blocks of 20 ms. */
export interface PhoneCall {
  readonly id: string
  /** As the network gave it; never trusted. */
  readonly callerId: string
  readonly remoteAddress: string
  /** Resolves when sound flows both ways. @throws when the caller has gone or no codec is shared */
  answer(): Promise<void>
  /** Plays sound to the caller; what was playing stops. Resolves at the end with true, or false when it was stopped. */
  play(pcm: Float32Array): Promise<boolean>
  stopPlaying(): void
  /** Idempotent. */
  hangUp(): void
}

export interface PhoneCallEvents {
  /** A key, `0`–`9`, `*` or `#`, once per press (RFC 4733, or in-band where the peer has no events). */
  onDigit(key: string): void
  /** What the caller says, 20 ms at a time on the phone's own clock, gaps already filled. */
  onSound(pcm: Float32Array): void
  /** The other side is on hold (no sound is sent or expected) or back. */
  onHold(held: boolean): void
  /** Once, whoever ended it. */
  onEnd(reason: string): void
}

/** Where calls come in. */
export interface PhoneLine {
  /** For each new call; the answer says who hears of it. Null refuses it (486). */
  onCall(take: (call: PhoneCall) => PhoneCallEvents | null): void
  /** How each account and the listener are, for the screen and for alarms. */
  report(): PhoneLineReport
  close(): Promise<void>
}

export interface PhoneLineReport {
  readonly accounts: readonly { readonly uri: string; readonly state: 'registered' | 'registering' | 'refused' | 'unreachable'; readonly reason: string }[]
  readonly calls: number
  readonly refusedTotal: number
}

/**
 * What the parts of the agent ask of each other. The core (client, clock, play-out) knows only these; signatures (`trust/`),
 * the cache and the log (`alone/`), sound cards (`outputs/`) and tests stand behind them.
 *
 * Two counts of samples at 48 kHz appear everywhere:
 * - a **house place** is a place on the house clock, as in `on-air` and in the audio message: what a programme's sound is counted by;
 * - the same sound is **heard** `presentationDelayMs` later, also counted on the house clock.
 * House time is in µs since 2026-01-01T00:00:00Z and never steps; local time is monotonic, in ms with fractions. Nothing here looks at
 * a wall clock.
 */

export interface TimerHandle {
  /** Idempotent. */
  cancel(): void
}

/** The device's own monotonic clock and its timers. Its origin is arbitrary and its rate may be off by some hundred ppm. */
export interface LocalClock {
  monotonicMs(): number
  /** Calls `fire` once, no earlier than `delayMs` from now. */
  setTimer(delayMs: number, fire: () => void): TimerHandle
}

// ---------------------------------------------------------------------------------------------------------------- sound card

export interface OutputPosition {
  /** Samples given by `write` that have left the device. */
  readonly leftSamples: number
  /** Samples of silence the device put in by itself because nothing was there (underruns), since its start. */
  readonly silentSamples: number
  /** Local time at which exactly these had left, ms. */
  readonly atMs: number
}

/** A sound card or what stands for one: 48 kHz mono, full scale ±1. Volume, limiting and resampling have been done. */
export interface Output {
  /** How much is to be kept waiting in it, so that a late timer is not heard, ms. */
  readonly queueMs: number
  /** Takes all of the first `samples` samples, copying them. A fault is told by `position` becoming null. */
  write(block: Float32Array, samples: number): void
  /** The latest known position; null while the device is not running (yet, or any more). */
  position(): OutputPosition | null
  /** Ends it and whatever it started. Idempotent. */
  close(): Promise<void>
}

// ------------------------------------------------------------------------------------------------------------------ identity

/** Who this device is towards the server. */
export interface Identity {
  /** `key`: nothing is verified; `device`: enrolled. Told in every status. */
  readonly kind: 'key' | 'device'
  readonly clusterId: string
  /** Fields of `hello` beside `type`, `protocol`, `clusterId` and `format`: the key, or deviceId and instanceId. */
  hello(): Readonly<Record<string, unknown>>
  /** The signature (base64url) over a challenge; null when this identity has none to give. */
  prove(nonce: string): string | null
}

// ---------------------------------------------------------------------------------------------------------------------- gate

/** A signed envelope as it came; nothing in it has been checked but the types. */
export interface SignedMessage {
  readonly type: 'signed'
  readonly keyId: string
  readonly body: string
  readonly signature: string
}

export type CommandName = 'volume' | 'mute' | 'restart-stream' | 'identify' | 'set-offset' | 'set-frequency' | 'amplifier' | 'refresh-bundle' | 'reboot'

/** A command whose signature, target, number and time the gate has found good. */
export interface VerifiedCommand {
  readonly commandId: string
  readonly number: number
  readonly command: CommandName
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface CommandResult {
  readonly result: 'done' | 'refused' | 'failed'
  readonly reason?: string
}

export interface AckMessage extends CommandResult {
  readonly type: 'ack'
  /** The server's schema wants one in every `ack`; for envelopes without a command: `<kind>-<number>`. */
  readonly commandId: string
  readonly number?: number
}

/**
 * Decides what may be heard and obeyed. The core asks it for every frame; it is quick and never throws.
 * An agent with a plain key has `OPEN_GATE`, which lets everything through and verifies nothing.
 */
export interface Gate {
  /** False: nothing is verified here, and the stage `verified` is never claimed. */
  readonly verifies: boolean
  /**
   * Takes an envelope. A good command is given to `run`, and its result becomes the ack.
   * @param houseUs house time now; null before the first clock exchange
   * @returns what to send back, or null for nothing
   */
  take(message: SignedMessage, houseUs: number | null, run: (command: VerifiedCommand) => Promise<CommandResult>): Promise<AckMessage | null>
  /** House time is known from now on; envelopes that came before are judged now. */
  timeKnown?(houseUs: number): void
  /**
   * Whether a frame of this order may be heard.
   * @param orderId of the `on-air` message before the frame; null: no order
   * @param housePlace of the frame's first sample
   */
  maySound(orderId: string | null, housePlace: number): boolean
  /** Envelopes refused since the start, by reason. */
  readonly refusals: Readonly<Record<string, number>>
}

/** What a device with a plain key has. It obeys no envelope: there is no key to check it by. */
export const OPEN_GATE: Gate = {
  verifies: false,
  take: () => Promise.resolve(null),
  maySound: () => true,
  refusals: {},
}

// ------------------------------------------------------------------------------------------------------------------- play log

export type Playing = 'silence' | 'live' | 'cached' | 'filler'

/** A stretch that has left the device. Stretches come in order of time and never overlap; joined ones are told piece by piece, at most 1 s each. */
export interface PlayedStretch {
  readonly orderId: string | null
  readonly playing: Playing
  /** House places, first included, last not. */
  readonly fromSamples: number
  readonly untilSamples: number
  /** `played`: the samples have left. `heard` is only ever told by a hook. */
  readonly stage: 'played'
  /** House time at which the first of them was heard, µs, by the device's clock. */
  readonly heardAtHouseUs: number
  /** False: it left muted (volume 0 or mute). */
  readonly audible: boolean
}

/** Told of what has left, never before it has. Silence without an order is not told. */
export interface PlayLog {
  played(stretch: PlayedStretch): void
}

// --------------------------------------------------------------------------------------------------------------------- alone

export interface OnAir {
  readonly orderId: string | null
  readonly class?: string
  readonly title?: string
  readonly fromSamples?: number
  readonly untilSamples?: number | null
}

export interface AloneSound {
  readonly playing: 'silence' | 'cached' | 'filler'
  readonly orderId: string | null
  /** An emergency pierces mute and volume, from the cache too. */
  readonly emergency?: boolean
}

/** What is played when the network brings nothing. */
export interface AloneSource {
  /**
   * Writes mono PCM (48 kHz, ±1) for the house places from `housePlace` on, the whole of `block`; silence must be written too.
   * Called for consecutive blocks of up to 960 samples, about `queueMs` before they are heard; places may jump when the clock was corrected.
   * Live sound that comes back is crossfaded by the caller.
   * @param missingMs how long there has been no live sound
   */
  read(block: Float32Array, housePlace: number, missingMs: number): AloneSound
  /** What the server said is on air now; null when the connection ended. */
  onAir(onAir: OnAir | null): void
  /** The connection came or went. */
  connected(isConnected: boolean): void
  /** At which part of its volume it sounds at a house place by the hours of its unit, 0 to 100, live or alone; left out: always at 100. */
  volumePercentAt?(housePlace: number): number
  /** A text message of a type the core does not know, e.g. of the play log; true when it was taken. */
  message?(message: Readonly<Record<string, unknown>>): boolean
}

// --------------------------------------------------------------------------------------------------------------------- hooks

/** What the board's own sensors say; only what is known is there. */
export interface Readings {
  readonly power?: string
  readonly temperatureC?: number
  readonly signalDbm?: number
  readonly amplifier?: boolean
  /** True: something after the loudspeaker's terminals (line current, a microphone) says that sound is there. */
  readonly heard?: boolean
  /** Local time from which on `heard` was measured, ms: what sounded before may be what was heard. Left out: now. */
  readonly heardFromMs?: number
}

export type HookCommand = 'set-frequency' | 'amplifier' | 'reboot'

/** Executables from the agent's own configuration; nothing that comes over the network can name one. */
export interface Hooks {
  run(command: HookCommand, argument: Readonly<Record<string, unknown>>): Promise<CommandResult>
  readings(): Readings
}

export const NO_HOOKS: Hooks = {
  run: (command) => Promise.resolve({ result: 'refused', reason: `no hook is configured for ${command}` }),
  readings: () => ({}),
}

// ---------------------------------------------------------------------------------------------------------------------- link

/** One connection to the server, not yet known to be open. */
export interface Link {
  sendText(text: string): void
  /** Orderly, with a close frame. `closed` follows. */
  close(code: number, reason: string): void
  /** At once. `closed` follows. */
  destroy(): void
}

export interface LinkEvents {
  open(): void
  text(text: string): void
  /** The bytes may be kept. */
  binary(bytes: Buffer): void
  /** Last event, exactly once, also when it never opened. 1006: without a close frame. */
  closed(code: number, reason: string): void
}

/** Opens a connection; tests and fleets put their own links here. */
export type Connect = (events: LinkEvents) => Link

/** Everything this folder needs from outside: implemented in server/, replaced by small honest fakes in tests. */
export * from './records.ts'
export type { Grant, Role } from './rights.ts'
export * from './people-port.ts'
export * from './store-port.ts'
export * from './play-log-port.ts'
export * from './log-port.ts'
export * from './broadcast-port.ts'
export * from './trust-port.ts'
export * from './rtp-port.ts'
export * from './unit-change-port.ts'
export * from './schedule/schedule-port.ts'
export * from './policy/policy-port.ts'
export * from './alerts/alert-port.ts'
export * from './alerts/speech-port.ts'
export * from './monitoring/measurement-port.ts'
export * from './monitoring/monitoring-port.ts'
export * from './proof/proof-port.ts'
export * from './photo-port.ts'
export * from './alarms/alarm-port.ts'
export * from './alarms/notification-port.ts'
export * from './alarms/ticket-port.ts'
export * from './alarms/health-port.ts'
export * from './maintenance-port.ts'
export * from './cap/cap-port.ts'
export * from './recordings/recording-port.ts'
export * from './ingest-port.ts'
export * from './phone/phone-port.ts'

/** Wall time and timers, so that tests can move them. */
export interface ControlClock {
  wallMs(): number
  setTimer(delayMs: number, fire: () => void): { cancel(): void }
}

/** A clip ready for the air. */
export interface PreparedClip {
  /** Hash of the content and of the loudness it was brought to. */
  readonly clipId: string
  /** The mezzanine: mono 48 kHz 16-bit WAV, absolute path. */
  readonly path: string
  readonly durationMs: number
  /** At 48 kHz. */
  readonly durationSamples: number
  /** Integrated loudness before it was normalised; -Infinity for silence. */
  readonly loudnessLufs: number
  readonly sizeBytes: number
}

/** Probes a sound file and converts it once. Errors carry a `code`: see CLIP_PROBLEMS in error-handler.ts. */
export interface ClipPreparer {
  /** Leaves the file at `inputPath` where it is. */
  prepare(inputPath: string, onProgress?: (fraction: number) => void): Promise<PreparedClip>
}

/** What can be done with mezzanines. */
export interface ClipFolder extends ClipPreparer {
  /** How a mezzanine looks and sounds; worked out once. */
  shape(path: string): Promise<ClipShape>
  /** Writes a part of a mezzanine as a sound file of its own, which `prepare` takes. Samples at 48 kHz. */
  cut(path: string, fromSamples: number, untilSamples: number, outputPath: string): Promise<void>
  /** Makes, once, a copy of a mezzanine in Ogg Opus for who listens over a slow line. @returns its path */
  listeningCopy(path: string): Promise<string>
  /** The same before somebody asks; what goes wrong is told to who does. */
  beginListeningCopy(path: string): void
  /** Removes a mezzanine and what was worked out of it. */
  remove(path: string): Promise<void>
}

/** Of a clip as it goes out. */
export interface ClipShape {
  /** Largest sample, 0 to 1, of each of as many equal parts; at most 2000. */
  readonly peaks: readonly number[]
  /** null for silence and for what is too short to be measured. */
  readonly integratedLufs: number | null
  readonly truePeakDbtp: number | null
}

/** Whether a host written in a URL is, by its letters alone, not on the public internet. Names are resolved later, by whoever connects. */
export interface AddressPolicy {
  isPrivateHost(host: string): boolean
}

/** The settings this folder reads; meanings and bounds as in the server's configuration. */
export interface ControlConfig {
  readonly dataDir: string
  readonly maxClipBytes: number
  readonly minFreeDiskBytes: number
  readonly allowPrivateSources: boolean
  readonly allowPrivateWebhooks: boolean
  readonly clipResumeSlackMs: number
  readonly maxOrderMs: number
  readonly attentionToneMs: number
  /** A native client that plays this far from its moment is out of step. */
  readonly syncBoundMs: number
  /** Comma-separated. */
  readonly corsOrigins: string
  /** What lies under maps: URL with {z}, {x} and {y}; empty: outlines only. */
  readonly mapTiles: string
  readonly mapTilesCredit: string
  /** That encoders push to by RTMP; 0: RTMP is off. */
  readonly rtmpPort: number
  /** Where no unit says otherwise; 0: for ever. */
  readonly recordingKeepDays: number
  /** 0: no quota. */
  readonly recordingQuotaBytes: number
  /** Addresses and networks of reverse proxies, comma-separated: what they say of the caller is believed. */
  readonly trustedProxies: string
  readonly sessionMs: number
  /** With which anybody may log in on a server to practise on; empty: it is none. */
  readonly practicePassword: string
  /** Of a server to practise on; empty: none. */
  readonly practiceUrl: string
  /** Of one token or user; 0: no limit. */
  readonly apiReadsPerSecond: number
  readonly apiCommandsPerSecond: number
}

import type { ClockQuality } from './clock/clock-filter.ts'
import type { Playing, Readings } from './ports.ts'
import type { Stage } from './stage.ts'

export interface StatusParts {
  readonly stage: Stage
  readonly orderId: string | null
  readonly playing: Playing
  readonly syncErrorUs: number | null
  readonly clock: ClockQuality | null
  /** How far ahead the device's own wall clock is; null: not known. */
  readonly wallErrorMs: number | null
  readonly cardPpm: number | null
  readonly correctionPpm: number
  readonly bufferMs: number
  readonly targetMs: number | null
  readonly lateFrames: number
  readonly lostFrames: number
  readonly concealedFrames: number
  readonly unverifiedFrames: number
  readonly hardCorrections: number
  readonly underrunSamples: number
  readonly volumePercent: number
  readonly hoursPercent: number
  readonly muted: boolean
  readonly readings: Readings
  readonly storage: object | null
  readonly version: string | null
  readonly identity: 'key' | 'device'
  readonly refusals: Readonly<Record<string, number>>
}

/** The `status` message; fields in server/protocol.md. What is not known is left out. */
export interface Status extends Readonly<Record<string, unknown>> {
  readonly type: 'status'
  readonly stage: Stage
  readonly playing: Playing
  readonly volumePercent: number
  readonly hoursPercent: number
  readonly muted: boolean
  readonly orderId?: string
  readonly syncErrorUs?: number
  readonly clock?: Readonly<Record<string, number>>
  readonly cardPpm?: number
  readonly correctionPpm?: number
  readonly bufferMs?: number
  readonly targetMs?: number
  readonly lateFrames: number
  readonly lostFrames: number
  readonly concealedFrames: number
  readonly unverifiedFrames: number
}

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

export function makeStatus(parts: StatusParts): Status {
  const { orderId, syncErrorUs, clock, wallErrorMs, cardPpm, targetMs, version, readings, refusals } = parts
  return {
    type: 'status',
    stage: parts.stage,
    ...(orderId === null ? {} : { orderId }),
    playing: parts.playing,
    ...(syncErrorUs === null ? {} : { syncErrorUs: Math.round(syncErrorUs) }),
    ...(clock === null ? {} : { clock: { offsetErrorUs: Math.round(clock.offsetErrorUs), driftPpm: rounded(clock.driftPpm, 2), roundTripUs: Math.round(clock.roundTripUs), asymmetryUs: Math.round(clock.asymmetryUs), ...(wallErrorMs === null ? {} : { wallErrorMs: Math.round(wallErrorMs) }) } }),
    ...(cardPpm === null ? {} : { cardPpm: rounded(cardPpm, 2) }),
    correctionPpm: rounded(parts.correctionPpm, 2),
    bufferMs: rounded(parts.bufferMs, 1),
    ...(targetMs === null ? {} : { targetMs }),
    lateFrames: parts.lateFrames,
    lostFrames: parts.lostFrames,
    concealedFrames: parts.concealedFrames,
    unverifiedFrames: parts.unverifiedFrames,
    hardCorrections: parts.hardCorrections,
    underrunSamples: parts.underrunSamples,
    volumePercent: parts.volumePercent,
    hoursPercent: parts.hoursPercent,
    muted: parts.muted,
    // `heard` is a stage, not a reading of its own; undefined is left out of the message.
    ...readings,
    heard: undefined,
    heardFromMs: undefined,
    ...(parts.storage === null ? {} : { storage: parts.storage }),
    ...(version === null ? {} : { version }),
    identity: parts.identity,
    ...(Object.keys(refusals).length > 0 ? { refusals } : {}),
  }
}

/** Whether nothing has changed that somebody would want to know before the next status is due. */
export function isSameToEverybody(a: Status, b: Status): boolean {
  return a.stage === b.stage && a.orderId === b.orderId && a.playing === b.playing && a.volumePercent === b.volumePercent && a.hoursPercent === b.hoursPercent && a.muted === b.muted
    && a['amplifier'] === b['amplifier'] && a['power'] === b['power'] && a.unverifiedFrames > 0 === b.unverifiedFrames > 0 && storageFault(a) === storageFault(b)
}

const storageFault = (status: Status): unknown => (status['storage'] as { readonly fault?: unknown } | undefined)?.fault

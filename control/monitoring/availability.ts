import type { ClusterReport } from './state-board.ts'
import type { StateRow } from './monitoring-port.ts'
import { unpackNumbers } from './packing.ts'

/**
 * What the time of a cluster is divided into, without gap or overlap, from when it came to be until it is removed. `unknown` holds what this server
 * did not see: it was down, had just started, or its clock stood still or jumped. The names are kept in the store by their places: add at the end.
 */
export const BUCKETS = ['idle', 'playing', 'outOfStep', 'silent', 'muted', 'mutedOnAir', 'lost', 'lostOnAir', 'unknown', 'neverSeen', 'outOfUse'] as const
export type Bucket = (typeof BUCKETS)[number]

/** Of a cluster that is no more. */
export const GONE = -1

export const UNKNOWN = BUCKETS.indexOf('unknown')

/** @returns its place in BUCKETS; GONE for one that is no more */
export function bucketOf(report: Pick<ClusterReport, 'state' | 'isOnAir'> | null): number {
  return report === null ? GONE : BUCKETS.indexOf(nameOf(report))
}

function nameOf({ state, isOnAir }: Pick<ClusterReport, 'state' | 'isOnAir'>): Bucket {
  switch (state) {
    case 'lost':
      return isOnAir ? 'lostOnAir' : 'lost'
    case 'muted':
      return isOnAir ? 'mutedOnAir' : 'muted'
    case 'out-of-step':
      return 'outOfStep'
    case 'never-seen':
      return 'neverSeen'
    case 'out-of-use':
      return 'outOfUse'
    default:
      return state
  }
}

/** Ms in each bucket, by its place. */
export type Amounts = Float64Array

export const noAmounts = (): Amounts => new Float64Array(BUCKETS.length)

/**
 * How long each cluster was in each bucket between two moments, by what the log says and nothing else. Pure.
 * @param rows in order of time; the first of them say where everybody stood at `fromMs`
 */
export function totalsOf(rows: Iterable<StateRow>, fromMs: number, untilMs: number): Map<number, Amounts> {
  const totals = new Map<number, Amounts>()
  const now = new Map<number, { bucket: number; sinceMs: number }>()
  const settle = (number: number, bucket: number, ms: number): void => {
    if (bucket === GONE || ms <= 0) return
    let amounts = totals.get(number)
    if (amounts === undefined) totals.set(number, amounts = noAmounts())
    amounts[bucket]! += ms
  }
  for (const { atMs, bucket, clusters } of rows) {
    const sinceMs = Math.min(Math.max(atMs, fromMs), untilMs)
    for (const number of unpackNumbers(clusters)) {
      const before = now.get(number)
      if (before === undefined) now.set(number, { bucket, sinceMs })
      else {
        settle(number, before.bucket, sinceMs - before.sinceMs)
        before.bucket = bucket
        before.sinceMs = sinceMs
      }
    }
  }
  for (const [number, { bucket, sinceMs }] of now) settle(number, bucket, untilMs - sinceMs)
  return totals
}

/** What is made of the buckets; ms, and shares from 0 to 1. */
export interface AvailabilityFigures {
  readonly onlineMs: number
  readonly lostMs: number
  readonly unknownMs: number
  readonly neverSeenMs: number
  readonly outOfUseMs: number
  /** Something was to sound, and it is known what became of it. */
  readonly onAirMs: number
  /** Of that: it sounded, in step or not. */
  readonly soundedMs: number
  readonly outOfStepMs: number
  /** Of that: connected, but no sound left it. */
  readonly silentMs: number
  readonly mutedOnAirMs: number
  readonly lostOnAirMs: number
  /** online / (online + lost): what is unknown counts neither way; null: nothing is known. */
  readonly availability: number | null
  /** sounded / onAir; null: nothing was to sound. */
  readonly soundedShare: number | null
}

export function figuresOf(amounts: ArrayLike<number>): AvailabilityFigures {
  const ms = (bucket: Bucket): number => amounts[BUCKETS.indexOf(bucket)]!
  const onlineMs = ms('idle') + ms('playing') + ms('outOfStep') + ms('silent') + ms('muted') + ms('mutedOnAir')
  const lostMs = ms('lost') + ms('lostOnAir')
  const soundedMs = ms('playing') + ms('outOfStep')
  const onAirMs = soundedMs + ms('silent') + ms('mutedOnAir') + ms('lostOnAir')
  return {
    onlineMs, lostMs, unknownMs: ms('unknown'), neverSeenMs: ms('neverSeen'), outOfUseMs: ms('outOfUse'),
    onAirMs, soundedMs, outOfStepMs: ms('outOfStep'), silentMs: ms('silent'), mutedOnAirMs: ms('mutedOnAir'), lostOnAirMs: ms('lostOnAir'),
    availability: shareOf(onlineMs, onlineMs + lostMs), soundedShare: shareOf(soundedMs, onAirMs),
  }
}

/** Eight digits: a second of a year still shows. */
const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : Math.round((part / whole) * 1e8) / 1e8)

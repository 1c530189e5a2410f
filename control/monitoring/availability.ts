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

/** How long each cluster has been in each bucket since a moment, by the rows of the log one after the other and nothing else. */
export class Ledger {
  readonly #fromMs: number
  readonly #settled = new Map<number, Amounts>()
  readonly #now = new Map<number, { bucket: number; sinceMs: number }>()

  constructor(fromMs: number) {
    this.#fromMs = fromMs
  }

  copy(): Ledger {
    const copy = new Ledger(this.#fromMs)
    for (const [number, amounts] of this.#settled) copy.#settled.set(number, amounts.slice())
    for (const [number, stand] of this.#now) copy.#now.set(number, { ...stand })
    return copy
  }

  /** @param row not before those that were taken; the first ones say where everybody stood in the beginning */
  take({ atMs, bucket, clusters }: StateRow): void {
    const sinceMs = Math.max(atMs, this.#fromMs)
    for (const number of unpackNumbers(clusters)) {
      const before = this.#now.get(number)
      if (before === undefined) this.#now.set(number, { bucket, sinceMs })
      else {
        settle(this.#settled, number, before.bucket, sinceMs - before.sinceMs)
        before.bucket = bucket
        before.sinceMs = sinceMs
      }
    }
  }

  /** Up to a moment that is not before the last row. */
  totals(untilMs: number): Map<number, Amounts> {
    const totals = new Map<number, Amounts>()
    for (const [number, amounts] of this.#settled) totals.set(number, amounts.slice())
    for (const [number, { bucket, sinceMs }] of this.#now) settle(totals, number, bucket, untilMs - sinceMs)
    return totals
  }
}

function settle(totals: Map<number, Amounts>, number: number, bucket: number, ms: number): void {
  if (bucket === GONE || ms <= 0) return
  let amounts = totals.get(number)
  if (amounts === undefined) totals.set(number, amounts = noAmounts())
  amounts[bucket]! += ms
}

/**
 * The same of rows that lie between two moments. Pure.
 * @param rows in order of time
 */
export function totalsOf(rows: Iterable<StateRow>, fromMs: number, untilMs: number): Map<number, Amounts> {
  const ledger = new Ledger(fromMs)
  for (const row of rows) ledger.take(row)
  return ledger.totals(untilMs)
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

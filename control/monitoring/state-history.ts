import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from '../ports.ts'
import { BUCKETS, GONE, type Bucket } from './availability.ts'
import type { AvailabilityDesk } from './availability-desk.ts'
import type { WorkingState } from './cluster-state.ts'
import type { StateRow } from './monitoring-port.ts'
import { isPacked } from './packing.ts'

/** Read in one go, however many come in one minute. */
const ROWS_AT_ONCE = 250

/** A cluster was in one state all that time. */
export interface StateSpan {
  readonly state: WorkingState
  /** Whether something was to sound. */
  readonly isOnAir: boolean
  readonly fromMs: number
  readonly untilMs: number
}

const STATES: Readonly<Record<Bucket, Pick<StateSpan, 'state' | 'isOnAir'>>> = {
  idle: { state: 'idle', isOnAir: false },
  playing: { state: 'playing', isOnAir: true },
  outOfStep: { state: 'out-of-step', isOnAir: true },
  silent: { state: 'silent', isOnAir: true },
  muted: { state: 'muted', isOnAir: false },
  mutedOnAir: { state: 'muted', isOnAir: true },
  lost: { state: 'lost', isOnAir: false },
  lostOnAir: { state: 'lost', isOnAir: true },
  unknown: { state: 'unknown', isOnAir: false },
  neverSeen: { state: 'never-seen', isOnAir: false },
  outOfUse: { state: 'out-of-use', isOnAir: false },
}

/**
 * In which states one cluster was between two moments, by what the log says and nothing else; where it says nothing there is a hole. Pure.
 * @param number of the cluster in the log
 * @param rows in order of time, from the midnight before `fromMs` on
 */
export function spansOf(rows: Iterable<StateRow>, number: number, fromMs: number, untilMs: number): StateSpan[] {
  const spans: StateSpan[] = []
  let bucket = GONE
  let sinceMs = fromMs
  const settle = (atMs: number): void => {
    const name = BUCKETS[bucket]
    if (name !== undefined && atMs > sinceMs) spans.push({ ...STATES[name], fromMs: sinceMs, untilMs: atMs })
  }
  for (const row of rows) {
    // Midnight says again where everybody stands.
    if (row.bucket === bucket || !isPacked(row.clusters, number)) continue
    const atMs = Math.min(Math.max(row.atMs, fromMs), untilMs)
    settle(atMs)
    bucket = row.bucket
    sinceMs = atMs
  }
  settle(untilMs)
  return spans
}

/**
 * The same out of the store, a few rows at a time; others are served in between.
 * @param fromMs, untilMs of what is asked for; nothing is known after the last beat of the desk
 */
export async function stateHistory({ monitoring }: Pick<Store, 'monitoring'>, desk: Pick<AvailabilityDesk, 'dayOf' | 'knownMs'>, number: number, fromMs: number, untilMs: number): Promise<readonly StateSpan[]> {
  const endMs = Math.min(untilMs, desk.knownMs)
  const rows: StateRow[] = []
  let last = { atMs: desk.dayOf(fromMs).fromMs, seq: 0 }
  for (let read = ROWS_AT_ONCE; read === ROWS_AT_ONCE; await nextTurn()) {
    const slice = monitoring.rowsAfter(last, endMs, ROWS_AT_ONCE)
    for (const row of slice) if (isPacked(row.clusters, number)) rows.push(row)
    read = slice.length
    last = slice.at(-1) ?? last
  }
  return endMs > fromMs ? spansOf(rows, number, fromMs, endMs) : []
}

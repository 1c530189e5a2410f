import type { Schemas } from '../../../../control/client/index.ts'
import type { WorkingState } from './cluster-filter.ts'

export type History = Schemas['StateHistory']
export type StripLook = 'good' | 'air' | 'warn' | 'lost' | 'off'

export const STRIP_LOOKS: Readonly<Record<WorkingState, StripLook>> = { 'idle': 'good', 'playing': 'air', 'out-of-step': 'warn', 'silent': 'warn', 'muted': 'warn', 'lost': 'lost', 'unknown': 'off', 'never-seen': 'off', 'out-of-use': 'off' }

export interface Segment {
  readonly state: WorkingState
  readonly look: StripLook
  /** From the left, 0–1 of the whole. */
  readonly at: number
  readonly width: number
  readonly from: string
  readonly to: string
}

/** Too short to be seen otherwise: a loss of a few seconds is why one looks here. */
const LEAST_WIDTH = 0.0025

/** @param fromMs, untilMs what the strip stands for */
export function segmentsOf({ items }: Pick<History, 'items'>, fromMs: number, untilMs: number): Segment[] {
  const wholeMs = untilMs - fromMs
  return items.flatMap(({ state, from, to }) => {
    const [startMs, endMs] = [Math.max(Date.parse(from), fromMs), Math.min(Date.parse(to), untilMs)]
    if (endMs <= startMs) return []
    return [{ state, look: STRIP_LOOKS[state], at: (startMs - fromMs) / wholeMs, width: Math.max((endMs - startMs) / wholeMs, LEAST_WIDTH), from, to }]
  })
}

export interface Share {
  readonly state: WorkingState
  readonly ms: number
  /** How often it began. */
  readonly times: number
}

/** How long in each state, the longest first. */
export function sharesOf({ items }: Pick<History, 'items'>): Share[] {
  const shares = new Map<WorkingState, { ms: number; times: number }>()
  let last: WorkingState | null = null
  for (const { state, from, to } of items) {
    const share = shares.get(state) ?? { ms: 0, times: 0 }
    share.ms += Date.parse(to) - Date.parse(from)
    if (state !== last) share.times++
    shares.set(state, share)
    last = state
  }
  return [...shares].map(([state, share]) => ({ state, ...share })).sort((a, b) => b.ms - a.ms)
}

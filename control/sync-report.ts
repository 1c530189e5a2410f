import type { SpeakerInfo } from './ports.ts'

/** Error of play-out, without its sign, over some clusters; ms. */
export interface StepSpread {
  readonly clusters: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface SyncReport {
  /** Of all clusters that tell their error. */
  readonly all: StepSpread | null
  readonly byUnit: readonly ({ readonly unitId: string } & StepSpread)[]
  /** By the order they play, which is what neighbours have in common. */
  readonly byOrder: readonly ({ readonly orderId: string } & StepSpread)[]
  /** Signed: late is above 0. */
  readonly worst: readonly { readonly clusterId: string; readonly errorMs: number; readonly clockErrorMs: number | null }[]
  /** Unsigned errors; `belowMs` null is the last, open class. */
  readonly histogram: readonly { readonly belowMs: number | null; readonly clusters: number }[]
}

/** A status is sent every 10 s; one that is older than two of them says nothing about now. */
const FRESH_MS = 20_000
const WORST = 10
const CLASSES_MS = [0.5, 1, 2, 5, 10, 20, 30, 50, 100] as const

/**
 * How well clusters play in step, by what they say themselves. Pure.
 * @param unitOf undefined: the cluster is no longer known and is left out
 */
export function syncReport(speakers: readonly SpeakerInfo[], unitOf: (clusterId: string) => string | undefined, nowMs: number): SyncReport {
  const errors = speakers.flatMap(({ clusterId, atMs, syncErrorUs, clockErrorUs, orderId }) => {
    const unitId = unitOf(clusterId)
    if (syncErrorUs === null || unitId === undefined || nowMs - atMs > FRESH_MS) return []
    return [{ clusterId, unitId, orderId, errorMs: syncErrorUs / 1000, clockErrorMs: clockErrorUs === null ? null : clockErrorUs / 1000 }]
  })
  const counts = [...CLASSES_MS, Infinity].map((belowMs, index) => {
    const fromMs = index === 0 ? 0 : CLASSES_MS[index - 1]!
    return { belowMs: belowMs === Infinity ? null : belowMs, clusters: errors.filter(({ errorMs }) => Math.abs(errorMs) >= fromMs && Math.abs(errorMs) < belowMs).length }
  })
  return {
    all: spreadOf(errors),
    byUnit: [...Map.groupBy(errors, ({ unitId }) => unitId)].map(([unitId, group]) => ({ unitId, ...spreadOf(group)! })),
    byOrder: [...Map.groupBy(errors.filter(({ orderId }) => orderId !== null), ({ orderId }) => orderId!)].map(([orderId, group]) => ({ orderId, ...spreadOf(group)! })),
    worst: errors.toSorted((a, b) => Math.abs(b.errorMs) - Math.abs(a.errorMs)).slice(0, WORST).map(({ clusterId, errorMs, clockErrorMs }) => ({ clusterId, errorMs, clockErrorMs })),
    histogram: counts,
  }
}

function spreadOf(errors: readonly { readonly errorMs: number }[]): StepSpread | null {
  if (errors.length === 0) return null
  const sorted = errors.map(({ errorMs }) => Math.abs(errorMs)).sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
  return { clusters: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: sorted.at(-1)! }
}

import { RATE, type Answers } from './cannon.ts'
import { cumulative, cumulativeOf, faults, plain } from './fleet.ts'
import type { SinkReport } from './sink.ts'
import type { Outcome } from './scenario.ts'
import { percentile, round } from './statistics.ts'

/** What the p99 of frame lateness may differ by, ms. */
const LATENESS_BOUND_MS = 2

/**
 * What requests to the API took, and what they did to frames.
 * @param quiet frames without those requests, as `quietWords` say
 * @param detail what else is kept of the run
 */
export function apiOutcome({ quiet, quietWords, loaded, answers, seconds, boundMs, detail }: {
  readonly quiet: SinkReport
  readonly quietWords: string
  readonly loaded: SinkReport
  readonly answers: Answers
  readonly seconds: number
  readonly boundMs: number
  readonly detail: Readonly<Record<string, unknown>>
}): Outcome {
  const { latenciesMs, notOk, failed } = answers
  const problems = faults(loaded, ['http', 'reference'])
  if (notOk > 0 || failed > 0) problems.push(`${String(notOk)} answers were not 2xx, ${String(failed)} requests failed`)
  const asked = RATE * seconds
  if (latenciesMs.length < asked * 0.95) problems.push(`only ${String(latenciesMs.length)} of ${String(asked)} requests were made`)
  const [p99Without, p99With] = [quiet.groups['http']?.lateness?.p99 ?? NaN, loaded.groups['http']?.lateness?.p99 ?? NaN]
  if (!(p99With - p99Without <= LATENESS_BOUND_MS)) problems.push(`frame lateness p99 went from ${String(p99Without)} to ${String(p99With)} ms (${String(LATENESS_BOUND_MS)} more allowed)`)
  const [p50, p99, max] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99), percentile(latenciesMs, 1)]
  return {
    value: p99,
    problems,
    beside: `p50 ${String(round(p50))}, max ${String(round(max))} ms; frame lateness p99 ${String(round(p99Without))} → ${String(round(p99With))} ms`,
    detail: { requests: latenciesMs.length, requestsPerSecond: round(latenciesMs.length / seconds), latencyMs: { p50: round(p50), p99: round(p99), max: round(max) }, ...detail, latenessWithout: plain(quiet.groups['http']), latenessWith: plain(loaded.groups['http']), pinned: 'nothing' },
    plots: [
      { title: 'Answer times of the API', kind: 'line', xLabel: 'ms', yLabel: '% of requests', series: [{ name: 'API', points: cumulativeOf(latenciesMs) }], bound: { axis: 'x', at: boundMs } },
      { title: 'Lateness of flushes at the sink', kind: 'line', xLabel: 'ms', yLabel: '% of flushes', series: [{ name: quietWords, points: cumulative(quiet.groups['http']?.lateness ?? null) }, { name: 'with requests', points: cumulative(loaded.groups['http']?.lateness ?? null) }] },
    ],
  }
}

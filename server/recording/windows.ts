import type { SampleSpan } from '../link/recorder-messages.ts'

/** The same time as spans in order that neither overlap nor touch; empty ones are left out. */
export function joined(spans: readonly SampleSpan[]): SampleSpan[] {
  const result: { fromSamples: number; untilSamples: number }[] = []
  for (const span of [...spans].sort((a, b) => a.fromSamples - b.fromSamples)) {
    if (span.untilSamples <= span.fromSamples) continue
    const last = result.at(-1)
    if (last !== undefined && span.fromSamples <= last.untilSamples) last.untilSamples = Math.max(last.untilSamples, span.untilSamples)
    else result.push({ ...span })
  }
  return result
}

/** What was `before` up to a house sample and is `after` from it on. */
export function replannedWindows(before: readonly SampleSpan[], after: readonly SampleSpan[], atSamples: number): SampleSpan[] {
  return joined([
    ...before.map(({ fromSamples, untilSamples }) => ({ fromSamples, untilSamples: Math.min(untilSamples, atSamples) })),
    ...after.map(({ fromSamples, untilSamples }) => ({ fromSamples: Math.max(fromSamples, atSamples), untilSamples })),
  ])
}

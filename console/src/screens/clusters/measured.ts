import type { Schemas } from '../../../../control/client/index.ts'

export type Measurements = Schemas['Measurements']
export type Measurement = Measurements['items'][number]
export type Measure = 'signalDbm' | 'syncErrorMs' | 'volumePercent' | 'playedPercent' | 'temperatureC'
export type Figures = NonNullable<Measurement[Measure]>

/** One axis of time for several charts: every step has its place, and without a report it is empty. */
export interface Columns {
  /** Beginnings of steps, s since 1970. */
  readonly xs: readonly number[]
  readonly steps: readonly (Measurement | null)[]
}

/** What was read first, with what has been read of its end since. */
export function withTail(whole: readonly Measurement[], tail: readonly Measurement[] | undefined): readonly Measurement[] {
  const first = tail?.[0]
  return tail === undefined || first === undefined ? whole : [...whole.filter(({ at }) => Date.parse(at) < Date.parse(first.at)), ...tail]
}

export function columnsOf(items: readonly Measurement[], stepMs: number, fromMs: number, untilMs: number): Columns {
  const byTime = new Map(items.map((item) => [Date.parse(item.at), item]))
  // Steps are counted from a midnight of the house, which need not be a whole number of them since 1970.
  const phaseMs = items[0] === undefined ? 0 : Date.parse(items[0].at) % stepMs
  const xs: number[] = []
  const steps: (Measurement | null)[] = []
  for (let atMs = Math.ceil((fromMs - phaseMs) / stepMs) * stepMs + phaseMs; atMs < untilMs; atMs += stepMs) {
    xs.push(atMs / 1000)
    steps.push(byTime.get(atMs) ?? null)
  }
  return { xs, steps }
}

/** Null where nothing was said: a line ends there. */
export const lineOf = ({ steps }: Columns, measure: Measure, figure: keyof Figures): (number | null)[] => steps.map((step) => step?.[measure]?.[figure] ?? null)

export const isSaid = ({ steps }: Columns, measure: Measure): boolean => steps.some((step) => step !== null && step[measure] !== null)

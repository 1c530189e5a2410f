/** How far apart the points of a chart are, so that their texts say no more than they know. */
export type ChartStep = 'time' | 'day' | 'month' | 'year'

const DAY_S = 86_400

/** The smallest distance between two neighbours, s; of a single point a day. */
export function stepOf(xs: readonly number[]): number {
  const gaps = xs.slice(1).map((x, index) => x - xs[index]!).filter((gap) => gap > 0)
  return gaps.length === 0 ? DAY_S : Math.min(...gaps)
}

export function stepName(xs: readonly number[]): ChartStep {
  const stepS = stepOf(xs)
  return stepS >= 360 * DAY_S ? 'year' : stepS >= 27 * DAY_S ? 'month' : stepS >= 20 * 3600 ? 'day' : 'time'
}

/** Where the bars of one of several series that stand side by side begin, and how wide they are; together they take four fifths of a step. */
export function barsOf(xs: readonly number[], index: number, count: number): { readonly starts: readonly number[]; readonly width: number } {
  const groupS = stepOf(xs) * 0.8
  const width = groupS / count
  return { starts: xs.map((x) => x - groupS / 2 + index * width), width }
}

/** Points at which a text stands, evenly, at most so many. */
export function ticksOf(xs: readonly number[], most: number): readonly number[] {
  const every = Math.max(1, Math.ceil(xs.length / Math.max(1, most)))
  return xs.filter((_, index) => index % every === 0)
}

/** Where a value stands between two that are not known. */
export function lonePoints(values: readonly (number | null)[]): readonly number[] {
  return values.flatMap((value, index) => (value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? [index] : []))
}

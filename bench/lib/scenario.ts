import type { NativePrograms } from './sink.ts'

/** A curve or a set of points, drawn in the report. */
export interface Plot {
  readonly title: string
  readonly kind: 'line' | 'bars'
  readonly xLabel: string
  readonly yLabel: string
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number | string, number])[] }[]
  /** A line to stay under (or left of). */
  readonly bound?: { readonly axis: 'x' | 'y'; readonly at: number } | undefined
  readonly logX?: boolean
}

export interface Outcome {
  readonly value: number
  /** Anything that is wrong beyond the value: a lost frame, a listener that never came in. Makes it a miss. */
  readonly problems: readonly string[]
  /** The floor's or Icecast's figure, in words. */
  readonly beside: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly plots: readonly Plot[]
}

export interface Scenario {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly bound: number
  /** Is smaller or greater better? */
  readonly better: 'less' | 'more'
  run(bench: Bench): Promise<Outcome>
}

export interface Bench {
  readonly quick: boolean
  /** Everything made during the run lies here. */
  readonly folder: string
  readonly programs: NativePrograms
  /** The sound that is played. */
  readonly noise: string
  /** Whether Icecast stands beside. */
  readonly icecast: boolean
  /** Replaces the progress line. */
  say(text: string): void
}

export interface Result {
  readonly id: string
  readonly title: string
  readonly value: number | null
  readonly bound: number
  readonly better: 'less' | 'more'
  readonly pass: boolean
  readonly unit: string
  readonly beside: string
  readonly problems: readonly string[]
  readonly detail: Readonly<Record<string, unknown>>
  readonly plots: readonly Plot[]
  /** Share of the machine that others used meanwhile, percent of all cores. */
  readonly othersPercent: number
  readonly tookSeconds: number
}

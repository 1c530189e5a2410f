import type { ProfileName } from '../../test/support/link-emulator.ts'
import type { Bench, Outcome, Plot, Scenario } from '../lib/scenario.ts'
import { cumulativeOf } from '../lib/fleet.ts'
import { percentile, round } from '../lib/statistics.ts'
import { OWN_PROCESSES } from './fleet.ts'
import { measureFleet, summaryOf, type FleetRun } from './measure.ts'
import { nativeClusters } from './native-clusters.ts'
import type { SkewAt } from './skew.ts'
import { hasSnapcast, measureSnapcast, SNAPCAST_MISSING } from './snapcast.ts'

export interface RowOptions {
  readonly clusters: number
  readonly ppm: number
  readonly seed: number
  readonly warmUpMs: number
  readonly measureMs: number
  readonly emergencies: number
}

/** Players compared with Snapcast, each a process of its own on both sides. */
const COMPARED = 8
const BOUNDS = {
  lan: { p95: 0.5, p999: 2, cutIn: 400, cutInShortened: 250, shortenedMs: 100 },
  '4g': { p95: 5, p999: 10, cutIn: 1200, cutInShortened: 700, shortenedMs: 400 },
} as const
/** Share of instants at which Snapcast may be silent; its figures are of the rest. */
const MOST_SILENT = 0.01
const RELOCK_BOUND_S = 2
const CUT_MS = 5000
const SHORT_MEASURE_MS = 1000
type Net = keyof typeof BOUNDS

const skewPlot = (title: string, named: readonly { readonly name: string; readonly series: readonly SkewAt[]; readonly of: 'p50' | 'p95' | 'max' }[], bound?: number): Plot => ({
  title, kind: 'line', xLabel: 's', yLabel: 'ms',
  series: named.map(({ name, series, of }) => ({ name, points: series.map((at): [number, number] => [at.atMs / 1000, at[of]]) })),
  ...(bound === undefined ? {} : { bound: { axis: 'y' as const, at: bound } }),
})

/** The start, where clocks are still being found, would press everything else into the bottom line. */
const settled = (series: readonly SkewAt[], fromMs: number): readonly SkewAt[] => series.filter(({ atMs }) => atMs >= fromMs)

const ms = (value: number): string => String(round(value))

function detailOf(run: FleetRun, options: RowOptions, profile: ProfileName): Record<string, unknown> {
  const { joinMs, cutInMs, relockMs } = run
  return {
    profile, ...options, ownProcesses: OWN_PROCESSES, ...run, series: undefined, joinMs: summaryOf(joinMs), cutInMs: summaryOf(cutInMs), relockMs: summaryOf(relockMs),
    defined: 'every 100 ms of CLOCK_MONOTONIC: the place on the house clock that leaves each virtual card at that instant, by the card’s own crystal; skew is the difference of two, over all pairs',
  }
}

function problemsOf(run: FleetRun): string[] {
  const problems: string[] = []
  if (run.missingShare > 0.001) problems.push(`nothing live left the agents at ${ms(run.missingShare * 100)} % of the instants`)
  return problems
}

/** The rows that one network gives, from one run that is made when the first of them is asked for. */
export function netRows(profile: ProfileName, options: RowOptions): readonly Scenario[] {
  const net: Net = profile === 'lan' || profile === 'none' ? 'lan' : '4g'
  const bounds = BOUNDS[net]
  let made: Promise<FleetRun> | undefined
  const run = (bench: Bench): Promise<FleetRun> => (made ??= measureFleet({
    ...options, folder: bench.folder, profile, cutMs: CUT_MS, say: (text) => {
      bench.say(text)
    },
  }))
  const skewRow = (id: string, of: 'p95' | 'p999', bound: number): Scenario => ({
    id, title: `skew between every two of ${String(options.clusters)} agents, ${profile}, ±${String(options.ppm)} ppm, ${of === 'p95' ? 'p95' : 'p99.9'}`, unit: 'ms', bound, better: 'less',
    run: async (bench): Promise<Outcome> => {
      const result = await run(bench)
      const { figures, totals, houseError, series } = result
      return {
        value: figures[of], problems: problemsOf(result),
        beside: `p50 ${ms(figures.p50)}, p99 ${ms(figures.p99)}, max ${ms(figures.max)}; against the house p99 ${ms(houseError.p99)}; late ${String(totals.lateFrames)}, hard corrections ${String(totals.hardCorrections)}`,
        detail: detailOf(result, options, profile),
        plots: of === 'p999' ? [] : [
          skewPlot(`Skew over time, ${profile}: from the start`, [{ name: 'median of pairs', series, of: 'p50' }, { name: 'p95', series, of: 'p95' }, { name: 'worst pair', series, of: 'max' }]),
          skewPlot(`Skew over time, ${profile}: after the first half minute`, [{ name: 'median of pairs', series: settled(series, 30_000), of: 'p50' }, { name: 'p95', series: settled(series, 30_000), of: 'p95' }, { name: 'worst pair', series: settled(series, 30_000), of: 'max' }], bounds.p95),
          { title: `From an agent’s start to the first sample of the programme, ${profile}`, kind: 'line', xLabel: 'ms', yLabel: '% of agents', series: [{ name: 'join', points: cumulativeOf(result.joinMs) }] },
        ],
      }
    },
  })
  return [
    skewRow(`skew-${profile}-p95-ms`, 'p95', bounds.p95),
    skewRow(`skew-${profile}-p999-ms`, 'p999', bounds.p999),
    {
      id: `cutin-audible-${profile}-p99-ms`, title: `emergency: order sent → first sample leaves the agents, ${profile}, p99`, unit: 'ms', bound: bounds.cutIn, better: 'less',
      run: async (bench): Promise<Outcome> => {
        const result = await run(bench)
        const { cutInMs, cutInMissed, presentationDelayMs } = result
        return {
          value: percentile(cutInMs, 0.99), problems: cutInMissed === 0 ? [] : [`${String(cutInMissed)} of ${String(cutInMissed + cutInMs.length)} never heard it`],
          beside: `p50 ${ms(percentile(cutInMs, 0.5))}, max ${ms(Math.max(...cutInMs))}, ${String(presentationDelayMs)} ms presentation delay`,
          detail: detailOf(result, options, profile),
          plots: [{ title: `From sending the order to the first sample of the emergency, ${profile}`, kind: 'line', xLabel: 'ms', yLabel: '% of agents', series: [{ name: profile, points: cumulativeOf(cutInMs) }], bound: { axis: 'x', at: bounds.cutIn } }],
        }
      },
    },
    {
      id: profile === '4g' ? 'relock-s' : `relock-${profile}-s`, title: `after a cut of 5 s: until live sound leaves in step again, ${profile}, worst agent`, unit: 's', bound: RELOCK_BOUND_S, better: 'less',
      run: async (bench): Promise<Outcome> => {
        const result = await run(bench)
        const { relockMs } = result
        return {
          value: Math.max(...relockMs) / 1000, problems: relockMs.length === 0 ? ['nothing was cut'] : [],
          beside: `${String(relockMs.length)} agents, p50 ${ms(percentile(relockMs, 0.5) / 1000)} s, to 0.1 s; TCP's own retransmission is in it`,
          detail: detailOf(result, options, profile), plots: [],
        }
      },
    },
  ]
}

/** The same where an emergency has less delay than the programme it cuts (`LOA_EMERGENCY_DELAY_MS`). */
function shortenedCutIn(profile: Net, options: RowOptions): Scenario {
  const { cutInShortened: bound, shortenedMs } = BOUNDS[profile]
  return {
    id: `cutin-shortened-${profile}-p99-ms`, title: `emergency with ${String(shortenedMs)} ms delay of its own: order sent → first sample leaves the agents, ${profile}, p99`, unit: 'ms', bound, better: 'less',
    run: async (bench): Promise<Outcome> => {
      const result = await measureFleet({
        ...options, folder: bench.folder, profile, measureMs: SHORT_MEASURE_MS, cutMs: 0, settings: { LOA_EMERGENCY_DELAY_MS: String(shortenedMs) }, say: (text) => {
          bench.say(text)
        },
      })
      const { cutInMs, cutInMissed, presentationDelayMs } = result
      return {
        value: percentile(cutInMs, 0.99), problems: cutInMissed === 0 ? [] : [`${String(cutInMissed)} of ${String(cutInMissed + cutInMs.length)} never heard it`],
        beside: `p50 ${ms(percentile(cutInMs, 0.5))}, max ${ms(Math.max(...cutInMs))}; the programme has ${String(presentationDelayMs)} ms`,
        detail: detailOf(result, options, profile),
        plots: [{ title: `From sending the order to the first sample of an emergency with a delay of its own, ${profile}`, kind: 'line', xLabel: 'ms', yLabel: '% of agents', series: [{ name: profile, points: cumulativeOf(cutInMs) }], bound: { axis: 'x', at: bound } }],
      }
    },
  }
}

/** @throws what the run ended with */
function resultOf<T>(run: PromiseSettledResult<T>): T {
  if (run.status === 'rejected') throw run.reason
  return run.value
}

/** Ours against Snapcast, p95 over p95: links of the same seeds, crystals of the same seeds, one crystal a player. */
function againstSnapcast(profile: Net, options: RowOptions): Scenario {
  return {
    id: `skew-vs-snapcast-${profile}`, title: `skew p95 of ${String(COMPARED)} agents against ${String(COMPARED)} snapclients, ${profile}, ±${String(options.ppm)} ppm`, unit: '×', bound: 1, better: 'less',
    run: async (bench): Promise<Outcome> => {
      if (!hasSnapcast()) throw new Error(SNAPCAST_MISSING)
      const { folder } = bench
      const { ppm, seed, warmUpMs, measureMs } = options
      const common = { folder, profile, ppm, seed, warmUpMs, measureMs, say: (text: string) => {
        bench.say(text)
      } }
      // At one time, so that what disturbs the machine disturbs both. Neither is left running when the other fails.
      const [theirRun, ourRun] = await Promise.allSettled([
        measureSnapcast({ ...common, clients: COMPARED }),
        measureFleet({ ...common, clusters: COMPARED, oneCrystal: true, ownProcesses: COMPARED, emergencies: 0, cutMs: 0 }),
      ])
      const theirs = resultOf(theirRun)
      const ours = resultOf(ourRun)
      const problems = problemsOf(ours)
      if (theirs.missingShare > MOST_SILENT) problems.push(`Snapcast’s players were silent at ${ms(theirs.missingShare * 100)} % of the instants, so its figures say little`)
      if (ours.figures.p999 > theirs.figures.p999) problems.push(`p99.9 is not closer: ${ms(ours.figures.p999)} against ${ms(theirs.figures.p999)} ms`)
      const figures = (of: FleetRun['figures']): string => `${ms(of.p50)}/${ms(of.p95)}/${ms(of.p999)}`
      return {
        value: ours.figures.p95 / theirs.figures.p95, problems,
        beside: `p50/p95/p99.9: ours ${figures(ours.figures)}, Snapcast ${figures(theirs.figures)} ms, where it was not silent (${ms(theirs.missingShare * 100)} % of the instants)`,
        detail: { profile, players: COMPARED, ppm, seed, warmUpMs, measureMs, ours: ours.figures, oursPresentationDelayMs: ours.presentationDelayMs, oursRelay: ours.relay, oursTotals: ours.totals, snapcast: { ...theirs, series: undefined }, snapcastBufferMs: 1000, crystals: 'each player has one crystal for clock and card; snapclient’s by native/crystal.c' },
        plots: [skewPlot(`Worst pair over time, ${profile}`, [{ name: 'Loa', series: settled(ours.series, warmUpMs), of: 'max' }, { name: 'Snapcast', series: settled(theirs.series, warmUpMs), of: 'max' }])],
      }
    },
  }
}

/** Every row of the table, in its order. */
export function allRows(options: RowOptions, quick: boolean): readonly Scenario[] {
  const lan = netRows('lan', options)
  const mobile = netRows('4g', options)
  // A network's rows stand together, so that only one fleet is there at a time. Snapcast needs minutes until its lag shows.
  const long = quick ? [] : [shortenedCutIn('lan', options), shortenedCutIn('4g', options), againstSnapcast('lan', options), againstSnapcast('4g', options)]
  return [...lan, ...mobile, ...long, nativeClusters]
}

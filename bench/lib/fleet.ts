import { setTimeout as delay } from 'node:timers/promises'
import { ENGINE_LEAD_MS } from '../../rooms/grid.ts'
import { loadConfig } from '../../server/config.ts'
import { httpTarget, Loa, nativeTarget, referenceTargets, type District, type LoaOptions } from './loa.ts'
import type { Bench } from './scenario.ts'
import { LoadSink, type GroupReport, type SinkOptions, type SinkReport, type Target, type TimeHistogram } from './sink.ts'

/** Listeners the numbers are about. */
export const HTTP_LISTENERS = 5000
export const NATIVE_LISTENERS = 2000
export const DISTRICT_SIZE = HTTP_LISTENERS + NATIVE_LISTENERS

/** What a server does when nothing else is said; the sink must know it to tell lateness. */
export const { httpFlushMs: HTTP_FLUSH_MS, nativeFlushMs: NATIVE_FLUSH_MS } = loadConfig({})
export { ENGINE_LEAD_MS }

/** A server with the noise on air at the district. Close it with `loa.close()`. */
export async function openLoa(bench: Bench, options: LoaOptions & { readonly feedCores?: string } = {}): Promise<{ loa: Loa; district: District }> {
  const loa = await Loa.start(bench.folder, options)
  try {
    const district = await loa.district(bench.folder, DISTRICT_SIZE, (made) => {
      bench.say(`making clusters through the API: ${String(made)} of ${String(DISTRICT_SIZE)}`)
    })
    await loa.playNoise(district, bench.noise, options.feedCores)
    return { loa, district }
  } catch (error) {
    await loa.close()
    throw error
  }
}

/** Opens a server with the noise on air at the district, and listeners at it who all play, for as long as `run` takes. */
export async function withFleet<T>(bench: Bench, targetsOf: (district: District) => readonly Target[], run: (fleet: { readonly loa: Loa; readonly district: District; readonly sink: LoadSink }) => Promise<T>, options: LoaOptions = {}): Promise<T> {
  const { loa, district } = await openLoa(bench, options)
  try {
    const sink = await openFleet(bench, loa, targetsOf(district))
    try {
      return await run({ loa, district, sink })
    } finally {
      await sink.close()
    }
  } finally {
    await loa.close()
  }
}

/** HTTP listeners first, then native ones, then the two references. */
export const fleetTargets = (district: District, http: number, native: number): Target[] => [
  ...district.clusters.slice(0, http).map((cluster) => httpTarget(cluster)),
  ...district.clusters.slice(HTTP_LISTENERS, HTTP_LISTENERS + native).map((cluster) => nativeTarget(cluster)),
  ...referenceTargets(district),
]

/** Opens a sink that compares every frame of everyone, and waits until all play. Close it with `close()`. */
export async function openFleet(bench: Bench, loa: Loa, targets: readonly Target[], options: Partial<SinkOptions> = {}): Promise<LoadSink> {
  const sink = new LoadSink(bench.programs.sink, bench.folder, targets, {
    port: loa.streamPort, rate: 2500, verify: true, leadMs: ENGINE_LEAD_MS, httpFlushMs: HTTP_FLUSH_MS, nativeFlushMs: NATIVE_FLUSH_MS, ...options,
  })
  const playing = await sink.whenPlaying(60_000, ({ connect }) => {
    bench.say(`${String(connect.playing)} of ${String(connect.targets)} listeners play`)
  })
  if (playing === undefined) {
    const { playing = 0, failed = 0, refused = 0, closed = 0 } = { ...sink.progress, ...sink.progress?.connect }
    await sink.close()
    throw new Error(`only ${String(playing)} of ${String(targets.length)} listeners play after 60 s (${String(failed)} failed, ${String(refused)} refused, ${String(closed)} closed) ${sink.errors}\n${loa.output}`)
  }
  return sink
}

/** One measured stretch of time. */
export async function measure(bench: Bench, sink: LoadSink, seconds: number, what: string): Promise<SinkReport> {
  sink.window()
  for (let passed = 0; passed < seconds; passed += 1) {
    bench.say(`${what}: ${String(passed)} of ${String(seconds)} s`)
    await delay(1000)
  }
  return sink.report()
}

/** What is wrong with a group that should have heard everything once, in order, and nothing else. */
export function faults(report: SinkReport, groups: readonly string[], allowForeign = false): string[] {
  const problems: string[] = []
  for (const name of groups) {
    const group = report.groups[name]
    if (group === undefined) {
      problems.push(`there is no group ${name}`)
      continue
    }
    const wrong: Exclude<keyof GroupReport, 'lateness' | 'interval'>[] = ['refused', 'failed', 'closed', 'skips', 'repeats', 'unplaced', 'garbageBytes', 'sequenceErrors', 'flagErrors', 'overrun']
    if (!allowForeign) wrong.push('foreign')
    for (const key of wrong) if (group[key] !== 0) problems.push(`${name}: ${key} ${String(group[key])}`)
    if (group.verified === 0 && name !== 'reference') problems.push(`${name}: no frame was verified`)
  }
  return problems
}

/** Share of samples that took at most so long, for a plot. */
export function cumulative(histogram: TimeHistogram | null): [number, number][] {
  if (histogram === null) return []
  let seen = 0
  return histogram.bins.map(([ms, count]) => [ms, ((seen += count) / histogram.count) * 100])
}

/** The same from single values. */
export function cumulativeOf(values: readonly number[]): [number, number][] {
  const sorted = [...values].sort((a, b) => a - b)
  const step = Math.max(1, Math.floor(sorted.length / 300))
  return sorted.map((value, index): [number, number] => [value, ((index + 1) / sorted.length) * 100]).filter((_, index) => index % step === 0 || index === sorted.length - 1)
}

/** A histogram without its bins, for the JSON. */
export function summary(histogram: TimeHistogram | null | undefined): Omit<TimeHistogram, 'bins'> | null {
  if (histogram === null || histogram === undefined) return null
  const { count, min, p50, p90, p99, p999, max } = histogram
  return { count, min, p50, p90, p99, p999, max }
}

/** Counts of a group without its histograms' bins. */
export function plain(group: GroupReport | undefined): Record<string, unknown> | null {
  if (group === undefined) return null
  const { lateness, interval, ...rest } = group
  return { ...rest, lateness: summary(lateness), interval: summary(interval) }
}

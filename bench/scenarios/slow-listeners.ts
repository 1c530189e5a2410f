import { setTimeout as delay } from 'node:timers/promises'
import { httpTarget, referenceTargets } from '../lib/loa.ts'
import { cumulative, ENGINE_LEAD_MS, faults, HTTP_FLUSH_MS, HTTP_LISTENERS, measure, plain, withFleet } from '../lib/fleet.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { LoadSink, type TimeHistogram } from '../lib/sink.ts'
import { median, round } from '../lib/statistics.ts'

const SLOW = HTTP_LISTENERS / 20
const FROZEN = 1
/** A quarter of what they are sent. */
const SLOW_BYTES_PER_SECOND = 2000
/** What the p99 of the others may differ by, ms. */
const BOUND_MS = 2

async function run(bench: Bench): Promise<Outcome> {
  const pairs = bench.quick ? 1 : 3
  const seconds = bench.quick ? 5 : 15
  const healthy = HTTP_LISTENERS - SLOW - FROZEN
  return withFleet(bench, (district) => [...district.clusters.slice(0, healthy).map((cluster) => httpTarget(cluster)), ...referenceTargets(district)], async ({ loa, district, sink }) => {
    await delay(bench.quick ? 2000 : 4000)
    const [without, with_]: [TimeHistogram[], TimeHistogram[]] = [[], []]
    const problems: string[] = []
    let sick: Record<string, unknown> = {}
    for (let pair = 0; pair < pairs; pair += 1) {
      const quiet = await measure(bench, sink, seconds, 'without the slow ones')
      const bad = new LoadSink(bench.programs.sink, bench.folder, [
        httpTarget(district.clusters[healthy]!, 'frozen', 'frozen'),
        ...district.clusters.slice(healthy + FROZEN, HTTP_LISTENERS).map((cluster) => httpTarget(cluster, 'slow', 'slow')),
      ], { port: loa.streamPort, httpFlushMs: HTTP_FLUSH_MS, leadMs: ENGINE_LEAD_MS, slowBytesPerSecond: SLOW_BYTES_PER_SECOND })
      try {
        if (await bad.whenPlaying(15_000) === undefined) throw new Error(`the slow listeners did not come in ${bad.errors}`)
        // Until their windows and the server's buffers are full; only then do they hurt.
        bench.say('letting the slow ones fall behind')
        await delay(bench.quick ? 4000 : 8000)
        const loaded = await measure(bench, sink, seconds, 'with one frozen and 5 % slow')
        const after = await bad.report()
        sick = { slow: plain(after.groups['slow']), frozen: plain(after.groups['frozen']) }
        for (const report of [quiet, loaded]) problems.push(...faults(report, ['http', 'reference']))
        if (quiet.groups['http']?.lateness == null || loaded.groups['http']?.lateness == null) throw new Error('no lateness was measured')
        without.push(quiet.groups['http'].lateness)
        with_.push(loaded.groups['http'].lateness)
      } finally {
        await bad.close()
      }
      await delay(1000)
    }
    const [p99Without, p99With] = [median(without.map(({ p99 }) => p99)), median(with_.map(({ p99 }) => p99))]
    return {
      value: Math.max(0, p99With - p99Without),
      problems,
      beside: `p99 ${String(round(p99Without))} ms without, ${String(round(p99With))} ms with`,
      detail: { healthy, slow: SLOW, frozen: FROZEN, slowBytesPerSecond: SLOW_BYTES_PER_SECOND, p99Without: without.map(({ p99 }) => p99), p99With: with_.map(({ p99 }) => p99), maxWithout: without.map(({ max }) => max), maxWith: with_.map(({ max }) => max), sick, pinned: 'nothing' },
      plots: [{ title: 'Lateness of the healthy listeners', kind: 'line', xLabel: 'ms', yLabel: '% of flushes', series: [{ name: 'without', points: cumulative(without.at(-1) ?? null) }, { name: 'with one frozen, 5 % slow', points: cumulative(with_.at(-1) ?? null) }] }],
    }
  })
}

export const slowListeners: Scenario = { id: 'slow-listener-effect', title: 'p99 of the others with one frozen and 5 % slow, difference', unit: 'ms', bound: BOUND_MS, better: 'less', run }

import { setTimeout as delay } from 'node:timers/promises'
import { ENGINE_LEAD_MS, faults, HTTP_FLUSH_MS, measure, NATIVE_FLUSH_MS, plain } from '../lib/fleet.ts'
import { Loa, nativeTarget, referenceTargets } from '../lib/loa.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { LoadSink } from '../lib/sink.ts'
import { round } from '../lib/statistics.ts'

const BOUND = 3000
const BOUND_LATENESS_MS = 30
const STEPS: readonly number[] = [3000, 4000, 5000, 6000]
const CONNECT_TIMEOUT_MS = 60_000
const SETTLE_MS = 3000

interface Step {
  readonly clusters: number
  readonly p99Ms: number
  readonly held: boolean
  readonly problems: readonly string[]
  readonly detail: Record<string, unknown>
}

async function tryStep(bench: Bench, loa: Loa, targets: Parameters<typeof referenceTargets>[0], clusters: number, seconds: number): Promise<Step> {
  const sink = new LoadSink(bench.programs.sink, bench.folder, [...targets.clusters.slice(0, clusters).map((cluster) => nativeTarget(cluster)), ...referenceTargets(targets)], {
    port: loa.streamPort, rate: 2500, verify: true, leadMs: ENGINE_LEAD_MS, httpFlushMs: HTTP_FLUSH_MS, nativeFlushMs: NATIVE_FLUSH_MS,
  })
  try {
    const playing = await sink.whenPlaying(CONNECT_TIMEOUT_MS, ({ connect }) => {
      bench.say(`${String(connect.playing)} of ${String(connect.targets)} native clusters play`)
    })
    if (playing === undefined) return { clusters, p99Ms: NaN, held: false, problems: [`only ${String(sink.progress?.connect.playing ?? 0)} of ${String(clusters)} play after a minute`], detail: {} }
    await delay(SETTLE_MS)
    const report = await measure(bench, sink, seconds, `${String(clusters)} native clusters`)
    const { native } = report.groups
    const p99Ms = native?.lateness?.p99 ?? NaN
    const problems = faults(report, ['native', 'reference'])
    return { clusters, p99Ms, held: p99Ms <= BOUND_LATENESS_MS && problems.length === 0, problems, detail: { houseRoundTripUs: report.houseRoundTripUs, native: plain(native) } }
  } finally {
    await sink.close()
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 8 : 30
  const steps = bench.quick ? STEPS.slice(0, 1) : STEPS
  const loa = await Loa.start(bench.folder)
  const tried: Step[] = []
  try {
    const district = await loa.district(bench.folder, Math.max(...steps), (made) => {
      bench.say(`making clusters through the API: ${String(made)} of ${String(Math.max(...steps))}`)
    })
    await loa.playNoise(district, bench.noise)
    for (const clusters of steps) {
      const step = await tryStep(bench, loa, district, clusters, seconds)
      tried.push(step)
      if (!step.held) break
      await delay(SETTLE_MS)
    }
  } finally {
    await loa.close()
  }
  const held = tried.findLast((step) => step.held)
  const failed = tried.find((step) => !step.held)
  return {
    value: held?.clusters ?? 0,
    // A step that is too much tells where the limit is; only the first one must be held without a fault.
    problems: held === undefined ? tried[0]!.problems : [],
    beside: `p99 lateness ${tried.map(({ clusters, p99Ms }) => `${String(clusters)}: ${String(round(p99Ms))}`).join(', ')} ms (≤ ${String(BOUND_LATENESS_MS)})${failed === undefined && !bench.quick ? '; more were not tried' : ''}`,
    detail: { seconds, flushMs: NATIVE_FLUSH_MS, steps: tried, checked: 'every frame of every cluster against the reference connection' },
    plots: [{ title: 'Lateness of frames, p99', kind: 'line', xLabel: 'native clusters', yLabel: 'ms', series: [{ name: 'p99', points: tried.map(({ clusters, p99Ms }) => [clusters, Number.isFinite(p99Ms) ? p99Ms : 0]) }], bound: { axis: 'y', at: BOUND_LATENESS_MS } }],
  }
}

export const nativeClusters: Scenario = { id: 'native-clusters', title: 'native clusters held, 100 ms flush, p99 frame lateness ≤ 30 ms', unit: 'clusters', bound: BOUND, better: 'more', run }

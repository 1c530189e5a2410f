import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../test/support/link-emulator-relay.ts'
import { waitUntil } from '../lib/processes.ts'
import { median, percentile } from '../lib/statistics.ts'
import { INSTANT_MS } from './agent-worker.ts'
import { Fleet, type FleetOptions, type FleetTotals } from './fleet.ts'
import type { RelayReport } from './relay-process.ts'
import type { SkewAt, SkewFigures } from './skew.ts'

export interface FleetPlan extends FleetOptions {
  readonly warmUpMs: number
  readonly measureMs: number
  /** Emergencies after the skew was measured. */
  readonly emergencies: number
  /** A part of the fleet is cut off for so long at the end; 0: not. */
  readonly cutMs: number
  /** Of the server. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface FleetRun {
  readonly figures: SkewFigures
  readonly series: readonly SkewAt[]
  /** What leaves against the house clock, over all agents: |error| p50, p99, max, ms. */
  readonly houseError: { readonly p50: number; readonly p99: number; readonly max: number; readonly knownToMs: number }
  /** Share of the counted instants at which nothing live left an agent. */
  readonly missingShare: number
  readonly joinMs: readonly number[]
  /** From the POST to the first sample that leaves an agent, all rounds; agents that never heard it count in `missed`. */
  readonly cutInMs: readonly number[]
  readonly cutInMissed: number
  /** From the end of the cut until live sound leaves the agent in step and goes on so; Infinity: never. */
  readonly relockMs: readonly number[]
  readonly relay: RelayReport
  /** While skew was measured. */
  readonly totals: FleetTotals
  readonly presentationDelayMs: number
}

/** One agent of so many is cut off. */
const CUT_EVERY = 4
const RELOCK_PATIENCE_MS = 12_000
/** In step again: so near to the others, ms, for so long. */
const IN_STEP_MS = 10
const STEADY_INSTANTS = 10
const EMERGENCY_PATIENCE_MS = 5000
const BETWEEN_EMERGENCIES_MS = 2000

/** Runs a whole fleet once and measures everything of it. */
export async function measureFleet(plan: FleetPlan): Promise<FleetRun> {
  const { profile, clusters, warmUpMs, measureMs, emergencies, say } = plan
  const fleet = await Fleet.start(plan, plan.settings)
  try {
    await fleet.whenPlaying()
    await delay(warmUpMs)
    const before = await fleet.totals()
    await fleet.count(measureMs, `${String(clusters)} agents, ${profile}`)
    const after = await fleet.totals()
    const cutInMs: number[] = []
    for (let round = 0; round < emergencies; round += 1) {
      say(`emergency ${String(round + 1)} of ${String(emergencies)}`)
      cutInMs.push(...(await emergency(fleet, round)))
    }
    const relockMs = plan.cutMs > 0 ? await cutAndRelock(fleet, plan.cutMs) : []
    const { errors, skew, station } = fleet
    return {
      figures: skew.figures(), series: skew.series, missingShare: skew.missing / (clusters * (measureMs / INSTANT_MS)), joinMs: fleet.joinMs,
      houseError: { p50: errors.percentile(0.5), p99: errors.percentile(0.99), max: errors.max, knownToMs: station.houseErrorMs },
      cutInMs, cutInMissed: emergencies * clusters - cutInMs.length, relockMs, relay: await fleet.relayReport(), totals: difference(after, before), presentationDelayMs: fleet.presentationDelayMs,
    }
  } finally {
    await fleet.close()
  }
}

function difference(after: FleetTotals, before: FleetTotals): FleetTotals {
  const less = (name: 'lateFrames' | 'lostFrames' | 'concealedFrames' | 'hardCorrections' | 'underrunSamples'): number => after[name] - before[name]
  return { ...after, lateFrames: less('lateFrames'), lostFrames: less('lostFrames'), concealedFrames: less('concealedFrames'), hardCorrections: less('hardCorrections'), underrunSamples: less('underrunSamples') }
}

async function emergency(fleet: Fleet, round: number): Promise<number[]> {
  const { loa, unitId, alarmSourceId } = fleet.station
  // Never at the same place in the flush interval.
  await delay(BETWEEN_EMERGENCIES_MS + ((round * 137) % 240))
  const sentMs = monotonicMs()
  const { id } = await loa.api<{ id: string }>('POST', '/v1/orders', { class: 'emergency', title: 'Alarm', sourceId: alarmSourceId, targets: { units: [unitId], clusters: [], tags: [] }, durationMs: 60_000 })
  // An order is told when it has left for a second, or when it ends.
  await delay(EMERGENCY_PATIENCE_MS / 2)
  await loa.api('POST', `/v1/orders/${id}/stop`)
  await waitUntil('every agent has heard the emergency', () => fleet.leftAt(id).size === fleet.specs.length, EMERGENCY_PATIENCE_MS).catch(() => undefined)
  return [...fleet.leftAt(id).values()].map((leftMs) => leftMs - sentMs)
}

async function cutAndRelock(fleet: Fleet, cutMs: number): Promise<number[]> {
  const cut = fleet.specs.filter(({ index }) => index % CUT_EVERY === 0).map(({ index }) => index)
  const others = fleet.specs.filter(({ index }) => index % CUT_EVERY !== 0).map(({ index }) => index)
  await delay(BETWEEN_EMERGENCIES_MS)
  const fromMs = Math.ceil(monotonicMs() / INSTANT_MS) * INSTANT_MS + 500
  const untilMs = fromMs + cutMs
  const steadyFor = new Map(cut.map((index) => [index, 0]))
  const relockMs = new Map<number, number>()
  await fleet.relay.cut(cut, fromMs, untilMs)
  await fleet.watching((instantMs, errorsMs) => {
    if (instantMs < untilMs) return
    const middle = median(others.map((index) => errorsMs[index]!).filter((error) => !Number.isNaN(error)))
    for (const index of cut) {
      if (relockMs.has(index)) continue
      // Of one agent alone there is nothing to be in step with but the house.
      const error = errorsMs[index]! - (Number.isNaN(middle) ? 0 : middle)
      const steady = Math.abs(error) <= IN_STEP_MS ? steadyFor.get(index)! + 1 : 0
      steadyFor.set(index, steady)
      if (steady === STEADY_INSTANTS) relockMs.set(index, instantMs - (STEADY_INSTANTS - 1) * INSTANT_MS - untilMs)
    }
  }, async () => {
    const deadlineMs = untilMs + RELOCK_PATIENCE_MS
    while (relockMs.size < cut.length && monotonicMs() < deadlineMs) {
      fleet.options.say(`${String(cut.length)} agents cut off for ${String(cutMs / 1000)} s: ${String(relockMs.size)} are back in step`)
      await delay(500)
    }
  })
  return cut.map((index) => relockMs.get(index) ?? Infinity)
}

/** Count, p50, p95, p99 and max, for the JSON. */
export function summaryOf(values: readonly number[]): Readonly<Record<string, number>> {
  return { count: values.length, p50: percentile(values, 0.5), p95: percentile(values, 0.95), p99: percentile(values, 0.99), max: Math.max(...values) }
}

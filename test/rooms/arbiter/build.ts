import { Arbiter } from '../../../rooms/arbiter/index.ts'
import type { ArbiterOptions, ArbiterOrder } from '../../../rooms/arbiter/index.ts'
import type { Plan, PlanSegment } from '../../../rooms/plan.ts'
import { SAMPLE_RATE_HZ } from '../../../rooms/grid.ts'

/** Seconds in house samples, to keep tables of times readable. */
export const s = (seconds: number): number => Math.round(seconds * SAMPLE_RATE_HZ)

type OrderPatch = Partial<Omit<ArbiterOrder, 'targets' | 'content'>> & {
  readonly targets?: Partial<ArbiterOrder['targets']>
  readonly content?: ArbiterOrder['content']
}

/** A `normal` relay to everybody from 0 to 1000 s, but for what `patch` says. */
export function order(id: string, patch: OrderPatch = {}): ArbiterOrder {
  return {
    id,
    class: 'normal',
    issuerLevel: 2,
    rank: 0,
    startSamples: 0,
    endSamples: s(1000),
    acceptedSamples: 0,
    stoppedSamples: null,
    content: open(id),
    resume: 'continue',
    toneSamples: 0,
    title: id,
    ...patch,
    targets: { units: ['province'], clusters: [], tags: [], ...patch.targets },
  }
}

export const open = (sourceId: string): ArbiterOrder['content'] => ({ kind: 'open', sourceId })
export const clips = (...itemSeconds: number[]): ArbiterOrder['content'] => ({ kind: 'clips', itemSamples: itemSeconds.map(s) })
export const between = (startSeconds: number, endSeconds: number) => ({ startSamples: s(startSeconds), endSamples: s(endSeconds) })

/** One province, district, two communes and a cluster in each. */
export function buildArbiter(options: ArbiterOptions = {}): Arbiter {
  const arbiter = new Arbiter(options)
  arbiter.setUnits([
    { id: 'province', parentId: null },
    { id: 'district', parentId: 'province' },
    { id: 'north', parentId: 'district' },
    { id: 'south', parentId: 'district' },
  ])
  arbiter.upsertClusters([
    { id: 'n1', unitId: 'north', tags: [], enabled: true },
    { id: 's1', unitId: 'south', tags: ['school'], enabled: true },
  ])
  return arbiter
}

/** A plan in words: `room 0-10`, with times in seconds. */
export const inWords = (plan: Plan): string[] => plan.map(({ room, fromSamples, untilSamples }) => `${roomInWords(room)} ${seconds(fromSamples)}-${seconds(untilSamples)}`)

const seconds = (samples: number): string => String(samples / SAMPLE_RATE_HZ)
const roomInWords = (room: string): string => room.replace(/@(-?\d+)$/, (_, samples: string) => `@${seconds(Number(samples))}`)

/** The whole course of one cluster for these orders, planned from before everything. */
export function course(orders: readonly ArbiterOrder[], clusterId = 'n1'): string[] {
  const arbiter = buildArbiter({ horizonSamples: s(1_000_000) })
  for (const each of orders) arbiter.upsertOrder(each)
  arbiter.advance(s(-1))
  return inWords(arbiter.planOf(clusterId))
}

/**
 * The same course found step by step: every half second the arbiter is touched and advanced, so that it goes on from the
 * state it has kept; what is then on air is put together again.
 */
export function walkedCourse(orders: readonly ArbiterOrder[], clusterId = 'n1'): string[] {
  const arbiter = buildArbiter({ horizonSamples: s(5), lateSamples: 0 })
  for (const each of orders) arbiter.upsertOrder(each)
  const walked = new Map<string, PlanSegment>()
  for (let at = s(-1); at < s(1100); at += s(0.5)) {
    arbiter.upsertOrder(order('far off', { ...between(2000, 3000), endSamples: s(3000) + at }))
    arbiter.advance(at)
    for (const segment of arbiter.planOf(clusterId)) if (segment.fromSamples <= at + s(0.5)) walked.set(`${segment.room} ${String(segment.fromSamples)}`, segment)
  }
  return inWords([...walked.values()])
}

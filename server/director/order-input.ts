import type { OrderRecord, Store } from '../../control/ports.ts'
import type { ArbiterOrder } from '../../rooms/arbiter/index.ts'
import { GRID_SAMPLES, msToSamples } from '../../rooms/grid.ts'
import { contentOf } from './order-sounds.ts'
import { arbiterTargets } from './target-map.ts'

/**
 * What follows a stopped order begins this much later, so that its engine and encoders run when its edge comes: coming back is
 * not urgent, but it must have no hole.
 */
export const STOP_LEAD_MS = 200

/**
 * Planned starts are put on the nearest multiple of this: a whole second is one, and from each it is at most 16 ms to the next edge of any format (MP3 frames
 * begin every 24 ms, Opus frames every 20). So every output begins within 20 ms of its moment, wherever the wall clock stands against the house's;
 * without it an MP3 output whose moment lies right after an edge begins 24 ms late.
 */
export const START_STEP_SAMPLES = 384

/** An issuing unit that is no more ranks below every unit that is. */
const LEVEL_OF_NO_UNIT = 1000

/**
 * An order as the arbiter takes it.
 * @param samplesAt house sample of a wall time, as the disciplined wall clock has it now
 * @returns null when it names a clip that is no more
 */
export function arbiterOrder(order: OrderRecord, store: Pick<Store, 'units' | 'clips'>, samplesAt: (wallMs: number) => number, attentionToneMs: number): ArbiterOrder | null {
  // A hand-over begins a little later, as a stop does: by then its engine has the other source at hand.
  const content = contentOf(order, store, (wallMs) => samplesAt(wallMs + STOP_LEAD_MS))
  if (content === null) return null
  const exactSamples = samplesAt(order.startsAtMs)
  // An emergency waits for no step.
  const plannedSamples = order.class === 'emergency' ? Math.round(exactSamples) : Math.round(exactSamples / START_STEP_SAMPLES) * START_STEP_SAMPLES
  const over = order.class === 'emergency' ? null : order.mixing?.over ?? null
  // What it is laid over goes on without a hole, so it begins when its engine has both.
  const startSamples = over === null ? plannedSamples : Math.max(plannedSamples, Math.ceil(samplesAt(order.createdAtMs + STOP_LEAD_MS) / START_STEP_SAMPLES) * START_STEP_SAMPLES)
  return {
    id: order.id,
    class: order.class,
    issuerLevel: store.units.get(order.issuerUnitId)?.level ?? LEVEL_OF_NO_UNIT,
    rank: order.rank,
    startSamples,
    endSamples: plannedSamples + msToSamples(order.endsAtMs - order.startsAtMs),
    acceptedSamples: Math.round(samplesAt(order.createdAtMs)),
    stoppedSamples: order.stoppedAtMs === null ? null : Math.round(samplesAt(order.stoppedAtMs + STOP_LEAD_MS)),
    ...(order.alert === undefined ? {} : { kind: order.alert.kind, gravity: order.alert.level }),
    targets: arbiterTargets(order.targets, order.alert?.kind === 'test'),
    content,
    resume: order.resume,
    ...(over === null ? {} : { over: { duckDb: over.duckDb, attackSamples: msToSamples(over.attackMs), releaseSamples: msToSamples(over.releaseMs) } }),
    toneSamples: order.class === 'emergency' && order.attentionTone ? Math.ceil(msToSamples(attentionToneMs) / GRID_SAMPLES) * GRID_SAMPLES : 0,
    title: order.title,
  }
}

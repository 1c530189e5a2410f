import { createHash } from 'node:crypto'
import { clipsMs } from '../mixing-rules.ts'
import type { NewOrder } from '../order-rules.ts'
import type { Store } from '../store-port.ts'
import type { ControlConfig } from '../ports.ts'
import type { Occurrence } from './occurrences.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

/** Length of one play, ms: the window, or as long as the clips last. */
export function lengthOf(item: Pick<ScheduleItemRecord, 'durationMs' | 'clipIds' | 'mixing'>, clips: Pick<Store['clips'], 'get'>): number {
  return item.durationMs ?? clipsMs(item, clips)
}

/**
 * The order that an occurrence becomes. Its id follows from the item, its version and the occurrence, so that whoever plans again means the same one.
 * @param startsAtMs when it is not the planned start: it is played late
 */
export function scheduledOrder(item: ScheduleItemRecord, { key, startsAtMs: plannedMs, endsAtMs }: Occurrence, nowMs: number, config: Pick<ControlConfig, 'clipResumeSlackMs' | 'maxOrderMs'>, startsAtMs = plannedMs): NewOrder {
  const lengthMs = endsAtMs - plannedMs
  return {
    id: `o-${createHash('sha256').update(JSON.stringify([item.id, item.version, key, startsAtMs])).digest('base64url').slice(0, 22)}`,
    class: item.class,
    title: item.title,
    sourceId: item.sourceId,
    clipIds: item.clipIds,
    targets: item.targets,
    startsAtMs,
    endsAtMs: startsAtMs + (item.durationMs === null ? Math.min(lengthMs + config.clipResumeSlackMs, config.maxOrderMs) : lengthMs),
    rank: item.rank,
    resume: item.resume,
    issuerUnitId: item.issuerUnitId,
    field: item.field,
    attentionTone: false,
    createdAtMs: nowMs,
    createdBy: item.changedBy,
    ...(item.mixing === undefined ? {} : { mixing: item.mixing }),
  }
}

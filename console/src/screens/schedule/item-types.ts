import type { PostBody, Schemas } from '../../../../control/client/index.ts'

export type Item = Schemas['ScheduleItem']
export type Scheduled = Schemas['ScheduledItem']
export type Play = Scheduled['plays'][number]
export type NewItem = PostBody<'/v1/schedule-items'>
export type Repeat = NonNullable<NewItem['repeat']>
/** Some fields of an item, as PATCH takes them. */
export type Change = Partial<Omit<NewItem, 'acceptCollisions' | 'reason'>>

/** The request that would make this item again. */
export function bodyOf(item: Item): NewItem {
  const { title, class: itsClass, sourceId, clipIds, durationMs, targets, issuer, field, rank, resume, zone, time, firstDay, lastDay, repeat, except, holidays, plays, gapMs, missed, lateLimitMs, enabled, ask, mixing } = item
  return {
    title, class: itsClass, durationMs, targets, issuer, field, rank, resume, zone, time, firstDay, lastDay, repeat, except, holidays, plays, gapMs, missed, lateLimitMs, enabled, ask,
    ...(sourceId === null ? {} : { sourceId }), ...(clipIds === null ? {} : { clipIds }), ...(mixing === null ? {} : { mixing }),
  }
}

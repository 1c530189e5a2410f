import { findFrameBreaches, isFree, ruleGroups } from '../policy/frame-check.ts'
import { itemSubject } from '../policy/policy-check.ts'
import type { Store } from '../ports.ts'
import type { Rights } from '../rights.ts'
import type { FrameCollisionView } from '../schemas/schedule.ts'
import { formatTime } from '../time.ts'
import { SEARCH_DAYS, searchFromMs } from './collision-search.ts'
import { frameCuresOf } from './frame-cures.ts'
import { lengthOf } from './scheduled-order.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

/** More keepers than this are not named. */
const MOST_NAMED = 20

/**
 * Every frame of another level into which the item falls, with the ways out and who may let it stand.
 * @param isNew it is not kept yet, so its id means nothing to anybody
 * @param rights of who asks
 */
export function findFrameCollisions(item: ScheduleItemRecord, isNew: boolean, rights: Rights, store: Store, nowMs: number): readonly FrameCollisionView[] {
  const subject = itemSubject(item, store, nowMs)
  const groups = ruleGroups(subject, store)
  const breaches = findFrameBreaches(subject, groups)
  const fromMs = searchFromMs(item, nowMs)
  const frames = [...new Map(groups.flatMap((group) => group.frames).map((frame) => [JSON.stringify(frame), frame])).values()]
  const cures = frameCuresOf({ item, lengthMs: lengthOf(item, store.clips) }, breaches, frames, (plays) => isFree(subject.level, plays, item.zone, groups), fromMs, fromMs + SEARCH_DAYS * 86_400_000)
  return breaches.map(({ frame: { unitId, name, level }, keepers, clusters, count, first }) => ({
    unitId,
    name,
    level,
    clusters,
    count,
    first: { from: formatTime(first.startsAtMs), until: formatTime(first.endsAtMs) },
    cures: cures.map(({ cure, change }) => ({ cure, itemId: isNew ? null : item.id, change: { ...change } })),
    mayChoose: keepers.slice(0, MOST_NAMED),
    mayPass: keepers.every((id) => rights.holds('plan', id)),
  }))
}

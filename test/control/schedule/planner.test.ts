import t from 'tap'
import { judgeMissed, planItem, type KnownPlay, type MissedStart } from '../../../control/schedule/planner.ts'
import type { ScheduleItemRecord } from '../../../control/schedule/schedule-port.ts'
import { scheduleItem } from '../../support/schedule-item.ts'
import { fc } from '../../support/seed.ts'

const MINUTE_MS = 60_000
/** Ten at night on 17 June in Viet Nam: seven hours before the first play. */
const NOW_MS = Date.UTC(2026, 5, 17, 15)
const FIVE_MS = Date.UTC(2026, 5, 17, 22)
const plan = (item: ScheduleItemRecord, known: readonly KnownPlay[] = [], nowMs = NOW_MS) => planItem(item, 30 * MINUTE_MS, known, { nowMs, sinceMs: NOW_MS, horizonMs: nowMs + 60 * 3_600_000 })
const play = (occurrence: string, startsAtMs: number, more: Partial<KnownPlay> = {}): KnownPlay => ({ itemId: 'a', occurrence, version: 1, startsAtMs, endsAtMs: startsAtMs + 30 * MINUTE_MS, orderId: `o-${occurrence}`, stopped: false, ...more })
const DAY_MS = 86_400_000
const [first, second, third] = [play('2026-06-18.1', FIVE_MS), play('2026-06-19.1', FIVE_MS + DAY_MS), play('2026-06-20.1', FIVE_MS + 2 * DAY_MS)]

t.test('every play up to the horizon gets one order, and planning again has nothing to do', (t) => {
  t.same(plan(scheduleItem('a')).make.map(({ key }) => key), ['2026-06-18.1', '2026-06-19.1', '2026-06-20.1'])
  t.same(plan(scheduleItem('a'), [first, second, third]), { make: [], withdraw: [] })
  t.end()
})

t.test('a change replaces what has not begun, and nothing else', (t) => {
  const nowMs = FIVE_MS + MINUTE_MS
  const changed = scheduleItem('a', { version: 2, changedAtMs: nowMs, time: '06:00:00' })
  const { make, withdraw } = plan(changed, [first, second, third], nowMs)
  t.same(withdraw.map(({ occurrence }) => occurrence), ['2026-06-19.1', '2026-06-20.1'])
  t.same(make.map(({ key }) => key), ['2026-06-19.1', '2026-06-20.1'], 'that of today has begun')
  t.same(plan({ ...changed, enabled: false }, [first, second], nowMs), { make: [], withdraw: [second] })
  t.end()
})

t.test('what a person has stopped, or what was missed, is not given again, after a change either', (t) => {
  const stopped = play('2026-06-19.1', FIVE_MS + DAY_MS, { stopped: true })
  const missed = play('2026-06-20.1', FIVE_MS + 2 * DAY_MS, { orderId: null })
  const { make, withdraw } = plan(scheduleItem('a', { version: 2, changedAtMs: NOW_MS }), [first, stopped, missed])
  t.same(make.map(({ key }) => key), ['2026-06-18.1'])
  t.same(withdraw, [first])
  t.end()
})

t.test('an item of now has nothing to do with this morning', (t) => {
  const nowMs = FIVE_MS + 10 * MINUTE_MS
  t.same(plan(scheduleItem('a', { changedAtMs: nowMs }), [], nowMs).make.map(({ key }) => key), ['2026-06-19.1', '2026-06-20.1'])
  t.end()
})

t.test('whatever is changed and however often it is planned, each occurrence has at most one order that stands, and those to come are the schedule', (t) => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 30 * 3_600_000 }), minute: fc.integer({ min: 0, max: 1439 }), enabled: fc.boolean(), changes: fc.boolean(), stops: fc.boolean() })
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
    let item = scheduleItem('a')
    let nowMs = NOW_MS
    const plays = new Map<string, KnownPlay>()
    const begun: string[] = []
    for (const { waitMs, minute, enabled, changes, stops } of steps) {
      // The scheduler looks at least every half hour.
      for (let restMs = waitMs; restMs >= 0; restMs -= 30 * MINUTE_MS) {
        const before = nowMs
        nowMs += Math.min(restMs, 30 * MINUTE_MS)
        for (const { occurrence, startsAtMs, stopped } of plays.values()) if (!stopped && startsAtMs > before && startsAtMs <= nowMs) begun.push(occurrence)
        if (restMs < 30 * MINUTE_MS && changes) item = { ...item, version: item.version + 1, enabled, time: new Date(minute * MINUTE_MS).toISOString().slice(11, 19), changedAtMs: nowMs }
        const { make, withdraw } = plan(item, [...plays.values()], nowMs)
        for (const { occurrence } of withdraw) plays.delete(occurrence)
        for (const { key, startsAtMs, endsAtMs } of make) {
          if (startsAtMs < nowMs) return false
          plays.set(key, { itemId: 'a', occurrence: key, version: item.version, startsAtMs, endsAtMs, orderId: key, stopped: false })
        }
        const again = plan(item, [...plays.values()], nowMs)
        if (again.make.length + again.withdraw.length > 0) return false
      }
      const next = [...plays.values()].find(({ startsAtMs }) => startsAtMs > nowMs)
      if (stops && next !== undefined) plays.set(next.occurrence, { ...next, stopped: true })
    }
    const toCome = [...plays.values()].filter(({ startsAtMs, stopped }) => !stopped && startsAtMs > nowMs)
    return toCome.every(({ version }) => version === item.version && item.enabled) && new Set(begun).size === begun.length
  }), { numRuns: 100 })
  t.end()
})

t.test('missed starts follow the rule of their item', (t) => {
  const nowMs = FIVE_MS + 20 * MINUTE_MS
  const missed = (more: Partial<ScheduleItemRecord>, ordered = true, lengthMs = 30 * MINUTE_MS): MissedStart => ({ item: scheduleItem(more.id ?? 'a', more), occurrence: { key: '2026-06-18.1', startsAtMs: FIVE_MS, endsAtMs: FIVE_MS + lengthMs }, ordered })
  const outcome = (start: MissedStart) => judgeMissed([start], nowMs, () => false).get(start)
  t.equal(outcome(missed({ missed: 'join' })), 'join')
  t.equal(outcome(missed({ missed: 'join' }, true, 20 * MINUTE_MS)), 'leave-out', 'over')
  t.equal(outcome(missed({ missed: 'join' }, false)), 'join', 'a window of a source can be joined without an order of before')
  t.equal(outcome(missed({ missed: 'join', sourceId: null, clipIds: ['k'] }, false)), 'leave-out', 'clips cannot')
  t.equal(outcome(missed({ missed: 'skip' })), 'leave-out')
  t.equal(outcome(missed({ missed: 'late', lateLimitMs: 20 * MINUTE_MS })), 'late')
  t.equal(outcome(missed({ missed: 'late', lateLimitMs: 20 * MINUTE_MS - 1 })), 'leave-out')
  t.end()
})

t.test('never a burst: of all that would be late on one cluster only one is played', (t) => {
  const nowMs = FIVE_MS + 6 * 3_600_000
  const start = fc.record({ id: fc.uuid(), place: fc.integer({ min: 0, max: 2 }), agoMs: fc.integer({ min: 1, max: 8 * 3_600_000 }), class: fc.constantFrom('priority' as const, 'normal' as const) })
  fc.assert(fc.property(fc.uniqueArray(start, { maxLength: 30, selector: ({ id }) => id }), (starts) => {
    const missed = starts.map(({ id, place, agoMs, class: itemClass }): MissedStart => ({
      item: scheduleItem(id, { class: itemClass, missed: 'late', lateLimitMs: 4 * 3_600_000, targets: { units: [], clusters: [String(place)], tags: [] } }),
      occurrence: { key: '2026-06-18.1', startsAtMs: nowMs - agoMs, endsAtMs: nowMs - agoMs + MINUTE_MS },
      ordered: true,
    }))
    const outcomes = judgeMissed(missed, nowMs, (a, b) => a.targets.clusters[0] === b.targets.clusters[0])
    const late = missed.filter((one) => outcomes.get(one) === 'late')
    return outcomes.size === missed.length && ['0', '1', '2'].every((place) => {
      const candidates = missed.filter(({ item, occurrence }) => item.targets.clusters[0] === place && nowMs - occurrence.startsAtMs <= item.lateLimitMs)
      const chosen = late.filter(({ item }) => item.targets.clusters[0] === place)
      if (candidates.length === 0) return chosen.length === 0
      const best = candidates.some(({ item }) => item.class === 'priority') ? 'priority' : 'normal'
      return chosen.length === 1 && chosen[0]!.item.class === best && candidates.every(({ item, occurrence }) => item.class !== best || occurrence.startsAtMs <= chosen[0]!.occurrence.startsAtMs)
    })
  }), { numRuns: 200 })
  t.end()
})

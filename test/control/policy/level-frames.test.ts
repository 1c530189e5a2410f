import t from 'tap'
import { findFrameBreaches, isFree } from '../../../control/policy/frame-check.ts'
import { contradiction, framesBetween, heldFrames, intrusionsOf, keeperOf } from '../../../control/policy/level-frames.ts'
import { NO_POLICY } from '../../../control/policy/policy.ts'
import type { HeldFrame, LevelFrame, Policy } from '../../../control/ports.ts'
import { instantOf } from '../../../control/schedule/calendar.ts'
import { playsBetween, type Sized } from '../../../control/schedule/collisions.ts'
import { frameCuresOf } from '../../../control/schedule/frame-cures.ts'
import { scheduleItem } from '../../support/schedule-item.ts'
import { fc } from '../../support/seed.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
/** Monday, 15 June 2026, midnight in Viet Nam. */
const MONDAY_MS = instantOf('2026-06-15', '00:00:00', 'Asia/Ho_Chi_Minh')
const at = (day: number, time: string): number => MONDAY_MS + day * DAY_MS + minuteOf(time) * MINUTE_MS
const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
const frame = (level: number, from: string, to: string, more: Partial<HeldFrame> = {}): HeldFrame => ({ name: `cấp ${String(level)}`, level, from, to, weekdays: null, unitId: 'tinh', ...more })
const shown = (frames: readonly HeldFrame[], days = 1) => framesBetween(frames, MONDAY_MS, MONDAY_MS + days * DAY_MS).map(({ startsAtMs, endsAtMs, frame: { level } }) => [(startsAtMs - MONDAY_MS) / MINUTE_MS, (endsAtMs - MONDAY_MS) / MINUTE_MS, level])

t.test('the frames of a unit and of all above it hold, and the upper unit\'s goes first', (t) => {
  const own = new Map<string, Policy>([['tinh', { ...NO_POLICY, levelFrames: [frame(0, '05:00', '05:30')] }], ['xa', { ...NO_POLICY, levelFrames: [frame(2, '05:15', '06:00')] }]])
  const frames = heldFrames(['xa', 'huyen', 'tinh'], (id) => own.get(id))
  t.same(frames.map(({ unitId, level }) => [unitId, level]), [['tinh', 0], ['xa', 2]])
  t.same(shown(frames), [[300, 330, 0], [330, 360, 2]])
  t.same(shown([frame(0, '23:30', '00:30', { weekdays: ['SU'] })]), [[0, 30, 0]], 'of Sunday, past midnight')
  t.equal(keeperOf(frame(1, '05:00', '06:00'), ['xa', 'huyen', 'tinh']), 'huyen')
  t.equal(keeperOf(frame(5, '05:00', '06:00'), ['xa', 'huyen', 'tinh']), 'tinh', 'a level that the tree does not have there')
  t.end()
})

t.test('two levels are not promised the same time by one unit', (t) => {
  const frames: LevelFrame[] = [frame(0, '05:00', '05:30'), frame(1, '05:30', '06:00'), frame(1, '05:45', '06:15'), frame(2, '23:00', '05:01', { weekdays: ['SU'] })]
  t.same(contradiction(frames), [0, 3], 'from Sunday into Monday')
  t.equal(contradiction(frames.slice(0, 3)), null)
  t.end()
})

const day = { startsAtMs: at(0, '05:00'), endsAtMs: at(0, '06:00') }
t.test('what falls into a frame of another level is told, part by part', (t) => {
  const frames = [frame(0, '05:00', '05:20'), frame(2, '05:40', '05:50'), frame(1, '05:45', '07:00')]
  t.same(intrusionsOf(1, [day], frames).map(({ startsAtMs, endsAtMs, frame: { level } }) => [startsAtMs, endsAtMs, level]), [[at(0, '05:00'), at(0, '05:20'), 0], [at(0, '05:40'), at(0, '05:50'), 2]])
  t.same(intrusionsOf(1, [{ startsAtMs: at(0, '05:20'), endsAtMs: at(0, '05:40') }], frames), [])
  t.end()
})

const sized = (time: string, minutes: number, more: object = {}): Sized => ({ item: scheduleItem('i', { time: `${time}:00`, firstDay: '2026-06-15', durationMs: minutes * MINUTE_MS, ...more }), lengthMs: minutes * MINUTE_MS })
const UNTIL_MS = MONDAY_MS + 14 * DAY_MS

function look(one: Sized, level: number, groups: Parameters<typeof findFrameBreaches>[1]) {
  const breaches = findFrameBreaches({ level, stretches: playsBetween(one, MONDAY_MS, UNTIL_MS) }, groups)
  const cures = frameCuresOf(one, breaches, groups.flatMap(({ frames }) => frames), (plays) => isFree(level, plays, one.item.zone, groups), MONDAY_MS, UNTIL_MS)
  return { breaches, cures }
}
const group = (frames: readonly HeldFrame[], policy: Partial<Policy> = {}) => ({ frames, policy: { ...NO_POLICY, ...policy }, lineages: [['xa', 'huyen', 'tinh']], clusters: 3 })

t.test('the ways out: the nearest free time, an end before the frame, or to ask who keeps it', (t) => {
  const frames = [frame(0, '05:00', '05:30'), frame(1, '06:00', '07:00')]
  const before = look(sized('04:50', 20), 2, [group(frames)])
  t.match(before.breaches, [{ frame: { level: 0 }, keepers: ['tinh'], clusters: 3, count: 14, first: { startsAtMs: at(0, '05:00'), endsAtMs: at(0, '05:10') } }])
  t.same(before.cures, [{ cure: 'move', change: { time: '04:40:00' } }, { cure: 'trim', change: { durationMs: 10 * MINUTE_MS } }, { cure: 'ask', change: { enabled: false } }])
  t.same(look(sized('05:10', 20), 2, [group(frames)]).cures.map(({ change }) => change), [{ time: '05:30:00' }, { enabled: false }], 'what begins in it cannot be trimmed')
  t.same(look(sized('05:10', 40), 2, [group(frames, { quiet: [{ weekdays: null, from: '20:00', to: '05:00' }] })]).cures[0], { cure: 'move', change: { time: '07:00:00' } }, 'neither into the quiet hours nor into the next frame')
  t.same(look(sized('06:00', 60), 1, [group(frames)]), { breaches: [], cures: [] }, 'its own')
  t.same(look(sized('05:10', 20), 2, [group([frame(0, '05:00', '00:00'), frame(0, '00:00', '05:00')])]).cures.map(({ cure }) => cure), ['ask'], 'the whole day')
  t.end()
})

const clock = fc.integer({ min: 0, max: 47 }).map((half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`)
const anyFrame = fc.record({ level: fc.nat(2), from: clock, to: clock, weekdays: fc.option(fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 })), unitId: fc.constantFrom('tinh', 'huyen', 'xa') }).map((one): HeldFrame => ({ name: 'x', ...one }))

/** The frame of a minute of the week, by looking at each in turn. */
function frameAt(frames: readonly HeldFrame[], minute: number): HeldFrame | undefined {
  return frames.find(({ from, to, weekdays }) => WEEKDAYS.some((weekday, index) => {
    if (weekdays?.includes(weekday) === false) return false
    const start = index * 1440 + minuteOf(from)
    const length = (minuteOf(to) - minuteOf(from) + 1440) % 1440 || 1440
    return (minute - start + 7 * 1440) % (7 * 1440) < length
  }))
}

t.test('for all frames: each minute has the frame that a plain look at it finds, and no other', (t) => {
  fc.assert(fc.property(fc.array(anyFrame, { maxLength: 5 }), (frames) => {
    const stretches = framesBetween(frames, MONDAY_MS, MONDAY_MS + 7 * DAY_MS)
    for (const [index, { startsAtMs, endsAtMs }] of stretches.entries()) {
      if (endsAtMs <= startsAtMs || (stretches[index + 1]?.startsAtMs ?? Infinity) < endsAtMs) return false
    }
    for (let minute = 0; minute < 7 * 1440; minute += 30) {
      const found = stretches.find(({ startsAtMs, endsAtMs }) => startsAtMs <= MONDAY_MS + minute * MINUTE_MS && MONDAY_MS + minute * MINUTE_MS < endsAtMs)
      if (found?.frame !== frameAt(frames, minute)) return false
    }
    return true
  }), { numRuns: 60 })
  t.end()
})

t.test('for all items, frames and hours: nothing is lost without a word, and each way out is one', (t) => {
  const item = fc.record({ time: clock, minutes: fc.integer({ min: 1, max: 240 }), plays: fc.integer({ min: 1, max: 3 }), gapMs: fc.constantFrom(0, 20 * MINUTE_MS), level: fc.nat(2), repeat: fc.constantFrom({ kind: 'daily', every: 1 } as const, { kind: 'weekly', weekdays: ['TU', 'SU'], every: 1 } as const) })
  const quiet = fc.option(fc.record({ from: clock, to: clock }).map((window) => [{ ...window, weekdays: null }]))
  fc.assert(fc.property(item, fc.array(anyFrame, { maxLength: 4 }), quiet, ({ time, minutes, plays, gapMs, level, repeat }, frames, quietHours) => {
    const one = sized(time, minutes, { plays, gapMs, repeat })
    const groups = [group(frames, { quiet: quietHours }), group(frames.slice(1))]
    const { breaches, cures } = look(one, level, groups)
    const foreign = (held: readonly HeldFrame[], play: { startsAtMs: number; endsAtMs: number }): boolean => {
      for (let ms = play.startsAtMs; ms < play.endsAtMs; ms += MINUTE_MS) if ((frameAt(held, Math.floor((ms - MONDAY_MS) / MINUTE_MS) % (7 * 1440))?.level ?? level) !== level) return true
      return false
    }
    const all = playsBetween(one, MONDAY_MS, UNTIL_MS)
    const falls = all.filter((play) => groups.some((held) => foreign(held.frames, play)))
    // Told exactly when some play falls into a frame, and of no more plays than do.
    if ((breaches.length > 0) !== (falls.length > 0) || breaches.some(({ count }) => count > falls.length)) return false
    for (const { cure, change } of cures) {
      if (cure === 'ask') continue
      const changed = { item: { ...one.item, ...change }, lengthMs: change.durationMs ?? one.lengthMs }
      const after = playsBetween(changed, MONDAY_MS, UNTIL_MS)
      // As many plays as before but for one at the edges of what is looked at, each of full length or truly trimmed, none in a frame of another level.
      if (Math.abs(after.length - all.length) > plays || changed.lengthMs < 1 || (cure === 'move' && changed.lengthMs !== one.lengthMs) || (cure === 'trim' && changed.lengthMs >= one.lengthMs)) return false
      if (look(changed, level, groups).breaches.length > 0) return false
    }
    return breaches.length === 0 ? cures.length === 0 : cures.at(-1)!.cure === 'ask'
  }), { numRuns: 100 })
  t.end()
})

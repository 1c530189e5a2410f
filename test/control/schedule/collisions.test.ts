import t from 'tap'
import { curesOf, isLaidOver, isUndecided, mayMeet, overlapsOf as overlapsOfPlays, playsBetween, type Overlap, type Sized } from '../../../control/schedule/collisions.ts'
import { occurrencesOf } from '../../../control/schedule/occurrences.ts'
import type { ScheduleItemRecord } from '../../../control/schedule/schedule-port.ts'
import { scheduleItem } from '../../support/schedule-item.ts'
import { fc } from '../../support/seed.ts'

const FROM_MS = Date.UTC(2026, 5, 17, 17)
const UNTIL_MS = FROM_MS + 7 * 86_400_000
const sized = (item: ScheduleItemRecord): Sized => ({ item, lengthMs: item.durationMs! })
const overlapsOf = (mine: Sized, theirs: Sized, fromMs: number, untilMs: number): readonly Overlap[] => overlapsOfPlays(playsBetween(mine, fromMs, untilMs), playsBetween(theirs, fromMs, untilMs))
const level = (unitId: string): number => Number(unitId.slice(1))

t.test('an overlap is found on each day it happens, and not where two only touch', (t) => {
  const other = sized(scheduleItem('b', { time: '05:20:00', repeat: { kind: 'weekly', weekdays: ['TH', 'SU'], every: 1 } }))
  t.same(overlapsOf(sized(scheduleItem('a')), other, FROM_MS, UNTIL_MS).map(({ mine, theirs }) => [mine.key, theirs.key]), [['2026-06-18.1', '2026-06-18.1'], ['2026-06-21.1', '2026-06-21.1']])
  t.same(overlapsOf(sized(scheduleItem('a')), sized(scheduleItem('b', { time: '05:30:00' })), FROM_MS, UNTIL_MS), [])
  t.end()
})

t.test('two priority items of one level are undecided until one has another rank', (t) => {
  const mine = scheduleItem('a', { class: 'priority', issuerUnitId: 'u2' })
  t.ok(isUndecided(mine, scheduleItem('b', { class: 'priority', issuerUnitId: 'u2' }), level))
  t.notOk(isUndecided(mine, scheduleItem('b', { class: 'priority', issuerUnitId: 'u2', rank: 1 }), level))
  t.notOk(isUndecided(mine, scheduleItem('b', { class: 'priority', issuerUnitId: 'u1' }), level), 'the higher unit goes first')
  t.notOk(isUndecided(mine, scheduleItem('b', { issuerUnitId: 'u2' }), level))
  t.end()
})

t.test('an item that lays itself over another and may does not collide with it: both are heard', (t) => {
  const over = { over: { duckDb: 12, attackMs: 300, releaseMs: 1000 }, introClipId: null, outroClipId: null, crossfadeMs: 0 }
  const talk = (more: Partial<ScheduleItemRecord> = {}): ScheduleItemRecord => scheduleItem('talk', { issuerUnitId: 'u2', mixing: over, ...more })
  const music = (more: Partial<ScheduleItemRecord> = {}): ScheduleItemRecord => scheduleItem('music', { issuerUnitId: 'u2', ...more })
  t.ok(isLaidOver(talk(), music(), level))
  t.ok(isLaidOver(music(), talk(), level), 'whichever is looked at')
  t.ok(isLaidOver(talk({ class: 'priority' }), music({ issuerUnitId: 'u1' }), level))
  t.notOk(isLaidOver(talk(), music({ class: 'priority' }), level), 'it waits for its better')
  t.notOk(isLaidOver(talk(), music({ issuerUnitId: 'u1' }), level), 'and for those above')
  t.notOk(isLaidOver(talk(), music({ mixing: over }), level), 'nor are two laid over one another')
  t.notOk(isLaidOver(talk({ mixing: { ...over, over: null } }), music(), level))
  t.end()
})

t.test('the three cures', (t) => {
  const mine = sized(scheduleItem('a', { time: '05:20:00' }))
  const theirs = sized(scheduleItem('b', { except: ['2026-06-20'], repeat: { kind: 'weekly', weekdays: ['TH', 'SU'], every: 1 } }))
  const overlaps = overlapsOf(mine, theirs, FROM_MS, UNTIL_MS)
  t.same(curesOf(mine, theirs, overlaps, level), [
    { cure: 'overwrite', itemId: 'b', change: { except: ['2026-06-18', '2026-06-20', '2026-06-21'] } },
    { cure: 'after', itemId: 'a', change: { time: '05:30:00' } },
    { cure: 'trim', itemId: 'b', change: { durationMs: 1_200_000 } },
  ])
  t.match(curesOf(theirs, mine, overlaps.map(({ mine, theirs }) => ({ mine: theirs, theirs: mine })), level), [{ cure: 'overwrite', itemId: 'a' }, { cure: 'after', change: { time: '05:50:00' } }, { cure: 'trim', itemId: 'b', change: { durationMs: 1_200_000 } }])

  const [first, second] = [sized(scheduleItem('a', { class: 'priority' })), sized(scheduleItem('b', { class: 'priority', rank: 3 }))]
  t.same(curesOf(first, second, overlapsOf(first, second, FROM_MS, UNTIL_MS), level), [{ cure: 'overwrite', itemId: 'a', change: { rank: 2 } }, { cure: 'after', itemId: 'a', change: { time: '05:30:00' } }], 'what begins together cannot be trimmed')

  const once = sized(scheduleItem('c', { repeat: { kind: 'once' }, firstDay: '2026-06-18' }))
  t.match(curesOf(first, once, overlapsOf(first, once, FROM_MS, UNTIL_MS), level), [{ cure: 'overwrite', itemId: 'c', change: { enabled: false } }], 'its only day')

  const late = sized(scheduleItem('c', { time: '23:50:00' }))
  t.match(curesOf(late, late, overlapsOf(late, late, FROM_MS, UNTIL_MS), level).map(({ cure }) => cure), ['overwrite'], 'after midnight it would be another day')
  t.end()
})

const anyItem = (id: string) => fc.record({
  minute: fc.integer({ min: 0, max: 1439 }),
  durationMs: fc.integer({ min: 60_000, max: 7_200_000 }),
  every: fc.integer({ min: 1, max: 3 }),
  plays: fc.integer({ min: 1, max: 3 }),
  gapMs: fc.integer({ min: 0, max: 3_600_000 }),
}).map(({ minute, every, ...more }) => sized(scheduleItem(id, { ...more, time: new Date(minute * 60_000).toISOString().slice(11, 19), repeat: { kind: 'daily', every } })))

t.test('overlaps are those that comparing every play with every other finds', (t) => {
  fc.assert(fc.property(anyItem('a'), anyItem('b'), (a, b) => {
    const [mine, theirs] = [a, b].map(({ item, lengthMs }) => occurrencesOf(item, lengthMs, FROM_MS, UNTIL_MS))
    const expected = mine!.flatMap((x) => theirs!.filter((y) => x.startsAtMs < y.endsAtMs && y.startsAtMs < x.endsAtMs).map((y) => ({ mine: x, theirs: y })))
    t.same(overlapsOf(a, b, FROM_MS, UNTIL_MS), expected)
    return expected.length === 0 || mayMeet(a, b)
  }), { numRuns: 200 })
  t.end()
})

t.test('a cure, once taken, ends the overlap it was offered for', (t) => {
  fc.assert(fc.property(anyItem('a'), anyItem('b'), (mine, theirs) => {
    const overlaps = overlapsOf(mine, theirs, FROM_MS, UNTIL_MS)
    return curesOf(mine, theirs, overlaps, level).every(({ itemId, change }) => {
      const take = (one: Sized): Sized => (one.item.id === itemId ? sized({ ...one.item, ...change }) : one)
      const [{ mine: first, theirs: against }] = overlaps as [(typeof overlaps)[number]]
      return !overlapsOf(take(mine), take(theirs), FROM_MS, UNTIL_MS).some((left) => left.mine.key === first.key && left.theirs.key === against.key)
    })
  }), { numRuns: 300 })
  t.end()
})

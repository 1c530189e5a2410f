import t, { type Test } from 'tap'
import { AvailabilityDesk, type AvailabilityRules } from '../../../control/monitoring/availability-desk.ts'
import { BUCKETS, figuresOf, GONE, totalsOf, type Bucket } from '../../../control/monitoring/availability.ts'
import { stateHistory, type StateSpan } from '../../../control/monitoring/state-history.ts'
import { isPacked, packNumbers, packTotals, unpackNumbers, unpackTotals } from '../../../control/monitoring/packing.ts'
import type { MonitoringStore } from '../../../control/ports.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { fc } from '../../support/seed.ts'

const RULES: AvailabilityRules = { timeZone: 'Asia/Ho_Chi_Minh', stateLogKeepDays: 0, availabilityKeepDays: 0 }
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Midnight of 30 June 2026 in Viet Nam. */
const MIDNIGHT_MS = Date.UTC(2026, 5, 29, 17)

const at = (bucket: Bucket): number => BUCKETS.indexOf(bucket)

function open(t: Test): SqliteStore {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  return store
}

/** Each second, as the monitor does it. */
function run(desk: AvailabilityDesk, fromMs: number, untilMs: number, everyMs = 10_000): void {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += everyMs) desk.beat(nowMs)
}

/** What was kept of a day: of each number the ms in each bucket that is not empty. */
function kept(store: SqliteStore, day: string): Record<number, Partial<Record<Bucket, number>>> {
  const found: Record<number, Partial<Record<Bucket, number>>> = {}
  for (const { totals } of store.monitoring.days(day, day)) {
    unpackTotals(totals, BUCKETS.length, (number, amounts) => {
      found[number] = Object.fromEntries(BUCKETS.flatMap((bucket, index) => (amounts[index] === 0 ? [] : [[bucket, amounts[index]]])))
    })
  }
  return found
}

t.test('days end at midnight of the zone, and each ms is in one bucket of one day', (t) => {
  const store = open(t)
  const startMs = MIDNIGHT_MS - HOUR_MS
  const desk = new AvailabilityDesk(store, RULES, startMs)
  desk.note([{ number: 1, bucket: at('idle'), atMs: startMs }, { number: 2, bucket: at('lost'), atMs: startMs + 1000 }])
  run(desk, startMs + 1000, MIDNIGHT_MS - 10_000)
  t.same(kept(store, '2026-06-29'), {}, 'not over yet')
  desk.note([{ number: 1, bucket: at('playing'), atMs: MIDNIGHT_MS - 5000 }, { number: 1, bucket: at('silent'), atMs: MIDNIGHT_MS + 4000 }])
  run(desk, MIDNIGHT_MS + 5000, MIDNIGHT_MS + DAY_MS + 10_000)
  t.same(kept(store, '2026-06-29'), { 1: { idle: HOUR_MS - 5000, playing: 5000 }, 2: { lost: HOUR_MS - 1000 } }, 'what came before midnight and what came after it, though told together')
  t.same(kept(store, '2026-06-30'), { 1: { playing: 4000, silent: DAY_MS - 4000 }, 2: { lost: DAY_MS } })
  t.equal(desk.today.day, '2026-07-01', 'the month is over too')
  t.end()
})

t.test('while control was down all is unknown: neither available nor lost', (t) => {
  const store = open(t)
  const before = new AvailabilityDesk(store, RULES, MIDNIGHT_MS)
  before.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }, { number: 2, bucket: at('lost'), atMs: MIDNIGHT_MS }, { number: 3, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  run(before, MIDNIGHT_MS + 1000, MIDNIGHT_MS + HOUR_MS)
  const knownMs = before.knownMs
  t.ok(MIDNIGHT_MS + HOUR_MS - knownMs < 10_000, 'a kill costs ten seconds at most')

  const backMs = MIDNIGHT_MS + 3 * DAY_MS + HOUR_MS
  const after = new AvailabilityDesk(store, RULES, backMs)
  t.same(after.numbers().toSorted((a, b) => a - b), [1, 2, 3])
  after.note([{ number: 1, bucket: at('idle'), atMs: backMs + 2000 }, { number: 2, bucket: at('idle'), atMs: backMs + 2000 }, { number: 3, bucket: GONE, atMs: backMs + 2000 }])
  run(after, backMs + 2000, MIDNIGHT_MS + 4 * DAY_MS + 10_000)
  const first = knownMs - MIDNIGHT_MS
  t.same(kept(store, '2026-06-30'), { 1: { idle: first, unknown: DAY_MS - first }, 2: { lost: first, unknown: DAY_MS - first }, 3: { idle: first, unknown: DAY_MS - first } })
  for (const day of ['2026-07-01', '2026-07-02']) t.same(kept(store, day), { 1: { unknown: DAY_MS }, 2: { unknown: DAY_MS }, 3: { unknown: DAY_MS } }, day)
  t.same(kept(store, '2026-07-03'), { 1: { unknown: HOUR_MS + 2000, idle: DAY_MS - HOUR_MS - 2000 }, 2: { unknown: HOUR_MS + 2000, idle: DAY_MS - HOUR_MS - 2000 }, 3: { unknown: HOUR_MS + 2000 } })
  t.end()
})

t.test('an orderly end loses nothing', (t) => {
  const store = open(t)
  const desk = new AvailabilityDesk(store, RULES, MIDNIGHT_MS)
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  desk.beat(MIDNIGHT_MS + 1000)
  desk.note([{ number: 1, bucket: at('playing'), atMs: MIDNIGHT_MS + 1500 }])
  desk.close(MIDNIGHT_MS + 1700)
  t.equal(store.monitoring.knownUntilMs(), MIDNIGHT_MS + 1700)
  const totals = totalsOf(store.monitoring.rows(MIDNIGHT_MS, MIDNIGHT_MS + 1700), MIDNIGHT_MS, MIDNIGHT_MS + 1700)
  t.match(figuresOf(totals.get(1)!), { onlineMs: 1700, soundedMs: 200, unknownMs: 0 })
  t.end()
})

t.test('nobody looked for a while, or the clock was put back', (t) => {
  const store = open(t)
  const desk = new AvailabilityDesk(store, RULES, MIDNIGHT_MS)
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }, { number: 2, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  run(desk, MIDNIGHT_MS + 1000, MIDNIGHT_MS + HOUR_MS)
  const { knownMs } = desk
  desk.note([{ number: 1, bucket: at('lost'), atMs: knownMs + 1000 }])
  desk.beat(knownMs + 2 * HOUR_MS)
  desk.note([{ number: 2, bucket: at('playing'), atMs: knownMs - HOUR_MS }])
  desk.beat(knownMs - HOUR_MS)
  t.equal(desk.knownMs, knownMs + 2 * HOUR_MS, 'no time passes backwards')
  run(desk, desk.knownMs, MIDNIGHT_MS + DAY_MS + 10_000)
  const known = knownMs - MIDNIGHT_MS
  const left = DAY_MS - known - 2 * HOUR_MS
  t.same(kept(store, '2026-06-30'), { 1: { idle: known, unknown: 2 * HOUR_MS, lost: left }, 2: { idle: known, unknown: 2 * HOUR_MS, playing: left } })
  t.end()
})

t.test('what a full disk refuses is written when it can be, and is unknown when that took too long', (t) => {
  const store = open(t)
  let isFull = false
  const full = { transaction: <T>(work: () => T): T => {
    if (isFull) throw new Error('full')
    return store.transaction(work)
  }, monitoring: store.monitoring }
  const desk = new AvailabilityDesk(full, RULES, MIDNIGHT_MS)
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  desk.beat(MIDNIGHT_MS + 1000)
  isFull = true
  desk.note([{ number: 1, bucket: at('lost'), atMs: MIDNIGHT_MS + 2000 }])
  t.throws(() => { desk.beat(MIDNIGHT_MS + 2000) })
  isFull = false
  desk.beat(MIDNIGHT_MS + 30_000)
  isFull = true
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS + 40_000 }])
  t.throws(() => { desk.beat(MIDNIGHT_MS + 40_000) })
  isFull = false
  desk.beat(MIDNIGHT_MS + 100_000)
  run(desk, MIDNIGHT_MS + 100_000, MIDNIGHT_MS + DAY_MS + 10_000)
  t.same(kept(store, '2026-06-30'), { 1: { idle: 2000 + DAY_MS - 100_000, lost: 28_000, unknown: 70_000 } })
  t.end()
})

t.test('a full disk at midnight: the day is closed when it can be, and is whole', (t) => {
  const store = open(t)
  let isFull = false
  const full = { transaction: <T>(work: () => T): T => store.transaction(() => {
    const made = work()
    if (isFull) throw new Error('full')
    return made
  }), monitoring: store.monitoring }
  const desk = new AvailabilityDesk(full, RULES, MIDNIGHT_MS)
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  run(desk, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS - 10_000)
  isFull = true
  desk.note([{ number: 1, bucket: at('lost'), atMs: MIDNIGHT_MS + DAY_MS - 4000 }, { number: 1, bucket: at('playing'), atMs: MIDNIGHT_MS + DAY_MS + 1000 }])
  for (let tries = 1; tries < 4; tries++) t.throws(() => { desk.beat(MIDNIGHT_MS + DAY_MS + tries * 2000) })
  t.same([desk.today.day, kept(store, '2026-06-30')], ['2026-06-30', {}])
  isFull = false
  desk.beat(MIDNIGHT_MS + DAY_MS + 9000)
  t.same(kept(store, '2026-06-30'), { 1: { idle: DAY_MS - 4000, lost: 4000 } })
  t.match(figuresOf(desk.totalsOfToday().get(1)!), { lostMs: 1000, soundedMs: 8000 })
  t.end()
})

t.test('a day with many changes is neither read in one turn nor removed in one', async (t) => {
  const store = open(t)
  let mostRead = 0
  const counted = <T>(rows: readonly T[]): readonly T[] => {
    mostRead = Math.max(mostRead, rows.length)
    return rows
  }
  const { monitoring: table } = store
  const monitoring: MonitoringStore = {
    clusters: () => table.clusters(), number: (ids) => table.number(ids), seen: (clusters) => { table.seen(clusters) }, knownUntilMs: () => table.knownUntilMs(),
    append: (rows, knownMs) => { table.append(rows, knownMs) }, closeDay: (day) => { table.closeDay(day) }, days: (from, to) => table.days(from, to), firstDay: () => table.firstDay(),
    removeRowsBefore: (atMs, limit) => table.removeRowsBefore(atMs, limit), removeDaysBefore: (day) => table.removeDaysBefore(day),
    rows: (fromMs, untilMs) => counted(table.rows(fromMs, untilMs)), rowsAfter: (last, untilMs, limit) => counted(table.rowsAfter(last, untilMs, limit)),
  }
  const rules = { ...RULES, stateLogKeepDays: 1 }
  const desk = new AvailabilityDesk({ transaction: (work) => store.transaction(work), monitoring }, rules, MIDNIGHT_MS)
  // All in one minute: an hour later nothing of it is left to tell.
  desk.note(Array.from({ length: 3000 }, (_, n) => ({ number: 1 + (n % 2), bucket: at(n % 4 < 2 ? 'idle' : 'lost'), atMs: MIDNIGHT_MS + n * 20 })))
  run(desk, MIDNIGHT_MS + 60_000, MIDNIGHT_MS + DAY_MS + 10_000)
  t.equal(mostRead, 0, 'midnight reads nothing again')
  t.same(Object.keys(kept(store, '2026-06-30')), ['1', '2'])
  t.equal((await stateHistory({ monitoring }, desk, 1, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS)).length, 1500)
  t.ok(mostRead > 0 && mostRead <= 250, `${String(mostRead)} rows at once`)
  const left = (): number => store.monitoring.rows(0, MIDNIGHT_MS + DAY_MS).length
  const whole = left()
  run(desk, MIDNIGHT_MS + DAY_MS + 20_000, MIDNIGHT_MS + 2 * DAY_MS)
  t.equal(left(), whole - 500, 'a part')
  for (let beats = 1; beats <= 6; beats++) desk.beat(MIDNIGHT_MS + 2 * DAY_MS + beats * 1000)
  t.equal(left(), 0)
})

t.test('a day of 23 and one of 25 hours, where clocks change', (t) => {
  const store = open(t)
  const rules = { ...RULES, timeZone: 'Europe/Berlin' }
  const startMs = Date.UTC(2026, 2, 28, 23)
  const desk = new AvailabilityDesk(store, rules, startMs)
  desk.note([{ number: 1, bucket: at('idle'), atMs: startMs }])
  run(desk, startMs + 1000, startMs + 23 * HOUR_MS + 10_000)
  t.same(kept(store, '2026-03-29'), { 1: { idle: 23 * HOUR_MS } })
  t.end()
})

t.test('what is too old is removed', (t) => {
  const store = open(t)
  const desk = new AvailabilityDesk(store, { ...RULES, stateLogKeepDays: 1, availabilityKeepDays: 2 }, MIDNIGHT_MS)
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  for (let nowMs = MIDNIGHT_MS; nowMs <= MIDNIGHT_MS + 4 * DAY_MS; nowMs += 50_000) desk.beat(nowMs)
  t.same(store.monitoring.days('2000-01-01', '2100-01-01').map(({ day }) => day), ['2026-07-02', '2026-07-03'])
  t.equal(store.monitoring.rows(0, MIDNIGHT_MS + 3 * DAY_MS).length, 0)
  t.ok(store.monitoring.rows(0, MIDNIGHT_MS + 5 * DAY_MS).length > 0)
  t.end()
})

t.test('a clock that was years off does not fill the disk with days', (t) => {
  const store = open(t)
  const desk = new AvailabilityDesk(store, RULES, MIDNIGHT_MS)
  desk.note([{ number: 1, bucket: at('idle'), atMs: MIDNIGHT_MS }])
  desk.beat(MIDNIGHT_MS + 1000)
  desk.beat(MIDNIGHT_MS + 20 * 365 * DAY_MS)
  t.equal(store.monitoring.days('2000-01-01', '2100-01-01').length, 1)
  t.end()
})

t.test('whatever changes when, with restarts in between: every cluster has each ms of each day once, and a day reckoned again from the log is the same', (t) => {
  const anyStep = fc.record({
    afterMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 30 * HOUR_MS })),
    restart: fc.boolean(),
    changes: fc.array(fc.record({ number: fc.integer({ min: 1, max: 4 }), bucket: fc.integer({ min: 0, max: BUCKETS.length - 1 }) }), { maxLength: 3 }),
  })
  fc.assert(fc.property(fc.array(anyStep, { maxLength: 25 }), (steps) => {
    const store = SqliteStore.inMemory()
    let nowMs = MIDNIGHT_MS
    let desk = new AvailabilityDesk(store, RULES, nowMs)
    desk.note([1, 2, 3, 4].map((number) => ({ number, bucket: 0, atMs: nowMs })))
    desk.beat(nowMs)
    for (const { afterMs, restart, changes } of steps) {
      nowMs += afterMs
      if (restart) desk = new AvailabilityDesk(store, RULES, nowMs)
      desk.note(changes.map((change) => ({ ...change, atMs: nowMs })))
      desk.beat(nowMs)
    }
    const days = store.monitoring.days('2000-01-01', '2100-01-01')
    const whole = days.every(({ day, fromMs, untilMs, totals }) => {
      const again = Buffer.from(packTotals(totalsOf(store.monitoring.rows(fromMs, untilMs), fromMs, untilMs)))
      return untilMs - fromMs === DAY_MS && again.equals(totals) && Object.values(kept(store, day)).length === 4
        && Object.values(kept(store, day)).every((amounts) => Object.values(amounts).reduce((sum, ms) => sum + ms, 0) === DAY_MS)
    })
    const { fromMs } = desk.today
    const today = Buffer.from(packTotals(totalsOf(store.monitoring.rows(fromMs, desk.knownMs), fromMs, desk.knownMs))).equals(packTotals(desk.totalsOfToday()))
    store.close()
    return whole && today && days.length === Math.floor((nowMs - MIDNIGHT_MS) / DAY_MS)
  }), { numRuns: 60 })
  t.end()
})

t.test('figures', (t) => {
  const amounts = BUCKETS.map((_, index) => 2 ** index)
  const { availability, soundedShare, ...ms } = figuresOf(amounts)
  t.same(ms, { onlineMs: 1 + 2 + 4 + 8 + 16 + 32, lostMs: 64 + 128, unknownMs: 256, neverSeenMs: 512, outOfUseMs: 1024, onAirMs: 2 + 4 + 8 + 32 + 128, soundedMs: 6, outOfStepMs: 4, silentMs: 8, mutedOnAirMs: 32, lostOnAirMs: 128 })
  t.equal(availability, 0.24705882)
  t.equal(soundedShare, 0.03448276)
  t.match(figuresOf(BUCKETS.map(() => 0)), { availability: null, soundedShare: null })
  t.end()
})

t.test('packed and unpacked again', (t) => {
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 })), (numbers) => {
    t.same(unpackNumbers(packNumbers(numbers)), numbers.toSorted((a, b) => a - b))
    return true
  }))
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000_000 })), { minLength: 11, maxLength: 11 })), { selector: ([number]) => number }), (entries) => {
    const found: [number, number[]][] = []
    unpackTotals(packTotals(new Map(entries)), 11, (number, amounts) => { found.push([number, [...amounts]]) })
    t.same(found, entries.toSorted(([a], [b]) => a - b))
    return true
  }))
  t.end()
})

t.test('what one cluster was is told over midnights, and sums up to the same as the totals', async (t) => {
  const store = open(t)
  const startMs = MIDNIGHT_MS - HOUR_MS
  const desk = new AvailabilityDesk(store, RULES, startMs)
  desk.note([{ number: 1, bucket: at('idle'), atMs: startMs }, { number: 2, bucket: at('lost'), atMs: startMs }])
  run(desk, startMs, MIDNIGHT_MS - 10_000)
  desk.note([{ number: 1, bucket: at('playing'), atMs: MIDNIGHT_MS - 5000 }])
  run(desk, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS)
  desk.note([{ number: 1, bucket: at('lostOnAir'), atMs: MIDNIGHT_MS + DAY_MS + 7000 }])
  run(desk, MIDNIGHT_MS + DAY_MS + 10_000, MIDNIGHT_MS + DAY_MS + HOUR_MS)
  const told = async (number: number, fromMs: number, untilMs: number): Promise<unknown[]> => (await stateHistory(store, desk, number, fromMs, untilMs)).map(({ state, isOnAir, fromMs: from, untilMs: until }) => [state, isOnAir, from - MIDNIGHT_MS, until - MIDNIGHT_MS])
  t.same(await told(1, startMs - DAY_MS, Infinity), [['idle', false, -HOUR_MS, -5000], ['playing', true, -5000, DAY_MS + 7000], ['lost', true, DAY_MS + 7000, DAY_MS + HOUR_MS]])
  t.same(await told(1, MIDNIGHT_MS + 9000, MIDNIGHT_MS + 10_000), [['playing', true, 9000, 10_000]], 'a part of it')
  t.same(await told(2, startMs, MIDNIGHT_MS), [['lost', false, -HOUR_MS, 0]])
  t.same(await told(3, startMs, MIDNIGHT_MS), [], 'another is none of these')
  t.same(await told(1, MIDNIGHT_MS + 9 * DAY_MS, MIDNIGHT_MS + 10 * DAY_MS), [], 'what is to come')
  const sums = (spans: readonly StateSpan[]): number => spans.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0)
  t.equal(sums(await stateHistory(store, desk, 1, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS)), DAY_MS, 'no hole and no overlap')
})

t.test('a number is found among packed ones exactly when it was packed', (t) => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(400)), fc.nat(400), (numbers, asked) => isPacked(packNumbers(numbers), asked) === numbers.includes(asked)))
  t.end()
})

import t, { type Test } from 'tap'
import { addCell, addReport, cellIn, emptyCell, figuresOf, packCells, unpackCells, type Cell } from '../../../control/monitoring/measurement-cells.ts'
import { FINE_MS, MeasurementDesk, stepFor, type MeasurementRules, type Point } from '../../../control/monitoring/measurement-desk.ts'
import type { SpeakerInfo, Store } from '../../../control/ports.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { anySpeaker, speakerInfo } from '../../support/cluster-facts.ts'
import { fc } from '../../support/seed.ts'

const RULES: MeasurementRules = { measurementKeepDays: 31, measurementHoursKeepDays: 400 }
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Midnight of 30 June 2026 in Viet Nam. */
const MIDNIGHT_MS = Date.UTC(2026, 5, 29, 17)

function open(t: Test): SqliteStore {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  return store
}

const said = (part: Partial<SpeakerInfo> = {}): SpeakerInfo => speakerInfo('c', 0, part)
const cellOf = (reports: readonly SpeakerInfo[]): Cell => {
  const cell = emptyCell()
  for (const report of reports) addReport(cell, report)
  return cell
}
const shown = (points: readonly Point[]) => points.map(({ fromMs, cell }) => [fromMs - MIDNIGHT_MS, cell.reports, figuresOf(cell)])

t.test('a cell tells the least, the mean and the most of what was said, and nothing of what was not', (t) => {
  const cell = cellOf([said({ syncErrorUs: -120, signalDbm: -90.25, volumePercent: 60, hoursPercent: 50, temperatureC: null }), said({ syncErrorUs: 1000, signalDbm: null, volumePercent: 60, muted: true, temperatureC: null })])
  t.same(figuresOf(cell), {
    syncErrorMs: { min: -0.12, mean: 0.44, max: 1 }, signalDbm: { min: -90.2, mean: -90.2, max: -90.2 }, volumePercent: { min: 60, mean: 60, max: 60 }, playedPercent: { min: 0, mean: 15, max: 30 }, temperatureC: null,
  })
  t.equal(figuresOf(cellOf([said({ volumePercent: 40, hoursPercent: null, muted: null })])).playedPercent?.mean, 40, 'without hours it plays as it is set')
  t.equal(figuresOf(cellOf([said({ temperatureC: NaN })])).temperatureC, null)
  t.end()
})

t.test('what is packed comes out again, and it does not matter in which parts it came', (t) => {
  const reports = fc.array(anySpeaker('c'), { minLength: 1, maxLength: 12 })
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.nat(1e6), reports), { selector: ([number]) => number, maxLength: 20 }), (clusters) => {
    const cells = new Map(clusters.map(([number, all]) => [number, cellOf(all)]))
    const packed = packCells(cells)
    t.strictSame([...unpackCells(packed)], [...cells].sort(([a], [b]) => a - b))
    for (const [number, cell] of cells) t.strictSame(cellIn(packed, number), cell)
    t.equal(cellIn(packed, 1e6 + 1), null)
  }))
  fc.assert(fc.property(reports, reports, (first, second) => {
    const joined = cellOf(first)
    addCell(joined, cellOf(second))
    t.strictSame(joined, cellOf([...first, ...second]))
  }))
  t.end()
})

t.test('steps are as short as make at most 600 points', (t) => {
  t.same([0, 2 * HOUR_MS, DAY_MS, 2.5 * DAY_MS, 7 * DAY_MS, 31 * DAY_MS, 365 * DAY_MS, 600 * DAY_MS].map((spanMs) => stepFor(spanMs) / 60_000), [5, 5, 5, 10, 20, 120, 1440, 1440])
  t.equal(stepFor(DAY_MS, 50 * 60_000), HOUR_MS, 'not shorter than asked for')
  fc.assert(fc.property(fc.integer({ min: 0, max: 600 * DAY_MS }), (spanMs) => { t.ok(spanMs / stepFor(spanMs) <= 600) }))
  t.end()
})

/** Reports of clusters over some hours, each at its time, in order. */
const anyHistory = fc.array(fc.record({ afterMs: fc.oneof(fc.nat(30_000), fc.nat(3 * HOUR_MS)), number: fc.nat(45), info: anySpeaker('c'), turns: fc.nat(6), isRestarted: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }) }), { maxLength: 60 })

t.test('whatever is written when, restarts in order included, the past is what the reports say, and holes stay holes', async (t) => {
  const store = open(t)
  let run = 0
  await fc.assert(fc.asyncProperty(anyHistory, fc.constantFrom(0, 15 * 60_000, HOUR_MS, 6 * HOUR_MS), async (history, leastMs) => {
    // Clusters of their own for each run: one store for all.
    const base = run++ * 1000
    let nowMs = MIDNIGHT_MS
    let desk = new MeasurementDesk(store, RULES, nowMs)
    const expected = new Map<number, Map<number, Cell>>()
    const untilMs = MIDNIGHT_MS + history.reduce((sum, { afterMs }) => sum + afterMs, 0) + FINE_MS
    const stepMs = stepFor(untilMs - MIDNIGHT_MS, leastMs)
    for (const { afterMs, number, info, turns, isRestarted } of history) {
      nowMs += afterMs
      desk.said(base + number, info, nowMs)
      for (let turn = 0; turn < turns; turn++) desk.beat(nowMs)
      const points = expected.get(number) ?? new Map<number, Cell>()
      const pointMs = MIDNIGHT_MS + Math.floor((nowMs - MIDNIGHT_MS) / stepMs) * stepMs
      points.set(pointMs, points.get(pointMs) ?? emptyCell())
      addReport(points.get(pointMs)!, info)
      expected.set(number, points)
      if (!isRestarted) continue
      desk.close(nowMs)
      desk = new MeasurementDesk(store, RULES, nowMs)
    }
    for (let number = 0; number <= 45; number++) {
      const found = await desk.history(base + number, MIDNIGHT_MS, MIDNIGHT_MS, untilMs, nowMs, leastMs)
      t.equal(found.stepMs, stepMs)
      t.strictSame(found.points.map(({ fromMs, cell }) => [fromMs, cell]), [...(expected.get(number) ?? [])])
    }
  }), { numRuns: 30 })
})

t.test('a kill costs the five minutes that are not over', async (t) => {
  const store = open(t)
  const desk = new MeasurementDesk(store, RULES, MIDNIGHT_MS)
  desk.said(7, said({ signalDbm: -80 }), MIDNIGHT_MS + 1000)
  desk.beat(MIDNIGHT_MS + FINE_MS - 1)
  desk.said(7, said({ signalDbm: -90 }), MIDNIGHT_MS + FINE_MS)
  desk.beat(MIDNIGHT_MS + FINE_MS)
  const after = new MeasurementDesk(store, RULES, MIDNIGHT_MS + FINE_MS)
  const { points } = await after.history(7, MIDNIGHT_MS, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS, MIDNIGHT_MS + FINE_MS)
  t.match(shown(points), [[0, 1, { signalDbm: { mean: -80 } }]])
  t.equal(points.length, 1)
})

t.test('old rows go, the fine ones first; what is asked for beyond them is told by the hour', async (t) => {
  const store = open(t)
  const desk = new MeasurementDesk(store, { measurementKeepDays: 1, measurementHoursKeepDays: 3 }, MIDNIGHT_MS)
  let nowMs = MIDNIGHT_MS
  for (; nowMs < MIDNIGHT_MS + 4 * DAY_MS; nowMs += FINE_MS / 2) {
    desk.said(7, said({ temperatureC: 40 }), nowMs)
    desk.beat(nowMs)
  }
  desk.close(nowMs)
  const kept = (stepMs: number) => store.measurements.rows(stepMs, 0, 0, nowMs, 10_000).map(({ fromMs }) => fromMs)
  t.equal(kept(FINE_MS).length, 288)
  t.equal(kept(HOUR_MS).length, 72)
  const fine = await desk.history(7, MIDNIGHT_MS, nowMs - HOUR_MS, nowMs, nowMs)
  t.same([fine.stepMs, fine.points.length, fine.points[0]?.cell.reports], [FINE_MS, 12, 2])
  const old = await desk.history(7, MIDNIGHT_MS, nowMs - 2 * DAY_MS, nowMs - 2 * DAY_MS + 6 * HOUR_MS, nowMs)
  t.same([old.stepMs, old.points.length, old.points[0]?.cell.reports], [HOUR_MS, 6, 24])
  // Somebody keeps less from now on: it goes by and by, never at once.
  const less = new MeasurementDesk(store, { measurementKeepDays: 1, measurementHoursKeepDays: 1 }, nowMs)
  for (const untilMs = nowMs + 6 * FINE_MS; nowMs < untilMs; nowMs += FINE_MS) {
    const before = kept(HOUR_MS).length
    less.said(7, said(), nowMs)
    less.beat(nowMs + FINE_MS)
    t.ok(before - kept(HOUR_MS).length <= 20)
  }
  t.equal(kept(HOUR_MS).filter((fromMs) => fromMs < nowMs - DAY_MS - HOUR_MS).length, 0)
})

t.test('ten thousand clusters are written a few in a turn; a full disk is waited for, and not for ever', async (t) => {
  const store = open(t)
  let isFull = false
  let puts = 0
  const measurements: Store['measurements'] = {
    get: (...args) => store.measurements.get(...args), rows: (...args) => store.measurements.rows(...args), removeBefore: (...args) => store.measurements.removeBefore(...args),
    put: (...args) => {
      if (isFull) throw new Error('disk full')
      puts++
      store.measurements.put(...args)
    },
  }
  const desk = new MeasurementDesk({ measurements, transaction: (work) => store.transaction(work) }, RULES, MIDNIGHT_MS)
  for (let number = 0; number < 10_000; number++) desk.said(number, said(), MIDNIGHT_MS)
  t.equal(puts, 0, 'no report is written by itself')
  const turns: number[] = []
  for (let turn = 0; turn < 100; turn++) {
    const before = puts
    desk.beat(MIDNIGHT_MS + FINE_MS)
    if (puts > before) turns.push(puts - before)
  }
  t.equal(Math.max(...turns), 50, '25 blocks, by five minutes and by the hour')
  t.equal(puts, 1000)
  isFull = true
  for (let step = 1; step <= 5; step++) {
    desk.said(7, said({ temperatureC: step }), MIDNIGHT_MS + step * FINE_MS)
    t.throws(() => { desk.beat(MIDNIGHT_MS + (step + 1) * FINE_MS) }, /disk full/)
  }
  isFull = false
  desk.close(MIDNIGHT_MS + 6 * FINE_MS)
  const { points } = await desk.history(7, MIDNIGHT_MS, MIDNIGHT_MS, MIDNIGHT_MS + HOUR_MS, MIDNIGHT_MS + HOUR_MS)
  t.same(points.map(({ fromMs, cell }) => [(fromMs - MIDNIGHT_MS) / FINE_MS, figuresOf(cell).temperatureC?.mean]), [[0, 41], [3, 3], [4, 4], [5, 5]], 'the last three are kept, and the hole is one')
})

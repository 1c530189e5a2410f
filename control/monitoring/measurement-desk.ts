import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MeasurementRow, SpeakerInfo, Store } from '../ports.ts'
import { addCell, addReport, cellIn, emptyCell, packCells, unpackCells, type Cell } from './measurement-cells.ts'

export interface MeasurementRules {
  /** Days for which what devices measured is kept by five minutes. */
  readonly measurementKeepDays: number
  /** Days for which it is kept by the hour; 0: for ever. */
  readonly measurementHoursKeepDays: number
}

export interface Point {
  readonly fromMs: number
  readonly cell: Cell
}

const DAY_MS = 24 * 3_600_000
const HOUR_MS = 3_600_000
/** A report is lost by a kill for so long at most. */
export const FINE_MS = 5 * 60_000
/** Clusters that share a row: few enough that one of them is read fast, and that a row fits into a page of the database four times. */
const BLOCK = 20
/** Blocks that are written in one turn: control serves nobody meanwhile. */
const BLOCKS_A_TURN = 25
/** Rows that are read in one turn. */
const ROWS_A_TURN = 300
/** Old rows that go when a block is written: one is usual, more once the setting was lowered. */
const REMOVED_A_TURN = 20
/** What cannot be written waits for so many times of FINE_MS; then the oldest goes. */
const MOST_WAITING = 3
/** Lengths of a step, each a part of a day. */
const STEPS_MS = [...[5, 10, 15, 20, 30].map((minutes) => minutes * 60_000), ...[1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * HOUR_MS)]
const MOST_POINTS = 600
/** Longer than that is more points than a screen can show. */
export const MOST_MEASURED_MS = MOST_POINTS * DAY_MS

interface Waiting {
  readonly fromMs: number
  readonly block: number
  readonly cells: ReadonlyMap<number, Cell>
}

const floorTo = (value: number, step: number): number => Math.floor(value / step) * step

/**
 * The shortest step of those there are that makes few enough points. Pure.
 * @param leastMs it is not shorter than this
 */
export function stepFor(spanMs: number, leastMs = 0): number {
  return STEPS_MS.find((stepMs) => stepMs >= leastMs && spanMs / stepMs <= MOST_POINTS) ?? DAY_MS
}

/**
 * Keeps what devices measure, by five minutes and by the hour. Reports are gathered in memory; what is over is written a few blocks of clusters
 * a turn. Closed in order it loses nothing; a kill loses what came since the last full five minutes.
 */
export class MeasurementDesk {
  readonly #store: Pick<Store, 'measurements' | 'transaction'>
  readonly #rules: MeasurementRules
  #fromMs: number
  /** Blocks of the five minutes that are not over. */
  #open = new Map<number, Map<number, Cell>>()
  #waiting: Waiting[] = []

  constructor(store: Pick<Store, 'measurements' | 'transaction'>, rules: MeasurementRules, nowMs: number) {
    this.#store = store
    this.#rules = rules
    this.#fromMs = floorTo(nowMs, FINE_MS)
  }

  /** A device has said how it is. Nothing is written. @param number of its cluster */
  said(number: number, said: SpeakerInfo, nowMs: number): void {
    this.#turn(nowMs)
    const block = Math.floor(number / BLOCK)
    let cells = this.#open.get(block)
    if (cells === undefined) this.#open.set(block, cells = new Map<number, Cell>())
    let cell = cells.get(number)
    if (cell === undefined) cells.set(number, cell = emptyCell())
    addReport(cell, said)
  }

  /**
   * To be called several times a second. Writes some of what waits, all of it or nothing; what could not be written is tried again at the next call.
   * @throws StoreError
   */
  beat(nowMs: number): void {
    this.#turn(nowMs)
    const some = this.#waiting.slice(0, BLOCKS_A_TURN)
    if (some.length === 0) return
    this.#store.transaction(() => {
      for (const one of some) this.#write(one, nowMs)
    })
    this.#waiting = this.#waiting.slice(some.length)
  }

  /** Writes all there is. @throws StoreError */
  close(nowMs: number): void {
    this.#seal()
    while (this.#waiting.length > 0) this.beat(nowMs)
  }

  /**
   * What a cluster measured, by steps as short as are kept and make few enough points; without a report there is no point. Others are served in between.
   * @param number of the cluster
   * @param midnightMs a beginning of a day at or before `fromMs`: steps are counted from there
   * @param leastStepMs they are not shorter than this
   */
  async history(number: number, midnightMs: number, fromMs: number, untilMs: number, nowMs: number, leastStepMs = 0): Promise<{ readonly stepMs: number; readonly points: readonly Point[] }> {
    const isFineKept = fromMs >= nowMs - this.#rules.measurementKeepDays * DAY_MS
    const stepMs = stepFor(untilMs - fromMs, Math.max(leastStepMs, isFineKept ? 0 : HOUR_MS))
    const keptMs = stepMs < HOUR_MS ? FINE_MS : HOUR_MS
    const beginMs = midnightMs + floorTo(fromMs - midnightMs, stepMs)
    const points = new Map<number, Cell>()
    const add = (atMs: number, cell: Cell | null | undefined): void => {
      if (cell === null || cell === undefined || atMs < beginMs || atMs >= untilMs) return
      const pointMs = midnightMs + floorTo(atMs - midnightMs, stepMs)
      let point = points.get(pointMs)
      if (point === undefined) points.set(pointMs, point = emptyCell())
      addCell(point, cell)
    }
    const block = Math.floor(number / BLOCK)
    const read = (rowsFromMs: number, rowsUntilMs: number): readonly MeasurementRow[] => {
      const rows = this.#store.measurements.rows(keptMs, block, rowsFromMs, rowsUntilMs, ROWS_A_TURN)
      for (const row of rows) add(row.fromMs, cellIn(row.cells, number))
      return rows
    }
    // What waits and the rows to which it will be added, in one turn: between two it may have gone from here to there.
    for (const waiting of this.#waiting) if (waiting.block === block) add(waiting.fromMs, waiting.cells.get(number))
    add(this.#fromMs, this.#open.get(block)?.get(number))
    const settledMs = floorTo(this.#waiting.reduce((earliest, { fromMs: atMs }) => Math.min(earliest, atMs), this.#fromMs), keptMs)
    read(Math.max(beginMs, settledMs), untilMs)
    for (let nextMs = beginMs; nextMs < Math.min(settledMs, untilMs);) {
      const rows = read(nextMs, Math.min(settledMs, untilMs))
      if (rows.length < ROWS_A_TURN) break
      nextMs = rows.at(-1)!.fromMs + 1
      await nextTurn()
    }
    return { stepMs, points: [...points].sort(([a], [b]) => a - b).map(([atMs, cell]) => ({ fromMs: atMs, cell })) }
  }

  #turn(nowMs: number): void {
    const fromMs = floorTo(nowMs, FINE_MS)
    if (fromMs === this.#fromMs) return
    this.#seal()
    this.#fromMs = fromMs
  }

  #seal(): void {
    for (const [block, cells] of this.#open) this.#waiting.push({ fromMs: this.#fromMs, block, cells })
    this.#open = new Map()
    const times = [...new Set(this.#waiting.map(({ fromMs }) => fromMs))]
    if (times.length <= MOST_WAITING) return
    const kept = new Set(times.slice(-MOST_WAITING))
    this.#waiting = this.#waiting.filter(({ fromMs }) => kept.has(fromMs))
  }

  #write({ block, fromMs, cells }: Waiting, nowMs: number): void {
    const { measurements } = this.#store
    const { measurementKeepDays, measurementHoursKeepDays } = this.#rules
    for (const [stepMs, keepDays] of [[FINE_MS, measurementKeepDays], [HOUR_MS, measurementHoursKeepDays]] as const) {
      const atMs = floorTo(fromMs, stepMs)
      const kept = measurements.get(stepMs, block, atMs)
      measurements.put(stepMs, block, { fromMs: atMs, cells: packCells(kept === undefined ? cells : joined(unpackCells(kept), cells)) })
      if (keepDays > 0) measurements.removeBefore(stepMs, block, nowMs - keepDays * DAY_MS, REMOVED_A_TURN)
    }
  }
}

function joined(cells: Map<number, Cell>, more: ReadonlyMap<number, Cell>): ReadonlyMap<number, Cell> {
  for (const [number, cell] of more) {
    const there = cells.get(number)
    if (there === undefined) cells.set(number, cell)
    else addCell(there, cell)
  }
  return cells
}

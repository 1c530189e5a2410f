import type { Store } from '../ports.ts'
import { addDays, instantOf, localDay, type Day } from '../schedule/calendar.ts'
import { GONE, Ledger, UNKNOWN, type Amounts } from './availability.ts'
import type { StateRow } from './monitoring-port.ts'
import { packNumbers, packTotals, unpackNumbers } from './packing.ts'

export interface AvailabilityRules {
  /** IANA zone of the days, months and years of reports. */
  readonly timeZone: string
  /** Days for which each change is kept, so that days can be reckoned again; 0: for ever. */
  readonly stateLogKeepDays: number
  /** Days for which the totals of days are kept; 0: for ever. */
  readonly availabilityKeepDays: number
}

/** A cluster is in another bucket from then on. */
export interface BucketChange {
  readonly number: number
  readonly bucket: number
  readonly atMs: number
}

/** The log is known to be complete up to a moment at most so long ago, so a kill costs so much that nobody knows. */
const BEAT_EVERY_MS = 10_000
/** Nothing was seen for longer than this, whatever the reason: the machine slept, the disk was full, the clock was put forward. */
const GAP_MS = 60_000
/** Of days nobody saw, these many at most get totals of nothing but `unknown`; a clock that was years off does not keep the server busy. */
const MOST_AWAY_MS = 400 * 24 * 3_600_000
/** Rows that are too old, removed in one go; the next ones go with the next beat. */
const TRIMMED_AT_ONCE = 500

/**
 * Keeps which cluster was in which bucket: a log of changes that begins anew each day with where everybody stands, so that a day can be reckoned from
 * its own rows alone, and the totals of each day that is over. What it has not seen is `unknown`.
 */
export class AvailabilityDesk {
  readonly #store: Pick<Store, 'monitoring' | 'transaction'>
  readonly #rules: AvailabilityRules
  /** Where everybody stands by the log. */
  readonly #buckets = new Map<number, number>()
  #waiting: BucketChange[] = []
  #knownMs: number
  #dayUntilMs: number
  #day: Day
  /** Of the day that is not over, by what is on the disk: midnight need not read the day. */
  #ledger: Ledger
  #isTrimming = true

  /**
   * Takes the log up again; from where it ends until now everything is unknown.
   * @throws StoreError
   */
  constructor(store: Pick<Store, 'monitoring' | 'transaction'>, rules: AvailabilityRules, nowMs: number) {
    this.#store = store
    this.#rules = rules
    this.#knownMs = store.monitoring.knownUntilMs() ?? nowMs
    this.#day = localDay(this.#knownMs, rules.timeZone)
    this.#dayUntilMs = this.#endOf(this.#day)
    const fromMs = this.#startOf(this.#day)
    this.#ledger = new Ledger(fromMs)
    // One that ended on the last ms of a day stands at the beginning of the next.
    for (const row of store.monitoring.rows(fromMs, this.#knownMs + 1)) {
      this.#ledger.take(row)
      for (const number of unpackNumbers(row.clusters)) this.#put(number, row.bucket)
    }
    this.#write((rows) => {
      this.#lookAway(rows, Math.max(nowMs, this.#knownMs))
    }, Math.max(nowMs, this.#knownMs))
  }

  /** Clusters that are there, by the log. */
  numbers(): readonly number[] {
    return [...this.#buckets.keys()]
  }

  note(changes: readonly BucketChange[]): void {
    this.#waiting.push(...changes)
  }

  /**
   * To be called about once a second, and before anybody reads. What could not be written is tried again at the next call.
   * @throws StoreError
   */
  beat(nowMs: number): void {
    // A clock that was put back: until it has caught up no time passes.
    const atMs = Math.max(nowMs, this.#knownMs)
    if (atMs - this.#knownMs > GAP_MS) this.#skip(atMs)
    else if (this.#waiting.length > 0 || atMs - this.#knownMs >= BEAT_EVERY_MS || atMs >= this.#dayUntilMs) this.#write((rows) => {
      let lastMs = this.#knownMs
      for (const [changeMs, changes] of Map.groupBy(this.#waiting, (change) => lastMs = Math.min(Math.max(change.atMs, lastMs), atMs))) {
        this.#cross(rows, changeMs)
        rows.push(...this.#rowsOf(changeMs, changes))
      }
      this.#cross(rows, atMs)
    }, atMs)
    this.#trim()
  }

  /** Up to when the log is complete. */
  get knownMs(): number {
    return this.#knownMs
  }

  /** The day that is not over, and when it began. */
  get today(): { readonly day: Day; readonly fromMs: number; readonly untilMs: number } {
    return { day: this.#day, fromMs: this.#startOf(this.#day), untilMs: this.#dayUntilMs }
  }

  /** Of the day that is not over, up to when the log is complete. */
  totalsOfToday(): Map<number, Amounts> {
    return this.#ledger.totals(this.#knownMs)
  }

  /** The day of the house to which a moment belongs. */
  dayOf(atMs: number): { readonly fromMs: number; readonly untilMs: number } {
    const day = localDay(atMs, this.#rules.timeZone)
    return { fromMs: this.#startOf(day), untilMs: this.#endOf(day) }
  }

  /** The last beat: nothing is unknown up to now. @throws StoreError */
  close(nowMs: number): void {
    this.beat(nowMs)
    if (nowMs > this.#knownMs) this.#write(() => undefined, nowMs)
  }

  /** Nobody was looking: all is unknown up to now, and then as it was last said to be. */
  #skip(nowMs: number): void {
    this.#write((rows) => {
      const stand = new Map(this.#buckets)
      for (const { number, bucket } of this.#waiting) stand.set(number, bucket)
      this.#lookAway(rows, nowMs)
      rows.push(...this.#rowsOf(nowMs, [...stand].map(([number, bucket]) => ({ number, bucket }))))
    }, nowMs)
  }

  #lookAway(rows: StateRow[], untilMs: number): void {
    if (untilMs > this.#knownMs) rows.push(...this.#rowsOf(this.#knownMs, [...this.#buckets.keys()].map((number) => ({ number, bucket: UNKNOWN }))))
    this.#cross(rows, untilMs)
  }

  /** All of it is on the disk when it returns, or none, and then nothing is forgotten. */
  #write(makeRows: (rows: StateRow[]) => void, knownMs: number): void {
    const before = { buckets: new Map(this.#buckets), day: this.#day, untilMs: this.#dayUntilMs, ledger: this.#ledger }
    const rows: StateRow[] = []
    try {
      this.#store.transaction(() => {
        makeRows(rows)
        this.#store.monitoring.append(rows, knownMs)
      })
    } catch (error) {
      this.#buckets.clear()
      for (const [number, bucket] of before.buckets) this.#buckets.set(number, bucket)
      this.#day = before.day
      this.#dayUntilMs = before.untilMs
      this.#ledger = before.ledger
      throw error
    }
    for (const row of rows) this.#ledger.take(row)
    this.#waiting = []
    this.#knownMs = knownMs
  }

  /** Rows for what really changes, one for each bucket. */
  #rowsOf(atMs: number, changes: readonly Pick<BucketChange, 'number' | 'bucket'>[]): StateRow[] {
    const last = new Map(changes.map(({ number, bucket }) => [number, bucket]))
    const moved = [...last].filter(([number, bucket]) => (this.#buckets.get(number) ?? GONE) !== bucket)
    for (const [number, bucket] of moved) this.#put(number, bucket)
    return [...Map.groupBy(moved, ([, bucket]) => bucket)].map(([bucket, group]) => ({ atMs, bucket, clusters: packNumbers(group.map(([number]) => number)) }))
  }

  #put(number: number, bucket: number): void {
    if (bucket === GONE) this.#buckets.delete(number)
    else this.#buckets.set(number, bucket)
  }

  /** Closes every day that ends at `untilMs` or before, and begins the next with where everybody stands. */
  #cross(rows: StateRow[], untilMs: number): void {
    while (this.#dayUntilMs <= untilMs) {
      const atMs = this.#dayUntilMs
      // The day's own ledger stays as it is until all of it is on the disk.
      const day = this.#ledger.copy()
      for (const row of rows) day.take(row)
      this.#store.monitoring.append(rows.splice(0), atMs)
      this.#store.monitoring.closeDay({ day: this.#day, fromMs: this.#startOf(this.#day), untilMs: atMs, totals: packTotals(day.totals(atMs)) })
      this.#day = untilMs - atMs > MOST_AWAY_MS ? localDay(untilMs, this.#rules.timeZone) : addDays(this.#day, 1)
      this.#dayUntilMs = this.#endOf(this.#day)
      const beginMs = this.#startOf(this.#day)
      this.#ledger = new Ledger(beginMs)
      rows.push(...[...Map.groupBy(this.#buckets, ([, bucket]) => bucket)].map(([bucket, group]) => ({ atMs: beginMs, bucket, clusters: packNumbers(group.map(([number]) => number)) })))
      if (this.#rules.availabilityKeepDays > 0) this.#store.monitoring.removeDaysBefore(addDays(this.#day, -this.#rules.availabilityKeepDays))
      this.#isTrimming = true
    }
  }

  /** A day of a province with weak lines has 50 000 rows: others are served in between. */
  #trim(): void {
    if (!this.#isTrimming) return
    const { stateLogKeepDays } = this.#rules
    this.#isTrimming = stateLogKeepDays > 0 && this.#store.monitoring.removeRowsBefore(this.#startOf(addDays(this.#day, -stateLogKeepDays)), TRIMMED_AT_ONCE) === TRIMMED_AT_ONCE
  }

  #startOf(day: Day): number {
    return instantOf(day, '00:00:00', this.#rules.timeZone)
  }

  #endOf(day: Day): number {
    return this.#startOf(addDays(day, 1))
  }
}

import type { ControlClock } from '../ports.ts'

const FREE_TRIES = 3
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LONGEST_MS = 24 * HOUR_MS
/** The first lock; each further wrong try doubles it. */
const FIRST_LOCK_MS = { pair: MINUTE_MS, line: 5 * MINUTE_MS, number: 15 * MINUTE_MS } as const
/** Of all numbers together, wrong tries an hour; beyond it only who is known from where he calls is looked at. */
export const BUDGET_PER_HOUR = 60
/** A line from which somebody came in is known for him for so long. */
const KNOWN_MS = 90 * 24 * HOUR_MS
const MOST_KEPT = 20_000

interface Tally {
  readonly failures: number
  readonly lastMs: number
  readonly lockedUntilMs: number
}

/** A lock that has just begun. */
export interface PinLock {
  readonly what: 'number' | 'line' | 'all'
  /** The number or the line; '' for all. */
  readonly id: string
  readonly untilMs: number
}

/**
 * Bounds what guessing at PINs can bring. A try is at one number, never at all of them at once; wrong ones are counted by number, by line (what the network says of the caller, which is
 * nobody's proof but tells most guessers apart) and in all. Locks grow. So that nobody can keep somebody else out by guessing at his number, a line from which he was let in before is
 * judged by its own tries with that number alone: whoever forges it has three tries, then one a minute, then fewer and fewer. With a million PINs at the least, a year of that is hardly a hope.
 * Kept in memory: a restart forgets it. All tables are bounded.
 */
export class PinGuard {
  readonly #clock: ControlClock
  readonly #tallies = { pair: new Map<string, Tally>(), line: new Map<string, Tally>(), number: new Map<string, Tally>() }
  readonly #known = new Map<string, number>()
  /** Numbers whose PIN is being looked at: a hundred tries at once are not one. */
  readonly #open = new Set<string>()
  /** Times of wrong tries in the last hour. */
  #wrongMs: number[] = []

  constructor(clock: ControlClock) {
    this.#clock = clock
  }

  /** Begins a try, which must be ended by `failed` or `succeeded`. @returns false: it must not even be looked at */
  begin(number: string, line: string): boolean {
    if (this.#open.has(number)) return false
    const isKnown = this.isKnown(number, line)
    const isLocked = isKnown ? this.#isLocked('pair', pairOf(number, line)) : this.#isLocked('number', number) || this.#isLocked('line', line) || this.#spent()
    if (isLocked) return false
    this.#open.add(number)
    return true
  }

  isKnown(number: string, line: string): boolean {
    return (this.#known.get(pairOf(number, line)) ?? -Infinity) > this.#clock.wallMs() - KNOWN_MS
  }

  /** @returns locks that have begun with it */
  failed(number: string, line: string): readonly PinLock[] {
    this.#open.delete(number)
    const nowMs = this.#clock.wallMs()
    const wasSpent = this.#spent()
    this.#wrongMs.push(nowMs)
    const pairMs = this.#count('pair', pairOf(number, line))
    // Whoever is known from there spoils nothing for others.
    const numberMs = this.isKnown(number, line) ? null : this.#count('number', number)
    const lineMs = this.isKnown(number, line) ? null : this.#count('line', line)
    return [
      ...(numberMs ?? pairMs) === null ? [] : [{ what: 'number' as const, id: number, untilMs: (numberMs ?? pairMs)! }],
      ...(lineMs === null ? [] : [{ what: 'line' as const, id: line, untilMs: lineMs }]),
      ...(!wasSpent && this.#spent() ? [{ what: 'all' as const, id: '', untilMs: nowMs + HOUR_MS }] : []),
    ]
  }

  succeeded(number: string, line: string): void {
    this.#open.delete(number)
    for (const [kind, key] of [['pair', pairOf(number, line)], ['number', number], ['line', line]] as const) this.#tallies[kind].delete(key)
    put(this.#known, pairOf(number, line), this.#clock.wallMs())
  }

  /** Neither: it could not be looked at. */
  undecided(number: string): void {
    this.#open.delete(number)
  }

  #spent(): boolean {
    const sinceMs = this.#clock.wallMs() - HOUR_MS
    this.#wrongMs = this.#wrongMs.filter((atMs) => atMs > sinceMs).slice(-BUDGET_PER_HOUR)
    return this.#wrongMs.length >= BUDGET_PER_HOUR
  }

  #isLocked(kind: keyof typeof FIRST_LOCK_MS, key: string): boolean {
    return (this.#current(kind, key)?.lockedUntilMs ?? 0) > this.#clock.wallMs()
  }

  /** @returns until when it is locked by this try; null: it is not */
  #count(kind: keyof typeof FIRST_LOCK_MS, key: string): number | null {
    const nowMs = this.#clock.wallMs()
    const failures = (this.#current(kind, key)?.failures ?? 0) + 1
    const lockedUntilMs = failures < FREE_TRIES ? 0 : nowMs + Math.min(FIRST_LOCK_MS[kind] * 2 ** (failures - FREE_TRIES), LONGEST_MS)
    put(this.#tallies[kind], key, { failures, lastMs: nowMs, lockedUntilMs })
    return lockedUntilMs === 0 ? null : lockedUntilMs
  }

  /** Forgotten a day after the last, or after its lock. A clock that was set back locks nobody for it. */
  #current(kind: keyof typeof FIRST_LOCK_MS, key: string): Tally | undefined {
    const tally = this.#tallies[kind].get(key)
    const nowMs = this.#clock.wallMs()
    return tally !== undefined && nowMs >= tally.lastMs && nowMs < Math.max(tally.lastMs, tally.lockedUntilMs) + LONGEST_MS ? tally : undefined
  }
}

const pairOf = (number: string, line: string): string => `${number} ${line}`

/** Keeps what is newest. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key)
  entries.set(key, value)
  if (entries.size > MOST_KEPT) entries.delete(entries.keys().next().value!)
}

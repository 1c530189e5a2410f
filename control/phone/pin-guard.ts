import type { ControlClock, PhoneTally, PhoneTryKind, PhoneTryStore } from '../ports.ts'

const FREE_TRIES = 3
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LONGEST_MS = 24 * HOUR_MS
/** The first lock; each further wrong try doubles it. */
const FIRST_LOCK_MS = { pair: MINUTE_MS, line: 5 * MINUTE_MS, number: 15 * MINUTE_MS, 'peer-number': 15 * MINUTE_MS } as const
/** Of all numbers together, wrong tries an hour; beyond it strangers wait before they are looked at. */
export const BUDGET_PER_HOUR = 60
/** The wait doubles with so many more, up to what somebody in need stands through. */
const DOUBLES_WITH = 10
const FIRST_WAIT_MS = 1000
export const MOST_WAIT_MS = 20_000
/** Wrong tries of the last hour that are counted: more change nothing. */
const MOST_COUNTED = BUDGET_PER_HOUR + 10 * DOUBLES_WITH
/** A line from which somebody came in is known for him for so long. */
export const KNOWN_MS = 90 * 24 * HOUR_MS
/** Of each kind; the newest are kept. */
export const MOST_KEPT = 20_000

/** From where somebody tries. */
export interface PhoneCaller {
  /** What the network says of him. It is nobody's proof, but tells most guessers apart. */
  readonly line: string
  /** He does not say from which number he calls: with him on the line are all who do not. */
  readonly isWithheld: boolean
  /** The number tried has this caller id registered; or the call comes from a switchboard that was allowed by its address. */
  readonly trust: 'registered' | 'peer' | 'none'
}

/** A lock that has just begun. */
export interface PinLock {
  readonly what: 'number' | 'line' | 'all'
  /** The number or the line; '' for all. */
  readonly id: string
  readonly untilMs: number
}

/**
 * Bounds what guessing at PINs can bring. A try is at one number, never at all of them at once; wrong ones are counted by number, by line and in all. Locks of numbers and lines grow, and outlast a restart.
 * Nobody can keep somebody else out by guessing: a line from which he was let in before, or that is registered for him, is judged by its own tries with that number alone (whoever forges it has three, then one a
 * minute, then fewer and fewer; with a million PINs at the least, a year of that is hardly a hope), switchboards that are allowed by address do not share the locks of strangers, and a flood of
 * wrong tries from everywhere makes strangers wait, longer and longer, but locks nobody.
 */
export class PinGuard {
  readonly #clock: ControlClock
  readonly #tries: PhoneTryStore
  /** Whose PIN is being looked at, by whom: a hundred tries at once are not one. */
  readonly #open = new Set<string>()
  /** Times of wrong tries in the last hour. A restart forgets them: they lock nobody. */
  #wrongMs: number[] = []

  constructor(clock: ControlClock, tries: PhoneTryStore) {
    this.#clock = clock
    this.#tries = tries
  }

  /** How long a try waits before it begins, ms; 0: not at all. */
  waitMs(number: string, caller: PhoneCaller): number {
    if (caller.trust === 'peer' || this.isKnown(number, caller)) return 0
    const over = this.#wrongInHour() - BUDGET_PER_HOUR
    return over < 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.floor(over / DOUBLES_WITH), MOST_WAIT_MS)
  }

  /** Begins a try, which must be ended by `failed`, `succeeded` or `undecided`. @returns false: it must not even be looked at */
  begin(number: string, caller: PhoneCaller): boolean {
    const open = this.#openOf(number, caller)
    if (this.#open.has(open) || this.#countedFor(number, caller).some(([kind, id]) => (this.#current(kind, id)?.lockedUntilMs ?? 0) > this.#clock.wallMs())) return false
    this.#open.add(open)
    return true
  }

  isKnown(number: string, { line, trust }: PhoneCaller): boolean {
    return trust === 'registered' || (this.#tries.get('known', pairOf(number, line))?.lastMs ?? -Infinity) > this.#clock.wallMs() - KNOWN_MS
  }

  /** @returns locks that have begun with it */
  failed(number: string, caller: PhoneCaller): readonly PinLock[] {
    this.#open.delete(this.#openOf(number, caller))
    const nowMs = this.#clock.wallMs()
    const before = this.#wrongInHour()
    this.#wrongMs.push(nowMs)
    const locks = this.#countedFor(number, caller).flatMap(([kind, id]): PinLock[] => {
      const untilMs = this.#count(kind, id)
      return untilMs === null ? [] : [kind === 'line' ? { what: 'line', id, untilMs } : { what: 'number', id: number, untilMs }]
    })
    return before < BUDGET_PER_HOUR && before + 1 >= BUDGET_PER_HOUR ? [...locks, { what: 'all', id: '', untilMs: nowMs + HOUR_MS }] : locks
  }

  succeeded(number: string, caller: PhoneCaller): void {
    this.#open.delete(this.#openOf(number, caller))
    for (const [kind, id] of [...this.#countedFor(number, caller), ['pair', pairOf(number, caller.line)], [numberKind(caller), number]] as const) this.#tries.remove(kind, id)
    if (!caller.isWithheld) this.#tries.put('known', pairOf(number, caller.line), { failures: 0, lastMs: this.#clock.wallMs(), lockedUntilMs: 0 })
  }

  /** Neither: it could not be looked at. */
  undecided(number: string, caller: PhoneCaller): void {
    this.#open.delete(this.#openOf(number, caller))
  }

  /** Forgets what counts no more, and the oldest of too many. */
  sweep(): void {
    const nowMs = this.#clock.wallMs()
    this.#tries.trim({ triedBeforeMs: nowMs - LONGEST_MS, knownBeforeMs: nowMs - KNOWN_MS, most: MOST_KEPT })
  }

  /** What his tries are counted by: whoever is known from there spoils nothing for others, nor others for him. */
  #countedFor(number: string, caller: PhoneCaller): readonly (readonly [kind: keyof typeof FIRST_LOCK_MS, id: string])[] {
    if (this.isKnown(number, caller)) return [['pair', pairOf(number, caller.line)]]
    return [[numberKind(caller), number], ...(caller.isWithheld ? [] : [['line', caller.line] as const])]
  }

  #openOf(number: string, caller: PhoneCaller): string {
    return this.isKnown(number, caller) ? pairOf(number, caller.line) : `${numberKind(caller)} ${number}`
  }

  #wrongInHour(): number {
    const sinceMs = this.#clock.wallMs() - HOUR_MS
    this.#wrongMs = this.#wrongMs.filter((atMs) => atMs > sinceMs).slice(-MOST_COUNTED)
    return this.#wrongMs.length
  }

  /** @returns until when it is locked by this try; null: it is not */
  #count(kind: keyof typeof FIRST_LOCK_MS, id: string): number | null {
    const nowMs = this.#clock.wallMs()
    const failures = (this.#current(kind, id)?.failures ?? 0) + 1
    const lockedUntilMs = failures < FREE_TRIES ? 0 : nowMs + Math.min(FIRST_LOCK_MS[kind] * 2 ** (failures - FREE_TRIES), LONGEST_MS)
    this.#tries.put(kind, id, { failures, lastMs: nowMs, lockedUntilMs })
    return lockedUntilMs === 0 ? null : lockedUntilMs
  }

  /** Forgotten a day after the last, or after its lock. A clock that was set back locks nobody for it. */
  #current(kind: PhoneTryKind, id: string): PhoneTally | undefined {
    const tally = this.#tries.get(kind, id)
    const nowMs = this.#clock.wallMs()
    return tally !== undefined && nowMs >= tally.lastMs && nowMs < Math.max(tally.lastMs, tally.lockedUntilMs) + LONGEST_MS ? tally : undefined
  }
}

const numberKind = ({ trust }: PhoneCaller): 'number' | 'peer-number' => (trust === 'peer' ? 'peer-number' : 'number')
const pairOf = (number: string, line: string): string => `${number} ${line}`

/** How an input of a source with hot standby is at this moment. */
export interface InputSight {
  /** Whether it has filled the block that is asked for now. */
  readonly sounds: boolean
  /** What is wrong with what it brings, such as `silence`; null: nothing. */
  readonly fault: string | null
}

export interface LadderRules {
  /** Whether a better input is gone back to by itself. */
  readonly return: 'automatic' | 'manual'
  /** It must have been good for so long without a break. */
  readonly returnAfterMs: number
}

/** What an operator has chosen. `force`: whatever is wrong with it, as long as it brings anything at all. */
export interface Choice {
  readonly index: number
  readonly force: boolean
}

/** Why another input is taken: the first sound of all, the one before brings none or is faulty, a better one is good again, somebody has said so. */
export type SwitchCause = 'start' | 'no-sound' | 'fault' | 'return' | 'manual'

const MINUTE_MS = 60_000
/** Whatever inputs do, it is not switched more often than this by itself; an operator's word is not counted. */
export const MOST_SWITCHES_PER_MINUTE = 10
/** So many of them may be returns: the others are kept for what breaks. */
const MOST_RETURNS_PER_MINUTE = 4
/** Inputs that were opened together come within this time; the better one is taken then without waiting. */
export const OPENING_MS = 3000
/** Good for so long is better than good for a moment, whatever the rank. */
const STEADY_MS = 1000
/** An input that failed again has to be good for longer: twice, four, at most eight times as long. */
const FAILURES_KEPT_MS = 10 * MINUTE_MS
const MOST_DOUBLINGS = 3

/**
 * Decides which of several ranked inputs sounds. Pure but for what it remembers: it is told the time and how the inputs are,
 * once a block. It leaves an input that brings no sound or is faulty at once for the best good one, and goes back to a better
 * one only after that was good for long enough.
 */
export class StandbyLadder {
  #rules: LadderRules
  #choice: Choice | null
  /** The operator has spoken and it is not yet done. */
  #isAsked = false
  #current = -1
  /** Where it stood before a restart; -1: nowhere. */
  readonly #start: number
  #openedMs: number | undefined
  #lookedMs = 0
  /** Since when each is good; undefined: it is not. */
  #goodSince: (number | undefined)[] = []
  /** Which are faulty; what is forced counts as good all the same. */
  #isFaulty: boolean[] = []
  readonly #failuresMs: number[][] = []
  /** Of the last minute; whether each was a return. */
  #switches: { readonly atMs: number; readonly isReturn: boolean }[] = []

  /**
   * @param start index of the input that sounded before a restart; -1: none
   * @param choice what an operator had chosen before it
   */
  constructor(rules: LadderRules, start = -1, choice: Choice | null = null) {
    this.#rules = rules
    this.#start = start
    this.#choice = choice
  }

  /** Index of the input that is taken; -1: none has sounded yet. */
  get current(): number {
    return this.#current
  }

  get choice(): Choice | null {
    return this.#choice
  }

  setRules(rules: LadderRules): void {
    this.#rules = rules
  }

  /** An operator's word: done with the next look. Null: the best that is good, and by the rules from then on. */
  choose(choice: Choice | null): void {
    this.#choice = choice
    this.#isAsked = true
  }

  /** For how long an input had been good at the last look, ms; 0: it was not. */
  goodForMs(index: number): number {
    return this.#isFaulty[index] === true ? 0 : this.#steadyMs(index)
  }

  /** @returns why another input is taken from this block on; null: the same as before */
  look(nowMs: number, inputs: readonly InputSight[]): SwitchCause | null {
    this.#openedMs ??= nowMs
    this.#lookedMs = nowMs
    this.#isFaulty = inputs.map(({ fault }) => fault !== null)
    for (const [index, { sounds }] of inputs.entries()) this.#goodSince[index] = sounds && (this.#isFaulty[index] === false || this.#isForced(index)) ? (this.#goodSince[index] ?? nowMs) : undefined
    this.#goodSince.length = inputs.length
    if (this.#switches.length > 0) this.#switches = this.#switches.filter(({ atMs }) => nowMs - atMs < MINUTE_MS)
    return this.#manual(nowMs, inputs) ?? this.#automatic(nowMs, inputs)
  }

  #manual(nowMs: number, inputs: readonly InputSight[]): SwitchCause | null {
    if (!this.#isAsked) return null
    this.#isAsked = false
    const choice = this.#choice
    const wanted = choice === null ? this.#best(nowMs) : inputs[choice.index] !== undefined && (choice.force || this.#isGood(choice.index)) ? choice.index : -1
    if (wanted === -1 || wanted === this.#current) return null
    this.#current = wanted
    return 'manual'
  }

  #automatic(nowMs: number, inputs: readonly InputSight[]): SwitchCause | null {
    const current = this.#current
    if (current === -1 || inputs[current] === undefined) {
      const good = this.#best(nowMs)
      const any = good === -1 ? inputs.findIndex(({ sounds }) => sounds) : good
      return any === -1 ? null : this.#take(any, nowMs, 'start')
    }
    if (this.#isGood(current)) return this.#better(current, nowMs)
    const { sounds, fault } = inputs[current]
    const good = this.#best(nowMs)
    // What is wrong with a sound is better than none.
    const next = good !== -1 ? good : sounds ? -1 : inputs.findIndex((input) => input.sounds)
    if (next === -1) return null
    const taken = this.#take(next, nowMs, fault === null ? 'no-sound' : 'fault')
    if (taken !== null) (this.#failuresMs[current] ??= []).push(nowMs)
    return taken
  }

  /** Back to a better one that has proved itself. */
  #better(current: number, nowMs: number): SwitchCause | null {
    const isOpening = this.#isOpening(nowMs)
    if (this.#rules.return === 'manual' && !isOpening) return null
    for (const index of this.#order(nowMs)) {
      if (index === current) return null
      if (!this.#isGood(index)) continue
      if (isOpening || this.#steadyMs(index) >= this.#returnAfterMs(index, nowMs)) return this.#take(index, nowMs, 'return')
    }
    return null
  }

  #take(index: number, nowMs: number, cause: SwitchCause): SwitchCause | null {
    const isReturn = cause === 'return'
    if (this.#switches.length >= MOST_SWITCHES_PER_MINUTE) return null
    if (isReturn && this.#switches.filter((past) => past.isReturn).length >= MOST_RETURNS_PER_MINUTE) return null
    this.#switches.push({ atMs: nowMs, isReturn })
    this.#current = index
    return cause
  }

  #returnAfterMs(index: number, nowMs: number): number {
    const failures = (this.#failuresMs[index] ?? []).filter((atMs) => nowMs - atMs < FAILURES_KEPT_MS)
    this.#failuresMs[index] = failures
    return this.#rules.returnAfterMs * 2 ** Math.min(MOST_DOUBLINGS, Math.max(0, failures.length - 1))
  }

  /** The best good one: by rank, of those that are steady if there are any; -1: none. */
  #best(nowMs: number): number {
    const good = this.#order(nowMs).filter((index) => this.#isGood(index))
    return good.find((index) => this.#steadyMs(index) >= STEADY_MS) ?? good[0] ?? -1
  }

  #isForced(index: number): boolean {
    return this.#choice?.force === true && this.#choice.index === index
  }

  #steadyMs(index: number): number {
    const since = this.#goodSince[index]
    return since === undefined ? 0 : this.#lookedMs - since
  }

  #isGood(index: number): boolean {
    return this.#goodSince[index] !== undefined
  }

  #isOpening(nowMs: number): boolean {
    return nowMs - this.#openedMs! < OPENING_MS
  }

  /** What was chosen comes first, or at first what sounded before a restart; then by rank. */
  #order(nowMs: number): number[] {
    const ranked = Array.from(this.#goodSince, (_, index) => index)
    const wanted = this.#choice?.index ?? (this.#isOpening(nowMs) ? this.#start : -1)
    return wanted in ranked ? [wanted, ...ranked.filter((index) => index !== wanted)] : ranked
  }
}

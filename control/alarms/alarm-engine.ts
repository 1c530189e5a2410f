import type { RuleId, RuleSettings, Subject } from './alarm-port.ts'
import { alarmKey, RULES } from './alarm-rules.ts'

/** Something is wrong now. What is not told of is not so. */
export interface Condition {
  readonly rule: RuleId
  readonly subject: Subject
  readonly unitId: string | null
  /** When it began, where that is known better than by when it was first told; ms since 1970. */
  readonly sinceMs?: number
  /** It cannot be told now whether it holds: what is open stays, nothing is raised. */
  readonly isUnsure?: true
  readonly detail: string
  readonly detailVi: string
}

interface Entry {
  readonly condition: Condition
  readonly sinceMs: number
  /** Since when it is over; null: it holds. */
  readonly overSinceMs: number | null
  readonly open: OpenAlarm | null
}

interface OpenAlarm {
  readonly raisedAtMs: number
  readonly level: number
  readonly isAcknowledged: boolean
  /** Clusters it stands for now, and at most; null: it is about one thing. */
  readonly members: { readonly now: number; readonly most: number } | null
}

/** What the engine remembers between two looks. All of it follows from open alarms, what was raised in the last hour, and the conditions. */
export interface EngineState {
  readonly entries: ReadonlyMap<string, Entry>
  /** When each was raised lately. */
  readonly raises: ReadonlyMap<string, readonly number[]>
}

export const EMPTY_STATE: EngineState = { entries: new Map(), raises: new Map() }

export type EngineChange =
  | { readonly kind: 'raised'; readonly key: string; readonly condition: Condition; readonly sinceMs: number; readonly members: number | null }
  | { readonly kind: 'updated'; readonly key: string; readonly members: number }
  | { readonly kind: 'escalated'; readonly key: string; readonly level: number }
  | { readonly kind: 'cleared'; readonly key: string }

export interface EngineInput {
  readonly conditions: readonly Condition[]
  readonly settingsOf: (rule: RuleId, unitId: string | null) => RuleSettings
  /** The unit and those above it, nearest first. */
  readonly lineageOf: (unitId: string) => readonly string[]
  /** How many clusters of the unit and below are watched. */
  readonly clustersWithin: (unitId: string) => number
  readonly nowMs: number
}

/** What was raised so often within `FLAP_WINDOW_MS` is cleared only after a long quiet. */
export const FLAP_RAISES = 3
export const FLAP_WINDOW_MS = 3_600_000
export const FLAP_CLEAR_MS = 900_000

/** So many clusters of a unit at least, so large a share of it, so close together, are one alarm. */
export const GROUP_LEAST = 3
export const GROUP_SHARE = 0.9
export const GROUP_WINDOW_MS = 60_000
/** It stands for the unit as long as more than this share of them is left. */
const GROUP_REMAINS = 0.5
/** So many are raised, cleared and escalated in one look; more wait for the next, so that nobody waits long for one. */
export const MOST_AT_ONCE = 100

/**
 * What of the conditions is an alarm. Pure: an alarm is raised when its condition has held for its time, once, and is cleared when it has been over for
 * its time; clusters of one unit that fail together are one alarm for the unit, and who is left of them when that is over gets one of his own.
 */
export function advance(state: EngineState, input: EngineInput): { readonly state: EngineState; readonly changes: readonly EngineChange[]; /** More was to be done than is done in one look. */ readonly isBehind: boolean } {
  return new Step(state, input).run()
}

/** Somebody looks after it: it is escalated no more. Nothing when it is not open. */
export function acknowledge(state: EngineState, key: string): EngineState {
  const entry = state.entries.get(key)
  if (entry === undefined || entry.open === null) return state
  return { ...state, entries: new Map(state.entries).set(key, { ...entry, open: { ...entry.open, isAcknowledged: true } }) }
}

/** As it was before a restart. */
export function restore(open: readonly { readonly condition: Condition; readonly sinceMs: number; readonly raisedAtMs: number; readonly level: number; readonly isAcknowledged: boolean; readonly members: number | null }[], raised: readonly { readonly key: string; readonly atMs: number }[]): EngineState {
  const entries = open.map(({ condition, sinceMs, members, ...rest }): [string, Entry] => [alarmKey(condition.rule, condition.subject), {
    condition, sinceMs, overSinceMs: null, open: { ...rest, members: members === null ? null : { now: members, most: members } },
  }])
  const raises = new Map<string, number[]>()
  for (const { key, atMs } of raised) raises.set(key, [...(raises.get(key) ?? []), atMs])
  return { entries: new Map(entries), raises }
}

/** Clusters that have it, by every unit above them. */
interface Tally {
  /** How many have one, or are spoken for by one of a unit. */
  readonly spokenFor: Map<string, number>
  /** Of how many others it cannot be told. */
  readonly unsure: Map<string, number>
  /** Since when the rest have had it, rising. */
  readonly unspoken: Map<string, readonly number[]>
}

/** Conditions are made once and told of again and again. */
const keys = new WeakMap<Condition, string>()

function keyOf(condition: Condition): string {
  let key = keys.get(condition)
  if (key === undefined) keys.set(condition, key = alarmKey(condition.rule, condition.subject))
  return key
}

class Step {
  readonly #input: EngineInput
  readonly #before: EngineState
  readonly #entries = new Map<string, Entry>()
  readonly #raises = new Map<string, readonly number[]>()
  readonly #changes: EngineChange[] = []
  /** Units that have an open alarm, by rule. */
  readonly #grouped = new Map<RuleId, Set<string>>()
  readonly #left = { raised: MOST_AT_ONCE, cleared: MOST_AT_ONCE, escalated: MOST_AT_ONCE }
  #isBehind = false

  constructor(state: EngineState, input: EngineInput) {
    this.#before = state
    this.#input = input
  }

  run(): ReturnType<typeof advance> {
    const { nowMs } = this.#input
    for (const [key, raises] of this.#before.raises) {
      const lately = raises.filter((atMs) => atMs > nowMs - FLAP_WINDOW_MS)
      if (lately.length > 0) this.#raises.set(key, lately)
    }
    this.#takeConditions()
    this.#takeGroups()
    this.#clear()
    // Until all units have theirs, it is not known who needs one of his own.
    if (this.#raiseGroups()) this.#raiseSingles()
    this.#escalate()
    return { state: { entries: this.#entries, raises: this.#raises }, changes: this.#changes, isBehind: this.#isBehind }
  }

  /** Which conditions hold, since when; open alarms whose condition is not told of are over. */
  #takeConditions(): void {
    const { conditions, settingsOf, nowMs } = this.#input
    for (const condition of conditions) {
      if (!settingsOf(condition.rule, condition.unitId).enabled) continue
      const key = keyOf(condition)
      const known = this.#before.entries.get(key)
      if (known?.condition === condition && known.overSinceMs === null) {
        this.#entries.set(key, known)
        continue
      }
      const toldMs = Math.min(condition.sinceMs ?? nowMs, nowMs)
      this.#entries.set(key, { condition, sinceMs: known === undefined ? toldMs : Math.min(known.sinceMs, toldMs), overSinceMs: condition.isUnsure === true ? (known?.overSinceMs ?? null) : null, open: known?.open ?? null })
    }
    for (const [key, entry] of this.#before.entries) {
      if (entry.open !== null && entry.open.members === null && !this.#entries.has(key)) this.#entries.set(key, { ...entry, overSinceMs: entry.overSinceMs ?? nowMs })
    }
  }

  /** An alarm for a unit lives by how many of its clusters are left. */
  #takeGroups(): void {
    const groups = [...this.#before.entries].filter(([, { open }]) => open?.members != null)
    const lefts = new Map([...Map.groupBy(groups, ([, { condition }]) => condition.rule)].map(([rule, of]) => [rule, this.#leftIn(rule, new Set(of.map(([, { condition }]) => condition.unitId)))]))
    for (const [key, entry] of groups) {
      if (entry.open?.members == null) continue
      const { condition: { rule, unitId }, open: { members: { now, most } } } = entry
      const left = lefts.get(rule)!.get(unitId!) ?? 0
      const isLeft = left > most * GROUP_REMAINS
      const open = { ...entry.open, members: { now: left, most: Math.max(most, left) } }
      this.#entries.set(key, { ...entry, open, overSinceMs: isLeft ? null : (entry.overSinceMs ?? this.#input.nowMs) })
      this.#note(rule, unitId!)
      if (isLeft && left !== now) this.#changes.push({ kind: 'updated', key, members: left })
    }
  }

  #clear(): void {
    const { nowMs, settingsOf } = this.#input
    for (const [key, { open, overSinceMs, condition }] of this.#entries) {
      if (open === null || overSinceMs === null) continue
      const { enabled, clearMs } = settingsOf(condition.rule, condition.unitId)
      const flaps = (this.#raises.get(key)?.length ?? 0) >= FLAP_RAISES
      if (enabled && nowMs - overSinceMs < (flaps ? Math.max(clearMs, FLAP_CLEAR_MS) : clearMs)) continue
      if (!this.#mayStill('cleared')) return
      this.#entries.delete(key)
      if (open.members !== null) this.#grouped.get(condition.rule)?.delete(condition.subject.id)
      this.#changes.push({ kind: 'cleared', key })
    }
  }

  #raiseSingles(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.open !== null || !this.#isDue(entry) || this.#isCovered(entry)) continue
      if (!this.#mayStill('raised')) return
      this.#raise(key, entry, null)
    }
  }

  /** The highest unit whose clusters have failed together takes all of them. @returns whether all such units have theirs */
  #raiseGroups(): boolean {
    const { lineageOf } = this.#input
    const due = [...this.#entries.values()].filter((entry) => entry.open === null && RULES[entry.condition.rule].isGrouped && this.#isDue(entry) && !this.#isCovered(entry))
    for (const [rule, entries] of Map.groupBy(due, ({ condition }) => condition.rule)) {
      const tally = this.#tally(rule)
      for (const { condition, sinceMs } of entries) {
        if (condition.unitId === null || this.#isCovered({ condition })) continue
        const group = lineageOf(condition.unitId).findLast((unitId) => this.#hasFailed(tally, unitId, sinceMs))
        if (group === undefined) continue
        if (!this.#mayStill('raised')) return false
        const of: Condition = { ...condition, subject: { kind: 'unit', id: group }, unitId: group }
        const together = near(tally.unspoken.get(group)!, sinceMs)
        this.#raise(keyOf(of), { condition: of, sinceMs: tally.unspoken.get(group)![together.from]!, overSinceMs: null, open: null }, together.until - together.from)
        this.#speakFor(tally, group)
      }
    }
    return true
  }

  #mayStill(kind: 'raised' | 'cleared' | 'escalated'): boolean {
    if (this.#left[kind] > 0) {
      this.#left[kind] -= 1
      return true
    }
    this.#isBehind = true
    return false
  }

  /** Whether so much of the unit as makes one alarm has had it since about then. */
  #hasFailed({ spokenFor, unspoken }: Tally, unitId: string, sinceMs: number): boolean {
    const sinces = unspoken.get(unitId) ?? []
    const needed = Math.max(GROUP_LEAST, GROUP_SHARE * (this.#input.clustersWithin(unitId) - (spokenFor.get(unitId) ?? 0)))
    if (sinces.length < needed) return false
    const { from, until } = near(sinces, sinceMs)
    return until - from >= needed
  }

  #escalate(): void {
    const { nowMs, settingsOf } = this.#input
    for (const [key, entry] of this.#entries) {
      if (entry.open === null || entry.open.isAcknowledged || entry.overSinceMs !== null) continue
      const { raisedAtMs, level } = entry.open
      const reached = settingsOf(entry.condition.rule, entry.condition.unitId).escalateAfterMs.filter((afterMs) => nowMs - raisedAtMs >= afterMs).length
      if (reached <= level) continue
      if (!this.#mayStill('escalated')) return
      this.#entries.set(key, { ...entry, open: { ...entry.open, level: reached } })
      this.#changes.push({ kind: 'escalated', key, level: reached })
    }
  }

  #note(rule: RuleId, unitId: string): void {
    const units = this.#grouped.get(rule)
    if (units === undefined) this.#grouped.set(rule, new Set([unitId]))
    else units.add(unitId)
  }

  #raise(key: string, entry: Entry, members: number | null): void {
    const { nowMs } = this.#input
    if (members !== null) this.#note(entry.condition.rule, entry.condition.subject.id)
    this.#entries.set(key, { ...entry, open: { raisedAtMs: nowMs, level: 0, isAcknowledged: false, members: members === null ? null : { now: members, most: members } } })
    this.#raises.set(key, [...(this.#raises.get(key) ?? []), nowMs])
    this.#changes.push({ kind: 'raised', key, condition: entry.condition, sinceMs: entry.sinceMs, members })
  }

  #isDue({ condition: { rule, unitId, isUnsure }, sinceMs }: Entry): boolean {
    return isUnsure !== true && this.#input.nowMs - sinceMs >= this.#input.settingsOf(rule, unitId).holdMs
  }

  /** Whether an alarm for a unit above speaks for it. */
  #isCovered({ condition: { rule, subject, unitId } }: Pick<Entry, 'condition'>): boolean {
    const units = this.#grouped.get(rule)
    return units !== undefined && unitId !== null && subject.kind === 'cluster' && this.#input.lineageOf(unitId).some((id) => units.has(id))
  }

  /** How many clusters of each of these units have it without an alarm of their own. */
  #leftIn(rule: RuleId, units: ReadonlySet<string | null>): ReadonlyMap<string, number> {
    const left = new Map<string, number>()
    for (const { condition, open } of this.#entries.values()) {
      if (open !== null || condition.rule !== rule || condition.subject.kind !== 'cluster' || condition.unitId === null) continue
      for (const unitId of this.#input.lineageOf(condition.unitId)) if (units.has(unitId)) add(left, unitId, 1)
    }
    return left
  }

  /** The alarm of a unit takes its clusters from what is left of the units above; those below it are not asked again. */
  #speakFor({ spokenFor, unsure, unspoken }: Tally, group: string): void {
    const [gone, unsureGone] = [unspoken.get(group)!, unsure.get(group) ?? 0]
    for (const unitId of this.#input.lineageOf(group)) {
      if (unitId === group) continue
      add(spokenFor, unitId, gone.length + unsureGone)
      add(unsure, unitId, -unsureGone)
      unspoken.set(unitId, without(unspoken.get(unitId)!, gone))
    }
  }

  #tally(rule: RuleId): Tally {
    const spokenFor = new Map<string, number>()
    const unsure = new Map<string, number>()
    const unspoken = new Map<string, number[]>()
    for (const entry of this.#entries.values()) {
      const { condition, open, overSinceMs, sinceMs } = entry
      if (condition.rule !== rule || condition.subject.kind !== 'cluster' || condition.unitId === null || (open === null && overSinceMs !== null)) continue
      const isCovered = this.#isCovered(entry)
      for (const unitId of this.#input.lineageOf(condition.unitId)) {
        if (open !== null || isCovered) add(spokenFor, unitId, 1)
        else if (condition.isUnsure === true) add(unsure, unitId, 1)
        else {
          const sinces = unspoken.get(unitId)
          if (sinces === undefined) unspoken.set(unitId, [sinceMs])
          else sinces.push(sinceMs)
        }
      }
    }
    for (const sinces of unspoken.values()) sinces.sort((a, b) => a - b)
    return { spokenFor, unsure, unspoken }
  }
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}

/** Rising times without others that are among them. */
function without(sinces: readonly number[], gone: readonly number[]): readonly number[] {
  let next = 0
  return sinces.filter((sinceMs) => {
    if (sinceMs !== gone[next]) return true
    next += 1
    return false
  })
}

/** The part of rising times that lies within the window around one of them. */
function near(sinces: readonly number[], sinceMs: number): { readonly from: number; readonly until: number } {
  return { from: firstAbove(sinces, sinceMs - GROUP_WINDOW_MS - 1), until: firstAbove(sinces, sinceMs + GROUP_WINDOW_MS) }
}

/** Place of the first that is greater. */
function firstAbove(sinces: readonly number[], value: number): number {
  let [low, high] = [0, sinces.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sinces[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}

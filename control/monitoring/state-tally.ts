import type { TECHNOLOGIES } from '../ports.ts'
import { CONDITIONS, WORKING_STATES, type ConditionCode, type WorkingState } from './cluster-state.ts'

/** `unknown`: nobody has said. */
export const TALLY_TECHNOLOGIES = ['ip', 'fm', 'wired', 'unknown'] as const satisfies readonly ((typeof TECHNOLOGIES)[number] | 'unknown')[]
export type TallyTechnology = (typeof TALLY_TECHNOLOGIES)[number]

/** What of a cluster is counted. */
export interface Counted {
  readonly technology: TallyTechnology
  readonly state: WorkingState
  readonly conditions: readonly { readonly code: ConditionCode }[]
  readonly online: boolean
  readonly isOnAir: boolean
}

export interface StateCounts {
  readonly total: number
  readonly online: number
  /** Something is planned to sound on them now, whether it does or not. */
  readonly onAir: number
  readonly byState: Readonly<Record<WorkingState, number>>
  readonly byCondition: Readonly<Record<ConditionCode, number>>
  readonly byTechnology: Readonly<Record<TallyTechnology, Readonly<Record<WorkingState, number>>>>
}

const STATES_AT = 3
const CONDITIONS_AT = STATES_AT + WORKING_STATES.length * TALLY_TECHNOLOGIES.length
const CELLS = CONDITIONS_AT + CONDITIONS.length

/** The whole tree, for which no unit stands. */
const EVERYTHING = ''

/** How many clusters of each unit, with everything below it, are in each state: kept at each change, so asking costs nothing. */
export class StateTally {
  readonly #byUnit = new Map<string, Int32Array>()

  /** @param units the cluster's own unit and all above it */
  add(units: readonly string[], counted: Counted): void {
    this.#change(units, counted, 1)
  }

  /** Exactly as it was added. */
  subtract(units: readonly string[], counted: Counted): void {
    this.#change(units, counted, -1)
  }

  /** @param unitId null: of all clusters */
  of(unitId: string | null): StateCounts {
    const cells = this.#byUnit.get(unitId ?? EVERYTHING) ?? new Int32Array(CELLS)
    const byTechnology = record(TALLY_TECHNOLOGIES, (technology) => record(WORKING_STATES, (state) => cells[stateCell(technology, state)]!))
    return {
      total: cells[0]!,
      online: cells[1]!,
      onAir: cells[2]!,
      byState: record(WORKING_STATES, (state) => TALLY_TECHNOLOGIES.reduce((sum, technology) => sum + byTechnology[technology][state], 0)),
      byCondition: record(CONDITIONS, (code) => cells[CONDITIONS_AT + CONDITIONS.indexOf(code)]!),
      byTechnology,
    }
  }

  #change(units: readonly string[], { technology, state, conditions, online, isOnAir }: Counted, by: 1 | -1): void {
    const cell = stateCell(technology, state)
    for (let index = -1; index < units.length; index++) {
      const unit = index < 0 ? EVERYTHING : units[index]!
      let cells = this.#byUnit.get(unit)
      if (cells === undefined) this.#byUnit.set(unit, cells = new Int32Array(CELLS))
      cells[0]! += by
      if (online) cells[1]! += by
      if (isOnAir) cells[2]! += by
      cells[cell]! += by
      for (const { code } of conditions) cells[CONDITIONS_AT + CONDITIONS.indexOf(code)]! += by
      if (cells[0] === 0) this.#byUnit.delete(unit)
    }
  }
}

/** The sum of several, which must share no cluster. */
export const sumOfCounts = (all: readonly StateCounts[]): StateCounts => ({
  total: sumOf(all, ({ total }) => total),
  online: sumOf(all, ({ online }) => online),
  onAir: sumOf(all, ({ onAir }) => onAir),
  byState: record(WORKING_STATES, (state) => sumOf(all, ({ byState }) => byState[state])),
  byCondition: record(CONDITIONS, (code) => sumOf(all, ({ byCondition }) => byCondition[code])),
  byTechnology: record(TALLY_TECHNOLOGIES, (technology) => record(WORKING_STATES, (state) => sumOf(all, ({ byTechnology }) => byTechnology[technology][state]))),
})

const sumOf = <T>(all: readonly T[], value: (one: T) => number): number => all.reduce((sum, one) => sum + value(one), 0)

const stateCell = (technology: TallyTechnology, state: WorkingState): number => STATES_AT + TALLY_TECHNOLOGIES.indexOf(technology) * WORKING_STATES.length + WORKING_STATES.indexOf(state)

const record = <K extends string, V>(keys: readonly K[], value: (key: K) => V): Readonly<Record<K, V>> => Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>

import type { OrderClass } from '../records.ts'
import type { Weekday } from '../schedule/schedule-port.ts'
import type { Page, PageQuery } from '../store-port.ts'

/** A part of the day, local time; one that ends no later than it begins goes on past midnight. `weekdays` null: every day, and it is the day on which it begins. */
export interface PolicyWindow {
  readonly weekdays: readonly Weekday[] | null
  /** `HH:MM`. */
  readonly from: string
  readonly to: string
}

/** A window that is kept free for units of one level (khung giờ theo cấp). */
export interface LevelFrame extends PolicyWindow {
  readonly name: string
  /** Depth in the tree, 0 is a root. */
  readonly level: number
}

/** A frame with the unit that keeps it free. */
export interface HeldFrame extends LevelFrame {
  readonly unitId: string
}

/** A window in which it sounds at a part of its volume. */
export interface VolumeWindow extends PolicyWindow {
  /** 1 to 100. */
  readonly percent: number
}

/** Rules of a unit for when and how long its clusters may sound; null: as the unit above. Emergencies are above them. */
export interface Policy {
  /** It may sound only then. */
  readonly windows: readonly PolicyWindow[] | null
  /** It may not sound then, in a window or not. */
  readonly quiet: readonly PolicyWindow[] | null
  /** The longest play. */
  readonly playMs: number | null
  /** All plays of a day together. */
  readonly dayMs: number | null
  /** How loud it sounds when, in Vietnamese time; what no window names is at full volume. */
  readonly volume: readonly VolumeWindow[] | null
  /** Added to those of the units above, which go before them; null: none. */
  readonly levelFrames: readonly LevelFrame[] | null
}

export const POLICY_RULES = ['hours', 'quiet', 'play', 'day', 'frame'] as const
export type PolicyRule = (typeof POLICY_RULES)[number]

/** Of a rule that limits a length, at the first play that breaks it: the play, or all of its day. */
export interface BrokenLength {
  readonly usedMs: number
  readonly allowedMs: number
}

/** Something was planned or ordered against a policy, with a reason. */
export interface BreachRecord {
  readonly atMs: number
  /** Id of the token or user. */
  readonly by: string
  readonly subject: 'order' | 'schedule-item'
  readonly subjectId: string
  readonly title: string
  readonly class: OrderClass
  readonly breaches: readonly { readonly unitId: string; readonly rule: PolicyRule; readonly startsAtMs: number; readonly endsAtMs: number; readonly count: number; readonly length?: BrokenLength }[]
  readonly reason: string
}

export interface PolicyStore {
  get(unitId: string): Policy | undefined
  /** Of all units that have one of their own. */
  all(): ReadonlyMap<string, Policy>
  put(unitId: string, policy: Policy): void
  remove(unitId: string): void
  report(breach: BreachRecord): void
  /** Newest first. */
  breaches(page: PageQuery): Page<BreachRecord>
}

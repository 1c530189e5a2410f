import type { Page, PageQuery } from '../store-port.ts'
import type { OrderMixing, OrderRecord, Targets } from '../records.ts'

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** On which days; days are of the item's own time zone, `YYYY-MM-DD`. */
export type Repeat =
  /** The first day alone. */
  | { readonly kind: 'once' }
  | { readonly kind: 'daily'; readonly every: number }
  /** `every` counts weeks, which begin on Monday, from that of the first day. */
  | { readonly kind: 'weekly'; readonly weekdays: readonly Weekday[]; readonly every: number }
  /** 1 is the first day of the month, -1 the last; a month without such a day is left out. */
  | { readonly kind: 'monthly'; readonly days: readonly number[] }
  | { readonly kind: 'dates'; readonly dates: readonly string[] }
  /** Days of Viet Nam's lunar months; `months` null: of every month, leap months too. */
  | { readonly kind: 'lunar'; readonly days: readonly number[]; readonly months: readonly number[] | null }
  /** An RRULE of RFC 5545 whose parts are days or longer. */
  | { readonly kind: 'rule'; readonly rrule: string }

/** What a public holiday does to an item. */
export const HOLIDAY_RULES = ['play', 'skip', 'only'] as const
/** What happens to a start that nobody was there for: joined in progress, left out, or played late. */
export const MISSED_RULES = ['join', 'skip', 'late'] as const

/** What plays when, again and again (lịch phát). Each occurrence becomes one order. */
export interface ScheduleItemRecord {
  readonly id: string
  /** 1, and one more with each change. */
  readonly version: number
  readonly title: string
  readonly class: 'priority' | 'normal'
  /** Exactly one of `sourceId` and `clipIds` is not null. */
  readonly sourceId: string | null
  readonly clipIds: readonly string[] | null
  /** Length of the window; null: as long as the clips last. Never null for a source. */
  readonly durationMs: number | null
  readonly targets: Targets
  readonly issuerUnitId: string
  /** As in an order. */
  readonly field: OrderRecord['field']
  /** As in an order. */
  readonly rank: number
  readonly resume: OrderRecord['resume']
  /** IANA name of the time zone. */
  readonly zone: string
  /** Local time of the first play, `HH:MM:SS`. */
  readonly time: string
  /** First and last day, both inside; `lastDay` null: no end. */
  readonly firstDay: string
  readonly lastDay: string | null
  readonly repeat: Repeat
  /** Days left out. */
  readonly except: readonly string[]
  readonly holidays: (typeof HOLIDAY_RULES)[number]
  /** How often it is played on each of its days, and how much lies between one end and the next start. */
  readonly plays: number
  readonly gapMs: number
  readonly missed: (typeof MISSED_RULES)[number]
  /** For `late`: how late it may begin. */
  readonly lateLimitMs: number
  readonly enabled: boolean
  /** As in an order. */
  readonly mixing?: OrderMixing
  /** Why it should sound in a frame of another level; it is not enabled while it asks. */
  readonly ask: string | null
  readonly createdAtMs: number
  readonly createdBy: string
  readonly changedAtMs: number
  /** Id of the token that made or last changed it; its orders are given in that name. */
  readonly changedBy: string
}

/** What has become of one occurrence. */
export interface SchedulePlayRecord {
  readonly itemId: string
  /** Names it within the item: its day and its number on that day, `2026-06-18.1`. */
  readonly occurrence: string
  /** The item's version it was planned by. */
  readonly version: number
  /** As planned, whenever its order begins. */
  readonly startsAtMs: number
  readonly endsAtMs: number
  /** Null: it was missed, and its item wants that it is left out. */
  readonly orderId: string | null
}

export interface ScheduleFilter {
  readonly enabled?: boolean
  readonly asking?: boolean
  readonly unitId?: string
  /** Part of the title, in any case. */
  readonly search?: string
}

export interface ScheduleStore {
  insert(item: ScheduleItemRecord): ScheduleItemRecord
  /** Replaces the whole record. @returns undefined when there is no such item */
  replace(item: ScheduleItemRecord): ScheduleItemRecord | undefined
  /** With all it remembers of its plays; their orders stay. */
  remove(id: string): boolean
  get(id: string): ScheduleItemRecord | undefined
  /** Oldest first. */
  all(): readonly ScheduleItemRecord[]
  list(page: PageQuery, filter: ScheduleFilter): Page<ScheduleItemRecord>
  /** Ids of items that use it. */
  usersOf(what: { readonly sourceId: string } | { readonly clipId: string } | { readonly unitId: string } | { readonly groupId: string }): readonly string[]
  /** Plays that devices may have played alone, and that wait for what these say. Replaces. They go with their item. */
  putWaiting(play: SchedulePlayRecord): void
  removeWaiting(itemId: string, occurrence: string): void
  waiting(): readonly SchedulePlayRecord[]
  /** Replaces what was kept of the same occurrence. */
  putPlay(play: SchedulePlayRecord): void
  removePlay(itemId: string, occurrence: string): void
  /** Of one item, ended after `fromMs`, by start. */
  playsOf(itemId: string, fromMs: number): readonly SchedulePlayRecord[]
  /** Of all items, with a start in [from, until), by start. */
  playsStarting(fromMs: number, untilMs: number): readonly SchedulePlayRecord[]
  /** Removes what ended before. @returns how many */
  removePlaysBefore(ms: number): number
  /** When the scheduler was last at work; null: never. */
  seenAtMs(): number | null
  noteSeen(ms: number): void
}

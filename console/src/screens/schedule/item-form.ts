import { isSame } from '../../parts/conflict/merge.ts'
import { countTargets, keysOf, targetsOf, type Targets } from '../../parts/targets/targets.ts'
import { clockMs, clockText, MINUTE_MS } from './days.ts'
import { DAY_MS, type Day } from '../../words/house-day.ts'
import { type Change, type Item, type NewItem } from './item-types.ts'
import { newRepeatForm, repeatFormOf, repeatOf, type RepeatForm } from './repeat-form.ts'
import type { Timing } from './sentence.ts'

/** What is filled in for an item. */
export interface ItemForm {
  readonly title: string
  readonly class: Item['class']
  readonly content: 'source' | 'clips'
  readonly sourceId: string
  readonly clipIds: readonly string[]
  readonly targets: Targets
  /** `HH:MM` or `HH:MM:SS`. */
  readonly time: string
  /** Local time of its end; empty: as long as the clips last. */
  readonly until: string
  readonly firstDay: Day
  /** Empty: no end. */
  readonly lastDay: string
  readonly repeat: RepeatForm
  readonly except: readonly Day[]
  /** Numbers are null while their field is empty. */
  readonly plays: number | null
  readonly gapMinutes: number | null
  readonly holidays: Item['holidays']
  readonly missed: Item['missed']
  readonly lateMinutes: number | null
  readonly rank: number | null
  readonly enabled: boolean
  readonly ask: string
  readonly reason: string
  readonly acceptCollisions: boolean
}

/** @param time of its beginning @param lengthMs of a play */
export const newItemForm = (firstDay: Day, time: string, lengthMs: number, targets: Targets): ItemForm => ({
  title: '', class: 'normal', content: 'source', sourceId: '', clipIds: [], targets, time, until: clockText(clockMs(time) + lengthMs), firstDay, lastDay: '', repeat: newRepeatForm(firstDay), except: [],
  plays: 1, gapMinutes: 0, holidays: 'play', missed: 'join', lateMinutes: 0, rank: 0, enabled: true, ask: '', reason: '', acceptCollisions: false,
})

/** The same with these clips to play, for as long as they last. */
export const withClips = (form: ItemForm, clipIds: readonly string[]): ItemForm => ({ ...form, content: 'clips', clipIds, until: '' })

export const formOf = (item: Item): ItemForm => ({
  title: item.title, class: item.class, content: item.sourceId === null ? 'clips' : 'source', sourceId: item.sourceId ?? '', clipIds: item.clipIds ?? [], targets: targetsOf(keysOf(item.targets)),
  time: clockText(clockMs(item.time)), until: item.durationMs === null ? '' : clockText(clockMs(item.time) + item.durationMs), firstDay: item.firstDay, lastDay: item.lastDay ?? '', repeat: repeatFormOf(item.repeat, item.firstDay), except: item.except,
  plays: item.plays, gapMinutes: item.gapMs / MINUTE_MS, holidays: item.holidays, missed: item.missed, lateMinutes: item.lateLimitMs / MINUTE_MS, rank: item.rank, enabled: item.enabled, ask: item.ask ?? '', reason: '', acceptCollisions: false,
})

/** From one local time to the next, over midnight too; equal times are a whole day. Null when there is no end. */
export function lengthMsOf({ time, until }: Pick<ItemForm, 'time' | 'until'>): number | null {
  const ms = clockMs(until) - clockMs(time)
  return Number.isNaN(ms) ? null : ms > 0 ? ms : ms + DAY_MS
}

/** When it plays, as a sentence says it. @param longMs how long its clips last */
export const timingOf = (form: ItemForm, longMs: number): Timing =>
  ({ ...form, lastDay: form.lastDay === '' ? null : form.lastDay, repeat: repeatOf(form.repeat), except: [...form.except], plays: form.plays ?? 1, gapMs: (form.gapMinutes ?? 0) * MINUTE_MS, playMs: lengthMsOf(form) ?? longMs })

/** Numbers that are in sight and empty. Nothing is put in their place. */
export function emptyNumbers({ repeat: { pattern, every }, plays, gapMinutes, missed, lateMinutes, class: itsClass, rank }: ItemForm): EmptyNumber[] {
  return [
    ...((pattern === 'daily' || pattern === 'weekly') && every === null ? [pattern === 'daily' ? 'everyDays' as const : 'everyWeeks' as const] : []), ...(plays === null ? ['plays' as const] : []), ...(plays !== null && plays > 1 && gapMinutes === null ? ['gap' as const] : []),
    ...(missed === 'late' && lateMinutes === null ? ['late' as const] : []), ...(itsClass === 'priority' && rank === null ? ['rank' as const] : []),
  ]
}
export type EmptyNumber = 'everyDays' | 'everyWeeks' | 'plays' | 'gap' | 'late' | 'rank'

/** What the form says, as the API takes it; an empty number is left out. */
export function requestOf(form: ItemForm): NewItem {
  const repeat = repeatOf(form.repeat)
  const isOnce = repeat.kind === 'once'
  return {
    title: form.title.trim(), class: form.class, ...(form.content === 'source' ? { sourceId: form.sourceId } : { clipIds: [...form.clipIds] }), targets: form.targets,
    time: form.time, durationMs: lengthMsOf(form), firstDay: form.firstDay, lastDay: isOnce || form.lastDay === '' ? null : form.lastDay, repeat, except: isOnce ? [] : [...form.except],
    holidays: form.holidays, missed: form.missed, ...(form.plays === null ? {} : { plays: form.plays }), ...(form.gapMinutes === null ? {} : { gapMs: Math.round(form.gapMinutes * MINUTE_MS) }),
    ...(form.lateMinutes === null ? {} : { lateLimitMs: Math.round(form.lateMinutes * MINUTE_MS) }), ...(form.class !== 'priority' ? { rank: 0 } : form.rank === null ? {} : { rank: form.rank }),
    enabled: form.enabled, ask: form.ask.trim() === '' ? null : form.ask.trim(),
  }
}

/** Only what differs from the item as it is, so that nothing else is touched, and no more is checked than must be. */
export function changeOf(item: Item, form: ItemForm): Change {
  const before = requestOf(formOf(item)) as Readonly<Record<string, unknown>>
  return Object.fromEntries(Object.entries(requestOf(form)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])))
}

/** A cure of a collision, laid over what is being filled in. */
export function withChange(form: ItemForm, change: Readonly<Record<string, unknown>>): ItemForm {
  const { time, durationMs, rank, except, enabled } = change as Pick<Change, 'time' | 'durationMs' | 'rank' | 'except' | 'enabled'>
  const start = time === undefined ? form.time : clockText(clockMs(time))
  const lengthMs = durationMs === undefined ? lengthMsOf(form) : durationMs
  return {
    ...form, time: start, until: lengthMs === null ? '' : clockText(clockMs(start) + lengthMs),
    ...(rank === undefined ? {} : { rank }), ...(except === undefined ? {} : { except }), ...(enabled === undefined ? {} : { enabled }),
  }
}

/** Whether enough is filled in for the server to say what it meets. */
export const isCheckable = (form: ItemForm): boolean =>
  emptyNumbers(form).length === 0 && countTargets(form.targets) > 0 && !Number.isNaN(clockMs(form.time)) && form.firstDay !== '' && (form.content === 'source' ? form.sourceId !== '' && form.until !== '' : form.clipIds.length > 0)

/** What the server is asked to check; a title is not needed for that. */
export function checkBody(form: ItemForm, item: Item | null): NewItem | (Change & { itemId: string }) {
  if (item !== null) return { itemId: item.id, ...changeOf(item, form) }
  const body = requestOf(form)
  return { ...body, title: body.title === '' ? '…' : body.title }
}

/** What of a form is one thing: two people at the same one are asked whose holds, and it is taken as a whole, since an end means nothing without its beginning. */
const PARTS = {
  title: ['title'], class: ['class', 'rank'], what: ['content', 'sourceId', 'clipIds'], where: ['targets'],
  when: ['time', 'until', 'firstDay', 'lastDay', 'repeat', 'except', 'plays', 'gapMinutes', 'holidays'], missed: ['missed', 'lateMinutes'], enabled: ['enabled'], ask: ['ask'],
} as const satisfies Readonly<Record<string, readonly (keyof ItemForm)[]>>
export type ItemPart = keyof typeof PARTS

const differsIn = (part: ItemPart, a: ItemForm, b: ItemForm): boolean => PARTS[part].some((name) => !isSame(a[name], b[name]))
const PART_NAMES = Object.keys(PARTS) as ItemPart[]

/** What two people have changed of one item, and not to the same. @param base as both found it */
export const conflictsOf = (base: ItemForm, mine: ItemForm, theirs: ItemForm): ItemPart[] =>
  PART_NAMES.filter((part) => differsIn(part, base, mine) && differsIn(part, base, theirs) && differsIn(part, mine, theirs))

/** What I have changed of `base`, on top of `theirs`; that it may collide is asked anew. */
export function mergedForm(base: ItemForm, mine: ItemForm, theirs: ItemForm): ItemForm {
  const changed = PART_NAMES.filter((part) => differsIn(part, base, mine)).flatMap((part): readonly (keyof ItemForm)[] => PARTS[part])
  return { ...theirs, reason: mine.reason, ...Object.fromEntries(changed.map((name) => [name, mine[name]])) }
}

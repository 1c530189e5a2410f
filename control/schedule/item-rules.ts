import { mixingOf, mixingView } from '../mixing-rules.ts'
import { checkSubject, fieldError } from '../order-rules.ts'
import type { ControlConfig, Store } from '../ports.ts'
import type { ApiError } from '../problem.ts'
import type { Rights } from '../rights.ts'
import type { ScheduleItemBody } from '../schemas/schedule.ts'
import { targetsView } from '../target-rules.ts'
import { cleanText } from '../text.ts'
import { addDays, isDay, isDayRule, isZone, localDay } from './calendar.ts'
import { daysOf, MOST_SPAN_MS } from './occurrences.ts'
import type { Repeat, ScheduleItemRecord } from './schedule-port.ts'

export const DEFAULT_ZONE = 'Asia/Ho_Chi_Minh'
/** An item that does not play within so many days from now never does: leap days come every eight years at the least. */
const FAR_DAYS = 8 * 366

interface Given {
  readonly id: string
  readonly nowMs: number
  readonly by: string
  /** Of the planner: as in an order. */
  readonly rights: Rights
  readonly store: Store
  readonly config: Pick<ControlConfig, 'maxOrderMs'>
  /** The item as it was, when it is changed. */
  readonly before?: ScheduleItemRecord
}

const wrong = (path: string, message: string, messageVi: string): ApiError => fieldError('LOA_ERR_SCHEDULE_TIME', path, message, messageVi)

/**
 * Turns a request into an item, or says what is wrong with it.
 * @throws ApiError LOA_ERR_ORDER_CONTENT, LOA_ERR_UNKNOWN_ID, LOA_ERR_SCHEDULE_TIME or LOA_ERR_INVALID
 */
export function makeItem(body: ScheduleItemBody, { id, nowMs, by, rights, store, config, before }: Given): ScheduleItemRecord {
  const { contentMs, issuer, targets } = checkSubject(body, 'plan', rights, store, before)
  const mixing = mixingOf(body.mixing)
  const zone = body.zone ?? DEFAULT_ZONE
  if (!isZone(zone)) throw wrong('zone', 'must be the name of a time zone, such as Asia/Ho_Chi_Minh', 'phải là tên múi giờ, ví dụ Asia/Ho_Chi_Minh')
  const firstDay = day('firstDay', body.firstDay ?? localDay(nowMs, zone))
  const lastDay = body.lastDay === undefined || body.lastDay === null ? null : day('lastDay', body.lastDay)
  if (lastDay !== null && lastDay < firstDay) throw wrong('lastDay', 'lies before firstDay', 'phải từ firstDay trở đi')
  const ask = body.ask === undefined || body.ask === null ? null : cleanText('ask', body.ask)
  const item: ScheduleItemRecord = {
    id,
    version: (before?.version ?? 0) + 1,
    title: cleanText('title', body.title),
    class: body.class,
    sourceId: body.sourceId ?? null,
    clipIds: body.clipIds ?? null,
    durationMs: body.durationMs ?? null,
    targets,
    issuerUnitId: issuer,
    field: body.field ?? null,
    rank: body.rank ?? 0,
    resume: body.resume ?? 'continue',
    zone,
    time: body.time.length === 5 ? `${body.time}:00` : body.time,
    firstDay,
    lastDay,
    repeat: repeatOf(body.repeat ?? { kind: 'once' }),
    except: [...new Set(body.except)].map((text, index) => day(`except[${String(index)}]`, text)).sort(),
    holidays: body.holidays ?? 'play',
    plays: body.plays ?? 1,
    gapMs: body.gapMs ?? 0,
    missed: body.missed ?? 'join',
    lateLimitMs: body.lateLimitMs ?? 0,
    enabled: ask === null && (body.enabled ?? true),
    ask,
    ...(mixing === undefined ? {} : { mixing }),
    createdAtMs: before?.createdAtMs ?? nowMs,
    createdBy: before?.createdBy ?? by,
    changedAtMs: nowMs,
    changedBy: by,
  }
  checkLengths(item, contentMs, config.maxOrderMs)
  const today = localDay(nowMs, zone)
  if (item.enabled && daysOf(item, today, addDays(today > firstDay ? today : firstDay, FAR_DAYS)).length === 0) throw wrong('repeat', 'has no day to come', 'không còn ngày phát nào')
  return item
}

/** What of an item is in a request as it is in an answer. */
export const plannedFields = ({ durationMs, targets, issuerUnitId, field, rank, resume, zone, time, firstDay, lastDay, repeat, except, holidays, plays, gapMs, missed, lateLimitMs, enabled, mixing }: ScheduleItemRecord) => ({
  durationMs, targets: targetsView(targets), issuer: issuerUnitId, field, rank, resume, zone, time, firstDay, lastDay, repeat: repeatBody(repeat), except: [...except], holidays, plays, gapMs, missed, lateLimitMs, enabled, mixing: mixingView(mixing),
})

/** The request that would make this item; a change is laid over it. */
export function itemBody(item: ScheduleItemRecord, change: Partial<ScheduleItemBody> = {}): ScheduleItemBody {
  const contentChanges = change.sourceId !== undefined || change.clipIds !== undefined
  return {
    title: item.title,
    class: item.class,
    ...(item.sourceId === null || contentChanges ? {} : { sourceId: item.sourceId }),
    ...(item.clipIds === null || contentChanges ? {} : { clipIds: [...item.clipIds] }),
    ...plannedFields(item),
    // Who enables it has answered.
    ask: change.enabled === true ? null : item.ask,
    ...change,
  }
}

function day(path: string, text: string): string {
  if (!isDay(text)) throw wrong(path, 'must be a day of the calendar like 2026-06-18', 'phải là một ngày có thật, dạng 2026-06-18')
  return text
}

function checkLengths({ durationMs, plays, gapMs }: ScheduleItemRecord, contentMs: number | null, maxOrderMs: number): void {
  const lengthMs = durationMs ?? contentMs
  if (lengthMs === null) throw wrong('durationMs', 'must be given: a source has no end of its own', 'phải cho, vì nguồn không tự kết thúc')
  const mostMs = Math.min(maxOrderMs, MOST_SPAN_MS)
  if (lengthMs < 1 || lengthMs > mostMs) throw wrong(durationMs === null ? 'clipIds' : 'durationMs', `makes a play ${String(lengthMs)} ms long; at most ${String(mostMs)} ms are allowed`, `làm mỗi lượt phát dài ${String(lengthMs)} ms; tối đa ${String(mostMs)} ms`)
  if ((plays - 1) * (lengthMs + gapMs) > MOST_SPAN_MS) throw wrong('plays', 'take longer than a day: the last must begin within 24 h of the first', 'kéo dài quá một ngày: lượt cuối phải bắt đầu trong vòng 24 giờ kể từ lượt đầu')
}

type RepeatBody = NonNullable<ScheduleItemBody['repeat']>

/** What each kind takes beside its name; the first is needed. */
const PARTS: Readonly<Record<Repeat['kind'], readonly (keyof RepeatBody)[]>> = { once: [], daily: ['every'], weekly: ['weekdays', 'every'], monthly: ['days'], dates: ['dates'], lunar: ['days', 'months'], rule: ['rrule'] }

function repeatOf(body: RepeatBody): Repeat {
  const { kind } = body
  for (const name of Object.keys(body) as (keyof RepeatBody)[]) {
    if (name !== 'kind' && !PARTS[kind].includes(name)) throw wrong(`repeat.${name}`, `means nothing for ${kind}`, `không dùng cho ${kind}`)
  }
  const missing = (name: string): ApiError => wrong(`repeat.${name}`, 'is missing', 'bị thiếu')
  switch (kind) {
    case 'once':
      return { kind }
    case 'daily':
      return { kind, every: body.every ?? 1 }
    case 'weekly':
      if (body.weekdays === undefined) throw missing('weekdays')
      return { kind, weekdays: body.weekdays, every: body.every ?? 1 }
    case 'monthly':
      if (body.days === undefined) throw missing('days')
      if (body.days.includes(0)) throw wrong('repeat.days', 'must be 1 to 31, or -31 to -1 from the end', 'phải từ 1 đến 31, hoặc -31 đến -1 tính từ cuối tháng')
      return { kind, days: body.days }
    case 'dates':
      if (body.dates === undefined) throw missing('dates')
      return { kind, dates: [...new Set(body.dates)].map((text, index) => day(`repeat.dates[${String(index)}]`, text)).sort() }
    case 'lunar':
      if (body.days === undefined) throw missing('days')
      if (body.days.some((number) => number < 1 || number > 30)) throw wrong('repeat.days', 'must be days of the lunar month, 1 to 30', 'phải là ngày âm lịch, từ 1 đến 30')
      return { kind, days: body.days, months: body.months ?? null }
    case 'rule':
      if (body.rrule === undefined) throw missing('rrule')
      if (!isDayRule(body.rrule)) throw wrong('repeat.rrule', 'must be an RRULE of RFC 5545 that chooses days: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first, no UNTIL, no hours', 'phải là RRULE theo RFC 5545 chọn ngày: FREQ=DAILY, WEEKLY, MONTHLY hoặc YEARLY đứng đầu, không có UNTIL, không có giờ')
      return { kind, rrule: body.rrule }
  }
}

/** A repetition as people give it. */
export function repeatBody(repeat: Repeat): RepeatBody {
  switch (repeat.kind) {
    case 'weekly':
      return { kind: 'weekly', weekdays: [...repeat.weekdays], every: repeat.every }
    case 'monthly':
      return { kind: 'monthly', days: [...repeat.days] }
    case 'dates':
      return { kind: 'dates', dates: [...repeat.dates] }
    case 'lunar':
      return { kind: 'lunar', days: [...repeat.days], ...(repeat.months === null ? {} : { months: [...repeat.months] }) }
    case 'once':
    case 'daily':
    case 'rule':
      return { ...repeat }
  }
}

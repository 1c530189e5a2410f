import { Temporal } from 'temporal-polyfill'
import { addDays, instantOf, localDay, rruleOf, type Day } from './calendar.ts'
import { daysOf } from './occurrences.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

/** What no rule can say (lunar days, holidays, single dates) is written out for so many days from now. */
const WRITTEN_DAYS = 2 * 366

const basic = (day: Day, time: string): string => `${day.replaceAll('-', '')}T${time.replaceAll(':', '')}`
const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
const escape = (text: string): string => text.replaceAll(/[\\;,]/g, (found) => `\\${found}`).replaceAll('\n', '\\n')

/** RFC 5545, 3.1: no line is longer than 75 bytes; what is longer goes on after a blank. */
function fold(line: string): string {
  let folded = ''
  let bytes = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (bytes + size > 75) {
      folded += '\r\n '
      bytes = 1
    }
    folded += character
    bytes += size
  }
  return folded
}

/**
 * The schedule as RFC 5545: one event for each play of a day, with its rule where one says it all.
 * @param lengthOf ms of one play
 */
export function icalendar(items: readonly ScheduleItemRecord[], lengthOf: (item: ScheduleItemRecord) => number, nowMs: number): string {
  const zones = new Set<string>()
  const events = items.flatMap((item) => {
    const lines = eventsOf(item, lengthOf(item), nowMs)
    if (lines.length > 0) zones.add(item.zone)
    return lines
  })
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Loa//Schedule//VI', 'CALSCALE:GREGORIAN', ...[...zones].flatMap((zone) => zoneLines(zone, nowMs)), ...events, 'END:VCALENDAR']
  return lines.map((line) => `${fold(line)}\r\n`).join('')
}

function eventsOf(item: ScheduleItemRecord, lengthMs: number, nowMs: number): string[] {
  const today = localDay(nowMs, item.zone)
  const until = addDays(today > item.firstDay ? today : item.firstDay, WRITTEN_DAYS)
  const rrule = rruleOf(item.repeat)
  // An end and a count cannot stand in one rule.
  const isRule = rrule !== null && item.holidays !== 'only' && !(item.lastDay !== null && rrule.includes('COUNT='))
  const days = daysOf(item, item.firstDay, until)
  const [first] = isRule ? daysOf({ ...item, except: [], holidays: 'play' }, item.firstDay, until) : days
  if (first === undefined) return []
  const left = isRule ? daysOf({ ...item, except: [], holidays: 'play' }, item.firstDay, until).filter((day) => !days.includes(day)) : []
  return Array.from({ length: item.plays }, (_, play) => {
    // Local times go on by the clock of the first day: rules are of local times too.
    const at = (day: Day): string => {
      const local = Temporal.PlainDateTime.from(`${day}T${item.time}`).add({ milliseconds: play * (lengthMs + item.gapMs) }).toString({ smallestUnit: 'second' })
      return basic(local.slice(0, 10), local.slice(11))
    }
    const shifted = at(first).slice(0, 8) !== first.replaceAll('-', '')
    // Past midnight the rule's days would be others.
    const byRule = isRule && !shifted
    const zoned = `TZID=${item.zone}`
    const list = (name: string, of: readonly Day[]): string[] => (of.length === 0 ? [] : [`${name};${zoned}:${of.map(at).join(',')}`])
    return [
      'BEGIN:VEVENT',
      `UID:${item.id}.${String(play + 1)}@loa`,
      `DTSTAMP:${utc(item.changedAtMs)}`,
      `SEQUENCE:${String(item.version - 1)}`,
      `DTSTART;${zoned}:${at(byRule ? first : days[0]!)}`,
      `DURATION:PT${String(Math.max(1, Math.round(lengthMs / 1000)))}S`,
      `SUMMARY:${escape(item.title)}`,
      `PRIORITY:${item.class === 'priority' ? '1' : '5'}`,
      `STATUS:${item.enabled ? 'CONFIRMED' : 'CANCELLED'}`,
      ...(byRule ? [`RRULE:${rrule}${item.lastDay === null ? '' : `;UNTIL=${utc(instantOf(item.lastDay, item.time, item.zone) + play * (lengthMs + item.gapMs))}`}`, ...list('EXDATE', left)] : list('RDATE', days.slice(1))),
      'END:VEVENT',
    ]
  }).flat()
}

/** RFC 5545, 3.6.5: the offsets of a zone, from before the first event that matters to the end of what is written out. */
function zoneLines(zone: string, nowMs: number): string[] {
  const offsetText = (ns: number): string => `${ns < 0 ? '-' : '+'}${new Date(Math.abs(ns) / 1e6).toISOString().slice(11, 16).replace(':', '')}`
  const lines: string[] = []
  let at = Temporal.Instant.fromEpochMilliseconds(nowMs - 366 * 86_400_000).toZonedDateTimeISO(zone)
  const endMs = nowMs + 2 * WRITTEN_DAYS * 86_400_000
  const observance = (start: string, fromNs: number, toNs: number): void => {
    const name = toNs > fromNs ? 'DAYLIGHT' : 'STANDARD'
    lines.push(`BEGIN:${name}`, `DTSTART:${start}`, `TZOFFSETFROM:${offsetText(fromNs)}`, `TZOFFSETTO:${offsetText(toNs)}`, `END:${name}`)
  }
  observance('19700101T000000', at.offsetNanoseconds, at.offsetNanoseconds)
  for (let next = at.getTimeZoneTransition('next'); next !== null && next.epochMilliseconds < endMs; next = at.getTimeZoneTransition('next')) {
    const before = next.toPlainDateTime().subtract({ nanoseconds: next.offsetNanoseconds - at.offsetNanoseconds }).toString({ smallestUnit: 'second' })
    observance(basic(before.slice(0, 10), before.slice(11)), at.offsetNanoseconds, next.offsetNanoseconds)
    at = next
  }
  return ['BEGIN:VTIMEZONE', `TZID:${zone}`, ...lines, 'END:VTIMEZONE']
}

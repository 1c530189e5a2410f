import type { Language } from './language.ts'
import type { BreachRecord } from './policy/policy-port.ts'
import type { Store, UnitRecord, UserRecord } from './ports.ts'
import { rruleOf } from './schedule/calendar.ts'
import type { ScheduleItemRecord } from './schedule/schedule-port.ts'
import type { Sheet, SheetColumn } from './spreadsheet/sheet-answer.ts'
import { formatTime } from './time.ts'

type Words = Readonly<Record<Language, string>>

const YES_NO = { true: { vi: 'có', en: 'yes' }, false: { vi: 'không', en: 'no' } }
const CLASSES: Readonly<Record<'emergency' | 'priority' | 'normal', Words>> = { emergency: { vi: 'khẩn cấp', en: 'emergency' }, priority: { vi: 'ưu tiên', en: 'priority' }, normal: { vi: 'thông thường', en: 'normal' } }
const RULES: Readonly<Record<BreachRecord['breaches'][number]['rule'], Words>> = { hours: { vi: 'ngoài khung giờ', en: 'outside the windows' }, quiet: { vi: 'giờ yên tĩnh', en: 'quiet hours' }, play: { vi: 'phát quá dài', en: 'too long' }, day: { vi: 'quá nhiều trong ngày', en: 'too much on a day' }, frame: { vi: 'trong khung giờ của cấp khác', en: 'within the frame of another level' } }
const SUBJECTS: Readonly<Record<BreachRecord['subject'], Words>> = { order: { vi: 'lệnh phát', en: 'order' }, 'schedule-item': { vi: 'mục lịch phát', en: 'schedule item' } }
const REPEATS: Readonly<Record<ScheduleItemRecord['repeat']['kind'], Words>> = {
  once: { vi: 'một lần', en: 'once' }, daily: { vi: 'hằng ngày', en: 'daily' }, weekly: { vi: 'hằng tuần', en: 'weekly' }, monthly: { vi: 'hằng tháng', en: 'monthly' }, dates: { vi: 'theo ngày', en: 'dates' }, lunar: { vi: 'âm lịch', en: 'lunar' }, rule: { vi: 'theo quy tắc', en: 'rule' },
}

const column = <T>(vi: string, en: string, cell: SheetColumn<T>['cell']): SheetColumn<T> => ({ heading: { vi, en }, cell })
const time = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))

/** Codes in the place of ids, because people know units and clusters by them. */
function coder(records: readonly { readonly id: string; readonly code: string }[]): (id: string) => string {
  const codes = new Map(records.map(({ id, code }) => [id, code]))
  return (id) => codes.get(id) ?? id
}

export function unitSheet(store: Store): Sheet<UnitRecord> {
  const code = coder(store.units.all())
  return {
    name: 'units',
    title: { vi: 'Đơn vị', en: 'Units' },
    columns: [
      column('Mã', 'Code', (unit) => unit.code),
      column('Tên', 'Name', (unit) => unit.name),
      column('Mã đơn vị cấp trên', 'Code of the unit above', ({ parentId }) => (parentId === null ? null : code(parentId))),
      column('Cấp', 'Level', ({ level }) => level),
      column('Độ trễ phát, ms', 'Presentation delay, ms', ({ presentationDelayMs }) => presentationDelayMs),
      column('Số dân', 'People', ({ people }) => people),
      column('Người liên hệ', 'Contact', ({ contact }) => contact?.name ?? null),
      column('Điện thoại liên hệ', 'Telephone of the contact', ({ contact }) => contact?.phone ?? null),
      column('Tạo lúc', 'Created', ({ createdAtMs }) => time(createdAtMs)),
      column('Kết thúc lúc', 'Ended', ({ endedAtMs }) => time(endedAtMs)),
      column('Đơn vị kế thừa', 'Successors', ({ successorIds }) => successorIds.map(code).join(' ')),
      column('Id', 'Id', ({ id }) => id),
    ],
  }
}

export function userSheet(store: Store): Sheet<UserRecord> {
  const code = coder(store.units.all())
  return {
    name: 'users',
    title: { vi: 'Người dùng', en: 'Users' },
    columns: [
      column('Tên đăng nhập', 'Login', ({ login }) => login),
      column('Họ tên', 'Name', ({ name }) => name),
      column('Vai trò', 'Roles', ({ grants }) => grants.map(({ role, unitId }) => `${role} @ ${unitId === null ? '*' : code(unitId)}`).join(', ')),
      column('Xác thực hai lớp', 'Second factor', ({ totpSecret }, language) => YES_NO[`${totpSecret !== null}`][language]),
      column('Được đăng nhập', 'May log in', ({ enabled }, language) => YES_NO[`${enabled}`][language]),
      column('Tạo lúc', 'Created', ({ createdAtMs }) => time(createdAtMs)),
      column('Id', 'Id', ({ id }) => id),
    ],
  }
}

export function scheduleSheet(store: Store, lengthMs: (item: ScheduleItemRecord) => number): Sheet<ScheduleItemRecord> {
  const unit = coder(store.units.all())
  const cluster = coder(store.clusters.all())
  const groups = new Map(store.groups.all().map(({ id, name }) => [id, name]))
  const sources = new Map(store.sources.all().map(({ id, name }) => [id, name]))
  return {
    name: 'schedule',
    title: { vi: 'Lịch phát', en: 'Schedule' },
    columns: [
      column('Tên', 'Title', ({ title }) => title),
      column('Mức độ ưu tiên', 'Class', (item, language) => CLASSES[item.class][language]),
      column('Giờ', 'Time', (item) => item.time),
      column('Múi giờ', 'Zone', ({ zone }) => zone),
      column('Từ ngày', 'First day', ({ firstDay }) => firstDay),
      column('Đến ngày', 'Last day', ({ lastDay }) => lastDay),
      column('Lặp lại', 'Repeats', ({ repeat }, language) => REPEATS[repeat.kind][language]),
      column('Quy tắc (RFC 5545)', 'Rule (RFC 5545)', ({ repeat }) => rruleOf(repeat)),
      column('Trừ các ngày', 'Except', ({ except }) => except.join(' ')),
      column('Số lần mỗi ngày', 'Plays a day', ({ plays }) => plays),
      column('Thời lượng, giây', 'Length, s', (item) => Math.round(lengthMs(item) / 1000)),
      column('Nguồn', 'Source', ({ sourceId }) => (sourceId === null ? null : (sources.get(sourceId) ?? sourceId))),
      column('Tệp âm thanh', 'Clips', ({ clipIds }) => clipIds?.map((id) => store.clips.get(id)?.name ?? id).join(', ') ?? null),
      column('Đơn vị', 'Units', ({ targets }) => targets.units.map(unit).join(' ')),
      column('Cụm loa', 'Clusters', ({ targets }) => targets.clusters.map(cluster).join(' ')),
      column('Nhãn', 'Tags', ({ targets }) => targets.tags.join(' ')),
      column('Nhóm', 'Groups', ({ targets }) => (targets.groups ?? []).map((id) => groups.get(id) ?? id).join(', ')),
      column('Đơn vị ra lịch', 'Issuer', ({ issuerUnitId }) => unit(issuerUnitId)),
      column('Đang dùng', 'Enabled', ({ enabled }, language) => YES_NO[`${enabled}`][language]),
      column('Id', 'Id', ({ id }) => id),
    ],
  }
}

export function breachSheet(store: Store): Sheet<BreachRecord> {
  const code = coder(store.units.all())
  return {
    name: 'policy-breaches',
    title: { vi: 'Phát trái quy định', en: 'Policy breaches' },
    columns: [
      column('Lúc', 'At', ({ atMs }) => time(atMs)),
      column('Loại', 'Kind', ({ subject }, language) => SUBJECTS[subject][language]),
      column('Tên', 'Title', ({ title }) => title),
      column('Mức độ ưu tiên', 'Class', (breach, language) => CLASSES[breach.class][language]),
      column('Đơn vị', 'Units', ({ breaches }) => [...new Set(breaches.map(({ unitId }) => code(unitId)))].join(' ')),
      column('Quy định', 'Rules', ({ breaches }, language) => [...new Set(breaches.map(({ rule }) => RULES[rule][language]))].join(', ')),
      column('Lý do', 'Reason', ({ reason }) => reason),
      column('Người thực hiện', 'By', ({ by }) => store.users.get(by)?.name ?? store.tokens.get(by)?.name ?? by),
      column('Id', 'Id', ({ subjectId }) => subjectId),
    ],
  }
}

import { BAD_DAY, BAD_IMEI, isDay, isImei } from './cluster-rules.ts'
import type { Language } from './language.ts'
import { CLUSTER_STATES, TECHNOLOGIES, type ClusterRecord, type Equipment } from './ports.ts'
import type { Cell } from './spreadsheet/cells.ts'
import { cleanTags, foldText } from './text.ts'

/** What a row says of a cluster: a unit by its code, all else as it is kept. */
export interface SheetCluster {
  code: string
  name: string
  unit: string
  state: ClusterRecord['state']
  technology: Equipment['technology']
  enabled: boolean
  latitude: number | null
  longitude: number | null
  tags: readonly string[]
  imei: string | null
  sim: string | null
  maker: string | null
  model: string | null
  amplifier: string | null
  loudspeakers: number | null
  buildYear: number | null
  depreciatedOn: string | null
  keeper: string | null
  keeperPhone: string | null
}

export type SheetKey = keyof SheetCluster

/** What is wrong with a cell. */
export interface CellProblem {
  readonly message: string
  readonly messageVi: string
}

/** Thrown by what reads a cell. */
export class CellError extends Error {
  override readonly name = 'CellError'
  readonly problem: CellProblem

  constructor(problem: CellProblem) {
    super(problem.message)
    this.problem = problem
  }
}

interface Column {
  readonly key: SheetKey
  readonly heading: Readonly<Record<Language, string>>
  readonly read: (cell: Cell) => SheetCluster[SheetKey]
  readonly write: (value: SheetCluster[SheetKey], language: Language) => string | number
}

const STATE_WORDS: Readonly<Record<ClusterRecord['state'], Readonly<Record<Language, string>>>> = {
  planned: { vi: 'dự kiến', en: 'planned' },
  active: { vi: 'đang dùng', en: 'active' },
  repair: { vi: 'đang sửa', en: 'repair' },
  retired: { vi: 'ngừng dùng', en: 'retired' },
}
const TECHNOLOGY_WORDS: Readonly<Record<NonNullable<Equipment['technology']>, Readonly<Record<Language, string>>>> = {
  ip: { vi: 'IP', en: 'IP' },
  fm: { vi: 'FM', en: 'FM' },
  wired: { vi: 'có dây', en: 'wired' },
}
const YES = { vi: 'có', en: 'yes' } as const
const NO = { vi: 'không', en: 'no' } as const

const fail = (message: string, messageVi: string): never => {
  throw new CellError({ message, messageVi })
}

function textOf(cell: Cell): string {
  if (typeof cell === 'object') return fail(`holds the error ${cell.error}`, `chứa lỗi ${cell.error}`)
  if (typeof cell === 'string') return cell.normalize('NFC').trim()
  // A spreadsheet keeps 15 digits of a number; the rest of a longer one is gone.
  return Number.isSafeInteger(cell) || Math.abs(cell) < 1e6 ? String(cell) : fail('is a number too long to be kept: make the cell a text', 'là số quá dài: hãy định dạng ô thành văn bản')
}

const orNull = <T>(read: (text: string) => T) => (cell: Cell): T | null => {
  const text = textOf(cell)
  return text === '' ? null : read(text)
}

const required = <T>(read: (text: string) => T) => (cell: Cell): T => {
  const text = textOf(cell)
  return text === '' ? fail('must not be empty', 'không được để trống') : read(text)
}

const words = (max: number) => (text: string): string => {
  if (text.length > max) fail(`must have at most ${String(max)} characters`, `chỉ được có tối đa ${String(max)} ký tự`)
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) ? fail('must not contain control characters', 'không được chứa ký tự điều khiển') : text
}

const code = (text: string): string => (/^\S{1,64}$/.test(text) ? text : fail('must have at most 64 characters and no blanks', 'tối đa 64 ký tự, không có khoảng trắng'))

const number = (min: number, max: number, isWhole: boolean) => (text: string): number => {
  const value = /^-?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text.replace(',', '.')) : Number.NaN
  if (!(value >= min && value <= max) || (isWhole && !Number.isInteger(value))) fail(`must be a ${isWhole ? 'whole ' : ''}number from ${String(min)} to ${String(max)}`, `phải là số ${isWhole ? 'nguyên ' : ''}từ ${String(min)} đến ${String(max)}`)
  return value
}

const oneOf = <K extends string>(table: Readonly<Record<K, Readonly<Record<Language, string>>>>, keys: readonly K[]) => (text: string): K => {
  const folded = foldText(text)
  const found = keys.find((key) => key === folded || foldText(table[key].vi) === folded || foldText(table[key].en) === folded)
  return found ?? fail(`must be one of ${keys.map((key) => table[key].en).join(', ')}`, `phải là một trong: ${keys.map((key) => table[key].vi).join(', ')}`)
}

function yesNo(text: string): boolean {
  const folded = foldText(text)
  if ([YES.en, foldText(YES.vi), 'true', '1'].includes(folded)) return true
  return [NO.en, foldText(NO.vi), 'false', '0'].includes(folded) ? false : fail('must be yes or no', 'phải là có hoặc không')
}

function tags(cell: Cell): readonly string[] {
  const found = cleanTags(textOf(cell).split(/\s+/).filter((tag) => tag !== ''))
  if (found.length > 50 || found.some((tag) => tag.length > 64)) fail('must be at most 50 tags of at most 64 characters, parted by blanks', 'tối đa 50 thẻ, mỗi thẻ tối đa 64 ký tự, cách nhau bằng khoảng trắng')
  return found
}

/** As people write it, with blanks, dots and hyphens. Of one that a spreadsheet took for a number the leading 0 is gone. */
function telephone(cell: Cell): string | null {
  const digits = textOf(cell).replaceAll(/[\s.()-]/g, '')
  if (digits === '') return null
  const whole = typeof cell === 'number' ? `0${digits}` : digits
  return /^\+?\d{3,15}$/.test(whole) ? whole : fail('must be a telephone number', 'phải là số điện thoại')
}

const DAY_MS = 86_400_000
/** Day 0 of spreadsheets is 30 December 1899, because they hold 1900 for a leap year. */
const DAY_ZERO_MS = Date.UTC(1899, 11, 30)

/** Also a day as a spreadsheet counts it, and as people write it: 31/12/2031. */
function day(cell: Cell): string | null {
  if (typeof cell === 'number' && Number.isInteger(cell) && cell > 0 && cell < 200_000) return new Date(DAY_ZERO_MS + cell * DAY_MS).toISOString().slice(0, 10)
  return orNull((text) => {
    const [, dd = '', mm = '', yyyy = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? []
    const iso = yyyy === '' ? text : `${yyyy}-${mm.padStart(2, '0')}-${dd.padStart(2, '0')}`
    return isDay(iso) ? iso : fail(BAD_DAY.message, BAD_DAY.messageVi)
  })(cell)
}

const plain = (value: SheetCluster[SheetKey]): string | number => (typeof value === 'number' ? value : typeof value === 'string' ? value : '')

/** In the sequence of an export. */
export const SHEET_COLUMNS: readonly Column[] = [
  { key: 'code', heading: { vi: 'Mã cụm loa', en: 'Code' }, read: required(code), write: plain },
  { key: 'name', heading: { vi: 'Tên cụm loa', en: 'Name' }, read: required(words(200)), write: plain },
  { key: 'unit', heading: { vi: 'Mã đơn vị', en: 'Unit code' }, read: required(code), write: plain },
  { key: 'state', heading: { vi: 'Trạng thái', en: 'State' }, read: required(oneOf(STATE_WORDS, CLUSTER_STATES)), write: (value, language) => STATE_WORDS[value as ClusterRecord['state']][language] },
  { key: 'technology', heading: { vi: 'Công nghệ', en: 'Technology' }, read: orNull(oneOf(TECHNOLOGY_WORDS, TECHNOLOGIES)), write: (value, language) => (value === null ? '' : TECHNOLOGY_WORDS[value as NonNullable<Equipment['technology']>][language]) },
  { key: 'enabled', heading: { vi: 'Cho kết nối', en: 'May connect' }, read: required(yesNo), write: (value, language) => (value === true ? YES : NO)[language] },
  { key: 'latitude', heading: { vi: 'Vĩ độ', en: 'Latitude' }, read: orNull(number(-90, 90, false)), write: plain },
  { key: 'longitude', heading: { vi: 'Kinh độ', en: 'Longitude' }, read: orNull(number(-180, 180, false)), write: plain },
  { key: 'tags', heading: { vi: 'Thẻ', en: 'Tags' }, read: tags, write: (value) => (value as readonly string[]).join(' ') },
  { key: 'imei', heading: { vi: 'IMEI', en: 'IMEI' }, read: orNull((text) => (isImei(text) ? text : fail(BAD_IMEI.message, BAD_IMEI.messageVi))), write: plain },
  { key: 'sim', heading: { vi: 'SIM', en: 'SIM' }, read: orNull((text) => (/^\+?\d{6,22}$/.test(text) ? text : fail('must be 6 to 22 digits', 'phải gồm 6 đến 22 chữ số'))), write: plain },
  { key: 'maker', heading: { vi: 'Hãng sản xuất', en: 'Maker' }, read: orNull(words(200)), write: plain },
  { key: 'model', heading: { vi: 'Kiểu máy', en: 'Model' }, read: orNull(words(200)), write: plain },
  { key: 'amplifier', heading: { vi: 'Tăng âm', en: 'Amplifier' }, read: orNull(words(200)), write: plain },
  { key: 'loudspeakers', heading: { vi: 'Số loa', en: 'Loudspeakers' }, read: orNull(number(0, 100, true)), write: plain },
  { key: 'buildYear', heading: { vi: 'Năm lắp đặt', en: 'Build year' }, read: orNull(number(1950, 2100, true)), write: plain },
  { key: 'depreciatedOn', heading: { vi: 'Ngày hết khấu hao', en: 'Written off on' }, read: day, write: plain },
  { key: 'keeper', heading: { vi: 'Người trông coi', en: 'Keeper' }, read: orNull(words(200)), write: plain },
  { key: 'keeperPhone', heading: { vi: 'Điện thoại người trông coi', en: 'Telephone of the keeper' }, read: telephone, write: plain },
]

/** The column that a heading names: by its key or its words in either language, whatever case and accents. */
export function columnNamed(heading: string): Column | undefined {
  const folded = foldText(heading.trim())
  return SHEET_COLUMNS.find(({ key, heading: { vi, en } }) => [key, vi, en].some((name) => foldText(name) === folded))
}

export function sheetCluster({ code: own, name, state, enabled, position, tags: owned, equipment }: Omit<ClusterRecord, 'id' | 'unitId' | 'keyHash' | 'keyChangedAtMs' | 'createdAtMs'>, unit: string): SheetCluster {
  return { code: own, name, unit, state, enabled, latitude: position?.lat ?? null, longitude: position?.lon ?? null, tags: owned, ...equipment }
}

/** The cells of a row, in the sequence of SHEET_COLUMNS. */
export const sheetRow = (cluster: SheetCluster, language: Language): (string | number)[] => SHEET_COLUMNS.map(({ key, write }) => write(cluster[key], language))

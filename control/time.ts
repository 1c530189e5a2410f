import { invalid } from './validation.ts'

const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d{2}):?(\d{2}))$/

/** Offsets in use reach from −12:00 to +14:00. */
const MAX_OFFSET_MINUTES = 14 * 60

/**
 * Reads an ISO 8601 time with date, hour, minute and zone; seconds and fractions may be left out, fractions beyond ms are cut off.
 * Stricter than Date.parse: a day that is not in the calendar or a time without zone is nothing.
 * @returns ms since 1970, or undefined.
 */
export function parseTime(text: string): number | undefined {
  const match = ISO_TIME.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number]
  const second = Number(match[6] ?? 0)
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  // Years below 100 would be read as 19xx by Date.UTC, and no order is that old.
  if (year < 1970 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined

  const offsetMinutes = match[8] === undefined ? 0 : Number(match[9]) * 60 + Number(match[10])
  if (Number(match[10] ?? 0) > 59 || offsetMinutes > MAX_OFFSET_MINUTES) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - (match[8] === '-' ? -1 : 1) * offsetMinutes * 60_000
}

/**
 * @param path where it stands in the request
 * @throws ApiError with the code, when it is not such a time
 */
export function readTime(path: string, text: string, code: 'LOA_ERR_INVALID' | 'LOA_ERR_BAD_REQUEST' = 'LOA_ERR_INVALID'): number {
  const ms = parseTime(text)
  if (ms === undefined) throw invalid([{ path, message: 'must be an ISO 8601 time with zone', messageVi: 'phải là thời gian ISO 8601 có múi giờ' }], code)
  return ms
}

/** ISO 8601 in UTC with ms. */
export const formatTime = (ms: number): string => new Date(ms).toISOString()

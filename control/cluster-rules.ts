import type { ClusterFilter, Equipment } from './ports.ts'
import { cleanText } from './text.ts'
import { invalid } from './validation.ts'

/**
 * Equipment with what is new in it.
 * @throws ApiError LOA_ERR_INVALID
 */
export function cleanEquipment(before: Equipment, change: Partial<Equipment> = {}): Equipment {
  const text = (name: 'maker' | 'model' | 'amplifier' | 'keeper'): Partial<Equipment> => (typeof change[name] === 'string' ? { [name]: cleanText(`equipment.${name}`, change[name]) } : {})
  if (typeof change.imei === 'string' && !isImei(change.imei)) throw invalid([{ path: 'equipment.imei', ...BAD_IMEI }])
  if (typeof change.depreciatedOn === 'string' && !isDay(change.depreciatedOn)) throw invalid([{ path: 'equipment.depreciatedOn', ...BAD_DAY }])
  return { ...before, ...change, ...text('maker'), ...text('model'), ...text('amplifier'), ...text('keeper') }
}

export const BAD_IMEI = { message: 'must be 15 digits, of which the last checks the others', messageVi: 'phải gồm 15 chữ số, chữ số cuối là số kiểm tra' } as const
export const BAD_DAY = { message: 'must be a day like 2031-12-31', messageVi: 'phải là ngày dạng 2031-12-31' } as const

/** 15 digits with the check digit of ISO/IEC 7812 (Luhn). */
export function isImei(text: string): boolean {
  if (!/^\d{15}$/.test(text)) return false
  let sum = 0
  for (const [index, digit] of [...text].entries()) {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** A day of the calendar, as `2031-12-31`. */
export function isDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

/** What a query says, as the store wants it. */
export const clusterFilter = ({ unitId, tag, enabled, state, technology, search }: ClusterFilter): ClusterFilter => ({
  ...(unitId === undefined ? {} : { unitId }),
  ...(tag === undefined ? {} : { tag: tag.normalize('NFC') }),
  ...(enabled === undefined ? {} : { enabled }),
  ...(state === undefined ? {} : { state }),
  ...(technology === undefined ? {} : { technology }),
  ...(search === undefined ? {} : { search }),
})

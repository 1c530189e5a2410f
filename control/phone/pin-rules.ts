import { ApiError } from '../problem.ts'

export const LEAST_PIN_DIGITS = 6
export const MOST_PIN_DIGITS = 10

/** Ways over the keys of a telephone, beside what follows from the rules below. */
const KEYPAD_WALKS = ['147258369', '741852963', '159357', '357159', '159753', '753159', '258046', '789456123', '123654789', '147896325', '2580', '0852']

const distinct = (pin: string): number => new Set(pin).size

/** Every digit the same step from the one before, as on a ring: 123456, 864208. */
function isStepped(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((digit, index) => (Number(digit) - Number(pin[index]) + 10) % 10))
  return steps.size === 1
}

/** A piece of at most half of it again and again: 123123, 4747474. */
function isRepeated(pin: string): boolean {
  for (let length = 1; length <= Math.floor(pin.length / 2); length += 1) {
    if ([...pin].every((digit, index) => digit === pin[index % length])) return true
  }
  return false
}

const isPalindrome = (pin: string): boolean => pin === [...pin].reverse().join('')
/** 112233, 778899. */
const isDoubled = (pin: string): boolean => pin.length % 2 === 0 && [...pin].every((digit, index) => index % 2 === 0 || digit === pin[index - 1])
/** 123789, 456123: two short rows. */
const isTwoRows = (pin: string): boolean => pin.length % 2 === 0 && isStepped(pin.slice(0, pin.length / 2)) && isStepped(pin.slice(pin.length / 2))

const isDay = (day: string, month: string): boolean => Number(day) >= 1 && Number(day) <= 31 && Number(month) >= 1 && Number(month) <= 12
const isYear = (year: string): boolean => Number(year) >= 1900 && Number(year) <= 2099

/** Day, month and year in the ways in which people write them. Every six digits that could be one are refused: a third of all that are chosen are birthdays. */
function isDate(pin: string): boolean {
  const part = (from: number, to: number): string => pin.slice(from, to)
  if (pin.length === 6) return isDay(part(0, 2), part(2, 4)) || isDay(part(2, 4), part(0, 2)) || isDay(part(4, 6), part(2, 4)) || (isYear(part(0, 4)) && Number(part(4, 6)) <= 12) || (isYear(part(2, 6)) && Number(part(0, 2)) <= 12)
  if (pin.length === 8) return (isYear(part(4, 8)) && (isDay(part(0, 2), part(2, 4)) || isDay(part(2, 4), part(0, 2)))) || (isYear(part(0, 4)) && isDay(part(6, 8), part(4, 6)))
  return false
}

const WALKS = KEYPAD_WALKS.filter((walk) => walk.length >= LEAST_PIN_DIGITS)

/**
 * Why a PIN is refused, or null. It is keyed after the personal number, so the same may be another's too; what must not be is that it stands among the first thousands that are tried.
 * @param number that the person keys before it
 */
export function pinWeakness(pin: string, number: string | null): { readonly message: string; readonly messageVi: string } | null {
  if (!new RegExp(`^\\d{${String(LEAST_PIN_DIGITS)},${String(MOST_PIN_DIGITS)}}$`).test(pin)) return { message: `must have ${String(LEAST_PIN_DIGITS)} to ${String(MOST_PIN_DIGITS)} digits`, messageVi: `phải có từ ${String(LEAST_PIN_DIGITS)} đến ${String(MOST_PIN_DIGITS)} chữ số` }
  if (distinct(pin) <= 2 || isStepped(pin) || isRepeated(pin) || isPalindrome(pin) || isDoubled(pin) || isTwoRows(pin)) return { message: 'is a row or a repetition', messageVi: 'là dãy liên tiếp hoặc lặp lại' }
  if (WALKS.some((walk) => walk.includes(pin) || pin.includes(walk))) return { message: 'is a way over the keys that many take', messageVi: 'là đường bấm phím quá phổ biến' }
  if (isDate(pin)) return { message: 'could be a date', messageVi: 'giống ngày tháng năm' }
  if (number !== null && pin.includes(number)) return { message: 'holds the personal number', messageVi: 'chứa chính mã số cá nhân' }
  return null
}

/** @throws ApiError LOA_ERR_WEAK_PIN */
export function checkPin(path: string, pin: string, number: string | null): void {
  const weakness = pinWeakness(pin, number)
  if (weakness !== null) throw new ApiError('LOA_ERR_WEAK_PIN', `${path} ${weakness.message}`, `${path} ${weakness.messageVi}`, { errors: [{ path, ...weakness }] })
}

import { randomInt } from 'node:crypto'
import { fieldError } from '../order-rules.ts'
import type { PhonePinRecord, Store, UserRecord } from '../ports.ts'
import { ApiError, unknownIds } from '../problem.ts'
import { Rights } from '../rights.ts'
import type { SetPhonePinBody } from '../schemas/phone.ts'
import { callerNumber } from './caller-number.ts'
import { checkStanding } from '../unit-change-rules.ts'

const FIRST_NUMBER = 1000
const LAST_NUMBER = 9999

/**
 * The number that a person has, or one that nobody has: at random, so that who knows one knows no other.
 * @throws ApiError LOA_ERR_NO_NUMBER
 */
function numberFor(userId: string, store: Store, random: (below: number) => number): string {
  const own = store.phonePins.get(userId)
  if (own !== undefined) return own.number
  const taken = new Set(store.phonePins.numbers())
  const free: string[] = []
  for (let number = FIRST_NUMBER; number <= LAST_NUMBER; number += 1) if (!taken.has(String(number))) free.push(String(number))
  if (free.length === 0) throw new ApiError('LOA_ERR_NO_NUMBER', 'all four-digit numbers are given', 'đã cấp hết mã số bốn chữ số')
  return free[random(free.length)]!
}

/**
 * Gives a user a PIN, in the place of the one he had.
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED, LOA_ERR_FORBIDDEN, LOA_ERR_INVALID or LOA_ERR_NO_NUMBER
 */
export function setPhonePin(user: UserRecord, { unitId, language = 'vi', needsCode = false, callerIds }: Omit<SetPhonePinBody, 'pin'>, pinHash: string, store: Store, nowMs: number, random: (below: number) => number = randomInt): PhonePinRecord {
  if (store.units.get(unitId) === undefined) throw unknownIds([{ path: 'unitId', noun: 'unit', id: unitId }])
  checkStanding(store, 'unitId', [unitId])
  const rights = new Rights(user.grants, (id) => store.units.ancestors(id))
  if (!rights.holds('air', unitId) && !rights.holds('emergency', unitId)) throw fieldError('LOA_ERR_INVALID', 'unitId', 'must be a unit where the user may put something on the air', 'phải là đơn vị mà người dùng có quyền phát')
  if (needsCode && user.totpSecret === null) throw fieldError('LOA_ERR_INVALID', 'needsCode', 'needs an authenticator, which the user does not have', 'cần ứng dụng xác thực, người dùng chưa có')
  const number = numberFor(user.id, store, random)
  // Whoever guessed at the one before has to begin anew, and its owner need not wait.
  for (const kind of ['number', 'peer-number'] as const) store.phoneTries.remove(kind, number)
  return store.phonePins.put({ userId: user.id, number, pinHash, unitId, language, needsCode, callerIds: callerIds === undefined ? store.phonePins.get(user.id)?.callerIds ?? [] : [...new Set(callerIds.map(callerNumber))], changedAtMs: nowMs })
}

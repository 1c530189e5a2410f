import { hashCode } from './ids.ts'
import type { LoginGuard } from './login-guard.ts'
import { verifyPassword } from './password.ts'
import type { ControlClock, Store, UserRecord } from './ports.ts'
import { ApiError } from './problem.ts'
import { totpStep } from './second-factor.ts'

export interface Proof {
  readonly login: string
  readonly password: string
  /** Six digits or a recovery code; undefined: none was given. */
  readonly code?: string | undefined
  readonly address: string
}

/** Finds out whether somebody is who he says, and forgets sessions that are over. */
export class Logins {
  readonly #store: Store
  readonly #clock: ControlClock
  readonly #guard: LoginGuard
  readonly #expired: () => void

  /** @param expired told when sessions have ended by time */
  constructor(store: Store, clock: ControlClock, guard: LoginGuard, expired: () => void) {
    this.#store = store
    this.#clock = clock
    this.#guard = guard
    this.#expired = expired
  }

  /** Removes sessions that are over. */
  removeExpired(): void {
    if (this.#store.sessions.removeExpired(this.#clock.wallMs()) > 0) this.#expired()
  }

  /**
   * Does something for a user who proves himself. What is wrong, and whether there is such a user at all, is not told apart, neither by words nor
   * by time.
   * @param needsCode whether somebody with a second factor must give it too
   * @param work runs in one transaction with the use of the code
   * @param known told who is meant before anything is decided, for the audit log
   * @throws ApiError LOA_ERR_LOGIN, LOA_ERR_SECOND_FACTOR, LOA_ERR_TOO_MANY or LOA_ERR_BUSY
   */
  async prove<T>({ login, password, code, address }: Proof, needsCode: boolean, known: (user: UserRecord) => void, work: (user: UserRecord) => T): Promise<T> {
    const account = foldLogin(login)
    const waitMs = this.#guard.waitMs(account, address)
    if (waitMs > 0) throw new ApiError('LOA_ERR_TOO_MANY', 'too many wrong tries', 'đã thử sai quá nhiều lần', { headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } })
    const isKnown = this.#guard.isKnown(account, address)
    this.#guard.tried(account, address)
    const before = this.#store.users.byLogin(account)
    if (before !== undefined) known(before)
    const isRight = await verifyPassword(password, before?.passwordHash, isKnown ? 'known' : 'strangers')
    const result = this.#store.transaction(() => {
      // Read again: much can have happened meanwhile.
      const user = before === undefined ? undefined : this.#store.users.get(before.id)
      if (!isRight || user?.enabled !== true || user.passwordHash !== before?.passwordHash) throw new ApiError('LOA_ERR_LOGIN', 'login or password is wrong', 'tên đăng nhập hoặc mật khẩu không đúng')
      return work(needsCode ? this.#useCode(user, code, address) : user)
    })
    this.#guard.succeeded(account, address)
    return result
  }

  /** @returns the user without the code that he has used up */
  #useCode(user: UserRecord, code: string | undefined, address: string): UserRecord {
    if (user.totpSecret === null) return user
    if (code === undefined) {
      this.#guard.undecided(user.login, address)
      throw new ApiError('LOA_ERR_SECOND_FACTOR', 'a code is needed as well', 'cần thêm mã xác thực')
    }
    const used = /^\d{6}$/.test(code) ? this.#useTotp(user, user.totpSecret, code) : this.#useRecovery(user, code)
    if (used === null) throw new ApiError('LOA_ERR_SECOND_FACTOR', 'the code is wrong or was used before', 'mã xác thực không đúng hoặc đã dùng')
    return this.#store.users.update(user.id, used) ?? user
  }

  #useTotp(user: UserRecord, secret: string, code: string): Partial<UserRecord> | null {
    const step = totpStep(secret, code, this.#clock.wallMs(), user.totpUsedStep)
    return step === null ? null : { totpUsedStep: step }
  }

  #useRecovery({ recoveryHashes }: UserRecord, code: string): Partial<UserRecord> | null {
    const hash = hashCode(code)
    return recoveryHashes.includes(hash) ? { recoveryHashes: recoveryHashes.filter((other) => other !== hash) } : null
  }
}

/** Logins are the same in any case. */
export const foldLogin = (login: string): string => login.normalize('NFC').trim().toLowerCase()

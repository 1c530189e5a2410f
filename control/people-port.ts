import type { Page, PageQuery } from './store-port.ts'
import type { Grant } from './rights.ts'

export interface UserRecord {
  readonly id: string
  /** What he logs in with: in lower case, unique. */
  readonly login: string
  readonly name: string
  readonly grants: readonly Grant[]
  /** Argon2id in the form of the Password Hashing Competition. */
  readonly passwordHash: string
  /** Base 32; null: no second factor. */
  readonly totpSecret: string | null
  /** One that he has been given and not yet proved to have. */
  readonly totpPending: string | null
  /** The last 30 s for which a code was taken. */
  readonly totpUsedStep: number
  /** Each opens once in the place of a code. */
  readonly recoveryHashes: readonly string[]
  readonly enabled: boolean
  readonly createdAtMs: number
}

export interface UserStore {
  insert(user: UserRecord): UserRecord
  /** @returns undefined when there is no such user. */
  update(id: string, change: Partial<Omit<UserRecord, 'id' | 'login' | 'createdAtMs'>>): UserRecord | undefined
  /** With his roles and sessions. */
  remove(id: string): boolean
  get(id: string): UserRecord | undefined
  byLogin(login: string): UserRecord | undefined
  all(): readonly UserRecord[]
  list(page: PageQuery): Page<UserRecord>
}

/** Somebody who has logged in somewhere. */
export interface SessionRecord {
  readonly id: string
  readonly userId: string
  /** SHA-256 of its secret, base64url. */
  readonly hash: string
  readonly remoteAddress: string
  readonly userAgent: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

export interface SessionStore {
  insert(session: SessionRecord): SessionRecord
  remove(id: string): boolean
  /** All of a user, but for one of them. @returns the ids of those removed */
  removeOf(userId: string, exceptId: string | null): readonly string[]
  /** @returns how many */
  removeExpired(nowMs: number): number
  get(id: string): SessionRecord | undefined
  byHash(hash: string): SessionRecord | undefined
  /** Oldest first. */
  ofUser(userId: string): readonly SessionRecord[]
  all(): readonly SessionRecord[]
}

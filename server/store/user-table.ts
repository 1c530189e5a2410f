import type { Page, PageQuery, UserRecord, UserStore } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'
import type { GrantTable } from './grant-table.ts'

interface UserRow {
  readonly seq: number
  readonly id: string
  readonly login: string
  readonly name: string
  readonly password_hash: string
  readonly totp_secret: string | null
  readonly totp_pending: string | null
  readonly totp_used_step: number
  readonly recovery_hashes: string
  readonly enabled: number
  readonly created_at_ms: number
}

const toParameters = (user: Omit<UserRecord, 'login' | 'createdAtMs'>) => ({
  id: user.id,
  name: user.name,
  passwordHash: user.passwordHash,
  totpSecret: user.totpSecret,
  totpPending: user.totpPending,
  totpUsedStep: user.totpUsedStep,
  recoveryHashes: JSON.stringify(user.recoveryHashes),
  enabled: user.enabled ? 1 : 0,
})

export class UserTable implements UserStore {
  readonly #db: Database
  readonly #grants: GrantTable
  readonly #insert: Statement
  readonly #update: Statement
  readonly #remove: Statement
  readonly #get: Statement<UserRow>
  readonly #byLogin: Statement<UserRow>
  readonly #all: Statement<UserRow>
  readonly #list: Statement<UserRow>

  constructor(db: Database, grants: GrantTable) {
    this.#db = db
    this.#grants = grants
    this.#insert = db.prepare(`
      INSERT INTO users (id, login, name, password_hash, totp_secret, totp_pending, totp_used_step, recovery_hashes, enabled, created_at_ms)
      VALUES ($id, $login, $name, $passwordHash, $totpSecret, $totpPending, $totpUsedStep, $recoveryHashes, $enabled, $createdAtMs)`)
    this.#update = db.prepare(`
      UPDATE users SET name = $name, password_hash = $passwordHash, totp_secret = $totpSecret, totp_pending = $totpPending, totp_used_step = $totpUsedStep,
        recovery_hashes = $recoveryHashes, enabled = $enabled
      WHERE id = $id`)
    this.#remove = db.prepare('DELETE FROM users WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM users WHERE id = $id')
    this.#byLogin = db.prepare('SELECT * FROM users WHERE login = $login')
    this.#all = db.prepare('SELECT * FROM users ORDER BY seq')
    this.#list = db.prepare('SELECT * FROM users WHERE seq > $after ORDER BY seq LIMIT $rows')
  }

  insert(user: UserRecord): UserRecord {
    this.#db.transaction(() => {
      this.#insert.run({ ...toParameters(user), login: user.login, createdAtMs: user.createdAtMs })
      this.#grants.replace(user.id, user.grants)
    })
    return user
  }

  update(id: string, change: Partial<Omit<UserRecord, 'id' | 'login' | 'createdAtMs'>>): UserRecord | undefined {
    return this.#db.transaction(() => {
      const before = this.get(id)
      if (before === undefined) return undefined
      this.#update.run(toParameters({ ...before, ...change }))
      if (change.grants !== undefined) this.#grants.replace(id, change.grants)
      return this.get(id)
    })
  }

  remove(id: string): boolean {
    return this.#db.transaction(() => {
      this.#grants.replace(id, [])
      return this.#remove.run({ id }) > 0
    })
  }

  get(id: string): UserRecord | undefined {
    return this.#one(this.#get.get({ id }))
  }

  byLogin(login: string): UserRecord | undefined {
    return this.#one(this.#byLogin.get({ login }))
  }

  all(): readonly UserRecord[] {
    return this.#all.all().map(this.#toUser)
  }

  list(page: PageQuery): Page<UserRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1 }), page, this.#toUser)
  }

  #one(row: UserRow | undefined): UserRecord | undefined {
    return row === undefined ? undefined : this.#toUser(row)
  }

  readonly #toUser = (row: UserRow): UserRecord => ({
    id: row.id,
    login: row.login,
    name: row.name,
    grants: this.#grants.of(row.id),
    passwordHash: row.password_hash,
    totpSecret: row.totp_secret,
    totpPending: row.totp_pending,
    totpUsedStep: row.totp_used_step,
    recoveryHashes: JSON.parse(row.recovery_hashes) as string[],
    enabled: row.enabled === 1,
    createdAtMs: row.created_at_ms,
  })
}

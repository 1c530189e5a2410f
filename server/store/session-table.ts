import type { SessionRecord, SessionStore } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface SessionRow {
  readonly id: string
  readonly user_id: string
  readonly hash: string
  readonly remote_address: string
  readonly user_agent: string
  readonly created_at_ms: number
  readonly expires_at_ms: number
}

const toSession = (row: SessionRow): SessionRecord => ({ id: row.id, userId: row.user_id, hash: row.hash, remoteAddress: row.remote_address, userAgent: row.user_agent, createdAtMs: row.created_at_ms, expiresAtMs: row.expires_at_ms })

export class SessionTable implements SessionStore {
  readonly #insert: Statement
  readonly #remove: Statement
  readonly #removeOf: Statement
  readonly #removeExpired: Statement
  readonly #get: Statement<SessionRow>
  readonly #byHash: Statement<SessionRow>
  readonly #ofUser: Statement<SessionRow>
  readonly #all: Statement<SessionRow>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO sessions (id, user_id, hash, remote_address, user_agent, created_at_ms, expires_at_ms)
      VALUES ($id, $userId, $hash, $remoteAddress, $userAgent, $createdAtMs, $expiresAtMs)`)
    this.#remove = db.prepare('DELETE FROM sessions WHERE id = $id')
    this.#removeOf = db.prepare('DELETE FROM sessions WHERE user_id = $userId AND id IS NOT $exceptId')
    this.#removeExpired = db.prepare('DELETE FROM sessions WHERE expires_at_ms <= $nowMs')
    this.#get = db.prepare('SELECT * FROM sessions WHERE id = $id')
    this.#byHash = db.prepare('SELECT * FROM sessions WHERE hash = $hash')
    this.#ofUser = db.prepare('SELECT * FROM sessions WHERE user_id = $userId ORDER BY seq')
    this.#all = db.prepare('SELECT * FROM sessions ORDER BY seq')
  }

  insert(session: SessionRecord): SessionRecord {
    const { id, userId, hash, remoteAddress, userAgent, createdAtMs, expiresAtMs } = session
    this.#insert.run({ id, userId, hash, remoteAddress, userAgent, createdAtMs, expiresAtMs })
    return session
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  removeOf(userId: string, exceptId: string | null): readonly string[] {
    const ids = this.ofUser(userId).map(({ id }) => id).filter((id) => id !== exceptId)
    this.#removeOf.run({ userId, exceptId })
    return ids
  }

  removeExpired(nowMs: number): number {
    return this.#removeExpired.run({ nowMs })
  }

  get(id: string): SessionRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toSession(row)
  }

  byHash(hash: string): SessionRecord | undefined {
    const row = this.#byHash.get({ hash })
    return row === undefined ? undefined : toSession(row)
  }

  ofUser(userId: string): readonly SessionRecord[] {
    return this.#ofUser.all({ userId }).map(toSession)
  }

  all(): readonly SessionRecord[] {
    return this.#all.all().map(toSession)
  }
}

import type { TokenRecord, TokenStore } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'
import type { GrantTable } from './grant-table.ts'

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly created_at_ms: number
  readonly expires_at_ms: number | null
  readonly last_used_at_ms: number | null
}

export class TokenTable implements TokenStore {
  readonly #db: Database
  readonly #grants: GrantTable
  readonly #insert: Statement
  readonly #used: Statement
  readonly #remove: Statement
  readonly #get: Statement<TokenRow>
  readonly #byHash: Statement<TokenRow>
  readonly #all: Statement<TokenRow>

  constructor(db: Database, grants: GrantTable) {
    this.#db = db
    this.#grants = grants
    this.#insert = db.prepare('INSERT INTO tokens (id, name, hash, created_at_ms, expires_at_ms, last_used_at_ms) VALUES ($id, $name, $hash, $createdAtMs, $expiresAtMs, $lastUsedAtMs)')
    this.#used = db.prepare('UPDATE tokens SET last_used_at_ms = $atMs WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM tokens WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM tokens WHERE id = $id')
    this.#byHash = db.prepare('SELECT * FROM tokens WHERE hash = $hash')
    this.#all = db.prepare('SELECT * FROM tokens ORDER BY seq')
  }

  insert(token: TokenRecord): TokenRecord {
    const { id, name, grants, hash, createdAtMs, expiresAtMs = null, lastUsedAtMs = null } = token
    this.#db.transaction(() => {
      this.#insert.run({ id, name, hash, createdAtMs, expiresAtMs, lastUsedAtMs })
      this.#grants.replace(id, grants)
    })
    return token
  }

  used(id: string, atMs: number): void {
    this.#used.run({ id, atMs })
  }

  remove(id: string): boolean {
    return this.#db.transaction(() => {
      this.#grants.replace(id, [])
      return this.#remove.run({ id }) > 0
    })
  }

  get(id: string): TokenRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : this.#toToken(row)
  }

  byHash(hash: string): TokenRecord | undefined {
    const row = this.#byHash.get({ hash })
    return row === undefined ? undefined : this.#toToken(row)
  }

  all(): readonly TokenRecord[] {
    return this.#all.all().map((row) => this.#toToken(row))
  }

  #toToken({ id, name, hash, created_at_ms: createdAtMs, expires_at_ms: expiresAtMs, last_used_at_ms: lastUsedAtMs }: TokenRow): TokenRecord {
    return { id, name, grants: this.#grants.of(id), hash, createdAtMs, ...(expiresAtMs === null ? {} : { expiresAtMs }), ...(lastUsedAtMs === null ? {} : { lastUsedAtMs }) }
  }
}

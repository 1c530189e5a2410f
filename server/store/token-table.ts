import type { TokenRecord, TokenStore } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly role: TokenRecord['role']
  readonly hash: string
  readonly created_at_ms: number
}

const toToken = (row: TokenRow): TokenRecord => ({ id: row.id, name: row.name, role: row.role, hash: row.hash, createdAtMs: row.created_at_ms })

export class TokenTable implements TokenStore {
  readonly #insert: Statement
  readonly #remove: Statement
  readonly #get: Statement<TokenRow>
  readonly #byHash: Statement<TokenRow>
  readonly #all: Statement<TokenRow>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO tokens (id, name, role, hash, created_at_ms) VALUES ($id, $name, $role, $hash, $createdAtMs)')
    this.#remove = db.prepare('DELETE FROM tokens WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM tokens WHERE id = $id')
    this.#byHash = db.prepare('SELECT * FROM tokens WHERE hash = $hash')
    this.#all = db.prepare('SELECT * FROM tokens ORDER BY seq')
  }

  insert(token: TokenRecord): TokenRecord {
    const { id, name, role, hash, createdAtMs } = token
    this.#insert.run({ id, name, role, hash, createdAtMs })
    return token
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): TokenRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toToken(row)
  }

  byHash(hash: string): TokenRecord | undefined {
    const row = this.#byHash.get({ hash })
    return row === undefined ? undefined : toToken(row)
  }

  all(): readonly TokenRecord[] {
    return this.#all.all().map(toToken)
  }
}

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from '../../../server/store/sqlite-store.ts'

/** What is written about requests themselves, also about those that were refused. */
const APART = new Set(['audit_log', 'log_heads', 'idempotent_responses'])
/** The same of a token, whose other columns say something else; a replacer or reviver of JSON. */
export const withoutUse = (name: string, value: unknown): unknown => (name === 'last_used_at_ms' || name === 'lastUsedAt' ? undefined : value)

/** Looks at the database of a running API from outside, to say whether anything in it has changed. */
export class StoreImage {
  readonly #db: DatabaseSync
  readonly #tables: readonly string[]
  #version: unknown = null
  #hashes: ReadonlyMap<string, string> = new Map()

  constructor(dataDir: string) {
    this.#db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
    this.#tables = this.#db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all().map(({ name }) => String(name)).filter((name) => !APART.has(name))
  }

  /** Names of the tables that are not as they were at the last look. */
  look(): readonly string[] {
    const version = this.#db.prepare('PRAGMA data_version').get()?.['data_version']
    if (version === this.#version) return []
    this.#version = version
    const before = this.#hashes
    this.#hashes = new Map(this.#tables.map((table) => [table, createHash('sha1').update(JSON.stringify(this.#db.prepare(`SELECT * FROM "${table}"`).all(), withoutUse)).digest('hex')]))
    return this.#tables.filter((table) => before.get(table) !== this.#hashes.get(table))
  }

  close(): void {
    this.#db.close()
  }
}

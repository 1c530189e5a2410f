import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StoreError, type Page, type PageQuery } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { MIGRATIONS } from './migrations.ts'

/** Result codes, https://www.sqlite.org/rescode.html; the low byte is the primary code. */
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26
const SQLITE_CONSTRAINT_FOREIGNKEY = 787
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555
const SQLITE_CONSTRAINT_UNIQUE = 2067

/** Said to who reads the log of a server that cannot start, or the answer to a request. */
const WHAT_TO_DO = ': the database is damaged. Stop the server, put the newest backup back with `loa restore FILE`, and look after the disk; what sounds goes on meanwhile. / Cơ sở dữ liệu bị hỏng: dừng máy chủ, phục hồi bản sao lưu mới nhất bằng `loa restore TỆP` và kiểm tra ổ đĩa; âm thanh đang phát không bị ngắt.'

/** What SQLite throws, in the words of the port. */
function toStoreError(error: unknown): unknown {
  const { errcode } = error as { errcode?: unknown }
  if (!(error instanceof Error) || typeof errcode !== 'number') return error
  const make = (code: StoreError['code'], field: string | null = null, advice = ''): StoreError => new StoreError(code, error.message + advice, field, { cause: error })
  switch (errcode) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return make('STORE_ERR_CONFLICT', /failed: ([\w.]+)/.exec(error.message)?.[1] ?? null)
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return make('STORE_ERR_REFERENCE')
  }
  switch (errcode & 0xff) {
    case SQLITE_FULL:
      return make('STORE_ERR_FULL')
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return make('STORE_ERR_IO')
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return make('STORE_ERR_CORRUPT', null, WHAT_TO_DO)
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make('STORE_ERR_BUSY')
    default:
      return make('STORE_ERR_INTERNAL')
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toStoreError(error)
  }
}

type Parameters = Readonly<Record<string, SQLInputValue>>

/** A prepared statement whose rows have the shape `Row` (named by the SQL beside it) and whose errors are the port's. */
export class Statement<Row extends object = never> {
  readonly #statement: StatementSync
  readonly #write: (work: () => number) => number

  /** @param write what a change goes through */
  constructor(statement: StatementSync, write: (work: () => number) => number) {
    this.#statement = statement
    this.#write = write
  }

  get(parameters: Parameters = {}): Row | undefined {
    return guarded(() => this.#statement.get(parameters) as Row | undefined)
  }

  all(parameters: Parameters = {}): Row[] {
    return guarded(() => this.#statement.all(parameters) as Row[])
  }

  /** @returns how many rows were changed. */
  run(parameters: Parameters = {}): number {
    return this.#write(() => guarded(() => Number(this.#statement.run(parameters).changes)))
  }
}

/** The one connection to the one file. WAL, and a commit returns only when it is on the disk (`synchronous=FULL`). */
export class Database {
  readonly #db: DatabaseSync
  #depth = 0
  /** Whether the transaction that is open has changed anything. */
  #changed = false
  /** Runs in each transaction that changes something, just before its commit. */
  beforeCommit: (() => void) | null = null

  /**
   * Opens and brings the schema up to date.
   * @param path of the file, or `:memory:`
   * @throws StoreError STORE_ERR_SCHEMA when the file was written by a newer version, STORE_ERR_IO when it cannot be opened
   */
  constructor(path: string) {
    this.#db = guarded(() => new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 }))
    try {
      guarded(() => {
        this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY')
        this.#db.function('fold', { deterministic: true }, (text) => foldText(String(text)))
      })
      this.#migrate()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  prepare<Row extends object = never>(sql: string): Statement<Row> {
    return new Statement<Row>(guarded(() => this.#db.prepare(sql)), this.#write)
  }

  /** The value of a pragma, such as `synchronous`. */
  pragma(name: string): unknown {
    return Object.values(this.prepare<Record<string, unknown>>(`PRAGMA ${name}`).get() ?? {})[0]
  }

  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return this.#nested(work)
    this.#exec('BEGIN IMMEDIATE')
    this.#depth = 1
    this.#changed = false
    try {
      const result = work()
      if (result instanceof Promise) throw new TypeError('a transaction cannot wait')
      if (this.#changed) this.beforeCommit?.()
      this.#exec('COMMIT')
      return result
    } catch (error) {
      // After a full disk SQLite may have rolled back by itself (https://www.sqlite.org/lang_transaction.html).
      if (this.#db.isTransaction) this.#exec('ROLLBACK')
      throw error
    } finally {
      this.#depth = 0
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  /** A single change outside of a transaction gets one of its own when something is to be written with it. */
  readonly #write = (work: () => number): number => {
    if (this.#depth === 0 && this.beforeCommit !== null) return this.transaction(() => this.#write(work))
    const changes = work()
    if (changes > 0) this.#changed = true
    return changes
  }

  #nested<T>(work: () => T): T {
    const name = `level_${String(this.#depth++)}`
    this.#exec(`SAVEPOINT ${name}`)
    try {
      const result = work()
      this.#exec(`RELEASE ${name}`)
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#exec(`ROLLBACK TO ${name}; RELEASE ${name}`)
      throw error
    } finally {
      this.#depth--
    }
  }

  #exec(sql: string): void {
    guarded(() => {
      this.#db.exec(sql)
    })
  }

  #migrate(): void {
    const version = Number(this.pragma('user_version'))
    if (version > MIGRATIONS.length) {
      throw new StoreError('STORE_ERR_SCHEMA', `the database has schema ${String(version)}, this version knows ${String(MIGRATIONS.length)}: start the newer version that wrote it`)
    }
    if (version === MIGRATIONS.length) return
    // A table that is made anew is gone for a moment, with others referring to it: https://www.sqlite.org/lang_altertable.html, 7.
    this.#exec('PRAGMA foreign_keys = OFF')
    // All steps or none: after a failure the version that wrote the file can still open it. And the disk is waited for once.
    this.transaction(() => {
      for (const step of MIGRATIONS.slice(version)) this.#exec(step)
      this.#exec(`PRAGMA user_version = ${String(MIGRATIONS.length)}`)
      if (this.pragma('foreign_key_check') !== undefined) throw new StoreError('STORE_ERR_SCHEMA', `the database cannot be brought to schema ${String(MIGRATIONS.length)}: a row refers to one that is not there`)
    })
    this.#exec('PRAGMA foreign_keys = ON')
  }
}

/** Cuts a page: ask the statement for one row more than wanted, so that it shows whether there is another page. */
export function cutPage<Row extends { readonly seq: number }, T>(rows: readonly Row[], { limit }: PageQuery, toRecord: (row: Row) => T): Page<T> {
  const shown = rows.slice(0, limit)
  return { items: shown.map(toRecord), next: rows.length > limit ? shown.at(-1)!.seq : null }
}

/** Whether a unit is one of `$within` (a JSON array; null: any) or lies below one. */
export const lieWithin = (unitId: string): string => `($within IS NULL OR ${unitId} IN (
  WITH RECURSIVE inside (id) AS (SELECT value FROM json_each($within) UNION SELECT u.id FROM units u JOIN inside ON u.parent_id = inside.id) SELECT id FROM inside))`

import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inflateSync } from 'node:zlib'
import { CHAIN_COLUMNS, chainHash, checkpointBytes, checkpointHash, columnsNow, genesisHash, type ChainValue } from '../../control/log-chain.ts'
import { LOG_NAMES, type CheckpointRecord, type LogName } from '../../control/ports.ts'
import { keyIdOf, SIGNING_KEYS_FILE } from '../signing/signing-keys.ts'
import { toCheckpoint } from '../store/checkpoint-table.ts'
import { DATABASE_FILE } from '../store/sqlite-store.ts'

export interface LogReport {
  readonly log: LogName
  readonly entries: number
  readonly firstAtMs: number | null
  readonly lastAtMs: number | null
}

export interface VerifyReport {
  readonly logs: readonly LogReport[]
  readonly checkpoints: number
  /** Entries after the last checkpoint: chained, but not yet signed. */
  readonly unsigned: number
  /** Empty: all is well. Each names its place. */
  readonly problems: readonly string[]
}

/** More would say nothing new. */
const MOST_PROBLEMS = 20

type Row = Readonly<Record<string, ChainValue | Uint8Array>>

/**
 * Recomputes both chains and checks every checkpoint, without writing anything; the server may run.
 * @param trustedKeys raw Ed25519 keys (base64url) that are believed besides those in the data folder
 */
export function verifyLog(dataDir: string, trustedKeys: readonly string[] = []): VerifyReport {
  const problems: string[] = []
  const report = (text: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(text)
  }
  const path = join(dataDir, DATABASE_FILE)
  const none: VerifyReport = { logs: [], checkpoints: 0, unsigned: 0, problems }
  if (!existsSync(path)) {
    report(`${path} is not there`)
    return none
  }
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    // One moment of the file, whatever is written meanwhile.
    db.exec('BEGIN')
    return new Verifier(db, report).run([...trustedKeys, ...keysIn(dataDir, report)], problems)
  } catch (error) {
    report(`the database cannot be read: ${messageOf(error)}`)
    return none
  } finally {
    db?.close()
  }
}

class Verifier {
  readonly #db: DatabaseSync
  readonly #report: (text: string) => void

  constructor(db: DatabaseSync, report: (text: string) => void) {
    this.#db = db
    this.#report = report
  }

  run(trusted: readonly string[], problems: readonly string[]): VerifyReport {
    const checkpoints = this.#checkpoints(trusted)
    const trims = new Map<LogName, Set<number>>(LOG_NAMES.map((log) => [log, new Set()]))
    // A file of an earlier version has not all logs yet; one that a checkpoint names must be there.
    const names = LOG_NAMES.filter((log) => this.#columnsIn(`${log}_log`).size > 0 || checkpoints.some((checkpoint) => (headIn(checkpoint, log)?.seq ?? 0) > 0))
    const logs = names.map((log) => this.#chain(log, checkpoints, trims))
    if (names.includes('report')) this.#reports()
    for (const table of [...names.map((log) => `${log}_log`), ...(names.includes('report') ? ['report_contents'] : []), 'log_heads', 'log_checkpoints']) this.#integrity(table)
    const last = checkpoints.at(-1)
    const unsigned = names.reduce((sum, log, index) => sum + Math.max(0, logs[index]!.lastSeq - (headIn(last, log)?.seq ?? 0)), 0)
    return { logs: logs.map(({ log, entries, firstAtMs, lastAtMs }) => ({ log, entries, firstAtMs, lastAtMs })), checkpoints: checkpoints.length, unsigned, problems }
  }

  /** Each is signed and names the one before it; the last must be signed by a key that is believed, and so vouches for the others. */
  #checkpoints(trusted: readonly string[]): CheckpointRecord[] {
    const found: CheckpointRecord[] = []
    try {
      for (const row of this.#db.prepare('SELECT * FROM log_checkpoints ORDER BY number').iterate()) {
        const checkpoint = toCheckpoint(row as unknown as Parameters<typeof toCheckpoint>[0])
        const name = `checkpoint ${String(checkpoint.number)}`
        if (checkpoint.number !== found.length + 1) this.#report(`${name}: stands where checkpoint ${String(found.length + 1)} should be; one was removed`)
        if (checkpoint.previousHash !== checkpointHash(found.at(-1))) this.#report(`${name}: does not follow on the one before it, which was changed, removed or put elsewhere`)
        if (!isSigned(checkpoint)) this.#report(`${name}: its signature is wrong; it was changed or is not of this key`)
        found.push(checkpoint)
      }
    } catch (error) {
      this.#report(`checkpoint ${String(found.length + 1)}: cannot be read: ${messageOf(error)}`)
    }
    const last = found.at(-1)
    if (last !== undefined && !trusted.includes(last.publicKey)) this.#report(`checkpoint ${String(last.number)}: signed by the key ${last.keyId}, which is not believed; name it with --key if it should be`)
    return found
  }

  #chain(log: LogName, checkpoints: readonly CheckpointRecord[], trims: ReadonlyMap<LogName, Set<number>>): LogReport & { readonly lastSeq: number } {
    const signed = new Map<number, { readonly hash: string; readonly number: number }>()
    for (const checkpoint of checkpoints) {
      const head = headIn(checkpoint, log)
      if (head !== undefined && head.seq > 0) signed.set(head.seq, { hash: head.hash, number: checkpoint.number })
    }
    const present = this.#columnsIn(`${log}_log`)
    const columns = columnsNow(log).filter((column) => present.has(column))
    let entries = 0
    let lastSeq = 0
    let hash = genesisHash(log)
    let firstSeq = 1
    let firstAtMs: number | null = null
    let lastAtMs: number | null = null
    try {
      // Text is read as it stands and as bytes: what is not UTF-8 would be shown as something else than it is.
      const texts = columns.map((column) => `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) END AS raw_${column}`)
      for (const row of this.#db.prepare(`SELECT seq, ${columns.join(', ')}, hash, ${texts.join(', ')} FROM ${log}_log NOT INDEXED WHERE seq >= ? ORDER BY seq`).iterate(this.#beginOf(log)) as Iterable<Row>) {
        const seq = row['seq'] as number
        const name = `${log} log, entry ${String(seq)}`
        if (entries === 0) {
          firstSeq = seq
          if (seq !== 1) hash = this.#keptStart(log, seq, signed) ?? hash
        } else if (seq !== lastSeq + 1) {
          this.#report(seq - lastSeq === 2 ? `${log} log, entry ${String(lastSeq + 1)}: is missing` : `${log} log, entries ${String(lastSeq + 1)} to ${String(seq - 1)}: are missing`)
        }
        const written = row['hash'] instanceof Uint8Array ? Buffer.from(row['hash']).toString('hex') : ''
        const form = CHAIN_COLUMNS[log][Number(row['form']) - 1]
        const computed = chainHash(hash, log, seq, (form ?? columns).map((column) => row[column] as ChainValue))
        if (form === undefined) this.#report(`${name}: has the unknown form ${String(row['form'])}`)
        else if (columns.some((column) => isMangled(row[column]!, row[`raw_${column}`]!))) this.#report(`${name}: holds bytes that are no text; it was changed`)
        else if (columns.some((column) => row[column] !== null && !form.includes(column))) this.#report(`${name}: holds more than its form had; it was changed`)
        else if (computed !== written) this.#report(`${name}: was changed, or does not follow on the entry before it: its hash is ${written || 'no hash'} and should be ${computed}`)
        const point = signed.get(seq)
        if (point !== undefined && point.hash !== written) this.#report(`${name}: is not the one that checkpoint ${String(point.number)} has signed`)
        signed.delete(seq)
        // From what is written: one wrong entry is told of once, not with all that follow it.
        hash = written === '' ? computed : written
        const atMs = row['at_ms'] as number
        firstAtMs ??= atMs
        lastAtMs = atMs
        lastSeq = seq
        entries += 1
        if (log === 'audit' && row['method'] === 'TRIM') noteTrim(row, trims)
      }
    } catch (error) {
      this.#report(`${log} log, after entry ${String(lastSeq)}: cannot be read: ${messageOf(error)}`)
    }
    this.#ends(log, { firstSeq, lastSeq, entries, hash }, signed, trims)
    return { log, entries, firstAtMs, lastAtMs, lastSeq }
  }

  /** A log that begins later begins after an entry that a checkpoint has signed. */
  #keptStart(log: LogName, seq: number, signed: ReadonlyMap<number, { readonly hash: string }>): string | undefined {
    const point = signed.get(seq - 1)
    if (point === undefined) this.#report(`${log} log: begins with entry ${String(seq)}, and no checkpoint has signed the one before it; entries were removed`)
    return point?.hash
  }

  #ends(log: LogName, end: { readonly firstSeq: number; readonly lastSeq: number; readonly entries: number; readonly hash: string }, signed: ReadonlyMap<number, { readonly number: number }>, trims: ReadonlyMap<LogName, Set<number>>): void {
    const head = this.#db.prepare('SELECT * FROM log_heads WHERE log = ?').get(log) as Row | undefined
    const headSeq = Number(head?.['seq'] ?? 0)
    const firstSeq = end.entries === 0 ? headSeq + 1 : end.firstSeq
    if (firstSeq !== 1 && !trims.get(log)!.has(firstSeq - 1)) this.#report(`${log} log: entries up to ${String(firstSeq - 1)} were removed, and the audit log does not say by which rule`)
    const missing = [...signed].filter(([seq]) => seq > end.lastSeq && seq >= firstSeq)
    for (const [seq, { number }] of missing.slice(-1)) this.#report(`${log} log: ends with entry ${String(end.lastSeq)}, but checkpoint ${String(number)} has signed entry ${String(seq)}; the tail was cut off`)
    if (head === undefined) {
      if (end.entries > 0) this.#report(`${log} log: its head is missing`)
      return
    }
    if (Number(head['first_seq']) !== firstSeq) this.#report(`${log} log: should begin with entry ${String(head['first_seq'])} and begins with ${String(firstSeq)}`)
    const headHash = head['hash'] instanceof Uint8Array ? Buffer.from(head['hash']).toString('hex') : ''
    if (end.entries > 0 && (headSeq !== end.lastSeq || headHash !== end.hash)) this.#report(`${log} log: ends with entry ${String(end.lastSeq)}, and its head says entry ${String(headSeq)}${headSeq === end.lastSeq ? ' with another hash' : ''}`)
  }

  /** The chain has hashed what each report says; here stands whether it still says that. */
  #reports(): void {
    try {
      for (const row of this.#db.prepare('SELECT seq, sha256, packed_sha256, bytes, packed FROM report_log NOT INDEXED LEFT JOIN report_contents USING (seq) WHERE seq >= ? ORDER BY seq').iterate(this.#beginOf('report')) as Iterable<Row>) {
        const problem = contentProblem(row)
        if (problem !== null) this.#report(`report log, entry ${String(row['seq'])}: ${problem}`)
      }
    } catch (error) {
      this.#report(`reports: cannot be read: ${messageOf(error)}`)
    }
  }

  /** What stands before was left out by rule, and is removed bit by bit; that it was by rule is checked at the end. */
  #beginOf(log: LogName): number {
    const head = this.#db.prepare('SELECT first_seq FROM log_heads WHERE log = ?').get(log)
    return typeof head?.['first_seq'] === 'number' ? head['first_seq'] : 1
  }

  #columnsIn(table: string): ReadonlySet<unknown> {
    return new Set(this.#db.prepare('SELECT name FROM pragma_table_info(?)').all(table).map(({ name }) => name))
  }

  /** What an index leaves out, nobody is shown; what is looked up by an index may stand otherwise in its table. */
  #integrity(table: string): void {
    const name = table.replace('_', ' ')
    try {
      for (const row of this.#db.prepare(`PRAGMA integrity_check('${table}')`).all()) {
        const [text] = Object.values(row)
        if (text !== 'ok') this.#report(`${name}: the database says: ${String(text)}`)
      }
    } catch (error) {
      this.#report(`${name}: cannot be checked: ${messageOf(error)}`)
    }
  }
}

const headIn = (checkpoint: CheckpointRecord | undefined, log: LogName): CheckpointRecord['heads'][number] | undefined => checkpoint?.heads.find((head) => head.log === log)

function noteTrim(row: Row, trims: ReadonlyMap<LogName, Set<number>>): void {
  const [seq] = JSON.parse(String(row['target_ids'])) as string[]
  trims.get(row['route'] as LogName)?.add(Number(seq))
}

function contentProblem({ packed, packed_sha256: packedSha256, sha256, bytes }: Row): string | null {
  if (!(packed instanceof Uint8Array)) return 'its content is missing'
  if (sha256Of(packed) !== packedSha256) return 'its content was changed'
  const content = inflateSync(packed, { maxOutputLength: Math.max(1, Number(bytes)) })
  return content.length === bytes && sha256Of(content) === sha256 ? null : 'its content is not what the chain has hashed'
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const isMangled = (value: ChainValue | Uint8Array, raw: ChainValue | Uint8Array): boolean =>
  typeof value === 'string' && (!(raw instanceof Uint8Array) || !Buffer.from(value, 'utf8').equals(raw))

function isSigned(checkpoint: CheckpointRecord): boolean {
  try {
    if (keyIdOf(checkpoint.publicKey) !== checkpoint.keyId) return false
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: checkpoint.publicKey }, format: 'jwk' })
    const signature = Buffer.from(checkpoint.signature, 'base64url')
    return signature.toString('base64url') === checkpoint.signature && verify(null, checkpointBytes(checkpoint), key, signature)
  } catch {
    return false
  }
}

/** Public keys of the data folder; without the file only named ones are believed. */
function keysIn(dataDir: string, report: (text: string) => void): string[] {
  const path = join(dataDir, SIGNING_KEYS_FILE)
  if (!existsSync(path)) return []
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly keys: readonly { readonly publicKey: string }[] }).keys.map(({ publicKey }) => publicKey)
  } catch (error) {
    report(`${path} cannot be read: ${messageOf(error)}`)
    return []
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

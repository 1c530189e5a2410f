import { MOST_ATTEMPTS_KEPT, MOST_SWITCHES_KEPT } from '../../control/ingest-port.ts'
import type { MicrophoneStore, Page, PageQuery, SourceAttemptRecord, SourceAttemptStore, SourceKeyRecord, SourceKeyStore, SourceSwitchRecord, SourceSwitchStore } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface KeyRow {
  readonly seq: number
  readonly id: string
  readonly source_id: string
  readonly label: string
  readonly class: SourceKeyRecord['class']
  readonly key_hash: string
  readonly created_at_ms: number
  readonly expires_at_ms: number | null
  readonly is_replaced: number
  readonly last_used_at_ms: number | null
}

const toKey = (row: KeyRow): SourceKeyRecord => ({
  id: row.id, sourceId: row.source_id, label: row.label, class: row.class, keyHash: row.key_hash,
  createdAtMs: row.created_at_ms, expiresAtMs: row.expires_at_ms, isReplaced: row.is_replaced !== 0, lastUsedAtMs: row.last_used_at_ms,
})

export class MicrophoneTable implements MicrophoneStore {
  readonly #get: Statement<{ readonly sourceId: string }>
  readonly #put: Statement
  readonly #ofActor: Statement<{ readonly sourceId: string }>
  readonly #keyGiven: Statement
  readonly #keysOf: Statement<{ readonly keyId: string }>

  constructor(db: Database) {
    this.#ofActor = db.prepare('SELECT source_id AS sourceId FROM microphones WHERE actor_id = $actorId')
    this.#get = db.prepare('SELECT m.source_id AS sourceId FROM microphones m JOIN sources s ON s.id = m.source_id WHERE m.actor_id = $actorId AND m.unit_id IS $unitId AND s.unit_id IS $unitId')
    this.#put = db.prepare('INSERT INTO microphones (actor_id, unit_id, source_id) VALUES ($actorId, $unitId, $sourceId)')
    this.#keyGiven = db.prepare('INSERT INTO microphone_keys (key_id, credential_id) VALUES ($keyId, $credentialId)')
    this.#keysOf = db.prepare('SELECT key_id AS keyId FROM microphone_keys WHERE credential_id = $credentialId ORDER BY key_id')
  }

  sourceOf(actorId: string, unitId: string | null): string | undefined {
    return this.#get.get({ actorId, unitId })?.sourceId
  }

  put(actorId: string, unitId: string | null, sourceId: string): void {
    this.#put.run({ actorId, unitId, sourceId })
  }

  ofActor(actorId: string): readonly string[] {
    return this.#ofActor.all({ actorId }).map(({ sourceId }) => sourceId)
  }

  keyGiven(keyId: string, credentialId: string): void {
    this.#keyGiven.run({ keyId, credentialId })
  }

  keysOf(credentialId: string): readonly string[] {
    return this.#keysOf.all({ credentialId }).map(({ keyId }) => keyId)
  }
}

export class SourceKeyTable implements SourceKeyStore {
  readonly #insert: Statement
  readonly #remove: Statement
  readonly #used: Statement
  readonly #get: Statement<KeyRow>
  readonly #list: Statement<KeyRow>
  readonly #valid: Statement<KeyRow>
  readonly #ofSource: Statement<KeyRow>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO source_keys (id, source_id, label, class, key_hash, created_at_ms, expires_at_ms, is_replaced, last_used_at_ms)
      VALUES ($id, $sourceId, $label, $class, $keyHash, $createdAtMs, $expiresAtMs, $isReplaced, $lastUsedAtMs)`)
    this.#remove = db.prepare('DELETE FROM source_keys WHERE id = $id')
    this.#used = db.prepare('UPDATE source_keys SET last_used_at_ms = max(ifnull(last_used_at_ms, 0), $atMs) WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM source_keys WHERE id = $id')
    this.#list = db.prepare('SELECT * FROM source_keys WHERE source_id = $sourceId AND seq > $after ORDER BY seq LIMIT $rows')
    this.#valid = db.prepare('SELECT * FROM source_keys WHERE expires_at_ms IS NULL OR expires_at_ms > $nowMs ORDER BY seq')
    this.#ofSource = db.prepare('SELECT * FROM source_keys WHERE source_id = $sourceId ORDER BY seq')
  }

  insert(key: SourceKeyRecord): SourceKeyRecord {
    this.#insert.run({ ...key, isReplaced: key.isReplaced ? 1 : 0 })
    return this.get(key.id)!
  }

  get(id: string): SourceKeyRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toKey(row)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  list(sourceId: string, page: PageQuery): Page<SourceKeyRecord> {
    return cutPage(this.#list.all({ sourceId, after: page.after ?? 0, rows: page.limit + 1 }), page, toKey)
  }

  valid(nowMs: number): readonly SourceKeyRecord[] {
    return this.#valid.all({ nowMs }).map(toKey)
  }

  ofSource(sourceId: string): readonly SourceKeyRecord[] {
    return this.#ofSource.all({ sourceId }).map(toKey)
  }

  used(id: string, atMs: number): void {
    this.#used.run({ id, atMs })
  }
}

interface SwitchRow {
  readonly seq: number
  readonly id: string
  readonly source_id: string
  readonly at_ms: number
  readonly from_input_id: string | null
  readonly to_input_id: string
  readonly cause: SourceSwitchRecord['cause']
  readonly detail: string
  readonly gap_ms: number
}

const toSwitch = (row: SwitchRow): SourceSwitchRecord => ({
  id: row.id, sourceId: row.source_id, atMs: row.at_ms, fromInputId: row.from_input_id, toInputId: row.to_input_id, cause: row.cause, detail: row.detail, gapMs: row.gap_ms,
})

/** Keeps the newest of each source alone. */
const trimmed = (table: string): string => `DELETE FROM ${table} WHERE source_id = $sourceId AND seq <= (SELECT seq FROM ${table} WHERE source_id = $sourceId ORDER BY seq DESC LIMIT 1 OFFSET $most)`

export class SourceSwitchTable implements SourceSwitchStore {
  readonly #insert: Statement
  readonly #trim: Statement
  readonly #list: Statement<SwitchRow>
  readonly #last: Statement<SwitchRow>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT OR IGNORE INTO source_switches (id, source_id, at_ms, from_input_id, to_input_id, cause, detail, gap_ms)
      VALUES ($id, $sourceId, $atMs, $fromInputId, $toInputId, $cause, $detail, $gapMs)`)
    this.#trim = db.prepare(trimmed('source_switches'))
    this.#list = db.prepare('SELECT * FROM source_switches WHERE source_id = $sourceId AND seq < $before ORDER BY seq DESC LIMIT $rows')
    this.#last = db.prepare('SELECT * FROM source_switches WHERE seq IN (SELECT max(seq) FROM source_switches GROUP BY source_id)')
  }

  put(record: SourceSwitchRecord): boolean {
    const isNew = this.#insert.run({ ...record }) > 0
    if (isNew) this.#trim.run({ sourceId: record.sourceId, most: MOST_SWITCHES_KEPT })
    return isNew
  }

  list(sourceId: string, page: PageQuery): Page<SourceSwitchRecord> {
    return cutPage(this.#list.all({ sourceId, before: page.after ?? Number.MAX_SAFE_INTEGER, rows: page.limit + 1 }), page, toSwitch)
  }

  lastInputs(): ReadonlyMap<string, string> {
    return new Map(this.#last.all({}).map((row) => [row.source_id, row.to_input_id]))
  }
}

interface AttemptRow {
  readonly seq: number
  readonly id: string
  readonly source_id: string
  readonly at_ms: number
  readonly last_at_ms: number
  readonly count: number
  readonly protocol: SourceAttemptRecord['protocol']
  readonly accepted: number
  readonly reason: SourceAttemptRecord['reason']
  readonly key_id: string | null
  readonly key_class: SourceAttemptRecord['keyClass']
  readonly remote_address: string
  readonly user_agent: string
}

const toAttempt = (row: AttemptRow): SourceAttemptRecord => ({
  id: row.id, sourceId: row.source_id, atMs: row.at_ms, lastAtMs: row.last_at_ms, count: row.count, protocol: row.protocol, accepted: row.accepted !== 0, reason: row.reason,
  keyId: row.key_id, keyClass: row.key_class, remoteAddress: row.remote_address, userAgent: row.user_agent,
})

export class SourceAttemptTable implements SourceAttemptStore {
  readonly #put: Statement
  readonly #trim: Statement
  readonly #list: Statement<AttemptRow>
  readonly #wrong: Statement<{ readonly source_id: string; readonly total: number }>

  constructor(db: Database) {
    this.#put = db.prepare(`
      INSERT INTO source_attempts (id, source_id, at_ms, last_at_ms, count, protocol, accepted, reason, key_id, key_class, remote_address, user_agent)
      VALUES ($id, $sourceId, $atMs, $lastAtMs, $count, $protocol, $accepted, $reason, $keyId, $keyClass, $remoteAddress, $userAgent)
      ON CONFLICT (id) DO UPDATE SET last_at_ms = max(last_at_ms, excluded.last_at_ms), count = max(count, excluded.count)`)
    this.#trim = db.prepare(trimmed('source_attempts'))
    this.#list = db.prepare('SELECT * FROM source_attempts WHERE source_id = $sourceId AND seq < $before ORDER BY seq DESC LIMIT $rows')
    this.#wrong = db.prepare("SELECT source_id, sum(count) AS total FROM source_attempts WHERE reason = 'key-wrong' AND last_at_ms > $ms GROUP BY source_id ORDER BY source_id")
  }

  put(record: SourceAttemptRecord): void {
    this.#put.run({ ...record, accepted: record.accepted ? 1 : 0 })
    this.#trim.run({ sourceId: record.sourceId, most: MOST_ATTEMPTS_KEPT })
  }

  list(sourceId: string, page: PageQuery): Page<SourceAttemptRecord> {
    return cutPage(this.#list.all({ sourceId, before: page.after ?? Number.MAX_SAFE_INTEGER, rows: page.limit + 1 }), page, toAttempt)
  }

  wrongKeysSince(ms: number): readonly { readonly sourceId: string; readonly count: number }[] {
    return this.#wrong.all({ ms }).map(({ source_id, total }) => ({ sourceId: source_id, count: total }))
  }
}

import type { Page, PageQuery, PhoneCallFilter, PhoneCallRecord, PhoneCallStore, PhoneKeyFilter, PhoneKeyRecord, PhoneKeyStore, PhoneLanguage, PhonePinRecord, PhonePinStore, PhoneTally, PhoneTryKind, PhoneTryStore } from '../../control/ports.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface PinRow {
  readonly user_id: string
  readonly number: string
  readonly pin_hash: string
  readonly unit_id: string
  readonly language: PhoneLanguage
  readonly needs_code: number
  readonly caller_ids: string
  readonly changed_at_ms: number
}

const toPin = (row: PinRow): PhonePinRecord => ({ userId: row.user_id, number: row.number, pinHash: row.pin_hash, unitId: row.unit_id, language: row.language, needsCode: row.needs_code !== 0, callerIds: JSON.parse(row.caller_ids) as string[], changedAtMs: row.changed_at_ms })

/** PINs go with their users, and with the units in whose name they call. */
export class PhonePinTable implements PhonePinStore {
  readonly #put: Statement
  readonly #remove: Statement
  readonly #get: Statement<PinRow>
  readonly #byNumber: Statement<PinRow>
  readonly #numbers: Statement<{ readonly number: string }>

  constructor(db: Database) {
    this.#put = db.prepare(`
      INSERT INTO phone_pins (user_id, number, pin_hash, unit_id, language, needs_code, caller_ids, changed_at_ms) VALUES ($userId, $number, $pinHash, $unitId, $language, $needsCode, $callerIds, $changedAtMs)
      ON CONFLICT (user_id) DO UPDATE SET number = $number, pin_hash = $pinHash, unit_id = $unitId, language = $language, needs_code = $needsCode, caller_ids = $callerIds, changed_at_ms = $changedAtMs`)
    this.#remove = db.prepare('DELETE FROM phone_pins WHERE user_id = $userId')
    this.#get = db.prepare('SELECT * FROM phone_pins WHERE user_id = $userId')
    this.#byNumber = db.prepare('SELECT * FROM phone_pins WHERE number = $number')
    this.#numbers = db.prepare('SELECT number FROM phone_pins')
  }

  put(pin: PhonePinRecord): PhonePinRecord {
    this.#put.run({ ...pin, needsCode: pin.needsCode ? 1 : 0, callerIds: JSON.stringify(pin.callerIds) })
    return pin
  }

  remove(userId: string): boolean {
    return this.#remove.run({ userId }) > 0
  }

  get(userId: string): PhonePinRecord | undefined {
    const row = this.#get.get({ userId })
    return row === undefined ? undefined : toPin(row)
  }

  byNumber(number: string): PhonePinRecord | undefined {
    const row = this.#byNumber.get({ number })
    return row === undefined ? undefined : toPin(row)
  }

  numbers(): readonly string[] {
    return this.#numbers.all({}).map(({ number }) => number)
  }
}

interface RecordRow {
  readonly seq: number
  readonly record: string
}

const listOf = (within: PhoneKeyFilter['within']): string | null => (within == null ? null : JSON.stringify(within))

const toKey = ({ record }: RecordRow): PhoneKeyRecord => JSON.parse(record) as PhoneKeyRecord
const keyParameters = (key: PhoneKeyRecord) => ({ id: key.id, unitId: key.unitId, userId: key.userId, key: key.key, record: JSON.stringify(key) })

/** Keys as JSON; beside it what they are looked for by. They go with their units and users. */
export class PhoneKeyTable implements PhoneKeyStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<RecordRow>
  readonly #of: Statement<RecordRow>
  readonly #list: Statement<RecordRow>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO phone_keys (id, unit_id, user_id, key, record) VALUES ($id, $unitId, $userId, $key, $record)')
    this.#replace = db.prepare('UPDATE phone_keys SET unit_id = $unitId, user_id = $userId, key = $key, record = $record WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM phone_keys WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM phone_keys WHERE id = $id')
    this.#of = db.prepare('SELECT * FROM phone_keys WHERE unit_id = $unitId AND (user_id IS NULL OR user_id = $userId) ORDER BY key, user_id')
    this.#list = db.prepare(`SELECT * FROM phone_keys WHERE seq > $after AND ($unitId IS NULL OR unit_id = $unitId) AND ${lieWithin('unit_id')} ORDER BY seq LIMIT $rows`)
  }

  insert(key: PhoneKeyRecord): PhoneKeyRecord {
    this.#insert.run(keyParameters(key))
    return key
  }

  replace(key: PhoneKeyRecord): PhoneKeyRecord | undefined {
    return this.#replace.run(keyParameters(key)) === 0 ? undefined : key
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): PhoneKeyRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toKey(row)
  }

  of(unitId: string, userId: string): readonly PhoneKeyRecord[] {
    return this.#of.all({ unitId, userId }).map(toKey)
  }

  list(page: PageQuery, { unitId = null, within }: Omit<PhoneKeyFilter, 'unitId'> & { readonly unitId?: string | null }): Page<PhoneKeyRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, unitId, within: listOf(within) }), page, toKey)
  }
}

const toCall = ({ record }: RecordRow): PhoneCallRecord => JSON.parse(record) as PhoneCallRecord
const callParameters = (call: PhoneCallRecord) => ({ id: call.id, userId: call.userId, unitId: call.unitId, ended: call.endedAtMs === null ? 0 : 1, recorded: call.recording === null ? 0 : 1, record: JSON.stringify(call) })

/** Calls as JSON; beside it what they are looked for by. */
export class PhoneCallTable implements PhoneCallStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #get: Statement<RecordRow>
  readonly #live: Statement<RecordRow>
  readonly #list: Statement<RecordRow>
  readonly #recorded: Statement<RecordRow>
  readonly #trim: Statement

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO phone_calls (id, user_id, unit_id, ended, recorded, record) VALUES ($id, $userId, $unitId, $ended, $recorded, $record)')
    this.#replace = db.prepare('UPDATE phone_calls SET user_id = $userId, unit_id = $unitId, ended = $ended, recorded = $recorded, record = $record WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM phone_calls WHERE id = $id')
    this.#live = db.prepare('SELECT * FROM phone_calls WHERE ended = 0 ORDER BY seq')
    this.#recorded = db.prepare('SELECT * FROM phone_calls WHERE recorded = 1 ORDER BY seq')
    this.#list = db.prepare(`
      SELECT * FROM phone_calls WHERE ($before IS NULL OR seq < $before) AND ($ended IS NULL OR ended = $ended) AND ($userId IS NULL OR user_id = $userId) AND ${lieWithin('unit_id')}
      ORDER BY seq DESC LIMIT $rows`)
    this.#trim = db.prepare('DELETE FROM phone_calls WHERE user_id IS NULL AND ended = 1 AND seq <= (SELECT seq FROM phone_calls WHERE user_id IS NULL ORDER BY seq DESC LIMIT 1 OFFSET $kept)')
  }

  insert(call: PhoneCallRecord): PhoneCallRecord {
    this.#insert.run(callParameters(call))
    return call
  }

  replace(call: PhoneCallRecord): PhoneCallRecord {
    this.#replace.run(callParameters(call))
    return call
  }

  get(id: string): PhoneCallRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toCall(row)
  }

  live(): readonly PhoneCallRecord[] {
    return this.#live.all({}).map(toCall)
  }

  list(page: PageQuery, { live, userId = null, within }: Omit<PhoneCallFilter, 'userId'> & { readonly userId?: string | null }): Page<PhoneCallRecord> {
    return cutPage(this.#list.all({ before: page.after, rows: page.limit + 1, ended: live === undefined ? null : live ? 0 : 1, userId, within: listOf(within) }), page, toCall)
  }

  recorded(): readonly PhoneCallRecord[] {
    return this.#recorded.all({}).map(toCall)
  }

  trimUnknown(kept: number): number {
    return this.#trim.run({ kept })
  }
}

interface TryRow {
  readonly failures: number
  readonly last_at_ms: number
  readonly locked_until_ms: number
}

/** Wrong PINs, and lines from which people came in. */
export class PhoneTryTable implements PhoneTryStore {
  readonly #put: Statement
  readonly #get: Statement<TryRow>
  readonly #remove: Statement
  readonly #trimOld: Statement
  readonly #trimMany: Statement

  constructor(db: Database) {
    this.#put = db.prepare(`
      INSERT INTO phone_tries (kind, id, failures, last_at_ms, locked_until_ms) VALUES ($kind, $id, $failures, $lastMs, $lockedUntilMs)
      ON CONFLICT (kind, id) DO UPDATE SET failures = $failures, last_at_ms = $lastMs, locked_until_ms = $lockedUntilMs`)
    this.#get = db.prepare('SELECT * FROM phone_tries WHERE kind = $kind AND id = $id')
    this.#remove = db.prepare('DELETE FROM phone_tries WHERE kind = $kind AND id = $id')
    this.#trimOld = db.prepare("DELETE FROM phone_tries WHERE last_at_ms < iif(kind = 'known', $knownBeforeMs, $triedBeforeMs) AND locked_until_ms < $triedBeforeMs")
    this.#trimMany = db.prepare('DELETE FROM phone_tries AS a WHERE last_at_ms < (SELECT last_at_ms FROM phone_tries WHERE kind = a.kind ORDER BY last_at_ms DESC LIMIT 1 OFFSET $most - 1)')
  }

  put(kind: PhoneTryKind, id: string, tally: PhoneTally): void {
    this.#put.run({ kind, id, ...tally })
  }

  get(kind: PhoneTryKind, id: string): PhoneTally | undefined {
    const row = this.#get.get({ kind, id })
    return row === undefined ? undefined : { failures: row.failures, lastMs: row.last_at_ms, lockedUntilMs: row.locked_until_ms }
  }

  remove(kind: PhoneTryKind, id: string): void {
    this.#remove.run({ kind, id })
  }

  trim({ triedBeforeMs, knownBeforeMs, most }: { readonly triedBeforeMs: number; readonly knownBeforeMs: number; readonly most: number }): void {
    this.#trimOld.run({ triedBeforeMs, knownBeforeMs })
    this.#trimMany.run({ most })
  }
}

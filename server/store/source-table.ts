import type { IngestRules, OwnedFilter, Page, PageQuery, RtpSourceRecord, SourceRecord, SourceStore, SrtSourceRecord, StandbySourceRecord } from '../../control/ports.ts'
import { hasKey } from '../../control/source-rules.ts'
import { cutPage, type Database, type Statement } from './database.ts'
import { OWNED_BY, ownersParameter } from './owned.ts'

interface SourceRow {
  readonly seq: number
  readonly id: string
  readonly kind: SourceRecord['kind']
  readonly name: string
  readonly unit_id: string | null
  readonly fallback_source_id: string | null
  readonly silence_timeout_ms: number | null
  readonly mount: string | null
  readonly takeover: 'refuse' | 'replace' | null
  readonly key_hash: string | null
  readonly urls: string | null
  readonly frequency_hz: number | null
  readonly level_dbfs: number | null
  readonly created_at_ms: number
  /** JSON: how its sound comes in, for kinds that need more than the columns. */
  readonly line: string | null
  readonly ingest: string | null
  readonly levelling: SourceRecord['levelling']
  readonly watch: SourceRecord['watch']
}

/** The columns of each kind are written together by `toParameters`, so those of the row's kind are never null. */
function toSource(row: SourceRow): SourceRecord {
  const common = { id: row.id, name: row.name, unitId: row.unit_id, fallbackSourceId: row.fallback_source_id, silenceTimeoutMs: row.silence_timeout_ms, levelling: row.levelling, watch: row.watch, createdAtMs: row.created_at_ms }
  switch (row.kind) {
    case 'icecast':
      return { ...common, kind: 'icecast', mount: row.mount!, takeover: row.takeover!, keyHash: row.key_hash!, ingest: JSON.parse(row.ingest!) as IngestRules }
    case 'whip':
      return { ...common, kind: 'whip', takeover: row.takeover!, keyHash: row.key_hash!, ingest: JSON.parse(row.ingest!) as IngestRules }
    case 'relay':
      return { ...common, kind: 'relay', urls: JSON.parse(row.urls!) as string[] }
    case 'tone':
      return { ...common, kind: 'tone', frequencyHz: row.frequency_hz!, levelDbfs: row.level_dbfs! }
    case 'rtp':
      return { ...common, kind: 'rtp', ...(JSON.parse(row.line!) as RtpLine) }
    case 'rtmp':
      return { ...common, kind: 'rtmp', takeover: row.takeover!, keyHash: row.key_hash!, ingest: JSON.parse(row.ingest!) as IngestRules }
    case 'srt':
      return { ...common, kind: 'srt', ...(JSON.parse(row.line!) as SrtLine) }
    case 'standby':
      return { ...common, kind: 'standby', ...(JSON.parse(row.line!) as StandbyLine) }
    case 'phone':
      return { ...common, kind: 'phone' }
  }
}

type RtpLine = Pick<RtpSourceRecord, 'stream' | 'senders' | 'interface'>
type SrtLine = Pick<SrtSourceRecord, 'port' | 'passphrase' | 'latencyMs' | 'sessionsEndedAtMs'>

type StandbyLine = Pick<StandbySourceRecord, 'inputSourceIds' | 'return' | 'returnAfterMs' | 'pinned' | 'chosenAtMs'>

function lineOf(source: SourceRecord): RtpLine | SrtLine | StandbyLine | null {
  if (source.kind === 'standby') return { inputSourceIds: source.inputSourceIds, return: source.return, returnAfterMs: source.returnAfterMs, pinned: source.pinned, chosenAtMs: source.chosenAtMs }
  if (source.kind === 'rtp') return { stream: source.stream, senders: source.senders, interface: source.interface }
  return source.kind === 'srt' ? { port: source.port, passphrase: source.passphrase, latencyMs: source.latencyMs, sessionsEndedAtMs: source.sessionsEndedAtMs } : null
}

const toJson = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))

const toParameters = (source: SourceRecord) => ({
  id: source.id,
  kind: source.kind,
  name: source.name,
  unitId: source.unitId,
  fallbackSourceId: source.fallbackSourceId,
  silenceTimeoutMs: source.silenceTimeoutMs,
  mount: source.kind === 'icecast' ? source.mount : null,
  takeover: hasKey(source) ? source.takeover : null,
  keyHash: hasKey(source) ? source.keyHash : null,
  urls: source.kind === 'relay' ? JSON.stringify(source.urls) : null,
  frequencyHz: source.kind === 'tone' ? source.frequencyHz : null,
  levelDbfs: source.kind === 'tone' ? source.levelDbfs : null,
  createdAtMs: source.createdAtMs,
  line: toJson(lineOf(source)),
  ingest: hasKey(source) ? JSON.stringify(source.ingest) : null,
  levelling: source.levelling,
  watch: source.watch,
})

export class SourceTable implements SourceStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<SourceRow>
  readonly #all: Statement<SourceRow>
  readonly #list: Statement<SourceRow>
  readonly #owners: Statement<{ readonly unit_id: string }>
  readonly #fallbackUsers: Statement<{ readonly id: string }>
  readonly #inputUsers: Statement<{ readonly id: string }>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO sources (id, kind, name, unit_id, fallback_source_id, silence_timeout_ms, mount, takeover, key_hash, urls, frequency_hz, level_dbfs, created_at_ms, line, ingest, levelling, watch)
      VALUES ($id, $kind, $name, $unitId, $fallbackSourceId, $silenceTimeoutMs, $mount, $takeover, $keyHash, $urls, $frequencyHz, $levelDbfs, $createdAtMs, $line, $ingest, $levelling, $watch)`)
    this.#replace = db.prepare(`
      UPDATE sources SET kind = $kind, name = $name, unit_id = $unitId, fallback_source_id = $fallbackSourceId, silence_timeout_ms = $silenceTimeoutMs, mount = $mount,
        takeover = $takeover, key_hash = $keyHash, urls = $urls, frequency_hz = $frequencyHz, level_dbfs = $levelDbfs, created_at_ms = $createdAtMs, line = $line, ingest = $ingest, levelling = $levelling, watch = $watch
      WHERE id = $id`)
    this.#remove = db.prepare('DELETE FROM sources WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM sources WHERE id = $id')
    this.#all = db.prepare('SELECT * FROM sources ORDER BY seq')
    this.#list = db.prepare(`SELECT * FROM sources WHERE seq > $after AND ($kind IS NULL OR kind = $kind) AND ${OWNED_BY} ORDER BY seq LIMIT $rows`)
    this.#owners = db.prepare('SELECT DISTINCT unit_id FROM sources WHERE unit_id IS NOT NULL')
    this.#inputUsers = db.prepare("SELECT s.id FROM sources s, json_each(s.line, '$.inputSourceIds') i WHERE s.kind = 'standby' AND i.value = $id ORDER BY s.seq")
    this.#fallbackUsers = db.prepare('SELECT id FROM sources WHERE fallback_source_id = $id ORDER BY seq')
  }

  insert(source: SourceRecord): SourceRecord {
    this.#insert.run(toParameters(source))
    return this.get(source.id)!
  }

  replace(source: SourceRecord): SourceRecord | undefined {
    return this.#replace.run(toParameters(source)) === 0 ? undefined : this.get(source.id)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): SourceRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toSource(row)
  }

  all(): readonly SourceRecord[] {
    return this.#all.all().map(toSource)
  }

  list(page: PageQuery, filter: { readonly kind?: SourceRecord['kind'] } & OwnedFilter): Page<SourceRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, kind: filter.kind ?? null, owners: ownersParameter(filter) }), page, toSource)
  }

  owners(): readonly string[] {
    return this.#owners.all().map((row) => row.unit_id)
  }

  fallbackUsers(id: string): readonly string[] {
    return this.#fallbackUsers.all({ id }).map((row) => row.id)
  }

  inputUsers(id: string): readonly string[] {
    return this.#inputUsers.all({ id }).map((row) => row.id)
  }
}

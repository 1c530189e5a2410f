import type { AuditFilter, AuditLogStore, AuditRecord, Logged, Page, PageQuery } from '../../control/ports.ts'
import { ChainedLog } from './chained-log.ts'
import type { Database, Statement } from './database.ts'
import { cutScan, LOG_PAGE_SCAN } from './log-page.ts'

interface AuditRow {
  readonly seq: number
  readonly at_ms: number
  readonly request_id: string | null
  readonly token_id: string | null
  readonly token_name: string | null
  readonly remote_address: string | null
  readonly method: string
  readonly route: string
  readonly target_ids: string
  readonly fields: string
  readonly status: number
  readonly code: string | null
  readonly count: number
  readonly hash: Uint8Array
}

const toRecord = (row: AuditRow): Logged<AuditRecord> => ({
  seq: row.seq,
  atMs: row.at_ms,
  requestId: row.request_id,
  tokenId: row.token_id,
  tokenName: row.token_name,
  remoteAddress: row.remote_address,
  method: row.method,
  route: row.route,
  targetIds: JSON.parse(row.target_ids) as string[],
  fields: JSON.parse(row.fields) as string[],
  status: row.status,
  code: row.code,
  count: row.count,
  hash: Buffer.from(row.hash).toString('hex'),
})

export class AuditLogTable implements AuditLogStore {
  readonly chain: ChainedLog
  readonly #list: Statement<AuditRow>
  readonly #firstSince: Statement<{ readonly seq: number | null }>

  constructor(db: Database) {
    this.chain = new ChainedLog(db, 'audit')
    this.#firstSince = db.prepare('SELECT seq FROM audit_log WHERE at_ms >= $fromMs ORDER BY at_ms, seq LIMIT 1')
    this.#list = db.prepare(`
      SELECT * FROM audit_log
      WHERE seq > $after AND seq <= $until AND at_ms >= $fromMs AND at_ms < $toMs AND ($tokenId IS NULL OR token_id = $tokenId)
        AND ($route IS NULL OR route = $route OR substr(route, 1, length($route) + 1) = $route || '/')
        AND ($refused IS NULL OR (status >= 400) = $refused)
        AND ($targetIds IS NULL OR EXISTS (SELECT 1 FROM json_each(target_ids) WHERE value IN (SELECT value FROM json_each($targetIds))))
      ORDER BY seq LIMIT $rows`)
  }

  append(entry: AuditRecord): void {
    this.chain.append([{
      at_ms: entry.atMs,
      request_id: entry.requestId,
      token_id: entry.tokenId,
      token_name: entry.tokenName,
      remote_address: entry.remoteAddress,
      method: entry.method,
      route: entry.route,
      target_ids: JSON.stringify(entry.targetIds),
      fields: JSON.stringify(entry.fields),
      status: entry.status,
      code: entry.code,
      count: entry.count,
    }])
  }

  list(page: PageQuery, { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, tokenId, route, refused, targetIds }: AuditFilter): Page<Logged<AuditRecord>> {
    const head = this.chain.head()
    // Entries stand in the order of their times, but for a clock that was set back; that far back begins the look.
    const begin = fromMs === 0 || page.after !== null ? 0 : (this.#firstSince.get({ fromMs })?.seq ?? head.seq + 1) - 1 - LOG_PAGE_SCAN / 2
    const after = Math.max(page.after ?? begin, head.firstSeq - 1)
    const until = after + LOG_PAGE_SCAN
    return cutScan(this.#list.all({ after, until, fromMs, toMs, tokenId: tokenId ?? null, route: route ?? null, refused: refused === undefined ? null : Number(refused), targetIds: targetIds === undefined ? null : JSON.stringify(targetIds), rows: page.limit + 1 }), page, until, head.seq, toRecord)
  }
}

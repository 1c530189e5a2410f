import type { Page, PageQuery, RtpOutputRecord, RtpOutputStore } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface RtpOutputRow {
  readonly seq: number
  readonly id: string
  readonly name: string
  readonly cluster_id: string
  readonly mode: RtpOutputRecord['mode']
  readonly address: string
  readonly port: number
  readonly codec: RtpOutputRecord['codec']
  readonly ptime_ms: number
  readonly ttl: number
  readonly dscp: number
  readonly interface: string | null
  readonly sap: number
  readonly created_at_ms: number
}

const toOutput = (row: RtpOutputRow): RtpOutputRecord => ({
  id: row.id,
  name: row.name,
  clusterId: row.cluster_id,
  mode: row.mode,
  address: row.address,
  port: row.port,
  codec: row.codec,
  ptimeMs: row.ptime_ms,
  ttl: row.ttl,
  dscp: row.dscp,
  interface: row.interface,
  sap: row.sap !== 0,
  createdAtMs: row.created_at_ms,
})

export class RtpOutputTable implements RtpOutputStore {
  readonly #insert: Statement
  readonly #remove: Statement
  readonly #get: Statement<RtpOutputRow>
  readonly #all: Statement<RtpOutputRow>
  readonly #list: Statement<RtpOutputRow>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO rtp_outputs (id, name, cluster_id, mode, address, port, codec, ptime_ms, ttl, dscp, interface, sap, created_at_ms)
      VALUES ($id, $name, $clusterId, $mode, $address, $port, $codec, $ptimeMs, $ttl, $dscp, $interface, $sap, $createdAtMs)`)
    this.#remove = db.prepare('DELETE FROM rtp_outputs WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM rtp_outputs WHERE id = $id')
    this.#all = db.prepare('SELECT * FROM rtp_outputs ORDER BY seq')
    this.#list = db.prepare('SELECT * FROM rtp_outputs WHERE seq > $after AND ($clusterId IS NULL OR cluster_id = $clusterId) ORDER BY seq LIMIT $rows')
  }

  insert(output: RtpOutputRecord): RtpOutputRecord {
    this.#insert.run({ ...output, sap: output.sap ? 1 : 0 })
    return this.get(output.id)!
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): RtpOutputRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toOutput(row)
  }

  all(): readonly RtpOutputRecord[] {
    return this.#all.all().map(toOutput)
  }

  list(page: PageQuery, filter: { readonly clusterId?: string }): Page<RtpOutputRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, clusterId: filter.clusterId ?? null }), page, toOutput)
  }
}

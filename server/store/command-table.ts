import type { CommandCounts, CommandDelivery, CommandOutcome, CommandRecord, CommandResultKind, CommandResultRecord, CommandStore, OpenCommand, Page, PageQuery, Targets } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface CommandRow {
  readonly seq: number
  readonly id: string
  readonly type: CommandRecord['type']
  readonly arguments: string
  readonly targets: string
  readonly created_at_ms: number
  readonly created_by: string
  readonly expires_at_ms: number
}

interface ResultRow {
  readonly command_id: string
  readonly cluster_id: string
  readonly result: CommandResultKind
  readonly reason: string | null
  readonly at_ms: number
}

interface OutcomeRow {
  readonly cluster_id: string
  readonly delivered_at_ms: number | null
  readonly result: CommandResultKind | null
  readonly reason: string | null
  readonly at_ms: number | null
}

const toOutcome = (row: OutcomeRow): CommandOutcome => ({ clusterId: row.cluster_id, deliveredAtMs: row.delivered_at_ms, result: row.result, reason: row.reason, atMs: row.at_ms })

const toCommand = (row: CommandRow): CommandRecord => ({
  id: row.id,
  type: row.type,
  arguments: JSON.parse(row.arguments) as CommandRecord['arguments'],
  targets: JSON.parse(row.targets) as Targets,
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  expiresAtMs: row.expires_at_ms,
})

export class CommandTable implements CommandStore {
  readonly #db: Database
  readonly #insert: Statement
  readonly #insertTargets: Statement
  readonly #get: Statement<CommandRow>
  readonly #counts: Statement<CommandCounts>
  readonly #problems: Statement<ResultRow>
  readonly #list: Statement<CommandRow>
  readonly #outcomes: Statement<OutcomeRow>
  readonly #ofCluster: Statement<CommandRow & OutcomeRow>
  readonly #settle: Statement
  readonly #deliver: Statement
  readonly #openCommands: Statement<CommandRow>
  readonly #openClusters: Statement<{ readonly cluster_id: string }>
  readonly #remove: Statement

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare('INSERT INTO commands (id, type, arguments, targets, created_at_ms, created_by, expires_at_ms) VALUES ($id, $type, $arguments, $targets, $createdAtMs, $createdBy, $expiresAtMs)')
    this.#insertTargets = db.prepare('INSERT INTO command_results (command_id, cluster_id) SELECT $id, value FROM json_each($clusterIds)')
    this.#get = db.prepare('SELECT * FROM commands WHERE id = $id')
    this.#counts = db.prepare(`
      SELECT count(*) AS targeted, count(*) FILTER (WHERE delivered_at_ms IS NOT NULL OR result IS NOT NULL) AS delivered, count(*) FILTER (WHERE result = 'done') AS done, count(*) FILTER (WHERE result = 'refused') AS refused,
        count(*) FILTER (WHERE result = 'failed') AS failed, count(*) FILTER (WHERE result IS NULL) AS open
      FROM command_results WHERE command_id = $id`)
    this.#problems = db.prepare(`SELECT * FROM command_results WHERE command_id = $id AND result IN ('refused', 'failed') ORDER BY at_ms, cluster_id LIMIT $limit`)
    this.#list = db.prepare('SELECT * FROM commands WHERE seq < $before ORDER BY seq DESC LIMIT $rows')
    this.#outcomes = db.prepare(`
      SELECT cluster_id, delivered_at_ms, result, reason, at_ms FROM command_results WHERE command_id = $id AND ($result IS NULL OR coalesce(result, 'open') = $result)
      ORDER BY cluster_id LIMIT $rows OFFSET $skip`)
    this.#ofCluster = db.prepare(`
      SELECT commands.*, cluster_id, delivered_at_ms, result, reason, at_ms FROM commands JOIN command_results ON command_id = id AND cluster_id = $clusterId
      WHERE seq < $before ORDER BY seq DESC LIMIT $rows`)
    this.#deliver = db.prepare('UPDATE command_results SET delivered_at_ms = $atMs WHERE command_id = $commandId AND cluster_id = $clusterId AND delivered_at_ms IS NULL')
    this.#settle = db.prepare('UPDATE command_results SET result = $result, reason = $reason, at_ms = $atMs WHERE command_id = $commandId AND cluster_id = $clusterId AND result IS NULL')
    this.#openCommands = db.prepare('SELECT * FROM commands WHERE expires_at_ms > $nowMs ORDER BY seq')
    this.#openClusters = db.prepare('SELECT cluster_id FROM command_results WHERE command_id = $id AND result IS NULL ORDER BY cluster_id')
    this.#remove = db.prepare('DELETE FROM commands WHERE expires_at_ms < $expiresAtMs')
  }

  insert(command: CommandRecord, clusterIds: readonly string[]): void {
    const { id, type, createdAtMs, createdBy, expiresAtMs } = command
    this.#db.transaction(() => {
      this.#insert.run({ id, type, arguments: JSON.stringify(command.arguments), targets: JSON.stringify(command.targets), createdAtMs, createdBy, expiresAtMs })
      this.#insertTargets.run({ id, clusterIds: JSON.stringify(clusterIds) })
    })
  }

  get(id: string): CommandRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toCommand(row)
  }

  counts(id: string): CommandCounts {
    const { targeted, delivered, done, refused, failed, open } = this.#counts.get({ id })!
    return { targeted, delivered, done, refused, failed, open }
  }

  problems(id: string, limit: number): readonly CommandResultRecord[] {
    return this.#problems.all({ id, limit }).map((row) => ({ commandId: row.command_id, clusterId: row.cluster_id, result: row.result, reason: row.reason, atMs: row.at_ms }))
  }

  list(page: PageQuery): Page<CommandRecord> {
    return cutPage(this.#list.all({ before: page.after ?? Number.MAX_SAFE_INTEGER, rows: page.limit + 1 }), page, toCommand)
  }

  ofCluster(clusterId: string, page: PageQuery): Page<{ readonly command: CommandRecord; readonly outcome: CommandOutcome }> {
    const rows = this.#ofCluster.all({ clusterId, before: page.after ?? Number.MAX_SAFE_INTEGER, rows: page.limit + 1 })
    return cutPage(rows, page, (row) => ({ command: toCommand(row), outcome: toOutcome(row) }))
  }

  outcomes(id: string, { after, limit }: PageQuery, result: CommandResultKind | 'open' | null = null): Page<CommandOutcome> {
    const skip = after ?? 0
    const rows = this.#outcomes.all({ id, result, skip, rows: limit + 1 })
    return { items: rows.slice(0, limit).map(toOutcome), next: rows.length > limit ? skip + limit : null }
  }

  settle(results: readonly CommandResultRecord[], deliveries: readonly CommandDelivery[] = []): void {
    this.#db.transaction(() => {
      for (const { commandId, clusterId, atMs } of deliveries) this.#deliver.run({ commandId, clusterId, atMs })
      for (const { commandId, clusterId, result, reason, atMs } of results) this.#settle.run({ commandId, clusterId, result, reason, atMs })
    })
  }

  open(nowMs: number): readonly OpenCommand[] {
    return this.#openCommands.all({ nowMs })
      .map((row) => ({ command: toCommand(row), clusterIds: this.#openClusters.all({ id: row.id }).map(({ cluster_id: id }) => id) }))
      .filter(({ clusterIds }) => clusterIds.length > 0)
  }

  removeBefore(expiresAtMs: number): number {
    return this.#remove.run({ expiresAtMs })
  }
}

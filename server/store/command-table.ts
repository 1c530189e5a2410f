import type { CommandCounts, CommandRecord, CommandResultKind, CommandResultRecord, CommandStore, OpenCommand, Targets } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface CommandRow {
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
  readonly #settle: Statement
  readonly #openCommands: Statement<CommandRow>
  readonly #openClusters: Statement<{ readonly cluster_id: string }>
  readonly #remove: Statement

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare('INSERT INTO commands (id, type, arguments, targets, created_at_ms, created_by, expires_at_ms) VALUES ($id, $type, $arguments, $targets, $createdAtMs, $createdBy, $expiresAtMs)')
    this.#insertTargets = db.prepare('INSERT INTO command_results (command_id, cluster_id) SELECT $id, value FROM json_each($clusterIds)')
    this.#get = db.prepare('SELECT * FROM commands WHERE id = $id')
    this.#counts = db.prepare(`
      SELECT count(*) AS targeted, count(*) FILTER (WHERE result = 'done') AS done, count(*) FILTER (WHERE result = 'refused') AS refused,
        count(*) FILTER (WHERE result = 'failed') AS failed, count(*) FILTER (WHERE result IS NULL) AS open
      FROM command_results WHERE command_id = $id`)
    this.#problems = db.prepare(`SELECT * FROM command_results WHERE command_id = $id AND result IN ('refused', 'failed') ORDER BY at_ms, cluster_id LIMIT $limit`)
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
    const { targeted, done, refused, failed, open } = this.#counts.get({ id })!
    return { targeted, done, refused, failed, open }
  }

  problems(id: string, limit: number): readonly CommandResultRecord[] {
    return this.#problems.all({ id, limit }).map((row) => ({ commandId: row.command_id, clusterId: row.cluster_id, result: row.result, reason: row.reason, atMs: row.at_ms }))
  }

  settle(results: readonly CommandResultRecord[]): void {
    this.#db.transaction(() => {
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

import type { AlarmCount, AlarmFilter, AlarmRecord, AlarmStore, OwnRuleSettings, Page, PageQuery, RuleId } from '../../control/ports.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface AlarmRow {
  readonly seq: number
  readonly id: string
  readonly rule: RuleId
  readonly severity: AlarmRecord['severity']
  readonly subject_kind: AlarmRecord['subject']['kind']
  readonly subject_id: string
  readonly unit_id: string | null
  readonly since_ms: number
  readonly raised_at_ms: number
  readonly cleared_at_ms: number | null
  readonly level: number
  readonly members: number | null
  readonly detail: string
  readonly detail_vi: string
  readonly acknowledged: string | null
}

const toAlarm = (row: AlarmRow): AlarmRecord => ({
  id: row.id,
  rule: row.rule,
  severity: row.severity,
  subject: { kind: row.subject_kind, id: row.subject_id },
  unitId: row.unit_id,
  sinceMs: row.since_ms,
  raisedAtMs: row.raised_at_ms,
  clearedAtMs: row.cleared_at_ms,
  level: row.level,
  members: row.members,
  detail: row.detail,
  detailVi: row.detail_vi,
  acknowledged: row.acknowledged === null ? null : JSON.parse(row.acknowledged) as AlarmRecord['acknowledged'],
})

/** What somebody may see: what lies in his units, what is about the whole of a unit above them or a source of its own, and what is about the server. */
const SEEN = `($within IS NULL OR unit_id IS NULL OR (subject_kind IN ('unit', 'source') AND unit_id IN (SELECT value FROM json_each($above))) OR ${lieWithin('unit_id')})`
const OF_UNIT = `($unitId IS NULL OR unit_id IN (WITH RECURSIVE of_unit (id) AS (SELECT $unitId UNION SELECT u.id FROM units u JOIN of_unit ON u.parent_id = of_unit.id) SELECT id FROM of_unit))`

const scope = ({ within, above, unitId }: Pick<AlarmFilter, 'within' | 'above' | 'unitId'>): { within: string | null; above: string; unitId: string | null } =>
  ({ within: within == null ? null : JSON.stringify(within), above: JSON.stringify(above ?? []), unitId: unitId ?? null })

export class AlarmTable implements AlarmStore {
  readonly #insert: Statement
  readonly #update: Statement
  readonly #get: Statement<AlarmRow>
  readonly #open: Statement<AlarmRow>
  readonly #raised: Statement<AlarmRow>
  readonly #list: Statement<AlarmRow>
  readonly #count: Statement<AlarmCount>
  readonly #trim: Statement
  readonly #settings: Statement<{ readonly rule: RuleId; readonly unit_id: string | null; readonly settings: string }>
  readonly #putSettings: Statement
  readonly #removeSettings: Statement

  constructor(db: Database) {
    this.#insert = db.prepare(`INSERT INTO alarms (id, rule, severity, subject_kind, subject_id, unit_id, since_ms, raised_at_ms, cleared_at_ms, level, members, detail, detail_vi, acknowledged)
      VALUES ($id, $rule, $severity, $kind, $subjectId, $unitId, $sinceMs, $raisedAtMs, $clearedAtMs, $level, $members, $detail, $detailVi, $acknowledged)`)
    this.#update = db.prepare('UPDATE alarms SET cleared_at_ms = $clearedAtMs, level = $level, members = $members, detail = $detail, detail_vi = $detailVi, acknowledged = $acknowledged WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM alarms WHERE id = $id')
    this.#open = db.prepare('SELECT * FROM alarms WHERE cleared_at_ms IS NULL ORDER BY seq')
    this.#raised = db.prepare('SELECT * FROM alarms WHERE raised_at_ms > $ms ORDER BY raised_at_ms')
    this.#list = db.prepare(`SELECT * FROM alarms WHERE ($before IS NULL OR seq < $before) AND ${SEEN} AND ${OF_UNIT}
      AND ($severity IS NULL OR severity = $severity) AND ($rule IS NULL OR rule = $rule) AND ($subjectId IS NULL OR subject_id = $subjectId)
      AND ($state IS NULL OR CASE $state WHEN 'cleared' THEN cleared_at_ms IS NOT NULL WHEN 'open' THEN cleared_at_ms IS NULL ELSE cleared_at_ms IS NULL AND acknowledged IS NULL END)
      ORDER BY seq DESC LIMIT $rows`)
    this.#count = db.prepare(`SELECT rule, severity, count(*) AS open, count(*) FILTER (WHERE acknowledged IS NULL) AS unacknowledged FROM alarms
      WHERE cleared_at_ms IS NULL AND ${SEEN} AND ${OF_UNIT} GROUP BY rule, severity ORDER BY rule, severity`)
    this.#trim = db.prepare('DELETE FROM alarms WHERE cleared_at_ms < $ms')
    this.#settings = db.prepare('SELECT rule, unit_id, settings FROM alarm_settings ORDER BY seq')
    this.#putSettings = db.prepare("INSERT INTO alarm_settings (rule, unit_id, settings) VALUES ($rule, $unitId, $settings) ON CONFLICT (rule, coalesce(unit_id, '')) DO UPDATE SET settings = $settings")
    this.#removeSettings = db.prepare('DELETE FROM alarm_settings WHERE rule = $rule AND unit_id IS $unitId')
  }

  insert({ subject, acknowledged, ...alarm }: AlarmRecord): void {
    this.#insert.run({ ...alarm, kind: subject.kind, subjectId: subject.id, acknowledged: acknowledged === null ? null : JSON.stringify(acknowledged) })
  }

  update({ id, clearedAtMs, level, members, detail, detailVi, acknowledged }: AlarmRecord): void {
    this.#update.run({ id, clearedAtMs, level, members, detail, detailVi, acknowledged: acknowledged === null ? null : JSON.stringify(acknowledged) })
  }

  get(id: string): AlarmRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toAlarm(row)
  }

  open(): readonly AlarmRecord[] {
    return this.#open.all().map(toAlarm)
  }

  raisedSince(ms: number): readonly AlarmRecord[] {
    return this.#raised.all({ ms }).map(toAlarm)
  }

  list(page: PageQuery, filter: AlarmFilter): Page<AlarmRecord> {
    const { severity = null, rule = null, state = null, subjectId = null } = filter
    return cutPage(this.#list.all({ ...scope(filter), severity, rule, state, subjectId, before: page.after, rows: page.limit + 1 }), page, toAlarm)
  }

  count(filter: Pick<AlarmFilter, 'within' | 'above' | 'unitId'>): readonly AlarmCount[] {
    return this.#count.all(scope(filter)).map((row) => ({ ...row }))
  }

  removeClearedBefore(ms: number): number {
    return this.#trim.run({ ms })
  }

  ownSettings(): readonly { readonly rule: RuleId; readonly unitId: string | null; readonly settings: OwnRuleSettings }[] {
    return this.#settings.all().map(({ rule, unit_id, settings }) => ({ rule, unitId: unit_id, settings: JSON.parse(settings) as OwnRuleSettings }))
  }

  putOwnSettings(rule: RuleId, unitId: string | null, settings: OwnRuleSettings): void {
    if (Object.keys(settings).length === 0) this.#removeSettings.run({ rule, unitId })
    else this.#putSettings.run({ rule, unitId, settings: JSON.stringify(settings) })
  }
}

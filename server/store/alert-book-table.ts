import type { AlertRuleRecord, AlertRuleStore, AlertTemplateRecord, AlertTemplateStore, Hazard, Page, PageQuery } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface RecordRow {
  readonly seq: number
  readonly record: string
}

const toTemplate = ({ record }: RecordRow): AlertTemplateRecord => JSON.parse(record) as AlertTemplateRecord

/** The units' own templates; those that everybody has are no records. */
export class AlertTemplateTable implements AlertTemplateStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<RecordRow>
  readonly #list: Statement<RecordRow>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO alert_templates (id, unit_id, hazard, record) VALUES ($id, $unitId, $hazard, $record)')
    this.#replace = db.prepare('UPDATE alert_templates SET unit_id = $unitId, hazard = $hazard, record = $record WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM alert_templates WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM alert_templates WHERE id = $id')
    this.#list = db.prepare('SELECT * FROM alert_templates WHERE seq > $after AND ($unitId IS NULL OR unit_id = $unitId) AND ($hazard IS NULL OR hazard = $hazard) ORDER BY seq LIMIT $rows')
  }

  insert(template: AlertTemplateRecord): AlertTemplateRecord {
    this.#insert.run(toParameters(template))
    return template
  }

  replace(template: AlertTemplateRecord): AlertTemplateRecord | undefined {
    return this.#replace.run(toParameters(template)) === 0 ? undefined : template
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): AlertTemplateRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toTemplate(row)
  }

  list(page: PageQuery, { unitId, hazard }: { readonly unitId?: string; readonly hazard?: Hazard }): Page<AlertTemplateRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, unitId: unitId ?? null, hazard: hazard ?? null }), page, toTemplate)
  }
}

const toParameters = (template: AlertTemplateRecord) => ({ id: template.id, unitId: template.unitId, hazard: template.hazard, record: JSON.stringify(template) })

export class AlertRuleTable implements AlertRuleStore {
  readonly #get: Statement<{ readonly record: string }>
  readonly #all: Statement<{ readonly record: string }>
  readonly #put: Statement
  readonly #remove: Statement

  constructor(db: Database) {
    this.#get = db.prepare('SELECT record FROM alert_rules WHERE unit_id = $unitId')
    this.#all = db.prepare('SELECT record FROM alert_rules ORDER BY unit_id')
    this.#put = db.prepare('INSERT INTO alert_rules (unit_id, record) VALUES ($unitId, $record) ON CONFLICT (unit_id) DO UPDATE SET record = $record')
    this.#remove = db.prepare('DELETE FROM alert_rules WHERE unit_id = $unitId')
  }

  get(unitId: string): AlertRuleRecord | undefined {
    const row = this.#get.get({ unitId })
    return row === undefined ? undefined : (JSON.parse(row.record) as AlertRuleRecord)
  }

  all(): readonly AlertRuleRecord[] {
    return this.#all.all().map(({ record }) => JSON.parse(record) as AlertRuleRecord)
  }

  put(rule: AlertRuleRecord): void {
    this.#put.run({ unitId: rule.unitId, record: JSON.stringify(rule) })
  }

  remove(unitId: string): boolean {
    return this.#remove.run({ unitId }) > 0
  }
}

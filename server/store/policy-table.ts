import type { BreachRecord, Page, PageQuery, Policy, PolicyStore } from '../../control/ports.ts'
import { NO_POLICY } from '../../control/policy/policy.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface PolicyRow {
  readonly unit_id: string
  readonly policy: string
}

interface BreachRow {
  readonly seq: number
  readonly at_ms: number
  readonly given_by: string
  readonly subject: BreachRecord['subject']
  readonly subject_id: string
  readonly title: string
  readonly class: BreachRecord['class']
  readonly breaches: string
  readonly reason: string
}

/** What was kept before a rule was thought of says nothing about it. */
const toPolicy = ({ policy }: PolicyRow): Policy => ({ ...NO_POLICY, ...(JSON.parse(policy) as Partial<Policy>) })

const toBreach = (row: BreachRow): BreachRecord => ({
  atMs: row.at_ms,
  by: row.given_by,
  subject: row.subject,
  subjectId: row.subject_id,
  title: row.title,
  class: row.class,
  breaches: JSON.parse(row.breaches) as BreachRecord['breaches'],
  reason: row.reason,
})

/** Policies go with their units; what was done against them stays. */
export class PolicyTable implements PolicyStore {
  readonly #get: Statement<PolicyRow>
  readonly #all: Statement<PolicyRow>
  readonly #put: Statement
  readonly #remove: Statement
  readonly #report: Statement
  readonly #breaches: Statement<BreachRow>

  constructor(db: Database) {
    this.#get = db.prepare('SELECT * FROM unit_policies WHERE unit_id = $unitId')
    this.#all = db.prepare('SELECT * FROM unit_policies')
    this.#put = db.prepare('INSERT INTO unit_policies (unit_id, policy) VALUES ($unitId, $policy) ON CONFLICT (unit_id) DO UPDATE SET policy = $policy')
    this.#remove = db.prepare('DELETE FROM unit_policies WHERE unit_id = $unitId')
    this.#report = db.prepare(`
      INSERT INTO policy_breaches (at_ms, given_by, subject, subject_id, title, class, breaches, reason)
      VALUES ($atMs, $by, $subject, $subjectId, $title, $class, $breaches, $reason)`)
    this.#breaches = db.prepare('SELECT * FROM policy_breaches WHERE $before IS NULL OR seq < $before ORDER BY seq DESC LIMIT $rows')
  }

  get(unitId: string): Policy | undefined {
    const row = this.#get.get({ unitId })
    return row === undefined ? undefined : toPolicy(row)
  }

  all(): ReadonlyMap<string, Policy> {
    return new Map(this.#all.all().map((row) => [row.unit_id, toPolicy(row)]))
  }

  put(unitId: string, policy: Policy): void {
    this.#put.run({ unitId, policy: JSON.stringify(policy) })
  }

  remove(unitId: string): void {
    this.#remove.run({ unitId })
  }

  report({ atMs, by, subject, subjectId, title, class: itsClass, breaches, reason }: BreachRecord): void {
    this.#report.run({ atMs, by, subject, subjectId, title, class: itsClass, breaches: JSON.stringify(breaches), reason })
  }

  breaches(page: PageQuery): Page<BreachRecord> {
    return cutPage(this.#breaches.all({ before: page.after, rows: page.limit + 1 }), page, toBreach)
  }
}

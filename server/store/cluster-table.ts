import type { ClusterFilter, ClusterRecord, ClusterStore, Equipment, Membership, Page, PageQuery } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface ClusterRow {
  readonly seq: number
  readonly id: string
  readonly unit_id: string
  readonly code: string
  readonly name: string
  readonly tags: string
  readonly lat: number | null
  readonly lon: number | null
  readonly enabled: number
  readonly state: ClusterRecord['state']
  readonly technology: Equipment['technology']
  readonly imei: string | null
  readonly sim: string | null
  readonly maker: string | null
  readonly model: string | null
  readonly amplifier: string | null
  readonly loudspeakers: number | null
  readonly build_year: number | null
  readonly depreciated_on: string | null
  readonly keeper: string | null
  readonly keeper_phone: string | null
  readonly key_hash: string
  readonly key_changed_at_ms: number
  readonly created_at_ms: number
}

const toCluster = (row: ClusterRow): ClusterRecord => ({
  id: row.id,
  unitId: row.unit_id,
  code: row.code,
  name: row.name,
  tags: JSON.parse(row.tags) as string[],
  position: row.lat === null || row.lon === null ? null : { lat: row.lat, lon: row.lon },
  enabled: row.enabled === 1,
  state: row.state,
  equipment: {
    technology: row.technology,
    imei: row.imei,
    sim: row.sim,
    maker: row.maker,
    model: row.model,
    amplifier: row.amplifier,
    loudspeakers: row.loudspeakers,
    buildYear: row.build_year,
    depreciatedOn: row.depreciated_on,
    keeper: row.keeper,
    keeperPhone: row.keeper_phone,
  },
  keyHash: row.key_hash,
  keyChangedAtMs: row.key_changed_at_ms,
  createdAtMs: row.created_at_ms,
})

const toParameters = (cluster: Omit<ClusterRecord, 'unitId' | 'createdAtMs'>) => ({
  id: cluster.id,
  code: cluster.code,
  name: cluster.name,
  search: foldText([cluster.code, cluster.name, cluster.equipment.imei, cluster.equipment.sim, cluster.equipment.maker, cluster.equipment.model, cluster.equipment.keeper].filter((text) => text !== null).join('\n')),
  tags: JSON.stringify(cluster.tags),
  lat: cluster.position?.lat ?? null,
  lon: cluster.position?.lon ?? null,
  enabled: cluster.enabled ? 1 : 0,
  state: cluster.state,
  ...cluster.equipment,
  keyHash: cluster.keyHash,
  keyChangedAtMs: cluster.keyChangedAtMs,
})

export class ClusterTable implements ClusterStore {
  readonly #insert: Statement
  readonly #update: Statement
  readonly #remove: Statement
  readonly #get: Statement<ClusterRow>
  readonly #all: Statement<ClusterRow>
  readonly #list: Statement<ClusterRow>
  readonly #missing: Statement<{ readonly value: string }>
  readonly #idsWithin: Statement<{ readonly id: string }>
  readonly #places: Statement<{ readonly id: string; readonly unitId: string }>
  readonly #unitsOf: Statement<{ readonly id: string }>
  readonly #count: Statement<{ readonly total: number; readonly enabled: number }>
  readonly #join: Statement
  readonly #leave: Statement
  readonly #rejoin: Statement
  readonly #setUnit: Statement
  readonly #memberships: Statement<Membership>
  readonly #allMemberships: Statement<Membership>
  readonly #ofUnit: Statement<{ readonly id: string; readonly sinceMs: number }>
  readonly #db: Database
  #revision = 0

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare(`
      INSERT INTO clusters (id, unit_id, code, name, search, tags, lat, lon, enabled, state, technology, imei, sim, maker, model, amplifier, loudspeakers, build_year, depreciated_on, keeper, keeper_phone, key_hash, key_changed_at_ms, created_at_ms)
      VALUES ($id, $unitId, $code, $name, $search, $tags, $lat, $lon, $enabled, $state, $technology, $imei, $sim, $maker, $model, $amplifier, $loudspeakers, $buildYear, $depreciatedOn, $keeper, $keeperPhone, $keyHash, $keyChangedAtMs, $createdAtMs)`)
    this.#update = db.prepare(`
      UPDATE clusters SET code = $code, name = $name, search = $search, tags = $tags, lat = $lat, lon = $lon, enabled = $enabled, state = $state, technology = $technology, imei = $imei, sim = $sim,
        maker = $maker, model = $model, amplifier = $amplifier, loudspeakers = $loudspeakers, build_year = $buildYear, depreciated_on = $depreciatedOn, keeper = $keeper, keeper_phone = $keeperPhone,
        key_hash = $keyHash, key_changed_at_ms = $keyChangedAtMs
      WHERE id = $id`)
    this.#remove = db.prepare('DELETE FROM clusters WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM clusters WHERE id = $id')
    this.#all = db.prepare('SELECT * FROM clusters ORDER BY seq')
    this.#list = db.prepare(`
      SELECT * FROM clusters
      WHERE seq > $after
        AND ($unitId IS NULL OR unit_id IN (
          WITH RECURSIVE below (id) AS (SELECT $unitId UNION SELECT u.id FROM units u JOIN below ON u.parent_id = below.id) SELECT id FROM below))
        AND ${lieWithin('unit_id')}
        AND ($tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = $tag))
        AND ($enabled IS NULL OR enabled = $enabled) AND ($state IS NULL OR state = $state) AND ($technology IS NULL OR technology = $technology)
        AND ($search = '' OR instr(search, $search))
      ORDER BY seq LIMIT $rows`)
    this.#missing = db.prepare('SELECT value FROM json_each($ids) WHERE value NOT IN (SELECT id FROM clusters)')
    this.#places = db.prepare("SELECT id, unit_id AS unitId FROM clusters WHERE (enabled = 1 AND state = 'active') OR id IN (SELECT value FROM json_each($ids))")
    this.#unitsOf = db.prepare('SELECT DISTINCT unit_id AS id FROM clusters WHERE id IN (SELECT value FROM json_each($ids))')
    this.#idsWithin = db.prepare(`SELECT id FROM clusters WHERE ${lieWithin('unit_id')} ORDER BY seq`)
    this.#count = db.prepare('SELECT count(*) AS total, coalesce(sum(enabled), 0) AS enabled FROM clusters')
    this.#join = db.prepare('INSERT INTO cluster_units (cluster_id, unit_id, from_ms) VALUES ($id, $unitId, $atMs)')
    this.#leave = db.prepare('UPDATE cluster_units SET until_ms = $atMs WHERE cluster_id = $id AND until_ms IS NULL AND from_ms < $atMs')
    // Who came at the very same moment has never been there.
    this.#rejoin = db.prepare('UPDATE cluster_units SET unit_id = $unitId WHERE cluster_id = $id AND until_ms IS NULL')
    this.#setUnit = db.prepare('UPDATE clusters SET unit_id = $unitId WHERE id = $id AND unit_id <> $unitId')
    this.#memberships = db.prepare('SELECT cluster_id AS clusterId, unit_id AS unitId, from_ms AS fromMs, until_ms AS untilMs FROM cluster_units WHERE cluster_id = $id ORDER BY seq')
    this.#allMemberships = db.prepare('SELECT cluster_id AS clusterId, unit_id AS unitId, from_ms AS fromMs, until_ms AS untilMs FROM cluster_units ORDER BY seq')
    this.#ofUnit = db.prepare('SELECT c.id, m.from_ms AS sinceMs FROM clusters c JOIN cluster_units m ON m.cluster_id = c.id AND m.until_ms IS NULL WHERE c.unit_id = $unitId ORDER BY c.seq')
  }

  insert(cluster: ClusterRecord): ClusterRecord {
    this.#revision++
    this.#db.transaction(() => {
      this.#insert.run({ ...toParameters(cluster), unitId: cluster.unitId, createdAtMs: cluster.createdAtMs })
      this.#join.run({ id: cluster.id, unitId: cluster.unitId, atMs: cluster.createdAtMs })
    })
    return this.get(cluster.id)!
  }

  update(id: string, change: Partial<Omit<ClusterRecord, 'id' | 'unitId' | 'createdAtMs'>>): ClusterRecord | undefined {
    const before = this.get(id)
    if (before === undefined) return undefined
    this.#revision++
    this.#update.run(toParameters({ ...before, ...change }))
    return this.get(id)
  }

  move(ids: readonly string[], unitId: string, atMs: number): void {
    this.#revision++
    this.#db.transaction(() => {
      for (const id of ids) {
        if (this.#setUnit.run({ id, unitId }) === 0) continue
        if (this.#leave.run({ id, atMs }) > 0) this.#join.run({ id, unitId, atMs })
        else this.#rejoin.run({ id, unitId })
      }
    })
  }

  memberships(id: string): readonly Membership[] {
    return this.#memberships.all({ id }).map((row) => ({ ...row }))
  }

  allMemberships(): readonly Membership[] {
    return this.#allMemberships.all()
  }

  ofUnit(unitId: string): readonly { readonly id: string; readonly sinceMs: number }[] {
    return this.#ofUnit.all({ unitId }).map((row) => ({ ...row }))
  }

  remove(id: string): boolean {
    this.#revision++
    return this.#remove.run({ id }) > 0
  }

  get(id: string): ClusterRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toCluster(row)
  }

  all(): readonly ClusterRecord[] {
    return this.#all.all().map(toCluster)
  }

  list(page: PageQuery, filter: ClusterFilter): Page<ClusterRecord> {
    const rows = this.#list.all({
      after: page.after ?? 0,
      rows: page.limit + 1,
      unitId: filter.unitId ?? null,
      within: filter.within == null ? null : JSON.stringify(filter.within),
      tag: filter.tag ?? null,
      enabled: filter.enabled === undefined ? null : filter.enabled ? 1 : 0,
      state: filter.state ?? null,
      technology: filter.technology ?? null,
      search: foldText(filter.search ?? ''),
    })
    return cutPage(rows, page, toCluster)
  }

  missing(ids: readonly string[]): readonly string[] {
    return ids.length === 0 ? [] : this.#missing.all({ ids: JSON.stringify(ids) }).map(({ value }) => value)
  }

  count(): { readonly total: number; readonly enabled: number } {
    const { total, enabled } = this.#count.get()!
    return { total, enabled }
  }

  revision(): number {
    return this.#revision
  }

  idsWithin(units: readonly string[]): readonly string[] {
    return this.#idsWithin.all({ within: JSON.stringify(units) }).map(({ id }) => id)
  }

  places(alsoIds: readonly string[]): readonly { readonly id: string; readonly unitId: string }[] {
    return this.#places.all({ ids: JSON.stringify(alsoIds) }).map((row) => ({ ...row }))
  }

  unitsOf(ids: readonly string[]): readonly string[] {
    return this.#unitsOf.all({ ids: JSON.stringify(ids) }).map(({ id }) => id)
  }
}

import type { OrderAlert, OrderFilter, OrderHandOver, OrderMixing, OrderRecord, OrderStore, Page, PageQuery, Targets } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface OrderRow {
  readonly seq: number
  readonly id: string
  readonly class: OrderRecord['class']
  readonly title: string
  readonly source_id: string | null
  readonly clip_ids: string | null
  readonly targets: string
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly rank: number
  readonly resume: OrderRecord['resume']
  readonly issuer_unit_id: string
  readonly field: OrderRecord['field']
  readonly attention_tone: number
  readonly created_at_ms: number
  readonly created_by: string
  readonly alert_id: string | null
  readonly alert_kind: OrderAlert['kind'] | null
  readonly alert_level: OrderAlert['level'] | null
  readonly stopped_at_ms: number | null
  readonly mixing: string | null
  readonly hand_overs: string | null
}

const toOrder = (row: OrderRow): OrderRecord => ({
  id: row.id,
  number: row.seq,
  class: row.class,
  title: row.title,
  sourceId: row.source_id,
  clipIds: row.clip_ids === null ? null : (JSON.parse(row.clip_ids) as string[]),
  targets: JSON.parse(row.targets) as Targets,
  startsAtMs: row.starts_at_ms,
  endsAtMs: row.ends_at_ms,
  rank: row.rank,
  resume: row.resume,
  issuerUnitId: row.issuer_unit_id,
  field: row.field,
  attentionTone: row.attention_tone === 1,
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  ...(row.alert_id === null ? {} : { alert: { id: row.alert_id, kind: row.alert_kind!, level: row.alert_level! } }),
  ...(row.mixing === null ? {} : { mixing: JSON.parse(row.mixing) as OrderMixing }),
  ...(row.hand_overs === null ? {} : { handOvers: JSON.parse(row.hand_overs) as OrderHandOver[] }),
  stoppedAtMs: row.stopped_at_ms,
})

const UNFINISHED = 'stopped_at_ms IS NULL AND ends_at_ms > $nowMs'

/** Whether an order's targets mean the cluster: by its id, a unit above it, or a tag. */
const MEANS_CLUSTER = `
  EXISTS (
    WITH RECURSIVE above (id) AS (SELECT unit_id FROM clusters WHERE id = $clusterId UNION SELECT u.parent_id FROM units u JOIN above ON u.id = above.id WHERE u.parent_id IS NOT NULL)
    SELECT 1 FROM json_each(targets, '$.clusters') WHERE value = $clusterId
    UNION ALL SELECT 1 FROM json_each(targets, '$.units') JOIN above ON value = above.id
    UNION ALL SELECT 1 FROM json_each(targets, '$.units') AS named JOIN ended_unit_clusters e ON e.unit_id = named.value AND e.cluster_id = $clusterId
    UNION ALL SELECT 1 FROM json_each(targets, '$.groups') AS named JOIN json_each($groupIds) AS own ON own.value = named.value
    UNION ALL SELECT 1 FROM json_each(targets, '$.tags') AS wanted JOIN clusters ON clusters.id = $clusterId JOIN json_each(clusters.tags) AS own ON own.value = wanted.value)`

const FILTER = `($class IS NULL OR class = $class) AND ($sourceId IS NULL OR source_id = $sourceId OR EXISTS (SELECT 1 FROM json_each(hand_overs) WHERE json_extract(value, '$.sourceId') = $sourceId)) AND ($clusterId IS NULL OR ${MEANS_CLUSTER})`

/** Orders looked at for one page of the history, which has no end: a page may come back short, or empty, and still have a next. */
const PAGE_SCAN = 20_000

export class OrderTable implements OrderStore {
  readonly #insert: Statement
  readonly #stop: Statement
  readonly #handOver: Statement
  readonly #get: Statement<OrderRow>
  readonly #list: Statement<OrderRow>
  readonly #listUnfinished: Statement<OrderRow>
  readonly #last: Statement<{ readonly seq: number | null }>
  readonly #unfinished: Statement<OrderRow>
  readonly #ofAlert: Statement<OrderRow>
  readonly #overSince: Statement<OrderRow>
  readonly #count: Statement<{ readonly onAir: number; readonly scheduled: number }>
  readonly #usersOfSource: Statement<{ readonly id: string }>
  readonly #usersOfClip: Statement<{ readonly id: string }>
  readonly #usersOfUnit: Statement<{ readonly id: string }>
  readonly #usersOfGroup: Statement<{ readonly id: string }>

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO orders (id, class, title, source_id, clip_ids, targets, starts_at_ms, ends_at_ms, rank, resume, issuer_unit_id, field, attention_tone, created_at_ms, created_by, alert_id, alert_kind, alert_level, mixing, hand_overs)
      VALUES ($id, $class, $title, $sourceId, $clipIds, $targets, $startsAtMs, $endsAtMs, $rank, $resume, $issuerUnitId, $field, $attentionTone, $createdAtMs, $createdBy, $alertId, $alertKind, $alertLevel, $mixing, $handOvers)`)
    this.#stop = db.prepare(`UPDATE orders SET stopped_at_ms = $nowMs WHERE id = $id AND ${UNFINISHED}`)
    this.#handOver = db.prepare(`UPDATE orders SET hand_overs = $handOvers WHERE id = $id AND ${UNFINISHED}`)
    this.#get = db.prepare('SELECT * FROM orders WHERE id = $id')
    this.#list = db.prepare(`
      SELECT * FROM orders
      WHERE seq < $before AND seq >= $oldest AND ${FILTER}
        AND CASE $state WHEN 'stopped' THEN stopped_at_ms IS NOT NULL WHEN 'ended' THEN stopped_at_ms IS NULL AND ends_at_ms <= $nowMs ELSE TRUE END
      ORDER BY seq DESC LIMIT $rows`)
    this.#listUnfinished = db.prepare(`
      SELECT * FROM orders
      WHERE seq < $before AND ${UNFINISHED} AND (starts_at_ms <= $nowMs) = ($state = 'on-air') AND ${FILTER}
      ORDER BY seq DESC LIMIT $rows`)
    this.#last = db.prepare('SELECT max(seq) AS seq FROM orders')
    this.#unfinished = db.prepare(`SELECT * FROM orders WHERE ${UNFINISHED} ORDER BY seq`)
    this.#ofAlert = db.prepare('SELECT * FROM orders WHERE alert_id = $alertId ORDER BY seq')
    this.#overSince = db.prepare(`SELECT * FROM orders INDEXED BY orders_by_over WHERE NOT (${UNFINISHED}) AND starts_at_ms <= $nowMs AND min(ends_at_ms, coalesce(stopped_at_ms, ends_at_ms)) > $sinceMs ORDER BY seq`)
    this.#count = db.prepare(`SELECT count(*) FILTER (WHERE starts_at_ms <= $nowMs) AS onAir, count(*) FILTER (WHERE starts_at_ms > $nowMs) AS scheduled FROM orders WHERE ${UNFINISHED}`)
    this.#usersOfSource = db.prepare(`SELECT id FROM orders WHERE ${UNFINISHED} AND (source_id = $id OR EXISTS (SELECT 1 FROM json_each(hand_overs) WHERE json_extract(value, '$.sourceId') = $id)) ORDER BY seq`)
    this.#usersOfClip = db.prepare(`SELECT id FROM orders WHERE ${UNFINISHED} AND (EXISTS (SELECT 1 FROM json_each(clip_ids) WHERE value = $id) OR $id IN (json_extract(mixing, '$.introClipId'), json_extract(mixing, '$.outroClipId'))) ORDER BY seq`)
    this.#usersOfUnit = db.prepare(`SELECT id FROM orders WHERE ${UNFINISHED} AND (issuer_unit_id = $id OR EXISTS (SELECT 1 FROM json_each(targets, '$.units') WHERE value = $id)) ORDER BY seq`)
    this.#usersOfGroup = db.prepare(`SELECT id FROM orders WHERE ${UNFINISHED} AND EXISTS (SELECT 1 FROM json_each(targets, '$.groups') WHERE value = $id) ORDER BY seq`)
  }

  insert(order: Omit<OrderRecord, 'number' | 'stoppedAtMs'>): OrderRecord {
    this.#insert.run({
      id: order.id,
      class: order.class,
      title: order.title,
      sourceId: order.sourceId,
      clipIds: order.clipIds === null ? null : JSON.stringify(order.clipIds),
      targets: JSON.stringify(order.targets),
      startsAtMs: order.startsAtMs,
      endsAtMs: order.endsAtMs,
      rank: order.rank,
      resume: order.resume,
      issuerUnitId: order.issuerUnitId,
      field: order.field,
      attentionTone: order.attentionTone ? 1 : 0,
      createdAtMs: order.createdAtMs,
      createdBy: order.createdBy,
      alertId: order.alert?.id ?? null,
      alertKind: order.alert?.kind ?? null,
      alertLevel: order.alert?.level ?? null,
      mixing: order.mixing === undefined ? null : JSON.stringify(order.mixing),
      handOvers: order.handOvers === undefined ? null : JSON.stringify(order.handOvers),
    })
    return this.get(order.id)!
  }

  stop(id: string, nowMs: number): OrderRecord | undefined {
    this.#stop.run({ id, nowMs })
    return this.get(id)
  }

  handOver(id: string, handOvers: readonly OrderHandOver[], nowMs: number): OrderRecord | undefined {
    this.#handOver.run({ id, handOvers: JSON.stringify(handOvers), nowMs })
    return this.get(id)
  }

  get(id: string): OrderRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toOrder(row)
  }

  list(page: PageQuery, filter: OrderFilter, nowMs: number): Page<OrderRecord> {
    const before = page.after ?? (this.#last.get()?.seq ?? 0) + 1
    const parameters = {
      before,
      rows: page.limit + 1,
      class: filter.class ?? null,
      sourceId: filter.sourceId ?? null,
      state: filter.state ?? null,
      clusterId: filter.clusterId ?? null,
      groupIds: JSON.stringify(filter.groupIds ?? []),
      nowMs,
    }
    if (filter.state === 'on-air' || filter.state === 'scheduled') return cutPage(this.#listUnfinished.all(parameters), page, toOrder)
    const oldest = before - PAGE_SCAN
    const { items, next } = cutPage(this.#list.all({ ...parameters, oldest }), page, toOrder)
    return { items, next: next ?? (oldest > 1 ? oldest : null) }
  }

  ofAlert(alertId: string): readonly OrderRecord[] {
    return this.#ofAlert.all({ alertId }).map(toOrder)
  }

  overSince(sinceMs: number, nowMs: number): readonly OrderRecord[] {
    return this.#overSince.all({ sinceMs, nowMs }).map(toOrder)
  }

  unfinished(nowMs: number): readonly OrderRecord[] {
    return this.#unfinished.all({ nowMs }).map(toOrder)
  }

  count(nowMs: number): { readonly onAir: number; readonly scheduled: number } {
    const { onAir, scheduled } = this.#count.get({ nowMs })!
    return { onAir, scheduled }
  }

  usersOf(what: { readonly sourceId: string } | { readonly clipId: string } | { readonly unitId: string } | { readonly groupId: string }, nowMs: number): readonly string[] {
    const rows = 'sourceId' in what
      ? this.#usersOfSource.all({ id: what.sourceId, nowMs })
      : 'clipId' in what
        ? this.#usersOfClip.all({ id: what.clipId, nowMs })
        : 'unitId' in what
          ? this.#usersOfUnit.all({ id: what.unitId, nowMs })
          : this.#usersOfGroup.all({ id: what.groupId, nowMs })
    return rows.map(({ id }) => id)
  }
}

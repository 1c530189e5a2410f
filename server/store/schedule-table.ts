import type { OrderMixing, Page, PageQuery, Repeat, ScheduleFilter, ScheduleItemRecord, SchedulePlayRecord, ScheduleStore, Targets } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface ItemRow {
  readonly seq: number
  readonly id: string
  readonly version: number
  readonly title: string
  readonly class: ScheduleItemRecord['class']
  readonly source_id: string | null
  readonly clip_ids: string | null
  readonly duration_ms: number | null
  readonly targets: string
  readonly issuer_unit_id: string
  readonly field: ScheduleItemRecord['field']
  readonly rank: number
  readonly resume: ScheduleItemRecord['resume']
  readonly zone: string
  readonly time: string
  readonly first_day: string
  readonly last_day: string | null
  readonly repeat: string
  readonly except_days: string
  readonly holidays: ScheduleItemRecord['holidays']
  readonly plays: number
  readonly gap_ms: number
  readonly missed: ScheduleItemRecord['missed']
  readonly late_limit_ms: number
  readonly enabled: number
  readonly ask: string | null
  readonly created_at_ms: number
  readonly created_by: string
  readonly changed_at_ms: number
  readonly changed_by: string
  readonly mixing: string | null
}

const toItem = (row: ItemRow): ScheduleItemRecord => ({
  id: row.id,
  version: row.version,
  title: row.title,
  class: row.class,
  sourceId: row.source_id,
  clipIds: row.clip_ids === null ? null : (JSON.parse(row.clip_ids) as string[]),
  durationMs: row.duration_ms,
  targets: JSON.parse(row.targets) as Targets,
  issuerUnitId: row.issuer_unit_id,
  field: row.field,
  rank: row.rank,
  resume: row.resume,
  zone: row.zone,
  time: row.time,
  firstDay: row.first_day,
  lastDay: row.last_day,
  repeat: JSON.parse(row.repeat) as Repeat,
  except: JSON.parse(row.except_days) as string[],
  holidays: row.holidays,
  plays: row.plays,
  gapMs: row.gap_ms,
  missed: row.missed,
  lateLimitMs: row.late_limit_ms,
  enabled: row.enabled === 1,
  ask: row.ask,
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  changedAtMs: row.changed_at_ms,
  changedBy: row.changed_by,
  ...(row.mixing === null ? {} : { mixing: JSON.parse(row.mixing) as OrderMixing }),
})

const toParameters = (item: ScheduleItemRecord) => ({
  id: item.id,
  version: item.version,
  title: item.title,
  search: foldText(item.title),
  class: item.class,
  sourceId: item.sourceId,
  clipIds: item.clipIds === null ? null : JSON.stringify(item.clipIds),
  durationMs: item.durationMs,
  targets: JSON.stringify(item.targets),
  issuerUnitId: item.issuerUnitId,
  field: item.field,
  rank: item.rank,
  resume: item.resume,
  zone: item.zone,
  time: item.time,
  firstDay: item.firstDay,
  lastDay: item.lastDay,
  repeat: JSON.stringify(item.repeat),
  except: JSON.stringify(item.except),
  holidays: item.holidays,
  plays: item.plays,
  gapMs: item.gapMs,
  missed: item.missed,
  lateLimitMs: item.lateLimitMs,
  enabled: item.enabled ? 1 : 0,
  ask: item.ask,
  createdAtMs: item.createdAtMs,
  createdBy: item.createdBy,
  changedAtMs: item.changedAtMs,
  changedBy: item.changedBy,
  mixing: item.mixing === undefined ? null : JSON.stringify(item.mixing),
})

interface PlayRow {
  readonly item_id: string
  readonly occurrence: string
  readonly version: number
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly order_id: string | null
}

const toPlay = (row: PlayRow): SchedulePlayRecord => ({ itemId: row.item_id, occurrence: row.occurrence, version: row.version, startsAtMs: row.starts_at_ms, endsAtMs: row.ends_at_ms, orderId: row.order_id })

export class ScheduleTable implements ScheduleStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<ItemRow>
  readonly #all: Statement<ItemRow>
  readonly #list: Statement<ItemRow>
  readonly #usersOf: Statement<{ readonly id: string }>
  readonly #putPlay: Statement
  readonly #removePlay: Statement
  readonly #playsOf: Statement<PlayRow>
  readonly #playsStarting: Statement<PlayRow>
  readonly #removePlaysBefore: Statement
  readonly #putWaiting: Statement
  readonly #removeWaiting: Statement
  readonly #waiting: Statement<PlayRow>
  readonly #seen: Statement<{ readonly at_ms: number }>
  readonly #noteSeen: Statement

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO schedule_items (id, version, title, search, class, source_id, clip_ids, duration_ms, targets, issuer_unit_id, field, rank, resume, zone, time, first_day, last_day, repeat, except_days, holidays,
        plays, gap_ms, missed, late_limit_ms, enabled, ask, created_at_ms, created_by, changed_at_ms, changed_by, mixing)
      VALUES ($id, $version, $title, $search, $class, $sourceId, $clipIds, $durationMs, $targets, $issuerUnitId, $field, $rank, $resume, $zone, $time, $firstDay, $lastDay, $repeat, $except, $holidays,
        $plays, $gapMs, $missed, $lateLimitMs, $enabled, $ask, $createdAtMs, $createdBy, $changedAtMs, $changedBy, $mixing)`)
    this.#replace = db.prepare(`
      UPDATE schedule_items SET version = $version, title = $title, search = $search, class = $class, source_id = $sourceId, clip_ids = $clipIds, duration_ms = $durationMs, targets = $targets,
        issuer_unit_id = $issuerUnitId, field = $field, rank = $rank, resume = $resume, zone = $zone, time = $time, first_day = $firstDay, last_day = $lastDay, repeat = $repeat, except_days = $except, holidays = $holidays,
        plays = $plays, gap_ms = $gapMs, missed = $missed, late_limit_ms = $lateLimitMs, enabled = $enabled, ask = $ask, created_at_ms = $createdAtMs, created_by = $createdBy, changed_at_ms = $changedAtMs, changed_by = $changedBy, mixing = $mixing
      WHERE id = $id`)
    this.#remove = db.prepare('DELETE FROM schedule_items WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM schedule_items WHERE id = $id')
    this.#all = db.prepare('SELECT * FROM schedule_items ORDER BY seq')
    this.#list = db.prepare(`
      SELECT * FROM schedule_items
      WHERE seq > $after AND ($enabled IS NULL OR enabled = $enabled) AND ($asking IS NULL OR (ask IS NOT NULL) = $asking) AND ($unitId IS NULL OR issuer_unit_id = $unitId) AND ($search = '' OR instr(search, $search))
      ORDER BY seq LIMIT $rows`)
    this.#usersOf = db.prepare(`
      SELECT id FROM schedule_items
      WHERE source_id = $sourceId OR issuer_unit_id = $unitId OR EXISTS (SELECT 1 FROM json_each(clip_ids) WHERE value = $clipId) OR $clipId IN (json_extract(mixing, '$.introClipId'), json_extract(mixing, '$.outroClipId')) OR EXISTS (SELECT 1 FROM json_each(targets, '$.units') WHERE value = $unitId)
        OR EXISTS (SELECT 1 FROM json_each(targets, '$.groups') WHERE value = $groupId)
      ORDER BY seq`)
    this.#putPlay = db.prepare('INSERT OR REPLACE INTO schedule_plays (item_id, occurrence, version, starts_at_ms, ends_at_ms, order_id) VALUES ($itemId, $occurrence, $version, $startsAtMs, $endsAtMs, $orderId)')
    this.#removePlay = db.prepare('DELETE FROM schedule_plays WHERE item_id = $itemId AND occurrence = $occurrence')
    this.#playsOf = db.prepare('SELECT * FROM schedule_plays WHERE item_id = $itemId AND ends_at_ms > $fromMs ORDER BY starts_at_ms, occurrence')
    this.#playsStarting = db.prepare('SELECT * FROM schedule_plays WHERE starts_at_ms >= $fromMs AND starts_at_ms < $untilMs ORDER BY starts_at_ms, item_id')
    this.#removePlaysBefore = db.prepare('DELETE FROM schedule_plays WHERE ends_at_ms < $ms')
    this.#putWaiting = db.prepare('INSERT OR REPLACE INTO schedule_waiting (item_id, occurrence, version, starts_at_ms, ends_at_ms, order_id) VALUES ($itemId, $occurrence, $version, $startsAtMs, $endsAtMs, $orderId)')
    this.#removeWaiting = db.prepare('DELETE FROM schedule_waiting WHERE item_id = $itemId AND occurrence = $occurrence')
    this.#waiting = db.prepare('SELECT * FROM schedule_waiting ORDER BY starts_at_ms, item_id')
    this.#seen = db.prepare('SELECT at_ms FROM schedule_seen')
    this.#noteSeen = db.prepare('INSERT INTO schedule_seen (id, at_ms) VALUES (1, $ms) ON CONFLICT (id) DO UPDATE SET at_ms = $ms')
  }

  insert(item: ScheduleItemRecord): ScheduleItemRecord {
    this.#insert.run(toParameters(item))
    return this.get(item.id)!
  }

  replace(item: ScheduleItemRecord): ScheduleItemRecord | undefined {
    return this.#replace.run(toParameters(item)) === 0 ? undefined : this.get(item.id)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): ScheduleItemRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toItem(row)
  }

  all(): readonly ScheduleItemRecord[] {
    return this.#all.all().map(toItem)
  }

  list(page: PageQuery, filter: ScheduleFilter): Page<ScheduleItemRecord> {
    const flag = (value: boolean | undefined): number | null => (value === undefined ? null : value ? 1 : 0)
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, enabled: flag(filter.enabled), asking: flag(filter.asking), unitId: filter.unitId ?? null, search: foldText(filter.search ?? '') }), page, toItem)
  }

  usersOf(what: { readonly sourceId: string } | { readonly clipId: string } | { readonly unitId: string } | { readonly groupId: string }): readonly string[] {
    return this.#usersOf.all({ sourceId: null, clipId: null, unitId: null, groupId: null, ...what }).map(({ id }) => id)
  }

  putWaiting(play: SchedulePlayRecord): void {
    this.#putWaiting.run({ ...play })
  }

  removeWaiting(itemId: string, occurrence: string): void {
    this.#removeWaiting.run({ itemId, occurrence })
  }

  waiting(): readonly SchedulePlayRecord[] {
    return this.#waiting.all().map(toPlay)
  }

  putPlay({ itemId, occurrence, version, startsAtMs, endsAtMs, orderId }: SchedulePlayRecord): void {
    this.#putPlay.run({ itemId, occurrence, version, startsAtMs, endsAtMs, orderId })
  }

  removePlay(itemId: string, occurrence: string): void {
    this.#removePlay.run({ itemId, occurrence })
  }

  playsOf(itemId: string, fromMs: number): readonly SchedulePlayRecord[] {
    return this.#playsOf.all({ itemId, fromMs }).map(toPlay)
  }

  playsStarting(fromMs: number, untilMs: number): readonly SchedulePlayRecord[] {
    return this.#playsStarting.all({ fromMs, untilMs }).map(toPlay)
  }

  removePlaysBefore(ms: number): number {
    return this.#removePlaysBefore.run({ ms })
  }

  seenAtMs(): number | null {
    return this.#seen.get()?.at_ms ?? null
  }

  noteSeen(ms: number): void {
    this.#noteSeen.run({ ms })
  }
}

import { isAbsolute, join, relative } from 'node:path'
import type { ClipFilter, ClipRecord, ClipStore, Page, PageQuery } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, type Database, type Statement } from './database.ts'
import { OWNED_BY, ownersParameter } from './owned.ts'

interface ClipRow {
  readonly seq: number
  readonly id: string
  readonly name: string
  readonly unit_id: string | null
  readonly path: string
  readonly duration_ms: number
  readonly duration_samples: number
  readonly loudness_lufs: number | null
  readonly size_bytes: number
  readonly created_at_ms: number
}

/** Paths inside the data folder are kept relative to it, so that the folder can be moved or restored elsewhere. */
export class ClipTable implements ClipStore {
  readonly #folder: string
  readonly #insert: Statement
  readonly #update: Statement
  readonly #remove: Statement
  readonly #get: Statement<ClipRow>
  readonly #ofPath: Statement<ClipRow>
  readonly #list: Statement<ClipRow>
  readonly #listNewest: Statement<ClipRow>
  readonly #owners: Statement<{ readonly unit_id: string }>

  constructor(db: Database, folder: string) {
    this.#folder = folder
    this.#insert = db.prepare(`
      INSERT INTO clips (id, name, search, unit_id, path, duration_ms, duration_samples, loudness_lufs, size_bytes, created_at_ms)
      VALUES ($id, $name, $search, $unitId, $path, $durationMs, $durationSamples, $loudnessLufs, $sizeBytes, $createdAtMs)`)
    this.#update = db.prepare('UPDATE clips SET name = $name, search = $search, unit_id = $unitId WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM clips WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM clips WHERE id = $id')
    this.#ofPath = db.prepare('SELECT * FROM clips WHERE path = $path ORDER BY seq')
    this.#owners = db.prepare('SELECT DISTINCT unit_id FROM clips WHERE unit_id IS NOT NULL')
    const filtered = `($search = '' OR instr(search, $search)) AND ${OWNED_BY} AND ($unitId IS NULL OR unit_id = $unitId)
      AND ($minDurationMs IS NULL OR duration_ms >= $minDurationMs) AND ($maxDurationMs IS NULL OR duration_ms <= $maxDurationMs)
      AND ($minLufs IS NULL OR loudness_lufs >= $minLufs) AND ($maxLufs IS NULL OR loudness_lufs <= $maxLufs)`
    this.#list = db.prepare(`SELECT * FROM clips WHERE ($after IS NULL OR seq > $after) AND ${filtered} ORDER BY seq LIMIT $rows`)
    this.#listNewest = db.prepare(`SELECT * FROM clips WHERE ($after IS NULL OR seq < $after) AND ${filtered} ORDER BY seq DESC LIMIT $rows`)
  }

  insert(clip: ClipRecord): ClipRecord {
    const { id, name, unitId, durationMs, durationSamples, loudnessLufs, sizeBytes, createdAtMs } = clip
    this.#insert.run({ id, name, search: foldText(name), unitId, path: this.#kept(clip.path), durationMs, durationSamples, loudnessLufs, sizeBytes, createdAtMs })
    return this.get(id)!
  }

  update(id: string, change: Partial<Pick<ClipRecord, 'name' | 'unitId'>>): ClipRecord | undefined {
    const before = this.get(id)
    if (before === undefined) return undefined
    const { name, unitId } = { ...before, ...change }
    this.#update.run({ id, name, search: foldText(name), unitId })
    return this.get(id)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): ClipRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : this.#toClip(row)
  }

  ofPath(path: string): readonly ClipRecord[] {
    return this.#ofPath.all({ path: this.#kept(path) }).map((row) => this.#toClip(row))
  }

  list(page: PageQuery, filter: ClipFilter): Page<ClipRecord> {
    const { search = '', unitId = null, minDurationMs = null, maxDurationMs = null, minLufs = null, maxLufs = null, newestFirst = false } = filter
    const rows = (newestFirst ? this.#listNewest : this.#list).all({ after: page.after, rows: page.limit + 1, search: foldText(search), owners: ownersParameter(filter), unitId, minDurationMs, maxDurationMs, minLufs, maxLufs })
    return cutPage(rows, page, (row) => this.#toClip(row))
  }

  owners(): readonly string[] {
    return this.#owners.all().map((row) => row.unit_id)
  }

  #kept(path: string): string {
    const within = relative(this.#folder, path)
    return within.startsWith('..') || isAbsolute(within) ? path : within
  }

  #toClip(row: ClipRow): ClipRecord {
    return {
      id: row.id,
      name: row.name,
      unitId: row.unit_id,
      path: isAbsolute(row.path) ? row.path : join(this.#folder, row.path),
      durationMs: row.duration_ms,
      durationSamples: row.duration_samples,
      loudnessLufs: row.loudness_lufs,
      sizeBytes: row.size_bytes,
      createdAtMs: row.created_at_ms,
    }
  }
}

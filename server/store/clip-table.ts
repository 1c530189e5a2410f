import { isAbsolute, join, relative } from 'node:path'
import type { ClipRecord, ClipStore, Page, PageQuery } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface ClipRow {
  readonly seq: number
  readonly id: string
  readonly name: string
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
  readonly #rename: Statement
  readonly #remove: Statement
  readonly #get: Statement<ClipRow>
  readonly #list: Statement<ClipRow>

  constructor(db: Database, folder: string) {
    this.#folder = folder
    this.#insert = db.prepare(`
      INSERT INTO clips (id, name, search, path, duration_ms, duration_samples, loudness_lufs, size_bytes, created_at_ms)
      VALUES ($id, $name, $search, $path, $durationMs, $durationSamples, $loudnessLufs, $sizeBytes, $createdAtMs)
      ON CONFLICT (id) DO NOTHING`)
    this.#rename = db.prepare('UPDATE clips SET name = $name, search = $search WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM clips WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM clips WHERE id = $id')
    this.#list = db.prepare(`SELECT * FROM clips WHERE seq > $after AND ($search = '' OR instr(search, $search)) ORDER BY seq LIMIT $rows`)
  }

  insert(clip: ClipRecord): { readonly clip: ClipRecord; readonly created: boolean } {
    const within = relative(this.#folder, clip.path)
    const path = within.startsWith('..') || isAbsolute(within) ? clip.path : within
    const { id, name, durationMs, durationSamples, loudnessLufs, sizeBytes, createdAtMs } = clip
    const created = this.#insert.run({ id, name, search: foldText(name), path, durationMs, durationSamples, loudnessLufs, sizeBytes, createdAtMs }) > 0
    return { clip: this.get(id)!, created }
  }

  rename(id: string, name: string): ClipRecord | undefined {
    return this.#rename.run({ id, name, search: foldText(name) }) === 0 ? undefined : this.get(id)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): ClipRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : this.#toClip(row)
  }

  list(page: PageQuery, filter: { readonly search?: string }): Page<ClipRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, search: foldText(filter.search ?? '') }), page, (row) => this.#toClip(row))
  }

  #toClip(row: ClipRow): ClipRecord {
    return {
      id: row.id,
      name: row.name,
      path: isAbsolute(row.path) ? row.path : join(this.#folder, row.path),
      durationMs: row.duration_ms,
      durationSamples: row.duration_samples,
      loudnessLufs: row.loudness_lufs,
      sizeBytes: row.size_bytes,
      createdAtMs: row.created_at_ms,
    }
  }
}

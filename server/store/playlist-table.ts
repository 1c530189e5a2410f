import type { PlaylistFilter, PlaylistRecord, PlaylistStore } from '../../control/playlist-port.ts'
import type { Page, PageQuery } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, type Database, type Statement } from './database.ts'
import { OWNED_BY, ownersParameter } from './owned.ts'

interface PlaylistRow {
  readonly seq: number
  readonly id: string
  readonly name: string
  readonly unit_id: string | null
  readonly created_at_ms: number
  readonly clip_ids: string
}

const toPlaylist = (row: PlaylistRow): PlaylistRecord => ({ id: row.id, name: row.name, unitId: row.unit_id, clipIds: JSON.parse(row.clip_ids) as string[], createdAtMs: row.created_at_ms })

const ROWS = 'SELECT playlists.*, (SELECT json_group_array(clip_id) FROM (SELECT clip_id FROM playlist_clips WHERE playlist_id = playlists.id ORDER BY position)) AS clip_ids FROM playlists'

export class PlaylistTable implements PlaylistStore {
  readonly #db: Database
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #clear: Statement
  readonly #fill: Statement
  readonly #remove: Statement
  readonly #get: Statement<PlaylistRow>
  readonly #list: Statement<PlaylistRow>
  readonly #owners: Statement<{ readonly unit_id: string }>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare('INSERT INTO playlists (id, name, search, unit_id, created_at_ms) VALUES ($id, $name, $search, $unitId, $createdAtMs)')
    this.#replace = db.prepare('UPDATE playlists SET name = $name, search = $search, unit_id = $unitId WHERE id = $id')
    this.#clear = db.prepare('DELETE FROM playlist_clips WHERE playlist_id = $id')
    this.#fill = db.prepare('INSERT INTO playlist_clips (playlist_id, position, clip_id) SELECT $id, key, value FROM json_each($clipIds)')
    this.#remove = db.prepare('DELETE FROM playlists WHERE id = $id')
    this.#get = db.prepare(`${ROWS} WHERE id = $id`)
    this.#list = db.prepare(`${ROWS} WHERE ($after IS NULL OR seq < $after) AND ($search = '' OR instr(search, $search)) AND ${OWNED_BY} AND ($unitId IS NULL OR unit_id = $unitId) ORDER BY seq DESC LIMIT $rows`)
    this.#owners = db.prepare('SELECT DISTINCT unit_id FROM playlists WHERE unit_id IS NOT NULL')
  }

  insert({ id, name, unitId, clipIds, createdAtMs }: PlaylistRecord): PlaylistRecord {
    return this.#db.transaction(() => {
      this.#insert.run({ id, name, search: foldText(name), unitId, createdAtMs })
      this.#fill.run({ id, clipIds: JSON.stringify(clipIds) })
      return this.get(id)!
    })
  }

  replace({ id, name, unitId, clipIds }: PlaylistRecord): PlaylistRecord | undefined {
    return this.#db.transaction(() => {
      if (this.#replace.run({ id, name, search: foldText(name), unitId }) === 0) return undefined
      this.#clear.run({ id })
      this.#fill.run({ id, clipIds: JSON.stringify(clipIds) })
      return this.get(id)
    })
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): PlaylistRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toPlaylist(row)
  }

  list(page: PageQuery, filter: PlaylistFilter): Page<PlaylistRecord> {
    const rows = this.#list.all({ after: page.after, rows: page.limit + 1, search: foldText(filter.search ?? ''), owners: ownersParameter(filter), unitId: filter.unitId ?? null })
    return cutPage(rows, page, toPlaylist)
  }

  owners(): readonly string[] {
    return this.#owners.all().map((row) => row.unit_id)
  }
}

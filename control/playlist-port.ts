import type { OwnedFilter, Page, PageQuery } from './store-port.ts'

/** Clips in an order that is used again and again. */
export interface PlaylistRecord {
  readonly id: string
  readonly name: string
  /** As of a clip. */
  readonly unitId: string | null
  /** In the order in which they play; one may stand there more than once. */
  readonly clipIds: readonly string[]
  readonly createdAtMs: number
}

export interface PlaylistFilter extends OwnedFilter {
  readonly search?: string
  readonly unitId?: string
}

/** A clip that is removed is gone from every list. */
export interface PlaylistStore {
  insert(playlist: PlaylistRecord): PlaylistRecord
  replace(playlist: PlaylistRecord): PlaylistRecord | undefined
  remove(id: string): boolean
  get(id: string): PlaylistRecord | undefined
  /** Newest first. */
  list(page: PageQuery, filter: PlaylistFilter): Page<PlaylistRecord>
  /** Units to which lists belong. */
  owners(): readonly string[]
}

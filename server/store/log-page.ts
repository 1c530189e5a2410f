import type { Page, PageQuery } from '../../control/ports.ts'

/** Entries looked at for one page: a filter that matches little must not hold up everybody else. */
export const LOG_PAGE_SCAN = 20_000

/** A page of a log that was looked through up to `until`; it may be empty and still have a next. */
export function cutScan<Row extends { readonly seq: number }, T>(rows: readonly Row[], { limit }: PageQuery, until: number, lastSeq: number, toRecord: (row: Row) => T): Page<T> {
  const shown = rows.slice(0, limit)
  const next = rows.length > limit ? shown.at(-1)!.seq : until < lastSeq ? until : null
  return { items: shown.map(toRecord), next }
}

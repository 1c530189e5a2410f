import type { Page, PageQuery } from './ports.ts'
import { invalid } from './validation.ts'

const DEFAULT_LIMIT = 100

/** Reads `limit` and `cursor`. A cursor belongs to its collection and says nothing to clients. */
export function readPage(collection: string, query: { readonly limit?: number; readonly cursor?: string }): PageQuery {
  const limit = query.limit ?? DEFAULT_LIMIT
  if (query.cursor === undefined) return { after: null, limit }
  const match = /^(\w+):(\d{1,15})$/.exec(Buffer.from(query.cursor, 'base64url').toString('latin1'))
  if (match?.[1] !== collection) throw invalid([{ path: 'cursor', message: 'is not a cursor of this list', messageVi: 'không phải con trỏ của danh sách này' }], 'LOA_ERR_BAD_REQUEST')
  return { after: Number(match[2]), limit }
}

/** A page as the API shows it. */
export const pageView = <T, V>(collection: string, page: Page<T>, view: (item: T) => V): { items: V[]; nextCursor: string | null } => ({
  items: page.items.map(view),
  nextCursor: page.next === null ? null : Buffer.from(`${collection}:${String(page.next)}`, 'latin1').toString('base64url'),
})

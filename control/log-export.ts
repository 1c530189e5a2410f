import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { Page, PageQuery } from './ports.ts'

const PAGE = 500

type Cell = string | number | null | readonly string[]

/** A cell of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it: titles are written by people. */
export function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const joined = typeof value === 'string' ? value : value.join(' ')
  const text = /^[=+\-@\t\r]/.test(joined) ? `'${joined}` : joined
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Sends a whole log page by page, as fast as it is taken; others are served between the pages. */
export function sendExport<T, V extends Readonly<Record<string, Cell>>>(reply: FastifyReply, name: string, format: 'csv' | 'ndjson', columns: readonly (keyof V & string)[], read: (page: PageQuery) => Page<T>, view: (item: T) => V): FastifyReply {
  async function* lines(): AsyncGenerator<string> {
    // The mark makes spreadsheets read UTF-8.
    if (format === 'csv') yield `\uFEFF${columns.join(',')}\r\n`
    for (let after: number | null = null; ;) {
      const { items, next } = read({ after, limit: PAGE })
      const text = items.map(view).map((row) => (format === 'csv' ? `${columns.map((column) => csvCell(row[column]!)).join(',')}\r\n` : `${JSON.stringify(row)}\n`)).join('')
      if (text !== '') yield text
      if (next === null) return
      after = next
      await nextTurn()
    }
  }
  return reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
    .header('Content-Disposition', `attachment; filename="${name}.${format}"`)
    .send(Readable.from(lines()))
}

import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Page, PageQuery } from '../store-port.ts'
import { csvLine } from './csv.ts'
import { writeXlsx } from './xlsx-write.ts'

const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const PAGE = 500

export type SheetLine = readonly (string | number)[]

/** For the `response` of a route that sends one. */
export const SheetResponse = (description: string) => Type.Unsafe<unknown>({ description, content: { [XLSX_TYPE]: { schema: Type.String() }, 'text/csv': { schema: Type.String() } } })

/** Headings, then all that `read` has, page by page; others are served between the pages. */
export async function* sheetLines<T>(headings: readonly string[], read: (page: PageQuery) => Page<T>, line: (item: T) => SheetLine): AsyncGenerator<readonly SheetLine[]> {
  yield [headings]
  for (let after: number | null = null; ;) {
    const { items, next } = read({ after, limit: PAGE })
    yield items.map(line)
    if (next === null) return
    after = next
    await nextTurn()
  }
}

/** Sends rows as a file. @param sheetName what the sheet of a workbook is called */
export async function sendSheet(reply: FastifyReply, format: 'xlsx' | 'csv', fileName: string, sheetName: string, columns: number, lines: AsyncIterable<readonly SheetLine[]>): Promise<FastifyReply> {
  void reply.header('Content-Disposition', `attachment; filename="${fileName}.${format}"`)
  if (format === 'csv') return reply.type('text/csv; charset=utf-8').send(Readable.from(csvOf(lines)))
  return reply.type(XLSX_TYPE).send(await writeXlsx(sheetName, columns, lines))
}

async function* csvOf(chunks: AsyncIterable<readonly SheetLine[]>): AsyncGenerator<string> {
  // The mark makes spreadsheets read UTF-8.
  yield '\uFEFF'
  for await (const rows of chunks) if (rows.length > 0) yield rows.map(csvLine).join('')
}

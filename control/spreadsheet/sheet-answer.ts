import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { askedLanguage, sendLanguage, type Language } from '../language.ts'
import type { Page, PageQuery } from '../ports.ts'
import { csvLine } from './csv.ts'
import { writeXlsx } from './xlsx-write.ts'

const PAGE = 500
const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Query of every list that can be had as a sheet. */
export const SheetParams = {
  format: Type.Optional(Type.Enum(['xlsx', 'csv'], { description: 'default: as `Accept`, else xlsx' })),
  lang: Type.Optional(Type.Enum(['vi', 'en'], { description: 'default: as `Accept-Language`; of headings and of words such as states' })),
}

/** What a sheet can be, for the `content` of a response. */
export const SHEET_MEDIA = { [XLSX_TYPE]: { schema: Type.String() }, 'text/csv': { schema: Type.String() } }

/** For the `response` of a route that answers with a sheet. */
export const sheetFile = (description: string) => Type.Unsafe<unknown>({ description, content: SHEET_MEDIA })
export const SheetFile = sheetFile('one row an item')

type Words = Readonly<Record<Language, string>>

export interface SheetColumn<T> {
  readonly heading: Words
  /** Null: empty. */
  readonly cell: (item: T, language: Language) => string | number | null
}

export interface Sheet<T> {
  /** Of the file, without its ending. */
  readonly name: string
  readonly title: Words
  readonly columns: readonly SheetColumn<T>[]
}

interface SheetQuery {
  readonly format?: 'xlsx' | 'csv'
  readonly lang?: Language
}

/**
 * Sends a list as a spreadsheet for people: xlsx, or CSV that spreadsheets read as UTF-8. No text in either can become a formula. Read page by
 * page; others are served between the pages.
 */
export async function sendSheet<T>(request: FastifyRequest, reply: FastifyReply, { name, title, columns }: Sheet<T>, read: (page: PageQuery) => Page<T>): Promise<FastifyReply> {
  const { format = acceptedFormat(request), lang = askedLanguage(request) } = request.query as SheetQuery
  sendLanguage(reply, lang)
  void reply.header('Vary', `${String(reply.getHeader('Vary'))}, Accept`)
  const rows = rowsOf(columns.map(({ heading }) => heading[lang]), read, (item) => columns.map(({ cell }) => cell(item, lang) ?? ''))
  return sendRows(reply, format, { name, title: title[lang], columns: columns.length }, rows)
}

/** CSV only for who asks for it and not for a workbook as well. */
const acceptedFormat = ({ headers: { accept = '' } }: FastifyRequest): 'xlsx' | 'csv' => (accept.includes('text/csv') && !accept.includes(XLSX_TYPE) ? 'csv' : 'xlsx')

export type SheetRow = readonly (string | number)[]

/** Headings, then all that `read` has, page by page; others are served between the pages. */
export async function* rowsOf<T>(headings: readonly string[], read: (page: PageQuery) => Page<T>, row: (item: T) => SheetRow): AsyncGenerator<readonly SheetRow[]> {
  yield [headings]
  for (let after: number | null = null; ;) {
    const { items, next } = read({ after, limit: PAGE })
    yield items.map(row)
    if (next === null) return
    after = next
    await nextTurn()
  }
}

/** Sends rows as a file, the headings being the first of them. @param sheet `name` of the file without its ending, `title` of the sheet in a workbook */
export async function sendRows(reply: FastifyReply, format: 'xlsx' | 'csv', { name, title, columns }: { readonly name: string; readonly title: string; readonly columns: number }, rows: AsyncIterable<readonly SheetRow[]>): Promise<FastifyReply> {
  void reply.header('Content-Disposition', `attachment; filename="${name}.${format}"`)
  if (format === 'csv') return reply.type('text/csv; charset=utf-8').send(Readable.from(csvOf(rows)))
  return reply.type(XLSX_TYPE).send(await writeXlsx(title, columns, rows))
}

async function* csvOf(chunks: AsyncIterable<readonly SheetRow[]>): AsyncGenerator<string> {
  // The mark makes spreadsheets read UTF-8.
  yield '\uFEFF'
  for await (const rows of chunks) if (rows.length > 0) yield rows.map(csvLine).join('')
}

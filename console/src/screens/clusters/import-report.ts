import type { Schemas } from '../../../../control/client/index.ts'
import { matches } from '../../words/fold.ts'

export type ImportReport = Schemas['ClusterImport']
export type ImportError = ImportReport['errors'][number]
export type ImportChange = ImportReport['changes'][number]

/** Of each column how many mistakes, the most first; the empty one: of whole rows. */
export function errorColumns(errors: readonly ImportError[]): { readonly column: string; readonly count: number }[] {
  const counts = new Map<string, number>()
  for (const { column } of errors) counts.set(column ?? '', (counts.get(column ?? '') ?? 0) + 1)
  return [...counts].map(([column, count]) => ({ column, count })).sort((a, b) => b.count - a.count || a.column.localeCompare(b.column))
}

/** @param column null: all; empty: whole rows */
export function filterErrors(errors: readonly ImportError[], column: string | null, search: string): readonly ImportError[] {
  return errors.filter((error) => (column === null || (error.column ?? '') === column) && (search.trim() === '' || matches(`${String(error.line)} ${error.message}`, search)))
}

export function filterChanges(changes: readonly ImportChange[], search: string): readonly ImportChange[] {
  return search.trim() === '' ? changes : changes.filter(({ line, code, name, cells }) => matches(`${String(line)} ${code} ${name} ${cells.map(({ after }) => String(after)).join(' ')}`, search))
}

/** A cell of CSV. What a spreadsheet would take for a formula begins with an apostrophe. */
const cell = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`

/** The mistakes as a file that spreadsheets open, in UTF-8 with its mark. @param nameOf what people call a column */
export function errorSheet(errors: readonly ImportError[], headings: string, nameOf: (column: string | null) => string): string {
  return `\uFEFF${[headings.split(',').map(cell).join(','), ...errors.map(({ line, column, message }) => [String(line), nameOf(column), message].map(cell).join(','))].join('\r\n')}\r\n`
}

import { SHEET_LIMITS, SheetError, tooMany, type SheetRow } from './cells.ts'

/** What a spreadsheet would take for a formula, with the apostrophes before it. RFC 4180 knows no texts, so a file cannot say that it is none. */
const LIKE_FORMULA = /^'*[=+\-@\t\r]/

/**
 * A cell of RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it, as people write it there; `readCsv` takes
 * it off again. Numbers are written as they are: they cannot be formulas.
 */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = LIKE_FORMULA.test(value) ? `'${value}` : value
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A line, with its end. */
export const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(',')}\r\n`

/**
 * Reads CSV as spreadsheets write it: UTF-8 or UTF-16 with its mark, cells parted by comma, semicolon or tab, whichever comes first outside of quotes.
 * Texts stay texts; who wants a number reads it from the text.
 * @throws SheetError
 */
export function readCsv(bytes: Uint8Array): SheetRow[] {
  const text = decode(bytes)
  const separator = separatorOf(text)
  const rows: SheetRow[] = []
  let cells: string[] = []
  let line = 1
  let rowLine = 1
  const endRow = (): void => {
    if (cells.some((cell) => cell !== '')) rows.push({ line: rowLine, cells })
    if (rows.length > SHEET_LIMITS.rows) throw tooMany('rows', 'dòng', SHEET_LIMITS.rows)
    cells = []
  }
  const take = (cell: string): void => {
    cells.push(LIKE_FORMULA.test(cell) && cell.startsWith("'") ? cell.slice(1) : cell)
    if (cells.length > SHEET_LIMITS.columns) throw tooMany('columns', 'cột', SHEET_LIMITS.columns)
  }
  for (let at = 0; at < text.length;) {
    let cell: string
    if (text[at] === '"') {
      const end = endOfQuoted(text, at, line)
      cell = text.slice(at + 1, end).replaceAll('""', '"')
      line += countOf(cell, '\n')
      at = end + 1
      const next = text[at]
      if (next !== undefined && next !== separator && next !== '\r' && next !== '\n') throw new SheetError(`line ${String(line)}: something stands after a quoted cell`, `dòng ${String(line)}: có ký tự thừa sau ô trong ngoặc kép`)
    } else {
      const start = at
      while (at < text.length && text[at] !== separator && text[at] !== '\r' && text[at] !== '\n') at++
      cell = text.slice(start, at)
    }
    take(cell)
    if (text[at] === separator) {
      at++
      if (at === text.length) take('')
      continue
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    at++
    line++
    endRow()
    rowLine = line
  }
  endRow()
  return rows
}

function endOfQuoted(text: string, start: number, line: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at
  throw new SheetError(`line ${String(line)}: a quote is not closed`, `dòng ${String(line)}: ngoặc kép chưa đóng`)
}

const countOf = (text: string, part: string): number => text.split(part).length - 1

function decode(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (error) {
    throw new SheetError('the text is not UTF-8: save it as «CSV UTF-8» or as xlsx', 'văn bản không phải UTF-8: hãy lưu dạng «CSV UTF-8» hoặc xlsx', { cause: error })
  }
}

/** The first of the three that stands outside of quotes in the first line; a comma when there is none. */
function separatorOf(text: string): string {
  let isQuoted = false
  for (const sign of text) {
    if (sign === '"') isQuoted = !isQuoted
    else if (!isQuoted && (sign === ',' || sign === ';' || sign === '\t')) return sign
    else if (!isQuoted && (sign === '\r' || sign === '\n')) break
  }
  return ','
}

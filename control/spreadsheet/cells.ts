/** A cell as it was read: a text, a number, or what the spreadsheet itself calls an error, such as `#REF!`. Empty cells are empty texts. */
export type Cell = string | number | { readonly error: string }

/** A row that is not empty, with its number in the file, from 1. */
export interface SheetRow {
  readonly line: number
  readonly cells: readonly Cell[]
}

/** Beyond any of these a file is refused before it is understood. */
export const SHEET_LIMITS = { fileBytes: 8 * 1024 * 1024, unpackedBytes: 48 * 1024 * 1024, parts: 500, rows: 20_000, columns: 100 } as const

/** The file is no spreadsheet that can be read, or too much of one. */
export class SheetError extends Error {
  override readonly name = 'SheetError'
  readonly code = 'SHEET_ERR_UNREADABLE'
  readonly messageVi: string

  constructor(message: string, messageVi: string, options?: ErrorOptions) {
    super(message, options)
    this.messageVi = messageVi
  }
}

export const tooMany = (what: string, whatVi: string, most: number): SheetError => new SheetError(`more than ${String(most)} ${what}`, `quá ${String(most)} ${whatVi}`)

import type { Readable } from 'node:stream'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { SHEET_LIMITS, SheetError, tooMany, type Cell, type SheetRow } from './cells.ts'

/** As every zip begins. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b

const broken = (why: string, cause?: unknown): SheetError => new SheetError(`the file is no xlsx that can be read: ${why}`, `không đọc được tệp xlsx: ${why}`, { cause })

/**
 * Reads the first sheet of a workbook (ECMA-376). Of formulas the value that was kept with them is read; nothing is computed, and nothing outside
 * of the file is looked for. What unpacks to more than SHEET_LIMITS is refused by what the zip says of itself before anything is unpacked, and
 * again when it turns out to have lied.
 * @throws SheetError
 */
export async function readXlsx(bytes: Buffer): Promise<SheetRow[]> {
  const zip = await openZip(bytes)
  try {
    const parts = await directoryOf(zip)
    const workbook = await readWorkbook(zip, parts)
    const strings = workbook.strings === undefined ? [] : await readStrings(zip, workbook.strings)
    return await readSheet(zip, workbook.sheet, strings)
  } finally {
    zip.close()
  }
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) => {
      if (error === null) resolve(zip)
      else reject(broken(error.message, error))
    })
  })
}

function directoryOf(zip: ZipFile): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const parts = new Map<string, Entry>()
    let unpackedBytes = 0
    zip.on('entry', (entry: Entry) => {
      parts.set(entry.fileName.toLowerCase(), entry)
      unpackedBytes += entry.uncompressedSize
      if (parts.size > SHEET_LIMITS.parts) reject(tooMany('parts', 'phần', SHEET_LIMITS.parts))
      else if (unpackedBytes > SHEET_LIMITS.unpackedBytes) reject(tooMany('bytes when it is unpacked', 'byte sau khi giải nén', SHEET_LIMITS.unpackedBytes))
      else zip.readEntry()
    })
    zip.on('end', () => { resolve(parts) })
    zip.on('error', (error: Error) => { reject(broken(error.message, error)) })
    zip.readEntry()
  })
}

function openPart(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream)
      else reject(broken(error.message, error))
    })
  })
}

interface Handlers {
  readonly open?: (tag: SaxesTagPlain) => void
  readonly close?: (name: string) => void
  readonly text?: (text: string) => void
}

/** Names come without their prefix. A document that defines anything of its own (a DOCTYPE, and so entities) is refused: no workbook does. */
async function parse(zip: ZipFile, entry: Entry, { open, close, text }: Handlers): Promise<void> {
  const parser = new SaxesParser({})
  const local = (name: string): string => name.slice(name.indexOf(':') + 1)
  parser.on('doctype', () => { throw broken('it has a DOCTYPE') })
  parser.on('error', (error) => { throw broken(error.message, error) })
  if (open !== undefined) parser.on('opentag', (tag) => { open({ ...tag, name: local(tag.name) }) })
  if (close !== undefined) parser.on('closetag', (tag) => { close(local(tag.name)) })
  if (text !== undefined) parser.on('text', text)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of await openPart(zip, entry)) parser.write(decoder.decode(chunk as Buffer, { stream: true }))
    parser.write(decoder.decode()).close()
  } catch (error) {
    throw error instanceof SheetError ? error : broken(error instanceof Error ? error.message : String(error), error)
  }
}

/** Where the first sheet and the shared texts stand. */
async function readWorkbook(zip: ZipFile, parts: ReadonlyMap<string, Entry>): Promise<{ readonly sheet: Entry; readonly strings: Entry | undefined }> {
  const book = parts.get('xl/workbook.xml')
  const relations = parts.get('xl/_rels/workbook.xml.rels')
  if (book === undefined || relations === undefined) throw broken('it holds no workbook')
  let firstSheet: string | undefined
  await parse(zip, book, {
    open: ({ name, attributes }) => {
      if (name === 'sheet') firstSheet ??= Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1]
    },
  })
  const targets = new Map<string, string>()
  let strings: string | undefined
  await parse(zip, relations, {
    open: ({ name, attributes: { Id = '', Type = '', Target = '' } }) => {
      if (name !== 'Relationship') return
      const path = (Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`).toLowerCase()
      targets.set(Id, path)
      if (Type.endsWith('/sharedStrings')) strings = path
    },
  })
  const sheet = parts.get(targets.get(firstSheet ?? '') ?? '')
  if (sheet === undefined) throw broken('it holds no sheet')
  return { sheet, strings: strings === undefined ? undefined : parts.get(strings) }
}

/** `_x000D_` stands for the character of that number, also for the underline of a text that looks like this. */
const unescapeText = (text: string): string => text.replaceAll(/_x([0-9a-f]{4})_/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

async function readStrings(zip: ZipFile, entry: Entry): Promise<string[]> {
  const strings: string[] = []
  let text = ''
  let isText = false
  let isPhonetic = false
  await parse(zip, entry, {
    open: ({ name }) => {
      if (name === 'si') text = ''
      if (name === 'rPh') isPhonetic = true
      isText = name === 't' && !isPhonetic
    },
    text: (part) => {
      if (isText) text += part
    },
    close: (name) => {
      if (name === 'si') strings.push(unescapeText(text))
      if (name === 'rPh') isPhonetic = false
      isText = false
    },
  })
  return strings
}

async function readSheet(zip: ZipFile, entry: Entry, strings: readonly string[]): Promise<SheetRow[]> {
  const rows: SheetRow[] = []
  let line = 0
  let cells: Cell[] = []
  let column = -1
  let type = 'n'
  let raw = ''
  let isValue = false
  await parse(zip, entry, {
    open: ({ name, attributes: { r, t } }) => {
      if (name === 'row') {
        line = r === undefined ? line + 1 : Number(r)
        if (!Number.isSafeInteger(line)) throw broken(`a row has the number ${String(r)}`)
        cells = []
        column = -1
      } else if (name === 'c') {
        column = r === undefined ? column + 1 : columnOf(r)
        if (column >= SHEET_LIMITS.columns) throw tooMany('columns', 'cột', SHEET_LIMITS.columns)
        type = t ?? 'n'
        raw = ''
      }
      isValue = name === 'v' || (name === 't' && type === 'inlineStr')
    },
    text: (part) => {
      if (isValue) raw += part
    },
    close: (name) => {
      isValue = false
      if (name === 'c') {
        while (cells.length < column) cells.push('')
        cells[column] = valueOf(type, raw, strings)
      } else if (name === 'row' && cells.some((cell) => cell !== '')) {
        rows.push({ line, cells })
        if (rows.length > SHEET_LIMITS.rows) throw tooMany('rows', 'dòng', SHEET_LIMITS.rows)
      }
    },
  })
  return rows
}

/** `C7` → 2. */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference)?.[0]
  if (letters === undefined) throw broken(`a cell is at ${reference}`)
  let column = 0
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

function valueOf(type: string, raw: string, strings: readonly string[]): Cell {
  switch (type) {
    case 's': {
      const text = strings[Number(raw)]
      if (text === undefined) throw broken(`there is no shared text ${raw}`)
      return text
    }
    case 'inlineStr':
      return unescapeText(raw)
    case 'str':
      return unescapeText(raw)
    case 'b':
      return raw === '1' ? 'true' : 'false'
    case 'e':
      return { error: raw }
    case 'd':
      return raw
    default:
      return raw === '' ? '' : Number(raw)
  }
}

import { deflateRawSync, crc32 } from 'node:zlib'
import t from 'tap'
import { csvLine, readCsv } from '../../../control/spreadsheet/csv.ts'
import { readXlsx } from '../../../control/spreadsheet/xlsx-read.ts'
import { writeXlsx } from '../../../control/spreadsheet/xlsx-write.ts'
import { fc } from '../../support/seed.ts'

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}
const csv = (text: string) => readCsv(Buffer.from(text)).map(({ line, cells }) => [line, ...cells])

t.test('CSV as spreadsheets write it', (t) => {
  t.same(csv('\uFEFFmã,tên\r\n1,"a ""b"", c"\r\n\r\n2,"x\ny"\n3,\n'), [[1, 'mã', 'tên'], [2, '1', 'a "b", c'], [4, '2', 'x\ny'], [6, '3', '']], 'lines are counted as an editor shows them')
  t.same(csv('a;b\n1,5;2'), [[1, 'a', 'b'], [2, '1,5', '2']])
  t.same(csv('"a;b"\tc'), [[1, 'a;b', 'c']])
  t.same(csv('a,'), [[1, 'a', '']])
  t.same(csv(''), [])
  t.same(readCsv(Buffer.from('\uFEFFmã;tên', 'utf16le')).map(({ cells }) => cells), [['mã', 'tên']])
  for (const [bytes, message] of [[Buffer.from('M\xe3', 'latin1'), /UTF-8/], [Buffer.from('a\n"b'), /line 2: a quote/], [Buffer.from('"a"b'), /after a quoted/], [Buffer.from(',\n1'.repeat(1).padEnd(200, ',')), /columns/], [Buffer.from('a\n'.repeat(20_001)), /rows/]] as const) {
    t.throws(() => readCsv(bytes), { code: 'SHEET_ERR_UNREADABLE', message })
  }
  t.end()
})

t.test('no text can become a formula in CSV', (t) => {
  for (const text of ['=1+1', '+84', '-x', '@SUM(A1)', '\tx', "'=1", "''=1"]) {
    const line = csvLine([text])
    t.match(line, /^"?'/, JSON.stringify(text))
    t.same(readCsv(Buffer.from(line)).map(({ cells }) => cells), [[text]])
  }
  t.same(csvLine([-10.5, "'x", "'", 'x=1']), "-10.5,'x,',x=1\r\n", 'numbers and other texts are as they are')
  t.end()
})

const CELL = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.string({ unit: fc.constantFrom(...'=+-@\'"\t,;\n<&>_x00AF'), maxLength: 12 }))

t.test('whatever is written as CSV is read again', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constant('k'), CELL.filter((text) => !text.includes('\r')), CELL.filter((text) => !text.includes('\r'))), { minLength: 1, maxLength: 8 }), (rows) => {
    t.same(readCsv(Buffer.from(rows.map(csvLine).join(''))).map(({ cells }) => cells), rows)
  }))
  t.end()
})

t.test('whatever is written as xlsx is read again', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.constant('k'), CELL.map((text) => text.replaceAll(/[\0-\x08\x0b-\x1f\ufffe\uffff]/g, '').toWellFormed()), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0)), { minLength: 1, maxLength: 8 }), async (rows) => {
    const read = await readXlsx(await writeXlsx('Cụm', 3, once(rows)))
    t.same(read.map(({ cells }) => cells), rows)
  }), { numRuns: 30 })
})

interface Part {
  readonly path: string
  readonly text: string
  /** What the zip says of its size, where that is not so. */
  readonly claimedBytes?: number
}

/** A zip made by hand, so that it may lie. */
function zip(parts: readonly Part[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { path, text, claimedBytes } of parts) {
    const [name, packed] = [Buffer.from(path), deflateRawSync(text)]
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(crc32(text), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(claimedBytes ?? Buffer.byteLength(text), 18)
    head.writeUInt16LE(name.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, place, name)
    files.push(Buffer.from('PK\x03\x04', 'latin1'), head, name, packed)
    offset += 30 + name.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, central, end])
}

const BOOK = '<x:workbook xmlns:x="m" xmlns:r="o"><x:sheets><x:sheet name="a" sheetId="1" r:id="rId3"/><x:sheet name="b" sheetId="2" r:id="rId9"/></x:sheets></x:workbook>'
const RELATIONS = '<Relationships><Relationship Id="rId3" Type="o/worksheet" Target="/xl/worksheets/one.xml"/><Relationship Id="rId4" Type="o/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
const STRINGS = '<sst><si><t>mã</t></si><si><r><t>giàu </t></r><r><t>chữ_x005F_x0041_</t></r><rPh><t>no</t></rPh></si></sst>'
const book = (sheet: string, extra: readonly Part[] = []): Buffer => zip([{ path: 'xl/workbook.xml', text: BOOK }, { path: 'xl/_rels/workbook.xml.rels', text: RELATIONS }, { path: 'xl/sharedStrings.xml', text: STRINGS }, { path: 'xl/worksheets/one.xml', text: sheet }, ...extra])

t.test('cells of every type are read as others write them', async (t) => {
  const rows = await readXlsx(book('<worksheet><sheetData><row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row><row><c><v>356938035643809</v></c><c t="str"><f>A1</f><v>x</v></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c><c/><c t="inlineStr"><is><t>y</t></is></c></row><row/></sheetData></worksheet>'))
  t.same(rows, [{ line: 2, cells: ['mã', '', 'giàu chữ_x0041_'] }, { line: 3, cells: [356938035643809, 'x', 'true', { error: '#REF!' }, '', 'y'] }])
})

t.test('bombs, lies and entities are refused', async (t) => {
  const sheet = '<worksheet><sheetData/></worksheet>'
  const refused = async (bytes: Buffer, message: RegExp): Promise<void> => { await t.rejects(readXlsx(bytes), { code: 'SHEET_ERR_UNREADABLE', message }) }
  const spaces = ' '.repeat(50 * 1024 * 1024)
  await refused(book(sheet, [{ path: 'bomb', text: spaces }]), /bytes when it is unpacked/)
  await refused(zip([{ path: 'xl/workbook.xml', text: `<workbook>${spaces}`, claimedBytes: 1000 }, { path: 'xl/_rels/workbook.xml.rels', text: RELATIONS }]), /too many bytes/i)
  await refused(zip(Array.from({ length: 501 }, (_, n) => ({ path: String(n), text: '' }))), /500 parts/)
  await refused(book('<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'), /DOCTYPE/)
  await refused(book('<worksheet>&b;</worksheet>'), /entity/i)
  await refused(book('<worksheet><sheetData>'), /unclosed|closed/i)
  await refused(book(`<worksheet><sheetData>${'<row><c><v>1</v></c></row>'.repeat(20_001)}</sheetData></worksheet>`), /20000 rows/)
  await refused(book('<worksheet><sheetData><row><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'), /100 columns/)
  await refused(book('<worksheet><sheetData><row><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>'), /shared text 7/)
  await refused(zip([{ path: 'a', text: 'b' }]), /no workbook/)
  await refused(Buffer.from('PK\x03\x04 and nothing more'), /no xlsx/)
  await refused(book(sheet).subarray(0, 300), /no xlsx/)
})

t.test('a line of nothing but quotes is read in no time', (t) => {
  t.throws(() => readCsv(Buffer.from('"'.repeat(100_001))))
  t.same(readCsv(Buffer.from('"a;b"\tc\n')).map(({ cells }) => cells), [['a;b', 'c']])
  t.end()
})

import t from 'tap'
import { planImport } from '../../control/cluster-import.ts'
import { isImei } from '../../control/cluster-rules.ts'
import { sheetCluster, sheetRow, SHEET_COLUMNS } from '../../control/cluster-sheet.ts'
import { CLUSTER_STATES, NO_EQUIPMENT, TECHNOLOGIES, type ClusterRecord } from '../../control/ports.ts'
import { csvLine, readCsv } from '../../control/spreadsheet/csv.ts'
import { writeXlsx } from '../../control/spreadsheet/xlsx-write.ts'
import { buildControl, multipart, seed, type Harness } from '../support/build-control.ts'
import { fc } from '../support/seed.ts'

/** A number with its check digit. */
const imei = (n: number): string => ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => `35693803${String(n).padStart(6, '0')}${digit}`).find(isImei)!

async function send(h: Harness, content: Buffer | string, query = '', headers: Readonly<Record<string, string>> = {}) {
  const body = multipart(Buffer.from(content), 'cum-loa.xlsx')
  const response = await h.app.inject({ method: 'POST', url: `/v1/clusters/import${query}`, payload: body.payload, headers: { ...body.headers, authorization: 'Bearer admin-token-for-tests-0123456789abcdef', 'accept-language': 'en', ...headers } })
  return { status: response.statusCode, etag: response.headers.etag, body: response.json<Record<string, unknown> & { errors: { path: string; message: string; messageVi: string; line: number; column: string | null }[] }>() }
}
const download = async (h: Harness, query: string) => (await h.app.inject({ url: `/v1/clusters/export${query}`, headers: { authorization: 'Bearer viewer-token-for-tests-0123456789abcdef' } })).rawPayload
async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}

const HEADINGS = ['Mã cụm loa', 'TÊN CỤM LOA', 'Mã đơn vị', 'cong nghe', 'Vĩ độ', 'Kinh độ', 'IMEI', 'Số loa', 'Thẻ']
const rowOf = (n: number): (string | number)[] => [`CL-${String(n)}`, `Cụm thôn ${String(n)}`, 'X1', n % 3 === 0 ? 'có dây' : 'IP', 21 + n / 1e4, 106 - n / 1e4, n % 2 === 0 ? Number(imei(n)) : imei(n), 2, 'ven-song']

t.test('731 rows: a dry run changes nothing, then all are there; again, none changes', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  await seed(h)
  h.broadcast.calls.length = 0
  const file = await writeXlsx('Cụm', 9, once([HEADINGS, ...Array.from({ length: 731 }, (_, n) => rowOf(n))]))
  t.match(await send(h, file, '?dryRun=true'), { status: 200, body: { dryRun: true, rows: 731, created: 731, updated: 0, unchanged: 0, badRows: 0, errors: [] } })
  t.equal(h.store.clusters.count().total, 1)
  t.match(await send(h, file), { status: 200, body: { dryRun: false, created: 731 } })
  t.same(h.broadcast.calls, ['registry'])
  t.equal(h.store.clusters.count().total, 732)
  t.match(h.store.clusters.all()[6], { code: 'CL-5', name: 'Cụm thôn 5', position: { lat: 21.0005, lon: 105.9995 }, tags: ['ven-song'], enabled: true, state: 'active', equipment: { technology: 'ip', imei: imei(5), loudspeakers: 2, maker: null } })
  t.match(await send(h, file), { status: 200, body: { created: 0, updated: 0, unchanged: 731 } })
  t.match((await h.call('GET', '/v1/audit-log?limit=1000')).body.items.filter(({ route }) => route === '/v1/clusters/import').map(({ status }) => status), [200, 200, 200])
})

t.test('what a dry run has said is taken over only while it would still come of it; the ids stand in the audit log', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const csv = 'code;name;unit code\nC1;Một mới;X1\nC2;Hai;X1\n'
  const seen = await send(h, csv, '?dryRun=true')
  t.match(seen.etag, /^"[\w-]{22}"$/)
  t.equal((await send(h, csv, '?dryRun=true')).etag, seen.etag, 'the same again')
  t.not((await send(h, csv.replace('Hai', 'Ba'), '?dryRun=true')).etag, seen.etag)
  await h.call('PATCH', `/v1/clusters/${clusterId}`, { name: 'Đổi' })
  const stale = await send(h, csv, '', { 'if-match': String(seen.etag) })
  t.match(stale, { status: 412, body: { code: 'LOA_ERR_CHANGED' } })
  t.equal(h.store.clusters.count().total, 1, 'nothing was taken over')
  const again = await send(h, csv, '?dryRun=true')
  t.equal(again.etag, stale.etag, 'the refusal names the tag of now')
  t.match(await send(h, csv, '', { 'if-match': String(again.etag) }), { status: 200, body: { created: 1, updated: 1 } })
  t.same(again.body['changes'], [
    { line: 2, code: 'C1', name: 'Một mới', clusterId, cells: [{ column: 'name', before: 'Đổi', after: 'Một mới' }] },
    { line: 3, code: 'C2', name: 'Hai', clusterId: null, cells: [['code', 'C2'], ['name', 'Hai'], ['unit', 'X1'], ['state', 'active'], ['enabled', 'yes']].map(([column, after]) => ({ column, before: null, after })) },
  ], 'what it would do')
  const made = h.store.clusters.all().find(({ code }) => code === 'C2')!.id
  t.same((await h.call('GET', '/v1/audit-log?limit=1000')).body.items.findLast(({ route, status }) => route === '/v1/clusters/import' && status === 200)?.['targetIds'], [clusterId, made])
})

t.test('others are served while rows are looked at, and whoever changes the register meanwhile is not overwritten unseen', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  await seed(h)
  const csv = `code;name;unit code\n${Array.from({ length: 3000 }, (_, n) => `R${String(n)};Cụm ${String(n)};X1`).join('\n')}`
  let turns = 0
  let isDone = false
  const count = (): void => {
    turns++
    // Between two slices somebody takes one of the codes.
    if (turns === 3) h.store.clusters.insert({ ...h.store.clusters.all()[0]!, id: 'between', code: 'R7' })
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  const answer = await send(h, csv)
  isDone = true
  t.match(answer, { status: 200, body: { created: 2999, updated: 1 } }, 'it was looked at again')
  t.equal(h.store.clusters.get('between')?.name, 'Cụm 7')
  t.equal((await h.call('GET', '/v1/audit-log?limit=1000')).body.items.flatMap(({ route, targetIds }) => (route === '/v1/clusters/import' ? [(targetIds as string[]).length] : []))[0], 500, 'so many ids at most')
})

t.test('every wrong row is named, in both languages, and nothing is taken over', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  await h.call('PATCH', `/v1/clusters/${clusterId}`, { equipment: { imei: imei(1) } })
  const before = h.store.clusters.all()
  const csv = ['code;name;unit code;latitude;longitude;imei;state;loudspeakers;depreciatedOn', 'C2;Hai;X1;21,5;105,5;;đang sửa;2;31/12/2030', 'C3;;X1;;;;;;', 'C4;Bốn;X9;91;;123;hỏng;1.5;31/2/2030', 'C2;Hai nữa;X1;;;;active;;', `C5;Năm;X1;;;${imei(1)};active;;`, ';Không mã;X1;;;;active;;'].join('\n')
  const dry = await send(h, csv, '?dryRun=true')
  t.match(dry, { status: 200, body: { rows: 6, created: 1, badRows: 5 } })
  t.same(dry.body.errors.map(({ line, column }) => [line, column]), [[3, 'name'], [3, 'state'], [4, 'latitude'], [4, 'imei'], [4, 'state'], [4, 'loudspeakers'], [4, 'depreciatedOn'], [5, 'code'], [6, 'imei'], [7, 'code']])
  t.match(dry.body.errors.map(({ message, messageVi }) => [message, messageVi])[8], ["belongs to cluster 'C1'", "đã thuộc cụm loa 'C1'"])
  const refused = await send(h, csv)
  t.match(refused, { status: 422, body: { code: 'LOA_ERR_IMPORT', detail: /10 mistakes in 5 rows/, detailVi: /10 lỗi ở 5 dòng/ } })
  t.same(refused.body.errors.slice(0, 3).map(({ path }) => path), ['lines[3].name', 'lines[3].state', 'lines[4].latitude'])
  t.same(h.store.clusters.all(), before)
  t.match(await send(h, 'mã cụm loa,tên\nC1,x\n'), { status: 422, body: { errors: [{ message: 'the heading «tên» is not known', messageVi: 'không có cột «tên»' }] } })
  t.match(await send(h, 'name\nx'), { status: 422, body: { errors: [{ path: 'lines[1].code' }] } })
  t.match(await send(h, ''), { status: 422, body: { code: 'LOA_ERR_IMPORT', detailVi: /./ } })
  t.match(await send(h, Buffer.from('PK\x03\x04')), { status: 422, body: { code: 'LOA_ERR_SHEET' } })
  t.match(await send(h, Buffer.from('C\xf4', 'latin1')), { status: 422, body: { code: 'LOA_ERR_SHEET', detailVi: /UTF-8/ } })
})

t.test('columns that are not there change nothing, empty cells empty, and IMEIs change hands', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  const other = (await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai' })).body.id
  const make = (code: string, n: number) => h.call('POST', '/v1/clusters', { unitId, code, name: code, tags: ['a'], equipment: { imei: imei(n), maker: 'Hãng' } })
  const [a, b] = [(await make('A', 1)).body.id, (await make('B', 2)).body.id]
  h.clock.advance(1000)
  t.match(await send(h, `code,imei,maker,unit\nA,${imei(2)},,X2\nB,${imei(1)},Khác,X1`), { status: 200, body: { updated: 2 } })
  t.match(h.store.clusters.get(a), { name: 'A', tags: ['a'], unitId: other, equipment: { imei: imei(2), maker: null } })
  t.match(h.store.clusters.get(b), { unitId, equipment: { imei: imei(1), maker: 'Khác' } })
  t.same(h.store.clusters.memberships(a).map((each) => each.unitId), [unitId, other])
  t.match(await h.call('POST', '/v1/clusters', { unitId, code: 'C', name: 'C', equipment: { imei: imei(1) } }), { status: 409, body: { code: 'LOA_ERR_IMEI_TAKEN' } })
  t.match(await h.call('PATCH', `/v1/clusters/${b}`, { equipment: { imei: '356938035643800' } }), { status: 422, body: { errors: [{ path: 'equipment.imei' }] } })
  t.match(await h.call('PATCH', `/v1/clusters/${b}`, { equipment: { depreciatedOn: '2030-02-30' } }), { status: 422, body: { errors: [{ path: 'equipment.depreciatedOn' }] } })
  t.match(await h.call('PATCH', `/v1/clusters/${b}`, { state: 'retired', equipment: { model: 'K2' } }), { status: 200, body: { state: 'retired', equipment: { maker: 'Khác', model: 'K2' } } })
  t.same((await h.call('GET', '/v1/clusters?state=retired')).body.items.map(({ id }) => id), [b])
  t.same((await h.call('GET', `/v1/clusters?search=${imei(2)}`)).body.items.map(({ id }) => id), [a])
})

t.test('what is exported imports again unchanged, in both formats and languages', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  await seed(h)
  await send(h, ['code,name,unit,state,technology,enabled,tags,latitude,longitude', "F1,'=HYPERLINK(\"x\"),X1,planned,fm,no,'=a b,-10.5,0.25", 'F2,"dòng _x0041_ ""<&>""",X1,retired,,yes,,,'].join('\n'))
  t.match(h.store.clusters.all().map(({ name, tags }) => [name, tags]), [['Cụm 1', ['ven-song']], ["=HYPERLINK(\"x\")", ['=a', 'b']], ['dòng _x0041_ "<&>"', []]])
  for (const query of ['', '?lang=en', '?format=csv', '?format=csv&lang=en']) t.match(await send(h, await download(h, query)), { status: 200, body: { rows: 3, unchanged: 3 } }, query)
  const text = (await download(h, '?format=csv&search=hyper')).toString()
  t.match(text, /^\uFEFFMã cụm loa,Tên cụm loa,/)
  t.match(text, /\r\nF1,"'=HYPERLINK\(""x""\)",X1,dự kiến,FM,không,-10.5,0.25,'=a b,/)
  const codes = async (query: string) => (await download(h, `?format=csv&${query}`)).toString().trim().split('\r\n').slice(1).map((line) => line.split(',')[0])
  t.same(await codes('technology=none'), ['C1', 'F2'])
  t.same(await codes('working=out-of-use'), ['F1', 'F2'], 'by how they work now')
  t.same(await codes('working=never-seen&technology=none'), ['C1'])
  t.same(await codes('condition=hot'), [])
  t.same(await codes(`search=${encodeURIComponent('SONG cụm')}`), ['C1'], 'words in any order, also of tags')
  t.match(await h.call('GET', '/v1/clusters/export?working=fine'), { status: 400 })
  t.match(await h.call('GET', '/v1/clusters/export?format=pdf'), { status: 400 })
  t.match(await send(h, Buffer.alloc(8 * 1024 * 1024 + 1)), { status: 413 })
})

const TEXT = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]/gu, '').normalize('NFC').trim()).filter((text) => text !== '' && text.length <= 200 && text.isWellFormed())
const WORD = TEXT.map((text) => text.replaceAll(/\s/g, '').normalize('NFC')).filter((text) => text !== '')
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

t.test('whatever clusters there are, their export plans nothing', (t) => {
  const record = fc.record({
    code: WORD,
    name: TEXT,
    state: fc.constantFrom(...CLUSTER_STATES),
    enabled: fc.boolean(),
    tags: fc.uniqueArray(WORD, { maxLength: 3 }),
    position: nullable(fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }).map((n) => n + 0), lon: fc.double({ min: -180, max: 180, noNaN: true }).map((n) => n + 0) }, { noNullPrototype: true })),
    equipment: fc.record({
      technology: nullable(fc.constantFrom(...TECHNOLOGIES)),
      imei: fc.constant(null),
      sim: nullable(fc.stringMatching(/^\+?\d{6,22}$/)),
      maker: nullable(TEXT),
      model: nullable(TEXT),
      amplifier: nullable(TEXT),
      loudspeakers: nullable(fc.integer({ min: 0, max: 100 })),
      buildYear: nullable(fc.integer({ min: 1950, max: 2100 })),
      depreciatedOn: nullable(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((day) => day.toISOString().slice(0, 10))),
      keeper: nullable(TEXT),
      keeperPhone: nullable(fc.stringMatching(/^\+?\d{3,15}$/)),
    }, { noNullPrototype: true }),
  }, { noNullPrototype: true })
  fc.assert(fc.property(fc.uniqueArray(record, { selector: ({ code }) => code, maxLength: 5 }), fc.constantFrom('vi' as const, 'en' as const), (facts, language) => {
    const clusters = facts.map((each, index): ClusterRecord => ({ id: String(index), unitId: 'u', keyHash: '', keyChangedAtMs: 0, createdAtMs: 0, ...each }))
    const text = [SHEET_COLUMNS.map(({ heading }) => heading[language]), ...clusters.map((cluster) => sheetRow(sheetCluster(cluster, '=X'), language))].map(csvLine).join('')
    const plan = planImport(readCsv(Buffer.from(text)), { clusters, unitsByCode: new Map([['=X', 'u']]), codesByUnit: new Map([['u', '=X']]) })
    t.same(plan, { rows: clusters.length, changes: [], problems: [], badRows: 0, unchanged: clusters.length })
  }))
  t.end()
})

t.test('days are read as spreadsheets and people write them', (t) => {
  const { read } = SHEET_COLUMNS.find(({ key }) => key === 'depreciatedOn')!
  t.same([read(45_657), read('31/12/2024'), read('1/2/2024'), read('2024-12-31'), read('')], ['2024-12-31', '2024-12-31', '2024-02-01', '2024-12-31', null])
  for (const cell of ['31/2/2024', '2024-13-01', 'mai', -1, { error: '#REF!' }]) t.throws(() => read(cell), { name: 'CellError' })
  t.throws(() => SHEET_COLUMNS.find(({ key }) => key === 'sim')!.read(8.984048000012346e18), { name: 'CellError', message: /too long/ })
  t.same(NO_EQUIPMENT.imei, null)
  t.end()
})

t.test('telephone numbers are taken as people write them, and as spreadsheets spoil them', (t) => {
  const read = SHEET_COLUMNS.find(({ key }) => key === 'keeperPhone')!.read
  t.same(['0912 345.678', '+84-912-345-678', 912345678, '', '(024) 3825 4321'].map(read), ['0912345678', '+84912345678', '0912345678', null, '02438254321'])
  for (const wrong of ['12', 'gọi ông Đạt', '0912345678x', '1'.repeat(16)]) t.throws(() => read(wrong), { message: 'must be a telephone number' })
  t.end()
})

import t from 'tap'
import { readCsv } from '../../control/spreadsheet/csv.ts'
import { readXlsx } from '../../control/spreadsheet/xlsx-read.ts'
import { buildControl, seed, TOKENS, type Harness } from '../support/build-control.ts'

/** Rows of a sheet, read as the import reads them: texts that look like formulas have lost their apostrophe again. */
async function sheetOf(h: Harness, url: string, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly rows: readonly (readonly unknown[])[]; readonly raw: Buffer; readonly headers: Readonly<Record<string, unknown>> }> {
  const answer = await h.app.inject({ url, headers: { authorization: `Bearer ${TOKENS.admin}`, ...headers } })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  const isCsv = String(answer.headers['content-type']).startsWith('text/csv')
  const rows = isCsv ? readCsv(answer.rawPayload) : await readXlsx(answer.rawPayload)
  return { rows: rows.map(({ cells }) => [...cells]), raw: answer.rawPayload, headers: answer.headers }
}

t.test('lists that people keep in spreadsheets come as xlsx and CSV, in either language', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  await h.call('POST', '/v1/units', { code: 'X2', name: '=HYPERLINK("http://x")', parentId: unitId })
  await h.call('PATCH', `/v1/units/${unitId}`, { people: 8200 })
  await h.call('POST', '/v1/users', { login: 'lan.nguyen', name: '+84 Lan', password: 'mưa rào trên mái tôn 7', roles: [{ role: 'viewer', unitId }] })
  await h.call('POST', '/v1/schedule-items', { title: '@bản tin', class: 'priority', sourceId, durationMs: 90_000, targets: { units: [unitId] }, time: '05:00', repeat: { kind: 'weekly', weekdays: ['MO', 'SU'] } })
  await h.call('PATCH', `/v1/units/${unitId}/policy`, { playMs: 60_000 })
  await h.call('POST', '/v1/orders', { class: 'normal', title: '-họp', sourceId, durationMs: 120_000, targets: { units: [unitId] }, reason: 'Kỳ họp "bất thường"; gấp' })

  for (const format of ['csv', 'xlsx']) {
    const units = await sheetOf(h, `/v1/units/export?format=${format}&lang=en`)
    t.match(units.rows, [['Code', 'Name', 'Code of the unit above', 'Level', 'Presentation delay, ms', 'People'], ['X1', 'Xã Một', '', /^0$/, '', /^8200$/], ['X2', '=HYPERLINK("http://x")', 'X1']], format)
    t.match(units.headers, { 'content-disposition': `attachment; filename="units.${format}"`, 'content-language': 'en', 'vary': 'Accept-Language, Accept' })
    t.match((await sheetOf(h, `/v1/users/export?format=${format}`)).rows, [['Tên đăng nhập', 'Họ tên', 'Vai trò'], ['lan.nguyen', '+84 Lan', 'viewer @ X1', 'không', 'có']], format)
    t.match((await sheetOf(h, `/v1/schedule-items/export?format=${format}`)).rows[1], ['@bản tin', 'ưu tiên', '05:00:00', 'Asia/Ho_Chi_Minh', /^2026/, '', 'hằng tuần', /WEEKLY.*MO,SU/], format)
    t.match((await sheetOf(h, `/v1/policy-breaches/export?format=${format}`)).rows[1], [/^2026-06-18T/, 'lệnh phát', '-họp', 'thông thường', 'X1', 'phát quá dài', 'Kỳ họp "bất thường"; gấp', 'admin'], format)
  }
  const csv = (await sheetOf(h, '/v1/units/export?format=csv')).raw
  t.same([...csv.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'spreadsheets see that it is UTF-8')
  t.match(csv.toString('utf8'), /,"'=HYPERLINK\(""http/, 'nothing in it is a formula')
  t.match((await sheetOf(h, '/v1/users/export?format=csv')).raw.toString('utf8'), /,'\+84 Lan,/)
})

t.test('the format follows Accept where the query does not say', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const typeFor = async (accept: string, query = '') => String((await sheetOf(h, `/v1/units/export${query}`, { accept })).headers['content-type'])
  t.match(await typeFor('text/csv'), 'text/csv')
  t.match(await typeFor('*/*'), 'spreadsheetml')
  t.match(await typeFor('text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'), 'spreadsheetml')
  t.match(await typeFor('text/csv', '?format=xlsx'), 'spreadsheetml')
})

t.test('a sheet shows what its list shows', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  await h.call('POST', '/v1/units', { code: 'Y1', name: 'Xã Khác' })
  const token = (await h.call('POST', '/v1/tokens', { name: 'x', roles: [{ role: 'viewer', unitId }] })).body['token'] as string
  const mine = await sheetOf(h, '/v1/units/export?format=csv', { authorization: `Bearer ${token}` })
  t.same(mine.rows.slice(1).map(([code]) => code), ['X1'])
  t.same((await sheetOf(h, '/v1/units/export?format=csv&search=khac')).rows.slice(1).map(([code]) => code), ['Y1'])
})

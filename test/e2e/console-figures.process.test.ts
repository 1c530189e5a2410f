import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { ConsoleBrowser, PASSWORD, PHONE, seriousFaults, settled, shoot, SHOTS, startConsole } from '../support/console-browser.ts'

t.setTimeout(180_000)

const HOSTILE = '<img src=x onerror=alert(1)>'
const shots = process.env['LOA_SHOTS'] === '1'

t.test('figures open to what they are made of, and each sees the tasks of his own', async (t) => {
  const server = await startConsole(t)
  const province = await server.post('/v1/units', { code: 'T', name: 'Tỉnh Thử' })
  const commune = await server.post('/v1/units', { code: 'X1', name: HOSTILE, parentId: province['id'] })
  const sister = await server.post('/v1/units', { code: 'X2', name: 'Xã Hai', parentId: province['id'] })
  const cluster = await server.post('/v1/clusters', { code: 'C1', name: 'Cụm Đình', unitId: commune['id'] })
  const source = await server.post('/v1/sources', { kind: 'tone', name: 'Thử', frequencyHz: 440 })
  const order = await server.post('/v1/orders', { class: 'normal', title: HOSTILE, sourceId: source['id'], targets: { clusters: [cluster['id']] }, durationMs: 600_000 })
  await server.request('POST', `/v1/orders/${String(order['id'])}/stop`)
  const browser = await ConsoleBrowser.open(t, server)
  const lan = await browser.person('lan.admin', [{ role: 'administrator', unitId: null }])

  // A figure, by unit, down to its run.
  await lan.goto('/figures')
  const open = lan.getByRole('link', { name: new RegExp(`lượt phát của ${HOSTILE.replaceAll(/[()]/g, String.raw`\$&`)}`) })
  await lan.locator('.chart canvas').waitFor()
  await open.click()
  await lan.getByRole('heading', { name: `Các lượt phát làm nên số: ${HOSTILE}` }).waitFor()
  await lan.getByRole('cell', { name: HOSTILE, exact: true }).first().waitFor()
  t.match(lan.url(), /openBy=unit&key=/)
  t.same(await seriousFaults(lan), [])
  if (shots) await shoot(lan, 'figures-vi-light-1280')
  const download = lan.waitForEvent('download')
  await lan.getByRole('link', { name: 'Xuất XLSX' }).click()
  t.equal((await download).suggestedFilename(), 'figures-unit.xlsx')
  t.match(await lan.getByRole('link', { name: 'Xuất CSV' }).getAttribute('href'), /by=unit&map=now&format=csv&lang=vi$/)
  await lan.emulateMedia({ media: 'print' })
  await lan.getByText('Người lập: lan.admin').waitFor()
  if (shots) await printed(lan, 'minutes-vi')
  t.same(await lan.locator('main :is(button, [role=tab]):visible, nav:visible, .shell-top:visible').allTextContents(), [], 'nothing to press stands on paper')
  t.ok(await settled(true, () => lan.evaluate<boolean>("[...document.querySelectorAll('.chart-plot canvas, .table')].every((it) => it.getBoundingClientRect().right <= innerWidth)")), 'and nothing is cut')
  await lan.emulateMedia({ media: null })
  for (const [tab, name] of [['availability', 'Kết nối'], ['alerts', 'Khẩn cấp'], ['repairs', 'Sửa chữa']] as const) {
    await lan.getByRole('tab', { name }).click()
    await lan.getByRole('tabpanel').locator('table, .empty').first().waitFor()
    const file = lan.waitForEvent('download')
    await lan.getByRole('link', { name: 'Xuất XLSX' }).click()
    t.equal((await file).suggestedFilename(), `${tab === 'repairs' ? 'tickets' : tab}.xlsx`)
    if (shots) await printed(lan, `${tab}-vi`)
  }

  if (shots) {
    const dark = await browser.person('en.admin', [{ role: 'administrator', unitId: null }], { language: 'en', theme: 'dark', viewport: PHONE })
    await dark.goto('/figures')
    await dark.locator('.chart canvas').waitFor()
    await printed(dark, 'minutes-en-dark-360')
  }

  // A user with a role at a unit.
  await lan.goto('/system')
  await lan.getByRole('button', { name: 'Thêm người dùng' }).click()
  const form = lan.getByRole('dialog', { name: 'Thêm người dùng' })
  await form.getByLabel('Tên đăng nhập').fill('minh.kt')
  await form.getByLabel('Họ tên').fill(HOSTILE)
  await form.getByLabel('Mật khẩu').fill(PASSWORD)
  await form.getByRole('button', { name: 'Người xem Vai trò' }).click()
  await lan.getByRole('option', { name: 'Kỹ thuật' }).click()
  await form.getByRole('button', { name: /Tại đơn vị/ }).click()
  await lan.getByRole('searchbox', { name: 'Tìm' }).last().fill('img src')
  await lan.getByRole('option').filter({ hasText: HOSTILE }).click()
  t.same(await seriousFaults(lan), [])
  await form.getByRole('button', { name: 'Tạo người dùng' }).click()
  await lan.getByText(`Kỹ thuật viên – ${HOSTILE}`).waitFor()
  if (shots) await shoot(lan, 'system-users-vi-light-1280')

  // Two communes become one, seen before it is done.
  await lan.getByRole('tab', { name: 'Đơn vị' }).click()
  const contact = lan.getByRole('dialog', { name: 'Liên hệ của Xã Hai' })
  await lan.getByRole('button', { name: 'Liên hệ, số dân: Xã Hai' }).click()
  await contact.getByLabel('Số dân').fill('8000')
  await server.request('PATCH', `/v1/units/${String(sister['id'])}`, { people: 7900 })
  await contact.getByRole('button', { name: 'Lưu' }).click()
  await contact.getByText('Người khác vừa thay đổi mục này, nên chưa ghi gì').waitFor()
  await contact.getByRole('button', { name: 'Huỷ' }).click()
  await lan.getByRole('button', { name: 'Liên hệ, số dân: Xã Hai' }).click()
  t.equal(await settled('7900', () => contact.getByLabel('Số dân').inputValue()), '7900', 'what the other one wrote is still there, and is seen')
  await contact.getByLabel('Người liên hệ').fill('Bà Hoa')
  await contact.getByText('Cần cả tên và số điện thoại').waitFor()
  await contact.getByLabel('Điện thoại').fill('0912 345 678')
  await contact.getByLabel('Số dân').fill('8200')
  await contact.getByRole('button', { name: 'Lưu' }).click()
  await lan.getByRole('link', { name: '0912 345 678' }).waitFor()
  t.match(await server.get(`/v1/units/${String(sister['id'])}`), { contact: { name: 'Bà Hoa', phone: '0912 345 678' }, people: 8200 })
  await lan.getByRole('button', { name: 'Đổi địa giới' }).click()
  const change = lan.getByRole('dialog', { name: 'Đổi địa giới' })
  for (const [asked, name] of [['img src', HOSTILE], ['Xa Hai', 'Xã Hai']] as const) {
    await change.getByRole('button', { name: /Thêm đơn vị vào danh sách/ }).click()
    await lan.getByRole('searchbox', { name: 'Tìm' }).last().fill(asked)
    await lan.getByRole('option').filter({ hasText: name }).click()
  }
  await change.getByLabel('Tên mới').fill('Xã Mới')
  await change.getByLabel('Mã mới').fill('XM')
  await change.getByRole('button', { name: 'Xem trước' }).click()
  await change.getByText(`Kết thúc: ${HOSTILE}, Xã Hai`).waitFor()
  await change.getByText('1 người giữ vai trò').waitFor()
  t.same(await seriousFaults(lan), [])
  if (shots) await shoot(lan, 'system-merge-vi-light-1280')
  await change.getByRole('button', { name: 'Thực hiện: Sáp nhập' }).click()
  await change.waitFor({ state: 'detached' })
  await lan.getByRole('cell', { name: 'Xã Mới', exact: true }).waitFor()
  t.match(await server.request('GET', `/v1/units/${String(sister['id'])}`), { body: { successorIds: [/^u-/] } })

  // A token is shown once.
  await lan.getByRole('tab', { name: 'Khoá truy cập' }).click()
  await lan.getByRole('button', { name: 'Tạo khoá' }).click()
  const token = lan.getByRole('dialog', { name: 'Tạo khoá' })
  await token.getByLabel('Dùng cho').fill('Bảng điện tử')
  await token.getByRole('button', { name: 'Tạo khoá' }).click()
  const shown = await lan.locator('.system-secret').textContent()
  t.match(shown, /^[\w-]{43}$/)
  await lan.getByRole('dialog', { name: 'Khoá' }).getByRole('button', { name: 'Đóng' }).last().click()
  await lan.getByRole('row', { name: 'Bảng điện tử' }).getByText('Chưa dùng').waitFor()
  t.match(await server.get('/v1/tokens'), { items: [{}, { name: 'Bảng điện tử', expiresAt: new RegExp(`^${String(new Date().getUTCFullYear() + 1)}`) }] }, 'a year, if nothing else is said')
  t.notOk((await lan.content()).includes(String(shown)))

  // The book of what was done is whole.
  await lan.getByRole('tab', { name: 'Nhật ký' }).click()
  await lan.getByRole('button', { name: 'Kiểm tra nhật ký' }).click()
  await lan.getByText('Nhật ký nguyên vẹn').waitFor()
  await lan.getByText('POST /v1/tokens').waitFor()
  t.same(await seriousFaults(lan), [])
  if (shots) await shoot(lan, 'system-audit-vi-light-1280')

  // A backup takes the password again.
  await lan.getByRole('tab', { name: 'Sao lưu' }).click()
  await lan.getByRole('button', { name: 'Tạo bản sao lưu' }).click()
  const asked = lan.getByRole('dialog', { name: 'Tạo bản sao lưu' })
  await asked.getByLabel('Mật khẩu').fill('không phải')
  await asked.getByRole('button', { name: 'Tạo bản sao lưu' }).click()
  await asked.getByRole('alert').waitFor()
  await asked.getByLabel('Mật khẩu').fill(PASSWORD)
  await asked.getByRole('button', { name: 'Tạo bản sao lưu' }).click()
  const file = lan.waitForEvent('download')
  await lan.getByRole('link', { name: 'Tải bản sao lưu' }).click()
  t.match((await file).suggestedFilename(), /^loa-\d{4}-\d\d-\d\d\.tar$/)
  for (const name of ['Quy định phát', 'Quy tắc khẩn cấp', 'Mẫu cảnh báo', 'Báo động', 'Quy tắc báo động', 'Nơi nhận thông báo', 'Máy chủ']) {
    await lan.getByRole('tab', { name, exact: true }).click()
    await lan.getByRole('tabpanel').locator(':is(table, .card, .empty):visible').first().waitFor()
    t.same(await seriousFaults(lan), [], name)
    if (shots) await shoot(lan, `system-${name}-vi-light-1280`)
  }

  // A way out for alarms is tried at once, and a rule says whom it tells.
  await lan.getByRole('tab', { name: 'Nơi nhận thông báo' }).click()
  await lan.getByRole('button', { name: 'Thêm nơi nhận' }).click()
  const channel = lan.getByRole('dialog', { name: 'Thêm nơi nhận' })
  await channel.getByLabel('Tên', { exact: true }).fill('Sổ trực')
  await channel.getByText('Tệp trên máy chủ').click()
  await channel.getByLabel('Tên tệp').fill('so-truc')
  t.same(await seriousFaults(lan), [])
  await channel.getByRole('button', { name: 'Tạo nơi nhận' }).click()
  await lan.getByRole('button', { name: 'Gửi thử: Sổ trực' }).click()
  await lan.getByText('Sổ trực đã nhận tin thử.').waitFor()
  await lan.getByRole('tab', { name: 'Quy tắc báo động' }).click()
  await lan.getByRole('button', { name: 'Sửa quy tắc: Ổ đĩa sắp đầy' }).click()
  const rule = lan.getByRole('dialog', { name: 'Ổ đĩa sắp đầy' })
  await rule.getByText('Sổ trực (ngay)').waitFor()
  await rule.getByLabel('Ngưỡng (% còn trống)').fill('15')
  await rule.getByLabel(/nhắc tiếp sau/).fill('60, 15')
  await rule.getByText('năm số tăng dần').waitFor()
  await rule.getByLabel(/nhắc tiếp sau/).fill('20')
  t.same(await seriousFaults(lan), [])
  await rule.getByRole('button', { name: 'Lưu' }).click()
  await rule.waitFor({ state: 'detached' })
  t.match(await server.get('/v1/alarm-rules/disk'), { own: { threshold: 15, escalateAfterMs: [1_200_000] }, effective: { severity: 'critical' } })

  // Hours and volume of a unit, and a template by an officer.
  const officer = await browser.person('truc', [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }], { viewport: PHONE })
  await officer.goto('/system?tab=policies')
  await officer.locator('fieldset', { hasText: 'Âm lượng theo giờ' }).getByText('Theo đơn vị trên', { exact: true }).click()
  await officer.locator('fieldset', { hasText: 'Khung giờ theo cấp' }).getByText('Theo đơn vị trên', { exact: true }).click()
  await officer.getByLabel('Âm lượng (%)').fill('40')
  await officer.getByLabel('Tên khung').fill('Tiếp sóng tỉnh')
  await officer.getByRole('button', { name: 'Lưu' }).first().click()
  await officer.getByText('Tiếp sóng tỉnh: 05:00–05:30, cấp 0').waitFor()
  t.match(await server.get(`/v1/units/${String(province['id'])}/policy`), { own: { volume: [{ percent: 40 }], levelFrames: [{ name: 'Tiếp sóng tỉnh', level: 0 }], windows: null } })
  t.same(await seriousFaults(officer), [])
  await officer.getByRole('tab', { name: 'Mẫu cảnh báo' }).click()
  await officer.getByRole('button', { name: 'Thêm mẫu' }).click()
  const template = officer.getByRole('dialog', { name: 'Thêm mẫu' })
  await template.getByLabel('Tiêu đề').fill('Vỡ đê Cầu')
  await template.getByLabel('Lời đọc').fill('Đê vỡ tại')
  await template.getByRole('button', { name: 'nơi', exact: true }).click()
  await template.getByText('Đê vỡ tại xã Tân Lập').waitFor()
  t.same(await seriousFaults(officer), [])
  if (shots) await shoot(officer, 'system-template-vi-light-360')
  // What is said shortly stays while a hand is at it, and covers no button of a dialog as high as the screen.
  await officer.clock.install()
  const said = officer.locator('.toast', { hasText: 'Đã lưu mẫu «Vỡ đê Cầu»' })
  await template.getByRole('button', { name: 'Tạo mẫu' }).click()
  await said.hover()
  await officer.getByRole('cell', { name: /Vỡ đê Cầu Đê/ }).waitFor()
  await officer.clock.fastForward(60_000)
  await officer.getByRole('button', { name: 'Thêm mẫu' }).press('Enter')
  if (shots) await shoot(officer, 'system-toast-vi-light-360')
  await template.getByRole('button', { name: 'Huỷ' }).click()
  t.equal(await said.count(), 1, 'it was there all the while')
  await officer.mouse.move(0, 0)
  await officer.clock.fastForward(8000)
  await said.waitFor({ state: 'detached' })
  await officer.getByRole('button', { name: 'Xoá mẫu: Vỡ đê Cầu' }).click()
  await officer.getByRole('alertdialog').getByRole('button', { name: 'Xoá mẫu' }).click()
  await officer.getByRole('cell', { name: /Vỡ đê Cầu Đê/ }).waitFor({ state: 'detached' })

  // An entry of the log opens to all it holds, and leads to what else was done to the same thing.
  await lan.getByRole('tab', { name: 'Nhật ký' }).click()
  await lan.getByRole('row', { name: /Quy tắc báo động: sửa/ }).getByRole('button').click()
  const entry = lan.getByRole('dialog', { name: /Việc số/ })
  await entry.getByText('threshold').waitFor()
  t.same(await seriousFaults(lan), [])
  await entry.getByRole('button', { name: 'Mọi việc với đối tượng này: disk' }).click()
  await lan.getByText('Với đối tượng: disk').waitFor()
  t.equal(await settled(1, () => lan.getByRole('tabpanel').getByRole('row').filter({ hasText: '/v1/' }).count()), 1)

  // Each sees the tabs of what he may do.
  const tabsOf = async (login: string, role: string, unitId: string | null): Promise<string[]> => {
    const page = await browser.person(login, [{ role, unitId }], { theme: 'dark', viewport: PHONE })
    await page.goto('/system')
    await page.getByRole('tab').first().waitFor()
    await page.getByRole('tabpanel').waitFor()
    t.same(await seriousFaults(page), [], login)
    const tabs = await page.getByRole('tab').allTextContents()
    if (shots) {
      await shoot(page, `system-${login}-vi-dark-360`)
      await page.goto('/figures')
      await page.locator('.chart canvas').waitFor()
      await shoot(page, `figures-${login}-vi-dark-360`)
    }
    return tabs
  }
  t.same(await lan.getByRole('tab').allTextContents(), ['Người dùng', 'Đơn vị', 'Quy định phát', 'Quy tắc khẩn cấp', 'Mẫu cảnh báo', 'Báo động', 'Quy tắc báo động', 'Nơi nhận thông báo', 'Nhật ký', 'Khoá truy cập', 'Máy chủ', 'Sao lưu'])
  t.same(await tabsOf('viewer', 'viewer', String(province['id'])), ['Báo động'])
  t.same(await tabsOf('technician', 'technician', null), ['Báo động', 'Khoá truy cập', 'Máy chủ'])
  t.same(await tabsOf('auditor', 'auditor', null), ['Báo động', 'Nhật ký', 'Máy chủ'])
  t.same(browser.complaints, [])
})

/** Keeps what comes out of a printer. */
async function printed(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true })
  writeFileSync(join(SHOTS, `print-${name}.pdf`), await page.pdf({ format: 'A4' }))
}

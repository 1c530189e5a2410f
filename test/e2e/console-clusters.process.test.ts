import t from 'tap'
import { csvLine } from '../../control/spreadsheet/csv.ts'
import { ConsoleBrowser, PHONE, seriousFaults, shoot, startConsole } from '../support/console-browser.ts'
import { enrolDevice, ScriptedDevice } from '../support/scripted-device.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(120_000)

const HOSTILE = '<img src=x onerror=alert(1)>'
const ROWS = 731
/** A sheet of a whole commune. @param isMended without the mistakes that people make: units that are not there, no name, a longitude in the latitude's place */
function sheet(isMended: boolean): Buffer {
  const rows = Array.from({ length: ROWS }, (_, n) => [
    `CL-${String(n)}`, !isMended && n % 9 === 4 ? '' : n === 0 ? HOSTILE : `Cụm thôn ${String(n)}`, !isMended && n % 7 === 3 ? 'KHONG-CO' : 'X1', n % 3 === 0 ? 'có dây' : 'IP',
    !isMended && n % 11 === 5 ? '106,2' : String(21 + n / 1e4), String(106 - n / 1e4), `ven-song`, `0912 345 ${String(n).padStart(3, '0')}`,
  ])
  return Buffer.from([['Mã cụm loa', 'Tên cụm loa', 'Mã đơn vị', 'Công nghệ', 'Vĩ độ', 'Kinh độ', 'Thẻ', 'Điện thoại người trông coi'], ...rows].map(csvLine).join(''))
}
/** Of a row that cannot be read it is not asked what its unit is. */
const WITHOUT_UNIT = Array.from({ length: ROWS }, (_, n) => n % 7 === 3 && n % 9 !== 4 && n % 11 !== 5).filter(Boolean).length
const WRONG_ROWS = Array.from({ length: ROWS }, (_, n) => n % 9 === 4 || n % 7 === 3 || n % 11 === 5).filter(Boolean).length

t.test('the register: 731 rows with mistakes are mended and taken over, a command is followed to its answer, and everybody may do what is his', async (t) => {
  const server = await startConsole(t)
  const unitId = await server.unit('X1')
  const other = await server.unit('X2')
  const heard = await server.cluster(unitId, 'C1')
  await server.cluster(other, 'C2')
  const browser = await ConsoleBrowser.open(t, server)
  const device = await new ScriptedDevice(server, await enrolDevice(server, heard.id)).welcomed()
  t.teardown(() => { device.socket.terminate() })

  await t.test('the sheet: report, mended, written', async (t) => {
    const page = await browser.person('quan-tri', [{ role: 'administrator', unitId: null }])
    await page.goto('/clusters')
    await page.getByRole('link', { name: 'Nhập từ Excel' }).click()
    const choose = async (isMended: boolean): Promise<void> => page.locator('input[type=file]').setInputFiles({ name: 'cum-loa.csv', mimeType: 'text/csv', buffer: sheet(isMended) })
    await choose(false)
    await page.getByText(`${String(WRONG_ROWS)} dòng. Chưa ghi gì.`).waitFor()
    t.equal(await page.locator('[data-sum=bad]').innerText(), String(WRONG_ROWS))
    t.equal(await page.getByRole('button', { name: /^Ghi / }).count(), 0, 'nothing can be written while there are mistakes')
    await page.getByRole('searchbox').fill('khong-co')
    await page.getByText(`Đang hiện ${String(WITHOUT_UNIT)} / ${String(WITHOUT_UNIT)}`).waitFor()
    t.match(await page.locator('tbody tr').first().innerText(), /5\s+Đơn vị\s+không có đơn vị mã 'KHONG-CO'/)
    await page.getByRole('searchbox').fill('')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Tải báo cáo lỗi' }).click()
    t.equal((await download).suggestedFilename(), 'bao-cao-loi.csv')
    t.same(await seriousFaults(page), [])
    if (process.env['LOA_SHOTS'] !== undefined) await shoot(page, 'clusters-import-vi-light-1280')
    await choose(true)
    await page.getByText('Thay đổi (731)').waitFor()
    await page.getByText(HOSTILE).first().waitFor()
    await page.getByRole('button', { name: 'Ghi 731 cụm loa vào danh sách' }).click()
    await page.getByText('Đã ghi: thêm 731, sửa 0.').waitFor()
    await page.getByRole('link', { name: 'Xem danh sách' }).click()
    await page.getByText('733 cụm loa').waitFor()
    await page.getByRole('searchbox').fill('cum THON 655')
    await page.getByText('1 / 733 cụm loa').waitFor()
    await page.getByRole('searchbox').fill('<img')
    await page.getByRole('link', { name: HOSTILE }).waitFor()
    t.same(await seriousFaults(page), [])
    await page.getByRole('link', { name: HOSTILE }).click()
    await page.getByRole('heading', { level: 1, name: HOSTILE }).waitFor()
    t.same(await seriousFaults(page), [])
    await page.getByRole('tab', { name: 'Hồ sơ' }).click()
    await page.locator('.map-frame canvas').first().waitFor()
    t.same(await seriousFaults(page), [])
  })

  await t.test('a command is followed to the answer of the device; a change of somebody else is shown', async (t) => {
    const page = await browser.person('quan-tri', [])
    await page.goto(`/clusters/${heard.id}`)
    await page.getByRole('button', { name: 'Điều khiển', exact: true }).click()
    const slider = page.getByRole('slider', { name: 'Âm lượng' })
    await slider.focus()
    await slider.press('ArrowLeft')
    await page.getByRole('button', { name: 'Đặt âm lượng 65 %' }).click()
    await page.locator('[data-stage=received][data-done=true]').waitFor()
    t.equal(await page.locator('[data-stage=done]').getAttribute('data-done'), 'false', 'not done before the device says so')
    const command = await waitUntil('the device has it', () => device.bodies('command')[0])
    t.match(command, { command: 'volume', arguments: { percent: 65 } })
    device.send({ type: 'ack', commandId: command.commandId, result: 'done' })
    await page.locator('[data-stage=done][data-done=true]').waitFor()
    await page.getByRole('cell', { name: 'Đã làm xong' }).waitFor()
    t.same(await seriousFaults(page), [])
    await page.getByRole('dialog').getByRole('button', { name: 'Đóng' }).last().click()
    await page.getByRole('button', { name: 'Điều khiển', exact: true }).click()
    await page.getByRole('button', { name: /Làm gì/ }).click()
    await page.getByRole('option', { name: 'Khởi động lại thiết bị' }).click()
    await page.getByRole('button', { name: 'Gửi lệnh' }).click()
    await page.getByRole('alertdialog').getByText(/sẽ im khoảng một phút/).waitFor()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Huỷ' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Đóng' }).last().click()

    await page.getByRole('tab', { name: 'Hồ sơ' }).click()
    await page.getByRole('button', { name: 'Sửa hồ sơ' }).click()
    await page.getByLabel('Tên', { exact: true }).fill('Tên của tôi')
    await page.getByLabel('IMEI').fill('12')
    await page.getByLabel('Người trông coi', { exact: true }).fill('Ông Đạt')
    await page.getByText('Không đúng dạng').waitFor()
    await page.getByLabel('IMEI').fill('')
    await server.request('PATCH', `/v1/clusters/${heard.id}`, { name: 'Tên của người khác', equipment: { maker: 'Hãng B' } })
    await page.getByRole('button', { name: 'Lưu' }).click()
    await page.getByText('Người khác vừa sửa cụm loa này').waitFor()
    await page.getByRole('cell', { name: 'Tên của người khác' }).waitFor()
    await page.getByRole('button', { name: 'Lưu bản của tôi' }).click()
    t.equal(await page.getByLabel('Hãng sản xuất').inputValue(), 'Hãng B', 'what the other one changed elsewhere stays')
    await page.getByRole('button', { name: 'Lưu' }).click()
    await page.getByRole('heading', { level: 1, name: 'Tên của tôi' }).waitFor()
    t.match(await server.get(`/v1/clusters/${heard.id}`), { name: 'Tên của tôi', equipment: { maker: 'Hãng B', keeper: 'Ông Đạt', imei: null } })
  })

  await t.test('a technician on the road; who only looks has no buttons, and sees his own', async (t) => {
    await server.post('/v1/tickets', { title: 'Thay âm ly', clusterId: heard.id, assignee: 'tho-sua' })
    await server.request('PATCH', `/v1/clusters/${heard.id}`, { position: { lat: 21.03, lon: 105.85 }, equipment: { keeperPhone: '0912345678' } })
    const road = await browser.person('tho-sua', [{ role: 'technician', unitId }], { viewport: PHONE, geolocation: { latitude: 21.04, longitude: 105.85 }, permissions: ['geolocation'] })
    await road.goto('/clusters/road')
    await road.getByRole('button', { name: 'Sắp theo gần nhất' }).click()
    await road.getByText('cách 1,1 km').waitFor()
    t.equal(await road.getByRole('link', { name: 'Gọi Ông Đạt' }).getAttribute('href'), 'tel:0912345678')
    t.same(await seriousFaults(road), [])
    t.equal(await road.evaluate('document.documentElement.scrollWidth'), PHONE.width, 'nothing sticks out of a phone')
    await road.getByRole('button', { name: 'Đã đến nơi' }).click()
    await road.getByText('Đang sửa tại chỗ').waitFor()
    await road.getByRole('link', { name: 'Thay âm ly' }).click()
    await road.getByText('tho-sua').first().waitFor()
    t.same(await seriousFaults(road), [])
    await road.goto(`/clusters/${heard.id}?tab=keys`)
    await road.getByRole('button', { name: 'Tạo mã kích hoạt' }).click()
    await road.getByRole('img', { name: /Mã QR của/ }).waitFor()
    t.equal(await road.getByRole('button', { name: 'Xoá cụm loa' }).count(), 0, 'a technician removes none')

    const looker = await browser.person('nguoi-xem', [{ role: 'viewer', unitId: other }])
    await looker.goto('/clusters')
    await looker.getByRole('link', { name: 'Cụm C2' }).waitFor()
    await looker.getByText('1 cụm loa').waitFor()
    for (const name of ['Điều khiển', 'Thêm cụm loa', 'Nhập từ Excel', 'In mã kích hoạt']) t.equal(await looker.getByRole('button', { name }).or(looker.getByRole('link', { name })).count(), 0, name)
    t.equal(await looker.getByRole('checkbox').count(), 0)
    await looker.goto(`/clusters/${heard.id}`)
    await looker.getByText('không có cụm loa').waitFor()
  })
  t.same(browser.complaints, [])
})

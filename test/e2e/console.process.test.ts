import t from 'tap'
import { ConsoleBrowser, PASSWORD, seriousFaults, startConsole } from '../support/console-browser.ts'

t.setTimeout(120_000)

t.test('somebody logs in, goes to every screen, and logs out', async (t) => {
  const server = await startConsole(t)
  await server.post('/v1/users', { login: 'lan', name: 'Lan', password: PASSWORD, roles: [{ role: 'administrator', unitId: null }] })
  await server.post('/v1/users', { login: 'thu', name: 'Thu', password: PASSWORD, roles: [{ role: 'viewer', unitId: null }] })
  const browser = await ConsoleBrowser.open(t, server)
  const page = await browser.visitor()
  await page.goto('/')
  await page.getByLabel('Tên đăng nhập').fill('lan')
  await page.getByLabel('Mật khẩu').fill(PASSWORD)
  t.same(await seriousFaults(page), [])
  await page.getByRole('button', { name: 'Đăng nhập' }).click()
  for (const name of ['Lịch phát', 'Kho âm thanh', 'Nguồn phát', 'Cụm loa', 'Thống kê', 'Hệ thống', 'Khẩn cấp', 'Đang phát']) {
    await page.getByRole('navigation').getByRole('link', { name }).click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
  }
  const second = await page.context().newPage()
  await second.goto('/')
  await second.getByRole('heading', { level: 1, name: 'Đang phát' }).waitFor()
  await page.getByRole('button', { name: 'Tài khoản' }).click()
  await page.getByRole('menuitem', { name: 'Đăng xuất' }).click()
  await page.getByLabel('Tên đăng nhập').waitFor()
  await second.getByLabel('Tên đăng nhập').waitFor()
  await page.getByLabel('Tên đăng nhập').fill('thu')
  await page.getByLabel('Mật khẩu').fill(PASSWORD)
  await page.getByRole('button', { name: 'Đăng nhập' }).click()
  for (const window of [page, second]) await window.getByRole('button', { name: 'Tài khoản: Thu' }).waitFor()
  t.same(browser.complaints, [])
})

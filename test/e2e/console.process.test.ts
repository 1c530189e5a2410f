import t from 'tap'
import { SILENT_MS } from '../../console/src/api/link-watch.ts'
import { ConsoleBrowser, PASSWORD, seriousFaults, shoot, startConsole } from '../support/console-browser.ts'
import { StallingRelay } from '../support/stalling-relay.ts'

const SHOOTS = process.env['LOA_SHOTS'] === '1'

t.setTimeout(180_000)

t.test('somebody logs in, goes to every screen, and logs out', async (t) => {
  const server = await startConsole(t)
  await server.post('/v1/users', { login: 'lan', name: 'Lan', password: PASSWORD, roles: [{ role: 'administrator', unitId: null }] })
  await server.post('/v1/users', { login: 'thu', name: 'Thu', password: PASSWORD, roles: [{ role: 'viewer', unitId: null }] })
  const unit = await server.unit('X1')
  await server.cluster(unit, 'C1', { name: 'Cụm của Lan' })
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

  await t.test('what could not be read again is shown with the word that it is old, until it can', async (t) => {
    await second.close()
    await page.getByRole('navigation').getByRole('link', { name: 'Khẩn cấp' }).click()
    await page.getByText('Chưa có cảnh báo nào').waitFor()
    const past = (url: URL): boolean => url.pathname === '/v1/alerts' && url.searchParams.get('over') === 'true'
    await page.route(past, (route) => route.fulfill({ status: 503, body: '' }))
    await server.post('/v1/alerts', { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã', time: 'nay' }, targets: { units: [unit] } })
    const old = page.getByRole('status').filter({ hasText: /Đây là số liệu lúc .*, chưa đọc lại được/ })
    await old.waitFor()
    await page.getByText('Chưa có cảnh báo nào').waitFor()
    t.same(await seriousFaults(page), [])
    if (SHOOTS) await shoot(page, 'old-vi-light-desktop')
    const again = old.getByRole('button', { name: 'Thử lại' })
    await again.waitFor()
    await page.unroute(past)
    // Unless it has been read by itself just now: what failed is tried twice more.
    await again.click({ timeout: 5000 }).catch(() => undefined)
    await old.waitFor({ state: 'detached' })
  })

  await t.test('somebody else in the same window finds nothing of who was there, also when nobody has said a word', async (t) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Đang phát' }).click()
    await page.getByRole('button', { name: 'Cụm của Lan' }).waitFor()
    const another = await server.post('/v1/units', { code: 'X3', name: 'Xã Khác' })
    await server.post('/v1/users', { login: 'binh', name: 'Bình', password: PASSWORD, roles: [{ role: 'emergency-officer', unitId: another['id'] }, { role: 'viewer', unitId: another['id'] }] })
    await page.clock.install()
    // A frame in which a name of the other stands would be seen.
    await page.evaluate(`globalThis.seen = []; new MutationObserver(() => { if (document.body.textContent.includes('Bình')) globalThis.seen.push(document.body.textContent.includes('Cụm của Lan')) }).observe(document.body, { subtree: true, childList: true, characterData: true })`)
    const answer = await page.context().request.post('/v1/sessions', { data: { login: 'binh', password: PASSWORD }, headers: { origin: server.api } })
    t.equal(answer.status(), 201)
    await page.clock.fastForward(120_000)
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)
    await page.getByRole('button', { name: 'Tài khoản: Bình' }).waitFor()
    await page.getByText('Chưa có cụm loa nào').waitFor()
    t.same([...new Set(await page.evaluate<boolean[]>('globalThis.seen'))], [false])
  })

  await t.test('a link that dies without a word is told, and so is that it is back', async (t) => {
    const relay = await StallingRelay.start(t, { host: '127.0.0.1', port: Number(new URL(server.api).port) })
    const far = await browser.visitor({ baseURL: `http://127.0.0.1:${String(relay.port)}` })
    await far.clock.install()
    await far.goto('/')
    await far.getByLabel('Tên đăng nhập').fill('lan')
    await far.getByLabel('Mật khẩu').fill(PASSWORD)
    await far.getByRole('button', { name: 'Đăng nhập' }).click()
    await far.getByRole('button', { name: 'Cụm của Lan' }).waitFor()
    const link = far.getByRole('alert').filter({ hasText: 'Mất kết nối với máy chủ từ' })
    relay.stall()
    // The last sign came up to 15 s before.
    await far.clock.fastForward(SILENT_MS - 20_000)
    t.equal(await link.count(), 0, 'one sign of life may be late')
    await far.clock.fastForward(SILENT_MS)
    await far.clock.runFor(11_000)
    await link.waitFor()
    if (SHOOTS) await shoot(far, 'dead-vi-light-desktop')
    relay.resume()
    await far.clock.runFor(10_000)
    await link.waitFor({ state: 'detached' })
    await far.context().close()
  })
  t.same(browser.complaints, [])
})

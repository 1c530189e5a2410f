import type { Page } from 'playwright-core'
import t from 'tap'
import { ConsoleBrowser, DESKTOP, isKept, PHONE, seriousFaults, shoot, startConsole } from '../support/console-browser.ts'
import type { LoaServer } from '../support/loa-server.ts'

t.setTimeout(180_000)

const HOSTILE = '<img src=x onerror=alert(1)>'
const SHOTS = process.env['LOA_SHOTS'] === '1'

/** A province of two communes: three clusters of the first with places, one of the second without. */
async function province(server: LoaServer): Promise<{ readonly units: { readonly mine: string; readonly other: string }; readonly sourceId: string; readonly clusters: readonly { readonly id: string; readonly key: string }[] }> {
  const top = await server.unit('TINH')
  const units = { mine: await server.unit('BINH-MINH', top), other: await server.unit('TAN-LAP', top) }
  const places = [{ lat: 20.95, lon: 105.78 }, { lat: 21.01, lon: 105.85 }, { lat: 20.9, lon: 105.9 }]
  const clusters = await Promise.all(places.map((position, index) => server.cluster(units.mine, `C${String(index + 1)}`, { position, ...(index === 2 ? { name: HOSTILE } : { name: `Cụm Đình ${String(index + 1)}` }) })))
  await server.cluster(units.other, 'D1', { name: 'Cụm Chợ' })
  return { units, sourceId: await server.tone('Đài xã', 440), clusters }
}

/** Listens as a plain HTTP device does, until the test is over. */
function listen(t: { teardown(fn: () => void): void }, server: LoaServer, { id, key }: { readonly id: string; readonly key: string }): void {
  const stop = new AbortController()
  t.teardown(() => { stop.abort() })
  void (async () => {
    const { body } = await fetch(`${server.stream}/listen/${id}.mp3?key=${key}`, { signal: stop.signal })
    for await (const _ of body!) void _
  })().catch(() => undefined)
}

/** Questions and answers of the machine itself between an order and its picture; on one that is late each takes long. */
const MACHINE_ROUNDS = 10
const roundTripMs = (page: Page): Promise<number> => page.evaluate("(async () => { const begunMs = performance.now(); await (await fetch('/v1/me')).text(); return performance.now() - begunMs })()")

t.test('what every cluster does is there at once, is found, and follows what happens', async (t) => {
  const server = await startConsole(t)
  const { units, sourceId, clusters } = await province(server)
  listen(t, server, clusters[0]!)
  const browser = await ConsoleBrowser.open(t, server)
  const page = await browser.person('lan', [{ role: 'operator', unitId: units.mine }])
  await page.goto('/')

  await t.test('the list and the map hold the clusters of one\'s own units, and no name is ever markup', async (t) => {
    await page.getByRole('button', { name: 'Cụm Đình 1' }).waitFor()
    await page.getByRole('button', { name: HOSTILE }).waitFor()
    t.equal(await page.getByRole('button', { name: 'Cụm Chợ' }).count(), 0)
    await page.getByRole('application').waitFor()
    t.same(await seriousFaults(page), [])
  })

  await t.test('an order of somebody else is shown within two seconds, on every part of the screen', async (t) => {
    const roundMs = await roundTripMs(page)
    const sentMs = Date.now()
    await server.order('priority', sourceId, [units.mine], { title: 'Thông báo lịch tiêm', issuer: units.mine })
    await page.getByRole('heading', { level: 3, name: 'Thông báo lịch tiêm' }).waitFor()
    const shownMs = Date.now() - sentMs
    const allowedMs = 2000 + MACHINE_ROUNDS * Math.max(roundMs, await roundTripMs(page))
    t.comment(`shown ${String(shownMs)} ms after the order`)
    t.ok(shownMs < allowedMs, `shown after ${String(shownMs)} ms of ${allowedMs.toFixed(0)}`)
    await page.getByRole('button', { name: /^1\s?Đang phát ưu tiên$/ }).waitFor()
    await page.getByText('1/3 cụm loa đang phát').waitFor()
  })

  await t.test('a cluster is found without accents, and tells what it plays', async (t) => {
    await page.getByRole('searchbox', { name: 'Tìm cụm loa hoặc đơn vị' }).fill('cum dinh 1')
    await page.getByRole('button', { name: 'Cụm Đình 2' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Cụm Đình 1' }).click()
    const panel = page.getByRole('region', { name: 'Cụm Đình 1' })
    await panel.getByText('Đài xã').waitFor()
    t.equal(await panel.getByRole('link', { name: 'Trang của cụm loa' }).getAttribute('href').then((href) => href?.startsWith('/clusters/c-')), true)
    t.same(await seriousFaults(page), [])
    if (SHOTS) await shoot(page, 'now-vi-light-panel')
    await panel.getByRole('button', { name: 'Đóng' }).click()
    await page.getByRole('searchbox', { name: 'Tìm cụm loa hoặc đơn vị' }).fill('')
  })

  await t.test('who only looks has no buttons that give orders; on a phone the map is loaded when it is asked for', async (t) => {
    const viewer = await browser.person('minh', [{ role: 'viewer', unitId: units.mine }], { viewport: PHONE })
    const loaded: string[] = []
    viewer.on('request', (request) => { loaded.push(request.url()) })
    await viewer.goto('/')
    await viewer.getByRole('button', { name: 'Xem cụm loa' }).waitFor()
    t.equal(await viewer.getByRole('button', { name: 'Dừng phát' }).count(), 0)
    t.equal(await viewer.getByRole('button', { name: 'Phát ngay' }).count(), 0)
    t.notOk(loaded.some((url) => url.includes('map-view')))
    await viewer.getByRole('button', { name: 'Bản đồ' }).click()
    await viewer.getByRole('application').waitFor()
    t.equal(await viewer.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'nothing is wider than the phone')
    t.same(await seriousFaults(viewer), [])
    await viewer.context().close()
  })

  await t.test('the order is stopped after a question, and another is given', async (t) => {
    await page.getByRole('button', { name: 'Dừng phát' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Dừng phát' }).click()
    await page.getByText('Hiện không có gì đang phát.').waitFor()
    await page.getByRole('button', { name: 'Phát ngay' }).click()
    const dialog = page.getByRole('dialog', { name: 'Phát ngay' })
    await dialog.getByLabel('Tên lệnh phát').fill('Nhạc buổi chiều')
    t.same(await seriousFaults(page), [])
    await dialog.getByRole('button', { name: 'Phát ngay' }).click()
    await dialog.getByText('Hãy chọn nguồn hoặc bản ghi').waitFor()
    await dialog.getByRole('button', { name: /Phát gì/ }).click()
    await page.getByRole('option', { name: 'Đài xã' }).click()
    await dialog.getByRole('option', { name: 'Xã BINH-MINH' }).click()
    await dialog.getByText('3 cụm loa, 1 đang kết nối').waitFor()
    if (SHOTS) await shoot(page, 'now-vi-light-play')
    await dialog.getByRole('button', { name: 'Phát ngay' }).click()
    await page.getByRole('heading', { level: 3, name: 'Nhạc buổi chiều' }).waitFor()
  })

  await t.test('without network, and without server, every screen has words; once it is back everything is read again by itself', async (t) => {
    const wide = await browser.person('quan-tri', [{ role: 'administrator', unitId: null }])
    await wide.goto('/clusters')
    await wide.getByRole('link', { name: 'Cụm Chợ' }).waitFor()
    await isKept(wide)
    const links = wide.locator('.shell-side .shell-link, .shell-emergency a')
    const lost = wide.getByText('Mất kết nối với máy chủ từ')
    const main = wide.locator('main')
    /** @returns the screens that say in words that nobody answers */
    const sweep = async (): Promise<string[]> => {
      await lost.waitFor()
      const said: string[] = []
      for (const link of await links.all()) {
        await link.click()
        const name = await link.innerText()
        await main.getByRole('heading', { level: 1 }).waitFor()
        // What was read before stays, under the word that it is old; all else says why it is not there.
        if (name !== 'Cụm loa') await main.getByText(/Máy chủ (chưa|không) trả lời/).first().waitFor()
        else await main.getByRole('link', { name: 'Cụm Chợ' }).waitFor()
        said.push(name)
      }
      await links.filter({ hasText: 'Cụm loa' }).click()
      return said
    }
    const all = ['Khẩn cấp', 'Đang phát', 'Lịch phát', 'Kho âm thanh', 'Nguồn phát', 'Cụm loa', 'Thống kê', 'Hệ thống']
    await wide.context().setOffline(true)
    t.same(await sweep(), all)
    const [cluster] = (await server.get('/v1/clusters?search=D1'))['items'] as { id: string }[]
    await server.request('PATCH', `/v1/clusters/${cluster!.id}`, { name: 'Cụm Chợ Mới' })
    t.equal(await main.getByText('Cụm Chợ Mới').count(), 0)
    await wide.context().setOffline(false)
    await main.getByRole('link', { name: 'Cụm Chợ Mới' }).waitFor()
    await lost.waitFor({ state: 'detached' })

    await server.stop()
    t.same(await sweep(), all)
    await links.filter({ hasText: 'Nguồn phát' }).click()
    await main.getByText(/Máy chủ (chưa|không) trả lời/).first().waitFor()
    await server.run()
    await main.getByText('Đài xã').first().waitFor()
    await lost.waitFor({ state: 'detached' })
    await wide.context().close()
  })

  t.same(browser.complaints, [])
  if (!SHOTS) return
  for (const [name, options] of Object.entries({ 'vi-light-desktop': {}, 'en-dark-desktop': { language: 'en', theme: 'dark' }, 'vi-light-phone': { viewport: PHONE }, 'en-dark-phone': { language: 'en', theme: 'dark', viewport: PHONE } } as const)) {
    const look = await browser.person('lan', [], { viewport: DESKTOP, ...options })
    await look.goto('/')
    await look.getByRole('heading', { level: 3, name: 'Nhạc buổi chiều' }).waitFor()
    await look.waitForLoadState('networkidle').catch(() => undefined)
    await shoot(look, `now-${name}`)
    await look.context().close()
  }
})

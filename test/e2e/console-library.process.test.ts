import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Locator, Page, Request } from 'playwright-core'
import { ConsoleBrowser, PHONE, seriousFaults, settled, shoot, startConsole } from '../support/console-browser.ts'
import { wavFile } from '../support/sound-files.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(180_000)

const HOSTILE = '<img src=x onerror=alert(1)>'
const PART_BYTES = 4 * 1024 * 1024
const RATE = 48_000
/** Bursts of a tone, so that a waveform has something to show. */
const sound = (seconds: number, hz: number): Buffer => wavFile(Float32Array.from({ length: seconds * RATE }, (_, at) => 0.3 * Math.sin((2 * Math.PI * hz * at) / RATE) * Math.abs(Math.sin((Math.PI * at) / RATE))))

t.test('the library: upload over a broken line, listen, cut, record, remove', async (t) => {
  const server = await startConsole(t)
  const unitId = await server.unit('XA')
  await server.loa.PATCH('/v1/units/{id}', { params: { path: { id: unitId } }, body: { name: HOSTILE } })
  const microphone = join(server.dataDir, 'microphone.wav')
  writeFileSync(microphone, sound(5, 300))
  const browser = await ConsoleBrowser.open(t, server, microphone)
  const editor = await browser.person('thu', [{ role: 'editor', unitId }])
  await editor.goto('/library')
  await editor.getByText('Chưa có tệp nào. Hãy tải tệp lên hoặc ghi âm.').waitFor()

  await t.test('several files at once; a part that does not come through is sent again from where the server is', async (t) => {
    const offsets: string[] = []
    const kept = new Set<string>()
    const twice: string[] = []
    let isCut = true
    const nameOf = (request: Request): string => `${request.url()} from ${request.headers()['upload-offset'] ?? ''}`
    editor.on('response', (response) => { if (response.ok() && response.request().method() === 'PATCH') kept.add(nameOf(response.request())) })
    await editor.route('**/v1/clip-uploads/*', async (route) => {
      const offset = route.request().headers()['upload-offset']
      if (route.request().method() !== 'PATCH' || offset === undefined) return route.continue()
      offsets.push(offset)
      if (kept.has(nameOf(route.request()))) twice.push(nameOf(route.request()))
      return offset === String(PART_BYTES) && isCut ? route.abort('connectionreset') : route.continue()
    })
    const long = sound(60, 440)
    await editor.locator('input[type=file]').setInputFiles([{ name: 'Bản tin sáng.wav', mimeType: 'audio/wav', buffer: long }, { name: `${HOSTILE}.wav`, mimeType: 'audio/wav', buffer: sound(2, 500) }, { name: 'hỏng.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('no sound at all') }])
    await editor.getByText(/^Mất mạng\. Đã có 4 MB/).waitFor()
    t.equal(await editor.getByRole('progressbar').first().getAttribute('aria-valuenow'), String(Math.round((PART_BYTES / long.length) * 100)))
    isCut = false
    const uploads = editor.getByRole('region', { name: 'Đang tải lên' })
    await uploads.getByText('Không tải được').waitFor()
    t.equal(await uploads.getByText('Đã có trong kho').count(), 2, (await uploads.textContent()) ?? '')
    t.ok((await uploads.getByRole('alert').textContent())?.length)
    t.ok(kept.size >= 4, 'two parts of the long one, one of each other')
    t.same(twice, [], 'what came through is not sent again')
    t.ok(offsets.filter((offset) => offset === String(PART_BYTES)).length >= 2, 'the part that broke again')
    const { items } = await server.get('/v1/clips?newestFirst=true')
    t.match(items, [{ name: `${HOSTILE}.wav`, durationMs: 2000, unitId }, { name: 'Bản tin sáng.wav', durationMs: 60_000 }])
    await editor.unroute('**/v1/clip-uploads/*')
    await editor.getByRole('button', { name: 'Bỏ hỏng.mp3 khỏi danh sách' }).click()
    t.same(await seriousFaults(editor), [])
  })

  await t.test('what was begun before the page was closed goes on', async (t) => {
    const buffer = sound(3, 700)
    const begun = await editor.context().request.post('/v1/clip-uploads', { data: { name: 'Nhạc hiệu.wav', sizeBytes: buffer.length, unitId }, headers: { origin: server.api } })
    const { id } = await begun.json() as { id: string }
    await editor.context().request.patch(`/v1/clip-uploads/${id}`, { data: buffer.subarray(0, 100_000), headers: { 'origin': server.api, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' } })
    const part = editor.waitForRequest((request) => request.method() === 'PATCH')
    await editor.locator('input[type=file]').setInputFiles({ name: 'Nhạc hiệu.wav', mimeType: 'audio/wav', buffer })
    t.equal((await part).headers()['upload-offset'], '100000')
    await editor.getByRole('button', { name: 'Nhạc hiệu.wav', exact: true }).waitFor()
  })

  await t.test('found without accents, heard, and cut by the keyboard', async (t) => {
    await editor.getByRole('searchbox').fill('ban tin')
    await editor.getByRole('button', { name: 'Nhạc hiệu.wav', exact: true }).waitFor({ state: 'detached' })
    const { items: [clip] } = await server.get('/v1/clips?search=ban%20tin') as { items: [{ id: string }] }
    await waitUntil('its copy is made', async () => (await editor.context().request.head(`/v1/clips/${clip.id}/audio?format=opus`)).ok() || undefined)
    const sound = editor.waitForResponse((response) => response.url().includes('/audio'))
    await editor.getByRole('button', { name: 'Nghe Bản tin sáng.wav' }).click()
    const heard = (await sound).headers()
    t.equal(heard['content-type'], 'audio/ogg; codecs=opus')
    const bytes = Number(heard['content-range']?.split('/')[1] ?? heard['content-length'])
    t.ok(bytes > 60_000 && bytes < 600_000, `a minute is ${String(bytes)} bytes`)
    await editor.getByRole('button', { name: 'Dừng nghe Bản tin sáng.wav' }).click()
    await editor.getByRole('button', { name: 'Bản tin sáng.wav', exact: true }).click()
    const dialog = editor.getByRole('dialog')
    await dialog.getByText(/^Khi phát: -1[56](,\d)? LUFS, đỉnh -/).waitFor()
    await dialog.getByText('Chưa dùng ở đâu.').waitFor()
    const start = dialog.getByRole('slider', { name: 'Điểm đầu' })
    await start.press('PageUp')
    await reads(start, '0:05.0')
    await dialog.getByLabel('Đến giây').fill('12,5')
    await dialog.getByLabel('Đến giây').press('Tab')
    await reads(dialog.getByRole('slider', { name: 'Điểm cuối' }), '0:12.5')
    t.same(await seriousFaults(editor), [])
    await dialog.getByLabel('Tên tệp mới').fill('Tin ngắn')
    await dialog.getByRole('button', { name: 'Lưu thành tệp mới' }).click()
    await editor.getByRole('dialog', { name: 'Tin ngắn' }).waitFor()
    const { items } = await server.get('/v1/clips?search=tin%20ngan')
    t.match(items, [{ name: 'Tin ngắn', durationMs: 7500, unitId }])
  })

  await t.test('removed, unless something plays it', async (t) => {
    const { items: [clip] } = await server.get('/v1/clips?search=tin%20ngan') as { items: [{ id: string }] }
    const order = await server.post('/v1/orders', { class: 'normal', title: HOSTILE, clipIds: [clip.id], targets: { units: [unitId] }, startsAt: new Date(Date.now() + 3_600_000).toISOString() }) as { id: string }
    await editor.reload()
    await editor.getByRole('button', { name: 'Tin ngắn', exact: true }).click()
    await editor.getByRole('button', { name: 'Xoá tệp' }).click()
    await editor.getByText(/^Chưa xoá được/).waitFor()
    await server.stopOrder(order.id)
    await editor.reload()
    await editor.getByRole('button', { name: 'Tin ngắn', exact: true }).click()
    await editor.getByRole('textbox', { name: 'Tên', exact: true }).fill('Tin vắn')
    await editor.getByRole('button', { name: 'Lưu', exact: true }).click()
    await editor.getByRole('dialog', { name: 'Tin vắn' }).waitFor()
    await editor.getByRole('button', { name: 'Xoá tệp' }).click()
    await editor.getByRole('alertdialog').getByRole('button', { name: 'Xoá tệp' }).click()
    // What lies behind a dialog has no role: only without one is it told that the clip is not there.
    for (const role of ['alertdialog', 'dialog'] as const) await editor.getByRole(role).waitFor({ state: 'detached' })
    await editor.getByRole('button', { name: 'Bản tin sáng.wav', exact: true }).waitFor()
    await editor.getByRole('button', { name: 'Tin vắn', exact: true }).waitFor({ state: 'detached' })
    t.same((await server.get('/v1/clips?search=tin%20van')).items, [])
  })

  await t.test('recorded with a level in sight, cut, named and kept', async (t) => {
    await editor.getByRole('button', { name: 'Ghi âm' }).click()
    const begunMs = performance.now()
    await editor.getByRole('button', { name: 'Bắt đầu ghi' }).click()
    await editor.getByRole('meter', { name: 'Mức tiếng' }).and(editor.locator('[aria-valuetext="Tốt"]')).waitFor()
    await editor.getByText(/^Đang ghi (0:0[2-9]|0:[1-5]\d|[1-9])/).waitFor()
    t.same(await seriousFaults(editor), [])
    await editor.getByRole('button', { name: 'Dừng ghi' }).click()
    const lastedMs = performance.now() - begunMs
    await editor.getByRole('slider', { name: 'Điểm đầu' }).press('ArrowRight')
    t.same(await seriousFaults(editor), [])
    await editor.getByRole('textbox', { name: 'Tên', exact: true }).fill('Loan báo')
    await editor.getByRole('button', { name: 'Lưu vào kho' }).click()
    await editor.getByRole('button', { name: 'Loan báo', exact: true }).waitFor()
    const { items: [clip] } = await server.get('/v1/clips?search=loan%20bao') as { items: [{ durationMs: number; loudnessLufs: number }] }
    t.ok(clip.durationMs > 1000 && clip.durationMs < lastedMs + 1000 && clip.loudnessLufs > -60, `${JSON.stringify(clip)} of ${String(lastedMs)} ms`)
  })

  await t.test('a playlist: made, put in order by buttons and by dragging with the keyboard, taken to the schedule', async (t) => {
    await editor.getByRole('tab', { name: 'Danh sách phát' }).click()
    await editor.getByRole('button', { name: 'Tạo danh sách' }).click()
    await editor.getByRole('textbox', { name: 'Tên danh sách' }).fill(HOSTILE)
    await editor.getByRole('dialog').getByRole('button', { name: 'Tạo danh sách' }).click()
    for (const name of ['Bản tin sáng.wav', 'Nhạc hiệu.wav', 'Loan báo']) {
      await editor.getByRole('button', { name: 'Thêm tệp' }).click()
      await editor.getByRole('option', { name }).click()
    }
    const rows = editor.getByRole('dialog').getByRole('row')
    const up = editor.getByRole('button', { name: 'Đưa Nhạc hiệu.wav lên trên' })
    await up.press('Enter') // come to without the row, as a screen reader does
    await rows.first().filter({ hasText: 'Nhạc hiệu' }).waitFor()
    await editor.locator('[aria-label="Đưa Nhạc hiệu.wav xuống dưới"]:focus').waitFor() // the keyboard stays at the row that moved
    await rows.nth(2).getByRole('button', { name: /^Kéo/ }).press('Enter')
    await editor.locator('.playlist-drop[data-drop-target]').waitFor({ state: 'attached' })
    await editor.keyboard.press('Home')
    await editor.keyboard.press('Enter')
    await editor.getByText(/^1\. Loan báo/).waitFor()
    t.same(await seriousFaults(editor), [])
    const shown = (await rows.allTextContents()).map((text) => ['Nhạc hiệu', 'Loan báo', 'Bản tin'].find((name) => text.includes(name)))
    await editor.getByRole('button', { name: 'Lưu', exact: true }).click()
    const kept = await waitUntil('it is kept', async () => {
      const { items } = (await server.get('/v1/playlists')) as { items: { name: string; durationMs: number; clips: { name: string; durationMs: number }[] }[] }
      return items.find(({ clips }) => clips.length === shown.length)
    })
    t.same([kept.name, kept.durationMs], [HOSTILE, kept.clips.reduce((sum, { durationMs }) => sum + durationMs, 0)])
    t.same(kept.clips.map(({ name }) => name.replace(/( sáng)?\.wav$/, '')), shown)
    await editor.getByRole('link', { name: 'Đặt lịch' }).click()
    const chosen = editor.getByRole('dialog').getByRole('list', { name: 'Bài thu sẵn' }).getByRole('listitem')
    for (const { name } of kept.clips) await chosen.filter({ hasText: name }).waitFor()
    t.equal(await chosen.count(), 3)
  })

  await t.test('who may only look is offered nothing else', async (t) => {
    const viewer = await browser.person('xem', [{ role: 'viewer', unitId }], { viewport: PHONE })
    await viewer.goto('/library')
    await viewer.getByRole('button', { name: 'Bản tin sáng.wav', exact: true }).click()
    await viewer.getByText('Bạn chỉ có quyền nghe tệp này.').waitFor()
    t.same(await viewer.getByRole('button', { name: /Tải tệp lên|Ghi âm|Xoá|Lưu|Cắt/ }).count(), 0)
    t.equal(await viewer.getByRole('slider', { name: 'Điểm đầu' }).count(), 0)
    t.same(await seriousFaults(viewer), [])
    t.ok(await viewer.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'nothing is wider than the telephone')
    await viewer.keyboard.press('Escape')
    t.equal(await viewer.getByRole('button', { name: /Độ dài/ }).count(), 0, 'filters are folded')
    await viewer.getByRole('button', { name: 'Bộ lọc' }).click()
    await viewer.getByRole('button', { name: /Độ dài/ }).click()
    await viewer.getByRole('option', { name: 'Trên 10 phút' }).click()
    await viewer.getByText('Không tìm thấy').waitFor()
    await viewer.getByRole('button', { name: 'Bộ lọc (1)' }).waitFor()
  })

  if (process.env['LOA_SHOTS'] === '1') {
    for (const language of ['vi', 'en'] as const) for (const theme of ['light', 'dark'] as const) for (const [size, viewport] of [['1280', { width: 1280, height: 800 }], ['360', PHONE]] as const) {
      const page = await browser.person(`p${language}${theme}${size}`, [{ role: 'editor', unitId }], { language, theme, viewport })
      await pictures(page, `${language}-${theme}-${size}`)
      await page.context().close()
    }
  }
  await t.test('where the browser cannot play the copy, or it cannot be had, the clip itself is heard', async (t) => {
    const asked: string[] = []
    // A window that has not heard it before: a browser may keep what it has played, and ask for nothing.
    const anew = await browser.person('thu', [])
    await anew.route('**/audio*', (route) => {
      asked.push(route.request().url().replace(/.*\/audio/, ''))
      return route.request().url().endsWith('format=opus') ? route.fulfill({ status: 507, body: '' }) : route.continue()
    })
    await anew.goto('/library')
    await anew.getByRole('button', { name: 'Nghe Bản tin sáng.wav' }).click()
    t.same(await settled(['?format=opus', ''], () => Promise.resolve(asked.slice(0, 2))), ['?format=opus', ''])
    await anew.getByRole('button', { name: 'Dừng nghe Bản tin sáng.wav' }).click()
    await anew.context().close()
  })
  t.same(browser.complaints, [])
})

/** Waits until a mark of the waveform says that it stands there. */
const reads = (mark: Locator, time: string): Promise<void> => mark.and(mark.page().locator(`[aria-valuetext="${time}"]`)).waitFor({ state: 'attached' })

async function pictures(page: Page, name: string): Promise<void> {
  await page.goto('/library')
  const clip = page.getByRole('button', { name: 'Bản tin sáng.wav', exact: true })
  await clip.waitFor()
  await shoot(page, `library-${name}`)
  await clip.click()
  await page.getByText(/LUFS.*dBTP/).waitFor()
  await page.getByRole('slider').nth(1).press('PageUp')
  await shoot(page, `library-clip-${name}`)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^(Ghi âm|Record)$/ }).click()
  await page.getByRole('button', { name: /Bắt đầu ghi|Start recording/ }).click()
  await page.getByText(/(Đang ghi|Recording) 0:01/).waitFor()
  await shoot(page, `library-recording-${name}`)
  await page.getByRole('button', { name: /Dừng ghi|Stop recording/ }).click()
  await page.getByRole('slider').first().waitFor({ state: 'attached' })
  await shoot(page, `library-recorded-${name}`)
}

import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { ConsoleBrowser, DESKTOP, PHONE, seriousFaults, shoot, startConsole, typeDate } from '../support/console-browser.ts'

t.setTimeout(180_000)

const HOSTILE = '<img src=x onerror=alert(1)>'
const SHOTS = process.env['LOA_SHOTS'] === '1'
const DAY_MS = 86_400_000
/** Days of Viet Nam: everything is planned for next week, so nothing has begun. */
const today = new Date(Date.now() + 7 * 3_600_000)
const nextMonday = new Date(today.getTime() + (7 - ((today.getUTCDay() + 6) % 7)) * DAY_MS)
const dayOf = (index: number): string => new Date(nextMonday.getTime() + index * DAY_MS).toISOString().slice(0, 10)

const idOf = async (made: Promise<Readonly<Record<string, unknown>>>): Promise<string> => String((await made)['id'])

/** Says shortly that something was done; under a hand it stays, however late the next step is. */
async function held(page: Page, text: string | RegExp): Promise<Locator> {
  const toast = page.locator('.toast', { hasText: text }).last()
  await toast.hover()
  return toast
}

/** A play in the grid. */
const play = (page: Page, title: string) => page.locator('.week-grid .play', { hasText: title })

t.test('somebody plans a week: a form, a collision and its cure, a hand that drags, and the way back', async (t) => {
  const server = await startConsole(t)
  const province = await idOf(server.post('/v1/units', { code: 'T1', name: 'Tỉnh Một' }))
  const commune = await idOf(server.post('/v1/units', { code: 'X1', name: `Xã ${HOSTILE}`, parentId: province }))
  const cluster = await idOf(server.post('/v1/clusters', { unitId: commune, code: 'C1', name: 'Cụm chợ' }))
  const sourceId = await idOf(server.post('/v1/sources', { kind: 'tone', name: 'Đài xã', frequencyHz: 440 }))
  const plan = (title: string, unitId: string, index: number, time: string, more: object = {}) => server.post('/v1/schedule-items', { title, class: 'normal', sourceId, durationMs: 1_800_000, targets: { units: [unitId] }, issuer: unitId, time, firstDay: dayOf(index), ...more })
  await plan(`Bản tin ${HOSTILE}`, commune, 1, '06:00')
  await plan('Tiếp sóng tỉnh', province, 2, '06:00', { repeat: { kind: 'daily' } })
  const browser = await ConsoleBrowser.open(t, server)
  // A computer that was bought elsewhere and never told where it is.
  const page = await browser.person('lan', [{ role: 'editor', unitId: commune }], { locale: 'en-US', timezoneId: 'America/New_York' })

  await page.goto('/schedule')
  await page.getByRole('heading', { level: 1, name: 'Lịch phát' }).waitFor()
  await page.getByRole('button', { name: 'Sau', exact: true }).click()
  await play(page, 'Bản tin').waitFor()
  t.match(await play(page, 'Bản tin').textContent(), HOSTILE, 'names are texts')

  // The form says what it means, and what it meets while it is filled in.
  await page.getByRole('button', { name: 'Thêm mục' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Tên mục').fill('Nhạc sáng')
  await form.getByRole('button', { name: /Nguồn/ }).click()
  await page.getByRole('option', { name: 'Đài xã' }).click()
  await typeDate(form, 'Bắt đầu', '06:15')
  await typeDate(form, 'Kết thúc', '06:45')
  await typeDate(form, 'Ngày', dayOf(1))
  await form.getByText(/Trùng 1 lần với «Bản tin/).waitFor()
  t.same(await seriousFaults(page), [])
  if (SHOTS) await shoot(page, 'schedule-form-vi-light-desktop')
  await form.getByRole('button', { name: 'Phát sau mục kia, lúc 06:30' }).click()
  await form.getByText('Không trùng với gì').waitFor()
  const shownIn = async (label: string) => (await form.getByRole('group', { name: label, exact: true }).getByRole('spinbutton').allTextContents()).join(' ')
  t.equal(await shownIn('Bắt đầu'), '06 30', 'cured by one press')
  t.equal(await shownIn('Ngày'), dayOf(1).split('-').reverse().join(' '), 'as the console writes days, not as the browser does')
  t.match(await form.getByText(/^Sẽ phát: /).textContent(), 'Một lần, Thứ 3', 'in words')

  // An empty number is told, and nothing is put in its place; a broken policy says how much of what is used.
  await form.getByText('Tuỳ chọn khác').click()
  const plays = form.getByLabel('Số lượt mỗi ngày')
  await plays.fill('')
  await plays.blur()
  await form.getByText('Cần điền').waitFor()
  await form.getByRole('button', { name: 'Thêm vào lịch' }).click()
  await form.getByText('Còn để trống: «Số lượt mỗi ngày»').waitFor()
  await plays.fill('1')
  await plays.blur()
  await server.request('PATCH', `/v1/units/${commune}/policy`, { playMs: 1_200_000 })
  await typeDate(form, 'Kết thúc', '07:01')
  await form.getByText('dùng 31/20 phút').waitFor()
  t.same(await seriousFaults(page), [])
  if (SHOTS) await shoot(page, 'schedule-breach-vi-light-desktop')
  await server.request('PATCH', `/v1/units/${commune}/policy`, { playMs: null })
  await typeDate(form, 'Kết thúc', '07:00')
  await form.getByText('Không trùng với gì').waitFor()

  await form.getByRole('button', { name: 'Thêm vào lịch' }).click()
  const added = await held(page, 'Đã thêm «Nhạc sáng»')
  await play(page, 'Nhạc sáng').waitFor()
  const made = async () => ((await server.get('/v1/schedule-items?search=Nhạc')) as { items: { id: string; time: string; firstDay: string; durationMs: number }[] }).items
  t.match(await made(), [{ time: '06:30:00', firstDay: dayOf(1), durationMs: 1_800_000 }])

  // What was made is taken back only as it was made.
  const itsId = (await made())[0]!.id
  await server.request('PATCH', `/v1/schedule-items/${itsId}`, { title: 'Nhạc của họ' })
  await added.getByRole('button', { name: 'Hoàn tác' }).click()
  await page.getByText('Người khác vừa thay đổi mục này').waitFor()
  t.match(await made(), [{ id: itsId, title: 'Nhạc của họ' }])
  await server.request('PATCH', `/v1/schedule-items/${itsId}`, { title: 'Nhạc sáng' })
  await page.reload()
  await page.getByRole('button', { name: 'Sau', exact: true }).click()
  await play(page, 'Nhạc sáng').waitFor()

  // A hand drags it to the next day, an hour later: the grid is 30 minutes a row.
  await drag(page, 'Nhạc sáng', 1, 1)
  const moved = await held(page, 'Đã dời «Nhạc sáng»')
  t.match(await made(), [{ time: '07:30:00', firstDay: dayOf(2) }], 'an hour of the hand is an hour of the item, wherever it was taken hold of')
  await moved.getByRole('button', { name: 'Hoàn tác' }).click()
  await page.getByText('Đã hoàn tác').waitFor()
  t.match(await made(), [{ time: '06:30:00', firstDay: dayOf(1) }], 'as it was')

  // What somebody else has changed while the form was open is not written over unseen.
  await play(page, 'Nhạc sáng').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sửa' }).click()
  const edit = page.getByRole('dialog', { name: /Nhạc sáng/ })
  await edit.getByLabel('Tên mục').fill('Nhạc sáng của tôi')
  await server.request('PATCH', `/v1/schedule-items/${itsId}`, { title: 'Nhạc sáng của họ', durationMs: 900_000 })
  await edit.getByRole('button', { name: 'Lưu', exact: true }).click()
  const both = page.getByRole('dialog').getByRole('row', { name: 'Nhạc sáng của tôi Nhạc sáng của họ' })
  await both.waitFor()
  t.same(await seriousFaults(page), [])
  if (SHOTS) await shoot(page, 'schedule-conflict-vi-light-desktop')
  await page.getByRole('button', { name: 'Lưu bản của tôi' }).click()
  await edit.getByRole('button', { name: 'Lưu', exact: true }).click()
  await edit.waitFor({ state: 'detached' })
  t.match(await made(), [{ title: 'Nhạc sáng của tôi', durationMs: 900_000 }], 'and what only the other one changed stays')
  await server.request('PATCH', `/v1/schedule-items/${itsId}`, { title: 'Nhạc sáng', durationMs: 1_800_000 })
  await page.reload()
  await page.getByRole('button', { name: 'Sau', exact: true }).click()
  await play(page, 'Nhạc sáng').waitFor()

  // What a unit above has given is seen, with whose it is, and stays where it is.
  await play(page, 'Tiếp sóng tỉnh').first().click()
  await page.getByRole('dialog').getByText('Bạn xem được nhưng không đổi được').waitFor()
  t.equal(await page.getByRole('dialog').getByRole('button', { name: 'Sửa' }).count(), 0)
  await page.getByRole('dialog').getByRole('button', { name: 'Đóng' }).last().click()

  // One play of what repeats is moved: the others stay.
  const daily = await idOf(plan('Thể dục', commune, 3, '05:00', { repeat: { kind: 'daily' } }))
  await page.reload()
  await page.getByRole('button', { name: 'Sau', exact: true }).click()
  await drag(page, 'Thể dục', 0, 2)
  await page.getByRole('dialog').getByRole('button', { name: 'Lưu' }).click()
  await page.getByText('Đã dời «Thể dục»').waitFor()
  t.match(await server.get(`/v1/schedule-items/${daily}`), { except: [dayOf(3)], time: '05:00:00' })

  // What a cluster will be heard with, and the minutes of its unit.
  await page.getByRole('button', { name: /Cụm loa: Mọi cụm loa/ }).click()
  await page.getByRole('option', { name: /Cụm chợ/ }).click()
  await page.getByRole('region', { name: 'Quy định và thời lượng' }).waitFor()
  await page.getByRole('button', { name: 'Cụm này phát gì' }).click()
  await typeDate(page.getByRole('dialog'), 'Ngày', dayOf(1))
  await page.getByRole('dialog').getByText('Nhạc sáng').waitFor()
  t.same(await seriousFaults(page), [])
  await page.getByRole('dialog').getByRole('button', { name: 'Đóng' }).last().click()

  // A week is copied, and one press takes all of it back.
  await page.getByRole('button', { name: 'Chép tuần' }).click()
  await page.getByRole('dialog').getByText(/Sẽ thêm \d+ mục/).waitFor()
  const count = async () => ((await server.get('/v1/schedule-items')) as { items: unknown[] }).items.length
  const before = await count()
  await page.getByRole('dialog').getByRole('button', { name: 'Chép', exact: true }).click()
  await page.getByRole('dialog').getByText(/trùng với 'Tiếp sóng tỉnh'/).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Vẫn chép, chấp nhận trùng' }).click()
  const copied = await held(page, /Đã chép \d+ mục/)
  t.ok(await count() > before)
  await copied.getByRole('button', { name: 'Hoàn tác' }).click()
  await page.getByText('Đã hoàn tác').last().waitFor()
  t.equal(await count(), before)

  // Who may only look sees no button, on a phone too.
  const viewer = await browser.person('khach', [{ role: 'viewer', unitId: commune }], { viewport: PHONE })
  await viewer.goto('/schedule')
  await viewer.getByRole('button', { name: 'Bộ lọc' }).click()
  await typeDate(viewer, 'Chọn ngày', dayOf(1))
  await viewer.getByRole('button', { name: /Nhạc sáng/ }).click()
  await viewer.getByRole('dialog').getByText(/Một lần, Thứ 3/).waitFor()
  t.same(await seriousFaults(viewer), [])
  for (const name of ['Thêm mục', 'Chép tuần', 'Sửa', 'Xoá', 'Bỏ lần này']) t.equal(await viewer.getByRole('button', { name }).count(), 0, name)
  if (SHOTS) await pictures(browser, cluster)
  t.same(browser.complaints, [])
})

/** Drags a play of the grid by so many days and rows of an hour, as a hand does. */
async function drag(page: Page, title: string, days: number, hours: number): Promise<void> {
  const one = play(page, title).first()
  // Where it is once the grid has come to rest.
  await one.hover()
  const box = await one.boundingBox()
  if (box === null) throw new Error(`${title} is not in sight`)
  const topOf = async (time: string) => (await page.locator('.week-grid').getByText(time, { exact: true }).first().boundingBox())?.y ?? 0
  const rowsHeight = await topOf('06:00') - await topOf('05:00')
  const from = { x: box.x + box.width / 2, y: box.y + Math.min(6, box.height / 3) }
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 8, from.y + 8, { steps: 3 })
  await page.mouse.move(from.x + days * box.width * 1.02, from.y + hours * rowsHeight, { steps: 12 })
  await page.mouse.up()
}

async function pictures(browser: ConsoleBrowser, cluster: string): Promise<void> {
  for (const language of ['vi', 'en'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]] as const) {
        const page = await browser.person(`anh-${language}-${theme}-${size}-${cluster.slice(-3)}`, [{ role: 'administrator', unitId: null }], { language, theme, viewport })
        await page.goto('/schedule')
        if (size === 'phone') await page.getByRole('button', { name: language === 'vi' ? 'Bộ lọc' : 'Filters' }).click()
        await typeDate(page, language === 'vi' ? 'Chọn ngày' : 'Choose a day', dayOf(1))
        await page.getByText('Nhạc sáng').first().waitFor()
        await shoot(page, `schedule-${language}-${theme}-${size}`)
        await page.getByRole('button', { name: language === 'vi' ? 'Thêm mục' : 'Add an item' }).click()
        await page.getByRole('dialog').waitFor()
        await shoot(page, `schedule-form-${language}-${theme}-${size}`)
        await page.context().close()
      }
    }
  }
}

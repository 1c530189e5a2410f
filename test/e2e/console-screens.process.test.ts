import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { ConsoleBrowser, DESKTOP, PASSWORD, PHONE, seriousFaults, shoot, startConsole } from '../support/console-browser.ts'
import { ADMIN_TOKEN, type LoaServer } from '../support/loa-server.ts'
import { enrolDevice, ScriptedDevice } from '../support/scripted-device.ts'
import { totpCode } from '../support/totp.ts'
import { wavFile } from '../support/sound-files.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(300_000)

const SIZES = { phone: PHONE, desktop: DESKTOP } as const
const DAY_MS = 86_400_000
/** What a text looks like that was not filled in: a value by no name, or nothing where something stands. */
const UNFINISHED = /\{[a-zA-Z]+[},]|\bundefined\b|\bNaN\b|\[object |Invalid Date/

interface Screen {
  readonly name: string
  readonly path: string
  /** There when it is complete. */
  readonly shows: string
  readonly prepare?: (page: Page) => Promise<void>
}

t.test('every screen in both languages, themes and sizes: whole, in words, and within the screen', async (t) => {
  const server = await startConsole(t)
  const { provinceId, clusterId, sourceId } = await someContent(t, server)
  const screens: readonly Screen[] = [
    { name: 'now', path: '/', shows: '.now-line' },
    { name: 'emergency-compose', path: '/emergency', shows: '.template' },
    { name: 'emergency-review', path: '/emergency', shows: '.template', prepare: review },
    { name: 'schedule', path: '/schedule', shows: '.play-row, .week-grid .play' },
    { name: 'schedule-item', path: '/schedule', shows: '.play-row, .week-grid .play', prepare: (page) => openDialog(page, 'main .button.primary') },
    { name: 'library', path: '/library', shows: 'h1' },
    { name: 'sources', path: '/sources', shows: '.source-row' },
    { name: 'source', path: `/sources/${sourceId}`, shows: '.card' },
    { name: 'source-new', path: '/sources/new', shows: '.card' },
    { name: 'source-edit', path: `/sources/${sourceId}/edit`, shows: 'form' },
    { name: 'source-phone', path: '/sources/phone', shows: '.card' },
    { name: 'clusters', path: '/clusters', shows: `a[href="/clusters/${clusterId}"]` },
    { name: 'cluster', path: `/clusters/${clusterId}`, shows: '.facts' },
    { name: 'cluster-new', path: '/clusters/new', shows: 'form, .card' },
    { name: 'cluster-import', path: '/clusters/import', shows: '.card' },
    { name: 'cluster-codes', path: '/clusters/codes', shows: '.card' },
    { name: 'cluster-groups', path: '/clusters/groups', shows: '.cluster-grid, .empty' },
    { name: 'tickets', path: '/clusters/tickets', shows: 'a[href^="/clusters/tickets/"]' },
    { name: 'road', path: '/clusters/road', shows: '.cluster-grid, .empty' },
    { name: 'figures', path: '/figures', shows: '.chart canvas' },
    ...['users', 'units', 'policies', 'alertRules', 'templates', 'alarms', 'alarmRules', 'channels', 'audit', 'keys', 'health', 'backups'].map((tab) => ({ name: `system-${tab}`, path: `/system?tab=${tab}`, shows: '[role="tabpanel"] :is(table, .card, .empty, .button)' })),
    { name: 'account', path: '/account', shows: '.card' },
    { name: 'practice', path: '/practice', shows: 'h1' },
    { name: 'start', path: '/start', shows: 'h1' },
  ]
  const browser = await ConsoleBrowser.open(t, server)
  const roles = [{ role: 'administrator', unitId: null }, { role: 'auditor', unitId: null }, { role: 'emergency-officer', unitId: provinceId }]
  await someoneWithCodes(server, provinceId)
  const windows = await Promise.all(([['vi', 'lan'], ['en', 'nam']] as const).map(async ([language, login]) => {
    const [visitor, person] = await Promise.all([browser.visitor({ language }), browser.person(login, roles, { language })])
    await Promise.all([visitor.goto('/'), person.goto('/account')])
    return { language, visitor, person, look: looker(t, language) }
  }))
  const lookAt = (some: readonly Screen[]) => Promise.all(windows.map(async ({ person, look }) => {
    for (const { name, path, shows, prepare } of some) {
      await person.evaluate(`history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`)
      await person.locator(`:is(${shows}):visible`).first().waitFor()
      await prepare?.(person)
      await look(person, name)
    }
  }))
  for (const { visitor, look } of windows) {
    await visitor.locator('form').waitFor()
    await look(visitor, 'sign-in')
    for (const [field, text] of [['username', 'binh'], ['current-password', PASSWORD]] as const) await visitor.locator(`[autocomplete=${field}]`).fill(text)
    await visitor.locator('button[type=submit]').click()
    await visitor.locator('[autocomplete=one-time-code]').waitFor()
    await look(visitor, 'sign-in-code')
    await visitor.close()
  }
  await lookAt(screens)

  const { id: alertId } = await server.post('/v1/alerts', { kind: 'exercise', hazard: 'flood', level: 2, title: 'Cảnh báo lũ trên sông Cầu', parts: [{ language: 'vi', text: 'Nước lên nhanh. Mau lên đồi.' }], targets: { units: [provinceId] }, durationMs: 600_000 })
  await server.post(`/v1/alerts/${String(alertId)}/confirm`)
  await lookAt([
    { name: 'emergency-board', path: `/emergency/${String(alertId)}`, shows: '.board-acts' },
    { name: 'wall', path: '/', shows: '.now-line', prepare: toWall },
  ])
  t.same(browser.complaints, [])
})

/** A person whose way in asks for a code. */
async function someoneWithCodes(server: LoaServer, unitId: string): Promise<void> {
  await server.post('/v1/users', { login: 'binh', name: 'Trần Bình', password: PASSWORD, roles: [{ role: 'viewer', unitId }] })
  const session = await server.post('/v1/sessions', { login: 'binh', password: PASSWORD, as: 'token' })
  const bearer = { authorization: `Bearer ${String(session['token'])}` }
  const { body } = await server.request('POST', '/v1/me/second-factor', { password: PASSWORD }, bearer)
  await server.request('POST', '/v1/me/second-factor/confirm', { code: totpCode(String(body['secret']), Date.now()) }, bearer)
}

async function review(page: Page): Promise<void> {
  await page.locator('.template').first().click()
  await page.locator('.emergency-foot button[type=submit]').click()
  await page.locator('.review-acts').waitFor()
}

async function openDialog(page: Page, by: string): Promise<void> {
  await page.locator(by).first().click()
  await page.locator('[role=dialog]').waitFor()
}

async function toWall(page: Page): Promise<void> {
  await page.evaluate("localStorage.setItem('loa.size', 'wall')")
  await page.reload()
  await page.locator('.now[data-wall] .now-number').first().waitFor()
}

/** Judges what a page shows, and keeps four pictures of it. What one look ends with the next begins with, so that little is drawn anew. */
function looker(t: Test, language: 'vi' | 'en'): (page: Page, name: string) => Promise<void> {
  let looks: readonly (readonly ['light' | 'dark', keyof typeof SIZES])[] = [['light', 'desktop'], ['light', 'phone'], ['dark', 'phone'], ['dark', 'desktop']]
  return async (page, name) => {
    for (const [theme, size] of looks) {
      const what = `${name}-${language}-${theme}-${size}`
      const isForAxe = what.endsWith('vi-light-desktop') || what.endsWith('en-dark-phone')
      await page.setViewportSize(SIZES[size])
      await page.emulateMedia({ colorScheme: theme })
      await page.locator(`html[data-theme="${theme}"]`).waitFor()
      await page.locator('.spinner:visible').first().waitFor({ state: 'hidden' })
      await shoot(page, what)
      if (isForAxe) t.same(await seriousFaults(page), [], what)
      if (size === 'phone') t.same(await sticksOut(page), [], `${what}: nothing is wider than a phone, and a thumb reaches every way`)
    }
    looks = looks.toReversed()
    t.notMatch(await page.locator('body').innerText(), UNFINISHED, `${name}-${language}: every text is filled in`)
    t.equal(await page.evaluate('document.documentElement.lang'), language)
  }
}

/** Ways of the navigation that are beyond the edge, or smaller than a thumb. */
const OUT_OF_REACH = "[...document.querySelectorAll('.shell-side :is(a, button)')].filter((one) => { const { left, right, width, height } = one.getBoundingClientRect(); return left < 0 || right > innerWidth + 1 || width < 44 || height < 44 }).map((one) => `out of reach: ${one.innerText}`)"

/** What is wider than the page, or out of reach, once it has settled, and not cut off by what holds it; empty: nothing. A page that was made smaller is asked again until it has heard of it. */
async function sticksOut(page: Page): Promise<readonly string[]> {
  let found: readonly string[] = []
  await waitUntil('nothing sticks out', async () => (found = await page.evaluate<string[]>(`[...${WIDER}, ...${OUT_OF_REACH}]`)).length === 0).catch(() => undefined)
  return found
}

/** Runs in the page: how wide it is, and what of it is the cause; empty where it is no wider than the window. */
const WIDER = `(() => {
  const { scrollWidth } = document.documentElement
  if (scrollWidth <= innerWidth) return []
  const isCut = (one) => one.parentElement !== null && (getComputedStyle(one.parentElement).overflowX !== 'visible' || isCut(one.parentElement))
  const reachOf = (one) => Math.round(one.getBoundingClientRect().right)
  const out = [...document.querySelectorAll('body *')].filter((one) => reachOf(one) > innerWidth && !isCut(one))
  return [scrollWidth + ' of ' + innerWidth + ' px', ...out.slice(0, 8).map((one) => one.tagName + ' ' + one.getAttribute('class') + ' to ' + reachOf(one) + ' px')]
})()`

/** A district of a few units: some clusters are connected, something is on the air, planned, broken and to be repaired. */
async function someContent(t: Test, server: LoaServer): Promise<{ readonly provinceId: string; readonly clusterId: string; readonly sourceId: string }> {
  const province = await idOf(server.post('/v1/units', { code: 'BN', name: 'Tỉnh Bắc Ninh', people: 3_600_000 }))
  const communes = await Promise.all(['Xã Quang Châu', 'Phường Nếnh', 'Xã Trường Chinh Thịnh Vượng'].map((name, index) => idOf(server.post('/v1/units', { code: `X${String(index)}`, name, parentId: province, people: 8200, contact: { name: 'Nguyễn Thị Hồng Nhung', phone: '0912 345 678' } }))))
  const clusters = await Promise.all(communes.flatMap((unitId, n) => ['Nhà văn hoá thôn Đông Tiến', 'Chợ', 'Trường tiểu học số 2'].map((name, k) => server.cluster(unitId, `CL-${String(n)}${String(k)}`, { name, position: { lat: 21.2 + n / 20, lon: 106.1 + k / 20 } }))))
  const devices = await Promise.all(clusters.slice(0, 5).map(async ({ id }) => new ScriptedDevice(server, await enrolDevice(server, id)).welcomed()))
  t.teardown(() => { for (const { socket } of devices) socket.terminate() })
  const tone = await server.tone('Đài truyền thanh xã', 440)
  const sourceId = await idOf(server.post('/v1/sources', { kind: 'relay', name: 'Tiếp sóng đài tỉnh', urls: ['http://127.0.0.1:9/dai-tinh.mp3'] }))
  await server.post('/v1/sources', { kind: 'standby', name: 'Chương trình buổi sáng', inputSourceIds: [sourceId, tone] })
  await server.order('normal', tone, [communes[0]!], { title: 'Bản tin sáng của Đài truyền thanh xã Quang Châu' })
  await server.order('priority', tone, [communes[1]!], { title: 'Thông báo tiêm chủng mở rộng' })
  const today = new Date(Date.now() + 7 * 3_600_000)
  const dayOf = (index: number): string => new Date(today.getTime() + index * DAY_MS).toISOString().slice(0, 10)
  for (const [title, time, index, repeat] of [['Tiếp sóng Đài Tiếng nói Việt Nam', '05:00', -1, { kind: 'daily' }], ['Bản tin xã', '06:00', 0, null], ['Nhạc cách mạng buổi chiều', '16:30', -1, { kind: 'daily' }]] as const) {
    await server.post('/v1/schedule-items', { title, class: 'normal', sourceId: tone, durationMs: 1_800_000, targets: { units: [communes[0]] }, issuer: communes[0], time, firstDay: dayOf(Math.max(index, 0)), ...(repeat === null ? {} : { repeat }) })
  }
  const form = new FormData()
  form.set('file', new Blob([wavFile(Float32Array.from({ length: 96_000 }, (_, n) => 0.3 * Math.sin(n / 20)))], { type: 'audio/wav' }), 'Nhạc hiệu.wav')
  await fetch(`${server.api}/v1/clips`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, body: form })
  for (const [index, assignee] of ['lan', 'nam'].entries()) await server.post('/v1/tickets', { title: 'Thay âm ly bị cháy sau mưa dông', clusterId: clusters[index]!.id, assignee })
  await server.request('PATCH', '/v1/alarm-rules/disk', { threshold: 100, holdMs: 0 })
  await server.post('/v1/tokens', { name: 'Bảng điện tử', roles: [{ role: 'viewer', unitId: province }] }).catch(() => undefined)
  await waitUntil('an alarm is open', async () => ((await server.get('/v1/alarms?state=open')) as { items: object[] }).items.length > 0 || undefined)
  return { provinceId: province, clusterId: clusters[0]!.id, sourceId }
}

const idOf = async (made: Promise<Readonly<Record<string, unknown>>>): Promise<string> => String((await made)['id'])

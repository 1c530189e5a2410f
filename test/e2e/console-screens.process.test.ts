import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { ConsoleBrowser, DESKTOP, PHONE, seriousFaults, shoot, startConsole } from '../support/console-browser.ts'
import { ADMIN_TOKEN, type LoaServer } from '../support/loa-server.ts'
import { enrolDevice, ScriptedDevice } from '../support/scripted-device.ts'
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
    { name: 'library', path: '/library', shows: 'h1' },
    { name: 'sources', path: '/sources', shows: '.source-row' },
    { name: 'source', path: `/sources/${sourceId}`, shows: '.card' },
    { name: 'clusters', path: '/clusters', shows: `a[href="/clusters/${clusterId}"]` },
    { name: 'cluster', path: `/clusters/${clusterId}`, shows: '.facts' },
    { name: 'tickets', path: '/clusters/tickets', shows: 'a[href^="/clusters/tickets/"]' },
    { name: 'figures', path: '/figures', shows: '.chart canvas' },
    ...['users', 'units', 'policies', 'alertRules', 'alarms', 'audit', 'keys', 'health', 'backups'].map((tab) => ({ name: `system-${tab}`, path: `/system?tab=${tab}`, shows: '[role="tabpanel"] :is(table, .card, .empty, .button)' })),
    { name: 'account', path: '/account', shows: '.card' },
    { name: 'practice', path: '/practice', shows: 'h1' },
    { name: 'start', path: '/start', shows: 'h1' },
  ]
  const browser = await ConsoleBrowser.open(t, server)
  const person = await browser.person('lan', [{ role: 'administrator', unitId: null }, { role: 'auditor', unitId: null }, { role: 'emergency-officer', unitId: provinceId }])
  const visitor = await browser.visitor()
  for (const language of ['vi', 'en'] as const) {
    await Promise.all([begin(visitor, '/', language), begin(person, '/account', language)])
    await visitor.locator('form').waitFor()
    await look(t, visitor, 'sign-in', language)
    for (const { name, path, shows, prepare } of screens) {
      await person.evaluate(`history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`)
      await person.locator(`:is(${shows}):visible`).first().waitFor()
      await prepare?.(person)
      await look(t, person, name, language)
    }
  }
  t.same(browser.complaints, [])
})

/** Opens the console in a language; theme and size change without opening it again. */
async function begin(page: Page, path: string, language: 'vi' | 'en'): Promise<void> {
  await page.setViewportSize(DESKTOP)
  if (page.url() === 'about:blank') await page.goto(path)
  await page.evaluate((wanted) => { localStorage.setItem('loa.language', wanted) }, language)
  await page.goto(path)
  await page.locator('h1').first().waitFor()
}

async function review(page: Page): Promise<void> {
  await page.locator('.template').first().click()
  await page.locator('.emergency-foot button[type=submit]').click()
  await page.locator('.review-acts').waitFor()
}

/** Keeps four pictures of what is shown, and judges it. */
async function look(t: Test, page: Page, name: string, language: 'vi' | 'en'): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    await page.locator('.spinner:visible').first().waitFor({ state: 'hidden' })
    for (const theme of ['light', 'dark'] as const) {
      const what = `${name}-${language}-${theme}-${size}`
      await page.emulateMedia({ colorScheme: theme })
      await page.locator(`html[data-theme="${theme}"]`).waitFor()
      await shoot(page, what)
      if (what.endsWith('vi-light-desktop') || what.endsWith('en-dark-phone')) t.same(await seriousFaults(page), [], what)
    }
    if (size === 'phone') t.same(await sticksOut(page), [], `${name}-${language}: nothing is wider than a phone`)
  }
  t.notMatch(await page.locator('body').innerText(), UNFINISHED, `${name}-${language}: every text is filled in`)
  t.equal(await page.evaluate('document.documentElement.lang'), language)
}

/** What is wider than the page once it has settled, and not cut off by what holds it; empty: nothing. A page that was made smaller is asked again until it has heard of it. */
async function sticksOut(page: Page): Promise<readonly string[]> {
  let found: readonly string[] = []
  await waitUntil('nothing sticks out', async () => (found = await page.evaluate<string[]>(WIDER)).length === 0, 5000).catch(() => undefined)
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
  await server.post('/v1/tickets', { title: 'Thay âm ly bị cháy sau mưa dông', clusterId: clusters[1]!.id, assignee: 'lan' })
  await server.request('PATCH', '/v1/alarm-rules/disk', { threshold: 100, holdMs: 0 })
  await server.post('/v1/tokens', { name: 'Bảng điện tử', roles: [{ role: 'viewer', unitId: province }] }).catch(() => undefined)
  await waitUntil('an alarm is open', async () => ((await server.get('/v1/alarms?state=open')) as { items: object[] }).items.length > 0 || undefined)
  return { provinceId: province, clusterId: clusters[0]!.id, sourceId }
}

const idOf = async (made: Promise<Readonly<Record<string, unknown>>>): Promise<string> => String((await made)['id'])

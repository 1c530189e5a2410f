/**
 * Takes the pictures of README.md from the demo: `npm run screenshots`. Writes console/pictures/*.png.
 * For developing only: it needs Chromium and what the tests need.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'console/pictures')
const SIZE = { width: 1280, height: 800 }

interface Picture {
  readonly name: string
  readonly login: string
  readonly path: string
  /** What must be there before it is taken. */
  readonly ready: (page: Page) => Promise<unknown>
}

const PICTURES: readonly Picture[] = [
  { name: 'now', login: 'hung', path: '/', ready: (page) => page.getByText('Tiếp sóng Đài phát thanh Loa').first().waitFor() },
  { name: 'emergency', login: 'mai', path: '/emergency', ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
  { name: 'schedule', login: 'hung', path: '/schedule', ready: nextWeek },
]

/** A week that is still whole. */
async function nextWeek(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sau', exact: true }).click()
  await page.getByText('Bản tin địa phương').first().waitFor()
}

const demo = spawn(process.execPath, [join(root, 'server/demo/main.ts'), '--port', '0', '--stream-port', '0', '--seconds', '300'], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    demo.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      const found = /no password needed +(http:\S+?)\/\s/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    demo.once('exit', () => { reject(new Error(`the demo ended:\n${said}`)) })
  })
  mkdirSync(folder, { recursive: true })
  const { practice } = (await (await fetch(`${url}/v1/setup`)).json()) as { practice: { password: string } }
  const browser = await chromium.launch({ executablePath: process.env['LOA_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  for (const { name, login, path, ready } of PICTURES) {
    const context = await browser.newContext({ baseURL: url, viewport: SIZE, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh', reducedMotion: 'reduce' })
    const answer = await context.request.post('/v1/sessions', { data: { login, password: practice.password }, headers: { origin: url } })
    if (!answer.ok()) throw new Error(`${login} cannot log in: ${await answer.text()}`)
    const page = await context.newPage()
    await page.goto(path)
    await ready(page)
    await page.getByRole('application').first().waitFor({ timeout: 5000 }).catch(() => undefined) // the map, where there is one
    await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined) // the stream of events never ends
    await page.screenshot({ path: join(folder, `${name}.png`) })
    await context.close()
    console.log(`console/pictures/${name}.png`)
  }
  await browser.close()
} finally {
  demo.kill('SIGTERM')
}

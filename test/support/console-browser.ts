import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { freePort } from '../../bench/lib/processes.ts'
import { chromium, type Browser, type BrowserContextOptions, type CDPSession, type Page, type Locator } from 'playwright-core'
import { LoaServer } from './loa-server.ts'
import { waitUntil } from './wait-until.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Pictures of screens are left here for whoever wants to look at them. */
export const SHOTS = join(import.meta.dirname, '../../build/console-shots')
export const PASSWORD = 'bốn con mèo ngủ trưa'
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection', '--host-resolver-rules=MAP loa.test 127.0.0.1']
/** What a browser and a server that share a slow machine may take for one step, ms: nothing of it is a promise, and who waits in vain learns so before the file's own end. */
const PATIENCE_MS = 40_000
export const PHONE = { width: 360, height: 740 }
export const DESKTOP = { width: 1280, height: 800 }

interface Teardown {
  teardown(fn: () => Promise<void>): void
}

type Grants = readonly { readonly role: string; readonly unitId: string | null }[]

export interface PersonOptions extends BrowserContextOptions {
  readonly language?: 'vi' | 'en'
  readonly theme?: 'light' | 'dark'
}

/** A real server with its console, as a person has it: the pages know it on ports that are the same after a restart. */
export async function startConsole(t: Teardown, settings: Readonly<Record<string, string>> = {}): Promise<LoaServer> {
  return LoaServer.start(t, { LOA_STREAM_PORT: String(await freePort()), LOA_FAN_OUT_PROCESSES: '1', ...settings })
}

/** The console as a computer in the house network has it: over plain HTTP, where browsers withhold what they give to safe pages only. */
export const overPlainHttp = ({ api }: LoaServer): string => api.replace('127.0.0.1', 'loa.test')

/** Chromium, and people in it who have each their own cookies. */
export class ConsoleBrowser {
  readonly #browser: Browser
  readonly #server: LoaServer
  /** What pages complained of: errors of scripts, and breaches of the content security policy. */
  readonly complaints: string[] = []

  private constructor(browser: Browser, server: LoaServer) {
    this.#browser = browser
    this.#server = server
  }

  /** @param microphone WAV file that the fake microphone hears over and over */
  static async open(t: Teardown, server: LoaServer, microphone?: string): Promise<ConsoleBrowser> {
    const browser = await chromium.launch({ executablePath: process.env['LOA_CHROMIUM'] ?? '/usr/bin/chromium', args: [...FLAGS, ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}`])] })
    t.teardown(() => browser.close())
    return new ConsoleBrowser(browser, server)
  }

  /** A window of its own, in which nobody has logged in. */
  async visitor({ language = 'vi', theme = 'light', ...options }: PersonOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ baseURL: this.#server.api, viewport: DESKTOP, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh', colorScheme: theme, reducedMotion: 'reduce', permissions: ['microphone', 'clipboard-read', 'clipboard-write'], ...options })
    await context.addInitScript((wanted) => { if (localStorage.getItem('loa.language') === null) localStorage.setItem('loa.language', wanted) }, language)
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => { this.complaints.push(error.message) })
    page.on('console', (message) => { if (/Content Security Policy|Refused to/.test(message.text())) this.complaints.push(message.text()) })
    return page
  }

  /** A user with these roles, in a window where he has logged in; made when there is none of the login yet. */
  async person(login: string, roles: Grants, options: PersonOptions = {}): Promise<Page> {
    const page = await this.visitor(options)
    await this.#server.request('POST', '/v1/users', { login, name: login, password: PASSWORD, roles })
    const answer = await page.context().request.post('/v1/sessions', { data: { login, password: PASSWORD }, headers: { origin: this.#server.api } })
    if (answer.status() !== 201) throw new Error(`${login} cannot log in: ${String(answer.status())} ${await answer.text()}`)
    return page
  }
}

/** What axe finds serious or critical, one line a finding; empty: nothing. */
export async function seriousFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run(options: object): Promise<{ violations: { impact: string; id: string; help: string; nodes: { html: string }[] }[] }> } }
    return (await axe.run({ resultTypes: ['violations'] })).violations
  })
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`))
}

/** What is read from a page once it is as wanted, or what it still is after a long wait: a page draws a little after what it is told. */
export async function settled<T>(wanted: T, read: () => Promise<T>): Promise<T> {
  let last = await read()
  await waitUntil('it is as wanted', async () => isDeepStrictEqual(last, wanted) || isDeepStrictEqual(last = await read(), wanted)).catch(() => undefined)
  return last
}

/** Waits until the page opens without the network too: its worker has kept the files, and answers for them. */
export async function isKept(page: Page): Promise<void> {
  await page.evaluate("navigator.serviceWorker.controller !== null || new Promise((resolve) => { navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }) }).then(() => true)")
}

const sessions = new WeakMap<Page, Promise<CDPSession>>()

/** Types a day (`2026-11-22`) or a time (`05:30`) into its field as a person does who reads Vietnamese, and is done with it. */
export async function typeDate(within: Page | Locator, label: string, value: string): Promise<void> {
  const first = within.getByRole('group', { name: label, exact: true }).getByRole('spinbutton').first()
  await first.click()
  await first.pressSequentially(value.includes(':') ? value.replace(':', '') : value.split('-').reverse().join(''))
  await first.press('Enter')
}

/** Keeps a picture of the page as it is. Playwright's own would pack it closely, which takes longer than drawing it. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true })
  const session = sessions.get(page) ?? page.context().newCDPSession(page)
  sessions.set(page, session)
  const { data } = await (await session).send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true })
  writeFileSync(join(SHOTS, `${name}.png`), data, 'base64')
}

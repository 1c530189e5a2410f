import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { waitUntil } from './wait-until.ts'

const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic',
  '--use-fake-device-for-media-stream', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required', '--remote-debugging-port=0']

interface Teardown {
  teardown(fn: () => Promise<void>): void
}

interface Answer {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
  readonly method?: string
  readonly params?: Record<string, unknown>
}

/** Chromium with a microphone that hears a WAV file over and over, driven as its developer tools drive it. */
export class Browser {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }>()
  #count = 0
  readonly onEvent = new Set<(method: string, params: Record<string, unknown>, sessionId: string | undefined) => void>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString('utf8')) as Answer & { sessionId?: string }
      const waiting = answer.id === undefined ? undefined : this.#waiting.get(answer.id)
      if (answer.id !== undefined) this.#waiting.delete(answer.id)
      if (answer.method !== undefined) for (const listener of this.onEvent) listener(answer.method, answer.params ?? {}, answer.sessionId)
      if (answer.error === undefined) waiting?.resolve(answer.result ?? {})
      else waiting?.reject(new Error(answer.error.message))
    })
  }

  /** @param microphone bytes of a WAV file */
  static async open(t: Teardown, microphone: Buffer): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'loa-browser-'))
    const wav = join(folder, 'microphone.wav')
    writeFileSync(wav, microphone)
    const child = spawn('chromium', [...FLAGS, `--user-data-dir=${folder}`, `--use-file-for-fake-audio-capture=${wav}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    t.teardown(async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    let said = ''
    let failure: Error | undefined
    child.once('error', (error) => { failure = error })
    child.stderr.on('data', (text: Buffer) => { said = (said + text.toString('utf8')).slice(-4000) })
    const url = await waitUntil('the browser runs', () => {
      if (failure !== undefined) throw failure
      return /DevTools listening on (ws:\S+)/.exec(said)?.[1]
    }, 30_000)
    const socket = new WebSocket(url, { perMessageDeflate: false })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new Browser(socket)
  }

  /** Calls a method of the DevTools protocol. @throws the browser's own words */
  call(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    this.#count += 1
    const id = this.#count
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
    })
  }

  /** A tab of its own, with storage of its own. */
  async page(url: string, permissions: { readonly microphone: 'granted' | 'denied' } = { microphone: 'granted' }): Promise<BrowserPage> {
    const { browserContextId } = await this.call('Target.createBrowserContext')
    await this.call('Browser.setPermission', { permission: { name: 'microphone' }, setting: permissions.microphone, origin: new URL(url).origin, browserContextId })
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank', browserContextId })
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true })
    const page = new BrowserPage(this, String(sessionId))
    await page.watch()
    await page.call('Emulation.setDeviceMetricsOverride', { width: 360, height: 740, deviceScaleFactor: 2, mobile: true })
    await page.call('Page.navigate', { url })
    return page
  }
}

/** One page and what a person does with it. */
export class BrowserPage {
  readonly #browser: Browser
  readonly #sessionId: string
  /** What the page complained of: errors, refusals of its security policy. */
  readonly complaints: string[] = []
  /** Every address it asked for. */
  readonly requests: string[] = []

  constructor(browser: Browser, sessionId: string) {
    this.#browser = browser
    this.#sessionId = sessionId
  }

  async watch(): Promise<void> {
    this.#browser.onEvent.add((method, params, sessionId) => {
      if (sessionId !== this.#sessionId) return
      if (method === 'Runtime.exceptionThrown' || (method === 'Log.entryAdded' && !JSON.stringify(params).includes('Failed to load resource'))) this.complaints.push(JSON.stringify(params))
      if (method === 'Network.requestWillBeSent') this.requests.push((params['request'] as { url: string }).url)
    })
    for (const domain of ['Runtime', 'Log', 'Network', 'Page']) await this.call(`${domain}.enable`)
  }

  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.call(method, params, this.#sessionId)
  }

  /** @param expression JavaScript in the page, awaited; its value must be JSON */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true })
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: T }).value
  }

  /** Words that can be seen in the element, '' where it cannot be seen. */
  async text(id: string): Promise<string> {
    return this.value(`(() => { const e = document.getElementById(${JSON.stringify(id)}); return e && e.checkVisibility() ? e.innerText.trim() : '' })()`)
  }

  /** Waits for a button that can be pressed, and presses it. */
  async press(id: string): Promise<void> {
    await waitUntil(`#${id} can be pressed`, () => this.value<boolean>(`(() => { const e = document.getElementById(${JSON.stringify(id)}); if (!e || !e.checkVisibility() || e.disabled) return false; e.click(); return true })()`), 15_000)
  }

  async waitForText(id: string, pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    let seen = ''
    try {
      return await waitUntil(`#${id} says ${String(pattern)}`, async () => {
        seen = await this.text(id)
        return pattern.test(seen) ? seen : undefined
      }, timeoutMs)
    } catch (error) {
      throw new Error(`#${id} says «${seen}»`, { cause: error })
    }
  }

  /** PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
    return Buffer.from(String(data), 'base64')
  }
}

/** The browser and all its processes: it leads a group of its own. */
async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null) return
  const ended = new Promise((resolve) => browser.once('exit', resolve))
  process.kill(-browser.pid, 'SIGKILL')
  await ended
}

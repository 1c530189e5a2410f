import { writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { ConsoleBrowser, startConsole } from '../test/support/console-browser.ts'
import type { LoaServer } from '../test/support/loa-server.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'

/**
 * How long a prepared alert takes, from the screen «Now» until the server has put it on the air: by a trained person with keys alone, and by a new one with the
 * mouse. Real server, real Chromium, one commune of 30 clusters, one person enough.
 *
 *   node bench/console-emergency.ts [FILE.json]
 *
 * The person is a model, in the terms of the keystroke-level model (Card, Moran, Newell 1980): K a key 0.28 s (an average typist), P pointing 1.1 s, B a press of
 * the mouse 0.1 s, H hand from keys to mouse 0.4 s, M a thought 1.35 s. Who is new looks for the way in for two thoughts, reads half of the templates until he has found his, and in the
 * summary what stands in large words, the line above the button and the button; over the text that will be spoken he passes his eye, a quarter of it. He reads 330 syllables a minute:
 * 238 words of English (Brysbaert 2019), which are as many syllables of Vietnamese. `careful` is he who reads every word of the summary; no bound is set for him.
 * What the page and the server take is measured and added; nobody waits for the model.
 */
const K_MS = 280
const P_MS = 1100
const B_MS = 100
const H_MS = 400
const M_MS = 1350
const READ_MS_PER_SYLLABLE = 180
const ROUNDS = 5
const CLUSTERS = 30
const BOUNDS_MS = { trained: 10_000, new: 30_000, careful: Infinity } as const

type Person = keyof typeof BOUNDS_MS

class Run {
  modelMs = 0
  keys = 0
  presses = 0
  #startedMs = performance.now()
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  get waitedMs(): number {
    return performance.now() - this.#startedMs
  }

  begin(): void {
    this.#startedMs = performance.now()
  }

  think(times = 1): void {
    this.modelMs += M_MS * times
  }

  read(text: string, share = 1): void {
    this.modelMs += text.trim().split(/\s+/).length * READ_MS_PER_SYLLABLE * share
  }

  async key(keys: string): Promise<void> {
    this.modelMs += K_MS * keys.split('+').length
    this.keys += 1
    await this.#page.keyboard.press(keys)
  }

  async press(what: ReturnType<Page['locator']>): Promise<void> {
    this.modelMs += P_MS + B_MS
    this.presses += 1
    await what.click()
  }
}

async function trained(page: Page, run: Run): Promise<void> {
  run.think()
  await run.key('Alt+K')
  await page.locator('.template').first().waitFor()
  run.think()
  await run.key('1')
  await page.locator('blockquote').waitFor()
  await run.key('Control+Enter')
  await page.locator('button:focus', { hasText: 'PHÁT THẬT NGAY' }).waitFor()
  run.think()
  await run.key('Enter')
}

async function fresh(page: Page, run: Run, isCareful: boolean): Promise<void> {
  run.modelMs += H_MS
  run.think(2)
  await run.press(page.getByRole('link', { name: 'Khẩn cấp' }).first())
  const template = page.getByRole('option', { name: 'Cảnh báo lũ' })
  await template.waitFor()
  run.read(await page.locator('.templates').innerText(), 0.5)
  run.think()
  await run.press(template)
  await page.locator('blockquote').waitFor()
  run.think()
  await run.press(page.getByRole('button', { name: 'Xem lại' }))
  const go = page.getByRole('button', { name: 'PHÁT THẬT NGAY' })
  await go.and(page.locator(':enabled')).waitFor()
  const review = page.locator('.review')
  if (isCareful) run.read(await review.innerText())
  else {
    for (const part of await review.locator('.fact-title, .fact-where, .fact:not(.fact-wide), .review-acts').or(review.locator('> p')).allInnerTexts()) run.read(part)
    run.read(await review.locator('blockquote').innerText(), 0.25)
  }
  run.think()
  await run.press(go)
}

async function measure(server: LoaServer, page: Page, person: Person): Promise<{ totalMs: number; modelMs: number; waitedMs: number; keys: number; presses: number }> {
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  const run = new Run(page)
  run.begin()
  await (person === 'trained' ? trained(page, run) : fresh(page, run, person === 'careful'))
  await page.getByRole('heading', { name: 'Loa đã kêu chưa' }).waitFor()
  const { waitedMs, modelMs, keys, presses } = run
  const id = page.url().split('/').at(-1)!
  const answer = await server.request('POST', `/v1/alerts/${id}/finish`)
  if (answer.status !== 200) throw new Error(`${id} was not on the air: ${JSON.stringify(answer.body)}`)
  return { totalMs: modelMs + waitedMs, modelMs, waitedMs, keys, presses }
}

const teardowns: (() => Promise<void>)[] = []
const t = { teardown: (fn: () => Promise<void>): void => { teardowns.unshift(fn) } }
try {
  const server = await startConsole(t)
  const unit = await server.unit('X1')
  for (let n = 0; n < CLUSTERS; n++) await server.cluster(unit, `C${String(n)}`)
  const browser = await ConsoleBrowser.open(t, server)
  const page = await browser.person('lan', [{ role: 'emergency-officer', unitId: unit }])
  const results = []
  for (const person of ['trained', 'new', 'careful'] as const) {
    const runs = []
    for (let round = 0; round < ROUNDS; round++) runs.push(await measure(server, page, person))
    const worst = runs.reduce((a, b) => (a.totalMs > b.totalMs ? a : b))
    const pass = worst.totalMs <= BOUNDS_MS[person]
    results.push({ id: `console-emergency-${person}-ms`, value: Math.round(worst.totalMs), bound: Number.isFinite(BOUNDS_MS[person]) ? BOUNDS_MS[person] : null, better: 'less', pass, unit: 'ms', detail: { worst, runs } })
    console.log(`${person}: worst of ${String(ROUNDS)} ${(worst.totalMs / 1000).toFixed(1)} s (person ${(worst.modelMs / 1000).toFixed(1)} s, page and server ${(worst.waitedMs / 1000).toFixed(1)} s), ${String(worst.keys)} key strokes, ${String(worst.presses)} presses${Number.isFinite(BOUNDS_MS[person]) ? `; bound ${String(BOUNDS_MS[person] / 1000)} s: ${pass ? 'reached' : 'NOT REACHED'}` : ''}`)
    if (!pass) process.exitCode = 1
  }
  const [file] = process.argv.slice(2)
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ machine: describeMachine(), commit: currentCommit(), node: process.version, results }, null, 1)}\n`)
} finally {
  for (const teardown of teardowns) await teardown()
}

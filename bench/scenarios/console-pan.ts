import type { Page } from 'playwright-core'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { BIG_STORE_TOKEN, fillProvince } from '../lib/big-store.ts'
import { addAdministrator, openOfficeComputer, PASSWORD, startConsole } from '../lib/console.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const BOUND_MS = 32
const SIZE = { width: 1366, height: 768 }
const STEP_PX = 8

/** In the page: drags the map round in squares, a step a frame, as a hand would, and writes down how long each frame took. */
const PAN = `async (seconds) => {
  const map = document.querySelector('.map-canvas'), box = map.getBoundingClientRect()
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 }
  const tell = (target, type, { x, y }) => target.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: x, clientY: y, button: 0, buttons: type === 'mouseup' ? 0 : 1 }))
  const frame = () => new Promise(requestAnimationFrame)
  const frames = [], ways = [[1, 0], [0, 1], [-1, 0], [0, -1]]
  let at = middle, before = await frame()
  for (let count = 0; frames.reduce((sum, one) => sum + one, 0) < seconds * 1000; count++) {
    if (count % 120 === 0) { tell(document, 'mouseup', at); at = middle; tell(map, 'mousedown', at) }
    const [x, y] = ways[Math.floor(count / 30) % 4]
    at = { x: at.x + x * ${String(STEP_PX)}, y: at.y + y * ${String(STEP_PX)} }
    tell(document, 'mousemove', at)
    const now = await frame()
    frames.push(now - before)
    before = now
  }
  tell(document, 'mouseup', at)
  return frames
}`

async function pan(page: Page, seconds: number): Promise<number[]> {
  return await page.evaluate(`(${PAN})(${String(seconds)})`)
}

async function measure(bench: Bench, url: string, seconds: number): Promise<{ readonly still: number[]; readonly busy: number[]; readonly shownMs: number }> {
  const call = async (path: string, body: unknown): Promise<void> => {
    const { status } = await fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${BIG_STORE_TOKEN}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    if (status !== 201) throw new Error(`POST ${path}: ${String(status)}`)
  }
  await addAdministrator(url, 'bench')
  const browser = await openOfficeComputer()
  try {
    const context = await browser.newContext({ baseURL: url, viewport: SIZE, locale: 'vi-VN' })
    await context.request.post('/v1/sessions', { data: { login: 'bench', password: PASSWORD }, headers: { origin: url } })
    const page = await context.newPage()
    const openedMs = performance.now()
    await page.goto('/')
    await page.getByText('Danh sách có 10.000 cụm loa').waitFor()
    const shownMs = performance.now() - openedMs
    await page.locator('.map-canvas canvas').waitFor()
    await pan(page, 1)
    bench.say('panning')
    const still = await pan(page, seconds)
    bench.say('panning while something begins everywhere')
    const panning = pan(page, seconds)
    await call('/v1/orders', { class: 'priority', title: 'Thông báo', sourceId: 's1', targets: { units: ['p'] }, durationMs: 600_000 })
    const busy = await panning
    await page.getByRole('heading', { name: 'Thông báo' }).waitFor()
    return { still, busy, shownMs }
  } finally {
    await browser.close()
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const server = await startConsole(bench, 'console-pan', (dataDir) => {
    const store = SqliteStore.open(dataDir)
    fillProvince(store, Date.now(), BIG_STORE_TOKEN)
    store.close()
  })
  try {
    const { still, busy, shownMs } = await measure(bench, server.url, bench.quick ? 3 : 10)
    const figures = (frames: readonly number[]) => ({ frames: frames.length, p50Ms: round(percentile(frames, 0.5)), p95Ms: round(percentile(frames, 0.95)), p99Ms: round(percentile(frames, 0.99)), maxMs: round(Math.max(...frames)) })
    const [calm, stirred] = [figures(still), figures(busy)]
    return {
      value: calm.p95Ms,
      problems: [],
      beside: `p99 ${String(calm.p99Ms)} ms, max ${String(calm.maxMs)}; p95 ${String(stirred.p95Ms)} ms, max ${String(stirred.maxMs)} while an order begins on all of them; opened in ${(shownMs / 1000).toFixed(1)} s`,
      detail: { calm, stirred, shownMs: round(shownMs) },
      plots: [],
    }
  } finally {
    await server.end()
  }
}

export const consolePan: Scenario = { id: 'console-pan-p95-ms', title: 'frames of the map of the console while it is pushed about, 10 000 clusters, no graphics processor, p95', unit: 'ms', bound: BOUND_MS, better: 'less', run }

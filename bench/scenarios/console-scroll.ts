import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { BIG_STORE_TOKEN, fillProvince } from '../lib/big-store.ts'
import { addAdministrator, openOfficeComputer, PASSWORD, startConsole } from '../lib/console.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const BOUND_MS = 32
const SIZE = { width: 1366, height: 768 }
/** Three rows a frame: the whole register in about a minute, as fast as anybody reads names. */
const STEP_PX = 200

/** In the page: moves the list on a step a frame, and writes down how long each frame took. */
const SCROLL = `async (seconds) => {
  const list = document.querySelector('.cluster-list')
  const frame = () => new Promise(requestAnimationFrame)
  const frames = []
  let before = await frame()
  for (let step = ${String(STEP_PX)}; frames.reduce((sum, one) => sum + one, 0) < seconds * 1000;) {
    if (list.scrollTop + list.clientHeight >= list.scrollHeight) step = -${String(STEP_PX)}
    list.scrollTop += step
    const now = await frame()
    frames.push(now - before)
    before = now
  }
  return { frames, rows: list.querySelectorAll('[role=row]').length, at: list.scrollTop }
}`

interface Scrolled {
  readonly frames: number[]
  readonly rows: number
  readonly at: number
}

async function measure(bench: Bench, url: string, seconds: number): Promise<{ readonly scrolled: Scrolled; readonly shownMs: number }> {
  await addAdministrator(url, 'bench')
  const browser = await openOfficeComputer()
  try {
    const context = await browser.newContext({ baseURL: url, viewport: SIZE, locale: 'vi-VN' })
    await context.request.post('/v1/sessions', { data: { login: 'bench', password: PASSWORD }, headers: { origin: url } })
    const page = await context.newPage()
    const openedMs = performance.now()
    await page.goto('/clusters')
    await page.getByText('10.000 cụm loa', { exact: true }).waitFor({ timeout: 60_000 })
    const shownMs = performance.now() - openedMs
    const scroll = async (count: number): Promise<Scrolled> => await page.evaluate(`(${SCROLL})(${String(count)})`)
    await scroll(1)
    bench.say('scrolling')
    return { scrolled: await scroll(seconds), shownMs }
  } finally {
    await browser.close()
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const server = await startConsole(bench, 'console-scroll', (dataDir) => {
    const store = SqliteStore.open(dataDir)
    fillProvince(store, Date.now(), BIG_STORE_TOKEN)
    store.close()
  })
  try {
    const { scrolled: { frames, rows, at }, shownMs } = await measure(bench, server.url, bench.quick ? 3 : 10)
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => round(percentile(frames, share)))
    return {
      value: p95Ms!,
      problems: rows < 5 ? ['there are hardly any rows to be seen'] : [],
      beside: `p50 ${String(p50Ms)} ms, p99 ${String(p99Ms)}, max ${String(round(Math.max(...frames)))}; all are there after ${(shownMs / 1000).toFixed(1)} s`,
      detail: { frames: frames.length, p50Ms, p95Ms, p99Ms, rows, scrolledPx: at, shownMs: round(shownMs) },
      plots: [],
    }
  } finally {
    await server.end()
  }
}

export const consoleScroll: Scenario = { id: 'console-scroll-p95-ms', title: 'frames of the register of the console while it is scrolled, 10 000 clusters, no graphics processor, p95', unit: 'ms', bound: BOUND_MS, better: 'less', run }

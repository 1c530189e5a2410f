import type { Browser } from 'playwright-core'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { BIG_STORE_TOKEN, fillProvince } from '../lib/big-store.ts'
import { addAdministrator, openOfficeComputer, PASSWORD, startConsole } from '../lib/console.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const BOUND_MS = 2000
const SLOWER = 4
const RUNS = 7

/** From opening the address, with nothing kept by the browser, until the screen is there. @returns ms, one a run */
async function load(browser: Browser, url: string, runs: number, login: string | null): Promise<number[]> {
  const took: number[] = []
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1366, height: 768 }, locale: 'vi-VN' })
    if (login !== null) await context.request.post('/v1/sessions', { data: { login, password: PASSWORD }, headers: { origin: url } })
    const page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    const openedMs = performance.now()
    await page.goto('/', { waitUntil: 'commit' })
    await (login === null ? page.getByLabel('Mật khẩu') : page.getByRole('heading', { level: 1, name: 'Đang phát' })).waitFor()
    took.push(performance.now() - openedMs)
    await context.close()
  }
  return took
}

async function run(bench: Bench): Promise<Outcome> {
  const server = await startConsole(bench, 'console-first-load', (dataDir) => {
    const store = SqliteStore.open(dataDir)
    fillProvince(store, Date.now(), BIG_STORE_TOKEN)
    store.close()
  })
  const browser = await openOfficeComputer()
  try {
    await addAdministrator(server.url, 'bench')
    const runs = bench.quick ? 3 : RUNS
    await load(browser, server.url, 1, null)
    const signIn = await load(browser, server.url, runs, null)
    const now = await load(browser, server.url, runs, 'bench')
    const median = (times: readonly number[]): number => round(percentile(times, 0.5))
    return {
      value: Math.max(median(signIn), median(now)),
      problems: [],
      beside: `the way in ${String(median(signIn))} ms (max ${String(round(Math.max(...signIn)))}), Now ${String(median(now))} ms (max ${String(round(Math.max(...now)))})`,
      detail: { signInMs: signIn.map((ms) => round(ms)), nowMs: now.map((ms) => round(ms)) },
      plots: [],
    }
  } finally {
    await browser.close()
    await server.end()
  }
}

export const consoleFirstLoad: Scenario = { id: 'console-first-load-ms', title: 'the console opened for the first time on a processor slowed four times, until the screen is there, the slower of two', unit: 'ms', bound: BOUND_MS, better: 'less', run }

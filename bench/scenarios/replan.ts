import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { BIG_STORE_TOKEN, fillProvince, ITEMS } from '../lib/big-store.ts'
import { openControl } from '../lib/control.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const ROUNDS = 20
const QUICK_ROUNDS = 5

/** How long a change of a schedule item takes, from the request to its answer: checked, written, ordered, and the plans of 10 000 clusters made anew. */
async function run(bench: Bench): Promise<Outcome> {
  const dataDir = join(bench.folder, 'replan')
  const store = SqliteStore.open(dataDir)
  fillProvince(store, Date.now(), BIG_STORE_TOKEN)
  const control = await openControl(store, dataDir, BIG_STORE_TOKEN)
  try {
    const measure = async (what: string, work: (round: number) => Promise<unknown>): Promise<{ readonly what: string; readonly medianMs: number; readonly maxMs: number }> => {
      bench.say(what)
      const times: number[] = []
      for (let index = 0; index < (bench.quick ? QUICK_ROUNDS : ROUNDS); index++) {
        const fromMs = performance.now()
        await work(index)
        times.push(performance.now() - fromMs)
      }
      return { what, medianMs: round(percentile(times, 0.5)), maxMs: round(Math.max(...times)) }
    }
    const second = (index: number): string => String(index + 1).padStart(2, '0')
    const province = await measure('the item of the province moves', (index) => control.request('PATCH', '/v1/schedule-items/province', { time: `05:00:${second(index)}`, acceptCollisions: true }))
    const rows = [
      province,
      await measure('the item of a commune moves', (index) => control.request('PATCH', '/v1/schedule-items/i7', { time: `06:00:${second(index)}`, acceptCollisions: true })),
      await measure('a check for the whole province', () => control.request('POST', '/v1/schedule-items/check', { itemId: 'province', time: '06:10' })),
      await measure('a day of a cluster', (index) => control.request('GET', `/v1/clusters/k${String(index * 13)}/schedule?day=2030-06-18`)),
    ]
    return {
      value: province.maxMs,
      problems: [],
      beside: rows.map(({ what, medianMs, maxMs }) => `${what}: median ${String(medianMs)} ms, max ${String(maxMs)}`).join('; '),
      detail: { items: ITEMS, orders: store.orders.unfinished(control.director.wallMs()).length, rows },
      plots: [],
    }
  } finally {
    await control.close()
    store.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

export const replan: Scenario = { id: 'replan-10000-ms', title: 'the schedule item of a whole province moves: 10 000 clusters planned anew, 2 000 items; the slowest', unit: 'ms', bound: 1000, better: 'less', run }

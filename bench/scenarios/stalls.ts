import { setTimeout as delay } from 'node:timers/promises'
import { LogKeeper } from '../../server/log/log-keeper.ts'
import { logSigner } from '../../server/log/log-signer.ts'
import { SigningKeys } from '../../server/signing/signing-keys.ts'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { systemClock } from '../../server/system-clock.ts'
import { BIG_STORE_TOKEN, bigStore } from '../lib/big-store.ts'
import { openControl } from '../lib/control.ts'
import { waitUntil } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { stallOf, type Step } from '../lib/turns.ts'

const BOUND_MS = 50

/** What nobody may be held up by: figures and retention of a million rows, reports of ten thousand clusters. */
async function run(bench: Bench): Promise<Outcome> {
  const { dataDir, rows } = bigStore(bench)
  const store = SqliteStore.open(dataDir)
  const control = await openControl(store, dataDir, BIG_STORE_TOKEN)
  const steps: Step[] = []
  const measure = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    bench.say(what)
    steps.push(await stallOf(what, work))
  }
  try {
    await delay(3000)
    await measure('nothing', () => delay(1000))
    const span = `from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z`
    for (const by of ['unit', 'field', 'month']) await measure(`figures by ${by}`, () => control.request('GET', `/v1/figures?by=${by}&${span}`))
    const order = JSON.parse((await control.request('POST', '/v1/orders', { class: 'emergency', title: 'Lũ', sourceId: 's1', targets: { units: ['p'] }, durationMs: 600_000 })).toString()) as { readonly id: string }
    await measure('an emergency to 10 000 clusters is watched', () => delay(3000))
    await measure('its board', () => control.request('GET', `/v1/orders/${order.id}/proof`))
    await control.request('POST', `/v1/orders/${order.id}/stop`)
    await measure('its report is closed', () => waitUntil('the report is there', () => store.proofs.ofOrder(order.id).length > 0))
    for (const format of ['json', 'csv', 'xlsx', 'html']) await measure(`its report as ${format}`, () => control.request('GET', `/v1/orders/${order.id}/report/export?format=${format}`))
    await measure('its report by the API', () => control.request('GET', `/v1/orders/${order.id}/report`))
    // All of it is too old: a checkpoint of yesterday, and one day is kept.
    const keeper = new LogKeeper({ store, signer: logSigner(SigningKeys.open(dataDir, Date.now())), clock: systemClock, wallMs: () => Date.now() - 30 * 86_400_000, rules: { auditLogKeepDays: 0, airLogKeepDays: 0 }, onError: (error) => { throw error } })
    keeper.checkpoint()
    const trimming = new LogKeeper({ store, signer: logSigner(SigningKeys.open(dataDir, Date.now())), clock: systemClock, wallMs: () => Date.now(), rules: { auditLogKeepDays: 0, airLogKeepDays: 1 }, onError: (error) => { throw error } })
    await measure('old runs go', async () => {
      trimming.start()
      await delay(bench.quick ? 2000 : 10_000)
    })
    trimming.close()
  } finally {
    await control.close()
    store.close()
  }
  const worst = steps.reduce((a, b) => (b.stallMs > a.stallMs ? b : a))
  return {
    value: worst.stallMs,
    problems: [],
    beside: steps.map(({ what, stallMs, cpuMs, tookMs }) => `${what} ${String(stallMs)} ms (computing ${String(cpuMs)}; of ${String(Math.round(tookMs))})`).join('; '),
    detail: { rows, worst: worst.what, steps },
    plots: [],
  }
}

export const stalls: Scenario = { id: 'control-stall-ms', title: "the longest time control serves nobody: figures and retention over 1 000 000 runs, reports of 10 000 clusters", unit: 'ms', bound: BOUND_MS, better: 'less', run }

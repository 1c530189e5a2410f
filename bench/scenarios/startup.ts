import { join } from 'node:path'
import { BIG_STORE_TOKEN, bigStore, ITEMS } from '../lib/big-store.ts'
import { end, freePort, start, waitUntil } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { round } from '../lib/statistics.ts'

const BOUND_S = 5
const ROUNDS = 3
const SERVER = join(import.meta.dirname, '..', '..', 'server', 'loa.mjs')

interface Started {
  readonly listensMs: number
  readonly readyMs: number
  readonly orderMs: number
}

/** From the start of the process to its API, to all of its roles, and to the first order that is accepted, ms. */
async function startOnce(dataDir: string): Promise<Started> {
  const [port, streamPort] = [await freePort(), await freePort()]
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LOA_')))
  const fromMs = performance.now()
  const child = start(process.execPath, [SERVER], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...environment, LOA_DATA_DIR: dataDir, LOA_HOST: '127.0.0.1', LOA_PORT: String(port), LOA_STREAM_PORT: String(streamPort), LOA_LOG_LEVEL: 'warn' },
  })
  let said = ''
  child.stderr?.on('data', (text: Buffer) => { said = (said + text.toString('utf8')).slice(-1200) })
  try {
    const url = `http://127.0.0.1:${String(port)}`
    const answers = (path: string) => async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${String(child.exitCode)}: ${said}`)
      return await fetch(`${url}${path}`).then(({ ok }) => ok, () => false)
    }
    await waitUntil('the API listens', answers('/healthz'), 120_000)
    const listensMs = performance.now() - fromMs
    await waitUntil('all roles are ready', answers('/readyz'), 120_000)
    const readyMs = performance.now() - fromMs
    const answer = await fetch(`${url}/v1/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${BIG_STORE_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ class: 'emergency', title: 'Lũ', sourceId: 's1', targets: { units: ['p'] }, durationMs: 60_000 }),
    })
    if (answer.status !== 201) throw new Error(`the order was answered ${String(answer.status)}: ${await answer.text()}`)
    return { listensMs, readyMs, orderMs: performance.now() - fromMs }
  } finally {
    await end(child, 20_000)
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const { dataDir, rows } = bigStore(bench)
  // The first gives two days of the schedule, with its code not yet kept compiled; the others find that done.
  const rounds: Started[] = []
  for (let index = 0; index < (bench.quick ? 2 : ROUNDS); index++) {
    bench.say(`start ${String(index + 1)}`)
    rounds.push(await startOnce(dataDir))
  }
  const seconds = (of: keyof Started): string => rounds.map((each) => (each[of] / 1000).toFixed(2)).join(', ')
  return {
    value: Math.max(...rounds.map(({ orderMs }) => orderMs)) / 1000,
    problems: [],
    beside: `the first order after ${seconds('orderMs')} s; listens after ${seconds('listensMs')} s, ready after ${seconds('readyMs')} s`,
    detail: { rows, items: ITEMS, rounds: rounds.map(({ listensMs, readyMs, orderMs }) => ({ listensMs: round(listensMs), readyMs: round(readyMs), orderMs: round(orderMs) })) },
    plots: [],
  }
}

export const startup: Scenario = { id: 'startup-10000-s', title: 'from the start of the process to the first order accepted, with 10 000 clusters, 2 000 schedule items and 1 000 000 runs in the air log; the slowest of 3', unit: 's', bound: BOUND_S, better: 'less', run }

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { addReport, emptyCell, packCells } from '../../control/monitoring/measurement-cells.ts'
import { MeasurementDesk } from '../../control/monitoring/measurement-desk.ts'
import { packNumbers } from '../../control/monitoring/packing.ts'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { speakerInfo } from '../../test/support/cluster-facts.ts'
import { BIG_STORE_TOKEN, fillProvince } from '../lib/big-store.ts'
import { openControl } from '../lib/control.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'
import { stallOf, type Step } from '../lib/turns.ts'

const BOUND_MS = 50
const DAY_MS = 24 * 3_600_000
const CLUSTERS = 10_000
/** Changes of state that a province with many weak lines makes in a day, a few clusters each. */
const CHANGES_A_DAY = 50_000
const CHANGED_TOGETHER = 3
const HISTORY_DAYS = 7
/** Clusters that share a row of measurements. */
const BLOCK = 20
const BLOCKS = 20

/** A week of states of all clusters, the last minutes left out: nobody knows of those yet. */
function fillStates(store: SqliteStore, days: number, nowMs: number): void {
  store.monitoring.number(store.clusters.all().map(({ id }) => id))
  const everyMs = DAY_MS / CHANGES_A_DAY
  for (let dayMs = nowMs - days * DAY_MS; dayMs < nowMs; dayMs += DAY_MS) {
    const rows = Array.from({ length: CHANGES_A_DAY }, (_, index) => ({ atMs: Math.floor(dayMs + index * everyMs), bucket: index % 7, clusters: packNumbers(Array.from({ length: CHANGED_TOGETHER }, (__, at) => 1 + ((index * 37 + at * 3331) % CLUSTERS))) }))
    store.monitoring.append(rows, rows.at(-1)!.atMs)
  }
}

/** Every five minutes of a week and every hour of a year, for clusters of some blocks; other rows lie beside those that are read, as they do in a province. */
function fillMeasurements(store: SqliteStore, nowMs: number): void {
  const rows = Array.from({ length: BLOCKS }, (_, block) => packCells(new Map(Array.from({ length: BLOCK }, (__, at) => {
    const cell = emptyCell()
    for (let report = 0; report < 30; report++) addReport(cell, speakerInfo('c', 0, { signalDbm: -80 - ((at + report) % 9), syncErrorUs: (report * 97) % 700, temperatureC: 40 + report / 10 }))
    return [block * BLOCK + at, cell] as const
  }))))
  for (const [stepMs, days] of [[300_000, HISTORY_DAYS], [3_600_000, 400]] as const) {
    store.transaction(() => {
      for (let fromMs = Math.floor((nowMs - days * DAY_MS) / stepMs) * stepMs; fromMs < nowMs - stepMs; fromMs += stepMs) rows.forEach((cells, block) => { store.measurements.put(stepMs, block, { fromMs, cells }) })
    })
  }
}

/** What the console asks for most, of a province: nobody else may wait for it. */
async function run(bench: Bench): Promise<Outcome> {
  const dataDir = join(bench.folder, 'read-stalls')
  const rounds = bench.quick ? 5 : 20
  const nowMs = Date.now()
  const store = SqliteStore.open(dataDir)
  fillProvince(store, nowMs - HISTORY_DAYS * DAY_MS, BIG_STORE_TOKEN)
  bench.say('a week of states and a year of measurements')
  fillStates(store, HISTORY_DAYS, nowMs)
  fillMeasurements(store, nowMs)
  const control = await openControl(store, dataDir, BIG_STORE_TOKEN)
  const found: { readonly what: string; readonly p50Ms: number; readonly maxMs: number; readonly stallMs: number; readonly tookMs: number }[] = []
  const measure = async (what: string, work: (round: number) => Promise<unknown>): Promise<void> => {
    bench.say(what)
    const steps: Step[] = []
    for (let count = 0; count < rounds; count++) steps.push(await stallOf(what, () => work(count)))
    const sorted = (of: (step: Step) => number): number[] => steps.map(of)
    found.push({ what, p50Ms: round(percentile(sorted(({ cpuMs }) => cpuMs), 0.5)), maxMs: round(Math.max(...sorted(({ cpuMs }) => cpuMs))), stallMs: round(percentile(sorted(({ stallMs }) => stallMs), 0.5)), tookMs: round(percentile(sorted(({ tookMs }) => tookMs), 0.5)) })
  }
  try {
    await delay(3000)
    const id = store.monitoring.clusters()[5]!.clusterId
    const ago = (days: number): string => encodeURIComponent(new Date(nowMs - days * DAY_MS).toISOString())
    const ahead = encodeURIComponent(new Date(nowMs + 7 * DAY_MS).toISOString())
    const get = (url: string) => () => control.request('GET', url)
    await measure('nothing', () => delay(50))
    await measure('state-history, a day', get(`/v1/clusters/${id}/state-history`))
    await measure('state-history, a week', get(`/v1/clusters/${id}/state-history?from=${ago(7)}`))
    await measure('measurements, a day', get(`/v1/clusters/${id}/measurements`))
    await measure('measurements, a week', get(`/v1/clusters/${id}/measurements?from=${ago(7)}`))
    await measure('measurements, a year', get(`/v1/clusters/${id}/measurements?from=${ago(365)}`))
    await measure('schedule-plays, a week', get(`/v1/schedule-plays?limit=1000&from=${ago(0)}&to=${ahead}`))
    await measure('schedule-plays, a week of a commune', get(`/v1/schedule-plays?limit=1000&unitId=${store.clusters.all()[0]!.unitId}&from=${ago(0)}&to=${ahead}`))
    await measure('cluster-board, 1 000', get('/v1/cluster-board?limit=1000'))
    await measure('targets/preview, all', () => control.request('POST', '/v1/targets/preview', { targets: { units: ['p'] } }))
    await measure('setup', get('/v1/setup'))
    const desk = new MeasurementDesk(store, { measurementKeepDays: 31, measurementHoursKeepDays: 400 }, nowMs)
    for (let number = 0; number < CLUSTERS; number++) for (let report = 0; report < 30; report++) desk.said(number, speakerInfo('c', 0, { signalDbm: -80 - ((number + report) % 9), syncErrorUs: (number * report) % 700 }), nowMs)
    // Five minutes of all clusters are written in twenty turns.
    await measure('measurements are written', async (count) => {
      if (count < 20) desk.beat(nowMs + 300_000)
      await delay(1)
    })
  } finally {
    await control.close()
    store.close()
  }
  const worst = found.reduce((a, b) => (b.maxMs > a.maxMs ? b : a))
  return {
    value: worst.maxMs,
    problems: [],
    beside: found.map(({ what, p50Ms, maxMs, tookMs }) => `${what} ${String(p50Ms)} (max ${String(maxMs)}; of ${String(Math.round(tookMs))})`).join('; '),
    detail: { worst: worst.what, found },
    plots: [],
  }
}

export const readStalls: Scenario = { id: 'control-read-stall-ms', title: 'the most that control computes in one go for what the console reads of 10 000 clusters', unit: 'ms', bound: BOUND_MS, better: 'less', run }

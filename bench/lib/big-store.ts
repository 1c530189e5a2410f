import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AirRecord, ScheduleItemRecord } from '../../control/ports.ts'
import { hashSecret } from '../../control/ids.ts'
import { FIELDS, NO_EQUIPMENT } from '../../control/records.ts'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { buildProvince } from '../../test/support/province.ts'
import { scheduleItem } from '../../test/support/schedule-item.ts'
import type { Bench } from './scenario.ts'

export const ITEMS = 2000
const MINUTE_MS = 60_000
const DAY_MS = 24 * 3_600_000
/** Written in one transaction. */
const ROWS = 10_000

/** The items of a schedule that fills the days of a province: one for all, and nine a day in each commune, an hour and a half apart. */
export function provinceItems(communes: readonly string[], nowMs: number): ScheduleItemRecord[] {
  const made = [scheduleItem('province', { targets: { units: ['p'], clusters: [], tags: [] }, issuerUnitId: 'p', title: 'Tiếp sóng', time: '05:00:00' })]
  for (let index = 0; made.length < ITEMS; index++) {
    const unit = communes[index % communes.length]!
    const minute = 6 * 60 + Math.floor(index / communes.length) * 90
    made.push(scheduleItem(`i${String(index)}`, { targets: { units: [unit], clusters: [], tags: [] }, issuerUnitId: unit, time: `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00` }))
  }
  return made.map((item) => ({ ...item, createdAtMs: nowMs, changedAtMs: nowMs }))
}

/** Communes side by side over a degree each way around Ha Noi, clusters within two kilometres of their middle. */
const placeOf = (commune: number, cluster: number): { readonly lat: number; readonly lon: number } => ({ lat: 20.6 + (commune % 15) / 15 + ((cluster * 37) % 400) / 10_000, lon: 105.3 + Math.floor(commune / 15) / 15 + ((cluster * 101) % 400) / 10_000 })

/** A province in an empty store: 10 000 clusters, 231 units, a source and 2 000 schedule items. @param token of an administrator */
export function fillProvince(store: SqliteStore, nowMs: number, token: string): { readonly communes: readonly string[]; readonly clusterIds: readonly string[] } {
  const { units, clusters } = buildProvince()
  const communes = [...new Set(clusters.map(({ unitId }) => unitId))]
  store.transaction(() => {
    store.tokens.insert({ id: 't', name: 'bench', grants: [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }], hash: hashSecret(token), createdAtMs: nowMs })
    store.sources.insert({ id: 's1', kind: 'tone', name: 'Đài', unitId: null, frequencyHz: 700, levelDbfs: -12, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: nowMs })
    for (const { id, parentId } of units) store.units.insert({ id, code: id, name: id, parentId, presentationDelayMs: null, createdAtMs: nowMs })
    clusters.forEach(({ id, unitId, tags }, index) => store.clusters.insert({ id, unitId, code: id, name: id, tags, position: placeOf(communes.indexOf(unitId), index), state: 'active', equipment: NO_EQUIPMENT, enabled: true, keyHash: 'h', keyChangedAtMs: nowMs, createdAtMs: nowMs }))
    for (const item of provinceItems(communes, nowMs)) store.schedule.insert(item)
  })
  return { communes, clusterIds: clusters.map(({ id }) => id) }
}

/** The token of the administrator in it. */
export const BIG_STORE_TOKEN = 'bench-token-0123456789abcdefghijklmnop'

/** The data folder of a province with its history, made when it is asked for first. */
export function bigStore(bench: Bench): { readonly dataDir: string; readonly rows: number } {
  const dataDir = join(bench.folder, 'big-store')
  const rows = bench.quick ? 100_000 : 1_000_000
  if (existsSync(dataDir)) return { dataDir, rows }
  const store = SqliteStore.open(dataDir)
  const nowMs = Date.now()
  fillHistory(store, rows, { ...fillProvince(store, nowMs, BIG_STORE_TOKEN), nowMs, onProgress: (written) => { bench.say(`a store with ${String(written)} runs`) } })
  store.close()
  return { dataDir, rows }
}

/**
 * Years of history up to yesterday: runs in the air log, and an order for every five of them.
 * @param onProgress rows written so far
 */
export function fillHistory(store: SqliteStore, rows: number, { communes, clusterIds, nowMs, onProgress }: { readonly communes: readonly string[]; readonly clusterIds: readonly string[]; readonly nowMs: number; readonly onProgress: (written: number) => void }): void {
  const firstMs = nowMs - DAY_MS - Math.ceil(rows / 5) * MINUTE_MS
  for (let from = 0; from < rows; from += ROWS) {
    store.transaction(() => {
      const ended: AirRecord[] = []
      for (let n = from; n < Math.min(rows, from + ROWS); n++) {
        const number = Math.floor(n / 5)
        const fromMs = firstMs + number * MINUTE_MS
        const common = { class: n % 50 === 0 ? 'emergency' as const : 'normal' as const, title: 'Bản tin sáng', issuerUnitId: 'p', sourceId: 's1', clipIds: null, field: FIELDS[number % FIELDS.length]! }
        const orderId = `old${String(number)}`
        if (n % 5 === 0) store.orders.insert({ ...common, id: orderId, targets: { units: ['p'], clusters: [], tags: [] }, startsAtMs: fromMs, endsAtMs: fromMs + MINUTE_MS, rank: 0, resume: 'skip', attentionTone: false, createdAtMs: fromMs, createdBy: 't' })
        ended.push({ ...common, atMs: fromMs + MINUTE_MS, orderId, unitId: communes[n % communes.length]!, clusterIds: Array.from({ length: 5 }, (_, at) => clusterIds[(n * 5 + at) % clusterIds.length]!), plannedFromMs: fromMs, plannedUntilMs: fromMs + MINUTE_MS, fromMs, untilMs: fromMs + MINUTE_MS, plannedMs: 300_000, airMs: 300_000, sentMs: 290_000, soundedMs: 0, end: 'over' })
      }
      store.airLog.write({ ended, open: [], closed: [] })
    })
    onProgress(Math.min(rows, from + ROWS))
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { AlertDesk, CapPublisher, createControlApp, NO_EQUIPMENT, Scheduler, type ScheduleItemRecord } from '../control/index.ts'
import { hashSecret } from '../control/ids.ts'
import { anchorFromWall, HouseClock } from '../rooms/house-clock.ts'
import { loadConfig } from '../server/config.ts'
import { Director } from '../server/director/director.ts'
import { CapKeyFile } from '../server/signing/cap-key.ts'
import { SigningKeys } from '../server/signing/signing-keys.ts'
import { SqliteStore } from '../server/store/sqlite-store.ts'
import { systemClock } from '../server/system-clock.ts'
import { buildProvince } from '../test/support/province.ts'
import { scheduleItem } from '../test/support/schedule-item.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'

/**
 * How long a change of a schedule item takes, from the request to its answer: checked, written, ordered, and the plans of 10 000 clusters made anew; with 2 000
 * items in a file, a director, a scheduler and the API as in the server. To reach: 1 s.
 *
 *   node bench/schedule.ts
 */
const ITEMS = 2000
const ROUNDS = 20
const BOUND_MS = 1000
const TOKEN = 'bench-token-0123456789abcdefghijklmnop'

const dataDir = mkdtempSync(join(tmpdir(), 'loa-bench-schedule-'))
const store = SqliteStore.open(dataDir)
const province = buildProvince()
const communes = [...new Set(province.clusters.map(({ unitId }) => unitId))]
const clock = systemClock
const nowMs = clock.wallMs()

function items(): ScheduleItemRecord[] {
  const made = [scheduleItem('province', { targets: { units: ['p'], clusters: [], tags: [] }, issuerUnitId: 'p', title: 'Tiếp sóng', time: '05:00:00' })]
  for (let index = 0; made.length < ITEMS; index++) {
    const unit = communes[index % communes.length]!
    // Nine a day in each commune, an hour and a half apart.
    const minute = 6 * 60 + Math.floor(index / communes.length) * 90
    made.push(scheduleItem(`i${String(index)}`, { targets: { units: [unit], clusters: [], tags: [] }, issuerUnitId: unit, time: `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00` }))
  }
  return made.map((item) => ({ ...item, createdAtMs: nowMs, changedAtMs: nowMs }))
}

store.transaction(() => {
  store.tokens.insert({ id: 't', name: 'bench', grants: [{ role: 'administrator', unitId: null }], hash: hashSecret(TOKEN), createdAtMs: nowMs })
  store.sources.insert({ id: 's1', kind: 'tone', name: 'Đài', frequencyHz: 700, levelDbfs: -12, fallbackSourceId: null, silenceTimeoutMs: null, createdAtMs: nowMs })
  for (const { id, parentId } of province.units) store.units.insert({ id, code: id, name: id, parentId, presentationDelayMs: null, createdAtMs: nowMs })
  for (const { id, unitId, tags } of province.clusters) store.clusters.insert({ id, unitId, code: id, name: id, tags, position: null, state: 'active', equipment: NO_EQUIPMENT, enabled: true, keyHash: 'h', keyChangedAtMs: nowMs, createdAtMs: nowMs })
  for (const item of items()) store.schedule.insert(item)
})

const logger = pino({ level: 'silent' })
const config = loadConfig({ LOA_DATA_DIR: dataDir })
const signing = SigningKeys.open(dataDir, nowMs)
const director = new Director({ config: { ...config, runDir: dataDir }, store, signing, clock, house: new HouseClock(clock, anchorFromWall(clock)), logger })
const houseWall = { wallMs: () => director.wallMs(), setTimer: clock.setTimer.bind(clock) }
const fail = (error: unknown): never => { throw error }
const scheduler = new Scheduler({ store, broadcast: director, clock: houseWall, config, onError: fail })

const timed = async (work: () => unknown): Promise<number> => {
  const from = performance.now()
  await work()
  return performance.now() - from
}
const firstMs = await timed(() => { scheduler.start() })
scheduler.close()
const againMs = await timed(() => { scheduler.start() })
const directorMs = await timed(() => director.start(join(dataDir, 'control.sock')))
const alerts = new AlertDesk({ store, broadcast: director, clock: houseWall, config, clips: { prepare: () => Promise.reject(new Error('no clips here')) }, speech: { speak: () => Promise.reject(new Error('nobody speaks here')) }, onError: fail })
const cap = {
  desk: { take: () => Promise.reject(new Error('nothing is handed in here')) },
  feeds: { changed: () => undefined, poll: () => Promise.reject(new Error('nothing is fetched here')) },
  publisher: new CapPublisher({ store, clock: houseWall, sender: 'loa', key: CapKeyFile.open(dataDir, nowMs) }),
}
const app = await createControlApp({ store, broadcast: director, clips: { prepare: () => Promise.reject(new Error('no clips here')) }, clock: houseWall, config, addresses: { isPrivateHost: () => false }, signing, scheduler, alerts, cap, version: 'bench' })

async function request(method: 'GET' | 'PATCH' | 'POST', url: string, payload?: object): Promise<void> {
  const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${TOKEN}` }, ...(payload === undefined ? {} : { payload }) })
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${String(answer.statusCode)} ${answer.body}`)
}

async function measure(what: string, boundMs: number, work: (round: number) => Promise<void>): Promise<{ readonly what: string; readonly medianMs: number; readonly maxMs: number; readonly boundMs: number }> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await timed(() => work(round)))
  times.sort((a, b) => a - b)
  return { what, medianMs: times[ROUNDS / 2]!, maxMs: times.at(-1)!, boundMs }
}

const results = [
  await measure('the item of the province moves', BOUND_MS, (round) => request('PATCH', '/v1/schedule-items/province', { time: `05:00:${String(round + 1).padStart(2, '0')}`, acceptCollisions: true })),
  await measure('the item of a commune moves', BOUND_MS, (round) => request('PATCH', '/v1/schedule-items/i7', { time: `06:00:${String(round + 1).padStart(2, '0')}`, acceptCollisions: true })),
  await measure('a check for the whole province', BOUND_MS, () => request('POST', '/v1/schedule-items/check', { itemId: 'province', time: '06:10' })),
  await measure('a day of a cluster', 50, (round) => request('GET', `/v1/clusters/k${String(round * 13)}/schedule?day=2030-06-18`)),
]
const { cpu, cores } = describeMachine()
console.log(`${cpu}, ${String(cores)} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, ${currentCommit()}`)
console.log(`${String(province.clusters.length)} clusters, ${String(ITEMS)} items, ${String(store.orders.unfinished(director.wallMs()).length)} orders given; the first start gives them in ${firstMs.toFixed(0)} ms, another looks in ${againMs.toFixed(0)} ms, the director reads them in ${directorMs.toFixed(0)} ms`)
for (const { what, medianMs, maxMs, boundMs } of results) console.log(`${what.padEnd(36)} median ${medianMs.toFixed(1).padStart(7)} ms   max ${maxMs.toFixed(1).padStart(7)} ms   ${medianMs <= boundMs ? 'reached' : 'missed'}`)
process.exitCode = results.every(({ medianMs, boundMs }) => medianMs <= boundMs) ? 0 : 1

await app.close()
scheduler.close()
director.close()
store.close()
rmSync(dataDir, { recursive: true })

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { distanceM } from '../../../control/acoustics.ts'
import { takeLock } from '../../../server/data-lock.ts'
import { runSeed } from '../../../server/seed/command.ts'
import { seedDistrict } from '../../../server/seed/district.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { buildControl, START_MS, TOKENS } from '../../support/build-control.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-seed-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  let text = ''
  const add = (line: string): void => { text += `${line}\n` }
  const code = await runSeed(args, environment, { say: add, complain: add, nowMs: () => START_MS })
  return { code, text }
}

t.test('the district of the plan', (t) => {
  const { units, clusters } = seedDistrict()
  t.equal(units.length, 23)
  t.equal(new Set(units.map(({ code }) => code)).size, 23)
  t.equal(clusters.length, 330)
  t.equal(new Set(clusters.map(({ code }) => code)).size, 330)
  t.equal(clusters.reduce((sum, { loudspeakers }) => sum + (loudspeakers ?? 0), 0), 731)
  const stations = Map.groupBy(clusters, ({ unit }) => unit)
  t.equal(stations.size, 22)
  t.same(Object.fromEntries([...Map.groupBy([...stations.values()], ([first]) => first!.technology)].map(([technology, list]) => [technology, list.length])), { ip: 1, wired: 3, fm: 18 })
  t.ok([...stations.values()].every((own) => own.length === 15 && own.every(({ technology }) => technology === own[0]!.technology)))
  const places = clusters.map(({ latitude, longitude }) => ({ lat: latitude!, lon: longitude! }))
  const nearestM = Math.min(...places.flatMap((a, index) => places.slice(index + 1).map((b) => distanceM(a, b))))
  t.ok(nearestM > 50, `no two stand nearer than 50 m to each other: ${String(Math.round(nearestM))} m`)
  t.same(seedDistrict(), seedDistrict(), 'the same every time')
  t.end()
})

t.test('is made in an empty folder, once, and only while no server has it', async (t) => {
  const dataDir = join(folder, 'data')
  t.same(await run([], { LOA_DATA_DIR: dataDir }), { code: 0, text: 'Đã tạo / made: 23 đơn vị / units, 330 cụm loa / clusters\n' })
  const h = await buildControl({ dataDir })
  t.match((await h.call('GET', '/v1/clusters?search=cao thuong&technology=ip&limit=1000')).body.items.length, 15)
  t.match(h.store.units.all()[1], { code: 'TY01', name: 'Thị trấn Cao Thượng', level: 1, createdAtMs: START_MS })
  t.match((await h.call('GET', '/v1/audit-log')).body.items, [{ method: 'SEED', status: 200 }])
  await h.close()
  t.match(await run(['--data', dataDir]), { code: 1, text: /has units already/ })
  const lock = takeLock(dataDir)
  t.match(await run(['--data', dataDir]), { code: 1, text: /another Loa/ })
  lock.close()
  const store = SqliteStore.open(dataDir)
  t.equal(store.clusters.count().total, 330)
  store.close()
  t.equal((await run(['--what'])).code, 2)
  t.equal((await run(['--data', 'a', '--url', 'b'])).code, 2)
})

t.test('is made through the API of a running server', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const url = await h.app.listen({ host: '127.0.0.1', port: 0 })
  t.match(await run(['--url', url], { LOA_ADMIN_TOKEN: TOKENS.viewer }), { code: 1, text: /403 LOA_ERR_FORBIDDEN/ })
  t.match(await run(['--url', url], { LOA_ADMIN_TOKEN: TOKENS.admin }), { code: 0, text: /23 .* 330/ })
  t.equal(h.store.clusters.count().total, 330)
  t.match(await run(['--url', url], { LOA_ADMIN_TOKEN: TOKENS.admin }), { code: 1, text: /409 LOA_ERR_CODE_TAKEN/ })
})

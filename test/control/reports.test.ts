import { createHash } from 'node:crypto'
import t from 'tap'
import type { AirRecord, OrderRecord } from '../../control/ports.ts'
import type { ClusterProof } from '../../control/proof/proof.ts'
import { appendixOf, reportText } from '../../control/proof/report.ts'
import { Rights } from '../../control/rights.ts'
import { Sights } from '../../control/sight.ts'
import { readXlsx } from '../../control/spreadsheet/xlsx-read.ts'
import { alertRecord, mark } from '../support/alert.ts'
import { packed } from '../../server/director/pack-report.ts'
import { buildControl, START_MS, TOKENS, type Harness } from '../support/build-control.ts'

const proof = (clusterId: string, unitId: string, more: Partial<ClusterProof> = {}): ClusterProof => ({ clusterId, code: `L-${clusterId}`, name: `=cụm <b>${clusterId}</b>`, unitId, sim: '0900000001', late: false, protocol: 'native', connectedMs: START_MS, awaySinceMs: null, isOnline: true, onAirMs: START_MS + 50, receivedMs: null, verifiedMs: null, playedMs: null, heardMs: null, blocked: null, verifies: true, soundedMs: null, ...more })

/** An emergency of a province to two communes, of which the token `xa` sees one. */
async function world(h: Harness): Promise<{ readonly order: OrderRecord; readonly proofs: readonly ClusterProof[]; readonly asCommune: Readonly<Record<string, string>> }> {
  const unit = async (code: string, parentId: string | null): Promise<string> => (await h.call('POST', '/v1/units', { code, name: `Xã ${code}`, parentId })).body.id
  const root = await unit('T', null)
  const [one, two] = [await unit('X1', root), await unit('X2', root)]
  const token = await h.call('POST', '/v1/tokens', { name: 'xã', roles: [{ role: 'viewer', unitId: one }] })
  const order = h.store.orders.insert({ id: 'o-1', class: 'emergency', title: 'Lũ <script>alert(1)</script>', sourceId: 's', clipIds: null, targets: { units: [root], clusters: [], tags: [] }, startsAtMs: START_MS, endsAtMs: START_MS + 60_000, rank: 0, resume: 'skip', issuerUnitId: root, field: 'sudden', attentionTone: true, createdAtMs: START_MS, createdBy: 't' })
  const proofs = [
    proof('a', one, { receivedMs: START_MS + 100, verifiedMs: START_MS + 110, playedMs: START_MS + 200, soundedMs: 58_000 }),
    proof('b', two, { isOnline: false, connectedMs: null, protocol: null, awaySinceMs: START_MS - 3_600_000 }),
    proof('c', two, { protocol: 'http' }),
  ]
  return { order, proofs, asCommune: { authorization: `Bearer ${String(token.body['token'])}` } }
}

async function close(h: Harness, order: OrderRecord, proofs: readonly ClusterProof[]): Promise<string> {
  const names = new Map(h.store.units.all().map(({ id, name }) => [id, name]))
  const text = await reportText({ order, openedAtMs: START_MS, closedAtMs: START_MS + 65_000, complete: true, clusters: proofs, unitName: (id) => names.get(id) ?? '' })
  const late = { clusterId: 'b', deviceId: null, logId: 'l', number: 1, orderId: order.id, playing: 'cached' as const, audible: true, verified: true, heard: null, fromSamples: 0, untilSamples: 48_000 * 50, missingSamples: 0, heardAtMs: START_MS + 10, end: 'over' as const, receivedAtMs: START_MS + 90_000 }
  h.store.proofs.append([packed({ atMs: START_MS + 65_000, kind: 'report', orderId: order.id }, text), packed({ atMs: START_MS + 90_000, kind: 'appendix', orderId: order.id }, JSON.stringify(appendixOf(order.id, [late], START_MS + 90_000)))])
  return text
}

t.test('the board of an order shows how far it is, and who does not sound', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { order, proofs, asCommune } = await world(h)
  t.match((await h.call('GET', '/v1/orders/o-1/proof')).body, { state: 'none', counts: { targeted: 0 }, red: [] })
  h.broadcast.proofs.set('o-1', { orderId: order.id, openedAtMs: START_MS, complete: true, clusters: proofs })
  t.match((await h.call('GET', '/v1/orders/o-1/proof')).body, { state: 'running', counts: { targeted: 3, connected: 2, received: 1, verified: 1, played: 1, heard: 0, notProved: 1, red: 1 }, red: [{ clusterId: 'b', outcome: 'offline', sim: '0900000001', awaySince: new Date(START_MS - 3_600_000).toISOString() }], redLeftOut: 0 })
  t.match((await h.call('GET', '/v1/orders/o-1/proof?limit=0')).body, { red: [], redLeftOut: 1 })
  t.match((await h.call('GET', '/v1/orders/o-1/report')).body, { state: 'running', entry: null, report: { counts: { targeted: 3 } } })
  t.match((await h.call('GET', '/v1/orders/o-1/proof', undefined, { as: null, headers: asCommune })).body, { counts: { targeted: 1, played: 1, red: 0 }, red: [] }, 'of his own commune alone')
  t.equal((await h.call('GET', '/v1/orders/o-9/proof')).status, 404)
})

t.test('a closed report and its files say the same, and each sees his own clusters', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { order, proofs, asCommune } = await world(h)
  t.equal((await h.call('GET', '/v1/orders/o-1/report/export')).status, 404)
  const text = await close(h, order, proofs)
  const { body } = await h.call('GET', '/v1/orders/o-1/report')
  t.match(body, { state: 'closed', report: JSON.parse(text) as object, appendices: [{ appendix: { clusters: [{ clusterId: 'b', soundedMs: 50_000 }] } }] })
  t.equal((body['entry'] as { sha256: string }).sha256, createHash('sha256').update(text).digest('hex'))
  t.match((await h.call('GET', '/v1/orders/o-1/proof')).body, { state: 'closed', counts: { targeted: 3, red: 1 }, red: [{ clusterId: 'b' }] })

  const json = await h.call('GET', '/v1/orders/o-1/report/export?format=json')
  t.equal(json.text, text, 'the very bytes that were hashed')
  t.equal(json.headers['repr-digest'], `sha-256=:${createHash('sha256').update(text).digest('base64')}:`)
  const csv = await h.call('GET', '/v1/orders/o-1/report/export?format=csv')
  t.equal(csv.text.trim().split('\r\n').length, 4)
  t.match(csv.text, /L-b,'=cụm <b>b<\/b>,Xã X2,0900000001,Mất kết nối suốt thời gian phát,.*,50\r\n/)
  const xlsx = await h.app.inject({ method: 'GET', url: '/v1/orders/o-1/report/export?format=xlsx', headers: asCommune })
  const rows = await readXlsx(xlsx.rawPayload)
  t.same(rows.map(({ cells }) => cells[0]), ['Mã cụm loa', 'L-a'], 'of his own commune alone')
  const html = await h.call('GET', '/v1/orders/o-1/report/export')
  t.match(html.headers, { 'content-type': /text\/html/, 'content-security-policy': /default-src 'none'/ })
  t.notOk(/<script/i.test(html.text))
  t.match(html.text, /Cụm loa không phát \(1\)/)
  t.match(html.text, new RegExp(createHash('sha256').update(text).digest('hex')))
  const commune = await h.call('GET', '/v1/orders/o-1/report', undefined, { as: null, headers: asCommune })
  t.match(commune.body, { report: { counts: { targeted: 1, played: 1, red: 0 }, clusters: [{ clusterId: 'a' }] }, appendices: [] })
  t.notOk((await h.call('GET', '/v1/orders/o-1/report/export?format=json', undefined, { as: null, headers: asCommune })).text.includes('L-b'))
  t.match((await h.call('GET', '/v1/reports')).body.items, [{ seq: 1, kind: 'report', orderId: 'o-1' }, { seq: 2, kind: 'appendix' }])
})

t.test('who watches is told of orders that concern him', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  await world(h)
  h.store.orders.insert({ ...h.store.orders.get('o-1')!, id: 'o-2', targets: { units: [h.store.units.all()[2]!.id], clusters: [], tags: [] }, issuerUnitId: h.store.units.all()[2]!.id })
  const sights = new Sights({ store: h.store, broadcast: h.broadcast }, h.clock)
  const commune = h.store.units.all().find(({ code }) => code === 'X1')!.id
  const rights = (unitId: string | null): Rights => new Rights([{ role: 'viewer', unitId }], (id) => h.store.units.ancestors(id))
  const news = (...ids: string[]): object => ({ state: 'running', orders: ids.map((orderId) => ({ orderId, counts: { targeted: 1, connected: 1, received: 1, verified: 1, played: 1, heard: 0, notProved: 0, red: 0 } })) })
  const seen = (data: object): object | null => sights.of(rights(commune))!.narrow('proof', data)
  t.equal(seen(news('o-2')), null)
  t.same(seen(news('o-2', 'o-1', 'o-9')), news('o-1'))
  t.equal(sights.of(rights(null)), null, 'who sees everything is told everything')
})

/** What people call keys; an export says both. */
const NAMES: Readonly<Record<string, string>> = { emergency: 'khẩn cấp', normal: 'thông thường', general: 'thông tin chung', law: '"pháp luật, chính sách"', none: 'chưa ghi lĩnh vực', clips: 'tệp âm thanh' }

t.test('figures follow from the exported log alone: recomputed from it they are the same', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const kinds = ['general', 'law', null] as const
  const entry = (n: number): AirRecord => ({ atMs: START_MS + n, orderId: `o-${String(n % 7)}`, class: n % 5 === 0 ? 'emergency' : 'normal', title: 'x', unitId: `u-${String(n % 3)}`, issuerUnitId: 'u-0', sourceId: n % 2 === 0 ? 's-1' : null, clipIds: n % 2 === 0 ? null : ['k'], clusterIds: ['c'], plannedFromMs: 0, plannedUntilMs: 0, fromMs: START_MS + n * 3_600_000, untilMs: START_MS + n * 3_600_000 + 1, plannedMs: n * 1000, airMs: n * 900, sentMs: n * 800, soundedMs: n % 4 === 0 ? n * 700 : 0, end: n % 4 === 0 ? 'told' : n % 9 === 0 ? 'never' : 'over', field: kinds[n % 3]! })
  h.store.airLog.write({ ended: Array.from({ length: 900 }, (_, n) => entry(n)), open: [], closed: [] })
  const log = (await h.call('GET', '/v1/air-log/export')).text.trim().split('\n').map((line) => JSON.parse(line) as { unitId: string; sourceId: string | null; field: string | null; class: string; from: string; end: string; plannedMs: number; airMs: number; sentMs: number; soundedMs: number })
  const vietnamDay = (from: string): string => new Date(Date.parse(from) + 7 * 3_600_000).toISOString().slice(0, 10)
  const keys = { unit: (e: (typeof log)[number]) => e.unitId, source: (e: (typeof log)[number]) => e.sourceId ?? 'clips', field: (e: (typeof log)[number]) => e.field ?? 'none', class: (e: (typeof log)[number]) => e.class, day: (e: (typeof log)[number]) => vietnamDay(e.from), month: (e: (typeof log)[number]) => vietnamDay(e.from).slice(0, 7) }
  const span = `from=${new Date(START_MS + 7_200_000).toISOString()}&to=${new Date(START_MS + 800 * 3_600_000).toISOString()}`
  const within = log.filter(({ from }) => Date.parse(from) >= START_MS + 7_200_000 && Date.parse(from) < START_MS + 800 * 3_600_000)
  for (const [by, keyOf] of Object.entries(keys)) {
    const minutes = (entries: typeof log, of: 'plannedMs' | 'airMs' | 'sentMs' | 'soundedMs'): number => Math.round(entries.reduce((sum, each) => sum + each[of], 0) / 600) / 100
    const expected = [...Map.groupBy(within, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, of]) => ({ key, name: null, runs: of.filter(({ end }) => end !== 'told' && end !== 'never').length, plannedMinutes: minutes(of, 'plannedMs'), airMinutes: minutes(of, 'airMs'), sentMinutes: minutes(of, 'sentMs'), soundedMinutes: minutes(of, 'soundedMs') }))
    t.same((await h.call('GET', `/v1/figures?${span}&by=${by}`)).body.items, expected, by)
    const csv = (await h.call('GET', `/v1/figures/export?${span}&by=${by}&format=csv&lang=vi`)).text.trim().split('\r\n').slice(1)
    t.same(csv, expected.map((each) => [each.key, NAMES[each.key] ?? '', each.runs, each.plannedMinutes, each.airMinutes, each.sentMinutes, each.soundedMinutes].join(',')))
  }
  t.match((await h.call('GET', `/v1/figures/export?${span}&by=field&format=csv&lang=en`)).text, /^\uFEFFField,Name,Runs,.*\r\ngeneral,general information,/)
  const xlsx = await readXlsx((await h.app.inject({ method: 'GET', url: `/v1/figures/export?${span}&by=class`, headers: { authorization: `Bearer ${TOKENS.admin}` } })).rawPayload)
  t.same(xlsx.map(({ cells }) => cells[0]), ['Mức độ ưu tiên', 'emergency', 'normal'])
})

t.test('what an order is about is kept, shown and handed on by the schedule', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unit = await h.call('POST', '/v1/units', { code: 'X1', name: 'Xã', parentId: null })
  const source = await h.call('POST', '/v1/sources', { kind: 'tone', name: 'Còi', frequencyHz: 1500 })
  const body = { class: 'normal', title: 'Tin', sourceId: source.body.id, targets: { units: [unit.body.id] }, durationMs: 60_000 }
  t.equal((await h.call('POST', '/v1/orders', { ...body, field: 'law' })).body['field'], 'law')
  t.equal((await h.call('POST', '/v1/orders', body)).body['field'], null)
  t.equal((await h.call('POST', '/v1/orders', { ...body, field: 'gossip' })).status, 422)
  const item = await h.call('POST', '/v1/schedule-items', { ...body, field: 'steering', time: '23:00', repeat: { kind: 'daily' } })
  t.equal(item.body['field'], 'steering')
  t.equal((await h.call('PATCH', `/v1/schedule-items/${item.body.id}`, { title: 'Tin khác' })).body['field'], 'steering')
  t.ok(h.broadcast.orders.some(({ field }) => field === 'steering'))
})

t.test('the report of an alert is that of all its orders, and closed when each of them is and it is over', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { order, proofs, asCommune } = await world(h)
  const alert = h.store.alerts.insert(alertRecord('a-1', START_MS, { targets: order.targets, issuerUnitId: order.issuerUnitId, title: 'Lũ <b>', closed: { state: 'ended', by: mark('t', START_MS), reason: null } }), ['a', 'b', 'c'])
  t.match((await h.call('GET', '/v1/alerts/a-1/report')).body, { state: 'none', orders: [], clusters: [] })
  const play = (id: string, startsAtMs: number): OrderRecord => h.store.orders.insert({ ...order, id, startsAtMs, endsAtMs: startsAtMs + 60_000, alert: { id: alert.id, kind: alert.kind, level: alert.level } })
  const [one, two] = [play('o-a1', START_MS), play('o-a2', START_MS + 120_000)]
  await close(h, one, proofs)
  h.broadcast.proofs.set(two.id, { orderId: two.id, openedAtMs: START_MS, complete: true, clusters: [proofs[0]!, { ...proofs[1]!, isOnline: true, connectedMs: START_MS + 121_000, protocol: 'native', playedMs: START_MS + 121_300, soundedMs: 30_000 }] })
  const running = (await h.call('GET', '/v1/alerts/a-1/report')).body
  t.match(running, { state: 'running', counts: { targeted: 3, played: 2, notProved: 1, red: 0 }, orders: [{ orderId: 'o-a1', state: 'closed' }, { orderId: 'o-a2', state: 'running', entry: null }] })
  t.match((running['clusters'] as { clusterId: string }[]).map((each) => each), [{ clusterId: 'a', soundedMs: 116_000 }, { clusterId: 'b', outcome: 'played', cutInMs: 300 }, { clusterId: 'c', outcome: 'not-proved' }])
  t.match((await h.call('GET', '/v1/alerts/a-1/proof')).body, { id: 'a-1', state: 'running', counts: { targeted: 3, red: 0 }, red: [] })
  t.match((await h.call('GET', '/v1/alerts/a-1/report', undefined, { as: null, headers: asCommune })).body, { counts: { targeted: 1 }, clusters: [{ clusterId: 'a' }], appendices: [] })
  h.broadcast.proofs.clear()
  await close(h, two, proofs)
  t.match((await h.call('GET', '/v1/alerts/a-1/report')).body, { state: 'closed', counts: { targeted: 3, red: 1 } })
  const html = (await h.call('GET', '/v1/alerts/a-1/report/export')).text
  t.equal(html.split('<code>').length - 1, 5, 'two reports, two appendices, and the command')
  t.notOk(html.includes('<b>'))
  t.equal((await h.call('GET', '/v1/alerts/a-1/report/export?format=csv')).text.trim().split('\r\n').length, 4)
  t.equal((await h.call('GET', '/v1/alerts/a-9/report')).status, 404)
})

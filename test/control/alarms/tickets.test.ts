import t, { type Test } from 'tap'
import { ticketFigures, ticketTimes } from '../../../control/alarms/ticket-figures.ts'
import { TICKET_STATES, type TicketRecord } from '../../../control/alarms/ticket-port.ts'
import { moveTicket, TICKET_STEPS } from '../../../control/alarms/ticket-rules.ts'
import { NO_EQUIPMENT } from '../../../control/ports.ts'
import { readXlsx } from '../../../control/spreadsheet/xlsx-read.ts'
import { buildControl, START_MS, type Harness } from '../../support/build-control.ts'
import { fc } from '../../support/seed.ts'

const MINUTE_MS = 60_000

async function build(t: Test): Promise<Harness> {
  const h = await buildControl()
  t.teardown(() => h.close())
  for (const [id, parentId] of [['tinh', null], ['hoa', 'tinh'], ['binh', 'tinh']] as const) h.store.units.insert({ id, code: id.toUpperCase(), name: `Đơn vị ${id}`, parentId, presentationDelayMs: null, createdAtMs: 0 })
  h.store.clusters.insert({ id: 'c', unitId: 'hoa', code: 'C-1', name: '=Cụm 1', tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: 'k', keyChangedAtMs: 0, createdAtMs: 0 })
  return h
}

t.test('a ticket goes from hand to hand, and every time is kept', async (t) => {
  const h = await build(t)
  const made = await h.call('POST', '/v1/tickets', { title: 'Thay âm ly', clusterId: 'c', note: 'Mất tiếng' })
  t.match(made, { status: 201, body: { number: 1, unitId: 'hoa', clusterId: 'c', clusterState: 'active', state: 'open', severity: 'warning', openedBy: 't-admin', respondMs: null, repairMs: null } })
  const { id } = made.body
  const step = async (minutes: number, body: object): Promise<Readonly<Record<string, unknown>>> => {
    h.clock.advance(minutes * MINUTE_MS)
    return (await h.call('PATCH', `/v1/tickets/${id}`, body)).body
  }
  t.match(await step(10, { assignee: 'Tổ 2' }), { state: 'assigned', assignee: 'Tổ 2', respondMs: 10 * MINUTE_MS }, 'who gets it has it')
  t.match(await step(20, { state: 'on-site', outOfUse: true }), { clusterState: 'repair', arriveMs: 30 * MINUTE_MS })
  t.ok(h.broadcast.calls.includes('cluster c'), 'and everybody is told')
  t.match(await step(15, { state: 'waiting-part', note: 'Hết cầu chì' }), { waitedMs: 0 })
  h.clock.advance(60 * MINUTE_MS)
  t.match((await h.call('GET', `/v1/tickets/${id}`)).body, { waitedMs: 60 * MINUTE_MS }, 'while it waits')
  t.match(await step(60, { state: 'on-site' }), { waitedMs: 120 * MINUTE_MS, arriveMs: 30 * MINUTE_MS })
  t.match(await step(15, { state: 'done', parts: [{ name: 'Cầu chì', quantity: 2, costVnd: 30_000 }, { name: 'Dây', quantity: 1, costVnd: null }], labourVnd: 200_000 }), { state: 'done', clusterState: 'active', repairMs: 180 * MINUTE_MS, workMs: 60 * MINUTE_MS, costVnd: 230_000 })
  t.match((await h.call('GET', `/v1/tickets/${id}/events`)).body.items, [{ state: 'open', note: 'Mất tiếng', name: 'admin' }, { state: 'assigned' }, { state: 'on-site' }, { state: 'waiting-part', note: 'Hết cầu chì' }, { state: 'on-site' }, { state: 'done' }])
  t.match(await step(5, { state: 'on-site', note: 'Lại mất tiếng' }), { state: 'on-site', closedAt: null, repairMs: null })
  t.match(await step(5, { state: 'cancelled' }), { state: 'cancelled' })
  t.match(await h.call('PATCH', `/v1/tickets/${id}`, { state: 'open' }), { status: 409, body: { code: 'LOA_ERR_TICKET_STATE' } })
  t.match(await h.call('PATCH', `/v1/tickets/${id}`, { title: 'x' }, { headers: { 'if-match': '"old"' } }), { status: 412 })
})

t.test('a ticket puts back only what it has taken out of use itself', async (t) => {
  const h = await build(t)
  const open = async (): Promise<string> => (await h.call('POST', '/v1/tickets', { title: 'x', clusterId: 'c' })).body.id
  const change = async (id: string, body: object): Promise<unknown> => (await h.call('PATCH', `/v1/tickets/${id}`, body)).body['clusterState']
  const first = await open()
  t.equal(await change(first, { outOfUse: true }), 'repair')
  t.equal(await change(first, { outOfUse: false }), 'active')
  t.equal(await change(first, { outOfUse: true }), 'repair')
  h.store.clusters.update('c', { state: 'retired' })
  t.equal(await change(first, { state: 'done' }), 'retired', 'somebody has decided otherwise')
  h.store.clusters.update('c', { state: 'repair' })
  const second = await open()
  await change(second, { outOfUse: true })
  t.equal(await change(second, { state: 'done' }), 'repair', 'it was in repair before')
  const ofUnit = (await h.call('POST', '/v1/tickets', { title: 'x', unitId: 'hoa' })).body.id
  t.match(await h.call('PATCH', `/v1/tickets/${ofUnit}`, { outOfUse: true }), { status: 422, body: { errors: [{ path: 'outOfUse' }] } })
  for (const [body, path] of [[{ title: 'x' }, 'unitId'], [{ title: 'x', clusterId: 'none' }, 'clusterId'], [{ title: 'x', unitId: 'none' }, 'unitId'], [{ title: 'x', unitId: 'hoa', alarmId: 'none' }, 'alarmId']] as const) t.match(await h.call('POST', '/v1/tickets', body), { status: 422, body: { errors: [{ path }] } })
})

t.test('a rule opens one ticket for a cluster, and no second while somebody is at it', async (t) => {
  const h = await build(t)
  h.alarms.desk.start()
  await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { unitId: 'hoa', opensTicket: true })
  h.alarms.lose('c', START_MS)
  h.clock.advance(6 * MINUTE_MS)
  const [ticket] = (await h.call('GET', '/v1/tickets?clusterId=c')).body.items
  t.match(ticket, { title: 'Cụm loa mất kết nối', openedBy: null, alarmId: (await h.call('GET', '/v1/alarms')).body.items[0]!.id, state: 'open' })
  h.alarms.clusters.clear()
  h.clock.advance(2 * MINUTE_MS)
  h.alarms.lose('c', h.clock.wallMs())
  h.clock.advance(6 * MINUTE_MS)
  t.equal((await h.call('GET', '/v1/alarms')).body.items.length, 2)
  t.equal((await h.call('GET', '/v1/tickets')).body.items.length, 1)
  t.same(h.alarms.errors, [])
})

t.test('lists, figures and spreadsheets show what lies in the caller\'s units', async (t) => {
  const h = await build(t)
  const lengths = [10, 20, 90]
  for (const [index, minutes] of lengths.entries()) {
    const { id } = (await h.call('POST', '/v1/tickets', { title: `Phiếu ${String(index)}`, ...(index === 2 ? { unitId: 'binh' } : { clusterId: 'c' }), assignee: 'Tổ 2' })).body
    h.clock.advance(minutes * MINUTE_MS)
    await h.call('PATCH', `/v1/tickets/${id}`, { state: 'done', labourVnd: 1000 })
  }
  await h.call('POST', '/v1/tickets', { title: 'Còn lại', unitId: 'hoa' })
  const figures = (await h.call('GET', '/v1/ticket-figures?from=2026-06-01T00:00:00Z&to=2026-07-01T00:00:00Z')).body
  t.match(figures, { all: { opened: 4, done: 3, unfinished: 1, repairMeanMs: 40 * MINUTE_MS, repairMedianMs: 20 * MINUTE_MS, respondMeanMs: 0, costVnd: 3000 } })
  t.match(figures['byUnit'], [{ unitId: 'hoa', opened: 3, repairMeanMs: 15 * MINUTE_MS, repairMedianMs: 15 * MINUTE_MS }, { unitId: 'binh', repairMedianMs: 90 * MINUTE_MS }])
  const titles = async (query: string): Promise<unknown[]> => (await h.call('GET', `/v1/tickets?${query}`)).body.items.map((ticket) => ticket['title'])
  t.same(await titles('state=unfinished'), ['Còn lại'])
  t.same(await titles('unitId=binh'), ['Phiếu 2'])
  t.same(await titles('assignee=T%E1%BB%95%202&clusterId=c'), ['Phiếu 1', 'Phiếu 0'])
  t.same(await titles('from=2026-06-18T03:10:00Z&to=2026-06-18T03:20:00Z'), ['Phiếu 1'])
  const first = (await h.call('GET', '/v1/tickets?limit=3')).body
  t.equal((await h.call('GET', `/v1/tickets?limit=3&cursor=${String(first['nextCursor'])}`)).body.items.length, 1)

  const sheet = await readXlsx((await h.app.inject({ url: '/v1/tickets/export', headers: { authorization: 'Bearer admin-token-for-tests-0123456789abcdef' } })).rawPayload)
  t.equal(sheet.length, 5)
  t.same(sheet[4]!.cells.slice(0, 8), [1, 'Phiếu 0', 'HOA', 'Đơn vị hoa', 'C-1', '=Cụm 1', 'cảnh báo', 'xong'])
  const csv = await h.call('GET', '/v1/tickets/export?format=csv&lang=en&clusterId=c')
  t.match(csv.text, "Number,Title,Unit code")
  t.match(csv.text, ",'=Cụm 1,", 'no name becomes a formula')
  const beside = String((await h.call('POST', '/v1/tokens', { name: 'x', roles: [{ role: 'viewer', unitId: 'binh' }] })).body['token'])
  const seen = await h.call('GET', '/v1/tickets', undefined, { as: null, headers: { authorization: `Bearer ${beside}` } })
  t.match(seen.body.items, [{ title: 'Phiếu 2' }])
})

const ticket = (more: Partial<TicketRecord> = {}): TicketRecord => ({ id: 'w', number: 1, title: 'x', unitId: 'u', clusterId: null, alarmId: null, severity: 'info', state: 'open', assignee: null, parts: [], labourVnd: null, openedAtMs: 0, openedBy: null, respondedAtMs: null, onSiteAtMs: null, closedAtMs: null, waitedMs: 0, waitingSinceMs: null, clusterStateBefore: null, ...more })

t.test('whatever way a ticket goes, its times fit together', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...TICKET_STATES), fc.integer({ min: 0, max: 1000 })), { maxLength: 20 }), (steps) => {
    let one = ticket()
    let nowMs = 0
    let waitedMs = 0
    for (const [state, afterMs] of steps) {
      nowMs += afterMs
      if (one.state === 'waiting-part') waitedMs += afterMs
      if (state !== one.state && !TICKET_STEPS[one.state].includes(state)) continue
      one = moveTicket(one, state, nowMs)
    }
    const { respondMs, arriveMs, repairMs, workMs, waitedMs: counted } = ticketTimes(one, nowMs)
    if (counted !== waitedMs) throw new Error('it waited for another time')
    if (arriveMs !== null && (respondMs === null || respondMs > arriveMs)) throw new Error('nobody responded before he was there')
    if ((repairMs !== null) !== (one.state === 'done')) throw new Error('only what is done has been repaired')
    return repairMs === null || (workMs! >= 0 && workMs! + waitedMs === repairMs)
  }))
  t.throws(() => moveTicket(ticket({ state: 'cancelled' }), 'open', 0), { code: 'LOA_ERR_TICKET_STATE' })
  t.match(ticketFigures([], 0), { opened: 0, repairMeanMs: null, repairMedianMs: null })
  t.end()
})

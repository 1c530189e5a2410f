import t from 'tap'
import { countStates, exportQuery, filterOf, filterRows, NO_FILTER, queryOf, tagsOf, type Cluster, type Row, type WorkingState } from '../../console/src/screens/clusters/cluster-filter.ts'
import { bodyOf, changeOf, conflictsOf, newValues, valuesOf } from '../../console/src/screens/clusters/cluster-values.ts'
import { COMMANDS, commandBody, confirmation, DEFAULT_VALUES, stagesOf } from '../../console/src/screens/clusters/command-follow.ts'
import { groupBody, NEW_GROUP, polygonOf, type Group } from '../../console/src/screens/clusters/group-values.ts'
import { errorColumns, errorSheet, filterErrors } from '../../console/src/screens/clusters/import-report.ts'
import { columnsOf, isSaid, lineOf, withTail, type Measurement } from '../../console/src/screens/clusters/measured.ts'
import { segmentsOf, sharesOf } from '../../console/src/screens/clusters/state-strip.ts'
import { distanceKm, NEXT_STATES, roadOrder, type Ticket } from '../../console/src/screens/clusters/ticket-rules.ts'
import { TICKET_STEPS } from '../../control/alarms/ticket-rules.ts'
import { readCsv } from '../../control/spreadsheet/csv.ts'
import { fc } from '../support/seed.ts'

const cluster = (id: string, more: Partial<Cluster> = {}): Cluster => ({
  id, unitId: 'u1', code: id.toUpperCase(), name: `Cụm ${id}`, tags: [], position: null, enabled: true, state: 'active', online: true, keyChangedAt: '2026-01-01T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z', ...more,
  equipment: { technology: null, imei: null, sim: null, maker: null, model: null, amplifier: null, loudspeakers: null, buildYear: null, depreciatedOn: null, keeper: null, keeperPhone: null, ...more.equipment },
})
const row = (state: WorkingState, it: Cluster): Row => ({ cluster: it, working: { state, online: state !== 'lost', conditions: state === 'idle' ? ['hot'] : [], title: null, onAirClass: null } })

const ROWS = [
  row('idle', cluster('a', { name: 'Chợ Đồng Xuân', tags: ['cho'], equipment: { ...cluster('x').equipment, imei: '356938035643809', technology: 'ip' } })),
  row('lost', cluster('b', { unitId: 'u2', tags: ['cho', 'de'], equipment: { ...cluster('x').equipment, sim: '8984048000012345678', keeperPhone: '0912345678' } })),
  row('lost', cluster('c', { unitId: 'u2' })),
  { cluster: cluster('d'), working: null },
]
const found = (filter: Partial<typeof NO_FILTER>, within: ReadonlySet<string> | null = null): string => filterRows(ROWS, { ...NO_FILTER, ...filter }, within).map(({ cluster: { id } }) => id).join('')

t.test('clusters are found by what people know of them, and filtered by each part alone and together', (t) => {
  t.same(['dong xuan', 'XUÂN chợ', '35693803', '8984048', '0912345678', 'C', 'cho'].map((search) => found({ search })), ['a', 'a', 'a', 'b', 'b', 'abcd', 'ab'])
  t.same([found({ state: 'lost' }), found({ condition: 'hot' }), found({ technology: 'ip' }), found({ technology: 'none' }), found({ tag: 'de' }), found({}, new Set(['u2'])), found({ state: 'lost', tag: 'cho' })], ['bc', 'a', 'a', 'bcd', 'b', 'bc', 'b'])
  t.same([...countStates(filterRows(ROWS, { ...NO_FILTER, state: 'idle', tag: 'cho' }, null, 'state'))], [['idle', 1], ['lost', 1]], 'counts say what would be there if another state were chosen')
  t.same(tagsOf(ROWS), ['cho', 'de'])
  t.end()
})

t.test('a filter stands in the address and comes back; what was searched does not', (t) => {
  const filter = { search: '', unit: 'u-1', state: 'never-seen', condition: 'hot', technology: 'fm', tag: 'ven sông&x=1' } as const
  t.same(filterOf(new URLSearchParams(queryOf({ ...filter, search: '356938035643809' }))), filter)
  t.same(filterOf(new URLSearchParams('state=<img>&technology=x')), { ...NO_FILTER })
  t.equal(exportQuery({ ...filter, search: ' a ' }, 'csv', 'vi'), 'format=csv&lang=vi&search=a&unitId=u-1&working=never-seen&condition=hot&technology=fm&tag=ven+s%C3%B4ng%26x%3D1')
  t.end()
})

t.test('a form says what was changed and nothing else; numbers as people write them', (t) => {
  const before = valuesOf(cluster('a', { position: { lat: 21.5, lon: 105 }, tags: ['x', 'y'] }))
  t.equal(changeOf(before, before), null)
  t.same(changeOf(before, { ...before, name: ' Mới ', position: { lat: '21,25', lon: '105' }, equipment: { ...before.equipment, keeperPhone: '0912 345.678', loudspeakers: '4' } }), { name: 'Mới', position: { lat: 21.25, lon: 105 }, equipment: { keeperPhone: '0912345678', loudspeakers: 4 } })
  t.same(changeOf(before, { ...before, position: { lat: '', lon: '' } }), { position: null })
  t.same(bodyOf({ ...newValues('u'), position: { lat: 'bắc', lon: '' } }).position, { lat: 'bắc' }, 'what is no number is left for the schema to refuse')
  const mine = { ...before, name: 'Của tôi', code: 'M', tags: 'z' }
  const theirs = { ...before, name: 'Của họ', tags: 'z', equipment: { ...before.equipment, maker: 'B' } }
  t.same(conflictsOf(before, mine, theirs), [{ field: 'name', mine: 'Của tôi', theirs: 'Của họ' }], 'neither what only one has changed nor what both have changed alike')
  t.end()
})

t.test('commands: bodies, what is asked before, and how far they have come', (t) => {
  t.same(COMMANDS.map((type) => commandBody(type, DEFAULT_VALUES).type), COMMANDS)
  const asked = (type: (typeof COMMANDS)[number], clusters: number, on = true): string | null => confirmation(commandBody(type, { ...DEFAULT_VALUES, on }), { ...DEFAULT_VALUES, on }, clusters)
  t.same([asked('volume', 1), asked('volume', 2), asked('reboot', 1), asked('restart-stream', 1), asked('amplifier', 1, false), asked('amplifier', 1)], [null, 'confirmMany', 'confirmReboot', 'confirmRestart', 'confirmAmplifier', null])
  const counts = { targeted: 3, delivered: 2, done: 1, refused: 0, failed: 0, waiting: 2, expired: 0 }
  t.same(stagesOf(counts).map(({ look }) => look), ['done', 'open', 'open'])
  t.same(stagesOf({ ...counts, delivered: 3, done: 3, waiting: 0 }).map(({ look }) => look), ['done', 'done', 'done'])
  t.same(stagesOf({ ...counts, waiting: 0, expired: 1, failed: 1 }).map(({ look }) => look), ['done', 'bad', 'bad'])
  t.end()
})

t.test('the strip: where each state lies, what is out of sight, and how often it came', (t) => {
  const at = (hour: number): string => new Date(hour * 3_600_000).toISOString()
  const items = [{ state: 'idle' as const, onAir: false, from: at(0), to: at(6) }, { state: 'lost' as const, onAir: false, from: at(6), to: at(6.001) }, { state: 'idle' as const, onAir: false, from: at(6.001), to: at(12) }]
  t.match(segmentsOf({ items }, 3 * 3_600_000, 13 * 3_600_000), [{ at: 0, width: 0.3, look: 'good' }, { at: 0.3, width: 0.0025, look: 'lost' }, { look: 'good' }], 'a loss of seconds is still seen')
  t.same(sharesOf({ items }).map(({ state, times }) => [state, times]), [['idle', 2], ['lost', 1]])
  t.same(segmentsOf({ items }, 20 * 3_600_000, 30 * 3_600_000), [])
  t.end()
})

t.test('the report of a sheet: by column, found, and as a file that is no formula', (t) => {
  const errors = [{ line: 2, column: 'unit', message: 'không có đơn vị', messageVi: '' }, { line: 9, column: null, message: '=HYPERLINK("x")', messageVi: '' }, { line: 11, column: 'unit', message: 'không, có', messageVi: '' }]
  t.same(errorColumns(errors), [{ column: 'unit', count: 2 }, { column: '', count: 1 }])
  t.same([filterErrors(errors, null, 'don vi'), filterErrors(errors, '', ''), filterErrors(errors, 'unit', '11')].map((some) => some.map(({ line }) => line)), [[2], [9], [11]])
  const cells = readCsv(Buffer.from(errorSheet(errors, 'Dòng,Cột,Lỗi', (column) => column ?? 'cả dòng'))).map((each) => each.cells)
  t.same(cells, [['Dòng', 'Cột', 'Lỗi'], ['2', 'unit', 'không có đơn vị'], ['9', 'cả dòng', '=HYPERLINK("x")'], ['11', 'unit', 'không, có']], 'the apostrophe is taken off again where it is read')
  t.end()
})

t.test('tickets: steps that the server has too, the nearest first', (t) => {
  for (const [state, steps] of Object.entries(NEXT_STATES)) for (const next of steps) t.ok(TICKET_STEPS[state as keyof typeof TICKET_STEPS].includes(next), `${state} → ${next}`)
  t.ok(Math.abs(distanceKm({ lat: 21.0285, lon: 105.8542 }, { lat: 10.7769, lon: 106.7009 }) - 1144) < 3, 'Hà Nội – Sài Gòn')
  const ticket = (id: string, clusterId: string | null, severity: Ticket['severity'], openedAt: string) => ({ id, clusterId, severity, openedAt })
  const tickets = [ticket('far', 'c1', 'critical', '1'), ticket('nowhere', null, 'critical', '1'), ticket('near', 'c2', 'info', '2'), ticket('old', null, 'critical', '0')]
  const places = new Map([['c1', { lat: 22, lon: 105 }], ['c2', { lat: 21.1, lon: 105 }]])
  t.same(roadOrder(tickets, places, { lat: 21, lon: 105 }).map(({ ticket: { id } }) => id), ['near', 'far', 'old', 'nowhere'])
  t.same(roadOrder(tickets, places, null).map(({ ticket: { id } }) => id), ['old', 'far', 'nowhere', 'near'])
  t.end()
})

t.test('an area that was drawn comes back the same; one that cannot be drawn stays', (t) => {
  fc.assert(fc.property(fc.array(fc.record({ lat: fc.double({ min: -80, max: 80, noNaN: true }), lon: fc.double({ min: -170, max: 170, noNaN: true }) }, { noNullPrototype: true }), { minLength: 3, maxLength: 9 }), (polygon) => {
    t.same(polygonOf(groupBody({ ...NEW_GROUP, polygon }, null).area ?? null), polygon)
  }))
  const foreign = { id: 'g', name: 'x', units: [], tags: [], area: { type: 'MultiPolygon', coordinates: [] }, circles: [{ lat: 1, lon: 1, radiusM: 5 }], match: 'any', createdAt: '' } as Group
  t.match(groupBody({ ...NEW_GROUP, name: 'y' }, foreign), { name: 'y', area: foreign.area, circles: foreign.circles })
  t.end()
})

t.test('every step has its place, what was not said is a hole, and the end is that which was read last', (t) => {
  const STEP_MS = 300_000
  const fromMs = Date.UTC(2026, 5, 17, 17, 2)
  const item = (step: number, mean: number): Measurement => ({ at: new Date(Math.ceil(fromMs / STEP_MS) * STEP_MS + step * STEP_MS).toISOString(), reports: 1, syncErrorMs: null, signalDbm: { min: mean, mean, max: mean }, volumePercent: null, playedPercent: null, temperatureC: null })
  const whole = [item(0, -80), item(3, -90)]
  const columns = columnsOf(withTail(whole, [item(3, -91), item(4, -95)]), STEP_MS, fromMs, fromMs + 6 * STEP_MS)
  t.same(lineOf(columns, 'signalDbm', 'mean'), [-80, null, null, -91, -95, null])
  t.equal(columns.xs[0], Math.ceil(fromMs / STEP_MS) * STEP_MS / 1000)
  t.same([isSaid(columns, 'signalDbm'), isSaid(columns, 'temperatureC')], [true, false])
  t.equal(withTail(whole, []), whole)
  t.equal(withTail(whole, undefined), whole)
  t.same(lineOf(columnsOf([], STEP_MS, 0, STEP_MS), 'signalDbm', 'mean'), [null])
  const everyDay = columnsOf([{ ...item(0, -80), at: '2026-06-17T17:00:00.000Z' }], 86_400_000, Date.UTC(2026, 5, 15), Date.UTC(2026, 5, 19))
  t.same(lineOf(everyDay, 'signalDbm', 'mean'), [null, null, -80, null], 'days begin at midnight in Viet Nam')
  t.end()
})

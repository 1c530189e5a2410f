import t from 'tap'
import type { Schemas } from '../../control/client/index.ts'
import { UnitTree } from '../../console/src/api/unit-tree.ts'
import { POINT_LOOKS } from '../../console/src/parts/map/types.ts'
import { Board, lookOf, type OnAirOrder, type WorkingState } from '../../console/src/screens/now/board.ts'
import { airCards, countLooks, fitting, treeLines } from '../../console/src/screens/now/views.ts'
import { fc } from '../support/seed.ts'

type Page = Schemas['ClusterBoard']
const order = (orderId: string, weight: OnAirOrder['class'] = 'normal'): OnAirOrder => ({ orderId, class: weight, title: orderId, sourceId: 's', clipIds: null, since: '2026-06-18T03:00:00.000Z', until: '2026-06-18T04:00:00.000Z', alert: null, under: null })
const item = (id: string, more: Partial<Page['items'][number]> = {}): Page['items'][number] => ({ id, unitId: 'commune', code: id.toUpperCase(), name: `Cụm ${id}`, lat: null, lon: null, state: 'idle', online: true, conditions: [], orderId: null, ...more })
const page = (items: Page['items'], orders: OnAirOrder[] = []): Page => ({ items, orders, nextCursor: null })
const onAir = (clusterIds: string[], which: OnAirOrder | null) => ({ type: 'on-air', data: { clusterIds, onAir: which } })
const state = (clusterIds: string[], now: WorkingState, online = true) => ({ type: 'state', data: { clusterIds, state: now, online, conditions: [] } })
const shown = (board: Board): string[] => board.snapshot().rows.map(({ id, look, orderId }) => `${id} ${look} ${orderId ?? '-'}`)

t.test('what should sound and does not is a fault, above all in an emergency', async (t) => {
  t.equal(lookOf('playing', order('o', 'emergency')), 'emergency')
  t.equal(lookOf('silent', order('o', 'emergency')), 'fault')
  t.equal(lookOf('lost', order('o')), 'fault')
  t.equal(lookOf('lost', undefined), 'offline')
  t.equal(lookOf('idle', undefined), 'quiet')
})

t.test('events change the clusters that they name and no other', async (t) => {
  const board = new Board()
  board.beginReading()
  board.read([page([item('a'), item('b')]), page([item('c')])])
  const before = board.snapshot()
  t.equal(board.snapshot(), before, 'the same picture while nothing happens')
  t.notOk(board.take(onAir(['a', 'c'], order('o', 'priority'))))
  t.notOk(board.take(state(['a'], 'playing')))
  t.same(shown(board), ['a priority o', 'b quiet -', 'c priority o'])
  t.equal(board.snapshot().rows[1], before.rows[1], 'a row that nothing happened to stays the same object')
  board.take(state(['c'], 'lost', false))
  board.take(onAir(['a'], null))
  t.same(shown(board), ['a quiet -', 'b quiet -', 'c fault o'])
})

t.test('it says when it must be read again', async (t) => {
  const board = new Board()
  t.notOk(board.take(state(['z'], 'idle')), 'nothing has been read yet')
  board.beginReading()
  board.read([page([item('a')])])
  t.ok(board.take({ type: 'gap', data: {} }))
  t.ok(board.take(state(['a', 'new'], 'lost', false)), 'a cluster that is not in the list')
  t.same(shown(board), ['a offline -'], 'those that are known are taken all the same')
  t.notOk(board.take({ type: 'alarm', data: {} }))
  board.beginReading()
  t.notOk(board.take(state(['new'], 'idle')))
  t.ok(board.read([page([item('a')])]), 'somebody has come behind the page that was being read')
  board.beginReading()
  t.notOk(board.read([page([item('a')])]))
})

const ids = ['a', 'b', 'c']
const happening = fc.oneof(
  fc.record({ kind: fc.constant('air' as const), ids: fc.subarray(ids, { minLength: 1 }), what: fc.option(fc.constantFrom('o1', 'o2')) }),
  fc.record({ kind: fc.constant('state' as const), ids: fc.subarray(ids, { minLength: 1 }), what: fc.constantFrom<WorkingState>('idle', 'playing', 'lost', 'silent') }),
)
const eventOf = (one: typeof happening extends fc.Arbitrary<infer H> ? H : never) => (one.kind === 'air' ? onAir(one.ids, one.what === null ? null : order(one.what)) : state(one.ids, one.what))

t.test('whenever the list was made while it was read, the picture is that of the last that happened', async () => {
  fc.assert(fc.property(fc.array(happening, { maxLength: 12 }), fc.nat({ max: 12 }), fc.nat({ max: 12 }), (all, first, second) => {
    const truth = new Board()
    truth.beginReading()
    truth.read([page(ids.map((id) => item(id)))])
    const [begun, made] = [Math.min(first, second, all.length), Math.min(Math.max(first, second), all.length)]
    const board = new Board()
    let list: Page = page([])
    const keep = (): void => { list = page(truth.snapshot().rows.map(({ look: _, ...row }) => row), [...truth.snapshot().orders.values()]) }
    all.forEach((one, index) => {
      if (index === begun) board.beginReading()
      if (index === made) keep()
      truth.take(eventOf(one))
      board.take(eventOf(one))
    })
    if (begun === all.length) board.beginReading()
    if (made === all.length) keep()
    board.read([list])
    return JSON.stringify(shown(board)) === JSON.stringify(shown(truth))
  }))
})

const unit = (id: string, name: string, parentId: string | null): Schemas['Unit'] => ({ id, code: id, name, parentId } as Schemas['Unit'])
const units = new UnitTree([unit('p', 'Tỉnh Một', null), unit('commune', 'Xã Bình Minh', 'p'), unit('other', 'Xã Tân Lập', 'p')])
const board = new Board()
board.beginReading()
board.read([page([item('a', { state: 'playing', orderId: 'o' }), item('b', { unitId: 'other', state: 'lost', online: false, orderId: 'o' }), item('đ', { unitId: 'other', name: 'Cụm Đình Đông', state: 'playing', orderId: 'e' })], [order('o'), order('e', 'emergency'), order('nobody')])])
const all = board.snapshot()

t.test('cards tell the weightiest first, how many sound and how many cannot', async (t) => {
  t.same(airCards(all).map(({ order: { orderId }, meant, sounding, offline }) => [orderId, meant, sounding, offline]), [['e', 1, 1, 0], ['o', 2, 1, 1]])
  t.same(countLooks(all.rows), { quiet: 0, offline: 0, normal: 1, priority: 0, exercise: 0, fault: 1, emergency: 1 })
  const emergency = order('e', 'emergency')
  const given = (kind: 'real' | 'exercise' | 'test') => ({ ...emergency, alert: { id: 'a', kind, level: 3 as const } })
  t.same([emergency, given('real'), given('exercise'), given('test')].map((one) => lookOf('playing', one)), ['emergency', 'emergency', 'exercise', 'exercise'], 'what is not real is never red')
})

t.test('clusters are found by code, name and unit, without accents, within a unit and by how they are', async (t) => {
  const find = (more: Partial<Parameters<typeof fitting>[1]>): string[] => fitting(all.rows, { look: null, unitId: null, orderId: null, search: '', ...more }, units).map(({ id }) => id)
  t.same(find({ search: 'dinh dong' }), ['đ'])
  t.same(find({ search: 'tan lap' }), ['b', 'đ'])
  t.same(find({ search: ' tinh MOT  cum ' }), ['a', 'b', 'đ'])
  t.same(find({ unitId: 'other', orderId: 'o' }), ['b'])
  t.same(find({ look: 'emergency' }), ['đ'])
  t.same(find({ unitId: 'p' }), ['a', 'b', 'đ'])
})

t.test('the tree counts what lies below, and opens and closes', async (t) => {
  const lines = (toggled: string[]): string[] => treeLines(all.rows, units, new Set(toggled)).map((line) => `${'  '.repeat(line.depth)}${line.kind === 'unit' ? `${line.name} ${String(line.total)} ${POINT_LOOKS.filter((look) => line.counts[look] > 0).join(',')}` : line.row.id}`)
  t.same(lines([]), ['Tỉnh Một 3 normal,fault,emergency', '  Xã Bình Minh 1 normal', '    a', '  Xã Tân Lập 2 fault,emergency', '    b', '    đ'])
  t.same(lines(['other']), ['Tỉnh Một 3 normal,fault,emergency', '  Xã Bình Minh 1 normal', '    a', '  Xã Tân Lập 2 fault,emergency'])
  t.same(lines(['p']), ['Tỉnh Một 3 normal,fault,emergency'])
})

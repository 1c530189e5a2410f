import t from 'tap'
import type { Schemas } from '../../control/client/index.ts'
import { UnitTree } from '../../console/src/api/unit-tree.ts'
import { keysOf, tagItem, targetsOf, unitItems } from '../../console/src/parts/targets/targets.ts'

const unit = (id: string, name: string, parentId: string | null): Schemas['Unit'] => ({ id, code: id.toUpperCase(), name, parentId }) as Schemas['Unit']
const TREE = new UnitTree([unit('t', 'Tỉnh Đông', null), unit('x2', 'Xã Bình Minh', 't'), unit('x1', 'Xã An Đà', 't'), unit('h', 'Thôn Đoài', 'x1')])

t.test('what is chosen goes to keys and back', async (t) => {
  const targets = { units: ['u:1', 'u2'], groups: ['g'], clusters: ['c'], tags: ['ven-sông'] }
  t.same(targetsOf(keysOf(targets)), targets)
  t.same(targetsOf([]), {})
  t.same(targetsOf(['people:x']), {}, 'no such kind')
})

t.test('units are read from above, by name, and only where they may be used', async (t) => {
  const read = (...args: Parameters<typeof unitItems>) => unitItems(...args).map(({ id, depth }) => [id, depth])
  t.same(read(TREE, '', () => true), [['t', 0], ['x1', 1], ['h', 2], ['x2', 1]])
  t.same(read(TREE, '', (id) => id !== 't' && id !== 'x1'), [['h', 0], ['x2', 0]])
  t.same(read(TREE, 'doai', () => true), [['h', 0]])
  t.match(unitItems(TREE, 'doai', () => true)[0], { detail: 'H · Tỉnh Đông · Xã An Đà' })
  t.same(read(TREE, 'da', () => true), [['x1', 0]], 'accents do not matter, nor is đ another letter')
})

t.test('a tag is named by its sign', async (t) => {
  t.match(tagItem('# đê '), [{ key: 'tags:đê', name: 'đê' }])
  t.same([...tagItem('#'), ...tagItem('de')], [])
})

import t from 'tap'
import { CopyWatch } from '../../../server/director/copy-watch.ts'

t.test('an identity that comes from two places in turn is a copy', (t) => {
  const told = (addresses: string, everyMs = 60_000): boolean[] => {
    const watch = new CopyWatch()
    return [...addresses].map((address, at) => watch.joined('c', address, at * everyMs))
  }
  t.same(told('abab'), [false, false, false, true])
  t.same(told('aabb'), [false, false, false, false], 'another network')
  t.same(told('aaaaaa').includes(true), false, 'a bad line')
  t.same(told('abcd').includes(true), false, 'a mobile network that gives a new address each time')
  t.same(told('abab', 200_000).includes(true), false, 'over a long time')
  const watch = new CopyWatch()
  t.same(['a', 'b', 'a', 'b'].map((address, at) => watch.joined(`c${String(at % 2)}`, address, at)), [false, false, false, false], 'each cluster by itself')
  t.end()
})

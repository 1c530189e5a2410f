import t from 'tap'
import { fc, seedOf, TEST_SEED } from './seed.ts'

t.test('what is drawn is the same each time, unless another seed or a random one is asked for', (t) => {
  t.equal(seedOf(undefined), seedOf(''))
  t.equal(seedOf(undefined), seedOf(undefined, () => 0.9))
  t.equal(seedOf('7'), 7)
  t.equal(seedOf('random', () => 0.5), 2 ** 30)
  t.equal(seedOf('random', () => 1 - Number.EPSILON), 2 ** 31 - 1)
  for (const text of ['-1', '1.5', 'rnd', String(2 ** 31)]) t.throws(() => seedOf(text), /LOA_TEST_SEED must be/, text)
  const drawn = () => fc.sample(fc.nat(), 5)
  t.same(drawn(), drawn())
  t.throws(() => { fc.assert(fc.property(fc.nat(), (n) => n < 0)) }, new RegExp(`seed: ${String(TEST_SEED)}`), 'and a failure names it')
  t.end()
})

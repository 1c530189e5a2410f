import t from 'tap'
import { answered, type Attempt } from '../../console/src/api/answered.ts'
import { NoAnswer } from '../../console/src/api/sender.ts'

const begin = (key: string): Attempt => ({ key, signal: new AbortController().signal })
const lost = (): Error => new DOMException('The operation timed out', 'TimeoutError')

t.test('what gets no answer is asked once more under the same key', async (t) => {
  const keys: string[] = []
  const answer = await answered(async ({ key }) => {
    keys.push(key)
    if (keys.length === 1) throw lost()
    return 'on air'
  }, begin)
  t.equal(answer, 'on air')
  t.equal(keys.length, 2)
  t.equal(keys[0], keys[1], 'so that it is not done twice')
  await answered(async ({ key }) => keys.push(key), begin)
  t.not(keys[2], keys[0], 'another deed has another key')
})

t.test('who gets no answer at all is told so', async (t) => {
  let asked = 0
  await t.rejects(answered(async () => { asked += 1; throw asked === 1 ? lost() : new TypeError('fetch failed') }, begin), NoAnswer)
  t.equal(asked, 2)
})

t.test('a refusal is an answer', async (t) => {
  let asked = 0
  await t.rejects(answered(async () => { asked += 1; throw new Error('409') }, begin), { message: '409' })
  t.equal(asked, 1)
})

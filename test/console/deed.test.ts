import t from 'tap'
import { Deed, type Ending } from '../../console/src/api/deed.ts'
import { NoAnswer, OtherNoAnswer } from '../../console/src/api/sender.ts'

/** Somebody's deed, shown until `close`, whose work ends when the test says so. */
function begun(ending: Ending<string> = {}) {
  const seen = { works: 0, shown: 0 }
  let isHere = true
  const deed = new Deed(() => () => isHere)
  const close = deed.subscribe(() => { seen.shown += 1 })
  const press = () => {
    const work = Promise.withResolvers<string>()
    const over = deed.run(async () => {
      seen.works += 1
      return work.promise
    }, ending)
    return {
      done: async (value: string) => { work.resolve(value); await over },
      fail: async (error: unknown) => { work.reject(error); await over },
    }
  }
  return { deed, seen, press, close, leave: () => { isHere = false } }
}

/** What was called, in order. */
function told(): { readonly calls: string[]; readonly ending: Ending<string> } {
  const calls: string[] = []
  return { calls, ending: { always: () => { calls.push('always') }, then: (value) => calls.push(`then ${value}`), close: () => { calls.push('close') } } }
}

t.test('a second press while it is under way does nothing, even before anything is drawn again', async (t) => {
  const { deed, seen, press } = begun()
  const first = press()
  await press().done('never asked for')
  t.equal(seen.works, 1)
  t.same(deed.state(), { isBusy: true, error: null })
  await first.done('')
  t.same(deed.state(), { isBusy: false, error: null })
  await press().done('')
  t.equal(seen.works, 2)
})

t.test('what is done is told, read again and closed, in this order', async (t) => {
  const { calls, ending } = told()
  await begun(ending).press().done('a')
  t.same(calls, ['always', 'then a', 'close'])
})

t.test('what is refused is said until the next press, and closes nothing; what may have changed is read again', async (t) => {
  const { calls, ending } = told()
  const { deed, press } = begun(ending)
  const refusal = new Error('refused')
  await press().fail(refusal)
  t.same(calls, ['always'])
  t.equal(deed.state().error, refusal)
  const again = press()
  t.same(deed.state(), { isBusy: true, error: null })
  await again.done('b')
  t.same(calls, ['always', 'always', 'then b', 'close'])
})

t.test('work that throws before it has begun is refused like any other', async (t) => {
  const deed = new Deed(() => () => true)
  await deed.run(() => { throw new TypeError('at once') })
  t.match(deed.state(), { isBusy: false, error: { message: 'at once' } })
})

t.test('a view that has gone is neither drawn nor closed, but what came of it is told: a secret is shown only once', async (t) => {
  const { calls, ending } = told()
  const { seen, press, close } = begun(ending)
  const work = press()
  const { shown } = seen
  close()
  await work.done('secret')
  t.same(calls, ['always', 'then secret'])
  t.equal(seen.shown, shown)
})

t.test('nothing is told to who has logged in since', async (t) => {
  for (const how of ['done', 'fail'] as const) {
    const { calls, ending } = told()
    const { deed, press, leave } = begun(ending)
    const work = press()
    leave()
    await work[how]('secret')
    t.same(calls, [], how)
    t.same(deed.state(), { isBusy: false, error: null }, how)
  }
})

t.test('a refusal is forgotten when the form changes, and only then', async (t) => {
  const { deed, press } = begun()
  deed.shows(['Xã A', 1])
  const refusal = new Error('refused')
  await press().fail(refusal)
  deed.shows(['Xã A', 1])
  t.equal(deed.state().error, refusal, 'drawn again')
  deed.shows(['Xã B', 1])
  t.equal(deed.state().error, null)
})

t.test('what comes of it is said too when the form was changed while it was under way', async (t) => {
  const { deed, press } = begun()
  deed.shows(['a'])
  for (const [form, thrown, said] of [['b', new Error('refused'), 'Error'], ['c', new NoAnswer('no answer'), 'OtherNoAnswer']] as const) {
    const work = press()
    deed.shows([form])
    t.same(deed.state(), { isBusy: true, error: null })
    await work.fail(thrown)
    deed.shows([form])
    t.match(deed.state().error, { name: said })
  }
})

t.test('that nobody knows whether it was done stays said when the form changes, but no longer that a press does nothing twice', async (t) => {
  const { deed, press } = begun()
  deed.shows(['a'])
  const lost = new NoAnswer('no answer')
  await press().fail(lost)
  t.equal(deed.state().error, lost)
  deed.shows(['b'])
  const { error } = deed.state()
  t.ok(error instanceof OtherNoAnswer)
  deed.shows(['c'])
  t.equal(deed.state().error, error)
  const again = press()
  t.equal(deed.state().error, null)
  await again.done('')
})

t.test('a dialog that was closed says nothing any more when it is opened again, but is not pressed twice', async (t) => {
  const { deed, seen, press } = begun()
  await press().fail(new Error('refused'))
  deed.forget()
  t.equal(deed.state().error, null)
  const work = press()
  deed.forget()
  await press().done('')
  t.equal(seen.works, 2)
  await work.done('')
})

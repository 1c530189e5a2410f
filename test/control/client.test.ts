import t from 'tap'
import { done, everyItem, ifUnchanged, loaClient, uploadClip, type LoaClient } from '../../control/client/index.ts'
import { buildControl, TOKENS } from '../support/build-control.ts'

async function connect(t: { teardown(fn: () => Promise<void>): void }): Promise<LoaClient> {
  const h = await buildControl()
  t.teardown(() => h.close())
  return loaClient({ url: await h.app.listen({ host: '127.0.0.1', port: 0 }), token: TOKENS.admin })
}

t.test('the client makes, lists page by page, changes and removes', async (t) => {
  const loa = await connect(t)
  const codes = Array.from({ length: 7 }, (_, n) => `X${String(n)}`)
  for (const code of codes) done(await loa.POST('/v1/units', { body: { code, name: `Xã ${code}` } }))
  const listed: string[] = []
  for await (const { code } of everyItem((cursor) => loa.GET('/v1/units', { params: { query: { limit: 3, ...cursor } } }))) listed.push(code)
  t.same(listed, codes)

  const { items: [first] } = done(await loa.GET('/v1/units', { params: { query: { search: 'x0' } } }))
  const path = { id: first!.id }
  const read = await loa.GET('/v1/units/{id}', { params: { path } })
  t.match(done(await loa.PATCH('/v1/units/{id}', { params: { path, header: ifUnchanged(read) }, body: { name: 'Xã Mới' } })), { name: 'Xã Mới' })
  const late = await loa.PATCH('/v1/units/{id}', { params: { path, header: ifUnchanged(read) }, body: { name: 'Xã Cũ' } })
  t.throws(() => done(late), { name: 'LoaProblem', status: 412, problem: { code: 'LOA_ERR_CHANGED' } })
  done(await loa.DELETE('/v1/units/{id}', { params: { path } }))
  const gone = await loa.GET('/v1/units/{id}', { params: { path } })
  t.throws(() => ifUnchanged(gone), { name: 'LoaProblem', status: 404 }, 'what could not be read is not written over')

  t.match(await uploadClip(loa, new Blob([new Uint8Array(960)]), 'còi.pcm'), { name: 'còi', durationMs: 10 })
})

t.test('a POST has a key of its own each time, or the one that is given', async (t) => {
  const loa = await connect(t)
  const header = { 'idempotency-key': 'lần-1'.normalize('NFD').replaceAll(/\P{ASCII}/gu, '') }
  const body = { code: 'A', name: 'A' }
  const once = done(await loa.POST('/v1/units', { params: { header }, body }))
  t.equal(done(await loa.POST('/v1/units', { params: { header }, body })).id, once.id)
  const again = await loa.POST('/v1/units', { body })
  t.throws(() => done(again), /LOA_ERR_CODE_TAKEN/, 'another key is another request')
})

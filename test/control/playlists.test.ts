import t from 'tap'
import { buildControl, multipart, type Harness } from '../support/build-control.ts'

async function clip(h: Harness, fill: number, unitId?: string): Promise<string> {
  const { payload, headers } = multipart(Buffer.alloc(96_000, fill), `Tin ${String(fill)}`)
  return (await h.call('POST', `/v1/clips${unitId === undefined ? '' : `?unitId=${unitId}`}`, payload, { headers })).body.id
}

t.test('playlists', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const [own, sister] = await Promise.all(['A', 'B'].map(async (code) => (await h.call('POST', '/v1/units', { code, name: code })).body.id))
  const [a, b, hidden] = [await clip(h, 1), await clip(h, 2, own), await clip(h, 3, sister)]
  const editor = (await h.call('POST', '/v1/tokens', { name: 'editor', roles: [{ role: 'editor', unitId: own }] })).body.token as string
  const as = { headers: { authorization: `Bearer ${editor}` } }
  const made = await h.call('POST', '/v1/playlists', { name: ' Buổi sáng ', clipIds: [b, a, b] }, { headers: { ...as.headers, 'idempotency-key': 'k' } })
  const url = `/v1/playlists/${String(made.body.id)}`

  t.test('keep their order, say how long they are, and are made once', async (t) => {
    t.match(made, { status: 201, headers: { location: url }, body: { name: 'Buổi sáng', unitId: own, clips: [{ id: b, name: 'Tin 2', durationMs: 1000 }, { id: a }, { id: b }], hiddenClips: 0, durationMs: 3000 } })
    t.same((await h.call('POST', '/v1/playlists', { name: ' Buổi sáng ', clipIds: [b, a, b] }, { headers: { ...as.headers, 'idempotency-key': 'k' } })).body, made.body)
    t.same((await h.call('GET', '/v1/playlists?search=buoi', undefined, as)).body.items, [made.body])
    t.same((await h.call('GET', '/v1/playlists?search=chieu', undefined, as)).body.items, [])
    t.same((await h.call('GET', url, undefined, as)).body, made.body)
  })

  t.test('take no clip that is not there for the caller', async (t) => {
    for (const id of [hidden, 'nobody']) t.match(await h.call('POST', '/v1/playlists', { name: 'x', clipIds: [a, id] }, as), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'clipIds[1]' }] } })
    t.match(await h.call('PATCH', url, { clipIds: [hidden] }, as), { status: 422, body: { errors: [{ path: 'clipIds[0]' }] } })
    t.match(await h.call('POST', '/v1/playlists', { name: 'x', unitId: sister }, as), { status: 403 })
    t.match(await h.call('POST', '/v1/playlists', { name: 'x', clipIds: Array.from({ length: 201 }, () => a) }), { status: 422 })
  })

  t.test('show only clips that the caller sees, and do not lose the others', async (t) => {
    t.match((await h.call('PATCH', url, { clipIds: [hidden, a, b] })).body, { clips: [{ id: hidden }, { id: a }, { id: b }], hiddenClips: 0, durationMs: 3000 })
    const seen = await h.call('GET', url, undefined, as)
    t.match(seen.body, { clips: [{ id: a }, { id: b }], hiddenClips: 1, durationMs: 2000 })
    t.notMatch(seen.text, hidden)
    t.match((await h.call('PATCH', url, { clipIds: [b] }, as)).body, { clips: [{ id: b }], hiddenClips: 1, durationMs: 1000 })
    t.match((await h.call('GET', url)).body.clips, [{ id: b }, { id: hidden }])
  })

  t.test('lose a clip that is removed, and keep a unit that has them', async (t) => {
    t.equal((await h.call('DELETE', `/v1/clips/${hidden}`)).status, 204)
    t.match((await h.call('GET', url)).body, { clips: [{ id: b }], hiddenClips: 0 })
    t.equal((await h.call('DELETE', `/v1/clips/${b}`)).status, 204)
    t.match((await h.call('GET', url)).body, { clips: [], durationMs: 0 })
    t.match(await h.call('DELETE', `/v1/units/${own}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: /playlists/ } })
    t.equal((await h.call('DELETE', url, undefined, as)).status, 204)
    t.equal((await h.call('GET', url)).status, 404)
  })
})

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { buildControl, multipart, seed, TOKENS, type Harness } from '../support/build-control.ts'
import { waitUntil } from '../support/wait-until.ts'

const upload = (h: Harness, content: Buffer, filename?: string, field?: string, extra?: Record<string, string>, more: Record<string, string> = {}) => {
  const { payload, headers } = multipart(content, filename, field, extra)
  return h.call('POST', '/v1/clips', payload, { headers: { ...headers, ...more }, as: 'operator' })
}
const leftovers = (h: Harness): string[] => readdirSync(join(h.dataDir, 'uploads'))

t.test('clips', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const sound = Buffer.alloc(96_000, 1)
  const made = await upload(h, sound, 'Ba\u0309n tin sáng.wav')

  t.test('are prepared, named, and leave nothing behind', async (t) => {
    t.match(made, { status: 201, headers: { location: `/v1/clips/${made.body.id}` }, body: { name: 'Bản tin sáng.wav', durationMs: 1000, loudnessLufs: -20, sizeBytes: 96_000 } })
    t.match(h.store.clips.get(made.body.id), { durationSamples: 48_000, path: join(h.dataDir, 'clips', `${made.body.id}.pcm`) })
    t.same(leftovers(h), [])
    t.same((await h.call('GET', `/v1/clips/${made.body.id}`)).body, made.body)
    t.notMatch(made.text, /clips\/.*\.pcm|path/)
  })

  t.test('the same sound again is the same clip', async (t) => {
    t.match(await upload(h, sound, 'khác.wav'), { status: 200, body: { id: made.body.id, name: 'Bản tin sáng.wav' } })
    t.equal((await h.call('GET', '/v1/clips')).body.items.length, 1)
  })

  t.test('can be named in a field, and renamed', async (t) => {
    const named = await upload(h, Buffer.alloc(9600, 2), 'b.wav', 'file', { name: 'Nhạc hiệu' })
    t.match(named, { status: 201, body: { name: 'Nhạc hiệu' } })
    t.match(await h.call('PATCH', `/v1/clips/${named.body.id}`, { name: 'Nhạc mở đầu' }), { status: 200, body: { name: 'Nhạc mở đầu' } })
    t.same((await h.call('GET', '/v1/clips?search=MỞ')).body.items.map(({ id }) => id), [named.body.id])
    t.equal((await h.call('PATCH', '/v1/clips/nobody', { name: 'a' })).status, 404)
    t.equal((await h.call('PATCH', `/v1/clips/${named.body.id}`, { name: '' })).status, 422)
    t.equal((await h.call('GET', '/v1/clips/nobody')).status, 404)
  })

  t.test('refuse what is no sound, no file, no multipart, or too much', async (t) => {
    t.match(await upload(h, Buffer.from('bad bytes')), { status: 422, body: { code: 'LOA_ERR_CLIP_UNREADABLE', detail: 'no sound was found in the file' } })
    t.match(await upload(h, sound, 'a.wav', 'sound'), { status: 422, body: { code: 'LOA_ERR_INVALID', errors: [{ path: 'file' }] } })
    t.match(await h.call('POST', '/v1/clips', { file: 'x' }), { status: 415, body: { code: 'LOA_ERR_MEDIA_TYPE' } })
    t.match(await h.call('POST', '/v1/clips', Buffer.from('RIFF'), { headers: { 'content-type': 'audio/wav' } }), { status: 415, body: { code: 'LOA_ERR_MEDIA_TYPE' } })
    t.match(await upload(h, Buffer.alloc(1024 * 1024 + 1)), { status: 413, headers: { connection: 'close' }, body: { code: 'LOA_ERR_TOO_LARGE', detail: /maxClipBytes/ } })
    t.match(await upload(h, Buffer.alloc(1024 * 1024, 7)), { status: 201 }, 'the limit itself is allowed')
    t.match(await upload(h, Buffer.alloc(2 * 1024 * 1024)), { status: 413 }, 'also far over it')
    t.match(await h.call('POST', '/v1/clips', Buffer.from('--x\r\nbroken'), { headers: { 'content-type': 'multipart/form-data; boundary=x' } }), { body: { code: /LOA_ERR_(BAD_REQUEST|INVALID)/ } })
    t.match(await h.call('POST', '/v1/clips', Buffer.from('x'), { headers: { 'content-type': 'multipart/form-data' } }), { body: { code: /LOA_ERR_(BAD_REQUEST|MEDIA_TYPE)/ } })
    t.same(leftovers(h), [])
  })

  t.test('are heard as they go out, or as a copy in Opus for who names it', async (t) => {
    const url = `/v1/clips/${made.body.id}/audio`
    const ask = (query: string, headers: Record<string, string> = {}) => h.call('GET', `${url}${query}`, undefined, { headers })
    t.ok(h.clips.begun.includes(h.store.clips.get(made.body.id)!.path), 'begun when it was uploaded')
    for (const accept of ['*/*', 'audio/*', 'audio/wav, audio/ogg;q=0.5', 'audio/ogg;q=0']) t.match(await ask('', { accept }), { status: 200, headers: { 'content-type': 'audio/wav', 'vary': /Accept/ } }, accept)
    for (const accept of ['audio/ogg', 'audio/webm,audio/ogg,audio/wav,audio/*;q=0.9', 'audio/wav;q=0.2, audio/ogg;q=0.3']) t.match(await ask('', { accept }), { status: 200, headers: { 'content-type': 'audio/ogg; codecs=opus' }, text: /^OggS/ }, accept)
    const whole = await ask('?format=opus')
    t.match(await ask('?format=wav', { accept: 'audio/ogg' }), { headers: { 'content-type': 'audio/wav' } })
    t.not((await ask('')).headers['etag'], whole.headers['etag'])
    t.match(await ask('?format=opus', { 'range': 'bytes=4-', 'if-range': String(whole.headers['etag']) }), { status: 206, text: whole.text.slice(4), headers: { 'content-range': `bytes 4-${String(whole.text.length - 1)}/${String(whole.text.length)}` } })
    t.match(await ask('?format=opus', { range: 'bytes=9999-' }), { status: 416 })
    t.equal((await ask('?format=mp3')).status, 400)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    h.clips.copying = promise
    const timers = h.clock.pendingTimers
    const late = ask('?format=opus')
    await waitUntil('it waits', () => h.clock.pendingTimers > timers)
    h.clock.advance(1500)
    t.match(await late, { status: 503, headers: { 'retry-after': '10' }, body: { code: 'LOA_ERR_BUSY' } }, 'nobody waits long for a copy')
    resolve(undefined)
    t.equal((await h.call('GET', '/v1/clips/nobody/audio?format=opus')).status, 404)
  })

  t.test('go when no order plays them, with their file', async (t) => {
    const { unitId } = await seed(h)
    const order = await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', clipIds: [made.body.id], targets: { units: [unitId] } })
    const path = h.store.clips.get(made.body.id)?.path ?? ''
    t.match(await h.call('DELETE', `/v1/clips/${made.body.id}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(order.body.id) } })
    t.ok(existsSync(path))
    await h.call('POST', `/v1/orders/${order.body.id}/stop`)
    t.equal((await h.call('DELETE', `/v1/clips/${made.body.id}`)).status, 204)
    t.notOk(existsSync(path))
    t.equal((await h.call('DELETE', `/v1/clips/${made.body.id}`)).status, 404)
  })
})

t.test('a disk that is nearly full takes no clip', async (t) => {
  let free = 300_000
  const h = await buildControl({ config: { minFreeDiskBytes: 200_000 }, freeBytes: () => Promise.resolve(free) })
  t.teardown(() => h.close())
  t.match(await upload(h, Buffer.alloc(150_000)), { status: 507, body: { code: 'LOA_ERR_DISK_FULL', detail: /minFreeDiskBytes/ } }, 'refused before the body is read')
  t.equal(h.clips.prepared, 0)
  t.equal((await upload(h, Buffer.alloc(50_000))).status, 201)
  free = 0
  t.equal((await upload(h, Buffer.alloc(1))).status, 507)
  t.same(leftovers(h), [])
})

t.test('a preparer that finds the disk full is a problem, too', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  for (const code of ['ENOSPC', 'CLIP_ERR_DISK_FULL']) {
    h.clips.prepare = () => Promise.reject(Object.assign(new Error('write failed'), { code }))
    t.match(await upload(h, Buffer.alloc(100)), { status: 507, body: { code: 'LOA_ERR_DISK_FULL' } })
  }
  h.clips.prepare = () => Promise.reject(Object.assign(new Error('7300 s is too long'), { code: 'CLIP_ERR_TOO_LONG' }))
  t.match(await upload(h, Buffer.alloc(100)), { status: 422, body: { code: 'LOA_ERR_CLIP_TOO_LONG', detail: '7300 s is too long' } })
  h.clips.prepare = () => Promise.reject(Object.assign(new Error('the server is closing'), { code: 'CLIP_ERR_ABORTED' }))
  t.match(await upload(h, Buffer.alloc(100)), { status: 503, body: { code: 'LOA_ERR_BUSY' } })
  h.clips.prepare = () => Promise.reject(new Error('secret path /x/y'))
  const answer = await upload(h, Buffer.alloc(100))
  t.match(answer, { status: 500, body: { code: 'LOA_ERR_INTERNAL' } })
  t.notMatch(answer.text, /secret/)
  t.same(leftovers(h), [])
})

t.test('four uploads at once, the fifth is told to wait', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => { release = resolve })
  const prepare = h.clips.prepare.bind(h.clips)
  let waiting = 0
  h.clips.prepare = async (path) => {
    waiting++
    await held
    return prepare(path)
  }
  const four = [1, 2, 3, 4].map((n) => upload(h, Buffer.alloc(1000, n)))
  await waitUntil('four are being prepared', () => waiting === 4)
  t.match(await upload(h, Buffer.alloc(1000, 5)), { status: 503, headers: { 'retry-after': '5' }, body: { code: 'LOA_ERR_BUSY' } })
  release()
  t.same((await Promise.all(four)).map(({ status }) => status), [201, 201, 201, 201])
  t.equal((await upload(h, Buffer.alloc(1000, 5))).status, 201)
})

t.test('what a killed process left in the upload folder is removed, and a client that goes away leaves nothing', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'loa-uploads-'))
  t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
  mkdirSync(join(dataDir, 'uploads'))
  writeFileSync(join(dataDir, 'uploads', 'half'), 'x')
  const h = await buildControl({ dataDir })
  t.teardown(() => h.close())
  t.same(leftovers(h), [])

  const { port } = new URL(await h.app.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`POST /v1/clips HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKENS.operator}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${'a'.repeat(300_000)}`)
  await waitUntil('the upload has begun', () => leftovers(h).length === 1)
  socket.destroy()
  await waitUntil('the half upload is removed', () => leftovers(h).length === 0)
  t.equal(h.clips.prepared, 0)
})

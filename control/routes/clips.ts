import { rm } from 'node:fs/promises'
import { Type } from 'typebox'
import { everywhere, somewhere } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import type { PreparedClip } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { refuseIfScheduled } from '../schedule/collision-search.ts'
import { ChangeClip, Clip, ClipPage, ClipQuery, UploadClip } from '../schemas/clip.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { cleanText } from '../text.ts'
import { clipView } from '../views.ts'

const tags = ['clips']

/** Converting is work for a processor core; more at once only makes all of them late. */
const MAX_UPLOADS = 4

export function clipRoutes(app: ControlApp, { store, clips, clock, creations, uploads, config }: Context): void {
  let running = 0

  async function prepare(path: string): Promise<PreparedClip> {
    try {
      return await clips.prepare(path)
    } finally {
      await rm(path, { force: true })
    }
  }

  app.post('/v1/clips', {
    config: { access: somewhere('write'), documentedBody: UploadClip },
    bodyLimit: config.maxClipBytes + 64 * 1024,
    schema: {
      tags,
      summary: 'Upload a clip',
      description: 'A sound file in the multipart field `file`, and if wanted a `name`. It is converted and brought to the loudness of the house once. The same sound sent again is the same clip, answered with 200.',
      consumes: ['multipart/form-data'],
      headers: CreateHeaders,
      response: { 201: named(Clip), 200: named(Clip), ...problems(400, 401, 403, 413, 415, 422, 503, 507) },
    },
  }, async (request, reply) => {
    if (running >= MAX_UPLOADS) throw new ApiError('LOA_ERR_BUSY', `${String(MAX_UPLOADS)} uploads are being worked on`, `đang xử lý ${String(MAX_UPLOADS)} tệp`, { headers: { 'Retry-After': '5', Connection: 'close' } })
    running++
    let counted = true
    const release = (): void => {
      if (counted) running--
      counted = false
    }
    try {
      const file = await uploads.receive(request)
      try {
        return await creations.runSlow(request, reply, `${file.sha256}\0${file.name}`, () => prepare(file.path), (prepared) => {
          release() // before the answer goes out: the next upload may follow on it at once
          const { clip, created } = store.clips.insert({
            id: prepared.clipId,
            name: file.name,
            path: prepared.path,
            durationMs: prepared.durationMs,
            durationSamples: prepared.durationSamples,
            loudnessLufs: Number.isFinite(prepared.loudnessLufs) ? prepared.loudnessLufs : null,
            sizeBytes: prepared.sizeBytes,
            createdAtMs: clock.wallMs(),
          })
          return { status: created ? 201 : 200, location: `/v1/clips/${clip.id}`, body: clipView(clip) }
        })
      } finally {
        await rm(file.path, { force: true }) // still there when a kept response was replayed
      }
    } catch (error) {
      // What is left of a refused body is not worth reading.
      void reply.header('Connection', 'close')
      throw error
    } finally {
      release()
    }
  })

  app.get('/v1/clips', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List clips', querystring: ClipQuery, response: { 200: named(ClipPage), ...problems(400, 401) } },
  }, ({ query }) => pageView('clips', store.clips.list(readPage('clips', query), query.search === undefined ? {} : { search: query.search }), clipView))

  app.get('/v1/clips/:id', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Show a clip', params: IdParams, response: { 200: named(Clip), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    const clip = store.clips.get(id)
    if (clip === undefined) throw notFound('clip', id)
    return clipView(clip)
  })

  app.patch('/v1/clips/:id', {
    config: { access: everywhere('edit') },
    schema: { tags, summary: 'Rename a clip', params: IdParams, body: ChangeClip, response: { 200: named(Clip), ...problems(400, 401, 403, 404, 415, 422, 507) } },
  }, ({ params: { id }, body }) => {
    const clip = store.clips.rename(id, cleanText('name', body.name))
    if (clip === undefined) throw notFound('clip', id)
    return clipView(clip)
  })

  app.delete('/v1/clips/:id', {
    config: { access: everywhere('edit') },
    schema: { tags, summary: 'Remove a clip that no order plays', params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 507) } },
  }, async ({ params: { id } }, reply) => {
    const clip = store.transaction(() => {
      const found = store.clips.get(id)
      if (found === undefined) throw notFound('clip', id)
      refuseIfScheduled(store, { clipId: id })
      const orders = store.orders.usersOf({ clipId: id }, clock.wallMs())
      if (orders.length > 0) throw new ApiError('LOA_ERR_IN_USE', `orders that are not over play this clip: stop ${orders.join(', ')} first`, `tệp đang được dùng trong lệnh phát chưa kết thúc: hãy dừng ${orders.join(', ')} trước`)
      store.clips.remove(id)
      return found
    })
    await rm(clip.path, { force: true })
    return reply.status(204).send(null)
  })
}

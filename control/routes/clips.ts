import { rm } from 'node:fs/promises'
import { Type } from 'typebox'
import { both, may, maySeeOwned, somewhere } from '../access.ts'
import { refuseIfAlerted } from '../alerts/alert-users.ts'
import { identityOf } from '../auth.ts'
import { ownersSeen } from '../belonging.ts'
import { keepClip } from '../clip-rules.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { changedOwner, newOwner } from '../owner-rules.ts'
import type { PreparedClip } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { refuseIfScheduled } from '../schedule/collision-search.ts'
import { ChangeClip, Clip, ClipPage, ClipQuery, UploadClip, UploadClipQuery } from '../schemas/clip.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { cleanText } from '../text.ts'
import { clipView } from '../views.ts'

const tags = ['clips']

export function clipRoutes(app: ControlApp, { store, clips, clock, creations, uploads, config, clipWork }: Context): void {
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
      description: 'A sound file in the multipart field `file`, and if wanted a `name`. It is converted and brought to the loudness of the house once. The same sound sent again for the same unit is the same clip, answered with 200.',
      consumes: ['multipart/form-data'],
      headers: CreateHeaders,
      querystring: UploadClipQuery,
      response: { 201: named(Clip), 200: named(Clip), ...problems(400, 401, 403, 409, 413, 415, 422, 503, 507) },
    },
  }, async (request, reply) => {
    const owner = (): string | null => newOwner(request.query.unitId, 'write', identityOf(request).rights, store)
    owner() // before a long file is read
    const release = clipWork.begin()
    try {
      const file = await uploads.receive(request)
      try {
        return await creations.runSlow(request, reply, `${file.sha256}\0${file.name}`, () => prepare(file.path), (prepared) => {
          release() // before the answer goes out: the next upload may follow on it at once
          const { clip, created } = keepClip({ store, clock }, prepared, file.name, owner())
          clips.beginListeningCopy(clip.path)
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
    schema: { tags, summary: 'List clips', description: 'Those that belong to the whole tree, to units of the caller, above and below them.', querystring: ClipQuery, response: { 200: named(ClipPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const owners = ownersSeen(() => store.clips.owners(), identityOf(request).rights, store)
    const { limit: _limit, cursor: _cursor, ...filter } = query
    return pageView('clips', store.clips.list(readPage('clips', query), { ...filter, ...(owners === null ? {} : { owners }) }), clipView)
  })

  app.get('/v1/clips/:id', {
    config: { access: maySeeOwned('clip') },
    schema: { tags, summary: 'Show a clip', params: IdParams, response: { 200: named(Clip), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const clip = store.clips.get(id)
    if (clip === undefined) throw notFound('clip', id)
    sendEtag(reply, clip)
    return clipView(clip)
  })

  app.patch('/v1/clips/:id', {
    config: { access: both(maySeeOwned('clip'), may('edit', at.clip, at.changedUnit('unitId'))) },
    schema: { tags, summary: 'Rename a clip, or give it to another unit', description: 'What plays it goes on.', headers: ChangeHeaders, params: IdParams, body: ChangeClip, response: { 200: named(Clip), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body: { name, unitId } } = request
    const clip = store.transaction(() => {
      const before = store.clips.get(id)
      if (before === undefined) throw notFound('clip', id)
      checkMatch(request, before)
      return store.clips.update(id, { unitId: changedOwner(unitId, before.unitId, store), ...(name === undefined ? {} : { name: cleanText('name', name) }) })
    })
    if (clip === undefined) throw notFound('clip', id)
    sendEtag(reply, clip)
    return clipView(clip)
  })

  app.delete('/v1/clips/:id', {
    config: { access: both(maySeeOwned('clip'), may('edit', at.clip)) },
    schema: { tags, summary: 'Remove a clip that no order plays', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    const clip = store.transaction(() => {
      const found = store.clips.get(id)
      if (found === undefined) throw notFound('clip', id)
      checkMatch(request, found)
      refuseIfScheduled(store, { clipId: id })
      refuseIfAlerted(store, { clipId: id }, clock.wallMs())
      const orders = store.orders.usersOf({ clipId: id }, clock.wallMs())
      if (orders.length > 0) throw new ApiError('LOA_ERR_IN_USE', `orders that are not over play this clip: stop ${orders.join(', ')} first`, `tệp đang được dùng trong lệnh phát chưa kết thúc: hãy dừng ${orders.join(', ')} trước`)
      store.clips.remove(id)
      return found
    })
    if (store.clips.ofPath(clip.path).length === 0) await clips.remove(clip.path)
    return reply.status(204).send(null)
  })
}

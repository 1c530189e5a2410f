import type { Readable } from 'node:stream'
import { Type } from 'typebox'
import { somewhere } from '../access.ts'
import { auditElsewhere } from '../audit.ts'
import { identityOf } from '../auth.ts'
import { keepClip } from '../clip-rules.ts'
import type { Context, ControlApp } from '../context.ts'
import { newOwner } from '../owner-rules.ts'
import { ApiError } from '../problem.ts'
import { Clip, ClipUpload, ClipUploadList, CreateClipUpload, OffsetHeaders, UploadPart, type ClipUploadView } from '../schemas/clip.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'
import { clipView } from '../views.ts'

const tags = ['clips']
export const PART_MEDIA_TYPE = 'application/offset+octet-stream'

/** Clips over lines that break: begun, sent in parts that go on where the last one ended, and made into a clip. */
export function clipUploadRoutes(app: ControlApp, { store, clips, clock, config, creations, clipUploads, clipWork }: Context): void {
  const view = ({ id, name, unitId, sizeBytes, offset, expiresAtMs }: ReturnType<typeof clipUploads.get>): ClipUploadView => ({ id, name, unitId, sizeBytes, offset, expiresAt: formatTime(expiresAtMs) })

  app.post('/v1/clip-uploads', {
    config: { access: somewhere('write') },
    schema: {
      tags,
      summary: 'Begin to upload a clip in parts',
      description: 'For lines that break: send the parts by PATCH, after an interruption from the `offset` that GET tells, then make the clip. At most 20 of one caller may be unfinished; each is kept for 24 h, also over a restart.',
      headers: CreateHeaders,
      body: CreateClipUpload,
      response: { 201: named(ClipUpload), ...problems(400, 401, 403, 409, 413, 415, 422, 503, 507) },
    },
  }, async (request, reply) => {
    const { body } = request
    const { actorId, rights } = identityOf(request)
    const name = cleanText('name', body.name)
    const unitId = newOwner(body.unitId, 'write', rights, store)
    await clipUploads.checkRoom(actorId, body.sizeBytes)
    creations.run(request, reply, () => {
      const upload = clipUploads.begin({ actorId, name, unitId, sizeBytes: body.sizeBytes })
      return { status: 201, location: `/v1/clip-uploads/${upload.id}`, body: view({ ...upload, offset: 0 }) }
    })
    return reply
  })

  app.get('/v1/clip-uploads', {
    config: { access: somewhere('write') },
    schema: { tags, summary: 'Uploads that the caller has not finished', response: { 200: named(ClipUploadList), ...problems(401) } },
  }, (request) => ({ items: clipUploads.of(identityOf(request).actorId).map(view) }))

  app.get('/v1/clip-uploads/:id', {
    config: { access: somewhere('write') },
    schema: { tags, summary: 'How far an upload has come', params: IdParams, response: { 200: named(ClipUpload), ...problems(401, 404) } },
  }, (request) => view(clipUploads.get(request.params.id, identityOf(request).actorId)))

  // In a scope of its own: only here are bodies of such a type, and left unread.
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(PART_MEDIA_TYPE, (_request, payload, finish) => { finish(null, payload) })
    scope.patch('/v1/clip-uploads/:id', {
      config: { access: somewhere('write'), documentedBody: UploadPart },
      bodyLimit: config.maxClipBytes,
      schema: {
        tags,
        summary: 'Send a part of an upload',
        description: 'What has come stays when the connection breaks. A part that does not begin where the last one ended is 409, with `Upload-Offset` saying where to go on.',
        consumes: [PART_MEDIA_TYPE],
        headers: OffsetHeaders,
        params: IdParams,
        response: { 200: named(ClipUpload), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 507) },
      },
    }, async (request, reply) => {
      const { id } = request.params as { readonly id: string }
      const offset = Number(request.headers['upload-offset'])
      const { actorId } = identityOf(request)
      try {
        await clipUploads.append(id, actorId, offset, request.body as Readable)
      } catch (error) {
        // What is left of a refused body is not worth reading.
        void reply.header('Connection', 'close')
        throw error
      }
      auditElsewhere(request)
      return view(clipUploads.get(id, actorId))
    })
    done()
  })

  app.post('/v1/clip-uploads/:id/clip', {
    config: { access: somewhere('write') },
    schema: { tags, summary: 'Make a clip of an upload that is whole', description: 'As `POST /v1/clips` answers; the upload is no more then.', headers: CreateHeaders, params: IdParams, response: { 201: named(Clip), 200: named(Clip), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    const { actorId, rights } = identityOf(request)
    const release = clipWork.begin()
    try {
      return await creations.runSlow(request, reply, '', async () => {
        const upload = clipUploads.get(id, actorId)
        if (upload.offset < upload.sizeBytes) throw new ApiError('LOA_ERR_UPLOAD_OFFSET', `only ${String(upload.offset)} of ${String(upload.sizeBytes)} bytes are here`, `mới có ${String(upload.offset)} trong ${String(upload.sizeBytes)} byte`, { headers: { 'Upload-Offset': String(upload.offset) } })
        return { upload, prepared: await clips.prepare(clipUploads.pathOf(id)) }
      }, ({ upload, prepared }) => {
        release() // before the answer goes out: the next may follow on it at once
        const { clip, created } = keepClip({ store, clock }, prepared, upload.name, newOwner(upload.unitId, 'write', rights, store))
        clips.beginListeningCopy(clip.path)
        return { status: created ? 201 : 200, location: `/v1/clips/${clip.id}`, body: clipView(clip), after: () => { void clipUploads.remove(id) } }
      })
    } finally {
      release()
    }
  })

  app.delete('/v1/clip-uploads/:id', {
    config: { access: somewhere('write') },
    schema: { tags, summary: 'Give up an upload', params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    clipUploads.get(id, identityOf(request).actorId)
    await clipUploads.remove(id)
    return reply.status(204).send(null)
  })
}

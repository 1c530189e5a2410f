import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { Type } from 'typebox'
import { may } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { at } from '../finders.ts'
import type { PhotoRecord } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { ClusterPhoto, PhotoQuery, UploadPhoto, type ClusterPhotoView } from '../schemas/cluster.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { formatTime } from '../time.ts'

const tags = ['clusters']
const MOST_BYTES = 8 * 1024 * 1024
/** Decoding is work for a processor core. */
const MOST_AT_ONCE = 2
/** A picture is all it may ever be. */
const POLICY = "default-src 'none'; sandbox"

/** The photo of each cluster. */
export function photoRoutes(app: ControlApp, { store, photos, clock, creations, uploads }: Context): void {
  let running = 0

  /** What no cluster has any more goes from the disk. */
  const clean = async (before: PhotoRecord | undefined): Promise<void> => {
    if (before !== undefined && !store.photos.isUsed(before.sha256)) await photos.remove(before.sha256)
  }

  app.post('/v1/clusters/:id/photo', {
    config: { access: may('maintain', at.cluster), documentedBody: UploadPhoto },
    bodyLimit: MOST_BYTES + 64 * 1024,
    schema: { tags, summary: 'Give a cluster its photo', description: 'JPEG, PNG or WebP of at most 8 MiB in the multipart field `file`, told by what is in it. It is turned upright, made at most 1600 pixels long and kept as JPEG; place, time and all else that the camera wrote beside the picture are thrown away. It takes the place of the one before.', consumes: ['multipart/form-data'], headers: CreateHeaders, params: IdParams, response: { 201: named(ClusterPhoto), ...problems(400, 401, 403, 404, 413, 415, 422, 503, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    if (running >= MOST_AT_ONCE) throw new ApiError('LOA_ERR_BUSY', `${String(MOST_AT_ONCE)} photos are being worked on`, `đang xử lý ${String(MOST_AT_ONCE)} ảnh`, { headers: { 'Retry-After': '2', Connection: 'close' } })
    running++
    try {
      const file = await uploads.receive(request, MOST_BYTES)
      try {
        const before = store.photos.get(id)
        const answer = await creations.runSlow(request, reply, file.sha256, () => photos.prepare(file.path), (prepared) => {
          // Gone while it was worked on.
          if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
          const photo: PhotoRecord = { clusterId: id, ...prepared, createdAtMs: clock.wallMs(), createdBy: identityOf(request).actorId }
          store.photos.put(photo)
          return { status: 201, location: `/v1/clusters/${id}/photo`, body: photoView(photo) }
        })
        await clean(before)
        return answer
      } finally {
        await rm(file.path, { force: true })
      }
    } catch (error) {
      void reply.header('Connection', 'close')
      throw error
    } finally {
      running--
    }
  })

  app.get('/v1/clusters/:id/photo', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'The photo of a cluster', params: IdParams, querystring: PhotoQuery, response: { 200: Type.Unsafe<unknown>({ description: 'the picture', content: { 'image/jpeg': { schema: Type.String({ format: 'binary' }) } } }), ...problems(400, 401, 404) } },
  }, async ({ params: { id }, query }, reply) => {
    const photo = store.photos.get(id)
    if (photo === undefined) throw notFound('photo', id)
    const path = photos.path(photo.sha256, query.size ?? 'full')
    // Opened first: an error of the stream would come after the head of the answer.
    const file = await open(path).catch(() => { throw notFound('photo', id) })
    return reply.type('image/jpeg').header('Content-Security-Policy', POLICY).header('Content-Disposition', `inline; filename="${photo.sha256.slice(0, 16)}.jpg"`).header('ETag', `"${photo.sha256}"`).send(createReadStream(path, { fd: file }))
  })

  app.delete('/v1/clusters/:id/photo', {
    config: { access: may('maintain', at.cluster) },
    schema: { tags, summary: 'Remove the photo of a cluster', params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 507) } },
  }, async ({ params: { id } }, reply) => {
    const before = store.photos.get(id)
    if (before === undefined) throw notFound('photo', id)
    store.photos.remove(id)
    await clean(before)
    return reply.status(204).send(null)
  })
}

const photoView = ({ clusterId, sha256, sizeBytes, createdAtMs, createdBy }: PhotoRecord): ClusterPhotoView => ({ clusterId, sha256, sizeBytes, createdAt: formatTime(createdAtMs), createdBy })

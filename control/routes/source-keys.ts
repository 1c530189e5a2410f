import { Type, type Static } from 'typebox'
import { both, may, mayAs, maySeeOwned } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import { hashSecret, newId } from '../ids.ts'
import { ApiError, notFound } from '../problem.ts'
import { CreateHeaders, IdParams, named, PageParams, problems } from '../schemas/common.ts'
import { SourceWithKey } from '../schemas/source.ts'
import { CreateSourceKey, RemoveKeyQuery, RotateKey, SourceAttemptPage, SourceKeyPage, SourceKeyWithSecret } from '../schemas/source-ingest.ts'
import { mayTouchSound } from '../source-guard.ts'
import { hasKey, newSourceKey, revoking, type KeyedSourceRecord } from '../source-rules.ts'
import { sourceAttemptView, sourceKeyView } from '../source-views.ts'
import { cleanText } from '../text.ts'
import { readTime } from '../time.ts'
import { invalid } from '../validation.ts'
import { sourceView } from '../views.ts'
import { MAY_CHANGE_SOURCE } from './sources.ts'

const tags = ['sources']

const DEFAULT_OVERLAP_MS = 300_000
const MOST_KEYS = 50

const Query = Type.Object(PageParams, { additionalProperties: false })
const KeyParams = Type.Object({ id: Type.String({ maxLength: 128 }), keyId: Type.String({ maxLength: 128 }) })

/** Who comes with a key of the highest class takes the place of whoever speaks: it is given by who may give emergencies himself. */
const MAY_GIVE_KEY = both(both(MAY_CHANGE_SOURCE, mayAs({
  anyOf: ['manage'],
  of: ({ body }) => ((body as Static<typeof CreateSourceKey>).class === 'emergency' ? 'emergency' : 'manage'),
}, at.source)), mayTouchSound('manage', ({ body }) => ((body as Static<typeof CreateSourceKey>).class ?? 'normal') !== 'normal'))

const MAY_ROTATE = both(MAY_CHANGE_SOURCE, mayTouchSound('manage', ({ body }) => (body as Static<typeof RotateKey>)?.endSessions === true))
const MAY_REMOVE_KEY = both(MAY_CHANGE_SOURCE, mayTouchSound('manage', ({ query }) => (query as Static<typeof RemoveKeyQuery>).endSessions === true))

/** The keys of sources that something sends to, and who has tried them. */
export function sourceKeyRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  /** @throws ApiError when there is no such source, or nobody sends to it */
  const keyed = (id: string): KeyedSourceRecord => {
    const source = store.sources.get(id)
    if (source === undefined) throw notFound('source', id)
    if (!hasKey(source)) throw new ApiError('LOA_ERR_WRONG_KIND', `a ${source.kind} source has no key`, `nguồn loại ${source.kind} không có khóa`)
    return source
  }

  app.post('/v1/sources/:id/rotate-key', {
    config: { access: MAY_ROTATE },
    schema: { tags, summary: 'Give an icecast, whip, rtmp or srt source a new key', description: 'Who is on the air stays there, and may connect again with the old key for `overlapMs` (but for srt, where there can be only one). `endSessions` takes the right `emergency` while the source carries an emergency. The new key is shown only here.', headers: CreateHeaders, params: IdParams, body: RotateKey, response: { 200: named(SourceWithKey), ...problems(400, 401, 403, 404, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { id } = request.params
    const { overlapMs = DEFAULT_OVERLAP_MS, endSessions = false } = request.body ?? {}
    const nowMs = clock.wallMs()
    const found = store.sources.get(id)
    if (found?.kind === 'srt') {
      const passphrase = newSourceKey('srt', id)
      const source = store.sources.replace({ ...found, passphrase, sessionsEndedAtMs: endSessions ? nowMs : found.sessionsEndedAtMs }) ?? found
      return { status: 200, body: { ...sourceView(source, broadcast), key: passphrase }, after: () => { broadcast.sourceChanged(id) } }
    }
    const before = keyed(id)
    const key = newSourceKey(before.kind, id)
    const replaced = store.sourceKeys.ofSource(id).filter(({ isReplaced }) => isReplaced)
    const gone = replaced.filter(({ expiresAtMs }) => endSessions || (expiresAtMs ?? Infinity) <= nowMs)
    for (const { id: keyId } of gone) store.sourceKeys.remove(keyId)
    if (!endSessions && overlapMs > 0) store.sourceKeys.insert({ id: newId('y', nowMs), sourceId: id, label: 'Khóa trước khi đổi', class: 'normal', keyHash: before.keyHash, createdAtMs: nowMs, expiresAtMs: nowMs + overlapMs, isReplaced: true, lastUsedAtMs: null })
    const ingest = endSessions ? revoking(before.ingest, [before.keyHash, ...replaced.map(({ keyHash }) => keyHash)]) : before.ingest
    const source = store.sources.replace({ ...before, keyHash: hashSecret(key), ingest }) ?? before
    return { status: 200, body: { ...sourceView(source, broadcast), key }, after: () => { broadcast.sourceChanged(id) } }
  }))

  app.post('/v1/sources/:id/keys', {
    config: { access: MAY_GIVE_KEY },
    schema: { tags, summary: 'Give a source another key', description: 'For one more who sends to it, or with a class of its own. The key is shown only here.', headers: CreateHeaders, params: IdParams, body: CreateSourceKey, response: { 201: named(SourceKeyWithSecret), ...problems(400, 401, 403, 404, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { params: { id }, body } = request
    const { kind } = keyed(id)
    const nowMs = clock.wallMs()
    const expiresAtMs = typeof body.expiresAt === 'string' ? readTime('expiresAt', body.expiresAt) : null
    if (expiresAtMs !== null && expiresAtMs <= nowMs) throw invalid([{ path: 'expiresAt', message: 'is in the past', messageVi: 'đã qua' }])
    if (store.sourceKeys.ofSource(id).length >= MOST_KEYS) throw invalid([{ path: 'label', message: `is one too many: a source has at most ${String(MOST_KEYS)} keys`, messageVi: `vượt quá ${String(MOST_KEYS)} khóa của một nguồn` }])
    const key = newSourceKey(kind, id)
    const record = store.sourceKeys.insert({ id: newId('y', nowMs), sourceId: id, label: cleanText('label', body.label), class: body.class ?? 'normal', keyHash: hashSecret(key), createdAtMs: nowMs, expiresAtMs, isReplaced: false, lastUsedAtMs: null })
    return { status: 201, body: { ...sourceKeyView(record), key }, after: () => { broadcast.sourceChanged(id) } }
  }))

  app.get('/v1/sources/:id/keys', {
    config: { access: MAY_CHANGE_SOURCE },
    schema: { tags, summary: 'List the further keys of a source', description: 'Oldest first; the source’s own key is not among them, but those it had and that still open.', params: IdParams, querystring: Query, response: { 200: named(SourceKeyPage), ...problems(400, 401, 403, 404, 409) } },
  }, ({ params: { id }, query }) => {
    keyed(id)
    return pageView('sourcekeys', store.sourceKeys.list(id, readPage('sourcekeys', query)), sourceKeyView)
  })

  app.delete('/v1/sources/:id/keys/:keyId', {
    config: { access: MAY_REMOVE_KEY },
    schema: { tags, summary: 'Remove a key of a source', description: 'It opens nothing from now on.', params: KeyParams, querystring: RemoveKeyQuery, response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 409, 507) } },
  }, ({ params: { id, keyId }, query }, reply) => {
    store.transaction(() => {
      const source = keyed(id)
      const key = store.sourceKeys.get(keyId)
      if (key?.sourceId !== id) throw notFound('source key', keyId)
      store.sourceKeys.remove(keyId)
      if (query.endSessions === true) store.sources.replace({ ...source, ingest: revoking(source.ingest, [key.keyHash]) })
    })
    broadcast.sourceChanged(id)
    void reply.status(204).send(null)
  })

  app.get('/v1/sources/:id/attempts', {
    config: { access: both(maySeeOwned('source'), may('view', at.source)) },
    schema: { tags, summary: 'Who has tried to send to a source', description: 'Newest first; the last 1 000 are kept.', params: IdParams, querystring: Query, response: { 200: named(SourceAttemptPage), ...problems(400, 401, 403, 404) } },
  }, (request) => {
    const { params: { id }, query } = request
    const source = store.sources.get(id)
    if (source === undefined) throw notFound('source', id)
    const showsAddress = identityOf(request).rights.holds('audit', source.unitId)
    return pageView('attempts', store.sourceAttempts.list(id, readPage('attempts', query)), (attempt) => sourceAttemptView(attempt, showsAddress))
  })
}

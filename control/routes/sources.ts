import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { both, may, maySeeOwned, somewhere } from '../access.ts'
import { refuseIfAlerted } from '../alerts/alert-users.ts'
import { identityOf } from '../auth.ts'
import { isInReach, ownersSeen } from '../belonging.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { hashSecret, newId } from '../ids.ts'
import { changedOwner, newOwner } from '../owner-rules.ts'
import { DEFAULT_INGEST_RULES, type IngestRules, type SourceRecord } from '../ports.ts'
import { ApiError, notFound, unknownIds } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { refuseIfScheduled } from '../schedule/collision-search.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeSource, CreateSource, Source, SourcePage, SourceQuery, SourceWithKey, type ChangeSourceBody, type CreateSourceBody } from '../schemas/source.ts'
import { mayTouchSound } from '../source-guard.ts'
import { checkFallback, checkMount, checkRelayUrls, checkSrtPort, hasKey, newSourceKey, rtpLine, unmaskUrls } from '../source-rules.ts'
import { cleanText } from '../text.ts'
import { invalid } from '../validation.ts'
import { sourceView } from '../views.ts'

const tags = ['sources']

const DEFAULT_LEVEL_DBFS = -12
/** libsrt's own is 120; phones and radio links in the country need more. */
const DEFAULT_SRT_LATENCY_MS = 200
const DEFAULT_RETURN_AFTER_MS = 10_000

/** To change what is there. */
export const MAY_CHANGE_SOURCE = both(maySeeOwned('source'), may('manage', at.source))

export function sourceRoutes(app: ControlApp, context: Context): void {
  const { store, broadcast, clock, creations } = context

  app.post('/v1/sources', {
    config: { access: somewhere('manage') },
    schema: { tags, summary: 'Create a source', description: 'Left out, `unitId` is the only unit at which the caller manages; for who manages everywhere, the whole tree. The key of an icecast, whip, rtmp or srt source is shown only here.', headers: CreateHeaders, body: CreateSource, response: { 201: named(SourceWithKey), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { body } = request
    const nowMs = clock.wallMs()
    const id = newId('s', nowMs)
    const key = newSourceKey(body.kind, id)
    const { rights } = identityOf(request)
    const unitId = newOwner(body.unitId, 'manage', rights, store)
    checkStandIns(context, body, rights)
    const source = store.sources.insert(makeSource(body, { id, unitId, createdAtMs: nowMs }, key, context))
    const view = sourceView(source, broadcast)
    return { status: 201, location: `/v1/sources/${source.id}`, body: hasKey(source) || source.kind === 'srt' ? { ...view, key } : view, after: () => { broadcast.sourceChanged(source.id) } }
  }))

  app.get('/v1/sources', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List sources', description: 'Those that belong to the whole tree, to units of the caller, above and below them.', querystring: SourceQuery, response: { 200: named(SourcePage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const owners = ownersSeen(() => store.sources.owners(), identityOf(request).rights, store)
    const filter = { ...(query.kind === undefined ? {} : { kind: query.kind }), ...(owners === null ? {} : { owners }) }
    return pageView('sources', store.sources.list(readPage('sources', query), filter), (source) => sourceView(source, broadcast))
  })

  app.get('/v1/sources/:id', {
    config: { access: maySeeOwned('source') },
    schema: { tags, summary: 'Show a source', params: IdParams, response: { 200: named(Source), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const source = store.sources.get(id)
    if (source === undefined) throw notFound('source', id)
    sendEtag(reply, source)
    return sourceView(source, broadcast)
  })

  app.patch('/v1/sources/:id', {
    config: { access: both(both(maySeeOwned('source'), may('manage', at.source, at.changedUnit('unitId'))), mayTouchSound('manage', changesSound)) },
    schema: { tags, summary: 'Change a source', description: 'While it carries an emergency all but its name takes the right `emergency` too.', headers: ChangeHeaders, params: IdParams, body: ChangeSource, response: { 200: named(Source), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const source = store.transaction(() => {
      const before = store.sources.get(id)
      if (before === undefined) throw notFound('source', id)
      checkMatch(request, before)
      checkStandIns(context, body, identityOf(request).rights)
      const after = changeSource(before, body, context)
      checkFallback(after, store)
      return store.sources.replace(after)
    })
    if (source === undefined) throw notFound('source', id)
    broadcast.sourceChanged(id)
    sendEtag(reply, source)
    return sourceView(source, broadcast)
  })

  app.delete('/v1/sources/:id', {
    config: { access: MAY_CHANGE_SOURCE },
    schema: { tags, summary: 'Remove a source that nothing uses', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const source = store.sources.get(id)
      if (source === undefined) throw notFound('source', id)
      checkMatch(request, source)
      refuseIfScheduled(store, { sourceId: id })
      refuseIfAlerted(store, { sourceId: id }, clock.wallMs())
      const orders = store.orders.usersOf({ sourceId: id }, clock.wallMs())
      if (orders.length > 0) throw new ApiError('LOA_ERR_IN_USE', `orders that are not over play this source: stop ${orders.join(', ')} first`, `nguồn đang được dùng trong lệnh phát chưa kết thúc: hãy dừng ${orders.join(', ')} trước`)
      const sources = store.sources.fallbackUsers(id)
      if (sources.length > 0) throw new ApiError('LOA_ERR_IN_USE', `it is the fallback of other sources: change ${sources.join(', ')} first`, `nguồn đang là dự phòng của nguồn khác: hãy sửa ${sources.join(', ')} trước`)
      const standbys = store.sources.inputUsers(id)
      if (standbys.length > 0) throw new ApiError('LOA_ERR_IN_USE', `it is an input of other sources: change ${standbys.join(', ')} first`, `nguồn đang là đầu vào của nguồn khác: hãy sửa ${standbys.join(', ')} trước`)
      store.sources.remove(id)
    })
    broadcast.sourceChanged(id)
    void reply.status(204).send(null)
  })
}

const changesSound = ({ body }: FastifyRequest): boolean => Object.keys(body as ChangeSourceBody).some((field) => field !== 'name')

/** What stands in for a source must be there, and be the caller's to use. */
function checkStandIns({ store }: Context, { fallbackSourceId, ...body }: ChangeSourceBody | CreateSourceBody, rights: Rights): void {
  const inputs = 'inputSourceIds' in body ? body.inputSourceIds ?? [] : []
  const named = [...inputs.map((id, index) => ({ path: `inputSourceIds[${String(index)}]`, id })), ...(typeof fallbackSourceId === 'string' ? [{ path: 'fallbackSourceId', id: fallbackSourceId }] : [])]
  const missing = named.filter(({ id }) => {
    const source = store.sources.get(id)
    return source === undefined || !isInReach(source.unitId, 'manage', rights, store)
  })
  if (missing.length > 0) throw unknownIds(missing.map(({ path, id }) => ({ path, noun: 'source', id })))
}

function makeSource(body: CreateSourceBody, given: Pick<SourceRecord, 'id' | 'unitId' | 'createdAtMs'>, key: string, { addresses, broadcast, config, store }: Context): SourceRecord {
  const common = { ...given, name: cleanText('name', body.name), fallbackSourceId: body.fallbackSourceId ?? null, silenceTimeoutMs: body.silenceTimeoutMs ?? null, levelling: body.levelling ?? (body.kind === 'phone' ? 'speech' : 'programme'), watch: body.watch ?? 'all' }
  switch (body.kind) {
    case 'icecast':
      checkMount(body.mount)
      return { ...common, kind: 'icecast', mount: body.mount, takeover: body.takeover ?? 'refuse', keyHash: hashSecret(key), ingest: changedIngest(DEFAULT_INGEST_RULES, body) }
    case 'whip':
      return { ...common, kind: 'whip', takeover: body.takeover ?? 'refuse', keyHash: hashSecret(key), ingest: changedIngest(DEFAULT_INGEST_RULES, body) }
    case 'relay':
      checkRelayUrls(body.urls, addresses, config.allowPrivateSources)
      return { ...common, kind: 'relay', urls: body.urls }
    case 'tone':
      return { ...common, kind: 'tone', frequencyHz: body.frequencyHz, levelDbfs: body.levelDbfs ?? DEFAULT_LEVEL_DBFS }
    case 'rtp':
      return { ...common, kind: 'rtp', ...rtpLine(body, broadcast.rtp), interface: body.interface ?? null }
    case 'rtmp':
      return { ...common, kind: 'rtmp', takeover: body.takeover ?? 'refuse', keyHash: hashSecret(key), ingest: changedIngest(DEFAULT_INGEST_RULES, body) }
    case 'srt':
      checkSrtPort(body.port, given.id, store)
      return { ...common, kind: 'srt', port: body.port, passphrase: key, latencyMs: body.latencyMs ?? DEFAULT_SRT_LATENCY_MS, sessionsEndedAtMs: null }
    case 'standby':
      return { ...common, kind: 'standby', inputSourceIds: body.inputSourceIds, return: body.return ?? 'automatic', returnAfterMs: body.returnAfterMs ?? DEFAULT_RETURN_AFTER_MS, pinned: null, chosenAtMs: null }
    case 'phone':
      return { ...common, kind: 'phone' }
  }
}

const changedIngest = (before: IngestRules, { acceptsFrom, leadTimeMs, tailMs }: ChangeSourceBody): IngestRules =>
  ({ ...before, acceptsFrom: acceptsFrom ?? before.acceptsFrom, leadTimeMs: leadTimeMs ?? before.leadTimeMs, tailMs: tailMs ?? before.tailMs })

const INGEST_FIELDS = ['takeover', 'acceptsFrom', 'leadTimeMs', 'tailMs'] as const

/** Fields that only one kind has. */
const OWN_FIELDS: Readonly<Record<SourceRecord['kind'], readonly (keyof ChangeSourceBody)[]>> = { icecast: ['mount', ...INGEST_FIELDS], whip: INGEST_FIELDS, relay: ['urls'], tone: ['frequencyHz', 'levelDbfs'], rtp: ['sdp', 'stream', 'senders', 'interface'], rtmp: INGEST_FIELDS, srt: ['port', 'latencyMs'], standby: ['inputSourceIds', 'return', 'returnAfterMs'], phone: [] }

function changeSource(before: SourceRecord, body: ChangeSourceBody, { addresses, broadcast, config, store }: Context): SourceRecord {
  const foreign = Object.values(OWN_FIELDS).flat().filter((field) => body[field] !== undefined && !OWN_FIELDS[before.kind].includes(field))
  if (foreign.length > 0) throw invalid(foreign.map((path) => ({ path, message: `is not a field of ${before.kind} sources`, messageVi: `không phải trường của nguồn loại ${before.kind}` })))
  const common = {
    unitId: changedOwner(body.unitId, before.unitId, store),
    ...(body.name === undefined ? {} : { name: cleanText('name', body.name) }),
    ...(body.fallbackSourceId === undefined ? {} : { fallbackSourceId: body.fallbackSourceId }),
    ...(body.silenceTimeoutMs === undefined ? {} : { silenceTimeoutMs: body.silenceTimeoutMs }),
    ...(body.levelling === undefined ? {} : { levelling: body.levelling }),
    ...(body.watch === undefined ? {} : { watch: body.watch }),
  }
  switch (before.kind) {
    case 'icecast':
      checkMount(body.mount ?? before.mount)
      return { ...before, ...common, mount: body.mount ?? before.mount, takeover: body.takeover ?? before.takeover, ingest: changedIngest(before.ingest, body) }
    case 'whip':
      return { ...before, ...common, takeover: body.takeover ?? before.takeover, ingest: changedIngest(before.ingest, body) }
    case 'relay': {
      if (body.urls === undefined) return { ...before, ...common }
      const urls = unmaskUrls(body.urls, before.urls)
      checkRelayUrls(urls, addresses, config.allowPrivateSources)
      return { ...before, ...common, urls }
    }
    case 'tone':
      return { ...before, ...common, frequencyHz: body.frequencyHz ?? before.frequencyHz, levelDbfs: body.levelDbfs ?? before.levelDbfs }
    case 'rtp':
      return { ...before, ...common, ...rtpLine(body, broadcast.rtp, before), ...(body.interface === undefined ? {} : { interface: body.interface }) }
    case 'rtmp':
      return { ...before, ...common, takeover: body.takeover ?? before.takeover, ingest: changedIngest(before.ingest, body) }
    case 'srt':
      checkSrtPort(body.port ?? before.port, before.id, store)
      return { ...before, ...common, port: body.port ?? before.port, latencyMs: body.latencyMs ?? before.latencyMs }
    case 'standby': {
      const inputSourceIds = body.inputSourceIds ?? before.inputSourceIds
      // What was chosen and is an input no more is chosen no more.
      const pinned = before.pinned !== null && inputSourceIds.includes(before.pinned.inputSourceId) ? before.pinned : null
      return { ...before, ...common, inputSourceIds, return: body.return ?? before.return, returnAfterMs: body.returnAfterMs ?? before.returnAfterMs, pinned }
    }
    case 'phone':
      return { ...before, ...common }
  }
}

import { Type } from 'typebox'
import { everywhere, may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, checkTag, mapTag, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import type { Store, UnitChangeRecord, UnitVersion } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ClusterUnits, CreateUnitChange, UnitChange, UnitChangeOutcome, UnitChangePage, UnitChangeQuery, UnitHistory, UnitMapPage, UnitMapQuery, type ClusterUnitsView, type UnitChangeView, type UnitHistoryView, type UnitVersionView } from '../schemas/unit-change.ts'
import { cleanText } from '../text.ts'
import { formatTime, readTime } from '../time.ts'
import { UnitChangeClock } from '../unit-change-clock.ts'
import { cleanSteps, takeSteps } from '../unit-change-rules.ts'

const tags = ['units']

/** What happens to the map: units renamed, moved, merged, split, from a date on; and what the map was. */
export function unitChangeRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  const watch = new UnitChangeClock(store, broadcast, clock, app.log)
  app.addHook('onReady', (done) => {
    watch.look()
    done()
  })
  app.addHook('preClose', (done) => {
    watch.stop()
    done()
  })

  app.post('/v1/unit-changes', {
    config: { access: everywhere('manage') },
    schema: {
      tags,
      summary: 'Rename, move, merge, split or end units from a date on',
      description: 'All steps or none. Clusters keep their ids, keys and devices and go on playing; orders to a unit that ends go on for the clusters it had. Units that end can be read for ever. With a date in the future the steps are tried now and done then. With `If-Match` and the `ETag` of `GET /v1/unit-map` only while the map of now is still that one.',
      headers: Type.Object({ ...CreateHeaders.properties, ...ChangeHeaders.properties }),
      body: CreateUnitChange,
      response: { 201: named(UnitChange), ...problems(400, 401, 403, 409, 412, 413, 415, 422, 507) },
    },
  }, (request, reply) => creations.run(request, reply, () => {
    const { body } = request
    checkTag(request, () => mapTag(store.units.all()))
    const nowMs = clock.wallMs()
    const atMs = body.at === undefined ? nowMs : readTime('at', body.at)
    const steps = cleanSteps(body.steps)
    const work = () => takeSteps(store, steps, { atMs, nowMs, newId: () => newId('u', nowMs) })
    const isPlanned = atMs > nowMs
    const result = isPlanned ? tryOut(store, work) : work()
    const change = store.unitChanges.insert({
      id: newId('m', nowMs),
      atMs,
      note: body.note === undefined ? null : cleanText('note', body.note),
      steps,
      state: isPlanned ? 'planned' : 'done',
      result: isPlanned ? null : result,
      problem: null,
      createdAtMs: nowMs,
      createdBy: identityOf(request).actorId,
    })
    return {
      status: 201,
      location: `/v1/unit-changes/${change.id}`,
      body: changeView(change),
      after: () => {
        if (isPlanned) watch.look()
        else broadcast.registryChanged()
      },
    }
  }))

  app.post('/v1/unit-changes/check', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'What a change of the map would come to', description: 'Tries it now, wholly, and keeps nothing of it.', body: CreateUnitChange, response: { 200: named(UnitChangeOutcome), ...problems(400, 401, 403, 409, 413, 415, 422) } },
  }, ({ body }) => {
    const nowMs = clock.wallMs()
    const atMs = body.at === undefined ? nowMs : readTime('at', body.at)
    const steps = cleanSteps(body.steps)
    const { createdIds, endedIds, clustersMoved } = tryOut(store, () => takeSteps(store, steps, { atMs, nowMs, newId: () => newId('u', nowMs) }))
    return { created: createdIds.length, endedIds: [...endedIds], clustersMoved }
  })

  app.get('/v1/unit-changes', {
    config: { access: everywhere('view') },
    schema: { tags, summary: 'List changes of the map', querystring: UnitChangeQuery, response: { 200: named(UnitChangePage), ...problems(400, 401) } },
  }, ({ query }) => pageView('unitChanges', store.unitChanges.list(readPage('unitChanges', query), query.state === undefined ? {} : { state: query.state }), changeView))

  app.get('/v1/unit-changes/:id', {
    config: { access: everywhere('view') },
    schema: { tags, summary: 'Show a change of the map', params: IdParams, response: { 200: named(UnitChange), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const change = store.unitChanges.get(id)
    if (change === undefined) throw notFound('unit change', id)
    sendEtag(reply, change)
    return changeView(change)
  })

  app.post('/v1/unit-changes/:id/cancel', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'Cancel a planned change', description: 'May be repeated.', headers: ChangeHeaders, params: IdParams, response: { 200: named(UnitChange), ...problems(400, 401, 403, 404, 409, 412, 507) } },
  }, (request) => {
    const { id } = request.params
    const change = store.transaction(() => {
      const before = store.unitChanges.get(id)
      if (before === undefined) throw notFound('unit change', id)
      checkMatch(request, before)
      if (before.state === 'done' || before.state === 'failed') throw new ApiError('LOA_ERR_IN_USE', 'the change is not planned any more; make another one', 'thay đổi này không còn ở trạng thái dự kiến; hãy tạo thay đổi khác')
      return store.unitChanges.settle(id, { state: 'cancelled', result: null, problem: null }) ?? before
    })
    watch.look()
    return changeView(change)
  })

  app.get('/v1/unit-map', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The units of a moment, as they were then', description: 'Those that the caller may see where they stand now, or stood last. A page may be short, or empty, and still have a `nextCursor`. The `ETag` stands for the whole map of now, whatever moment is asked for: see `POST /v1/unit-changes`.', querystring: UnitMapQuery, response: { 200: named(UnitMapPage), ...problems(400, 401) } },
  }, (request, reply) => {
    const { query } = request
    const { rights } = identityOf(request)
    void reply.header('ETag', mapTag(store.units.all()))
    const { items, next } = store.units.mapAt(readTime('at', query.at, 'LOA_ERR_BAD_REQUEST'), readPage('unitMap', query))
    return pageView('unitMap', { items: items.filter(({ unitId }) => rights.holds('view', unitId)), next }, versionView)
  })

  app.get('/v1/units/:id/history', {
    config: { access: may('view', at.unit) },
    schema: { tags, summary: 'What a unit was called and where it stood', params: IdParams, response: { 200: named(UnitHistory), ...problems(401, 404) } },
  }, ({ params: { id } }): UnitHistoryView => {
    const unit = store.units.get(id)
    if (unit === undefined) throw notFound('unit', id)
    return {
      versions: store.units.versions(id).map(versionView),
      predecessorIds: store.units.all().filter(({ successorIds }) => successorIds.includes(id)).map((each) => each.id),
      successorIds: [...unit.successorIds],
    }
  })

  app.get('/v1/clusters/:id/units', {
    config: { access: may('view', at.cluster) },
    schema: { tags: ['clusters'], summary: 'The units a cluster has belonged to', params: IdParams, response: { 200: named(ClusterUnits), ...problems(401, 404) } },
  }, ({ params: { id } }): ClusterUnitsView => {
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    return { items: store.clusters.memberships(id).map(({ unitId, fromMs, untilMs }) => ({ unitId, from: formatTime(fromMs), until: untilMs === null ? null : formatTime(untilMs) })) }
  })
}

/** Does it and takes it back. @throws what `work` throws */
function tryOut<T>(store: Store, work: () => T): T {
  const undo = new Error('tried out')
  let result: { readonly value: T } | undefined
  try {
    store.transaction(() => {
      result = { value: work() }
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
  return result!.value
}

const changeView = ({ id, atMs, note, steps, state, result, problem, createdAtMs, createdBy }: UnitChangeRecord): UnitChangeView => ({
  id,
  at: formatTime(atMs),
  note,
  steps: structuredClone(steps) as UnitChangeView['steps'],
  state,
  result: result === null ? null : { createdIds: [...result.createdIds], endedIds: [...result.endedIds], clustersMoved: result.clustersMoved },
  problem: problem === null ? null : { ...problem },
  createdAt: formatTime(createdAtMs),
  createdBy,
})

const versionView = ({ unitId, code, name, parentId, fromMs, untilMs }: UnitVersion): UnitVersionView => ({ unitId, code, name, parentId, from: formatTime(fromMs), until: untilMs === null ? null : formatTime(untilMs) })

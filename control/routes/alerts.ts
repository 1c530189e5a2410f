import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { both, may, maySee, somewhere } from '../access.ts'
import { playMs } from '../alerts/alert-plays.ts'
import type { AlertRecord } from '../alerts/alert-port.ts'
import type { AlertCaller, AlertRequest } from '../alerts/alert-request.ts'
import { demandOf } from '../alerts/alert-rule.ts'
import { alertSheet } from '../alerts/alert-sheet.ts'
import { alertState } from '../alerts/alert-state.ts'
import { alertView } from '../alerts/alert-views.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import type { Page, PageQuery } from '../ports.ts'
import { notFound } from '../problem.ts'
import { Alert, AlertClusters, AlertExportQuery, AlertPage, AlertQuery, CancelAlert, ConfirmAlert, CorrectAlert, PrepareAlert, RefuseAlert, type AlertView, type PrepareAlertBody } from '../schemas/alert.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { alertConcerns } from '../sight.ts'
import { sendSheet, sheetFile } from '../spreadsheet/sheet-answer.ts'
import { readTime } from '../time.ts'

const tags = ['alerts']
type AlertFilters = Omit<Static<typeof AlertQuery>, 'limit' | 'cursor'>

const MAY_SEE = maySee('alert')
const MAY_ACT = both(MAY_SEE, may('emergency', at.alert))

/** The alert as the API shows it now. */
export function viewAlert(alert: AlertRecord, { store, broadcast, clock, config }: Pick<Context, 'store' | 'broadcast' | 'clock' | 'config'>): AlertView {
  return alertView(alert, {
    orders: store.orders,
    nowMs: clock.wallMs(),
    playMs: playMs(alert, { clipMs: (id) => store.clips.get(id)?.durationMs ?? 0, attentionToneMs: config.attentionToneMs }),
    persons: alert.persons ?? demandOf(alert, store, broadcast).persons,
  })
}

export function alertRoutes(app: ControlApp, context: Context): void {
  const { store, broadcast, clock, creations, alerts } = context
  const view = (alert: AlertRecord): AlertView => viewAlert(alert, context)
  const known = (id: string): AlertRecord => {
    const alert = store.alerts.get(id)
    if (alert === undefined) throw notFound('alert', id)
    return alert
  }

  /** Pages of what fits the query and concerns the caller. */
  const seenBy = (request: FastifyRequest, { kind, hazard, state, over, confirmed, from, to }: AlertFilters): ((page: PageQuery) => Page<AlertRecord>) => {
    const { rights } = identityOf(request)
    const nowMs = clock.wallMs()
    const filter = {
      ...(kind === undefined ? {} : { kind }), ...(hazard === undefined ? {} : { hazard }), ...(state === undefined ? {} : { over: !OPEN.has(state) }), ...(over === undefined ? {} : { over }), ...(confirmed === undefined ? {} : { isConfirmed: confirmed }),
      ...(from === undefined ? {} : { fromMs: readTime('from', from, 'LOA_ERR_BAD_REQUEST') }), ...(to === undefined ? {} : { toMs: readTime('to', to, 'LOA_ERR_BAD_REQUEST') }),
    }
    return (page) => {
      const { items, next } = store.alerts.list(page, filter, nowMs)
      return { items: items.filter((alert) => (state === undefined || alertState(alert, nowMs) === state) && alertConcerns(alert, rights, context)), next }
    }
  }

  app.post('/v1/alerts', {
    config: { access: may('emergency', at.alertTargets, at.changedUnit('issuer'), at.bodyAlert('replaces')) },
    schema: {
      tags,
      summary: 'Prepare an alert',
      description: 'Speaks the words, counts whom it would reach, and keeps it for 30 minutes, in which it can be confirmed. Nothing sounds yet.',
      headers: CreateHeaders,
      body: PrepareAlert,
      response: { 201: named(Alert), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503, 507) },
    },
  }, async (request, reply) => {
    const caller = callerOf(request)
    await creations.runSlow(request, reply, JSON.stringify(request.body), () => alerts.draft(requestOf(request.body), caller), (draft) => {
      const { alert, after } = alerts.carryOut(draft, caller)
      return { status: 201, location: `/v1/alerts/${alert.id}`, body: view(alert), after }
    })
  })

  app.get('/v1/alerts', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List alerts, newest first', description: 'With `state`, or with rights at some units only, a page may be short, or empty, and still have a `nextCursor`.', querystring: AlertQuery, response: { 200: named(AlertPage), ...problems(400, 401) } },
  }, (request) => pageView('alerts', seenBy(request, request.query)(readPage('alerts', request.query)), view))

  app.get('/v1/alerts/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Alerts as a spreadsheet', description: 'Newest first, as the list with the same query.', querystring: AlertExportQuery, response: { 200: sheetFile('one row an alert'), ...problems(400, 401, 404) } },
  }, (request, reply) => {
    const { unitId } = request.query
    if (unitId !== undefined && (store.units.get(unitId) === undefined || !identityOf(request).rights.holds('view', unitId))) throw notFound('unit', unitId)
    const read = seenBy(request, request.query)
    return sendSheet(request, reply, alertSheet(store, clock.wallMs()), (page) => {
      const { items, next } = read(page)
      return { items: unitId === undefined ? items : items.filter(({ issuerUnitId }) => store.units.ancestors(issuerUnitId).includes(unitId)), next }
    })
  })

  app.get('/v1/alerts/:id', {
    config: { access: MAY_SEE },
    schema: { tags, summary: 'Show an alert', params: IdParams, response: { 200: named(Alert), ...problems(401, 404) } },
  }, ({ params: { id } }) => view(known(id)))

  app.get('/v1/alerts/:id/clusters', {
    config: { access: MAY_SEE },
    schema: { tags, summary: 'The clusters of an alert', description: 'Those that the caller may see.', params: IdParams, response: { 200: named(AlertClusters), ...problems(401, 404) } },
  }, (request) => {
    const alert = known(request.params.id)
    const roots = identityOf(request).rights.roots('view')
    const seen = roots === null ? null : new Set(store.clusters.idsWithin(roots))
    const shown = (ids: readonly string[]): string[] => ids.filter((id) => seen === null || seen.has(id))
    const then = shown(store.alerts.clustersOf(alert.id))
    const now = shown(broadcast.clustersOf(alert.targets))
    const [wasMeant, isMeant, connected] = [new Set(then), new Set(now), new Set(broadcast.connections().map(({ clusterId }) => clusterId))]
    return {
      clusterIds: then,
      joined: now.filter((id) => !wasMeant.has(id)),
      left: then.filter((id) => !isMeant.has(id)),
      online: now.filter((id) => connected.has(id)),
      reached: shown(store.alerts.reached(alert.id)),
    }
  })

  app.post('/v1/alerts/:id/confirm', {
    config: { access: MAY_ACT },
    schema: {
      tags,
      summary: 'Confirm an alert',
      description: 'Puts it on the air, or, where the strictest of the rules at the issuing unit and at every unit meant wants two persons, waits for the second, who confirms or approves it from another session. When this answers, what it says is on disk and the clusters have been told. May be repeated. With `breakGlass` one person does without the second.',
      params: IdParams,
      body: ConfirmAlert,
      response: { 200: named(Alert), ...problems(400, 401, 403, 404, 409, 415, 422, 507) },
    },
  }, (request) => view(alerts.confirm(request.params.id, callerOf(request), request.body.breakGlass?.reason)))

  app.post('/v1/alerts/:id/approve', {
    config: { access: MAY_ACT },
    schema: { tags, summary: 'Confirm an alert as the second person', description: 'Another user or token, and another session, than have confirmed it. May be repeated.', params: IdParams, response: { 200: named(Alert), ...problems(401, 403, 404, 409, 507) } },
  }, (request) => view(alerts.approve(request.params.id, callerOf(request))))

  app.post('/v1/alerts/:id/refuse', {
    config: { access: MAY_ACT },
    schema: { tags, summary: 'Refuse an alert that is not on the air', params: IdParams, body: RefuseAlert, response: { 200: named(Alert), ...problems(400, 401, 403, 404, 409, 415, 422, 507) } },
  }, (request) => view(alerts.refuse(request.params.id, callerOf(request), request.body.reason ?? null)))

  app.post('/v1/alerts/:id/cancel', {
    config: { access: MAY_ACT },
    schema: {
      tags,
      summary: 'Cancel an alert',
      description: 'In one action: takes it off the air and says so on the same targets with the same weight, also to clusters that connect later, for at least an hour. One person is enough. `replacedBy` is the alert that says so. May be repeated.',
      params: IdParams,
      body: CancelAlert,
      response: { 200: named(Alert), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503, 507) },
    },
  }, async (request) => view(await alerts.cancel(request.params.id, request.body, callerOf(request))))

  app.post('/v1/alerts/:id/finish', {
    config: { access: MAY_ACT },
    schema: { tags, summary: 'End an alert that was right and has been said', description: 'Takes it off the air for good and says nothing about that, but of a live exercise or test that it was one. What was wrong is cancelled instead. One person is enough. May be repeated.', params: IdParams, response: { 200: named(Alert), ...problems(401, 403, 404, 409, 507) } },
  }, (request) => view(alerts.finish(request.params.id, callerOf(request))))

  app.post('/v1/alerts/:id/correct', {
    config: { access: MAY_ACT },
    schema: {
      tags,
      summary: 'Correct an alert',
      description: 'In one action: says something else in its place, on the same targets with the same weight, repeated as it was. One person is enough.',
      headers: CreateHeaders,
      params: IdParams,
      body: CorrectAlert,
      response: { 201: named(Alert), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503, 507) },
    },
  }, async (request, reply) => {
    const caller = callerOf(request)
    await creations.runSlow(request, reply, JSON.stringify(request.body), () => alerts.draftCorrection(request.params.id, request.body, caller), (draft) => {
      const { alert, after } = alerts.carryOut(draft, caller)
      return { status: 201, location: `/v1/alerts/${alert.id}`, body: view(alert), after }
    })
  })
}

const OPEN: ReadonlySet<string> = new Set(['prepared', 'awaiting-second', 'scheduled', 'on-air'])

function callerOf(request: FastifyRequest): AlertCaller {
  const { actorId, credentialId, userId, name, rights } = identityOf(request)
  return { kind: userId === null ? 'token' : 'person', actorId, credentialId, name, rights }
}

function requestOf({ startsAt, expiresAt, durationMs, ...body }: PrepareAlertBody): AlertRequest {
  return {
    ...body,
    ...(startsAt === undefined ? {} : { startsAtMs: readTime('startsAt', startsAt) }),
    ...(expiresAt === undefined ? {} : { expiresAtMs: readTime('expiresAt', expiresAt) }),
    ...(durationMs === undefined ? {} : { lifeMs: durationMs }),
  }
}

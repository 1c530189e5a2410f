import { Type } from 'typebox'
import { both, may, maySee, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, etagOf, sendEtag } from '../etag.ts'
import { at, mayAimed } from '../finders.ts'
import { newId } from '../ids.ts'
import { breachesView, findBreaches, itemSubject, passPolicies } from '../policy/policy-check.ts'
import { scheduleSheet } from '../list-sheets.ts'
import { ClusterIndex, reachingNow } from '../meant-clusters.ts'
import { notFound } from '../problem.ts'
import { Rights } from '../rights.ts'
import { addDays, isDay, isZone, localDay } from '../schedule/calendar.ts'
import { findCollisions, refuseCollisions, SEARCH_DAYS } from '../schedule/collision-search.ts'
import { findFrameCollisions } from '../schedule/frame-search.ts'
import { clusterDay, itemPlays, playsOfItems } from '../schedule/day-schedule.ts'
import { icalendar } from '../schedule/icalendar.ts'
import { DEFAULT_ZONE, itemBody, makeItem } from '../schedule/item-rules.ts'
import { lengthOf } from '../schedule/scheduled-order.ts'
import type { ScheduleItemRecord } from '../schedule/schedule-port.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeScheduleItem, CheckScheduleItem, ClusterDay, CollisionList, CreateScheduleItem, DayQuery, PlayQuery, ScheduledItemPage, ScheduledPlayQuery, ScheduleExportQuery, ScheduleItem, ScheduleItemPage, ScheduleItemQuery, SchedulePlays, type ScheduleItemBody } from '../schemas/schedule.ts'
import { concerns } from '../sight.ts'
import { SHEET_MEDIA, sendSheet } from '../spreadsheet/sheet-answer.ts'
import { parseTime } from '../time.ts'
import { invalid } from '../validation.ts'
import { scheduleItemView } from '../views.ts'

const tags = ['schedule']
const DAY_MS = 86_400_000
/** Days beyond have no name of four digits for the year. */
const LAST_PLANNED_MS = Date.parse('9999-12-30T00:00:00+07:00')

const MAY_SEE = maySee('schedule item')
const MAY_CHANGE = both(MAY_SEE, may('plan', at.scheduleItem, at.when('targets', at.targets), at.changedUnit('issuer')))
const MAY_CHECK = may('plan', at.bodyScheduleItem, at.when('targets', at.targets), at.changedUnit('issuer'))

/** Fields whose change moves nothing and gives nobody else less. */
const HARMLESS = new Set(['title', 'resume', 'missed', 'lateLimitMs'])

export function scheduleRoutes(app: ControlApp, context: Context): void {
  const { store, broadcast, clock, config, creations, scheduler } = context
  const view = (item: ScheduleItemRecord) => scheduleItemView(item, lengthOf(item, store.clips))
  const given = (id: string): ScheduleItemRecord => {
    const item = store.schedule.get(id)
    if (item === undefined) throw notFound('schedule item', id)
    return item
  }

  app.post('/v1/schedule-items', {
    config: { access: may('plan', at.targets, at.changedUnit('issuer')) },
    schema: { tags, summary: 'Plan something', description: 'When this answers, the orders of the coming 60 hours have been given. Refused when it meets another item, unless `acceptCollisions` is true.', headers: CreateHeaders, body: CreateScheduleItem, response: { 201: named(ScheduleItem), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { acceptCollisions = false, reason, ...body } = request.body
    const nowMs = clock.wallMs()
    const { actorId: by, rights } = identityOf(request)
    const made = makeItem(body, { id: newId('i', nowMs), nowMs, by, rights, store, config })
    refuseCollisions(findCollisions(made, true, context, nowMs), acceptCollisions)
    passPolicies(itemSubject(made, store, nowMs), { reason, by, rights }, store, nowMs)
    const item = store.schedule.insert(made)
    const orders = scheduler.changed(item)
    return { status: 201, location: `/v1/schedule-items/${item.id}`, etag: etagOf(item), body: view(item), after: () => { broadcast.ordersChanged(orders) } }
  }))

  app.post('/v1/schedule-items/check', {
    config: { access: MAY_CHECK },
    schema: { tags, summary: 'What an item would meet', description: 'Changes nothing. Each collision with another item comes with what would be heard, the ways out, and who may choose them; `frames` are those kept for another level.', body: CheckScheduleItem, response: { 200: named(CollisionList), ...problems(400, 401, 403, 404, 409, 413, 415, 422) } },
  }, (request) => {
    const { itemId, ...change } = request.body
    const nowMs = clock.wallMs()
    const before = itemId === undefined ? undefined : given(itemId)
    const body = before === undefined ? complete(change) : itemBody(before, change)
    const item = makeItem(body, { id: before?.id ?? newId('i', nowMs), nowMs, by: '', rights: identityOf(request).rights, store, config, ...(before === undefined ? {} : { before }) })
    return {
      collisions: [...findCollisions(item, before === undefined, context, nowMs)],
      frames: [...findFrameCollisions(item, before === undefined, identityOf(request).rights, store, nowMs)],
      breaches: breachesView(findBreaches(itemSubject(item, store, nowMs), store, nowMs)),
    }
  })

  app.get('/v1/schedule-items', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List the schedule', description: 'With rights at some units only, a page may be short, or empty, and still have a `nextCursor`.', querystring: ScheduleItemQuery, response: { 200: named(ScheduleItemPage), ...problems(400, 401) } },
  }, (request) => {
    const { items, next } = store.schedule.list(readPage('schedule', request.query), filterOf(request.query))
    return pageView('schedule', { items: items.filter((item) => concerns(item, identityOf(request).rights, context)), next }, view)
  })

  app.get('/v1/schedule-items/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The schedule as iCalendar or as a spreadsheet', description: 'RFC 5545; xlsx and CSV hold one row an item. What no rule can say (lunar days, holidays, single dates) is written out for two years.', querystring: ScheduleExportQuery, response: { 200: Type.Unsafe<unknown>({ description: 'the schedule', content: { 'text/calendar': { schema: Type.String() }, ...SHEET_MEDIA } }), ...problems(400, 401) } },
  }, (request, reply) => {
    const { query } = request
    if (query.format === 'xlsx' || query.format === 'csv') {
      return sendSheet(request, reply, scheduleSheet(store, (item) => lengthOf(item, store.clips)), (page) => {
        const { items, next } = store.schedule.list(page, filterOf(query))
        return { items: items.filter((item) => concerns(item, identityOf(request).rights, context)), next }
      })
    }
    const items: ScheduleItemRecord[] = []
    for (let after: number | null = null; ;) {
      const page = store.schedule.list({ after, limit: 1000 }, filterOf(query))
      items.push(...page.items.filter((item) => concerns(item, identityOf(request).rights, context)))
      if (page.next === null) break
      after = page.next
    }
    const text = icalendar(items, (item) => lengthOf(item, store.clips), clock.wallMs())
    return reply.type('text/calendar; charset=utf-8').header('Content-Disposition', 'attachment; filename="schedule.ics"').serializer((body: string) => body).send(text)
  })

  app.get('/v1/schedule-items/:id', {
    config: { access: MAY_SEE },
    schema: { tags, summary: 'Show a schedule item', params: IdParams, response: { 200: named(ScheduleItem), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const item = given(id)
    sendEtag(reply, item)
    return view(item)
  })

  app.get('/v1/schedule-items/:id/plays', {
    config: { access: MAY_SEE },
    schema: { tags, summary: 'What has become of its plays, and what is to come', params: IdParams, querystring: PlayQuery, response: { 200: named(SchedulePlays), ...problems(400, 401, 404) } },
  }, ({ params: { id }, query }) => {
    const item = given(id)
    return itemPlays(item, windowOf(query, clock.wallMs()), store)
  })

  app.get('/v1/schedule-plays', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'What is played when, of all items', description: 'A calendar: items that have plays within the time, with these. A page may be short, or empty, and still have a `nextCursor`.', querystring: ScheduledPlayQuery, response: { 200: named(ScheduledItemPage), ...problems(400, 401, 404) } },
  }, async (request) => {
    const { query } = request
    const { rights } = identityOf(request)
    const isWanted = plannedFor(query, rights, context)
    const { items, next } = store.schedule.list(readPage('plays', query), query.enabled === undefined ? {} : { enabled: query.enabled })
    const wanted = items.filter((item) => concerns(item, rights, context) && isWanted(item))
    const plays = await playsOfItems(wanted, windowOf(query, clock.wallMs()), store)
    return pageView('plays', { items: wanted.filter(({ id }) => plays.has(id)), next }, (item) => ({ item: view(item), mayPlan: mayAimed('plan', item, rights, context), plays: plays.get(item.id)! }))
  })

  app.patch('/v1/schedule-items/:id', {
    config: { access: MAY_CHANGE },
    schema: { tags, summary: 'Change a schedule item', description: 'Counts for all plays that have not begun; what is on the air is stopped as any order.', headers: ChangeHeaders, params: IdParams, body: ChangeScheduleItem, response: { 200: named(ScheduleItem), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body: { acceptCollisions = false, reason, ...change } } = request
    const nowMs = clock.wallMs()
    const { actorId: by, rights } = identityOf(request)
    const { item, orders } = store.transaction(() => {
      const before = given(id)
      checkMatch(request, before)
      const made = makeItem(itemBody(before, change), { id, nowMs, by, rights, store, config, before })
      if (!Object.keys(change).every((name) => HARMLESS.has(name))) {
        refuseCollisions(findCollisions(made, false, context, nowMs), acceptCollisions)
        passPolicies(itemSubject(made, store, nowMs), { reason, by, rights }, store, nowMs)
      }
      const kept = store.schedule.replace(made)!
      return { item: kept, orders: scheduler.changed(kept) }
    })
    broadcast.ordersChanged(orders)
    sendEtag(reply, item)
    return view(item)
  })

  app.delete('/v1/schedule-items/:id', {
    config: { access: both(MAY_SEE, may('plan', at.scheduleItem)) },
    schema: { tags, summary: 'Remove a schedule item', description: 'Plays that have not begun are withdrawn; what is on the air is stopped as any order.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const orders = store.transaction(() => {
      const item = given(request.params.id)
      checkMatch(request, item)
      const withdrawn = scheduler.removing(item)
      store.schedule.remove(item.id)
      return withdrawn
    })
    broadcast.ordersChanged(orders)
    void reply.status(204).send(null)
  })

  app.get('/v1/clusters/:id/schedule', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'A day of a cluster', description: 'What it plays on any day, by the same rules as what goes on air: orders that stand and those that the schedule will give; from yesterday on. Orders that were stopped are not shown.', params: IdParams, querystring: DayQuery, response: { 200: named(ClusterDay), ...problems(400, 401, 404) } },
  }, ({ params: { id }, query }) => {
    const cluster = store.clusters.get(id)
    if (cluster === undefined) throw notFound('cluster', id)
    const nowMs = clock.wallMs()
    const zone = query.zone ?? DEFAULT_ZONE
    if (!isZone(zone)) throw badQuery('zone', 'must be the name of a time zone', 'phải là tên múi giờ')
    const day = query.day ?? localDay(nowMs, zone)
    if (!isDay(day) || !isDay(addDays(day, 1))) throw badQuery('day', 'must be a day like 2026-06-18', 'phải có dạng 2026-06-18')
    // Of longer ago the air log tells what was really sent.
    if (day < addDays(localDay(nowMs, zone), -1)) throw badQuery('day', 'is past: see /v1/air-log', 'đã qua: xem /v1/air-log')
    return clusterDay(cluster, day, zone, nowMs, context)
  })
}

const badQuery = (path: string, message: string, messageVi: string) => invalid([{ path, message, messageVi }], 'LOA_ERR_BAD_REQUEST')

function timeOf(path: string, text: string): number {
  const ms = parseTime(text)
  if (ms === undefined) throw badQuery(path, 'must be an ISO 8601 time with zone', 'phải là thời gian ISO 8601 có múi giờ')
  return ms
}

/** @throws ApiError LOA_ERR_BAD_REQUEST for more than may be asked for at once */
function windowOf(query: { readonly from?: string; readonly to?: string }, nowMs: number): { readonly fromMs: number; readonly untilMs: number; readonly nowMs: number } {
  const fromMs = query.from === undefined ? nowMs : timeOf('from', query.from)
  const untilMs = Math.min(query.to === undefined ? fromMs + 7 * DAY_MS : timeOf('to', query.to), LAST_PLANNED_MS)
  if (untilMs <= fromMs || untilMs - fromMs > SEARCH_DAYS * DAY_MS) throw badQuery('to', `must lie after from, by ${String(SEARCH_DAYS)} days at most`, `phải sau from, tối đa ${String(SEARCH_DAYS)} ngày`)
  return { fromMs, untilMs, nowMs }
}

/**
 * Which items concern a unit, or mean a cluster.
 * @throws ApiError LOA_ERR_NOT_FOUND for one that the caller may not see
 */
function plannedFor({ unitId, clusterId }: { readonly unitId?: string; readonly clusterId?: string }, rights: Rights, context: Context): (item: ScheduleItemRecord) => boolean {
  const { store } = context
  if (unitId !== undefined && (store.units.get(unitId) === undefined || !rights.touches('view', unitId))) throw notFound('unit', unitId)
  const cluster = clusterId === undefined ? undefined : store.clusters.get(clusterId)
  if (clusterId !== undefined && (cluster === undefined || !rights.holds('view', cluster.unitId))) throw notFound('cluster', clusterId)
  const there = unitId === undefined ? undefined : new Rights([{ role: 'viewer', unitId }], (id) => store.units.ancestors(id))
  const reachable = cluster === undefined ? null : reachingNow(store)(cluster)
  const own = new ClusterIndex(reachable === null ? [] : [reachable])
  return (item) => (there === undefined || concerns(item, there, context)) && (clusterId === undefined || own.meansAny(item.targets))
}

/** A check of a new item needs what making one needs. */
function complete(body: Partial<ScheduleItemBody>): ScheduleItemBody {
  const { title, class: itemClass, targets, time } = body
  if (title === undefined || itemClass === undefined || targets === undefined || time === undefined) {
    const missing = (['title', 'class', 'targets', 'time'] as const).filter((name) => body[name] === undefined)
    throw invalid(missing.map((path) => ({ path, message: 'is missing', messageVi: 'bị thiếu' })))
  }
  return { ...body, title, class: itemClass, targets, time }
}

const filterOf = (query: { readonly enabled?: boolean; readonly asking?: boolean; readonly unitId?: string; readonly search?: string }) => ({
  ...(query.enabled === undefined ? {} : { enabled: query.enabled }),
  ...(query.asking === undefined ? {} : { asking: query.asking }),
  ...(query.unitId === undefined ? {} : { unitId: query.unitId }),
  ...(query.search === undefined ? {} : { search: query.search.normalize('NFC') }),
})

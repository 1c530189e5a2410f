import type { FastifyRequest } from 'fastify'
import { may, somewhere } from '../access.ts'
import type { TicketFilter, TicketRecord } from '../alarms/ticket-port.ts'
import { ticketCost, ticketFigures, ticketTimes } from '../alarms/ticket-figures.ts'
import { isFinished, moveTicket, openTicket } from '../alarms/ticket-rules.ts'
import { TICKET_COLUMNS, ticketHeadings, ticketRow } from '../alarms/ticket-sheet.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { ApiError, notFound, unknownIds } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeTicket, CreateTicket, Ticket, TicketEventList, TicketExportQuery, TicketFigures, TicketFiguresQuery, TicketPage, TicketQuery, type TicketView } from '../schemas/ticket.ts'
import { rowsOf, sendRows, sheetFile } from '../spreadsheet/sheet-answer.ts'
import { cleanText } from '../text.ts'
import { formatTime, readTime } from '../time.ts'
import { invalid } from '../validation.ts'

const tags = ['tickets']
/** Figures look at this many tickets at most. */
const MOST_COUNTED = 100_000

/** What is to be repaired, by whom, and how long it took. */
export function ticketRoutes(app: ControlApp, { store, clock, creations, broadcast }: Context): void {
  const view = (ticket: TicketRecord): TicketView => {
    const time = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))
    return {
      id: ticket.id,
      number: ticket.number,
      title: ticket.title,
      unitId: ticket.unitId,
      clusterId: ticket.clusterId,
      clusterState: ticket.clusterId === null ? null : (store.clusters.get(ticket.clusterId)?.state ?? null),
      alarmId: ticket.alarmId,
      severity: ticket.severity,
      state: ticket.state,
      assignee: ticket.assignee,
      parts: ticket.parts.map((part) => ({ ...part })),
      labourVnd: ticket.labourVnd,
      costVnd: ticketCost(ticket),
      openedAt: formatTime(ticket.openedAtMs),
      openedBy: ticket.openedBy,
      respondedAt: time(ticket.respondedAtMs),
      onSiteAt: time(ticket.onSiteAtMs),
      closedAt: time(ticket.closedAtMs),
      ...ticketTimes(ticket, clock.wallMs()),
    }
  }

  const found = (id: string): TicketRecord => {
    const ticket = store.tickets.get(id)
    if (ticket === undefined) throw notFound('ticket', id)
    return ticket
  }

  app.post('/v1/tickets', {
    config: { access: may('maintain', at.ticketPlace) },
    schema: { tags, summary: 'Open a ticket', description: 'For a cluster, or for a unit as a whole. With an `assignee` it is assigned at once.', headers: CreateHeaders, body: CreateTicket, response: { 201: named(Ticket), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { title, unitId, clusterId, alarmId, severity = 'warning', assignee = null, note } = request.body
    const { actorId, name } = identityOf(request)
    const cluster = clusterId === undefined ? undefined : store.clusters.get(clusterId)
    if (clusterId !== undefined && cluster === undefined) throw unknownIds([{ path: 'clusterId', noun: 'cluster', id: clusterId }])
    const place = cluster?.unitId ?? unitId
    if (place === undefined) throw invalid([{ path: 'unitId', message: 'is missing: a ticket is for a cluster or a unit', messageVi: 'bị thiếu: phiếu phải nêu cụm loa hoặc đơn vị' }])
    if (store.units.get(place) === undefined) throw unknownIds([{ path: 'unitId', noun: 'unit', id: place }])
    if (alarmId !== undefined && store.alarms.get(alarmId) === undefined) throw unknownIds([{ path: 'alarmId', noun: 'alarm', id: alarmId }])
    const ticket = openTicket({ title: cleanText('title', title), unitId: place, clusterId: clusterId ?? null, alarmId: alarmId ?? null, severity, assignee: assignee === null ? null : cleanText('assignee', assignee), openedBy: actorId }, name, note === undefined ? null : cleanNote(note), store, clock.wallMs())
    return { status: 201, location: `/v1/tickets/${ticket.id}`, body: view(ticket) }
  }))

  app.get('/v1/tickets', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List tickets', description: 'Newest first.', querystring: TicketQuery, response: { 200: named(TicketPage), ...problems(400, 401) } },
  }, (request) => pageView('tickets', store.tickets.list(readPage('tickets', request.query), filterOf(request)), view))

  app.get('/v1/tickets/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Tickets as a spreadsheet', description: 'Newest first.', querystring: TicketExportQuery, response: { 200: sheetFile('one row a ticket'), ...problems(400, 401) } },
  }, async (request, reply) => {
    const { format = 'xlsx', lang = 'vi' } = request.query
    const [filter, nowMs] = [filterOf(request), clock.wallMs()]
    const rows = rowsOf(ticketHeadings(lang), (page) => store.tickets.list(page, filter), (ticket) => ticketRow(ticket, store, lang, nowMs))
    return sendRows(reply, format, { name: 'tickets', title: lang === 'vi' ? 'Phiếu sửa chữa' : 'Tickets', columns: TICKET_COLUMNS }, rows)
  })

  app.get('/v1/ticket-figures', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How long repairs take', description: 'Mean and median, in all and by the unit where the ticket was opened.', querystring: TicketFiguresQuery, response: { 200: named(TicketFigures), ...problems(400, 401, 422) } },
  }, (request) => {
    const filter = filterOf(request)
    const { items, next } = store.tickets.list({ after: null, limit: MOST_COUNTED }, filter)
    if (next !== null) throw invalid([{ path: 'from', message: `more than ${String(MOST_COUNTED)} tickets: choose a shorter time`, messageVi: `quá ${String(MOST_COUNTED)} phiếu: hãy chọn khoảng ngắn hơn` }])
    const nowMs = clock.wallMs()
    const byUnit = [...Map.groupBy(items, ({ unitId }) => unitId)].map(([unitId, tickets]) => ({ unitId, ...ticketFigures(tickets, nowMs) }))
    return { from: formatTime(filter.fromMs!), to: formatTime(filter.toMs!), all: ticketFigures(items, nowMs), byUnit }
  })

  app.get('/v1/tickets/:id', {
    config: { access: may('view', at.ticket) },
    schema: { tags, summary: 'Show a ticket', params: IdParams, response: { 200: named(Ticket), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const ticket = found(id)
    sendEtag(reply, ticket)
    return view(ticket)
  })

  app.get('/v1/tickets/:id/events', {
    config: { access: may('view', at.ticket) },
    schema: { tags, summary: 'What was done and said', description: 'Oldest first.', params: IdParams, response: { 200: named(TicketEventList), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    found(id)
    return { items: store.tickets.events(id).map(({ atMs, by, name, state, note }) => ({ at: formatTime(atMs), by, name, state, note })) }
  })

  app.patch('/v1/tickets/:id', {
    config: { access: may('maintain', at.ticket) },
    schema: { tags, summary: 'Go on with a ticket', description: 'Another state, who is on it, what was used, a note: all are kept with their time.', headers: ChangeHeaders, params: IdParams, body: ChangeTicket, response: { 200: named(Ticket), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const { actorId, name } = identityOf(request)
    const { after, movedCluster } = store.transaction(() => {
      const before = found(id)
      checkMatch(request, before)
      const nowMs = clock.wallMs()
      const { title, severity, assignee, parts, labourVnd } = body
      // Who gets a ticket that is open has it from then on.
      const state = body.state ?? (assignee != null && before.state === 'open' ? 'assigned' : before.state)
      const moved = moveTicket(before, state, nowMs)
      const place = takeOutOfUse(moved, body.outOfUse)
      const changed: TicketRecord = {
        ...moved,
        clusterStateBefore: place.before,
        ...(title === undefined ? {} : { title: cleanText('title', title) }),
        ...(severity === undefined ? {} : { severity }),
        ...(assignee === undefined ? {} : { assignee: assignee === null ? null : cleanText('assignee', assignee) }),
        ...(parts === undefined ? {} : { parts: parts.map((part, index) => ({ ...part, name: cleanText(`parts[${String(index)}].name`, part.name) })) }),
        ...(labourVnd === undefined ? {} : { labourVnd }),
      }
      return { after: store.tickets.replace(changed, { atMs: nowMs, by: actorId, name, state, note: body.note === undefined ? null : cleanNote(body.note) }), movedCluster: place.isMoved ? before.clusterId : null }
    })
    if (movedCluster !== null) broadcast.clusterChanged(movedCluster)
    sendEtag(reply, after)
    return view(after)
  })

  /** While somebody repairs a cluster nothing sounds beside him but what names it; a ticket that is closed puts it back, unless somebody else has changed it since. */
  function takeOutOfUse(ticket: TicketRecord, wanted: boolean | undefined): { readonly before: TicketRecord['clusterStateBefore']; readonly isMoved: boolean } {
    const { clusterId, clusterStateBefore: before } = ticket
    const cluster = clusterId === null ? undefined : store.clusters.get(clusterId)
    if (wanted === true && cluster === undefined) throw new ApiError('LOA_ERR_INVALID', 'outOfUse: the ticket is about no cluster', 'outOfUse: phiếu không nêu cụm loa', { errors: [{ path: 'outOfUse', message: 'the ticket is about no cluster', messageVi: 'phiếu không nêu cụm loa' }] })
    const isOut = isFinished(ticket.state) ? false : (wanted ?? before !== null)
    if (cluster === undefined || isOut === (before !== null)) return { before, isMoved: false }
    if (isOut) {
      if (cluster.state !== 'repair') store.clusters.update(cluster.id, { state: 'repair' })
      return { before: cluster.state, isMoved: true }
    }
    const isOurs = cluster.state === 'repair'
    if (isOurs) store.clusters.update(cluster.id, { state: before! })
    return { before: null, isMoved: isOurs }
  }
}

const cleanNote = (note: string): string => note.normalize('NFC').trim()

interface Filters {
  readonly unitId?: string
  readonly clusterId?: string
  readonly alarmId?: string
  readonly state?: TicketFilter['state']
  readonly assignee?: string
  readonly from?: string
  readonly to?: string
}

function filterOf(request: FastifyRequest): TicketFilter {
  const { unitId, clusterId, alarmId, state, assignee, from, to } = request.query as Filters
  return {
    within: identityOf(request).rights.roots('view'),
    ...(unitId === undefined ? {} : { unitId }),
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(alarmId === undefined ? {} : { alarmId }),
    ...(state === undefined ? {} : { state }),
    ...(assignee === undefined ? {} : { assignee: assignee.normalize('NFC') }),
    ...(from === undefined ? {} : { fromMs: readTime('from', from, 'LOA_ERR_BAD_REQUEST') }),
    ...(to === undefined ? {} : { toMs: readTime('to', to, 'LOA_ERR_BAD_REQUEST') }),
  }
}

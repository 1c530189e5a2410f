import { Readable } from 'node:stream'
import type { Static } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import { askedLanguage, sendLanguage } from '../language.ts'
import type { ClusterReport } from '../monitoring/state-board.ts'
import { sumOfCounts } from '../monitoring/state-tally.ts'
import { figuresOf } from '../monitoring/measurement-cells.ts'
import { MOST_MEASURED_MS } from '../monitoring/measurement-desk.ts'
import { measurementHeadings, measurementRow } from '../monitoring/measurement-sheet.ts'
import { stateHistory } from '../monitoring/state-history.ts'
import { clusterStateView, stateCountsView } from '../monitoring/state-views.ts'
import { notFound } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { ClusterState, ClusterStatePage, ClusterStateQuery, MeasurementExportQuery, MeasurementQuery, Measurements, StateCounts, StateHistory, StateHistoryQuery, UnitState, type ClusterStateView, type MeasurementsView, type StateCountsView, type StateHistoryView, type UnitStateView } from '../schemas/monitoring.ts'
import { sendRows, sheetFile } from '../spreadsheet/sheet-answer.ts'
import { formatTime, readTime } from '../time.ts'
import { invalid } from '../validation.ts'

const tags = ['monitoring']
const DAY_MS = 86_400_000
const MOST_HISTORY_MS = 31 * DAY_MS

/** How clusters work now. Answered from the board: nothing is looked up. */
export function monitoringRoutes(app: ControlApp, { store, broadcast, clock, monitor: { board, availability, measurements } }: Context): void {
  const view = (report: ClusterReport): ClusterStateView => clusterStateView(report, broadcast.onAir(report.clusterId), broadcast.speaker(report.clusterId))

  const measured = async (id: string, { stepMs: leastStepMs, ...query }: Static<typeof MeasurementQuery>) => {
    const report = board.report(id)
    if (report === undefined) throw notFound('cluster', id)
    const span = readSpan(query, clock.wallMs(), MOST_MEASURED_MS)
    return { ...span, ...await measurements.history(report.number, availability.dayOf(span.fromMs).fromMs, span.fromMs, span.untilMs, clock.wallMs(), leastStepMs) }
  }

  app.get('/v1/clusters/:id/state', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'How a cluster works now', params: IdParams, response: { 200: named(ClusterState), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    const report = board.report(id)
    if (report === undefined) throw notFound('cluster', id)
    return view(report)
  })

  app.get('/v1/clusters/:id/state-history', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'How a cluster has worked', description: 'From the log of each change of state, kept for `stateLogKeepDays`; at most 31 days at once.', params: IdParams, querystring: StateHistoryQuery, response: { 200: named(StateHistory), ...problems(400, 401, 404) } },
  }, async ({ params: { id }, query }): Promise<StateHistoryView> => {
    const report = board.report(id)
    if (report === undefined) throw notFound('cluster', id)
    const { fromMs, untilMs } = readSpan(query, clock.wallMs(), MOST_HISTORY_MS)
    const spans = await stateHistory(store, availability, report.number, fromMs, untilMs)
    return {
      clusterId: id,
      from: formatTime(fromMs),
      to: formatTime(Math.max(fromMs, Math.min(untilMs, availability.knownMs))),
      items: spans.map((span) => ({ state: span.state, onAir: span.isOnAir, from: formatTime(span.fromMs), to: formatTime(span.untilMs) })),
    }
  })

  app.get('/v1/clusters/:id/measurements', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'What the device of a cluster has measured', description: 'Signal, step, volume and temperature as native clients say them, by steps as short as are kept and make at most about 600: by five minutes for `measurementKeepDays`, by the hour for `measurementHoursKeepDays`; at most 600 days at once. Clusters that listen over HTTP or RTP say nothing of themselves, and have no items.', params: IdParams, querystring: MeasurementQuery, response: { 200: named(Measurements), ...problems(400, 401, 404) } },
  }, async ({ params: { id }, query }): Promise<MeasurementsView> => {
    const { fromMs, untilMs, stepMs, points } = await measured(id, query)
    return {
      clusterId: id,
      from: formatTime(fromMs),
      to: formatTime(untilMs),
      stepMs,
      items: points.map((point) => ({ at: formatTime(point.fromMs), reports: point.cell.reports, ...figuresOf(point.cell) })),
    }
  })

  app.get('/v1/clusters/:id/measurements/export', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'The same as a spreadsheet', description: 'One row a step in which the device said something.', params: IdParams, querystring: MeasurementExportQuery, response: { 200: sheetFile('one row a step'), ...problems(400, 401, 404) } },
  }, async (request, reply) => {
    const { params: { id }, query: { format = 'xlsx', lang = askedLanguage(request), ...query } } = request
    const { points } = await measured(id, query)
    sendLanguage(reply, lang)
    const headings = measurementHeadings(lang)
    const { code } = store.clusters.get(id)!
    return sendRows(reply, format, { name: `measurements-${code.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`, title: lang === 'vi' ? 'Số đo' : 'Measurements', columns: headings.length }, Readable.from([[headings, ...points.map(measurementRow)]]))
  })

  app.get('/v1/cluster-states', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How clusters work now', description: 'Oldest clusters first. Changes come as events of type `state`.', querystring: ClusterStateQuery, response: { 200: named(ClusterStatePage), ...problems(400, 401) } },
  }, (request) => {
    const { after, limit } = readPage('states', request.query)
    const reports = [...board.reports({ ...request.query, within: identityOf(request).rights.roots('view') })]
      .filter(({ number }) => number > (after ?? 0))
      .sort((a, b) => a.number - b.number)
    const shown = reports.slice(0, limit)
    return pageView('states', { items: shown, next: reports.length > limit ? shown.at(-1)!.number : null }, view)
  })

  app.get('/v1/cluster-states/counts', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How many clusters are in each state', description: 'Of all that the caller may see.', response: { 200: named(StateCounts), ...problems(401) } },
  }, (request): StateCountsView => stateCountsView(sumOfCounts(topmost(identityOf(request).rights, (id) => store.units.ancestors(id)).map((unitId) => board.counts(unitId)))))

  app.get('/v1/units/:id/state', {
    config: { access: may('view', at.unit) },
    schema: { tags, summary: 'How many clusters of a unit are in each state', description: 'With everything below it.', params: IdParams, response: { 200: named(UnitState), ...problems(401, 404) } },
  }, ({ params: { id } }): UnitStateView => {
    if (store.units.get(id) === undefined) throw notFound('unit', id)
    const children = store.units.childrenOf(id).map((unitId) => {
      const { code, name } = store.units.get(unitId)!
      const { total, online, onAir, byState } = board.counts(unitId)
      return { unitId, code, name, total, online, onAir, byState: { ...byState } }
    })
    return { unitId: id, ...stateCountsView(board.counts(id)), children }
  })
}

/** Units with which all that somebody sees is counted once; null: everything. */
function topmost(rights: Rights, ancestors: (unitId: string) => readonly string[]): readonly (string | null)[] {
  const roots = rights.roots('view')
  return roots === null ? [null] : roots.filter((id) => !ancestors(id).slice(1).some((above) => roots.includes(above)))
}

/** @throws ApiError LOA_ERR_BAD_REQUEST */
function readSpan({ from, to }: { readonly from?: string; readonly to?: string }, nowMs: number, mostMs: number): { readonly fromMs: number; readonly untilMs: number } {
  const untilMs = to === undefined ? nowMs : readTime('to', to, 'LOA_ERR_BAD_REQUEST')
  const fromMs = from === undefined ? untilMs - DAY_MS : readTime('from', from, 'LOA_ERR_BAD_REQUEST')
  if (fromMs > untilMs) throw invalid([{ path: 'from', message: 'is after to', messageVi: 'sau thời điểm kết thúc' }], 'LOA_ERR_BAD_REQUEST')
  const mostDays = String(mostMs / DAY_MS)
  if (untilMs - fromMs > mostMs) throw invalid([{ path: 'from', message: `at most ${mostDays} days`, messageVi: `tối đa ${mostDays} ngày` }], 'LOA_ERR_BAD_REQUEST')
  return { fromMs, untilMs }
}

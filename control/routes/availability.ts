import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { figuresOf } from '../monitoring/availability.ts'
import { availabilityReport, type AvailabilityQuery, type AvailabilityRow, type Period } from '../monitoring/availability-report.ts'
import { availabilityHeadings, availabilityLine } from '../monitoring/availability-sheet.ts'
import { notFound } from '../problem.ts'
import { addDays, isDay, type Day } from '../schedule/calendar.ts'
import { AvailabilityExportQuery, AvailabilityPage, AvailabilityQueryParams, type AvailabilityView } from '../schemas/availability.ts'
import { named, problems } from '../schemas/common.ts'
import { rowsOf, sendRows, sheetFile } from '../spreadsheet/sheet-answer.ts'
import { invalid } from '../validation.ts'

const tags = ['monitoring']

const MOST_DAYS = 3660
/** Of what is asked for by cluster: of ten thousand clusters these are some hundred thousand rows. */
const MOST_PERIODS_BY_CLUSTER = 31
const MOST_EXPORTED = 100_000
const DESCRIPTION = 'From a log of each change of state, by the days of the zone of the server. Every ms of a cluster counts once: connected, lost, unknown (the server did not see it), never connected, or out of use. Units are those of each day: a cluster counts for the unit to which it belonged at the day\'s end. The present day counts up to some seconds ago.'

type Params = Omit<Static<typeof AvailabilityQueryParams>, 'limit' | 'cursor'>

/** How long clusters were connected, and whether they sounded when they should, in days, months and years. */
export function availabilityRoutes(app: ControlApp, { store, monitor: { availability: desk } }: Context): void {
  const report = async (request: FastifyRequest, params: Params): Promise<readonly AvailabilityRow[]> => {
    const { rights } = identityOf(request)
    const { unit = null, cluster = null } = params
    if (unit !== null && (store.units.get(unit) === undefined || !rights.holds('view', unit))) throw notFound('unit', unit)
    const clusterUnit = cluster === null ? null : store.clusters.get(cluster)?.unitId
    if (cluster !== null && (clusterUnit === undefined || !rights.holds('view', clusterUnit))) throw notFound('cluster', cluster)
    return availabilityReport(store, desk, { unitId: unit, clusterId: cluster, within: rights.roots('view'), ...readSpan(params, desk.today.day) })
  }

  const view = (row: AvailabilityRow, isCluster: boolean): AvailabilityView => {
    const thing = row.key === null ? undefined : isCluster ? store.clusters.get(row.key) : store.units.get(row.key)
    return {
      period: row.period, from: row.from, to: row.to, unitId: isCluster ? null : row.key, clusterId: isCluster ? row.key : null, code: thing?.code ?? null, name: thing?.name ?? null,
      clusters: row.clusters, ...figuresOf(row.amounts),
    }
  }
  const isOfClusters = ({ by, cluster }: Params): boolean => by === 'cluster' || cluster !== undefined

  app.get('/v1/availability', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How long clusters were connected and sounded', description: DESCRIPTION, querystring: AvailabilityQueryParams, response: { 200: named(AvailabilityPage), ...problems(400, 401, 404) } },
  }, async (request) => {
    const page = readPage('availability', request.query)
    return pageView('availability', pageOfRows(await report(request, request.query), page), (row) => view(row, isOfClusters(request.query)))
  })

  app.get('/v1/availability/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The same as a spreadsheet', description: `Minutes and per cent. ${DESCRIPTION}`, querystring: AvailabilityExportQuery, response: { 200: sheetFile('one row a period and unit or cluster'), ...problems(400, 401, 404) } },
  }, async (request, reply) => {
    const { format = 'xlsx', lang = 'vi', ...params } = request.query
    const rows = await report(request, params)
    if (rows.length > MOST_EXPORTED) throw bad('by', `would be ${String(rows.length)} rows, at most ${String(MOST_EXPORTED)} are exported`, `có ${String(rows.length)} dòng, chỉ xuất tối đa ${String(MOST_EXPORTED)}`)
    const headings = availabilityHeadings(lang)
    const lines = rowsOf(headings, (page) => pageOfRows(rows, page), (row) => availabilityLine(view(row, isOfClusters(params))))
    return sendRows(reply, format, { name: 'availability', title: lang === 'vi' ? 'Tỷ lệ sẵn sàng' : 'Availability', columns: headings.length }, lines)
  })
}

function pageOfRows(rows: readonly AvailabilityRow[], { after, limit }: { readonly after: number | null; readonly limit: number }): { readonly items: readonly AvailabilityRow[]; readonly next: number | null } {
  const from = after ?? 0
  return { items: rows.slice(from, from + limit), next: from + limit < rows.length ? from + limit : null }
}

/** @throws ApiError LOA_ERR_BAD_REQUEST */
function readSpan(params: Params, today: Day): Pick<AvailabilityQuery, 'by' | 'period' | 'from' | 'to'> {
  const { unit, cluster, by = 'total', period = 'day' } = params
  if (unit !== undefined && cluster !== undefined) throw bad('cluster', 'cannot stand beside unit', 'không dùng cùng unit')
  const to = readDay('to', params.to ?? today)
  const from = readDay('from', params.from ?? beginOf(period, to))
  if (from > to) throw bad('from', 'is after to', 'sau ngày kết thúc')
  if (addDays(from, MOST_DAYS) <= to) throw bad('from', `at most ${String(MOST_DAYS)} days`, `tối đa ${String(MOST_DAYS)} ngày`)
  if (by === 'cluster' && periodsIn(period, from, to) > MOST_PERIODS_BY_CLUSTER) throw bad('by', `by cluster at most ${String(MOST_PERIODS_BY_CLUSTER)} periods`, `theo cụm loa chỉ tối đa ${String(MOST_PERIODS_BY_CLUSTER)} kỳ`)
  return { by, period, from, to }
}

function readDay(path: string, day: string): Day {
  if (!isDay(day)) throw bad(path, 'is not a day', 'không phải ngày hợp lệ')
  return day
}

const bad = (path: string, message: string, messageVi: string) => invalid([{ path, message, messageVi }], 'LOA_ERR_BAD_REQUEST')

function beginOf(period: Period, day: Day): Day {
  switch (period) {
    case 'day':
      return `${day.slice(0, 7)}-01`
    case 'month':
      return `${day.slice(0, 4)}-01-01`
    case 'year':
      return addDays(day, -MOST_DAYS + 1)
  }
}

function periodsIn(period: Period, from: Day, to: Day): number {
  const months = (day: Day): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7))
  switch (period) {
    case 'day':
      return (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1
    case 'month':
      return months(to) - months(from) + 1
    case 'year':
      return Number(to.slice(0, 4)) - Number(from.slice(0, 4)) + 1
  }
}

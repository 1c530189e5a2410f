import { setImmediate as nextTurn } from 'node:timers/promises'
import { Type } from 'typebox'
import { maySee } from '../access.ts'
import { alertState } from '../alerts/alert-state.ts'
import type { Context, ControlApp } from '../context.ts'
import type { AlertRecord, OrderRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { contactsIn } from '../proof/contacts.ts'
import { localTime } from '../proof/report-files.ts'
import { countsOfReports, readAccount, unionOf, type AccountState, type OrderAccount, type SeesUnit } from '../proof/report-reader.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { AlertReport, ProofBoard, ProofQuery, ReportExportQuery, type AlertReportView, type ProofBoardView } from '../schemas/report.ts'
import { SHEET_MEDIA } from '../spreadsheet/sheet-answer.ts'
import { formatTime } from '../time.ts'
import { boardOf, DEFAULT_RED, seenUnits, sendReport } from './reports.ts'

const tags = ['reports']
const NOT_OVER: ReadonlySet<string> = new Set(['prepared', 'awaiting-second', 'scheduled', 'on-air'])

/** How alerts went: their orders, put together. Each order's report is closed and chained by itself. */
export function alertReportRoutes(app: ControlApp, { store, broadcast, clock }: Context): void {
  const read = async (id: string, sees: SeesUnit | null): Promise<AlertReportView> => {
    const alert = store.alerts.get(id)
    if (alert === undefined) throw notFound('alert', id)
    const nowMs = clock.wallMs()
    const accounts: { readonly order: OrderRecord; readonly account: OrderAccount }[] = []
    for (const order of store.orders.ofAlert(id).toSorted((a, b) => a.startsAtMs - b.startsAtMs)) {
      accounts.push({ order, account: await readAccount(order, { store, broadcast }, sees, nowMs) })
      await nextTurn()
    }
    const clusters = unionOf(accounts.flatMap(({ account }) => account.report ?? []))
    return {
      alertId: id,
      title: alert.title,
      at: formatTime(nowMs),
      state: stateOf(alert, accounts.map(({ account }) => account.state), nowMs),
      orders: accounts.map(({ order, account: { state, entry } }) => ({ orderId: order.id, startsAt: formatTime(order.startsAtMs), endsAt: formatTime(order.endsAtMs), state, entry })),
      counts: countsOfReports(clusters),
      clusters,
      appendices: accounts.flatMap(({ account }) => account.appendices),
    }
  }

  app.get('/v1/alerts/:id/proof', {
    config: { access: maySee('alert') },
    schema: { tags, summary: 'How far an alert has come, now', description: 'At most a second old; changes are told as `proof` events of its orders.', params: IdParams, querystring: ProofQuery, response: { 200: named(ProofBoard), ...problems(400, 401, 404) } },
  }, async (request): Promise<ProofBoardView> => {
    const { alertId, at, state, clusters } = await read(request.params.id, seenUnits(request))
    return { id: alertId, at, state, ...boardOf(clusters, request.query.limit ?? DEFAULT_RED, contactsIn(store)) }
  })

  app.get('/v1/alerts/:id/report', {
    config: { access: maySee('alert') },
    schema: { tags, summary: 'How an alert went, cluster by cluster', description: 'Of all the orders that it gave: first times, all that sounded. Of clusters in other units nothing is shown.', params: IdParams, response: { 200: named(AlertReport), ...problems(401, 404) } },
  }, async (request) => read(request.params.id, seenUnits(request)))

  app.get('/v1/alerts/:id/report/export', {
    config: { access: maySee('alert') },
    schema: {
      tags,
      summary: 'The report of an alert as a file',
      description: 'HTML is for printing, in Vietnamese, without scripts; it names the SHA-256 of every document that it is made of.',
      params: IdParams,
      querystring: ReportExportQuery,
      response: { 200: Type.Unsafe<unknown>({ description: 'the report', content: { 'application/json': { schema: named(AlertReport) }, 'text/html': { schema: Type.String() }, ...SHEET_MEDIA } }), ...problems(400, 401, 404) },
    },
  }, async (request, reply) => {
    const { format = 'html' } = request.query
    const report = await read(request.params.id, seenUnits(request))
    void reply.header('Content-Disposition', `${format === 'html' ? 'inline' : 'attachment'}; filename="alert-report.${format}"`)
    if (format === 'json') return reply.type('application/json; charset=utf-8').send(report)
    const { title, at, state, orders, counts, clusters, appendices } = report
    return sendReport(reply, format, 'alert-report', {
      title: `Báo cáo cảnh báo: ${title}`,
      facts: [
        ['Số liệu lúc', localTime(at)],
        ['Trạng thái', state === 'closed' ? 'Đã đóng' : 'Chưa đóng'],
        ...orders.map(({ startsAt, endsAt }, index) => [`Lần phát ${String(index + 1)}`, `${localTime(startsAt)} – ${localTime(endsAt)}`] as const),
      ],
      counts,
      clusters,
      appendices: appendices.map(({ appendix }) => appendix),
      sha256: [...orders.flatMap(({ entry }) => entry?.sha256 ?? []), ...appendices.map(({ entry }) => entry.sha256)],
    })
  })
}

function stateOf(alert: AlertRecord, orders: readonly AccountState[], nowMs: number): AccountState {
  if (orders.every((state) => state === 'waiting' || state === 'none')) return NOT_OVER.has(alertState(alert, nowMs)) ? 'waiting' : 'none'
  return NOT_OVER.has(alertState(alert, nowMs)) || orders.some((state) => state === 'running' || state === 'waiting') ? 'running' : 'closed'
}

import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { everywhere, maySee } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import type { Logged, OrderRecord, ReportRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { contactsIn, type ContactOf } from '../proof/contacts.ts'
import { countsOf, isRed, outcomeOf } from '../proof/proof.ts'
import { localTime, REPORT_COLUMNS, REPORT_POLICY, reportHtml, reportRows, type ReportSheet } from '../proof/report-files.ts'
import { accountJson, accountState, countsOfReports, documentOf, readAccount, type OrderAccount, type SeesUnit } from '../proof/report-reader.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { OrderReport, ProofBoard, ProofQuery, ReportAnswer, ReportExportQuery, ReportListQuery, ReportPage, type ClusterReportView, type ProofBoardView, type ReportAnswerView } from '../schemas/report.ts'
import { SHEET_MEDIA, sendRows } from '../spreadsheet/sheet-answer.ts'
import { formatTime } from '../time.ts'

const tags = ['reports']
export const DEFAULT_RED = 1000
const CLASS_WORDS: Readonly<Record<OrderRecord['class'], string>> = { emergency: 'Khẩn cấp', priority: 'Ưu tiên', normal: 'Thông thường' }

/** How orders went: live, and as reports that nobody can change. */
export function reportRoutes(app: ControlApp, { store, broadcast, clock }: Context): void {
  const look = { store, broadcast }
  const orderOf = (id: string): OrderRecord => {
    const order = store.orders.get(id)
    if (order === undefined) throw notFound('order', id)
    return order
  }

  app.get('/v1/orders/:id/proof', {
    config: { access: maySee('order') },
    schema: { tags, summary: 'How far an order has come, now', description: 'At most a second old. Changes are told as `proof` events.', params: IdParams, querystring: ProofQuery, response: { 200: named(ProofBoard), ...problems(400, 401, 404) } },
  }, async (request): Promise<ProofBoardView> => {
    const order = orderOf(request.params.id)
    const sees = seenUnits(request)
    const nowMs = clock.wallMs()
    const most = request.query.limit ?? DEFAULT_RED
    const running = broadcast.proof(order.id)
    const head = { id: order.id, at: formatTime(nowMs), state: accountState(order, look, nowMs) }
    if (running === null) {
      const { report } = await readAccount(order, look, sees, nowMs)
      return { ...head, ...boardOf(report?.clusters ?? [], most, contactsIn(store)) }
    }
    const clusters = sees === null ? running.clusters : running.clusters.filter(({ unitId }) => sees(unitId))
    const contactOf = contactsIn(store)
    const red = clusters.filter((proof) => isRed(outcomeOf(proof)))
    return {
      ...head,
      counts: countsOf(clusters),
      red: red.slice(0, most).map((proof) => ({ clusterId: proof.clusterId, code: proof.code, name: proof.name, unitId: proof.unitId, sim: proof.sim, outcome: outcomeOf(proof), awaySince: proof.awaySinceMs === null ? null : formatTime(proof.awaySinceMs), contact: contactOf(proof.clusterId, proof.unitId) })),
      redLeftOut: Math.max(0, red.length - most),
    }
  })

  app.get('/v1/orders/:id/report', {
    config: { access: maySee('order') },
    schema: { tags, summary: 'How an order went, cluster by cluster', description: 'Closed within 10 s of its end and then never changed; what devices that were away tell later stands in appendices with their own times. Of clusters in other units nothing is shown.', params: IdParams, response: { 200: named(ReportAnswer), ...problems(401, 404) } },
  }, async (request, reply) => {
    const order = orderOf(request.params.id)
    const sees = seenUnits(request)
    const json = sees === null ? await accountJson(order, look) : null
    if (json === null) return readAccount(order, look, sees, clock.wallMs())
    // A text is sent as it is: it is the JSON of what the schema says.
    return reply.type('application/json; charset=utf-8').send(json as unknown as ReportAnswerView)
  })

  app.get('/v1/orders/:id/report/export', {
    config: { access: maySee('order') },
    schema: {
      tags,
      summary: 'The report of an order as a file',
      description: 'HTML is for printing, in Vietnamese, without scripts. Who may see all clusters gets as JSON the very document that was hashed, with its digest in `Repr-Digest` (RFC 9530).',
      params: IdParams,
      querystring: ReportExportQuery,
      response: { 200: Type.Unsafe<unknown>({ description: 'the report', content: { 'application/json': { schema: named(OrderReport) }, 'text/html': { schema: Type.String() }, ...SHEET_MEDIA } }), ...problems(400, 401, 404) },
    },
  }, async (request, reply) => {
    const order = orderOf(request.params.id)
    const { format = 'html' } = request.query
    const sees = seenUnits(request)
    const [entry] = store.proofs.ofOrder(order.id)
    const name = `report-${String(order.number)}`
    void reply.header('Content-Disposition', `${format === 'html' ? 'inline' : 'attachment'}; filename="${name}.${format}"`)
    if (format === 'json' && sees === null && entry?.kind === 'report') {
      return reply.type('application/json; charset=utf-8').header('Repr-Digest', `sha-256=:${Buffer.from(entry.sha256, 'hex').toString('base64')}:`).send(await documentOf(entry, look))
    }
    const account = await readAccount(order, look, sees, clock.wallMs())
    if (account.report === null) throw notFound('report', order.id)
    if (format === 'json') return reply.type('application/json; charset=utf-8').send(account.report)
    return sendReport(reply, format, name, sheetOf(account, account.report))
  })

  app.get('/v1/reports', {
    config: { access: everywhere('view') },
    schema: { tags, summary: 'The chain of reports', description: 'Oldest first: reports and appendices with the SHA-256 of each document. Checkpoints sign it with the logs.', querystring: ReportListQuery, response: { 200: named(ReportPage), ...problems(400, 401, 403) } },
  }, ({ query }) => pageView('reports', store.proofs.list(readPage('reports', query)), ({ seq, atMs, kind, orderId, sha256, bytes, hash }: Logged<ReportRecord>) => ({ seq, at: formatTime(atMs), kind, orderId, sha256, bytes, hash })))
}

/** What a board says of clusters in the form of reports. @param most of the red list @param contactOf who can be called */
export function boardOf(clusters: readonly ClusterReportView[], most: number, contactOf: ContactOf): Pick<ProofBoardView, 'counts' | 'red' | 'redLeftOut'> {
  const red = clusters.filter(({ outcome }) => isRed(outcome))
  return { counts: countsOfReports(clusters), red: red.slice(0, most).map(({ clusterId, code, name, unitId, sim, outcome, awaySince }) => ({ clusterId, code, name, unitId, sim, outcome, awaySince, contact: contactOf(clusterId, unitId) })), redLeftOut: Math.max(0, red.length - most) }
}

/** Null: the caller sees every unit. */
export function seenUnits(request: FastifyRequest): SeesUnit | null {
  const { rights } = identityOf(request)
  return rights.roots('view') === null ? null : (unitId) => rights.holds('view', unitId)
}

/** A report as a file. @param name of the file, without its ending */
export async function sendReport(reply: FastifyReply, format: 'csv' | 'xlsx' | 'html', name: string, sheet: ReportSheet): Promise<FastifyReply> {
  if (format === 'html') return reply.type('text/html; charset=utf-8').header('Content-Security-Policy', REPORT_POLICY).send(Readable.from(reportHtml(sheet)))
  return sendRows(reply, format, { name, title: 'Báo cáo', columns: REPORT_COLUMNS }, reportRows(sheet))
}

function sheetOf({ state, entry, appendices }: OrderAccount, report: NonNullable<OrderAccount['report']>): ReportSheet {
  return {
    title: `Báo cáo lệnh phát số ${String(report.number)}: ${report.title}`,
    facts: [
      ['Mức độ', CLASS_WORDS[report.class]],
      ['Đơn vị ra lệnh', report.issuerName],
      ['Ra lệnh lúc', localTime(report.createdAt)],
      ['Bắt đầu', localTime(report.startsAt)],
      ['Kết thúc theo lệnh', localTime(report.endsAt)],
      ['Dừng lúc', localTime(report.stoppedAt)],
      [state === 'closed' ? 'Đóng báo cáo lúc' : 'Số liệu lúc', localTime(report.closedAt)],
      ...(report.complete ? [] : [['Lưu ý', 'Quá nhiều lệnh cùng lúc: không theo dõi được mọi cụm loa'] as const]),
      ...appendices.map(({ entry: { at } }, index) => [`Bổ sung ${String(index + 1)} lúc`, localTime(at)] as const),
    ],
    counts: report.counts,
    clusters: report.clusters,
    appendices: appendices.map(({ appendix }) => appendix),
    sha256: entry === null ? [] : [entry.sha256, ...appendices.map((each) => each.entry.sha256)],
  }
}

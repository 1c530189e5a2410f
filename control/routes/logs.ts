import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { everywhere, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { sendExport } from '../log-export.ts'
import type { AirFilter, AirRecord, AuditFilter, AuditRecord, CheckpointRecord, Logged, Page } from '../ports.ts'
import { named, problems } from '../schemas/common.ts'
import { AirExportQuery, AirLogEntry, AirLogPage, AirLogQuery, AuditEntry, AuditExportQuery, AuditLogPage, AuditLogQuery, LogCheckpointPage, PlainPageQuery, type AirLogEntryView, type AuditEntryView, type LogCheckpointView } from '../schemas/log.ts'
import { formatTime, readTime } from '../time.ts'
import { airView } from '../log-views.ts'

const tags = ['logs']
const AUDIT_COLUMNS = Object.keys(AuditEntry.properties) as (keyof AuditEntryView)[]
const AIR_COLUMNS = Object.keys(AirLogEntry.properties) as (keyof AirLogEntryView)[]
const SHORT = 'Oldest first. A page may be short, or empty, and still have a `nextCursor`: the log is looked through in pieces.'
const FILES = { 'application/x-ndjson': { schema: Type.String() }, 'text/csv': { schema: Type.String() } }

export function logRoutes(app: ControlApp, { store }: Context): void {
  app.get('/v1/audit-log', {
    config: { access: everywhere('audit') },
    schema: { tags, summary: 'Who asked for what', description: SHORT, querystring: AuditLogQuery, response: { 200: named(AuditLogPage), ...problems(400, 401, 403) } },
  }, ({ query }) => pageView('audit', store.auditLog.list(readPage('audit', query), auditFilter(query, store)), auditView))

  app.get('/v1/audit-log/export', {
    config: { access: everywhere('audit') },
    schema: { tags, summary: 'The audit log as a file', querystring: AuditExportQuery, response: { 200: Type.Unsafe<unknown>({ description: 'one line an entry', content: FILES }), ...problems(400, 401, 403) } },
  }, ({ query }, reply) => {
    const filter = auditFilter(query, store)
    return sendExport(reply, 'audit-log', query.format ?? 'ndjson', AUDIT_COLUMNS, (page) => store.auditLog.list(page, filter), auditView)
  })

  app.get('/v1/air-log', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'What was sent where', description: `${SHORT} With a time: the runs that overlap it, of which those longer than some ten thousand entries of the log may be missed; leave \`from\` out to see them.`, querystring: AirLogQuery, response: { 200: named(AirLogPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    return pageView('air', seenBy(request, store.airLog.list(readPage('air', query), airFilter(query))), airView)
  })

  app.get('/v1/air-log/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The air log as a file', querystring: AirExportQuery, response: { 200: Type.Unsafe<unknown>({ description: 'one line an entry', content: FILES }), ...problems(400, 401) } },
  }, (request, reply) => {
    const filter = airFilter(request.query)
    return sendExport(reply, 'air-log', request.query.format ?? 'ndjson', AIR_COLUMNS, (page) => seenBy(request, store.airLog.list(page, filter)), airView)
  })

  app.get('/v1/log-checkpoints', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Signed checkpoints of both logs', description: 'Keep copies elsewhere: `loa verify-log` finds whatever was changed before a checkpoint.', querystring: PlainPageQuery, response: { 200: named(LogCheckpointPage), ...problems(400, 401) } },
  }, ({ query }) => pageView('checkpoints', store.checkpoints.list(readPage('checkpoints', query)), checkpointView))
}

/** What lies in the caller's units. */
function seenBy(request: FastifyRequest, { items, next }: Page<Logged<AirRecord>>): Page<Logged<AirRecord>> {
  const { rights } = identityOf(request)
  return { items: items.filter(({ unitId }) => rights.holds('view', unitId)), next }
}

const timeOf = (path: string, text: string): number => readTime(path, text, 'LOA_ERR_BAD_REQUEST')

const spanOf = ({ from, to }: { readonly from?: string; readonly to?: string }): { fromMs?: number; toMs?: number } => ({
  ...(from === undefined ? {} : { fromMs: timeOf('from', from) }),
  ...(to === undefined ? {} : { toMs: timeOf('to', to) }),
})

interface AuditQuery {
  readonly from?: string
  readonly to?: string
  readonly tokenId?: string
  readonly route?: string
  readonly result?: 'done' | 'refused'
  readonly targetId?: string
  readonly unitId?: string
}

function auditFilter({ tokenId, route, result, targetId, unitId, ...span }: AuditQuery, { units, clusters }: Pick<Context['store'], 'units' | 'clusters'>): AuditFilter {
  const inUnit = unitId === undefined ? null : [unitId, ...units.all().filter(({ id }) => units.ancestors(id).includes(unitId)).map(({ id }) => id), ...clusters.idsWithin([unitId])]
  const targetIds = targetId === undefined ? inUnit : inUnit === null || inUnit.includes(targetId) ? [targetId] : []
  return {
    ...spanOf(span),
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(route === undefined ? {} : { route }),
    ...(result === undefined ? {} : { refused: result === 'refused' }),
    ...(targetIds === null ? {} : { targetIds }),
  }
}

const airFilter = (query: { readonly from?: string; readonly to?: string; readonly unitId?: string; readonly clusterId?: string; readonly orderId?: string }): AirFilter => ({
  ...spanOf(query),
  ...(query.unitId === undefined ? {} : { unitId: query.unitId }),
  ...(query.clusterId === undefined ? {} : { clusterId: query.clusterId }),
  ...(query.orderId === undefined ? {} : { orderId: query.orderId }),
})

const auditView = ({ seq, atMs, requestId, tokenId, tokenName, remoteAddress, method, route, targetIds, fields, status, code, count, hash }: Logged<AuditRecord>): AuditEntryView =>
  ({ seq, at: formatTime(atMs), requestId, tokenId, tokenName, remoteAddress, method, route, targetIds: [...targetIds], fields: [...fields], status, code, count, hash })

const checkpointView = ({ number, atMs, previousHash, heads, keyId, publicKey, signature }: CheckpointRecord): LogCheckpointView =>
  ({ number, at: formatTime(atMs), previousHash, heads: heads.map(({ log, firstSeq, seq, hash }) => ({ log, firstSeq, seq, hash })), keyId, publicKey, signature })

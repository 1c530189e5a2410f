import { Type } from 'typebox'
import { may } from '../access.ts'
import { noteTargets } from '../audit.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { at } from '../finders.ts'
import { hashCode, newCode } from '../ids.ts'
import type { ClusterRecord } from '../ports.ts'
import { unknownIds } from '../problem.ts'
import { named, problems } from '../schemas/common.ts'
import { CreateEnrolmentCodes, EnrolmentCodeQuery, EnrolmentCodes, type EnrolmentCodesView } from '../schemas/device.ts'
import { SHEET_MEDIA, sendRows } from '../spreadsheet/sheet-answer.ts'
import { unknownTargets } from '../target-rules.ts'
import { formatTime } from '../time.ts'
import { invalid } from '../validation.ts'

const DAY_MS = 24 * 3_600_000
const MOST_CODES = 5000
const HEADINGS = { vi: ['Mã cụm loa', 'Tên cụm loa', 'Mã đơn vị', 'Mã kích hoạt', 'Hết hạn'], en: ['Code', 'Name', 'Unit code', 'Enrolment code', 'Expires'] } as const

/** Codes for many devices at once, to be printed and taken along. */
export function enrolmentSheetRoutes(app: ControlApp, { store, clock }: Context): void {
  /** In use or to be: also those that are being put up, for that is when they are enrolled. */
  function selected({ units = [], clusters = [] }: { readonly units?: readonly string[]; readonly clusters?: readonly string[] }, withDevices: boolean): ClusterRecord[] {
    const enrolled = new Set(withDevices ? [] : store.devices.active().map(({ clusterId }) => clusterId))
    const ids = new Set([...(units.length === 0 ? [] : store.clusters.idsWithin(units)), ...clusters])
    return [...ids].flatMap((id) => store.clusters.get(id) ?? []).filter(({ id, state }) => state !== 'retired' && !enrolled.has(id))
  }

  app.post('/v1/enrolment-codes', {
    config: { access: may('maintain', at.targets) },
    schema: {
      tags: ['devices'],
      summary: 'Make enrolment codes for many clusters',
      description: 'For each named cluster, and each in the named units and below, one code, in a sheet to be printed. The codes are shown only here and kept nowhere: who has lost the sheet makes another. Clusters that have a device are left out unless `withDevices` is true.',
      querystring: EnrolmentCodeQuery,
      body: CreateEnrolmentCodes,
      response: { 201: Type.Unsafe<unknown>({ description: 'one row a cluster', content: { 'application/json': { schema: named(EnrolmentCodes) }, ...SHEET_MEDIA } }), ...problems(400, 401, 403, 413, 415, 422, 507) },
    },
  }, async (request, reply) => {
    const { targets, expiresInMs = DAY_MS, withDevices = false } = request.body
    const unknown = unknownTargets(targets, store)
    if (unknown.length > 0) throw unknownIds(unknown)
    const clusters = selected(targets, withDevices)
    if (clusters.length === 0 || clusters.length > MOST_CODES) throw invalid([{ path: 'targets', message: `mean ${String(clusters.length)} clusters that can get a code; 1 to ${String(MOST_CODES)} are allowed`, messageVi: `có ${String(clusters.length)} cụm loa cần mã; cho phép từ 1 đến ${String(MOST_CODES)}` }])
    const nowMs = clock.wallMs()
    const expiresAtMs = nowMs + expiresInMs
    const codesByUnit = new Map(store.units.all().map(({ id, code }) => [id, code]))
    const items = clusters.map(({ id, code: clusterCode, name, unitId }) => ({ clusterId: id, clusterCode, name, unitCode: codesByUnit.get(unitId) ?? '', code: newCode() }))
    store.transaction(() => {
      noteTargets(request, clusters.map(({ id }) => id))
      for (const { clusterId, code } of items) store.devices.addCode({ hash: hashCode(code), clusterId, createdAtMs: nowMs, createdBy: identityOf(request).actorId, expiresAtMs })
    })
    const expiresAt = formatTime(expiresAtMs)
    void reply.status(201)
    const { format = 'json', lang = 'vi' } = request.query
    if (format === 'json') return { expiresAt, items } satisfies EnrolmentCodesView
    const rows = [HEADINGS[lang], ...items.map(({ clusterCode, name, unitCode, code }) => [clusterCode, name, unitCode, code, expiresAt])]
    return sendRows(reply, format, { name: 'enrolment-codes', title: lang === 'vi' ? 'Mã kích hoạt' : 'Codes', columns: HEADINGS[lang].length }, once(rows))
  })
}

async function* once<T>(value: T): AsyncGenerator<T> {
  await Promise.resolve()
  yield value
}

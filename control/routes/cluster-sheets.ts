import { readFile, rm } from 'node:fs/promises'
import { Type } from 'typebox'
import { everywhere, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { clusterFilter } from '../cluster-rules.ts'
import { planImport, type ImportPlan } from '../cluster-import.ts'
import { SHEET_COLUMNS, sheetCluster, sheetRow } from '../cluster-sheet.ts'
import type { Context, ControlApp } from '../context.ts'
import { ChangeHeaders, checkTag, etagOfAll } from '../etag.ts'
import { hashSecret, newId, newSecret } from '../ids.ts'
import { askedLanguage, sendLanguage } from '../language.ts'
import type { Store } from '../ports.ts'
import { ApiError, type FieldError } from '../problem.ts'
import { ClusterExportQuery, ClusterImport, ClusterImportQuery, UploadClusters, type ClusterImportView } from '../schemas/cluster.ts'
import { CreateHeaders, named, problems } from '../schemas/common.ts'
import { SHEET_LIMITS, SheetError, type SheetRow } from '../spreadsheet/cells.ts'
import { readCsv } from '../spreadsheet/csv.ts'
import { sendSheet, sheetLines, SheetResponse } from '../spreadsheet/send-sheet.ts'
import { isZip, readXlsx } from '../spreadsheet/xlsx-read.ts'

const tags = ['clusters']
const MOST_ERRORS = 5000

/** The register of clusters as a spreadsheet, out and in. */
export function clusterSheetRoutes(app: ControlApp, { store, broadcast, clock, creations, uploads }: Context): void {
  app.post('/v1/clusters/import', {
    config: { access: everywhere('manage'), documentedBody: UploadClusters },
    bodyLimit: SHEET_LIMITS.fileBytes + 64 * 1024,
    schema: {
      tags,
      summary: 'Take over clusters from a spreadsheet',
      description: 'xlsx or CSV in the multipart field `file`, headings as in an export, in Vietnamese or English. A row whose code is known changes that cluster, any other makes one; a column that is not there changes nothing, an empty cell empties. All rows or none: when any is wrong nothing is taken over, and every wrong row is named by its line. With `If-Match` and the `ETag` of an export, only while nobody has changed any cluster since. New clusters get a key that nobody is shown: enrol their devices, or rotate the key.',
      consumes: ['multipart/form-data'],
      headers: Type.Object({ ...CreateHeaders.properties, ...ChangeHeaders.properties }),
      querystring: ClusterImportQuery,
      response: { 200: named(ClusterImport), ...problems(400, 401, 403, 409, 413, 415, 422, 507) },
    },
  }, async (request, reply) => {
    const dryRun = request.query.dryRun ?? false
    try {
      const file = await uploads.receive(request, SHEET_LIMITS.fileBytes)
      try {
        return await creations.runSlow(request, reply, file.sha256, () => readSheet(file.path), (rows) => {
          checkTag(request, () => etagOfAll(store.clusters.all()))
          const plan = planImport(rows, registryOf(store))
          if (!dryRun) {
            refuseProblems(plan)
            apply(store, plan, clock.wallMs())
          }
          return { status: 200, body: importView(plan, dryRun), ...(dryRun || plan.changes.length === 0 ? {} : { after: () => { broadcast.registryChanged() } }) }
        })
      } finally {
        await rm(file.path, { force: true })
      }
    } catch (error) {
      // What is left of a refused body is not worth reading.
      void reply.header('Connection', 'close')
      throw error
    }
  })

  app.get('/v1/clusters/export', {
    config: { access: somewhere('view') },
    schema: {
      tags,
      summary: 'Clusters as a spreadsheet',
      description: 'Imported again it changes nothing. No text in it can become a formula.',
      querystring: ClusterExportQuery,
      response: { 200: SheetResponse('one row a cluster'), ...problems(400, 401) },
    },
  }, async (request, reply) => {
    const { format = 'xlsx', lang = askedLanguage(request), ...filter } = request.query
    const scope = { ...clusterFilter(filter), within: identityOf(request).rights.roots('view') }
    sendLanguage(reply, lang)
    void reply.header('ETag', etagOfAll(store.clusters.all()))
    const { codesByUnit } = registryOf(store)
    const lines = sheetLines(SHEET_COLUMNS.map(({ heading }) => heading[lang]), (page) => store.clusters.list(page, scope), (cluster) => sheetRow(sheetCluster(cluster, codesByUnit.get(cluster.unitId) ?? ''), lang))
    return sendSheet(reply, format, 'clusters', lang === 'vi' ? 'Cụm loa' : 'Clusters', SHEET_COLUMNS.length, lines)
  })
}

/** @throws ApiError LOA_ERR_SHEET */
async function readSheet(path: string): Promise<readonly SheetRow[]> {
  try {
    const bytes = await readFile(path)
    return isZip(bytes) ? await readXlsx(bytes) : readCsv(bytes)
  } catch (error) {
    if (error instanceof SheetError) throw new ApiError('LOA_ERR_SHEET', error.message, error.messageVi, { cause: error })
    throw error
  }
}

function registryOf(store: Store): Parameters<typeof planImport>[1] {
  const standing = store.units.all().filter(({ endedAtMs }) => endedAtMs === null)
  return { clusters: store.clusters.all(), unitsByCode: new Map(standing.map(({ id, code }) => [code, id])), codesByUnit: new Map(standing.map(({ id, code }) => [id, code])) }
}

function refuseProblems({ problems: found, badRows }: ImportPlan): void {
  if (found.length === 0) return
  const errors = found.slice(0, MOST_ERRORS).map(({ line, column, message, messageVi }): FieldError => ({ path: column === null ? `lines[${String(line)}]` : `lines[${String(line)}].${column}`, message, messageVi }))
  throw new ApiError('LOA_ERR_IMPORT', `${String(found.length)} mistakes in ${String(badRows)} rows; nothing was taken over`, `${String(found.length)} lỗi ở ${String(badRows)} dòng; chưa có gì được ghi`, { errors })
}

function apply(store: Store, { changes }: ImportPlan, nowMs: number): void {
  // IMEIs that change hands must be free before they are given.
  for (const { before, after } of changes) {
    if (before !== null && before.equipment.imei !== null && before.equipment.imei !== after.equipment.imei) store.clusters.update(before.id, { equipment: { ...before.equipment, imei: null } })
  }
  for (const { before, after } of changes) {
    if (before === null) {
      store.clusters.insert({ id: newId('c', nowMs), keyHash: hashSecret(newSecret()), keyChangedAtMs: nowMs, createdAtMs: nowMs, ...after })
      continue
    }
    const { unitId, ...rest } = after
    store.clusters.move([before.id], unitId, nowMs)
    store.clusters.update(before.id, rest)
  }
}

const importView = ({ rows, changes, problems: found, badRows, unchanged }: ImportPlan, dryRun: boolean): ClusterImportView => {
  const created = changes.filter(({ before }) => before === null).length
  return { dryRun, rows, created, updated: changes.length - created, unchanged, badRows, errors: found.slice(0, MOST_ERRORS).map((problem) => ({ ...problem })) }
}

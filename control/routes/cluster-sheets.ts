import { readFile, rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Type } from 'typebox'
import { everywhere, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { clusterFilter } from '../cluster-rules.ts'
import { noteTargets } from '../audit.ts'
import { atOnce, changedCells, planImport, planInSteps, tagInSteps, type ImportPlan } from '../cluster-import.ts'
import { SHEET_COLUMNS, sheetCluster, type SheetCluster } from '../cluster-sheet.ts'
import type { Context, ControlApp } from '../context.ts'
import { ChangeHeaders, checkTag } from '../etag.ts'
import { hashSecret, newId, newSecret } from '../ids.ts'
import { askedLanguage, type Language } from '../language.ts'
import type { ClusterRecord, Store } from '../ports.ts'
import { ApiError, type FieldError } from '../problem.ts'
import { ClusterExportQuery, ClusterImport, ClusterImportQuery, UploadClusters, type ClusterImportView } from '../schemas/cluster.ts'
import { CreateHeaders, named, problems } from '../schemas/common.ts'
import { SHEET_LIMITS, SheetError, type SheetRow } from '../spreadsheet/cells.ts'
import { readCsv } from '../spreadsheet/csv.ts'
import { SheetFile, sendSheet, type Sheet } from '../spreadsheet/sheet-answer.ts'
import { isZip, readXlsx } from '../spreadsheet/xlsx-read.ts'
import { foldText } from '../text.ts'

const tags = ['clusters']
const MOST_ERRORS = 5000
const PAGE = 500

const CLUSTER_SHEET: Sheet<SheetCluster> = {
  name: 'clusters',
  title: { vi: 'Cụm loa', en: 'Clusters' },
  columns: SHEET_COLUMNS.map(({ key, heading, write }) => ({ heading, cell: (cluster, language) => write(cluster[key], language) })),
}

/** The register of clusters as a spreadsheet, out and in. */
export function clusterSheetRoutes(app: ControlApp, { store, broadcast, clock, creations, uploads, monitor: { board } }: Context): void {
  /** Everything that takes long, in slices. */
  async function prepare(path: string): Promise<Prepared> {
    const rows = await readSheet(path)
    const revision = revisionOf(store)
    const clusters: ClusterRecord[] = []
    for (let after: number | null = null; ;) {
      const page = store.clusters.list({ after, limit: PAGE }, {})
      clusters.push(...page.items)
      if (page.next === null) break
      after = page.next
      await nextTurn()
    }
    const plan = await inSlices(planInSteps(rows, { ...unitsOf(store), clusters }))
    return { rows, revision, plan, tag: await inSlices(tagInSteps(plan)) }
  }

  app.post('/v1/clusters/import', {
    config: { access: everywhere('manage'), documentedBody: UploadClusters },
    bodyLimit: SHEET_LIMITS.fileBytes + 64 * 1024,
    schema: {
      tags,
      summary: 'Take over clusters from a spreadsheet',
      description: 'xlsx or CSV in the multipart field `file`, headings as in an export, in Vietnamese or English. A row whose code is known changes that cluster, any other makes one; a column that is not there changes nothing, an empty cell empties. All rows or none: when any is wrong nothing is taken over, and every wrong row is named by its line. A dry run answers an `ETag`: sent back as `If-Match`, the same file is taken over only if it would still do what the dry run said, else 412. New clusters get a key that nobody is shown: enrol their devices, or rotate the key.',
      consumes: ['multipart/form-data'],
      headers: Type.Object({ ...CreateHeaders.properties, ...ChangeHeaders.properties }),
      querystring: ClusterImportQuery,
      response: { 200: named(ClusterImport), ...problems(400, 401, 403, 409, 412, 413, 415, 422, 507) },
    },
  }, async (request, reply) => {
    const dryRun = request.query.dryRun ?? false
    try {
      const file = await uploads.receive(request, SHEET_LIMITS.fileBytes)
      try {
        return await creations.runSlow(request, reply, file.sha256, () => prepare(file.path), (prepared) => {
          // Somebody has changed the register since: then it is looked at once more, here, where nobody can come between.
          const { plan, tag } = prepared.revision === revisionOf(store) ? prepared : planNow(prepared.rows, store)
          checkTag(request, () => tag)
          if (dryRun) void reply.header('ETag', tag)
          else {
            refuseProblems(plan)
            noteTargets(request, apply(store, plan, clock.wallMs()))
          }
          return { status: 200, body: importView(plan, dryRun ? changesView(plan, unitsOf(store).codesByUnit, askedLanguage(request)) : null), ...(dryRun || plan.changes.length === 0 ? {} : { after: () => { broadcast.registryChanged() } }) }
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
      description: 'Those that the register of the console shows with the same choices. Imported again it changes nothing. No text in it can become a formula.',
      querystring: ClusterExportQuery,
      response: { 200: SheetFile, ...problems(400, 401) },
    },
  }, async (request, reply) => {
    const { technology, working, condition, search = '', ...query } = request.query
    const words = foldText(search).split(/\s+/)
    const filter = { ...clusterFilter({ ...query, ...(technology === undefined || technology === 'none' ? {} : { technology }) }), within: identityOf(request).rights.roots('view') }
    const { codesByUnit } = unitsOf(store)
    const fits = ({ id, code, name, tags: names, equipment }: ClusterRecord): boolean => {
      const { imei, sim, maker, model, keeper, keeperPhone } = equipment
      const text = foldText([code, name, imei, sim, maker, model, keeper, keeperPhone, ...names].join('\n'))
      if (!words.every((word) => text.includes(word))) return false
      if (technology === 'none' && equipment.technology !== null) return false
      if (working === undefined && condition === undefined) return true
      const report = board.report(id)
      return report !== undefined && (working === undefined || report.state === working) && (condition === undefined || report.conditions.some(({ code }) => code === condition))
    }
    return sendSheet(request, reply, CLUSTER_SHEET, (page) => {
      const { items, next } = store.clusters.list(page, filter)
      return { items: items.filter(fits).map((cluster) => sheetCluster(cluster, codesByUnit.get(cluster.unitId) ?? '')), next }
    })
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

interface Prepared {
  readonly rows: readonly SheetRow[]
  readonly revision: string
  readonly plan: ImportPlan
  readonly tag: string
}

/** Another whenever a unit or a cluster has changed. */
const revisionOf = ({ units, clusters }: Store): string => `${String(units.revision())} ${String(clusters.revision())}`

function planNow(rows: readonly SheetRow[], store: Store): Pick<Prepared, 'plan' | 'tag'> {
  const plan = planImport(rows, { ...unitsOf(store), clusters: store.clusters.all() })
  return { plan, tag: atOnce(tagInSteps(plan)) }
}

/** Others are served after so long. */
const SLICE_MS = 15

async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  for (let sinceMs = performance.now(); ;) {
    const { done, value } = steps.next()
    if (done === true) return value
    if (performance.now() - sinceMs < SLICE_MS) continue
    await nextTurn()
    sinceMs = performance.now()
  }
}

function unitsOf(store: Store): { readonly unitsByCode: ReadonlyMap<string, string>; readonly codesByUnit: ReadonlyMap<string, string> } {
  const standing = store.units.all().filter(({ endedAtMs }) => endedAtMs === null)
  return { unitsByCode: new Map(standing.map(({ id, code }) => [code, id])), codesByUnit: new Map(standing.map(({ id, code }) => [id, code])) }
}

function refuseProblems({ problems: found, badRows }: ImportPlan): void {
  if (found.length === 0) return
  const errors = found.slice(0, MOST_ERRORS).map(({ line, column, message, messageVi }): FieldError => ({ path: column === null ? `lines[${String(line)}]` : `lines[${String(line)}].${column}`, message, messageVi }))
  throw new ApiError('LOA_ERR_IMPORT', `${String(found.length)} mistakes in ${String(badRows)} rows; nothing was taken over`, `${String(found.length)} lỗi ở ${String(badRows)} dòng; chưa có gì được ghi`, { errors })
}

/** @returns ids of the clusters that were made or changed */
function apply(store: Store, { changes }: ImportPlan, nowMs: number): readonly string[] {
  // IMEIs that change hands must be free before they are given.
  for (const { before, after } of changes) {
    if (before !== null && before.equipment.imei !== null && before.equipment.imei !== after.equipment.imei) store.clusters.update(before.id, { equipment: { ...before.equipment, imei: null } })
  }
  return changes.map(({ before, after }) => {
    if (before === null) return store.clusters.insert({ id: newId('c', nowMs), keyHash: hashSecret(newSecret()), keyChangedAtMs: nowMs, createdAtMs: nowMs, ...after }).id
    const { unitId, ...rest } = after
    if (unitId !== before.unitId) store.clusters.move([before.id], unitId, nowMs)
    store.clusters.update(before.id, rest)
    return before.id
  })
}

const MOST_CHANGES = 5000

function importView({ rows, changes, problems: found, badRows, unchanged }: ImportPlan, dryRun: ClusterImportView['changes'] | null): ClusterImportView {
  const created = changes.filter(({ before }) => before === null).length
  return { dryRun: dryRun !== null, rows, created, updated: changes.length - created, unchanged, badRows, changes: dryRun ?? [], errors: found.slice(0, MOST_ERRORS).map((problem) => ({ ...problem })) }
}

/** What a dry run shows of what would be done, in the words of the language. */
const changesView = ({ changes }: ImportPlan, codesByUnit: ReadonlyMap<string, string>, language: Language): ClusterImportView['changes'] =>
  changes.slice(0, MOST_CHANGES).map((change) => ({ line: change.line, code: change.after.code, name: change.after.name, clusterId: change.before?.id ?? null, cells: changedCells(change, codesByUnit, language) }))

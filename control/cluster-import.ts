import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { CellError, columnNamed, SHEET_COLUMNS, sheetCluster, sheetRow, type CellProblem, type SheetCluster, type SheetKey } from './cluster-sheet.ts'
import type { Language } from './language.ts'
import { NO_EQUIPMENT, type ClusterRecord } from './ports.ts'
import type { SheetRow } from './spreadsheet/cells.ts'

/** What can be said of a cluster by a row. */
export type ClusterFacts = Omit<ClusterRecord, 'id' | 'keyHash' | 'keyChangedAtMs' | 'createdAtMs'>

export interface RowProblem extends CellProblem {
  readonly line: number
  /** Null: the row as a whole. */
  readonly column: SheetKey | null
}

export interface PlannedChange {
  readonly line: number
  readonly before: ClusterRecord | null
  readonly after: ClusterFacts
}

export interface ImportPlan {
  readonly rows: number
  /** In the sequence of the file; `before` is null for a new cluster. What stays as it is is not among them. */
  readonly changes: readonly PlannedChange[]
  readonly problems: readonly RowProblem[]
  readonly badRows: number
  readonly unchanged: number
}

interface Registry {
  readonly clusters: readonly ClusterRecord[]
  /** Units that stand, by code. */
  readonly unitsByCode: ReadonlyMap<string, string>
  readonly codesByUnit: ReadonlyMap<string, string>
}

/** What a spreadsheet would change, at once. */
export function planImport(rows: readonly SheetRow[], registry: Registry): ImportPlan {
  return atOnce(planInSteps(rows, registry))
}

/** All steps without a pause. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** So many rows are one step: some milliseconds. */
const STEP_ROWS = 200

/**
 * What a spreadsheet would change: a row whose code is known changes that cluster, any other makes one. A column that is not there changes nothing, an
 * empty cell empties. Pure: nothing is read or written here. It yields between steps, so that others are served while 20 000 rows are looked at.
 */
export function* planInSteps([head, ...body]: readonly SheetRow[], registry: Registry): Generator<void, ImportPlan> {
  const columns = head === undefined ? { columns: [], problems: [{ line: 1, column: null, message: 'the file is empty', messageVi: 'tệp trống' }] } : readHeadings(head)
  if (columns.problems.length > 0) return { rows: body.length, changes: [], problems: columns.problems, badRows: 0, unchanged: 0 }

  const problems: RowProblem[] = []
  const changes: PlannedChange[] = []
  const byCode = new Map(registry.clusters.map((cluster) => [cluster.code, cluster]))
  const lineOfCode = new Map<string, number>()
  for (const [index, row] of body.entries()) {
    if (index % STEP_ROWS === 0) yield
    const { values, problems: found } = readRow(row, columns.columns)
    const own = values.code
    if (own !== undefined) {
      const earlier = lineOfCode.get(own)
      if (earlier === undefined) lineOfCode.set(own, row.line)
      else found.push({ line: row.line, column: 'code', message: `stands in line ${String(earlier)} already`, messageVi: `đã có ở dòng ${String(earlier)}` })
      const before = byCode.get(own) ?? null
      const after = found.length === 0 ? factsOf(row.line, values, before, registry, found) : null
      if (after !== null) changes.push({ line: row.line, before, after })
    }
    problems.push(...found)
  }
  problems.push(...sharedImeis(registry.clusters, changes))
  problems.sort((a, b) => a.line - b.line)
  const badLines = new Set(problems.map(({ line }) => line))
  const good: typeof changes = []
  for (const [index, change] of changes.entries()) {
    if (index % STEP_ROWS === 0) yield
    const { line, before, after } = change
    if (!badLines.has(line) && (before === null || !isDeepStrictEqual(factsIn(before), after))) good.push(change)
  }
  return { rows: body.length, changes: good, problems, badRows: badLines.size, unchanged: body.length - badLines.size - good.length }
}

type Columns = readonly (ReturnType<typeof columnNamed> | null)[]

function readHeadings({ line, cells }: SheetRow): { readonly columns: Columns; readonly problems: readonly RowProblem[] } {
  const problems: RowProblem[] = []
  const seen = new Set<SheetKey>()
  const columns = cells.map((cell) => {
    const heading = typeof cell === 'object' ? cell.error : String(cell)
    if (heading.trim() === '') return null
    const column = columnNamed(heading)
    if (column === undefined) problems.push({ line, column: null, message: `the heading «${heading.slice(0, 100)}» is not known`, messageVi: `không có cột «${heading.slice(0, 100)}»` })
    else if (seen.has(column.key)) problems.push({ line, column: column.key, message: 'there are two such columns', messageVi: 'cột bị lặp' })
    else seen.add(column.key)
    return column ?? null
  })
  if (!seen.has('code')) problems.push({ line, column: 'code', message: 'there is no such column: the code says which cluster a row means', messageVi: 'thiếu cột này: mã cho biết dòng nói về cụm loa nào' })
  return { columns, problems }
}

function readRow({ line, cells }: SheetRow, columns: Columns): { readonly values: Partial<SheetCluster>; readonly problems: RowProblem[] } {
  const values: Partial<Record<SheetKey, SheetCluster[SheetKey]>> = {}
  const problems: RowProblem[] = []
  for (const [index, cell] of cells.entries()) {
    if (index >= columns.length && cell !== '') problems.push({ line, column: null, message: 'something stands beside the columns', messageVi: 'có dữ liệu ngoài các cột' })
  }
  for (const [index, column] of columns.entries()) {
    if (column === null || column === undefined) continue
    try {
      values[column.key] = column.read(cells[index] ?? '')
    } catch (error) {
      if (!(error instanceof CellError)) throw error
      problems.push({ line, column: column.key, ...error.problem })
    }
  }
  // Each column reads what its key holds; the compiler cannot follow that through the loop.
  return { values: values as Partial<SheetCluster>, problems }
}

const NEW: SheetCluster = { code: '', name: '', unit: '', state: 'active', enabled: true, latitude: null, longitude: null, tags: [], ...NO_EQUIPMENT }

/** @returns null when something is wrong, which is then among the problems */
function factsOf(line: number, values: Partial<SheetCluster>, before: ClusterRecord | null, { unitsByCode, codesByUnit }: Registry, problems: RowProblem[]): ClusterFacts | null {
  const missing = (key: 'name' | 'unit'): void => {
    problems.push({ line, column: key, message: 'is missing: the cluster is new', messageVi: 'bị thiếu: đây là cụm loa mới' })
  }
  if (before === null && values.name === undefined) missing('name')
  if (before === null && values.unit === undefined) missing('unit')
  const { unit, latitude, longitude, code, name, state, enabled, tags, ...equipment } = { ...(before === null ? NEW : sheetCluster(before, codesByUnit.get(before.unitId) ?? '')), ...values }
  // A unit that is not named stays, also one whose code is not unique.
  const unitId = before !== null && (values.unit === undefined || unit === codesByUnit.get(before.unitId)) ? before.unitId : unitsByCode.get(unit)
  if (values.unit !== undefined && unitId === undefined) problems.push({ line, column: 'unit', message: `there is no unit with the code '${unit}'`, messageVi: `không có đơn vị mã '${unit}'` })
  if ((latitude === null) !== (longitude === null)) problems.push({ line, column: latitude === null ? 'latitude' : 'longitude', message: 'is missing: a position has both', messageVi: 'bị thiếu: vị trí cần cả vĩ độ và kinh độ' })
  if (problems.length > 0 || unitId === undefined) return null
  return { unitId, code, name, state, enabled, tags, position: latitude === null || longitude === null ? null : { lat: latitude, lon: longitude }, equipment }
}

const factsIn = ({ unitId, code, name, state, enabled, tags, position, equipment }: ClusterRecord): ClusterFacts => ({ unitId, code, name, state, enabled, tags, position, equipment })

export interface ChangedCell {
  readonly column: SheetKey
  /** As an export writes them; null: the cluster is new. */
  readonly before: string | number | null
  readonly after: string | number
}

/** The cells in which a cluster would be another; of a new one those that say something. */
export function changedCells({ before, after }: PlannedChange, codesByUnit: ReadonlyMap<string, string>, language: Language): ChangedCell[] {
  const row = (facts: ClusterFacts): (string | number)[] => sheetRow(sheetCluster(facts, codesByUnit.get(facts.unitId) ?? ''), language)
  const [old, cells] = [before === null ? null : row(before), row(after)]
  return SHEET_COLUMNS.flatMap(({ key }, index) => (cells[index] === (old?.[index] ?? '') ? [] : [{ column: key, before: old?.[index] ?? null, after: cells[index]! }]))
}

/** Stands for what an import would do: the same tag, the same changes of the same clusters and the same mistakes. Yields between steps. */
export function* tagInSteps({ rows, changes, problems }: ImportPlan): Generator<void, string> {
  const hash = createHash('sha256').update(JSON.stringify([rows, problems]))
  for (const [index, { before, after }] of changes.entries()) {
    if (index % STEP_ROWS === 0) yield
    hash.update(JSON.stringify([before?.id ?? null, before === null ? null : factsIn(before), after]))
  }
  return `"${hash.digest('base64url').slice(0, 22)}"`
}

/** IMEIs that two clusters would have when all is done: two rows may well change theirs with each other. */
function sharedImeis(clusters: readonly ClusterRecord[], changes: readonly PlannedChange[]): RowProblem[] {
  const holder = new Map<string, string>()
  const changed = new Set(changes.map(({ before }) => before?.id))
  for (const { id, code, equipment: { imei } } of clusters) if (imei !== null && !changed.has(id)) holder.set(imei, code)
  return changes.flatMap(({ line, after: { code, equipment: { imei } } }): RowProblem[] => {
    if (imei === null) return []
    const other = holder.get(imei)
    if (other === undefined) holder.set(imei, code)
    return other === undefined ? [] : [{ line, column: 'imei', message: `belongs to cluster '${other}'`, messageVi: `đã thuộc cụm loa '${other}'` }]
  })
}

import type { NewUnit, Store, UnitBirth, UnitChangeResult, UnitRecord, UnitStep } from './ports.ts'
import { ApiError, unknownIds, type FieldError } from './problem.ts'
import { cleanText } from './text.ts'
import { formatTime } from './time.ts'
import { invalid } from './validation.ts'

interface Given {
  readonly atMs: number
  readonly nowMs: number
  readonly newId: () => string
}

/** Steps as they are kept: texts in NFC, so that what is planned today is what is done then. */
export const cleanSteps = (steps: readonly UnitStep[]): readonly UnitStep[] => steps.map((step, index) => {
  const path = `steps[${String(index)}]`
  const birth = (into: string | UnitBirth, place: string): string | UnitBirth =>
    typeof into === 'string' ? into : { ...into, code: into.code.normalize('NFC'), name: cleanText(`${path}.${place}.name`, into.name) }
  switch (step.kind) {
    case 'rename':
      return { ...step, ...(step.code === undefined ? {} : { code: step.code.normalize('NFC') }), ...(step.name === undefined ? {} : { name: cleanText(`${path}.name`, step.name) }) }
    case 'merge':
      return { ...step, into: birth(step.into, 'into') }
    case 'split':
      return { ...step, parts: step.parts.map((part, at) => ({ ...part, into: birth(part.into, `parts[${String(at)}].into`) })) }
    case 'move':
    case 'end':
      return step
  }
})

/**
 * Takes steps that change the map, one after the other. Clusters keep their ids, keys and devices, so nobody is disconnected; orders to a unit that
 * ends go on for the clusters it had. Call it in a transaction: what is thrown half way must be undone.
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED, LOA_ERR_UNIT_DATE, LOA_ERR_CYCLE or LOA_ERR_INVALID; StoreError for a code that is taken
 */
export function takeSteps(store: Store, steps: readonly UnitStep[], given: Given): UnitChangeResult {
  const surgeon = new MapSurgeon(store, given)
  for (const [index, step] of steps.entries()) surgeon.take(step, `steps[${String(index)}]`)
  return surgeon.result()
}

class MapSurgeon {
  readonly #store: Store
  readonly #given: Given
  readonly #createdIds: string[] = []
  readonly #endedIds: string[] = []
  #clustersMoved = 0

  constructor(store: Store, given: Given) {
    this.#store = store
    this.#given = given
  }

  result(): UnitChangeResult {
    return { createdIds: this.#createdIds, endedIds: this.#endedIds, clustersMoved: this.#clustersMoved }
  }

  take(step: UnitStep, path: string): void {
    switch (step.kind) {
      case 'rename':
        this.#rename(step, path)
        return
      case 'move':
        this.#standing(step.unitId, `${path}.unitId`)
        this.#moveUnit(step.unitId, step.parentId, `${path}.parentId`)
        return
      case 'merge':
        this.#merge(step, path)
        return
      case 'split':
        this.#split(step, path)
        return
      case 'end':
        this.#endEmpty(step.unitId, `${path}.unitId`)
        return
    }
  }

  #rename({ unitId, code, name }: UnitStep & { kind: 'rename' }, path: string): void {
    this.#standing(unitId, `${path}.unitId`)
    if (code === undefined && name === undefined) throw invalid([{ path, message: 'must give a code or a name', messageVi: 'phải cho mã hoặc tên' }])
    this.#store.units.update(unitId, { ...(code === undefined ? {} : { code }), ...(name === undefined ? {} : { name }) }, this.#given.atMs)
  }

  #merge({ unitIds, into }: UnitStep & { kind: 'merge' }, path: string): void {
    const merged = unitIds.filter((id) => id !== into).map((id, index) => this.#standing(id, `${path}.unitIds[${String(index)}]`))
    if (merged.length === 0) throw invalid([{ path: `${path}.unitIds`, message: 'must name a unit besides `into`', messageVi: 'phải nêu đơn vị khác ngoài `into`' }])
    const held = merged.map(({ id }) => this.#heldBy(id, path))
    if (typeof into === 'string') {
      this.#standing(into, `${path}.into`)
      const above = this.#store.units.ancestors(into)
      if (merged.some(({ id }) => above.includes(id))) throw cycle(`${path}.into`, 'lies below a unit that ends', 'nằm dưới một đơn vị sẽ kết thúc')
    }
    const intoId = typeof into === 'string' ? into : this.#given.newId()
    // First of all they end: the new unit may take over a code.
    for (const { id } of merged) this.#end(id, [intoId])
    if (typeof into !== 'string') this.#create(intoId, into, merged[0]!, `${path}.into`)
    for (const { clusterIds, unitIds: below } of held) this.#handOver(intoId, clusterIds, below.filter((id) => id !== intoId && !merged.some((unit) => unit.id === id)))
  }

  #split({ unitId, parts, remains }: UnitStep & { kind: 'split' }, path: string): void {
    const unit = this.#standing(unitId, `${path}.unitId`)
    const held = this.#heldBy(unitId, path)
    this.#checkParts(held, parts, remains, path)
    const targets = parts.map(({ into }, index) => {
      const place = `${path}.parts[${String(index)}].into`
      if (typeof into !== 'string') return this.#given.newId()
      this.#standing(into, place)
      if (this.#store.units.ancestors(into).includes(unitId)) throw cycle(place, 'is the unit itself or lies below it', 'là chính đơn vị này hoặc nằm dưới nó')
      return into
    })
    if (!remains) this.#end(unitId, targets)
    for (const [index, { into, clusterIds, unitIds }] of parts.entries()) {
      const place = `${path}.parts[${String(index)}]`
      if (typeof into !== 'string') this.#create(targets[index]!, into, unit, `${place}.into`)
      this.#handOver(targets[index]!, clusterIds, unitIds)
    }
  }

  /** Each thing named is held by the unit and named once; when the unit ends, nothing is left without a place. */
  #checkParts(held: Held, parts: (UnitStep & { kind: 'split' })['parts'], remains: boolean, path: string): void {
    const errors: FieldError[] = []
    for (const [list, ids] of [['clusterIds', held.clusterIds], ['unitIds', held.unitIds]] as const) {
      const left = new Set(ids)
      for (const [at, part] of parts.entries()) {
        for (const [index, id] of part[list].entries()) {
          if (!left.delete(id)) errors.push({ path: `${path}.parts[${String(at)}].${list}[${String(index)}]`, message: 'does not belong to the unit itself, or is named twice', messageVi: 'không thuộc trực tiếp đơn vị này, hoặc bị nêu hai lần' })
        }
      }
      if (!remains && left.size > 0) {
        const named = [...left].slice(0, 5).join(', ')
        errors.push({ path: `${path}.parts`, message: `leave ${String(left.size)} of ${list} without a place, such as ${named}`, messageVi: `còn ${String(left.size)} mục trong ${list} chưa có nơi nhận, ví dụ ${named}` })
      }
    }
    if (errors.length > 0) throw invalid(errors)
  }

  #endEmpty(unitId: string, path: string): void {
    this.#standing(unitId, path)
    const { clusterIds, unitIds } = this.#heldBy(unitId, path)
    if (clusterIds.length + unitIds.length > 0) throw invalid([{ path, message: `still holds ${String(unitIds.length)} units and ${String(clusterIds.length)} clusters: merge it into another`, messageVi: `còn ${String(unitIds.length)} đơn vị con và ${String(clusterIds.length)} cụm loa: hãy sáp nhập vào đơn vị khác` }])
    this.#end(unitId, [])
  }

  #end(unitId: string, successorIds: readonly string[]): void {
    this.#store.units.end(unitId, this.#given.atMs, successorIds)
    this.#endedIds.push(unitId)
  }

  #create(id: string, { code, name, parentId }: UnitBirth, from: UnitRecord, path: string): void {
    const parent = parentId === undefined ? from.parentId : parentId
    if (parent !== null) this.#standing(parent, `${path}.parentId`)
    const unit: NewUnit = { id, code, name, parentId: parent, presentationDelayMs: from.presentationDelayMs, createdAtMs: this.#given.nowMs, validFromMs: this.#given.atMs }
    this.#store.units.insert(unit)
    this.#createdIds.push(id)
  }

  #handOver(toId: string, clusterIds: readonly string[], unitIds: readonly string[]): void {
    this.#store.clusters.move(clusterIds, toId, this.#given.atMs)
    this.#clustersMoved += clusterIds.length
    for (const id of unitIds) this.#store.units.update(id, { parentId: toId }, this.#given.atMs)
  }

  #moveUnit(unitId: string, parentId: string | null, path: string): void {
    if (parentId !== null) checkParent(this.#store, unitId, parentId, path)
    this.#store.units.update(unitId, { parentId }, this.#given.atMs)
  }

  /** The unit, if it is there at the date and its present version had begun. */
  #standing(id: string, path: string): UnitRecord {
    const unit = standingUnit(this.#store, id, path)
    const sinceMs = this.#store.units.versions(id).at(-1)!.fromMs
    if (sinceMs > this.#given.atMs) throw tooEarly(path, `unit '${unit.code}' has been as it is only since ${formatTime(sinceMs)}`, `đơn vị '${unit.code}' chỉ có trạng thái hiện nay từ ${formatTime(sinceMs)}`)
    return unit
  }

  #heldBy(unitId: string, path: string): Held {
    const { atMs } = this.#given
    const clusters = this.#store.clusters.ofUnit(unitId)
    const late = clusters.find(({ sinceMs }) => sinceMs > atMs)
    if (late !== undefined) throw tooEarly(path, `cluster '${late.id}' came to the unit only at ${formatTime(late.sinceMs)}`, `cụm loa '${late.id}' chỉ thuộc đơn vị từ ${formatTime(late.sinceMs)}`)
    const unitIds = this.#store.units.childrenOf(unitId)
    for (const id of unitIds) this.#standing(id, path)
    return { clusterIds: clusters.map(({ id }) => id), unitIds }
  }
}

interface Held {
  readonly clusterIds: readonly string[]
  readonly unitIds: readonly string[]
}

/** @throws ApiError LOA_ERR_UNKNOWN_ID or LOA_ERR_UNIT_ENDED */
export function standingUnit(store: Pick<Store, 'units'>, id: string, path: string): UnitRecord {
  const unit = store.units.get(id)
  if (unit === undefined) throw unknownIds([{ path, noun: 'unit', id }])
  if (unit.endedAtMs !== null) throw unitEnded(unit, path)
  return unit
}

/** @throws ApiError LOA_ERR_UNIT_ENDED */
export function checkStanding(store: Pick<Store, 'units'>, path: string, unitIds: readonly string[]): void {
  const [ended] = store.units.ended(unitIds)
  if (ended !== undefined) throw unitEnded(store.units.get(ended)!, path)
}

function unitEnded({ code, endedAtMs, successorIds }: UnitRecord, path: string): ApiError {
  const at = formatTime(endedAtMs!)
  const next = successorIds.length === 0 ? '' : `: ${successorIds.join(', ')}`
  const message = `names unit '${code}', which ended at ${at}${next}`
  const messageVi = `nêu đơn vị '${code}' đã kết thúc từ ${at}${next}`
  return new ApiError('LOA_ERR_UNIT_ENDED', `${path} ${message}`, `${path} ${messageVi}`, { errors: [{ path, message, messageVi }] })
}

/** @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED or LOA_ERR_CYCLE */
export function checkParent(store: Pick<Store, 'units'>, unitId: string, parentId: string, path: string): void {
  standingUnit(store, parentId, path)
  if (store.units.ancestors(parentId).includes(unitId)) throw cycle(path, 'lies below the unit itself', 'nằm dưới chính đơn vị này')
}

const cycle = (path: string, message: string, messageVi: string): ApiError => new ApiError('LOA_ERR_CYCLE', `${path} ${message}`, `${path} ${messageVi}`, { errors: [{ path, message, messageVi }] })

const tooEarly = (path: string, message: string, messageVi: string): ApiError => new ApiError('LOA_ERR_UNIT_DATE', `the date is too early: ${message}`, `ngày quá sớm: ${messageVi}`, { errors: [{ path, message, messageVi }] })

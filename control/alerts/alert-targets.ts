import { usualIssuer } from '../order-rules.ts'
import type { Broadcast, GroupRecord, Selection, Store, Targets } from '../ports.ts'
import { ApiError, unknownIds } from '../problem.ts'
import { readSelection } from '../group-rules.ts'
import type { Rights } from '../rights.ts'
import { readTargets, unknownTargets } from '../target-rules.ts'
import { checkStanding } from '../unit-change-rules.ts'
import { invalid } from '../validation.ts'
import type { AlertKind } from './alert-port.ts'
import type { AlertTargetsRequest } from './alert-request.ts'
import { isTestZone } from './test-zone.ts'

/** Where an alert will sound. */
export interface Reach {
  readonly targets: Targets
  readonly selection: Selection | null
  /** Those that are meant now. */
  readonly clusterIds: readonly string[]
}

const noClusters = () => invalid([{ path: 'targets', message: 'mean no cluster', messageVi: 'không có cụm loa nào' }])

/**
 * What a request's targets mean, and that they mean something.
 * @param groupId of the group that an area drawn for the alert becomes
 * @throws ApiError LOA_ERR_INVALID, LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED or LOA_ERR_TEST_ZONE
 */
export function resolveTargets(request: AlertTargetsRequest, kind: AlertKind, groupId: string, ports: ReachPorts): Reach {
  const reach = reachOf(request, kind, groupId, ports)
  if (reach.clusterIds.length === 0) throw noClusters()
  return reach
}

export interface ReachPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'select'>
}

/** The same of targets that may, as yet, mean nothing. */
export function reachOf(request: AlertTargetsRequest, kind: AlertKind, groupId: string, { store, broadcast }: ReachPorts): Reach {
  const { selection: drawn, everything = false, ...named } = request
  const unknown = unknownTargets(named, store)
  if (unknown.length > 0) throw unknownIds(unknown)
  checkStanding(store, 'targets.units', named.units ?? [])
  const selection = drawn === undefined ? null : readSelection(drawn, store)
  const roots = everything ? store.units.all().filter(({ parentId, endedAtMs }) => parentId === null && endedAtMs === null).map(({ id }) => id) : []
  const units = [...(named.units ?? []), ...roots]
  const saved: Targets = { units: [], clusters: [], tags: [], groups: [] }
  const withoutDrawn = selection !== null && units.length + (named.clusters ?? []).length + (named.tags ?? []).length + (named.groups ?? []).length === 0 ? saved : readTargets({ ...named, units })
  if (kind === 'test') checkTestZone(withoutDrawn, selection, store)
  const clusterIds = [...new Set([...broadcast.clustersOf(withoutDrawn), ...(selection === null ? [] : broadcast.select(selection))])]
  return { targets: selection === null ? withoutDrawn : { ...withoutDrawn, groups: [...(withoutDrawn.groups ?? []), groupId] }, selection, clusterIds }
}

/**
 * A test names the clusters itself, and none of them is in use.
 * @throws ApiError LOA_ERR_TEST_ZONE
 */
export function checkTestZone({ units, tags, groups = [], clusters }: Targets, selection: Selection | null, store: Pick<Store, 'clusters'>): void {
  const refuse = (path: string, message: string, messageVi: string): ApiError => new ApiError('LOA_ERR_TEST_ZONE', `${path} ${message}`, `${path} ${messageVi}`, { errors: [{ path, message, messageVi }] })
  if (units.length + tags.length + groups.length > 0 || selection !== null) throw refuse('targets', 'of a test must be clusters, each by its name', 'của thử nghiệm chỉ được là các cụm loa nêu đích danh')
  for (const [index, id] of clusters.entries()) {
    const cluster = store.clusters.get(id)
    if (cluster === undefined || !isTestZone(cluster)) throw refuse(`targets.clusters[${String(index)}]`, `is in use: '${id}'`, `đang được sử dụng: '${id}'`)
  }
}

/**
 * In whose name it is given.
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED or LOA_ERR_INVALID
 */
export function alertIssuer(issuer: string | undefined, { targets, selection }: Reach, rights: Rights, store: Store): string {
  if (issuer !== undefined) {
    if (store.units.get(issuer) === undefined) throw unknownIds([{ path: 'issuer', noun: 'unit', id: issuer }])
    checkStanding(store, 'issuer', [issuer])
    return issuer
  }
  const unit = usualIssuer({ units: [...targets.units, ...(selection?.units ?? [])], clusters: [...targets.clusters] }, 'emergency', rights, store)
  if (unit === undefined) throw invalid([{ path: 'issuer', message: 'must be a unit in whose name you may give it', messageVi: 'phải là đơn vị mà bạn được thay mặt' }])
  return unit.id
}

/** The group that the drawn area of an alert is kept as, while the alert is not over; null: none was drawn. */
export function groupOf({ id, title, selection, targets }: { readonly id: string; readonly title: string; readonly selection: Selection | null; readonly targets: Targets }, nowMs: number): GroupRecord | null {
  return selection === null ? null : { id: targets.groups!.at(-1)!, name: title, selection, alertId: id, createdAtMs: nowMs }
}

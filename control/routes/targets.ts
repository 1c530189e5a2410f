import { somewhere } from '../access.ts'
import { peopleReached } from '../alerts/alert-people.ts'
import type { AlertTargetsRequest } from '../alerts/alert-request.ts'
import { reachOf } from '../alerts/alert-targets.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { PreviewTargets, TargetPreview } from '../schemas/alert.ts'
import { named, problems } from '../schemas/common.ts'

/** Whom targets would reach, before anything is given to them. */
export function targetRoutes(app: ControlApp, { store, broadcast }: Context): void {
  app.post('/v1/targets/preview', {
    config: { access: somewhere('view'), readsOnly: true },
    schema: { tags: ['orders'], summary: 'How many clusters targets would mean', description: 'Keeps nothing. Of orders, commands and alerts, with areas drawn for these. Targets that mean nothing yet are no error; units and clusters that the caller may not see count as nothing, whether they are there or not.', body: PreviewTargets, response: { 200: named(TargetPreview), ...problems(400, 401, 409, 413, 415, 422) } },
  }, (request) => {
    const { targets, kind = 'real' } = request.body
    const { rights } = identityOf(request)
    const roots = rights.roots('view')
    const seen = roots === null ? null : new Set(store.clusters.idsWithin(roots))
    const mine = seen === null ? targets : seenTargets(targets, (id) => rights.touches('view', id), (id) => seen.has(id))
    if (mine === null) return { targeted: 0, online: 0, people: peopleReached([], [], store) }
    const { targets: { units }, clusterIds } = reachOf(mine, kind, '', { store, broadcast })
    const shown = clusterIds.filter((id) => seen === null || seen.has(id))
    const connected = new Set(broadcast.connections().map(({ clusterId }) => clusterId))
    return { targeted: shown.length, online: shown.filter((id) => connected.has(id)).length, people: peopleReached(units.filter((id) => rights.holds('view', id)), shown, store) }
  })
}

/** Targets without what the caller may not see, so that no answer tells whether it is there; null: all that was named is left out. */
function seenTargets({ units, clusters, selection, ...rest }: AlertTargetsRequest, seesUnit: (id: string) => boolean, seesCluster: (id: string) => boolean): AlertTargetsRequest | null {
  const left = { units: units?.filter(seesUnit) ?? [], clusters: clusters?.filter(seesCluster) ?? [] }
  const drawnUnits = selection?.units?.filter(seesUnit)
  // An area within units is no area everywhere.
  const drawn = selection === undefined || (selection.units?.length && drawnUnits?.length === 0) ? undefined : { ...selection, ...(drawnUnits === undefined ? {} : { units: drawnUnits }) }
  const mine = { ...rest, ...left, ...(drawn === undefined ? {} : { selection: drawn }) }
  const isLeft = left.units.length + left.clusters.length + (rest.tags ?? []).length + (rest.groups ?? []).length > 0 || drawn !== undefined || rest.everything === true
  const wasNamed = (units ?? []).length + (clusters ?? []).length > 0 || selection !== undefined
  return isLeft || !wasNamed ? mine : null
}

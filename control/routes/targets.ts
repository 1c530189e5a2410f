import { somewhere } from '../access.ts'
import { peopleReached } from '../alerts/alert-people.ts'
import { reachOf } from '../alerts/alert-targets.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { PreviewTargets, TargetPreview } from '../schemas/alert.ts'
import { named, problems } from '../schemas/common.ts'

/** Whom targets would reach, before anything is given to them. */
export function targetRoutes(app: ControlApp, { store, broadcast }: Context): void {
  app.post('/v1/targets/preview', {
    config: { access: somewhere('view'), readsOnly: true },
    schema: { tags: ['orders'], summary: 'How many clusters targets would mean', description: 'Keeps nothing. Of orders, commands and alerts, with areas drawn for these. Targets that mean nothing yet are no error.', body: PreviewTargets, response: { 200: named(TargetPreview), ...problems(400, 401, 409, 413, 415, 422) } },
  }, (request) => {
    const { targets, kind = 'real' } = request.body
    const { targets: { units }, clusterIds } = reachOf(targets, kind, '', { store, broadcast })
    const { rights } = identityOf(request)
    const roots = rights.roots('view')
    const seen = roots === null ? null : new Set(store.clusters.idsWithin(roots))
    const shown = clusterIds.filter((id) => seen === null || seen.has(id))
    const connected = new Set(broadcast.connections().map(({ clusterId }) => clusterId))
    return { targeted: shown.length, online: shown.filter((id) => connected.has(id)).length, people: peopleReached(units.filter((id) => rights.holds('view', id)), shown, store) }
  })
}

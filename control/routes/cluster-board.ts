import { somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import type { OnAir } from '../ports.ts'
import { ClusterBoard, ClusterBoardQuery, type ClusterBoardView } from '../schemas/cluster-board.ts'
import { named, problems } from '../schemas/common.ts'
import { onAirView } from '../views.ts'

/** What a map or a board of all clusters shows, in a fifth of the bytes of `/v1/clusters` and `/v1/cluster-states` together. */
export function clusterBoardRoutes(app: ControlApp, { store, broadcast, monitor: { board } }: Context): void {
  app.get('/v1/cluster-board', {
    config: { access: somewhere('view') },
    schema: {
      tags: ['monitoring'], summary: 'Clusters as a map or a board shows them', description: 'Each with its place, how it works and what is on the air there; oldest first. Events of types `state` and `on-air` keep it current: they name the clusters that changed.',
      querystring: ClusterBoardQuery, response: { 200: named(ClusterBoard), ...problems(400, 401) },
    },
  }, (request): ClusterBoardView => {
    const { unit } = request.query
    const orders = new Map<string, OnAir>()
    const page = store.clusters.list(readPage('board', request.query), { within: identityOf(request).rights.roots('view'), ...(unit === undefined ? {} : { unitId: unit }) })
    const rows = pageView('board', page, ({ id, unitId, code, name, position }) => {
      const report = board.report(id)
      const onAir = broadcast.onAir(id)
      if (onAir !== null) orders.set(onAir.orderId, onAir)
      return {
        id, unitId, code, name, lat: position?.lat ?? null, lon: position?.lon ?? null,
        // A cluster is on the board a moment after it is in the registry.
        state: report?.state ?? 'unknown' as const, online: report?.online ?? false, conditions: report?.conditions.map((condition) => condition.code) ?? [], orderId: onAir?.orderId ?? null,
      }
    })
    return { ...rows, orders: [...orders.values()].map(onAirView) }
  })
}

import { somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { isInReach } from '../belonging.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import type { MonitorListener } from '../ports.ts'
import type { Rights } from '../rights.ts'
import { named, problems } from '../schemas/common.ts'
import { MonitorListenerPage, MonitorListenerQuery, type MonitorListenerView } from '../schemas/monitor.ts'
import { formatTime } from '../time.ts'

/** Who monitors by WHEP. */
export function monitorRoutes(app: ControlApp, { store, broadcast }: Context): void {
  const isSeen = ({ sourceId, clusterId }: MonitorListener, rights: Rights): boolean => {
    if (clusterId !== null) return rights.holds('view', store.clusters.get(clusterId)?.unitId ?? null)
    return isInReach(store.sources.get(sourceId!)?.unitId ?? null, 'view', rights, store)
  }

  app.get('/v1/monitors', {
    config: { access: somewhere('view') },
    schema: { tags: ['monitoring'], summary: 'List who monitors by WebRTC', description: 'Those who hear by WHEP what the caller may see. They count as no cluster that sounds.', querystring: MonitorListenerQuery, response: { 200: named(MonitorListenerPage), ...problems(400, 401) } },
  }, (request) => {
    const { rights } = identityOf(request)
    const { after, limit } = readPage('monitors', request.query)
    const seen = broadcast.monitors().filter((monitor) => monitor.sequence > (after ?? 0) && isSeen(monitor, rights))
    const items = seen.slice(0, limit)
    return pageView('monitors', { items, next: seen.length > limit ? items.at(-1)!.sequence : null }, view)
  })
}

const view = ({ id, sourceId, clusterId, personId, personName, remoteAddress, sinceMs }: MonitorListener): MonitorListenerView => ({ id, sourceId, clusterId, personId, personName, remoteAddress, since: formatTime(sinceMs) })

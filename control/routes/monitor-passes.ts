import { demand, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { isInReach } from '../belonging.ts'
import type { Context, ControlApp } from '../context.ts'
import { hashSecret } from '../ids.ts'
import type { PassHears } from '../monitor-pass.ts'
import { notFound } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { named, problems } from '../schemas/common.ts'
import { CreateMonitorPass, MonitorPassSchema, type CreateMonitorPassBody } from '../schemas/monitor.ts'
import { formatTime } from '../time.ts'

/** To open a connection with; what has been opened goes on. */
const PASS_MS = 180_000

/** For who is logged in with a cookie that no script reads, and wants to listen on the stream port. */
export function monitorPassRoutes(app: ControlApp, { store, clock, broadcast }: Context): void {
  app.post('/v1/monitor-passes', {
    config: { access: somewhere('view') },
    schema: {
      tags: ['monitoring'],
      summary: 'Get a pass to listen in',
      description: 'A token for three minutes that opens one thing and nothing else: a source, or what a cluster hears. As Bearer token at `whepPath` of the stream port; as `?key=` at `mp3Path`, for `<audio>`, which can set no header. What was opened with it goes on until the caller\'s own token or session ends; the MP3 of a cluster until the pass does.',
      body: CreateMonitorPass,
      response: { 201: named(MonitorPassSchema), ...problems(400, 401, 403, 404, 415, 422) },
    },
  }, (request, reply) => {
    const { rights, secret, expiresAtMs: endsAtMs } = identityOf(request)
    const hears = seen(request.body, rights)
    const expiresAtMs = Math.min(clock.wallMs() + PASS_MS, endsAtMs)
    const [whepPath, mp3Path] = 'sourceId' in hears ? [`/whep/source/${hears.sourceId}`, `/monitor/${hears.sourceId}.mp3`] : [`/whep/cluster/${hears.clusterId}`, `/monitor/cluster/${hears.clusterId}.mp3`]
    void reply.status(201).header('Cache-Control', 'no-store')
    return { pass: broadcast.monitorPass({ hears, tokenHash: hashSecret(secret), expiresAtMs }), whepPath, mp3Path, expiresAt: formatTime(expiresAtMs) }
  })

  function seen(body: CreateMonitorPassBody, rights: Rights): PassHears {
    if ('sourceId' in body) {
      const source = store.sources.get(body.sourceId)
      if (source === undefined || !isInReach(source.unitId, 'view', rights, store)) throw notFound('source', body.sourceId)
      return { sourceId: source.id }
    }
    const cluster = store.clusters.get(body.clusterId)
    if (cluster === undefined) throw notFound('cluster', body.clusterId)
    demand('view', rights, { unitId: cluster.unitId, thing: { noun: 'cluster', id: cluster.id } })
    return { clusterId: cluster.id }
  }
}

import { may } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import type { PlayLogRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { PlayLogPage, PlayLogQuery, type PlayLogEntryView } from '../schemas/play-log.ts'

const SAMPLES_PER_MS = 48

export function playLogRoutes(app: ControlApp, { store }: Context): void {
  app.get('/v1/clusters/:id/play-log', {
    config: { access: may('view', at.cluster) },
    schema: {
      tags: ['clusters'],
      summary: 'What the device of a cluster has played',
      description: 'As the device itself logged it, after the samples had left it; newest arrival first. A device that was without network sends its log when it is back.',
      params: IdParams,
      querystring: PlayLogQuery,
      response: { 200: named(PlayLogPage), ...problems(400, 401, 404) },
    },
  }, ({ params: { id }, query }) => {
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    const filter = { clusterId: id, ...(query.orderId === undefined ? {} : { orderId: query.orderId }) }
    return pageView('playlog', store.playLog.list(readPage('playlog', query), filter), playLogView)
  })
}

function playLogView(entry: PlayLogRecord): PlayLogEntryView {
  const { clusterId, deviceId, logId, number, orderId, playing, heard, audible, verified, fromSamples, untilSamples, missingSamples, heardAtMs, end, receivedAtMs } = entry
  const spanMs = (untilSamples - fromSamples) / SAMPLES_PER_MS
  return {
    clusterId,
    deviceId,
    logId,
    number,
    orderId,
    playing,
    stage: heard === true ? 'heard' : 'played',
    heard,
    audible,
    verified,
    from: new Date(heardAtMs).toISOString(),
    until: new Date(heardAtMs + spanMs).toISOString(),
    playedMs: Math.round(spanMs - missingSamples / SAMPLES_PER_MS),
    missingMs: Math.round(missingSamples / SAMPLES_PER_MS),
    end,
    receivedAt: new Date(receivedAtMs).toISOString(),
  }
}

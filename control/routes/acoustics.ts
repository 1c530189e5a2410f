import { may, somewhere } from '../access.ts'
import { refuseIfTwoNeeded } from '../alerts/alert-rule.ts'
import { colourByDistance, distanceM, offsetsTowards, type Placed } from '../acoustics.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { makeOrder } from '../order-rules.ts'
import type { ClusterRecord, SpeakerInfo, Targets } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { AcousticOffsets, CreateStaggeredOrder, OffsetQuery, Speaker, StaggeredOrder, Sync, type SpeakerView, type SyncView } from '../schemas/acoustics.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { syncReport } from '../sync-report.ts'
import { formatTime } from '../time.ts'
import { orderView } from '../views.ts'

const DEFAULT_HEARD_M = 700
const DEFAULT_APART_M = 1000
const DEFAULT_PAUSE_MS = 1000

/** Clusters as neighbours: how well they play in step, how late each must be to be in step where people stand, and who speaks when. */
export function acousticRoutes(app: ControlApp, { store, broadcast, clock, config, creations, hub }: Context): void {
  const meant = (targets: Targets): ClusterRecord[] => broadcast.clustersOf(targets).flatMap((id) => store.clusters.get(id) ?? [])

  app.get('/v1/sync', {
    config: { access: somewhere('view') },
    schema: { tags: ['status'], summary: 'How well clusters play in step', response: { 200: named(Sync), ...problems(401) } },
  }, (request): SyncView => {
    const { rights } = identityOf(request)
    const seesAll = rights.roots('view') === null
    const units = new Map(store.clusters.all().filter(({ unitId }) => rights.holds('view', unitId)).map(({ id, unitId }) => [id, unitId]))
    const report = syncReport(broadcast.speakers(), (clusterId) => units.get(clusterId), clock.wallMs())
    const synchronised = report.all?.clusters ?? 0
    const connected = new Set(broadcast.connections().map(({ clusterId }) => clusterId).filter((id) => seesAll || units.has(id))).size
    return {
      boundMs: config.syncBoundMs,
      synchronised,
      notSynchronised: Math.max(0, connected - synchronised),
      all: report.all,
      byUnit: [...report.byUnit],
      byOrder: [...report.byOrder],
      worst: [...report.worst],
      histogram: [...report.histogram],
    }
  })

  app.get('/v1/clusters/:id/speaker', {
    config: { access: may('view', at.cluster) },
    schema: { tags: ['clusters'], summary: 'What the device last said of itself', params: IdParams, response: { 200: named(Speaker), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    const speaker = broadcast.speaker(id)
    if (speaker === null) throw new ApiError('LOA_ERR_NOT_FOUND', `no native client of cluster '${id}' is connected, or it has said nothing yet`, `cụm loa '${id}' chưa có thiết bị kết nối hoặc thiết bị chưa báo trạng thái`)
    return speakerView(speaker)
  })

  app.get('/v1/acoustics/offsets', {
    config: { access: somewhere('view') },
    schema: { tags: ['clusters'], summary: 'How much each cluster must wait to be heard with the others at one point', description: 'From positions on the map, 1 ms for 0.35 m; the farthest waits not at all. Nothing is changed.', querystring: OffsetQuery, response: { 200: named(AcousticOffsets), ...problems(400, 401, 404) } },
  }, (request) => {
    const { lat, lon, radiusM, unitId } = request.query
    const { rights } = identityOf(request)
    if (unitId !== undefined && (store.units.get(unitId) === undefined || !rights.holds('view', unitId))) throw notFound('unit', unitId)
    const clusters = (unitId === undefined ? store.clusters.all() : meant({ units: [unitId], clusters: [], tags: [] })).filter((cluster) => rights.holds('view', cluster.unitId))
    const { placed, unplaced } = partByPosition(clusters)
    const heard = placed.filter(({ position }) => distanceM(position, { lat, lon }) <= (radiusM ?? DEFAULT_HEARD_M))
    return { offsets: offsetsTowards({ lat, lon }, heard).map((each) => ({ ...each, distanceM: Math.round(each.distanceM * 10) / 10 })), withoutPosition: unplaced.length }
  })

  app.post('/v1/staggered-orders', {
    config: { access: may('emergency', at.targets, at.changedUnit('issuer')) },
    schema: {
      tags: ['orders'],
      summary: 'Let neighbours speak in turn',
      description: 'An emergency spoken by clusters in at least three groups, one after the other, so that no two near each other speak at once and nobody stands in an echo. Makes one emergency order for each group, all of them or none.',
      headers: CreateHeaders,
      body: CreateStaggeredOrder,
      response: { 201: named(StaggeredOrder), ...problems(400, 401, 403, 409, 413, 415, 422, 507) },
    },
  }, (request, reply) => creations.run(request, reply, () => {
    const { radiusM = DEFAULT_APART_M, pauseMs = DEFAULT_PAUSE_MS, ...body } = request.body
    const nowMs = clock.wallMs()
    const { actorId: createdBy, rights } = identityOf(request)
    const given = { nowMs, createdBy, rights, store, config }
    // Checked as one order to all; the groups differ from it in who and when.
    const whole = makeOrder({ class: 'emergency', ...body }, { id: newId('o', nowMs), ...given })
    refuseIfTwoNeeded(whole, store, broadcast)
    const turns = turnsOf(meant(whole.targets), radiusM)
    if (turns.groups.length === 0) throw new ApiError('LOA_ERR_INVALID', 'the targets mean no cluster', 'không có cụm loa nào thuộc phạm vi đã chọn', { errors: [{ path: 'targets', message: 'mean no cluster', messageVi: 'không có cụm loa nào' }] })
    const contentMs = body.clipIds.reduce((sum, id) => sum + (store.clips.get(id)?.durationMs ?? 0), 0)
    const turnMs = (whole.attentionTone ? config.attentionToneMs : 0) + contentMs + pauseMs
    const orders = turns.groups.map((clusterIds, index) => store.orders.insert(makeOrder(
      { class: 'emergency', ...body, targets: { clusters: clusterIds }, startsAt: formatTime(whole.startsAtMs + index * turnMs) },
      { id: newId('o', nowMs), ...given },
    )))
    return {
      status: 201,
      body: {
        groups: orders.map(({ id, startsAtMs, targets }) => ({ orderId: id, startsAt: formatTime(startsAtMs), clusters: targets.clusters.length })),
        withoutPosition: turns.withoutPosition,
        finishedAt: formatTime(whole.startsAtMs + orders.length * turnMs - pauseMs),
      },
      after: () => {
        for (const order of orders) {
          broadcast.orderChanged(order)
          hub.orderChanged(orderView(order, nowMs, broadcast))
        }
      },
    }
  }))
}

/** Who speaks in which turn. Clusters of which nobody knows where they stand might be near anybody: they have a turn of their own, the last. */
function turnsOf(clusters: readonly ClusterRecord[], radiusM: number): { readonly groups: string[][]; readonly withoutPosition: number } {
  const { placed, unplaced } = partByPosition(clusters)
  const colours = colourByDistance(placed, radiusM)
  const groups = [...Map.groupBy(placed, ({ id }) => colours.get(id)!)].sort(([a], [b]) => a - b).map(([, group]) => group.map(({ id }) => id))
  return { groups: unplaced.length === 0 ? groups : [...groups, unplaced], withoutPosition: unplaced.length }
}

function partByPosition(clusters: readonly ClusterRecord[]): { readonly placed: Placed[]; readonly unplaced: string[] } {
  return {
    placed: clusters.flatMap(({ id, position }) => (position === null ? [] : [{ id, position }])),
    unplaced: clusters.flatMap(({ id, position }) => (position === null ? [id] : [])),
  }
}

function speakerView({ atMs, ...info }: SpeakerInfo): SpeakerView {
  return {
    clusterId: info.clusterId, at: formatTime(atMs), stage: info.stage, orderId: info.orderId, playing: info.playing,
    syncErrorUs: info.syncErrorUs, clockErrorUs: info.clockErrorUs, wallErrorMs: info.wallErrorMs, driftPpm: info.driftPpm, roundTripUs: info.roundTripUs, cardPpm: info.cardPpm, correctionPpm: info.correctionPpm,
    bufferMs: info.bufferMs, targetMs: info.targetMs, lateFrames: info.lateFrames, lostFrames: info.lostFrames, concealedFrames: info.concealedFrames, unverifiedFrames: info.unverifiedFrames,
    volumePercent: info.volumePercent, hoursPercent: info.hoursPercent, muted: info.muted, amplifier: info.amplifier, power: info.power, temperatureC: info.temperatureC, signalDbm: info.signalDbm, storageFault: info.storageFault, version: info.version, identity: info.identity,
  }
}

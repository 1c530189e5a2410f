import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { cleanEquipment, clusterFilter } from '../cluster-rules.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { hashSecret, newId, newSecret } from '../ids.ts'
import { NO_EQUIPMENT } from '../ports.ts'
import { notFound } from '../problem.ts'
import { ChangeCluster, Cluster, ClusterOnAir, ClusterPage, ClusterQuery, ClusterWithKey, CreateCluster, type ClusterOnAirView } from '../schemas/cluster.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { cleanTags, cleanText } from '../text.ts'
import { standingUnit } from '../unit-change-rules.ts'
import { clusterView, connectionView, onAirView } from '../views.ts'

const tags = ['clusters']

export function clusterRoutes(app: ControlApp, context: Context): void {
  const { store, broadcast, photos, clock, creations } = context

  app.post('/v1/clusters', {
    config: { access: may('manage', at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Create a cluster', description: 'The key is shown only here.', headers: CreateHeaders, body: CreateCluster, response: { 201: named(ClusterWithKey), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { body } = request
    standingUnit(store, body.unitId, 'unitId')
    const nowMs = clock.wallMs()
    const key = newSecret()
    const cluster = store.clusters.insert({
      id: newId('c', nowMs),
      unitId: body.unitId,
      code: body.code.normalize('NFC'),
      name: cleanText('name', body.name),
      tags: cleanTags(body.tags ?? []),
      position: body.position ?? null,
      enabled: body.enabled ?? true,
      state: body.state ?? 'active',
      equipment: cleanEquipment(NO_EQUIPMENT, body.equipment),
      keyHash: hashSecret(key),
      keyChangedAtMs: nowMs,
      createdAtMs: nowMs,
    })
    return { status: 201, location: `/v1/clusters/${cluster.id}`, body: { ...clusterView(cluster, broadcast), key }, after: () => { broadcast.clusterChanged(cluster.id) } }
  }))

  app.get('/v1/clusters', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List clusters', querystring: ClusterQuery, response: { 200: named(ClusterPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const filter = { ...clusterFilter(query), within: identityOf(request).rights.roots('view') }
    return pageView('clusters', store.clusters.list(readPage('clusters', query), filter), (cluster) => clusterView(cluster, broadcast))
  })

  app.get('/v1/clusters/:id', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'Show a cluster', params: IdParams, response: { 200: named(Cluster), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const cluster = store.clusters.get(id)
    if (cluster === undefined) throw notFound('cluster', id)
    sendEtag(reply, cluster)
    return clusterView(cluster, broadcast)
  })

  app.patch('/v1/clusters/:id', {
    config: { access: may('manage', at.cluster, at.changedUnit('unitId')) },
    schema: { tags, summary: 'Change, move, disable or enable a cluster', headers: ChangeHeaders, params: IdParams, body: ChangeCluster, response: { 200: named(Cluster), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const cluster = store.transaction(() => {
      const before = store.clusters.get(id)
      if (before === undefined) throw notFound('cluster', id)
      checkMatch(request, before)
      if (body.unitId !== undefined) {
        standingUnit(store, body.unitId, 'unitId')
        store.clusters.move([id], body.unitId, clock.wallMs())
      }
      return store.clusters.update(id, {
        ...(body.code === undefined ? {} : { code: body.code.normalize('NFC') }),
        ...(body.name === undefined ? {} : { name: cleanText('name', body.name) }),
        ...(body.tags === undefined ? {} : { tags: cleanTags(body.tags) }),
        ...(body.position === undefined ? {} : { position: body.position }),
        ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
        ...(body.state === undefined ? {} : { state: body.state }),
        ...(body.equipment === undefined ? {} : { equipment: cleanEquipment(before.equipment, body.equipment) }),
      })
    })
    if (cluster === undefined) throw notFound('cluster', id)
    broadcast.clusterChanged(id)
    sendEtag(reply, cluster)
    return clusterView(cluster, broadcast)
  })

  app.delete('/v1/clusters/:id', {
    config: { access: may('manage', at.cluster) },
    schema: { tags, summary: 'Remove a cluster', description: 'It is disconnected, and its RTP outputs end. Orders that name it go on for their other targets.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    const photo = store.photos.get(id)
    store.transaction(() => {
      const cluster = store.clusters.get(id)
      if (cluster === undefined) throw notFound('cluster', id)
      checkMatch(request, cluster)
      store.clusters.remove(id)
    })
    broadcast.clusterChanged(id)
    if (photo !== undefined && !store.photos.isUsed(photo.sha256)) await photos.remove(photo.sha256)
    return reply.status(204).send(null)
  })

  app.post('/v1/clusters/:id/rotate-key', {
    config: { access: may('maintain', at.cluster) },
    schema: { tags, summary: 'Give the cluster a new key', description: 'The old key stops working and its connection is closed. The new key is shown only here.', headers: CreateHeaders, params: IdParams, response: { 200: named(ClusterWithKey), ...problems(400, 401, 403, 404, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { id } = request.params
    const key = newSecret()
    const cluster = store.clusters.update(id, { keyHash: hashSecret(key), keyChangedAtMs: clock.wallMs() })
    if (cluster === undefined) throw notFound('cluster', id)
    return { status: 200, body: { ...clusterView(cluster, broadcast), key }, after: () => { broadcast.clusterChanged(id) } }
  }))

  app.get('/v1/clusters/:id/on-air', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'What a cluster plays now', params: IdParams, response: { 200: named(ClusterOnAir), ...problems(401, 404) } },
  }, ({ params: { id } }): ClusterOnAirView => {
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    const onAir = broadcast.onAir(id)
    return { clusterId: id, onAir: onAir === null ? null : onAirView(onAir), connections: broadcast.connections(id).map(connectionView) }
  })
}

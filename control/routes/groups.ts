import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { everywhere, somewhere } from '../access.ts'
import { refuseIfAlerted } from '../alerts/alert-users.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { readSelection } from '../group-rules.ts'
import { newId } from '../ids.ts'
import type { GroupRecord, Selection } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { refuseIfScheduled } from '../schedule/collision-search.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeGroup, CreateGroup, Group, GroupListQuery, GroupPage, Selected, SelectionQuery, type GroupView, type SelectedView } from '../schemas/group.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'

const tags = ['groups']

/** Saved selections of clusters, as targets of orders and commands. */
export function groupRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  /** One that an alert made for itself is none of these. */
  const saved = (id: string): GroupRecord | undefined => {
    const group = store.groups.get(id)
    return group?.alertId === undefined ? group : undefined
  }

  /** Only the clusters that the caller may see. */
  function selected(request: FastifyRequest, selection: Selection): SelectedView {
    const own = identityOf(request).rights.roots('view')
    const all = broadcast.select(selection)
    const seen = own === null ? null : new Set(store.clusters.idsWithin(own))
    const clusterIds = all.filter((id) => seen === null || seen.has(id))
    return { clusterIds, targeted: clusterIds.length, online: clusterIds.filter((id) => broadcast.connections(id).length > 0).length }
  }

  app.post('/v1/groups', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'Save a selection of clusters', description: 'By unit, tag, polygon and circle. Which clusters it means follows from what they are at each moment: one that is put into the area is in.', headers: CreateHeaders, body: CreateGroup, response: { 201: named(Group), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { name, ...body } = request.body
    const nowMs = clock.wallMs()
    const group = store.groups.insert({ id: newId('g', nowMs), name: cleanText('name', name), selection: readSelection(body, store), createdAtMs: nowMs })
    return { status: 201, location: `/v1/groups/${group.id}`, body: groupView(group), after: () => { broadcast.registryChanged() } }
  }))

  app.get('/v1/groups', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List groups', querystring: GroupListQuery, response: { 200: named(GroupPage), ...problems(400, 401) } },
  }, ({ query }) => pageView('groups', store.groups.list(readPage('groups', query), query.search === undefined ? {} : { search: query.search }), groupView))

  app.get('/v1/groups/:id', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Show a group', params: IdParams, response: { 200: named(Group), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const group = saved(id)
    if (group === undefined) throw notFound('group', id)
    sendEtag(reply, group)
    return groupView(group)
  })

  app.get('/v1/groups/:id/clusters', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The clusters of a group, now', description: 'Those that the caller may see.', params: IdParams, response: { 200: named(Selected), ...problems(401, 404) } },
  }, (request) => {
    const { id } = request.params
    const group = saved(id)
    if (group === undefined) throw notFound('group', id)
    return selected(request, group.selection)
  })

  app.post('/v1/groups/preview', {
    config: { access: somewhere('view'), readsOnly: true },
    schema: { tags, summary: 'The clusters that a selection would mean', description: 'Saves nothing. Those that the caller may see.', body: SelectionQuery, response: { 200: named(Selected), ...problems(400, 401, 409, 413, 415, 422) } },
  }, (request) => selected(request, readSelection(request.body, store)))

  app.patch('/v1/groups/:id', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'Change a group', description: 'Orders to it that are on air follow.', headers: ChangeHeaders, params: IdParams, body: ChangeGroup, response: { 200: named(Group), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body: { name, ...body } } = request
    const group = store.transaction(() => {
      const before = saved(id)
      if (before === undefined) throw notFound('group', id)
      checkMatch(request, before)
      return store.groups.replace({ ...before, name: name === undefined ? before.name : cleanText('name', name), selection: readSelection(body, store, before.selection) })
    })
    if (group === undefined) throw notFound('group', id)
    broadcast.registryChanged()
    sendEtag(reply, group)
    return groupView(group)
  })

  app.delete('/v1/groups/:id', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'Remove a group that no order names', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const group = saved(id)
      if (group === undefined) throw notFound('group', id)
      checkMatch(request, group)
      refuseIfScheduled(store, { groupId: id })
      refuseIfAlerted(store, { groupId: id }, clock.wallMs())
      const orders = store.orders.usersOf({ groupId: id }, clock.wallMs())
      if (orders.length > 0) throw new ApiError('LOA_ERR_IN_USE', `the group is the target of orders that are not over: stop ${orders.join(', ')} first`, `nhóm đang nhận lệnh phát chưa kết thúc: hãy dừng ${orders.join(', ')} trước`)
      store.groups.remove(id)
    })
    broadcast.registryChanged()
    void reply.status(204).send(null)
  })
}

const groupView = ({ id, name, selection: { units, tags: own, area, circles, match }, createdAtMs }: GroupRecord): GroupView => ({
  id,
  name,
  units: [...units],
  tags: [...own],
  area: structuredClone(area) as GroupView['area'],
  circles: circles.map((circle) => ({ ...circle })),
  match,
  createdAt: formatTime(createdAtMs),
})

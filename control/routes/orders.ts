import { refuseIfTwoNeeded } from '../alerts/alert-rule.ts'
import { both, mayAs, maySee, somewhere } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { identityOf } from '../auth.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { handedOver } from '../mixing-rules.ts'
import { canStop, makeOrder, rightFor } from '../order-rules.ts'
import { orderSubject, passPolicies } from '../policy/policy-check.ts'
import { notFound } from '../problem.ts'
import { groupsOf } from '../selection.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { HandOver } from '../schemas/mixing.ts'
import { CreateOrder, Order, OrderPage, OrderQuery, type CreateOrderBody } from '../schemas/order.ts'
import { concerns } from '../sight.ts'
import { listedOrderView, orderView } from '../views.ts'

const tags = ['orders']

const MAY_GIVE = mayAs({ anyOf: ['air', 'emergency'], of: ({ body }) => rightFor((body as CreateOrderBody).class) }, at.targets, at.changedUnit('issuer'))
const MAY_STEER = both(maySee('order'), mayAs({
  anyOf: ['air', 'emergency'],
  of({ params }, { store }) {
    const order = store.orders.get((params as { readonly id: string }).id)
    return order === undefined ? null : rightFor(order.class)
  },
}, at.order))

export function orderRoutes(app: ControlApp, { store, broadcast, clock, config, creations, hub }: Context): void {
  app.post('/v1/orders', {
    config: { access: MAY_GIVE },
    schema: {
      tags,
      summary: 'Give an order',
      description: 'The only thing that puts sound on clusters. When this answers, the order is on disk and the clusters have been told.',
      headers: CreateHeaders,
      body: CreateOrder,
      response: { 201: named(Order), ...problems(400, 401, 403, 409, 413, 415, 422, 507) },
    },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const { actorId: createdBy, rights } = identityOf(request)
    const made = makeOrder(request.body, { id: newId('o', nowMs), nowMs, createdBy, rights, store, config })
    refuseIfTwoNeeded(made, store, broadcast)
    passPolicies(orderSubject(made, store), { reason: request.body.reason, by: createdBy, rights }, store, nowMs)
    const order = store.orders.insert(made)
    const view = orderView(order, nowMs, broadcast)
    return {
      status: 201,
      location: `/v1/orders/${order.id}`,
      body: view,
      after: () => {
        broadcast.orderChanged(order)
        hub.orderChanged(view)
      },
    }
  }))

  app.get('/v1/orders', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List orders, newest first', description: 'With a filter, or with rights at some units only, a page may be short, or empty, and still have a `nextCursor`: the history is looked through in pieces.', querystring: OrderQuery, response: { 200: named(OrderPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const { rights } = identityOf(request)
    const nowMs = clock.wallMs()
    const filter = {
      ...(query.state === undefined ? {} : { state: query.state }),
      ...(query.class === undefined ? {} : { class: query.class }),
      ...(query.clusterId === undefined ? {} : { clusterId: query.clusterId, groupIds: groupsOf(query.clusterId, store) }),
      ...(query.sourceId === undefined ? {} : { sourceId: query.sourceId }),
    }
    const { items, next } = store.orders.list(readPage('orders', query), filter, nowMs)
    return pageView('orders', { items: items.filter((order) => concerns(order, rights, { store, broadcast })), next }, (order) => listedOrderView(order, nowMs))
  })

  app.get('/v1/orders/:id', {
    config: { access: maySee('order') },
    schema: { tags, summary: 'Show an order', params: IdParams, response: { 200: named(Order), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    const order = store.orders.get(id)
    if (order === undefined) throw notFound('order', id)
    return orderView(order, clock.wallMs(), broadcast)
  })

  app.post('/v1/orders/:id/hand-over', {
    config: { access: MAY_STEER },
    schema: {
      tags,
      summary: 'Hand a running order over to another source',
      description: 'From one live speaker to the next: both sound through the crossfade, which begins 200 ms after this was accepted. When this answers, it is on disk and the clusters have been told.',
      headers: CreateHeaders,
      params: IdParams,
      body: HandOver,
      response: { 200: named(Order), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 507) },
    },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const { id } = request.params
    const before = store.orders.get(id)
    if (before === undefined) throw notFound('order', id)
    const { actorId: by, rights } = identityOf(request)
    const handOvers = handedOver(before, request.body, { by, rights, right: rightFor(before.class), nowMs }, store, broadcast)
    const order = store.orders.handOver(id, handOvers, nowMs)
    if (order === undefined) throw notFound('order', id)
    const view = orderView(order, nowMs, broadcast)
    return {
      status: 200,
      body: view,
      after: () => {
        broadcast.orderChanged(order)
        hub.orderChanged(view)
      },
    }
  }))

  app.post('/v1/orders/:id/stop', {
    config: { access: MAY_STEER },
    schema: { tags, summary: 'Stop an order', description: 'May be repeated: an order that is stopped or over stays as it is. When this answers, the stop is on disk and the clusters have been told.', params: IdParams, response: { 200: named(Order), ...problems(401, 403, 404, 507) } },
  }, ({ params: { id } }) => {
    const nowMs = clock.wallMs()
    const before = store.orders.get(id)
    if (before === undefined) throw notFound('order', id)
    if (!canStop(before, nowMs)) return orderView(before, nowMs, broadcast)
    const order = store.orders.stop(id, nowMs)
    if (order === undefined) throw notFound('order', id)
    broadcast.orderChanged(order)
    const view = orderView(order, nowMs, broadcast)
    hub.orderChanged(view)
    return view
  })
}

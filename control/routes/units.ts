import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import type { Store } from '../ports.ts'
import { ApiError, notFound, unknownIds } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeUnit, CreateUnit, Unit, UnitPage, UnitQuery } from '../schemas/unit.ts'
import { cleanText } from '../text.ts'
import { unitView } from '../views.ts'

const tags = ['units']

export function unitRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  app.post('/v1/units', {
    config: { access: may('manage', at.bodyUnit('parentId')) },
    schema: { tags, summary: 'Create a unit', headers: CreateHeaders, body: CreateUnit, response: { 201: named(Unit), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { code, name, parentId = null, presentationDelayMs = null } = request.body
    if (parentId !== null && store.units.get(parentId) === undefined) throw unknownIds([{ path: 'parentId', noun: 'unit', id: parentId }])
    const nowMs = clock.wallMs()
    const unit = store.units.insert({ id: newId('u', nowMs), code: code.normalize('NFC'), name: cleanText('name', name), parentId, presentationDelayMs, createdAtMs: nowMs })
    return { status: 201, location: `/v1/units/${unit.id}`, body: unitView(unit), after: () => { broadcast.registryChanged() } }
  }))

  app.get('/v1/units', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List units', querystring: UnitQuery, response: { 200: named(UnitPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const filter = {
      within: identityOf(request).rights.roots('view'),
      ...(query.parentId === undefined ? {} : { parentId: query.parentId === 'root' ? null : query.parentId }),
      ...(query.search === undefined ? {} : { search: query.search.normalize('NFC') }),
    }
    return pageView('units', store.units.list(readPage('units', query), filter), unitView)
  })

  app.get('/v1/units/:id', {
    config: { access: may('view', at.unit) },
    schema: { tags, summary: 'Show a unit', params: IdParams, response: { 200: named(Unit), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const unit = store.units.get(id)
    if (unit === undefined) throw notFound('unit', id)
    sendEtag(reply, unit)
    return unitView(unit)
  })

  app.patch('/v1/units/:id', {
    config: { access: may('manage', at.unit, at.when('parentId', at.parent), at.changedUnit('parentId')) },
    schema: { tags, summary: 'Change or move a unit', headers: ChangeHeaders, params: IdParams, body: ChangeUnit, response: { 200: named(Unit), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const unit = store.transaction(() => {
      const before = store.units.get(id)
      if (before === undefined) throw notFound('unit', id)
      checkMatch(request, before)
      if (typeof body.parentId === 'string') checkParent(store, id, body.parentId)
      return store.units.update(id, {
        ...(body.code === undefined ? {} : { code: body.code.normalize('NFC') }),
        ...(body.name === undefined ? {} : { name: cleanText('name', body.name) }),
        ...(body.parentId === undefined ? {} : { parentId: body.parentId }),
        ...(body.presentationDelayMs === undefined ? {} : { presentationDelayMs: body.presentationDelayMs }),
      })
    })
    if (unit === undefined) throw notFound('unit', id)
    broadcast.registryChanged()
    sendEtag(reply, unit)
    return unitView(unit)
  })

  app.delete('/v1/units/:id', {
    config: { access: may('manage', at.unit, at.parent) },
    schema: { tags, summary: 'Remove a unit that holds nothing', params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 507) } },
  }, ({ params: { id } }, reply) => {
    store.transaction(() => {
      if (store.units.get(id) === undefined) throw notFound('unit', id)
      checkUnused(store, id, clock.wallMs())
      store.units.remove(id)
    })
    broadcast.registryChanged()
    void reply.status(204).send(null)
  })
}

function checkParent(store: Store, id: string, parentId: string): void {
  const above = store.units.ancestors(parentId)
  if (above.length === 0) throw unknownIds([{ path: 'parentId', noun: 'unit', id: parentId }])
  if (!above.includes(id)) return
  const [message, messageVi] = ['lies below the unit itself', 'nằm dưới chính đơn vị này']
  throw new ApiError('LOA_ERR_CYCLE', `parentId ${message}`, `parentId ${messageVi}`, { errors: [{ path: 'parentId', message, messageVi }] })
}

function checkUnused(store: Store, id: string, nowMs: number): void {
  const { units, clusters } = store.units.dependents(id)
  if (units + clusters > 0) {
    throw new ApiError('LOA_ERR_IN_USE', `the unit holds ${String(units)} units and ${String(clusters)} clusters: move or remove them first`, `đơn vị còn ${String(units)} đơn vị con và ${String(clusters)} cụm loa: hãy chuyển hoặc xóa trước`)
  }
  const orders = store.orders.usersOf({ unitId: id }, nowMs)
  if (orders.length > 0) {
    throw new ApiError('LOA_ERR_IN_USE', `the unit gives or is the target of orders that are not over: stop ${orders.join(', ')} first`, `đơn vị đang ra hoặc nhận lệnh phát chưa kết thúc: hãy dừng ${orders.join(', ')} trước`)
  }
}

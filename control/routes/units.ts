import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { may, somewhere } from '../access.ts'
import { refuseIfAlerted } from '../alerts/alert-users.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { unitSheet } from '../list-sheets.ts'
import type { Store, UnitContact } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { refuseIfScheduled } from '../schedule/collision-search.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeUnit, CreateUnit, Unit, UnitExportQuery, UnitPage, UnitQuery } from '../schemas/unit.ts'
import { SheetFile, sendSheet } from '../spreadsheet/sheet-answer.ts'
import { cleanText } from '../text.ts'
import { formatTime, readTime } from '../time.ts'
import { checkParent, standingUnit } from '../unit-change-rules.ts'
import { invalid } from '../validation.ts'
import { unitView } from '../views.ts'

const tags = ['units']

export function unitRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  app.post('/v1/units', {
    config: { access: may('manage', at.bodyUnit('parentId')) },
    schema: { tags, summary: 'Create a unit', headers: CreateHeaders, body: CreateUnit, response: { 201: named(Unit), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { code, name, parentId = null, presentationDelayMs = null, people = null, contact = null, validFrom } = request.body
    if (parentId !== null) standingUnit(store, parentId, 'parentId')
    const nowMs = clock.wallMs()
    const validFromMs = validFrom === undefined ? nowMs : readTime('validFrom', validFrom)
    if (validFromMs > nowMs) throw invalid([{ path: 'validFrom', message: `must not lie after now (${formatTime(nowMs)})`, messageVi: `không được sau hiện tại (${formatTime(nowMs)})` }])
    const unit = store.units.insert({ id: newId('u', nowMs), code: code.normalize('NFC'), name: cleanText('name', name), parentId, presentationDelayMs, people, contact: cleanContact(contact), createdAtMs: nowMs, validFromMs })
    return { status: 201, location: `/v1/units/${unit.id}`, body: unitView(unit), after: () => { broadcast.registryChanged() } }
  }))

  const filterOf = (request: FastifyRequest) => {
    const query = request.query as Static<typeof UnitExportQuery>
    return {
      within: identityOf(request).rights.roots('view'),
      ...(query.parentId === undefined ? {} : { parentId: query.parentId === 'root' ? null : query.parentId }),
      ...(query.search === undefined ? {} : { search: query.search }),
      ...(query.state === 'all' ? {} : { ended: query.state === 'ended' }),
    }
  }

  app.get('/v1/units/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Units as a spreadsheet', querystring: UnitExportQuery, response: { 200: SheetFile, ...problems(400, 401) } },
  }, (request, reply) => {
    const filter = filterOf(request)
    return sendSheet(request, reply, unitSheet(store), (page) => store.units.list(page, filter))
  })

  app.get('/v1/units', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List units', querystring: UnitQuery, response: { 200: named(UnitPage), ...problems(400, 401) } },
  }, (request) => pageView('units', store.units.list(readPage('units', request.query), filterOf(request)), unitView))

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
    schema: { tags, summary: 'Change or move a unit', description: 'From now on. With a date, or for several at once: `POST /v1/unit-changes`.', headers: ChangeHeaders, params: IdParams, body: ChangeUnit, response: { 200: named(Unit), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const unit = store.transaction(() => {
      const before = store.units.get(id)
      if (before === undefined) throw notFound('unit', id)
      checkMatch(request, before)
      standingUnit(store, id, 'id')
      if (typeof body.parentId === 'string') checkParent(store, id, body.parentId, 'parentId')
      return store.units.update(id, {
        ...(body.code === undefined ? {} : { code: body.code.normalize('NFC') }),
        ...(body.name === undefined ? {} : { name: cleanText('name', body.name) }),
        ...(body.parentId === undefined ? {} : { parentId: body.parentId }),
        ...(body.presentationDelayMs === undefined ? {} : { presentationDelayMs: body.presentationDelayMs }),
        ...(body.people === undefined ? {} : { people: body.people }),
        ...(body.contact === undefined ? {} : { contact: cleanContact(body.contact) }),
      }, clock.wallMs())
    })
    if (unit === undefined) throw notFound('unit', id)
    broadcast.registryChanged()
    sendEtag(reply, unit)
    return unitView(unit)
  })

  app.delete('/v1/units/:id', {
    config: { access: may('manage', at.unit, at.parent) },
    schema: { tags, summary: 'Remove a unit that was made by mistake', description: 'One that never held anything. All others end, by `POST /v1/unit-changes`, and can still be read.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const unit = store.units.get(id)
      if (unit === undefined) throw notFound('unit', id)
      checkMatch(request, unit)
      checkUnused(store, id, clock.wallMs())
      store.units.remove(id)
    })
    broadcast.registryChanged()
    void reply.status(204).send(null)
  })
}

const cleanContact = (contact: UnitContact | null): UnitContact | null => (contact === null ? null : { name: cleanText('contact.name', contact.name), phone: contact.phone.trim() })

function checkUnused(store: Store, id: string, nowMs: number): void {
  const { units, clusters } = store.units.dependents(id)
  if (units + clusters > 0) {
    throw new ApiError('LOA_ERR_IN_USE', `the unit holds ${String(units)} units and ${String(clusters)} clusters: move or remove them first`, `đơn vị còn ${String(units)} đơn vị con và ${String(clusters)} cụm loa: hãy chuyển hoặc xóa trước`)
  }
  if ([store.sources, store.clips, store.playlists].some((owned) => owned.owners().includes(id))) {
    throw new ApiError('LOA_ERR_IN_USE', 'sources, clips or playlists belong to the unit: remove them or give them to another first', 'đơn vị có nguồn, tệp âm thanh hoặc danh sách phát: hãy xóa hoặc chuyển cho đơn vị khác trước')
  }
  if (store.units.everHeld(id) || store.units.all().some(({ successorIds }) => successorIds.includes(id))) {
    throw new ApiError('LOA_ERR_IN_USE', 'the unit has a history: end it by POST /v1/unit-changes instead', 'đơn vị đã có lịch sử: hãy cho kết thúc bằng POST /v1/unit-changes')
  }
  const groups = store.groups.all().filter(({ selection }) => selection.units.includes(id)).map((group) => group.name)
  if (groups.length > 0) throw new ApiError('LOA_ERR_IN_USE', `groups name the unit: ${groups.join(', ')}`, `đơn vị thuộc các nhóm: ${groups.join(', ')}`)
  refuseIfScheduled(store, { unitId: id })
  refuseIfAlerted(store, { unitId: id }, nowMs)
  const orders = store.orders.usersOf({ unitId: id }, nowMs)
  if (orders.length > 0) {
    throw new ApiError('LOA_ERR_IN_USE', `the unit gives or is the target of orders that are not over: stop ${orders.join(', ')} first`, `đơn vị đang ra hoặc nhận lệnh phát chưa kết thúc: hãy dừng ${orders.join(', ')} trước`)
  }
}

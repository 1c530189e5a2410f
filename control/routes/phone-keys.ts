import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { makePhoneKey } from '../phone/key-rules.ts'
import { phoneKeyView } from '../phone/phone-views.ts'
import { notFound } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { CreatePhoneKey, PhoneKey, PhoneKeyPage, PhoneKeyQuery } from '../schemas/phone.ts'

const tags = ['phone']

/** What is prepared behind the keys of telephones («phím tắt»). */
export function phoneKeyRoutes(app: ControlApp, { store, clock, creations, config: { maxOrderMs } }: Context): void {
  app.post('/v1/phone/keys', {
    config: { access: may('manage', at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Prepare a key of the telephone', description: 'What a caller hears and confirms. Whether he may is seen when he calls: it takes the same rights, at every target, as the API.', headers: CreateHeaders, body: CreatePhoneKey, response: { 201: named(PhoneKey), ...problems(400, 401, 403, 404, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const key = store.phoneKeys.insert(makePhoneKey(request.body, { id: newId('k', nowMs), createdAtMs: nowMs, rights: identityOf(request).rights, store, maxOrderMs }))
    return { status: 201, location: `/v1/phone/keys/${key.id}`, body: phoneKeyView(key) }
  }))

  app.get('/v1/phone/keys', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List prepared keys', querystring: PhoneKeyQuery, response: { 200: named(PhoneKeyPage), ...problems(400, 401) } },
  }, (request) => {
    const { unitId } = request.query
    const filter = { within: identityOf(request).rights.roots('view'), ...(unitId === undefined ? {} : { unitId }) }
    return pageView('phonekeys', store.phoneKeys.list(readPage('phonekeys', request.query), filter), phoneKeyView)
  })

  app.get('/v1/phone/keys/:id', {
    config: { access: may('view', at.phoneKey) },
    schema: { tags, summary: 'Show a prepared key', params: IdParams, response: { 200: named(PhoneKey), ...problems(401, 403, 404) } },
  }, ({ params: { id } }, reply) => {
    const key = store.phoneKeys.get(id)
    if (key === undefined) throw notFound('phone key', id)
    sendEtag(reply, key)
    return phoneKeyView(key)
  })

  app.put('/v1/phone/keys/:id', {
    config: { access: may('manage', at.phoneKey, at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Change a prepared key', description: 'All of it. Calls that have chosen it go on with what it was.', headers: ChangeHeaders, params: IdParams, body: CreatePhoneKey, response: { 200: named(PhoneKey), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const key = store.transaction(() => {
      const before = store.phoneKeys.get(id)
      if (before === undefined) throw notFound('phone key', id)
      checkMatch(request, before)
      return store.phoneKeys.replace(makePhoneKey(body, { id, createdAtMs: before.createdAtMs, rights: identityOf(request).rights, store, maxOrderMs }))!
    })
    sendEtag(reply, key)
    return phoneKeyView(key)
  })

  app.delete('/v1/phone/keys/:id', {
    config: { access: may('manage', at.phoneKey) },
    schema: { tags, summary: 'Take away a prepared key', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const key = store.phoneKeys.get(id)
      if (key === undefined) throw notFound('phone key', id)
      checkMatch(request, key)
      store.phoneKeys.remove(id)
    })
    void reply.status(204).send(null)
  })
}

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Type } from 'typebox'
import { may, mayAs, both, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import { rightFor } from '../order-rules.ts'
import { phoneCallView, phoneLinesView } from '../phone/phone-views.ts'
import { notFound } from '../problem.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { PhoneCall, PhoneCallPage, PhoneCallQuery, PhoneLines } from '../schemas/phone.ts'

const tags = ['phone']

/** What is on the air through it ends with it, so it takes the right that stopping that takes. */
const MAY_HANG_UP = both(may('view', at.phoneCall), mayAs({
  anyOf: ['air', 'emergency'],
  of({ params }, { store }) {
    const call = store.phoneCalls.get((params as { readonly id: string }).id)
    if (call === undefined) return null
    const key = call.keyId === null ? undefined : store.phoneKeys.get(call.keyId)
    return rightFor(key?.class ?? (call.alertId === null ? 'normal' : 'emergency'))
  },
}, at.phoneCall))

/** Lines and calls. */
export function phoneRoutes(app: ControlApp, { store, phone }: Context): void {
  app.get('/v1/phone/lines', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Whether calls can come in', response: { 200: named(PhoneLines), ...problems(401) } },
  }, () => phoneLinesView(phone.exchange))

  app.get('/v1/phone/calls', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List calls, newest first', description: 'Of the caller\'s units; those in which nobody proved who he is are for who sees the whole tree.', querystring: PhoneCallQuery, response: { 200: named(PhoneCallPage), ...problems(400, 401) } },
  }, (request) => {
    const { live, userId } = request.query
    const filter = { within: identityOf(request).rights.roots('view'), ...(live === undefined ? {} : { live }), ...(userId === undefined ? {} : { userId }) }
    return pageView('calls', store.phoneCalls.list(readPage('calls', request.query), filter), phoneCallView)
  })

  app.get('/v1/phone/calls/:id', {
    config: { access: may('view', at.phoneCall) },
    schema: { tags, summary: 'Show a call', params: IdParams, response: { 200: named(PhoneCall), ...problems(401, 403, 404) } },
  }, ({ params: { id } }) => {
    const call = store.phoneCalls.get(id)
    if (call === undefined) throw notFound('phone call', id)
    return phoneCallView(call)
  })

  app.get('/v1/phone/calls/:id/recording', {
    config: { access: may('audit', at.phoneCall) },
    schema: { tags, summary: 'What the caller said', description: 'Ogg Opus; silent while numbers and PINs were keyed.', params: IdParams, response: { 200: Type.Unsafe<unknown>({ description: 'the sound', content: { 'audio/ogg': { schema: Type.String({ format: 'binary' }) } } }), ...problems(401, 403, 404) } },
  }, async ({ params: { id } }, reply) => {
    const call = store.phoneCalls.get(id)
    if (call === undefined) throw notFound('phone call', id)
    if (call.recording === null) throw notFound('call recording', id)
    const path = phone.recordings.path(id)
    // Opened first: an error of the stream would come after the head of the answer.
    const file = await open(path).catch(() => { throw notFound('call recording', id) })
    return reply.type('audio/ogg').header('Content-Disposition', `attachment; filename="${id}.opus"`).send(createReadStream(path, { fd: file }))
  })

  app.post('/v1/phone/calls/:id/hang-up', {
    config: { access: MAY_HANG_UP },
    schema: { tags, summary: 'End a call', description: 'What it has on the air ends by its own rule. May be repeated. The answer comes at once; the event `phone` tells when it is over.', params: IdParams, response: { 202: named(PhoneCall), ...problems(401, 403, 404) } },
  }, ({ params: { id } }, reply) => {
    const call = store.phoneCalls.get(id)
    if (call === undefined) throw notFound('phone call', id)
    if (call.endedAtMs === null) phone.desk.hangUp(id)
    void reply.status(202).send(phoneCallView(call))
  })
}

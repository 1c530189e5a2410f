import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { KNOWN, may } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { hashPassword } from '../password.ts'
import { phonePinView } from '../phone/phone-views.ts'
import { checkPin } from '../phone/pin-rules.ts'
import { setPhonePin } from '../phone/pin-setting.ts'
import type { UserRecord } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { PhonePin, RemoveOwnPhonePin, SetOwnPhonePin, SetPhonePin } from '../schemas/phone.ts'

const tags = ['phone']

/** The PINs with which people prove by telephone who they are. Nobody can read one. */
export function phonePinRoutes(app: ControlApp, { store, clock, logins }: Context): void {
  function userOf(request: FastifyRequest): UserRecord {
    const user = store.users.get(identityOf(request).userId ?? '')
    if (user === undefined) throw new ApiError('LOA_ERR_FORBIDDEN', 'a token has no PIN: log in as a user', 'mã truy cập không có mã PIN: hãy đăng nhập bằng tài khoản người dùng')
    return user
  }
  const weakFor = (userId: string, pin: string): void => { checkPin('pin', pin, store.phonePins.get(userId)?.number ?? null) }

  app.get('/v1/me/phone-pin', {
    config: { access: KNOWN },
    schema: { tags, summary: 'The own number for the telephone', response: { 200: named(PhonePin), ...problems(401, 403, 404) } },
  }, (request) => {
    const pin = store.phonePins.get(userOf(request).id)
    if (pin === undefined) throw notFound('phone PIN', 'me')
    return phonePinView(pin)
  })

  app.put('/v1/me/phone-pin', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Set the own PIN for the telephone', description: 'Takes the password again, and a code of who has an authenticator. The personal number is given with the first PIN and stays.', body: SetOwnPhonePin, response: { 200: named(PhonePin), ...problems(401, 403, 409, 415, 422, 429, 503, 507) } },
  }, async (request) => {
    const { password, code, pin, ...more } = request.body
    const { id, login } = userOf(request)
    weakFor(id, pin)
    const pinHash = await hashPassword(pin)
    return logins.prove({ login, password, code, address: request.ip }, true, () => undefined, (user) => phonePinView(setPhonePin(user, more, pinHash, store, clock.wallMs())))
  })

  app.post('/v1/me/phone-pin/remove', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Do without the telephone', body: RemoveOwnPhonePin, response: { 204: Type.Null(), ...problems(401, 403, 415, 422, 429, 503, 507) } },
  }, async (request, reply) => {
    const { password, code } = request.body
    await logins.prove({ login: userOf(request).login, password, code, address: request.ip }, true, () => undefined, ({ id }) => store.phonePins.remove(id))
    return reply.status(204).send(null)
  })

  app.get('/v1/users/:id/phone-pin', {
    config: { access: may('people', at.user) },
    schema: { tags, summary: 'The number of a user for the telephone', params: IdParams, response: { 200: named(PhonePin), ...problems(401, 403, 404) } },
  }, ({ params: { id } }, reply) => {
    const pin = store.phonePins.get(id)
    if (store.users.get(id) === undefined) throw notFound('user', id)
    if (pin === undefined) throw notFound('phone PIN', id)
    sendEtag(reply, pin)
    return phonePinView(pin)
  })

  app.put('/v1/users/:id/phone-pin', {
    config: { access: may('people', at.user, at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Give a user a PIN for the telephone', description: 'In the place of the one he had. Tell it to him alone, and let him set his own.', headers: ChangeHeaders, params: IdParams, body: SetPhonePin, response: { 200: named(PhonePin), ...problems(401, 403, 404, 409, 412, 415, 422, 503, 507) } },
  }, async (request, reply) => {
    const { params: { id }, body: { pin, ...more } } = request
    if (store.users.get(id) === undefined) throw notFound('user', id)
    weakFor(id, pin)
    const pinHash = await hashPassword(pin)
    const set = store.transaction(() => {
      const user = store.users.get(id)
      if (user === undefined) throw notFound('user', id)
      const before = store.phonePins.get(id)
      if (before !== undefined) checkMatch(request, before)
      return setPhonePin(user, more, pinHash, store, clock.wallMs())
    })
    sendEtag(reply, set)
    return phonePinView(set)
  })

  app.delete('/v1/users/:id/phone-pin', {
    config: { access: may('people', at.user) },
    schema: { tags, summary: 'Take the PIN of a user away', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const pin = store.phonePins.get(id)
      if (store.users.get(id) === undefined) throw notFound('user', id)
      if (pin === undefined) throw notFound('phone PIN', id)
      checkMatch(request, pin)
      store.phonePins.remove(id)
    })
    void reply.status(204).send(null)
  })
}

import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { closeMicrophones } from '../own-microphones.ts'
import { checkAdministered, checkRoles, isWithin } from '../people-rules.ts'
import type { Context, ControlApp } from '../context.ts'
import { identityOf } from '../auth.ts'
import { at } from '../finders.ts'
import { hashSecret, newId, newSecret } from '../ids.ts'
import { fieldError } from '../order-rules.ts'
import { notFound } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { CreateToken, TokenList, TokenWithSecret } from '../schemas/token.ts'
import { cleanText } from '../text.ts'
import { readTime } from '../time.ts'
import { tokenView } from '../views.ts'

const tags = ['tokens']

export function tokenRoutes(app: ControlApp, { store, broadcast, clock, creations, revoke }: Context): void {
  app.post('/v1/tokens', {
    config: { access: may('people', at.roles) },
    schema: { tags, summary: 'Create a token', description: 'The token is shown only here. From `expiresAt` on it is not taken, and what it has open ends.', headers: CreateHeaders, body: CreateToken, response: { 201: named(TokenWithSecret), ...problems(400, 401, 403, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const secret = newSecret()
    const { name, roles, expiresAt } = request.body
    const expiresAtMs = expiresAt === undefined ? Infinity : readTime('expiresAt', expiresAt)
    if (expiresAtMs <= nowMs) throw fieldError('LOA_ERR_INVALID', 'expiresAt', 'must be in the future', 'phải ở tương lai')
    const token = store.tokens.insert({ id: newId('t', nowMs), name: cleanText('name', name), grants: checkRoles(roles, store), hash: hashSecret(secret), createdAtMs: nowMs, ...(expiresAt === undefined ? {} : { expiresAtMs }) })
    return { status: 201, body: { ...tokenView(token), token: secret }, after: () => { broadcast.credentialsChanged() } }
  }))

  app.get('/v1/tokens', {
    config: { access: somewhere('people') },
    schema: { tags, summary: 'List tokens', response: { 200: named(TokenList), ...problems(401, 403) } },
  }, (request) => {
    const { rights } = identityOf(request)
    return { items: store.tokens.all().filter(({ grants }) => isWithin(grants, rights, 'people')).map(tokenView) }
  })

  app.delete('/v1/tokens/:id', {
    config: { access: may('people', at.token) },
    schema: { tags, summary: 'Remove a token', description: 'It stops working at once, and its event streams end.', params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 507) } },
  }, ({ params: { id } }, reply) => {
    const closed = store.transaction(() => {
      const token = store.tokens.get(id)
      if (token === undefined) throw notFound('token', id)
      store.tokens.remove(id)
      checkAdministered(store)
      return closeMicrophones(id, [], store)
    })
    revoke([id])
    for (const sourceId of closed) broadcast.sourceChanged(sourceId)
    void reply.status(204).send(null)
  })
}

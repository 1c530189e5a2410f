import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { userSheet } from '../list-sheets.ts'
import { foldLogin } from '../logins.ts'
import { hashPassword } from '../password.ts'
import { checkPassword } from '../password-rules.ts'
import { closeMicrophones } from '../own-microphones.ts'
import { checkAdministered, checkRoles, isWithin } from '../people-rules.ts'
import { notFound } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeUser, CreateUser, User, UserExportQuery, UserPage, UserQuery } from '../schemas/people.ts'
import { SheetFile, sendSheet } from '../spreadsheet/sheet-answer.ts'
import { cleanText } from '../text.ts'
import { userView } from '../views.ts'

const tags = ['users']

export function userRoutes(app: ControlApp, { store, broadcast, clock, creations, revoke }: Context): void {
  app.post('/v1/users', {
    config: { access: may('people', at.roles) },
    schema: { tags, summary: 'Create a user', headers: CreateHeaders, body: CreateUser, response: { 201: named(User), ...problems(400, 401, 403, 409, 415, 422, 503, 507) } },
  }, async (request, reply) => {
    const { body } = request
    const login = foldLogin(body.login)
    const name = cleanText('name', body.name)
    checkPassword('password', body.password, [login, name])
    return creations.runSlow(request, reply, JSON.stringify(body), () => hashPassword(body.password), (passwordHash) => {
      const nowMs = clock.wallMs()
      const user = store.users.insert({ id: newId('p', nowMs), login, name, grants: checkRoles(body.roles, store), passwordHash, totpSecret: null, totpPending: null, totpUsedStep: 0, recoveryHashes: [], enabled: true, createdAtMs: nowMs })
      return { status: 201, location: `/v1/users/${user.id}`, body: userView(user) }
    })
  })

  app.get('/v1/users/export', {
    config: { access: somewhere('people') },
    schema: { tags, summary: 'Users as a spreadsheet', description: 'Those all of whose roles lie in the caller\'s units.', querystring: UserExportQuery, response: { 200: SheetFile, ...problems(400, 401, 403) } },
  }, (request, reply) => {
    const { rights } = identityOf(request)
    return sendSheet(request, reply, userSheet(store), (page) => {
      const { items, next } = store.users.list(page)
      return { items: items.filter(({ grants }) => isWithin(grants, rights, 'people')), next }
    })
  })

  app.get('/v1/users', {
    config: { access: somewhere('people') },
    schema: { tags, summary: 'List users', description: 'Those all of whose roles lie in the caller\'s units: a page may be short, or empty, and still have a `nextCursor`.', querystring: UserQuery, response: { 200: named(UserPage), ...problems(400, 401, 403) } },
  }, (request) => {
    const { rights } = identityOf(request)
    const { items, next } = store.users.list(readPage('users', request.query))
    return pageView('users', { items: items.filter(({ grants }) => isWithin(grants, rights, 'people')), next }, userView)
  })

  app.get('/v1/users/:id', {
    config: { access: may('people', at.user) },
    schema: { tags, summary: 'Show a user', params: IdParams, response: { 200: named(User), ...problems(401, 403, 404) } },
  }, ({ params: { id } }, reply) => {
    const user = store.users.get(id)
    if (user === undefined) throw notFound('user', id)
    sendEtag(reply, user)
    return userView(user)
  })

  app.patch('/v1/users/:id', {
    config: { access: may('people', at.user, at.roles) },
    schema: { tags, summary: 'Change a user', description: 'With another password, or when he may not log in any more, his sessions end at once; with other roles his open streams end and come back with what he may see now.', headers: ChangeHeaders, params: IdParams, body: ChangeUser, response: { 200: named(User), ...problems(400, 401, 403, 404, 409, 412, 415, 422, 503, 507) } },
  }, async (request, reply) => {
    const { params: { id }, body } = request
    const known = store.users.get(id)
    if (known === undefined) throw notFound('user', id)
    if (body.password !== undefined) checkPassword('password', body.password, [known.login, known.name])
    const passwordHash = body.password === undefined ? undefined : await hashPassword(body.password)
    const { user, ended, closed } = store.transaction(() => {
      const before = store.users.get(id)
      if (before === undefined) throw notFound('user', id)
      checkMatch(request, before)
      const after = store.users.update(id, {
        ...(body.name === undefined ? {} : { name: cleanText('name', body.name) }),
        ...(body.roles === undefined ? {} : { grants: checkRoles(body.roles, store) }),
        ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
        ...(passwordHash === undefined ? {} : { passwordHash }),
        ...(body.secondFactor === undefined ? {} : { totpSecret: null, totpPending: null, recoveryHashes: [] }),
      }) ?? before
      checkAdministered(store)
      const isOut = passwordHash !== undefined || !after.enabled
      return { user: after, ended: isOut ? store.sessions.removeOf(id, null) : [], closed: closeMicrophones(id, isOut ? [] : after.grants, store) }
    })
    revoke(body.roles === undefined ? ended : [id])
    for (const sourceId of closed) broadcast.sourceChanged(sourceId)
    sendEtag(reply, user)
    return userView(user)
  })

  app.delete('/v1/users/:id', {
    config: { access: may('people', at.user) },
    schema: { tags, summary: 'Remove a user', description: 'His sessions end at once. What he has done keeps his id.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    const closed = store.transaction(() => {
      const user = store.users.get(id)
      if (user === undefined) throw notFound('user', id)
      checkMatch(request, user)
      store.users.remove(id)
      checkAdministered(store)
      return closeMicrophones(id, [], store)
    })
    revoke([id])
    for (const sourceId of closed) broadcast.sourceChanged(sourceId)
    void reply.status(204).send(null)
  })
}

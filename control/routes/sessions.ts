import { Type } from 'typebox'
import { KNOWN, PUBLIC } from '../access.ts'
import { holderOf, identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { hashSecret, newId, newSecret } from '../ids.ts'
import { isWithin } from '../people-rules.ts'
import type { SessionRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { CreateSession, NewSession, SessionList, type NewSessionView, type SessionView } from '../schemas/people.ts'
import { clearSessionCookie, sendSessionCookie } from '../session-cookie.ts'
import { formatTime } from '../time.ts'
import { userView } from '../views.ts'

const tags = ['users']
/** Of one user: the oldest ends when he logs in once more. */
const MOST_SESSIONS = 20
const MOST_AGENT_CHARACTERS = 200

export function sessionRoutes(app: ControlApp, { store, clock, config, logins, revoke }: Context): void {
  app.post('/v1/sessions', {
    config: { access: PUBLIC },
    schema: { tags, summary: 'Log in', description: 'Who is wrong is told the same after the same time, whether or not there is such a user, and waits longer each time (`Retry-After`); nobody waits because of what others have tried.', security: [], body: CreateSession, response: { 201: named(NewSession), ...problems(400, 401, 415, 422, 429, 503, 507) } },
  }, async (request, reply) => {
    const { login, password, code, as = 'cookie' } = request.body
    const secret = newSecret()
    const replaced: string[] = []
    const view = await logins.prove({ login, password, code, address: request.ip }, true, ({ id }) => request.audit?.targetIds.push(id), (user): NewSessionView => {
      const nowMs = clock.wallMs()
      const expiresAtMs = nowMs + config.sessionMs
      for (const { id } of store.sessions.ofUser(user.id).slice(0, 1 - MOST_SESSIONS)) {
        store.sessions.remove(id)
        replaced.push(id)
      }
      const session = store.sessions.insert({ id: newId('l', nowMs), userId: user.id, hash: hashSecret(secret), remoteAddress: request.ip, userAgent: (request.headers['user-agent'] ?? '').slice(0, MOST_AGENT_CHARACTERS), createdAtMs: nowMs, expiresAtMs })
      request.identity = holderOf(secret, store, nowMs)
      return { id: session.id, user: userView(user), ...(as === 'token' ? { token: secret } : {}), expiresAt: formatTime(expiresAtMs) }
    })
    revoke(replaced) // and those who serve streams learn of the new one
    if (as === 'cookie') sendSessionCookie(request, reply, secret, config.sessionMs)
    return reply.status(201).send(view)
  })

  app.get('/v1/sessions', {
    config: { access: KNOWN },
    schema: { tags, summary: 'List sessions', description: 'The caller\'s own, and those of users whom he administers.', response: { 200: named(SessionList), ...problems(401) } },
  }, (request) => {
    const { userId, rights, credentialId } = identityOf(request)
    const nowMs = clock.wallMs()
    const mayEnd = new Map<string, boolean>()
    const items = store.sessions.all().filter((session) => {
      if (nowMs >= session.expiresAtMs) return false
      if (session.userId === userId) return true
      let may = mayEnd.get(session.userId)
      if (may === undefined) mayEnd.set(session.userId, may = administers(session, rights))
      return may
    })
    return { items: items.map((session) => sessionView(session, credentialId)) }
  })

  app.delete('/v1/sessions/:id', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Log out', description: '`current` is the session that asks. It ends at once, with its open streams. Others\' sessions need the right `people` where all their roles are.', params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 507) } },
  }, (request, reply) => {
    const { credentialId, userId, rights } = identityOf(request)
    const id = request.params.id === 'current' ? credentialId : request.params.id
    const session = store.sessions.get(id)
    if (session === undefined || (session.userId !== userId && !administers(session, rights))) throw notFound('session', id)
    store.sessions.remove(id)
    revoke([id])
    if (id === credentialId) clearSessionCookie(request, reply)
    void reply.status(204).send(null)
  })

  function administers({ userId }: SessionRecord, rights: Rights): boolean {
    const user = store.users.get(userId)
    return user !== undefined && isWithin(user.grants, rights, 'people')
  }
}

const sessionView = ({ id, userId, remoteAddress, userAgent, createdAtMs, expiresAtMs }: SessionRecord, currentId: string): SessionView =>
  ({ id, userId, remoteAddress, userAgent, current: id === currentId, createdAt: formatTime(createdAtMs), expiresAt: formatTime(expiresAtMs) })

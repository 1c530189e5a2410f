import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { KNOWN } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { hashCode, newCode } from '../ids.ts'
import { hashPassword } from '../password.ts'
import { checkPassword } from '../password-rules.ts'
import type { UserRecord } from '../ports.ts'
import { ApiError } from '../problem.ts'
import { named, problems } from '../schemas/common.ts'
import { ChangePassword, ConfirmSecondFactor, Me, NewSecondFactor, ProvePassword, RecoveryCodes, type MeView } from '../schemas/people.ts'
import { RIGHTS } from '../rights.ts'
import { newTotpSecret, totpStep, totpUri } from '../second-factor.ts'

const tags = ['users']
const copied = (ids: readonly string[] | null): string[] | null => (ids === null ? null : [...ids])
const RECOVERY_CODES = 10

/** What is about the caller himself. Whatever weakens his account takes his password again: a browser may have been left open. */
export function meRoutes(app: ControlApp, { store, clock, logins, revoke }: Context): void {
  function userOf(request: FastifyRequest): UserRecord {
    const user = store.users.get(identityOf(request).userId ?? '')
    if (user === undefined) throw new ApiError('LOA_ERR_FORBIDDEN', 'a token has no password of its own: log in as a user', 'mã truy cập không có mật khẩu: hãy đăng nhập bằng tài khoản người dùng')
    return user
  }
  const prove = <T>(request: FastifyRequest, password: string, work: (user: UserRecord) => T): Promise<T> =>
    logins.prove({ login: userOf(request).login, password, address: request.ip }, false, () => undefined, work)

  app.get('/v1/me', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Who am I', response: { 200: named(Me), ...problems(401) } },
  }, (request): MeView => {
    const { actorId, userId, name, rights } = identityOf(request)
    const user = userId === null ? undefined : store.users.get(userId)
    return { id: actorId, name, kind: userId === null ? 'token' : 'user', roles: rights.grants.map(({ role, unitId }) => ({ role, unitId })), rights: RIGHTS.filter((right) => rights.somewhere(right)).map((right) => ({ right, unitIds: copied(rights.roots(right)) })), secondFactor: (user?.totpSecret ?? null) !== null, recoveryCodesLeft: user?.recoveryHashes.length ?? 0 }
  })

  app.post('/v1/me/password', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Change the own password', description: 'All other sessions end at once.', body: ChangePassword, response: { 204: Type.Null(), ...problems(401, 403, 415, 422, 429, 503, 507) } },
  }, async (request, reply) => {
    const { password, newPassword } = request.body
    const { login, name } = userOf(request)
    checkPassword('newPassword', newPassword, [login, name])
    const passwordHash = await hashPassword(newPassword)
    const ended = await prove(request, password, ({ id }) => {
      store.users.update(id, { passwordHash })
      return store.sessions.removeOf(id, identityOf(request).credentialId)
    })
    revoke(ended)
    return reply.status(204).send(null)
  })

  app.post('/v1/me/second-factor', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Get a second factor', description: 'For an authenticator (RFC 6238). It counts from when a code of it has been confirmed.', body: ProvePassword, response: { 201: named(NewSecondFactor), ...problems(401, 403, 415, 422, 429, 503, 507) } },
  }, async (request, reply) => {
    const secret = newTotpSecret()
    const uri = await prove(request, request.body.password, ({ id, login }) => {
      store.users.update(id, { totpPending: secret })
      return totpUri(secret, login)
    })
    return reply.status(201).send({ secret, uri })
  })

  app.post('/v1/me/second-factor/confirm', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Show that the authenticator works', description: 'From now on a code is needed to log in. Recovery codes of before are void.', body: ConfirmSecondFactor, response: { 201: named(RecoveryCodes), ...problems(401, 403, 415, 422, 507) } },
  }, (request, reply) => {
    const codes = Array.from({ length: RECOVERY_CODES }, newCode)
    const { id, totpPending } = userOf(request)
    const step = totpPending === null ? null : totpStep(totpPending, request.body.code, clock.wallMs(), 0)
    if (step === null) throw new ApiError('LOA_ERR_SECOND_FACTOR', 'the code does not fit the second factor that was given', 'mã không khớp với yếu tố xác thực vừa cấp')
    store.users.update(id, { totpSecret: totpPending, totpPending: null, totpUsedStep: step, recoveryHashes: codes.map(hashCode) })
    void reply.status(201).send({ codes })
  })

  app.post('/v1/me/second-factor/remove', {
    config: { access: KNOWN },
    schema: { tags, summary: 'Do without a second factor', body: ProvePassword, response: { 204: Type.Null(), ...problems(401, 403, 415, 422, 429, 503, 507) } },
  }, async (request, reply) => {
    await prove(request, request.body.password, ({ id }) => store.users.update(id, { totpSecret: null, totpPending: null, recoveryHashes: [] }))
    return reply.status(204).send(null)
  })
}

import { Type, type Static } from 'typebox'
import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from '../password-rules.ts'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { RIGHTS } from '../rights.ts'
import { as, Id, Name, named, Nullable, PageParams, pageOf } from './common.ts'
import { RoleAtUnit, Roles } from './token.ts'

const Login = Type.String({ minLength: 3, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]+$', description: 'what the user logs in with; case makes no difference', examples: ['lan.nguyen'] })
const Password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_CHARACTERS, description: `at least ${String(MIN_PASSWORD_CHARACTERS)} characters, and not made of common words, names, rows of keys or digits`, examples: ['bốn con mèo ngủ trưa'] })
/** As it is: an old password, or a wrong one. */
const AnyPassword = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_CHARACTERS })
const Code = Type.String({ minLength: 6, maxLength: 40, description: 'six digits of the authenticator, or a recovery code', examples: ['123456'] })
const Time = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }

export const User = as('User', Type.Object({
  id: Id('the user'),
  login: Type.String(),
  name: Name('Nguyễn Thị Lan'),
  roles: Type.Array(RoleAtUnit),
  secondFactor: Type.Boolean({ description: 'whether a code is needed to log in' }),
  enabled: Type.Boolean({ description: 'whether the user may log in' }),
  createdAt: Time,
}, closed))
export type UserView = Static<typeof User>
export const UserPage = as('UserPage', pageOf(named(User)))
export const UserQuery = Type.Object({ ...PageParams }, closed)
export const UserExportQuery = Type.Object({ ...SheetParams }, closed)

export const CreateUser = Type.Object({ login: Login, name: Name('Nguyễn Thị Lan'), password: Password, roles: Roles }, {
  ...closed,
  examples: [{ login: 'lan.nguyen', name: 'Nguyễn Thị Lan', password: 'bốn con mèo ngủ trưa', roles: [{ role: 'operator', unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya' }] }],
})

export const ChangeUser = Type.Object({
  name: Type.Optional(Name('Nguyễn Thị Lan')),
  roles: Type.Optional(Roles),
  password: Type.Optional(Password),
  enabled: Type.Optional(Type.Boolean()),
  secondFactor: Type.Optional(Type.Literal(false, { description: 'takes the second factor away, for who has lost it' })),
}, { ...closed, minProperties: 1, examples: [{ enabled: false }] })

export const Session = as('Session', Type.Object({
  id: Id('the session'),
  userId: Id('the user'),
  remoteAddress: Type.String(),
  userAgent: Type.String(),
  current: Type.Boolean({ description: 'whether it is the one that asks' }),
  createdAt: Time,
  expiresAt: Time,
}, closed))
export type SessionView = Static<typeof Session>
export const SessionList = as('SessionList', Type.Object({ items: Type.Array(named(Session)) }, closed))

export const CreateSession = Type.Object({
  login: Type.String({ minLength: 1, maxLength: 64, examples: ['lan.nguyen'] }),
  password: AnyPassword,
  code: Type.Optional(Code),
  as: Type.Optional(Type.Enum(['cookie', 'token'], { default: 'cookie', description: '`cookie`: for browsers, no script can read it; `token`: in the answer, to be sent as `Authorization: Bearer …`' })),
}, { ...closed, examples: [{ login: 'lan.nguyen', password: 'bốn con mèo ngủ trưa', code: '123456' }] })

export const NewSession = as('NewSession', Type.Object({
  id: Id('the session'),
  user: named(User),
  token: Type.Optional(Type.String({ description: 'shown only this once, and only when asked for' })),
  expiresAt: Time,
}, closed))
export type NewSessionView = Static<typeof NewSession>

export const Me = as('Me', Type.Object({
  id: Id('the user or the token'),
  name: Type.String(),
  kind: Type.Enum(['user', 'token']),
  roles: Type.Array(RoleAtUnit),
  rights: Type.Array(Type.Object({ right: Type.Enum([...RIGHTS]), unitIds: Nullable(Type.Array(Type.String(), { description: 'there and at all units below; null: over the whole tree' })) }, closed), { description: 'what the roles come to; a right that is held nowhere is not there' }),
  secondFactor: Type.Boolean(),
  recoveryCodesLeft: Type.Integer({ minimum: 0 }),
}, closed))
export type MeView = Static<typeof Me>

export const ChangePassword = Type.Object({ password: AnyPassword, newPassword: Password }, { ...closed, examples: [{ password: 'bốn con mèo ngủ trưa', newPassword: 'năm con vịt qua sông' }] })
export const ProvePassword = Type.Object({ password: AnyPassword }, { ...closed, examples: [{ password: 'bốn con mèo ngủ trưa' }] })
export const ConfirmSecondFactor = Type.Object({ code: Type.String({ pattern: '^\\d{6}$', description: 'six digits of the authenticator', examples: ['123456'] }) }, closed)

export const NewSecondFactor = as('NewSecondFactor', Type.Object({ secret: Type.String({ description: 'base 32' }), uri: Type.String({ description: 'otpauth://, for the square code' }) }, closed))
export const RecoveryCodes = as('RecoveryCodes', Type.Object({ codes: Type.Array(Type.String(), { description: 'each opens once in the place of a code; shown only this once' }) }, closed))

import { Type, type Static } from 'typebox'
import { ROLES } from '../rights.ts'
import { as, Id, Name, Nullable } from './common.ts'

export const RoleAtUnit = Type.Object({
  role: Type.Enum([...ROLES], { description: '`viewer` reads and listens; `writer` uploads clips; `editor` also renames and removes them; `operator` also gives orders that are no emergency, and commands; `technician` commands, and changes keys, devices and outputs; `emergency-officer` gives and stops emergencies; `administrator` does all but emergencies; `auditor` reads, also the audit log; `cap-sender` hands in CAP messages and sees nothing' }),
  unitId: Nullable(Id('the unit at which it is held, with all below it; null: the whole tree')),
}, { additionalProperties: false })
export const Roles = Type.Array(RoleAtUnit, { minItems: 1, maxItems: 100, examples: [[{ role: 'operator', unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya' }]] })

const fields = {
  id: Id('the token'), name: Name('Trực ban'), roles: Type.Array(RoleAtUnit),
  createdAt: Type.String({ format: 'date-time' }),
  expiresAt: Nullable(Type.String({ format: 'date-time', description: 'first moment at which it is not taken any more; null: it does not end by itself' })),
  lastUsedAt: Nullable(Type.String({ format: 'date-time', description: 'to about an hour; null: never' })),
}

export const Token = as('Token', Type.Object(fields, { additionalProperties: false }))
export type TokenView = Static<typeof Token>
export const TokenWithSecret = as('TokenWithSecret', Type.Object({ ...fields, token: Type.String({ description: 'shown only this once' }) }, { additionalProperties: false }))
export const TokenList = as('TokenList', Type.Object({ items: Type.Array(Type.Object(fields, { additionalProperties: false })) }, { additionalProperties: false }))
export const CreateToken = Type.Object({
  name: Name('Trực ban'),
  roles: Roles,
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'in the future; left out: it does not end by itself' })),
}, { additionalProperties: false, examples: [{ name: 'Trực ban', roles: [{ role: 'operator', unitId: null }] }] })

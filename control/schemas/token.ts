import { Type, type Static } from 'typebox'
import { as, Id, Name } from './common.ts'

const Role = Type.Enum(['admin', 'operator', 'viewer'], { description: '`viewer` reads and listens, `operator` also gives orders and uploads clips, `admin` also changes units, clusters, sources and tokens' })
const fields = { id: Id('the token'), name: Name('Trực ban'), role: Role, createdAt: Type.String({ format: 'date-time' }) }

export const Token = as('Token', Type.Object(fields, { additionalProperties: false }))
export type TokenView = Static<typeof Token>
export const TokenWithSecret = as('TokenWithSecret', Type.Object({ ...fields, token: Type.String({ description: 'shown only this once' }) }, { additionalProperties: false }))
export const TokenList = as('TokenList', Type.Object({ items: Type.Array(Type.Object(fields, { additionalProperties: false })) }, { additionalProperties: false }))
export const CreateToken = Type.Object({ name: Name('Trực ban'), role: Role }, { additionalProperties: false, examples: [{ name: 'Trực ban', role: 'operator' }] })

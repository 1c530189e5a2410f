import { Type, type Static } from 'typebox'
import { as, Code, Id, Name, Nullable, PageParams, pageOf, named } from './common.ts'

export const Unit = as('Unit', Type.Object({
  id: Id('the unit'),
  code: Code('X1'),
  name: Name('Xã Một'),
  parentId: Nullable(Id('unit above; null: a root')),
  level: Type.Integer({ minimum: 0, description: 'depth in the tree, 0 is a root; of two orders of one class the one of the higher unit (smaller level) is played' }),
  createdAt: Type.String({ format: 'date-time' }),
}, { additionalProperties: false }))
export type UnitView = Static<typeof Unit>

export const UnitPage = as('UnitPage', pageOf(named(Unit)))

export const CreateUnit = Type.Object({
  code: Code('X1'),
  name: Name('Xã Một'),
  parentId: Type.Optional(Nullable(Id('unit above; null or left out: a root'))),
}, { additionalProperties: false, examples: [{ code: 'X1', name: 'Xã Một', parentId: null }] })

export const ChangeUnit = Type.Object({
  code: Type.Optional(Code('X1')),
  name: Type.Optional(Name('Xã Một')),
  parentId: Type.Optional(Nullable(Id('moves the unit with everything below it'))),
}, { additionalProperties: false, minProperties: 1, examples: [{ name: 'Xã Một (mới)' }] })

export const UnitQuery = Type.Object({
  ...PageParams,
  parentId: Type.Optional(Type.String({ description: 'only children of this unit; `root`: only roots' })),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the code or the name, in any case' })),
}, { additionalProperties: false })

import { Type, type Static } from 'typebox'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Code, Id, Name, Nullable, PageParams, pageOf, named, Time } from './common.ts'

const PresentationDelayMs = Type.Integer({ minimum: 60, maximum: 10_000, description: 'how much later than it stands on the house clock sound is heard at the native devices of the unit and of those below it, ms: what their networks need (120 on a local network, 800 over 4G). Neighbours must have the same. null: as the unit above; at the root, as configured' })

const People = Type.Integer({ minimum: 0, maximum: 200_000_000, description: 'how many live there, with all below it; null: not known' })

const Contact = Type.Object({
  name: Name('Chị Hoa, văn hóa xã'),
  phone: Type.String({ minLength: 3, maxLength: 32, pattern: '^\\+?[0-9][0-9 ().-]*$', description: 'as it is dialled', examples: ['0912 345 678'] }),
}, { additionalProperties: false, description: 'who is called when clusters of the unit are silent, or of units below it that name nobody. null: as the unit above' })

export const Unit = as('Unit', Type.Object({
  id: Id('the unit'),
  code: Type.String({ description: 'unique among the units that have not ended', examples: ['X1'] }),
  name: Name('Xã Một'),
  parentId: Nullable(Id('unit above; null: a root')),
  level: Type.Integer({ minimum: 0, description: 'depth in the tree, 0 is a root; of two orders of one class the one of the higher unit (smaller level) is played' }),
  presentationDelayMs: Nullable(PresentationDelayMs),
  people: Nullable(People),
  contact: Nullable(Contact),
  createdAt: Type.String({ format: 'date-time' }),
  endedAt: Nullable(Type.String({ format: 'date-time', description: 'first moment at which the unit is no more; it holds nothing, and `parentId` says where it stood last' })),
  successorIds: Type.Array(Type.String(), { description: 'units that took over what an ended one held' }),
}, { additionalProperties: false }))
export type UnitView = Static<typeof Unit>

export const UnitPage = as('UnitPage', pageOf(named(Unit)))

export const CreateUnit = Type.Object({
  code: Code('X1'),
  name: Name('Xã Một'),
  parentId: Type.Optional(Nullable(Id('unit above; null or left out: a root'))),
  presentationDelayMs: Type.Optional(Nullable(PresentationDelayMs)),
  people: Type.Optional(Nullable(People)),
  contact: Type.Optional(Nullable(Contact)),
  validFrom: Type.Optional(Time('when the unit came to be; default: now')),
}, { additionalProperties: false, examples: [{ code: 'X1', name: 'Xã Một', parentId: null, people: 8200, contact: { name: 'Chị Hoa, văn hóa xã', phone: '0912 345 678' } }] })

export const ChangeUnit = Type.Object({
  code: Type.Optional(Code('X1')),
  name: Type.Optional(Name('Xã Một')),
  parentId: Type.Optional(Nullable(Id('moves the unit with everything below it'))),
  presentationDelayMs: Type.Optional(Nullable(PresentationDelayMs)),
  people: Type.Optional(Nullable(People)),
  contact: Type.Optional(Nullable(Contact)),
}, { additionalProperties: false, minProperties: 1, examples: [{ name: 'Xã Một (mới)' }] })

const UnitFilters = {
  parentId: Type.Optional(Type.String({ description: 'only children of this unit; `root`: only roots' })),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the code or the name, in any case, with or without accents' })),
  state: Type.Optional(Type.Enum(['standing', 'ended', 'all'], { default: 'standing', description: 'units that are, that are no more, or both' })),
}
export const UnitQuery = Type.Object({ ...PageParams, ...UnitFilters }, { additionalProperties: false })
export const UnitExportQuery = Type.Object({ ...SheetParams, ...UnitFilters }, { additionalProperties: false })

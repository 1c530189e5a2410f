import { Type, type Static } from 'typebox'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Id, named, Nullable, pageOf } from './common.ts'

const Clock = Type.String({ pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$', examples: ['05:30'] })
const Windows = (description: string) => Nullable(Type.Array(Type.Object({
  weekdays: Type.Optional(Nullable(Type.Array(Type.Enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'the day on which it begins; null: every day' }))),
  from: Clock,
  to: Clock,
}, { additionalProperties: false }), { maxItems: 50, description: `${description}; one that ends no later than it begins goes on past midnight; null: as the unit above` }))
const Length = (description: string) => Nullable(Type.Integer({ minimum: 1, maximum: 86_400_000, description: `${description}, ms; null: as the unit above` }))

const frameFields = {
  name: Type.String({ minLength: 1, maxLength: 200, examples: ['Tiếp sóng đài tỉnh'] }),
  level: Type.Integer({ minimum: 0, maximum: 100, description: 'units of this depth in the tree may use it, 0 is a root' }),
  from: Clock,
  to: Clock,
}
const Weekdays = Nullable(Type.Array(Type.Enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'the day on which it begins; null: every day' }))
const LevelFrame = Type.Object({ ...frameFields, weekdays: Type.Optional(Weekdays) }, { additionalProperties: false, description: 'kept free for the units of one level (khung giờ theo cấp); Vietnamese time' })
const LevelFrames = Nullable(Type.Array(LevelFrame, { maxItems: 50, description: 'added to those of the units above, which go before them; null: none' }))
const HeldFrames = Type.Array(Type.Object({ ...frameFields, weekdays: Weekdays, unitId: Id('the unit that keeps it') }, { additionalProperties: false }), { description: 'of the unit and all above it; where two overlap, the first holds' })

const rules = {
  windows: Windows('it may sound only then'),
  quiet: Windows('it may not sound then, whatever the windows say'),
  playMs: Length('the longest play'),
  dayMs: Length('all plays of a day together'),
  volume: Nullable(Type.Array(Type.Object({ weekdays: Type.Optional(Weekdays), from: Clock, to: Clock, percent: Type.Integer({ minimum: 1, maximum: 100 }) }, { additionalProperties: false }), { maxItems: 30, description: 'part of its volume at which it sounds then, Vietnamese time; of windows that overlap the quietest holds, outside of them full volume; null: as the unit above. For enrolled devices; emergencies are as loud as ever.' })),
}
const Policy = Type.Object({ ...rules, levelFrames: LevelFrames }, { additionalProperties: false })
const Effective = Type.Object({ ...rules, levelFrames: HeldFrames }, { additionalProperties: false })

export const Reason = Type.String({ minLength: 1, maxLength: 500, description: 'why it must be although it breaks a policy of a unit; reported. Emergencies need none.', examples: ['Kỳ họp Hội đồng nhân dân'] })

export const UnitPolicy = as('UnitPolicy', Type.Object({ unitId: Id('the unit'), own: Policy, effective: Effective }, { additionalProperties: false, description: '`own` is what the unit says itself, `effective` what holds there: of each rule what the nearest unit upwards says' }))
export type UnitPolicyView = Static<typeof UnitPolicy>

export const ChangePolicy = Type.Object({ ...Type.Partial(Policy).properties }, {
  additionalProperties: false,
  minProperties: 1,
  examples: [{ windows: [{ from: '05:00', to: '06:30' }, { weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '16:30', to: '18:30' }], playMs: 1800000, dayMs: 5400000 }, { levelFrames: [{ name: 'Tiếp sóng đài tỉnh', level: 0, from: '05:00', to: '05:30' }, { name: 'Xã', level: 1, from: '17:00', to: '17:30' }] }],
})

export const Breach = Type.Object({
  unitId: Type.String(),
  rule: Type.Enum(['hours', 'quiet', 'play', 'day', 'frame'], { description: 'outside the windows, in the quiet hours, too long, too much on a day, in a frame of another level' }),
  from: Type.String({ format: 'date-time' }),
  until: Type.String({ format: 'date-time' }),
  count: Type.Integer({ minimum: 1, description: 'how many plays within 62 days; `from` and `until` are of the first' }),
  length: Type.Optional(Type.Object({
    usedMs: Type.Integer({ description: 'how long the first is, or all that sounds on its day with it' }),
    allowedMs: Type.Integer(),
  }, { additionalProperties: false, description: 'of `play` and `day`; not of what was reported before this was kept' })),
}, { additionalProperties: false })

export const PolicyBreach = as('PolicyBreach', Type.Object({
  at: Type.String({ format: 'date-time' }),
  by: Type.String({ description: 'id of the token or user' }),
  subject: Type.Enum(['order', 'schedule-item']),
  subjectId: Type.String(),
  title: Type.String(),
  class: Type.Enum(['emergency', 'priority', 'normal']),
  breaches: Type.Array(Breach),
  reason: Type.String(),
}, { additionalProperties: false, description: 'something that was planned or ordered against a policy' }))
export type PolicyBreachView = Static<typeof PolicyBreach>
export const PolicyBreachPage = as('PolicyBreachPage', pageOf(named(PolicyBreach)))
export const BreachExportQuery = Type.Object({ ...SheetParams }, { additionalProperties: false })

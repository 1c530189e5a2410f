import { Type, type Static } from 'typebox'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Id, Name, named, Nullable, PageParams, pageOf } from './common.ts'
import { ContentField, NamedTargets, Targets } from './order.ts'
import { Mixing, MixingBody } from './mixing.ts'
import { Breach, Reason } from './policy.ts'

const Class = Type.Enum(['priority', 'normal'], { description: 'as in an order; emergencies are not scheduled' })
const Holidays = Type.Enum(['play', 'skip', 'only'], { description: 'what a public holiday of Viet Nam does: nothing, leaves the day out, or is the only kind of day that is left' })
const Missed = Type.Enum(['join', 'skip', 'late'], { description: 'a start that the server was not there for: joined in progress, left out, or played late within `lateLimitMs`' })
const Day = Type.String({ minLength: 10, maxLength: 10, description: 'day of the calendar in the zone of the item', examples: ['2026-06-18'] })
const Days = (maxItems: number) => Type.Array(Day, { maxItems })
const Time = Type.String({ pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?$', description: 'local time of the first play, HH:MM or HH:MM:SS', examples: ['05:00:00'] })
const Zone = Type.String({ minLength: 1, maxLength: 60, description: 'IANA name of the time zone', examples: ['Asia/Ho_Chi_Minh'] })
const LengthMs = Nullable(Type.Integer({ minimum: 1, maximum: 86_400_000, description: 'length of a play, ms; null: as long as the clips last. Needed for a source.' }))
const Plays = Type.Integer({ minimum: 1, maximum: 48, description: 'how often it is played on each of its days' })
const GapMs = Type.Integer({ minimum: 0, maximum: 86_400_000, description: 'between the end of a play and the start of the next of that day, ms' })
const LateLimitMs = Type.Integer({ minimum: 0, maximum: 86_400_000, description: 'how late a missed play may begin, ms' })
const Rank = Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, description: 'order among the `priority` items of one level; lower goes first' })
const Resume = Type.Enum(['continue', 'skip'], { description: 'clips cut by an emergency go on where they were cut, or leave out what was missed' })

const Ask = Nullable(Type.String({ minLength: 1, maxLength: 500, description: 'why it should sound in a frame that is kept for another level: it is kept and plays nothing until who keeps the frame enables it with a `reason`', examples: ['Ngày hội toàn dân'] }))

const Repeat = Type.Object({
  kind: Type.Enum(['once', 'daily', 'weekly', 'monthly', 'dates', 'lunar', 'rule']),
  every: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, description: 'daily, weekly: every so many days or weeks, default 1' })),
  weekdays: Type.Optional(Type.Array(Type.Enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'weekly' })),
  days: Type.Optional(Type.Array(Type.Integer({ minimum: -31, maximum: 31 }), { minItems: 1, maxItems: 31, uniqueItems: true, description: 'monthly: days of the month, -1 is the last; lunar: days of the lunar month' })),
  months: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 12 }), { minItems: 1, maxItems: 12, uniqueItems: true, description: 'lunar: only these months, without leap months; left out: all' })),
  dates: Type.Optional(Type.Array(Day, { minItems: 1, maxItems: 1000, description: 'dates' })),
  rrule: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'rule: an RRULE of RFC 5545 that chooses days', examples: ['FREQ=MONTHLY;BYDAY=2TU'] })),
}, { additionalProperties: false, description: 'on which days, from `firstDay` on; lunar days are those of Viet Nam', examples: [{ kind: 'weekly', weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }] })

const bodyFields = {
  title: Name('Bản tin sáng'),
  class: Class,
  sourceId: Type.Optional(Id('what to play: this source, live')),
  clipIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 200, description: 'what to play: these clips, one after the other' })),
  durationMs: Type.Optional(LengthMs),
  targets: NamedTargets,
  issuer: Type.Optional(Id('unit that gives the orders; default: the root')),
  field: Type.Optional(Nullable(ContentField)),
  rank: Type.Optional(Rank),
  resume: Type.Optional(Resume),
  zone: Type.Optional(Zone),
  time: Time,
  firstDay: Type.Optional(Day),
  lastDay: Type.Optional(Nullable(Day)),
  repeat: Type.Optional(Repeat),
  except: Type.Optional(Days(1000)),
  holidays: Type.Optional(Holidays),
  plays: Type.Optional(Plays),
  gapMs: Type.Optional(GapMs),
  missed: Type.Optional(Missed),
  lateLimitMs: Type.Optional(LateLimitMs),
  enabled: Type.Optional(Type.Boolean({ description: 'false: it is kept and plays nothing' })),
  ask: Type.Optional(Ask),
  mixing: Type.Optional(Nullable(MixingBody)),
}
const Accept = Type.Optional(Type.Boolean({ default: false, description: 'true: keep it although it meets others; who goes first then follows from the rules of orders' }))

/** What an item is made of, as people give it. */
const ItemBody = Type.Object(bodyFields, { additionalProperties: false })
export type ScheduleItemBody = Static<typeof ItemBody>

export const CreateScheduleItem = Type.Object({ ...bodyFields, acceptCollisions: Accept, reason: Type.Optional(Reason) }, {
  additionalProperties: false,
  description: 'Either `sourceId` or `clipIds`. Defaults: today, once, zone Asia/Ho_Chi_Minh.',
  examples: [
    { title: 'Bản tin sáng', class: 'normal', clipIds: ['3f1c2e0a7a0f4a3c'], targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] }, time: '05:00', repeat: { kind: 'weekly', weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }, holidays: 'skip' },
    { title: 'Tiếp sóng VOV1', class: 'normal', sourceId: 's-1jz7k3m9xq4w0d2r8t5v6ya', durationMs: 1800000, targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] }, time: '05:30:00', repeat: { kind: 'daily' } },
  ],
})

export const ChangeScheduleItem = Type.Object({ ...Type.Partial(ItemBody).properties, acceptCollisions: Accept, reason: Type.Optional(Reason) }, { additionalProperties: false, minProperties: 1, examples: [{ time: '05:15' }] })

export const CheckScheduleItem = Type.Object({ ...Type.Partial(ItemBody).properties, itemId: Type.Optional(Id('an item that is to be changed; the other fields are the change')) }, {
  additionalProperties: false,
  description: 'A new item in full, or a change of one.',
  examples: [{ itemId: 'i-1jz7k3m9xq4w0d2r8t5v6ya', time: '05:15' }],
})

const itemFields = {
  id: Id('the item'),
  version: Type.Integer({ minimum: 1, description: 'one more with each change' }),
  title: Name('Bản tin sáng'),
  class: Class,
  sourceId: Nullable(Type.String()),
  clipIds: Nullable(Type.Array(Type.String())),
  durationMs: LengthMs,
  playMs: Type.Integer({ description: 'length of one play, ms' }),
  targets: Targets,
  issuer: Id('unit that gives the orders'),
  field: Nullable(ContentField),
  rank: Rank,
  resume: Resume,
  zone: Zone,
  time: Time,
  firstDay: Day,
  lastDay: Nullable(Day),
  repeat: Repeat,
  rrule: Nullable(Type.String({ description: 'the repetition as an RRULE of RFC 5545; null: single or lunar days' })),
  except: Days(1000),
  holidays: Holidays,
  plays: Plays,
  gapMs: GapMs,
  missed: Missed,
  lateLimitMs: LateLimitMs,
  enabled: Type.Boolean(),
  ask: Ask,
  mixing: Mixing,
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'id of the token' }),
  changedAt: Type.String({ format: 'date-time' }),
  changedBy: Type.String({ description: 'id of the token' }),
}

export const ScheduleItem = as('ScheduleItem', Type.Object(itemFields, { additionalProperties: false, description: 'what plays when (mục lịch phát); each play becomes one order' }))
export type ScheduleItemView = Static<typeof ScheduleItem>
export const ScheduleItemPage = as('ScheduleItemPage', pageOf(named(ScheduleItem)))

const ScheduleFilters = {
  enabled: Type.Optional(Type.Boolean()),
  asking: Type.Optional(Type.Boolean({ description: 'those that wait for who keeps a frame' })),
  unitId: Type.Optional(Type.String({ description: 'only items that this unit issues' })),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the title, in any case' })),
}
export const ScheduleItemQuery = Type.Object({ ...PageParams, ...ScheduleFilters }, { additionalProperties: false })
export const ScheduleExportQuery = Type.Object({
  format: Type.Optional(Type.Enum(['ics', 'xlsx', 'csv'], { default: 'ics' })),
  lang: SheetParams.lang,
  ...ScheduleFilters,
}, { additionalProperties: false })

const Span = { from: Type.String({ format: 'date-time' }), until: Type.String({ format: 'date-time' }) }
const Heard = Type.Object({ ...Span, heardMs: Type.Integer({ description: 'of the planned time, how much would be heard' }) }, { additionalProperties: false })

export const Collision = as('Collision', Type.Object({
  itemId: Id('the other item'),
  title: Type.String(),
  class: Class,
  issuer: Id('unit of the other item'),
  clusters: Type.Integer({ minimum: 1, description: 'how many clusters both mean' }),
  count: Type.Integer({ minimum: 1, description: 'how often they meet within the next 62 days' }),
  undecided: Type.Boolean({ description: 'two priority items of one level and rank: somebody must order them' }),
  first: Type.Object({ this: Heard, other: Heard }, { additionalProperties: false, description: 'the first time they meet, and what would be heard of each on one of the clusters if nothing is done' }),
  cures: Type.Array(Type.Object({
    cure: Type.Enum(['overwrite', 'after', 'trim'], { description: 'this one is heard instead; this one plays after the other; the earlier one ends when the later begins' }),
    itemId: Nullable(Type.String({ description: 'the item to change; null: this one, which is not kept yet' })),
    change: Type.Object({ rank: Type.Optional(Type.Integer()), time: Type.Optional(Type.String()), durationMs: Type.Optional(Type.Integer()), except: Type.Optional(Type.Array(Type.String())), enabled: Type.Optional(Type.Literal(false)) }, { additionalProperties: false, description: 'as PATCH takes it' }),
    mayChoose: Nullable(Type.String({ description: 'unit whose users may choose this: for two priority items of one level the lowest that holds all the clusters (Circular 39/2020)' })),
  }, { additionalProperties: false })),
}, { additionalProperties: false, description: 'another item that plays on the same clusters at the same time' }))
export type CollisionView = Static<typeof Collision>

export const FrameCollision = as('FrameCollision', Type.Object({
  unitId: Id('the unit that keeps the frame free'),
  name: Type.String(),
  level: Type.Integer({ description: 'the level for which it is kept' }),
  clusters: Type.Integer({ minimum: 1, description: 'on how many of the clusters it holds' }),
  count: Type.Integer({ minimum: 1, description: 'how many plays fall into it within 62 days' }),
  first: Type.Object(Span, { additionalProperties: false, description: 'the part of the first of them that does' }),
  cures: Type.Array(Type.Object({
    cure: Type.Enum(['move', 'trim', 'ask'], { description: 'play it at the nearest time where nothing stands against it; end it before the frame begins; keep it silent with `ask` until who keeps the frame enables it' }),
    itemId: Nullable(Type.String({ description: 'null: it is not kept yet' })),
    change: Type.Object({ time: Type.Optional(Type.String()), durationMs: Type.Optional(Type.Integer()), enabled: Type.Optional(Type.Literal(false)) }, { additionalProperties: false, description: 'as PATCH takes it; each ends all of these collisions' }),
  }, { additionalProperties: false })),
  mayChoose: Type.Array(Type.String(), { description: 'units whose users may let it stand, with a `reason`: those of that level above the clusters' }),
  mayPass: Type.Boolean({ description: 'whether the caller may' }),
}, { additionalProperties: false, description: 'a frame kept for another level, into which plays fall' }))
export type FrameCollisionView = Static<typeof FrameCollision>

export const CollisionList = as('CollisionList', Type.Object({ collisions: Type.Array(named(Collision)), frames: Type.Array(named(FrameCollision)), breaches: Type.Array(Breach, { description: 'policies that it breaks, for which it needs a `reason`' }) }, { additionalProperties: false }))

export const PlayQuery = Type.Object({
  from: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'default: now; ISO 8601 with zone' })),
  to: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'default: a week later; at most 62 days' })),
}, { additionalProperties: false })

const playFields = {
  occurrence: Type.String({ examples: ['2026-06-18.1'] }),
  ...Span,
  orderId: Nullable(Type.String()),
}
const PLAY_STATES = ['planned', 'scheduled', 'on-air', 'ended', 'stopped', 'missed'] as const
const PLAY_STATES_TEXT = '`planned`: no order yet; `missed`: the server was not there, and the item wants it left out; else the state of the order'

export const SchedulePlays = as('SchedulePlays', Type.Object({
  itemId: Id('the item'),
  plays: Type.Array(Type.Object({ ...playFields, state: Type.Enum([...PLAY_STATES], { description: PLAY_STATES_TEXT }) }, { additionalProperties: false })),
}, { additionalProperties: false, description: 'what has become of the plays of an item, and what is to come' }))
export type SchedulePlaysView = Static<typeof SchedulePlays>

export const ScheduledPlayQuery = Type.Object({
  ...PageParams,
  ...PlayQuery.properties,
  unitId: Type.Optional(Type.String({ description: 'only what concerns this unit: meant for its clusters, for those below or for a unit above it, or in its name' })),
  clusterId: Type.Optional(Type.String({ description: 'only what means this cluster' })),
  enabled: ScheduleFilters.enabled,
}, { additionalProperties: false })

export const ScheduledItem = as('ScheduledItem', Type.Object({
  item: named(ScheduleItem),
  mayPlan: Type.Boolean({ description: 'whether the caller may change it' }),
  plays: Type.Array(Type.Object({ ...playFields, state: Type.Enum([...PLAY_STATES, 'off'], { description: `${PLAY_STATES_TEXT}; \`off\`: it would be, but the item is not enabled` }) }, { additionalProperties: false }), { minItems: 1, description: 'within the time that was asked for, by start' }),
}, { additionalProperties: false, description: 'an item with its plays within some time' }))
export type ScheduledItemView = Static<typeof ScheduledItem>
export const ScheduledItemPage = as('ScheduledItemPage', pageOf(named(ScheduledItem)))

export const DayQuery = Type.Object({
  day: Type.Optional(Type.String({ minLength: 10, maxLength: 10, description: 'default: today', examples: ['2026-06-18'] })),
  zone: Type.Optional(Zone),
}, { additionalProperties: false })

export const ClusterDay = as('ClusterDay', Type.Object({
  clusterId: Id('the cluster'),
  day: Day,
  zone: Zone,
  segments: Type.Array(Type.Object({ ...Span, orderId: Nullable(Type.String({ description: 'null: its order will be given later' })), itemId: Nullable(Type.String({ description: 'null: an order of no schedule' })), class: Type.Enum(['emergency', 'priority', 'normal']), title: Type.String(), beneath: Type.Boolean({ description: 'it goes on at a lower level beneath another, which stands in the list for the same time' }) }, { additionalProperties: false }), { description: 'what is heard, by beginning' }),
  frames: Type.Array(Type.Object({ ...Span, unitId: Type.String(), name: Type.String(), level: Type.Integer() }, { additionalProperties: false }), { description: 'which level has which part of the day' }),
  plays: Type.Array(Type.Object({ itemId: Id('the item'), occurrence: Type.String(), title: Type.String(), ...Span, orderId: Nullable(Type.String()), heardMs: Type.Integer({ description: 'less than planned: something else goes before it' }) }, { additionalProperties: false }), { description: 'what is planned, with what is heard of it' }),
}, { additionalProperties: false, description: 'the day of a cluster by the same rules as what goes on air' }))
export type ClusterDayView = Static<typeof ClusterDay>

import { Type, type Static } from 'typebox'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Id, Name, named, Nullable, PageParams, pageOf, Time } from './common.ts'
import { SelectionQuery } from './group.ts'
import { NamedTargets, Targets } from './order.ts'

const strict = { additionalProperties: false } as const
const Kind = Type.Enum(['real', 'exercise', 'test'], { description: '`exercise`: says that it is one before and after each time, and never goes over what is real; `test`: the same, and reaches only clusters that are planned or under repair' })
const Hazard = Type.Enum(['flood', 'storm', 'dam-release', 'fire', 'epidemic', 'missing-person', 'all-clear', 'other'])
const Level = Type.Enum([1, 2, 3, 4, 5], { description: 'level of disaster risk, Quyết định 18/2021/QĐ-TTg: 5 is the gravest, and goes before lower ones of units of the same level' })
const State = Type.Enum(['prepared', 'awaiting-second', 'scheduled', 'on-air', 'ended', 'cancelled', 'expired', 'refused'])
const Voice = Type.Enum(['north', 'central', 'south'], { default: 'north', description: 'how the server speaks Vietnamese' })
const Language = Type.String({ pattern: '^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$', maxLength: 35, description: 'BCP 47: vi, tyz (Tày), nut (Nùng), hmn (Hmông), mtq (Mường), jra (Gia Rai)...', examples: ['vi'] })
const Text = Type.String({ minLength: 1, maxLength: 3000, examples: ['Nước sông đang lên nhanh. Đề nghị bà con di chuyển lên nơi cao.'] })
const At = Type.String({ format: 'date-time' })

const Repeat = Type.Object({
  times: Type.Integer({ minimum: 1, maximum: 10, description: 'one after the other' }),
  everyHours: Nullable(Type.Enum([1, 2, 3, 4, 6, 8, 12, 24], { description: 'again at every hour of the day in Viet Nam that this divides, until it ends or a newer one takes its place; null: never' })),
}, strict)

const Part = Type.Object({ language: Language, text: Type.Optional(Text), clipId: Type.Optional(Id('a recording')) }, { ...strict, description: 'words that the server speaks (Vietnamese only), or a recording, which may have its words beside it' })
const Parts = Type.Array(Part, { minItems: 1, maxItems: 10, description: 'one for each language, Vietnamese first' })
const Slots = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }), Type.String({ minLength: 1, maxLength: 300 }), { description: 'words for the slots of the template', examples: [{ place: 'xã Tân Lập', time: 'từ mười bảy giờ hôm nay' }] })

const AlertTargets = Type.Object({
  ...NamedTargets.properties,
  selection: Type.Optional(SelectionQuery),
  everything: Type.Optional(Type.Boolean({ description: 'every unit there is' })),
}, { ...strict, description: 'at least one. `selection` is an area or circles drawn for this alert; with `match: all` and `units` it stays within these, and needs the right there only. Clusters that come to be meant later hear it too.' })

const People = Type.Object({
  known: Nullable(Type.Integer({ minimum: 0, description: 'null: of none of the units is it known' })),
  units: Type.Integer({ minimum: 0, description: 'units that were counted' }),
  unknownUnits: Type.Integer({ minimum: 0, description: 'those of them that have no number' }),
}, strict)

export const PreviewTargets = Type.Object({
  targets: AlertTargets,
  kind: Type.Optional(Type.Enum(['real', 'exercise', 'test'], { default: 'real', description: 'a test may name only clusters that are not in use' })),
}, { ...strict, examples: [{ targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] } }] })

export const TargetPreview = as('TargetPreview', Type.Object({
  targeted: Type.Integer({ minimum: 0, description: 'clusters that they mean now' }),
  online: Type.Integer({ minimum: 0, description: 'those of them that are connected' }),
  people: Type.Object(People.properties, { ...strict, description: 'as of an alert to these targets' }),
}, { ...strict, description: 'what targets mean now, of the clusters that the caller may see' }))

const Mark = Type.Object({
  kind: Type.Enum(['person', 'token', 'cap-sender']),
  by: Type.String({ description: 'id of the user or token' }),
  name: Type.String(),
  session: Type.String({ description: 'id of the session or token' }),
  at: At,
}, strict)

export const Alert = as('Alert', Type.Object({
  id: Id('the alert'),
  purpose: Type.Enum(['alert', 'update', 'correction', 'cancellation']),
  kind: Kind,
  hazard: Hazard,
  level: Level,
  colour: Type.Object({ name: Type.String(), nameEn: Type.Optional(Type.String()), nameVi: Type.String(), hex: Type.String() }, { ...strict, description: 'of the level, Quyết định 18/2021/QĐ-TTg' }),
  title: Name('Cảnh báo lũ'),
  state: State,
  languages: Type.Array(Type.String(), { description: 'in which it is said; empty: live' }),
  parts: Type.Array(Type.Object({ language: Type.String(), text: Nullable(Type.String()), clipId: Type.String() }, strict)),
  sourceId: Nullable(Type.String()),
  playMs: Type.Integer({ minimum: 0, description: 'length of one play with its tone, ms; what is live has only that' }),
  targets: Targets,
  selection: Nullable(SelectionQuery),
  clusters: Type.Object({ targeted: Type.Integer({ minimum: 0 }), online: Type.Integer({ minimum: 0 }) }, { ...strict, description: 'when it was prepared; exactly which: GET /v1/alerts/{id}/clusters' }),
  people: Type.Object(People.properties, { ...strict, description: 'how many live where it reaches, by `people` of units, when it was prepared. A unit that is wholly meant counts with its own number, else with the nearest below it; nobody is counted twice.' }),
  issuer: Id('unit in whose name it is given'),
  persons: Type.Enum([1, 2], { description: 'how many must confirm it, by the strictest of the rules at the issuing unit and at every unit meant: as they are now, once it is confirmed as they were then' }),
  prepared: Mark,
  confirmed: Nullable(Mark),
  approved: Nullable(Mark),
  breakGlass: Nullable(Type.String({ description: 'why one person did without the second' })),
  confirmBy: At,
  approveBy: Nullable(At),
  startsAt: Nullable(Type.String({ format: 'date-time', description: 'null: when it is confirmed' })),
  onAirFrom: Nullable(At),
  expiresAt: At,
  repeat: Repeat,
  replaces: Nullable(Type.String()),
  replacedBy: Nullable(Type.String()),
  closed: Nullable(Type.Object({ state: Type.Enum(['cancelled', 'refused', 'ended']), by: Mark, reason: Nullable(Type.String()) }, strict)),
  origin: Type.Object({ kind: Type.Enum(['person', 'cap']), sender: Nullable(Type.String()), identifier: Nullable(Type.String()), sent: Nullable(Type.String()) }, strict),
  orderIds: Type.Array(Type.String(), { description: 'the orders it has given' }),
}, strict))
export type AlertView = Static<typeof Alert>
export const AlertPage = as('AlertPage', pageOf(named(Alert)))

const alertFilters = {
  kind: Type.Optional(Kind), hazard: Type.Optional(Hazard), state: Type.Optional(State),
  over: Type.Optional(Type.Boolean({ description: 'only what is over, or only what is not' })),
  confirmed: Type.Optional(Type.Boolean({ description: 'only what somebody has confirmed, or only what nobody has' })),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'prepared at this moment or later' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'prepared before this moment' })),
}
export const AlertQuery = Type.Object({ ...PageParams, ...alertFilters }, strict)
export const AlertExportQuery = Type.Object({ ...SheetParams, ...alertFilters, unitId: Type.Optional(Id('only those that this unit or one below it gave')) }, strict)

export const AlertClusters = as('AlertClusters', Type.Object({
  clusterIds: Type.Array(Type.String(), { description: 'the exact list when it was prepared' }),
  joined: Type.Array(Type.String(), { description: 'meant now, and not then' }),
  left: Type.Array(Type.String(), { description: 'meant then, and not now' }),
  online: Type.Array(Type.String(), { description: 'of those meant now, which are connected' }),
  reached: Type.Array(Type.String(), { description: 'that were connected for one saying of it at least' }),
}, { ...strict, description: 'what the caller may see of it' }))

export const PrepareAlert = Type.Object({
  kind: Kind,
  targets: AlertTargets,
  templateId: Type.Optional(Id('of /v1/alert-templates')),
  slots: Type.Optional(Slots),
  hazard: Type.Optional(Hazard),
  level: Type.Optional(Level),
  title: Type.Optional(Name('Cảnh báo lũ')),
  parts: Type.Optional(Parts),
  sourceId: Type.Optional(Id('live')),
  voice: Type.Optional(Voice),
  frameClipId: Type.Optional(Id('recording said before and after each time of an exercise or test; left out: it is spoken')),
  cancelClipId: Type.Optional(Id('recording for when it is cancelled; left out: it is spoken')),
  issuer: Type.Optional(Id('unit in whose name it is given; default as of orders')),
  startsAt: Type.Optional(Time('left out: when it is confirmed')),
  expiresAt: Type.Optional(Time('first moment at which it is over')),
  durationMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800_000, description: 'instead of `expiresAt`, from its beginning, ms; default: as the template says, or 6 h' })),
  repeat: Type.Optional(Repeat),
  replaces: Type.Optional(Id('alert that ends when this one begins')),
}, {
  ...strict,
  description: 'What is said comes from `templateId` and `slots`, from `parts`, or live from `sourceId`. Without a template `hazard`, `level` and `title` are needed.',
  examples: [
    { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã Tân Lập', time: 'từ mười bảy giờ hôm nay' }, level: 4, targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] } },
    { kind: 'exercise', hazard: 'fire', level: 3, title: 'Báo cháy', parts: [{ language: 'vi', text: 'Có cháy tại chợ.' }], targets: { clusters: ['c-1jz7k3m9xq4w0d2r8t5v6ya'] }, durationMs: 600000 },
  ],
})
export type PrepareAlertBody = Static<typeof PrepareAlert>

export const ConfirmAlert = Type.Object({
  breakGlass: Type.Optional(Type.Object({ reason: Type.String({ minLength: 10, maxLength: 500, description: 'why it cannot wait for the second person; recorded', examples: ['Đập đã vỡ, không liên lạc được người thứ hai'] }) }, strict)),
}, { ...strict, examples: [{}] })

const wording = {
  title: Type.Optional(Name('Đính chính cảnh báo lũ')),
  parts: Type.Optional(Parts),
  sourceId: Type.Optional(Id('live')),
  voice: Type.Optional(Voice),
}
const AlertReason = Type.String({ minLength: 1, maxLength: 500, examples: ['Báo nhầm'] })
export const RefuseAlert = Type.Object({ reason: Type.Optional(AlertReason) }, { ...strict, examples: [{ reason: 'Sai địa bàn' }] })
export const CancelAlert = Type.Object({ ...wording, reason: Type.Optional(AlertReason) }, { ...strict, description: 'Left out: what was made ready with the alert is said.', examples: [{ reason: 'Báo nhầm' }] })
export const CorrectAlert = Type.Object(wording, { ...strict, description: '`parts` or `sourceId`', examples: [{ parts: [{ language: 'vi', text: 'Xin đính chính: chỉ thôn Đông phải di chuyển.' }] }] })
export type WordingBody = Static<typeof CorrectAlert>

const templateFields = {
  hazard: Hazard,
  title: Name('Cảnh báo lũ'),
  level: Level,
  text: Type.String({ minLength: 1, maxLength: 3000, description: 'what is said in Vietnamese; `{place}`, `{time}` and other names in braces are slots, `{level}` fills itself', examples: ['Nước sông tại {place} đang lên nhanh.'] }),
  voice: Voice,
  recordings: Type.Array(Type.Object({ language: Language, clipId: Id('the recording') }, strict), { maxItems: 9, description: 'in other languages' }),
  repeat: Repeat,
  durationMs: Type.Integer({ minimum: 60_000, maximum: 604_800_000, description: 'how long it is in force, ms' }),
}
export const AlertTemplate = as('AlertTemplate', Type.Object({
  id: Id('the template'),
  unitId: Nullable(Type.String({ description: 'for this unit and those below; null: everybody has it, and nobody can change it' })),
  ...templateFields,
  titleEn: Nullable(Type.String()),
  slots: Type.Array(Type.String()),
}, strict))
export type AlertTemplateView = Static<typeof AlertTemplate>
export const AlertTemplatePage = as('AlertTemplatePage', pageOf(named(AlertTemplate)))
export const AlertTemplateQuery = Type.Object({ ...PageParams, unitId: Type.Optional(Type.String({ description: 'only those of this unit itself' })), hazard: Type.Optional(Hazard) }, strict)

const template = { hazard: 'flood', title: 'Cảnh báo lũ sông Cầu', level: 3, text: 'Nước sông Cầu tại {place} đang lên.', durationMs: 86_400_000 }
export const CreateAlertTemplate = Type.Object({
  unitId: Id('unit that has it'),
  from: Type.Optional(Id('template that it is a copy of; what else is given is changed in it')),
  ...Type.Partial(Type.Object(templateFields)).properties,
}, { ...strict, description: 'Without `from`: hazard, title, level and text are needed.', examples: [{ unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', from: 'builtin-flood', title: 'Cảnh báo lũ sông Cầu' }, { unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', ...template }] })
export type CreateAlertTemplateBody = Static<typeof CreateAlertTemplate>
export const ChangeAlertTemplate = Type.Object(Type.Partial(Type.Object(templateFields)).properties, { ...strict, minProperties: 1, examples: [{ title: 'Cảnh báo lũ sông Cầu' }] })
export type ChangeAlertTemplateBody = Static<typeof ChangeAlertTemplate>

const ruleFields = {
  twoPersons: Type.Array(Type.Object({
    kinds: Type.Array(Kind, { minItems: 1, maxItems: 3, uniqueItems: true }),
    level: Level,
    clusters: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'from so many clusters on; 0: always' }),
  }, strict), { maxItems: 20, description: 'two persons must confirm when one of these fits: the kind, this level or a graver one, so many clusters or more' }),
  waitMs: Type.Integer({ minimum: 30_000, maximum: 3_600_000, default: 600_000, description: 'how long the second is waited for, ms' }),
  breakGlass: Type.Boolean({ default: true, description: 'whether one may do without the second, giving a reason' }),
}
export const AlertRule = as('AlertRule', Type.Object({ unitId: Id('the unit'), ...ruleFields }, strict))
export type AlertRuleView = Static<typeof AlertRule>
export const AlertRules = as('AlertRules', Type.Object({ own: Nullable(named(AlertRule)), effective: Nullable(named(AlertRule)) }, { ...strict, description: '`own` is what the unit says itself, `effective` that of the nearest unit upwards; null: one person is enough' }))
export const AlertRuleList = as('AlertRuleList', Type.Object({ items: Type.Array(named(AlertRule)) }, strict))
export const ChangeAlertRule = Type.Object(Type.Partial(Type.Object(ruleFields)).properties, { ...strict, minProperties: 1, examples: [{ twoPersons: [{ kinds: ['real'], level: 3, clusters: 50 }], waitMs: 300_000 }] })

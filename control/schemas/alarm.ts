import { Type, type Static } from 'typebox'
import { RULE_IDS, SEVERITIES, SUBJECT_KINDS } from '../alarms/alarm-port.ts'
import { as, Id, named, Nullable, PageParams, pageOf } from './common.ts'

const closed = { additionalProperties: false } as const
const time = (description: string) => Type.String({ format: 'date-time', description })

export const RuleName = Type.Enum([...RULE_IDS], { examples: ['cluster-lost'] })
export const SeverityName = Type.Enum([...SEVERITIES], { examples: ['critical'] })

export const Alarm = as('Alarm', Type.Object({
  id: Id('the alarm'),
  rule: RuleName,
  severity: SeverityName,
  title: Type.String(),
  titleVi: Type.String(),
  titleEn: Type.Optional(Type.String()),
  detail: Type.String({ description: 'which one and how much' }),
  detailVi: Type.String(),
  detailEn: Type.Optional(Type.String()),
  subject: Type.Object({ kind: Type.Enum([...SUBJECT_KINDS]), id: Type.String() }, { ...closed, description: 'what it is about; `server`: a part of it, such as `engine` or a folder' }),
  unitId: Nullable(Type.String({ description: 'where it is; null: the whole server' })),
  clusters: Nullable(Type.Integer({ minimum: 0, description: 'how many clusters it stands for; null when it is about one thing' })),
  since: time('when its condition began'),
  raisedAt: time('when it had held for its time'),
  clearedAt: Nullable(time('when it had been over for its time; null: it is open')),
  level: Type.Integer({ minimum: 0, description: 'how often it was escalated' }),
  acknowledged: Nullable(Type.Object({ at: time('when'), by: Type.String({ description: 'id of the token or user' }), name: Type.String(), note: Nullable(Type.String()) }, closed)),
}, {
  ...closed,
  examples: [{ id: 'a-01k2', rule: 'cluster-lost', severity: 'warning', title: 'A cluster is lost', titleVi: 'Cụm loa mất kết nối', detail: 'Xã Hòa Bình: 12 clusters at once', detailVi: 'Xã Hòa Bình: 12 cụm loa cùng lúc', subject: { kind: 'unit', id: 'u-01k2' }, unitId: 'u-01k2', clusters: 12, since: '2026-06-18T03:00:00.000Z', raisedAt: '2026-06-18T03:05:00.000Z', clearedAt: null, level: 0, acknowledged: null }],
}))
export type AlarmView = Static<typeof Alarm>
export const AlarmPage = as('AlarmPage', pageOf(named(Alarm)))

export const AlarmQuery = Type.Object({
  ...PageParams,
  unitId: Type.Optional(Type.String({ maxLength: 128, description: 'the unit and everything below it' })),
  severity: Type.Optional(SeverityName),
  rule: Type.Optional(RuleName),
  state: Type.Optional(Type.Enum(['open', 'unacknowledged', 'cleared'], { description: 'left out: all' })),
  subjectId: Type.Optional(Type.String({ maxLength: 300 })),
}, closed)

export const AlarmCounts = as('AlarmCounts', Type.Object({
  open: Type.Integer({ minimum: 0 }),
  unacknowledged: Type.Integer({ minimum: 0 }),
  bySeverity: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  byRule: Type.Array(Type.Object({ rule: RuleName, severity: SeverityName, open: Type.Integer({ minimum: 0 }), unacknowledged: Type.Integer({ minimum: 0 }) }, closed)),
}, { ...closed, examples: [{ open: 3, unacknowledged: 1, bySeverity: { critical: 1, warning: 2 }, byRule: [{ rule: 'disk', severity: 'critical', open: 1, unacknowledged: 1 }, { rule: 'cluster-lost', severity: 'warning', open: 2, unacknowledged: 0 }] }] }))
export type AlarmCountsView = Static<typeof AlarmCounts>
export const AlarmCountQuery = Type.Object({ unitId: AlarmQuery.properties.unitId }, closed)

export const AcknowledgeAlarm = Type.Object({ note: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 1000 }))) }, { ...closed, examples: [{ note: 'Đã gọi điện lực' }] })

const WEEK_MS = 7 * 86_400_000
const settings = {
  enabled: Type.Boolean(),
  severity: SeverityName,
  holdMs: Type.Integer({ minimum: 0, maximum: WEEK_MS, description: 'the condition must hold for so long, ms' }),
  clearMs: Type.Integer({ minimum: 0, maximum: WEEK_MS, description: 'it must be over for so long, ms' }),
  threshold: Nullable(Type.Number({ minimum: 0, description: 'in `thresholdUnit` of the rule; null for rules that know none' })),
  escalateAfterMs: Type.Array(Type.Integer({ minimum: 1000, maximum: WEEK_MS }), { maxItems: 5, description: 'unacknowledged for so long after it was raised, it goes to the channels of the next level; rising' }),
  opensTicket: Type.Boolean({ description: 'an alarm about a cluster or a unit opens a ticket' }),
}
const Settings = Type.Object(settings, closed)
const OwnSettings = Type.Partial(Settings)

export const AlarmRule = as('AlarmRule', Type.Object({
  rule: RuleName,
  title: Type.String(),
  titleVi: Type.String(),
  titleEn: Type.Optional(Type.String()),
  thresholdUnit: Nullable(Type.String()),
  unitId: Nullable(Type.String({ description: 'null: the whole tree' })),
  own: Type.Object(OwnSettings.properties, { ...closed, description: 'what is said there' }),
  effective: Settings,
}, { ...closed, description: 'of each setting what the nearest unit upwards says, then the whole tree, then the default' }))
export type AlarmRuleView = Static<typeof AlarmRule>
export const AlarmRuleList = as('AlarmRuleList', Type.Object({ items: Type.Array(named(AlarmRule)) }, closed))
export const AlarmRuleQuery = Type.Object({ unitId: Type.Optional(Type.String({ maxLength: 128, description: 'left out: the whole tree' })) }, closed)
export const AlarmRuleParams = Type.Object({ rule: RuleName })

export const ChangeAlarmRule = Type.Object({
  unitId: Type.Optional(Nullable(Type.String({ maxLength: 128, description: 'left out or null: the whole tree' }))),
  enabled: Type.Optional(Nullable(settings.enabled)),
  severity: Type.Optional(Nullable(settings.severity)),
  holdMs: Type.Optional(Nullable(settings.holdMs)),
  clearMs: Type.Optional(Nullable(settings.clearMs)),
  threshold: Type.Optional(settings.threshold),
  escalateAfterMs: Type.Optional(Nullable(settings.escalateAfterMs)),
  opensTicket: Type.Optional(Nullable(settings.opensTicket)),
}, { ...closed, minProperties: 1, description: 'null: as above, again', examples: [{ unitId: 'u-01k2', holdMs: 600000, severity: 'critical', opensTicket: true }] })

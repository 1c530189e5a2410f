import { Type, type Static } from 'typebox'
import { CHANNEL_KINDS, NOTIFICATION_KINDS, NOTIFICATION_STATES } from '../alarms/notification-port.ts'
import { RuleName, SeverityName } from './alarm.ts'
import { as, Id, Name, named, Nullable, PageParams, pageOf } from './common.ts'

const closed = { additionalProperties: false } as const

const Url = Type.String({ minLength: 1, maxLength: 2048, description: 'of a webhook: https, of a public address unless the server is set otherwise', examples: ['https://ops.example.vn/loa'] })
const To = Type.Array(Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@<>,;:"\\\\]+@[^\\s@<>,;:"\\\\]+$' }), { minItems: 1, maxItems: 50, uniqueItems: true, description: 'addresses of e-mail', examples: [['truc@example.vn']] })
const FileName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', description: 'of a file of JSON lines in the folder `notifications` of the data folder', examples: ['alarms'] })
const Level = Type.Integer({ minimum: 0, maximum: 5, description: '0: as soon as an alarm is raised; 1 and above: when it is escalated so far' })
const Rules = Nullable(Type.Array(RuleName, { minItems: 1, uniqueItems: true, description: 'null: every rule' }))

const channel = {
  id: Id('the channel'),
  name: Name('Trực kỹ thuật'),
  unitId: Nullable(Type.String({ description: 'it is told of this unit and everything below; null: the whole tree and the server' })),
  kind: Type.Enum([...CHANNEL_KINDS]),
  url: Nullable(Type.String({ description: 'of a webhook; credentials in it are shown as ***' })),
  to: Nullable(Type.Array(Type.String())),
  file: Nullable(Type.String()),
  minSeverity: SeverityName,
  rules: Rules,
  level: Level,
  enabled: Type.Boolean(),
  usable: Type.Boolean({ description: 'false: this server has no settings for this kind' }),
  pending: Type.Integer({ minimum: 0, description: 'notifications that wait' }),
  waitingSince: Nullable(Type.String({ format: 'date-time' })),
  lastError: Nullable(Type.String()),
  createdAt: Type.String({ format: 'date-time' }),
}

export const NotificationChannel = as('NotificationChannel', Type.Object(channel, closed))
export type ChannelView = Static<typeof NotificationChannel>
export const NotificationChannelWithSecret = as('NotificationChannelWithSecret', Type.Object({ ...channel, secret: Nullable(Type.String({ description: 'key of the signatures of a webhook; shown here and never again' })) }, closed))
export const NotificationChannelPage = as('NotificationChannelPage', pageOf(named(NotificationChannel)))
export const ChannelQuery = Type.Object(PageParams, closed)

const common = { minSeverity: Type.Optional(SeverityName), rules: Type.Optional(Rules), level: Type.Optional(Level), enabled: Type.Optional(Type.Boolean()) }

export const CreateChannel = Type.Object({
  name: channel.name,
  unitId: Type.Optional(Nullable(Type.String({ maxLength: 128 }))),
  kind: channel.kind,
  url: Type.Optional(Url),
  to: Type.Optional(To),
  file: Type.Optional(FileName),
  ...common,
}, { ...closed, examples: [{ name: 'Trực kỹ thuật', kind: 'webhook', url: 'https://ops.example.vn/loa', minSeverity: 'warning' }, { name: 'Lãnh đạo', kind: 'email', to: ['lanh-dao@example.vn'], minSeverity: 'critical', level: 1 }] })

export const ChangeChannel = Type.Object({ name: Type.Optional(channel.name), url: Type.Optional(Url), to: Type.Optional(To), ...common }, { ...closed, minProperties: 1, examples: [{ enabled: false }] })

export const Notification = as('Notification', Type.Object({
  id: Id('the notification; a webhook has it as `webhook-id`'),
  channelId: Type.String(),
  alarmId: Nullable(Type.String()),
  kind: Type.Enum([...NOTIFICATION_KINDS]),
  state: Type.Enum([...NOTIFICATION_STATES], { description: 'dead: given up' }),
  attempts: Type.Integer({ minimum: 0 }),
  createdAt: Type.String({ format: 'date-time' }),
  nextAttemptAt: Nullable(Type.String({ format: 'date-time' })),
  doneAt: Nullable(Type.String({ format: 'date-time' })),
  lastError: Nullable(Type.String()),
}, closed))
export type NotificationView = Static<typeof Notification>
export const NotificationPage = as('NotificationPage', pageOf(named(Notification)))
export const NotificationQuery = Type.Object({
  ...PageParams,
  channelId: Type.Optional(Type.String({ maxLength: 128 })),
  alarmId: Type.Optional(Type.String({ maxLength: 128 })),
  state: Type.Optional(Type.Enum([...NOTIFICATION_STATES])),
}, closed)

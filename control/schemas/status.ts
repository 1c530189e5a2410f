import { Type, type Static } from 'typebox'
import { as, Nullable } from './common.ts'
import { RoleAtUnit } from './token.ts'

const count = (description: string) => Type.Integer({ minimum: 0, description })

export const Status = as('Status', Type.Object({
  version: Type.String(),
  now: Type.String({ format: 'date-time' }),
  startedAt: Type.String({ format: 'date-time' }),
  ready: Type.Boolean(),
  problems: Type.Array(Type.String()),
  clusters: Type.Object({ total: count('all clusters'), enabled: count('that may connect'), online: count('that are connected') }, { additionalProperties: false }),
  orders: Type.Object({ onAir: count('between start and end'), scheduled: count('not yet started') }, { additionalProperties: false }),
  connections: Type.Object({ total: count('open connections of clusters'), byFormat: Type.Record(Type.String(), Type.Integer()) }, { additionalProperties: false }),
  programmes: count('running programmes'),
  encoders: count('running encoders'),
  framesTotal: count('frames sent to listeners'),
  bytesTotal: count('bytes sent to listeners'),
  latenessMaxMs: Type.Number({ description: 'latest frame, ms' }),
  gapFramesTotal: count('frames replaced by silence because they came too late'),
  skipsTotal: count('slow listeners moved to the live edge'),
  frozenTotal: count('frozen listeners cut'),
  replacedTotal: count('connections replaced by a newer one of the same cluster'),
  refusedTotal: count('connections refused'),
  lastCut: Nullable(Type.Object({ orderId: Type.String(), listeners: Type.Integer(), elapsedMs: Type.Number(), at: Type.String({ format: 'date-time' }) }, { additionalProperties: false, description: 'the last emergency cut in or out' })),
  processes: Type.Array(Type.Object({ role: Type.Enum(['control', 'engine', 'fan-out', 'recorder', 'phone']), index: Type.Integer(), pid: Type.Integer(), connected: Type.Boolean(), cpuMsTotal: Type.Number(), rssBytes: Type.Integer() }, { additionalProperties: false })),
  watchers: Type.Object({ open: count('subscribers of /v1/events'), cutTotal: count('subscribers cut because they were too slow') }, { additionalProperties: false }),
}, { additionalProperties: false }))
export type StatusView = Static<typeof Status>

export const Health = as('Health', Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false }))
export const Readiness = as('Readiness', Type.Object({ ready: Type.Boolean(), problems: Type.Array(Type.String()) }, { additionalProperties: false }))

export const EVENT_TYPES = ['on-air', 'join', 'leave', 'fault', 'source', 'order', 'alert', 'state', 'proof', 'command', 'alarm', 'switch', 'phone', 'gap'] as const
export const EventQuery = Type.Object({
  types: Type.Optional(Type.String({ maxLength: 200, description: 'comma-separated; default: all', examples: ['on-air,fault'] })),
  lastEventId: Type.Optional(Type.String({ maxLength: 64, description: 'go on after this event; the header Last-Event-ID does the same' })),
  access_token: Type.Optional(Type.String({ maxLength: 256, description: 'the token, for browsers, which cannot set headers here' })),
}, { additionalProperties: false })

export const Setup = as('Setup', Type.Object({
  firstStart: Type.Boolean({ description: 'whether there is no user yet, so that somebody with the token of the first start should make one' }),
  practice: Nullable(Type.Object({
    password: Type.String(),
    people: Type.Array(Type.Object({ login: Type.String(), name: Type.String(), roles: Type.Array(RoleAtUnit) }, { additionalProperties: false })),
  }, { additionalProperties: false, description: 'on a server to practise on: who one can be there; null on any other' })),
  practiceUrl: Nullable(Type.String({ description: 'where one can practise' })),
}, { additionalProperties: false, examples: [{ firstStart: false, practice: null, practiceUrl: 'https://tap.loa.example.vn' }] }))
export type SetupView = Static<typeof Setup>

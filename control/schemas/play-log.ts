import { Type, type Static } from 'typebox'
import { as, Id, named, Nullable, PageParams, pageOf } from './common.ts'

export const PlayLogEntry = as('PlayLogEntry', Type.Object({
  clusterId: Id('the cluster'),
  deviceId: Nullable(Type.String({ description: 'the enrolled device; null: it came with the key of the cluster' })),
  logId: Type.String({ description: "the device's own log; a device whose disk was replaced begins another" }),
  number: Type.Integer({ description: 'counts up by one from 1 in each log' }),
  orderId: Nullable(Type.String({ description: 'null: a filler, which no order asks for' })),
  playing: Type.Enum(['live', 'cached', 'filler', 'silence']),
  stage: Type.Enum(['played', 'heard'], { description: '`played`: the samples have left the device. `heard`: a sensor at the loudspeaker says so too' }),
  heard: Nullable(Type.Boolean({ description: 'what the sensor said; null: there is none' })),
  audible: Type.Boolean({ description: 'false: the device was muted' }),
  verified: Type.Boolean({ description: 'the device has verified the signature of the order' }),
  from: Type.String({ format: 'date-time', description: 'when its first sample was heard' }),
  until: Type.String({ format: 'date-time' }),
  playedMs: Type.Integer({ description: 'sound between the two, less what was missing' }),
  missingMs: Type.Integer({ description: 'sound that was lost or late in between' }),
  end: Type.Enum(['over', 'interrupted', 'crash'], { description: '`crash`: the device ended without a word; what sounded in its last second after `until` is not known' }),
  receivedAt: Type.String({ format: 'date-time' }),
}, { additionalProperties: false, description: 'one uninterrupted run of one order, as the device reports it after it has sounded' }))
export type PlayLogEntryView = Static<typeof PlayLogEntry>

export const PlayLogPage = as('PlayLogPage', pageOf(named(PlayLogEntry)))

export const PlayLogQuery = Type.Object({
  ...PageParams,
  orderId: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'only runs of this order' })),
}, { additionalProperties: false })

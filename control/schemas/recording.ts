import { Type, type Static } from 'typebox'
import { RECORDING_KINDS, RECORDING_MODES } from '../recordings/recording-port.ts'
import { ORDER_CLASSES } from '../records.ts'
import { as, Id, named, Nullable, PageParams, pageOf, Time } from './common.ts'

const When = (description: string) => Type.String({ format: 'date-time', description })
const Samples = (description: string) => Type.Integer({ description: `${description}, samples at 48 kHz` })
const Bytes = (description: string) => Type.Integer({ minimum: 0, description: `${description}, bytes` })

/** A place within a recording: its frames are 960 samples long, and every place is the edge of one. */
const place = {
  offsetSamples: Samples('from the beginning of the recording'),
  offsetMs: Type.Integer({ description: 'the same in ms, as `fromMs` of the sound takes it' }),
  lengthMs: Type.Integer({ description: 'how long, ms' }),
}

export const RecordingPart = Type.Object({
  orderId: Id('for which order'),
  unitId: Id('which unit heard it'),
  class: Type.Enum([...ORDER_CLASSES]),
  title: Type.String(),
  from: When('when it was heard there'),
  until: When('first moment after'),
  ...place,
}, { additionalProperties: false })

const fields = {
  id: Id('of the recording'),
  kind: Type.Enum([...RECORDING_KINDS], { description: '`tone`: the attention tone' }),
  mode: Type.Enum([...RECORDING_MODES], { description: '`low`: a proof of a relay at a low bit rate' }),
  format: Type.String({ examples: ['opus-32'] }),
  sourceId: Nullable(Id('the source; null: clips or a tone')),
  orderId: Nullable(Id('the order of clips or a tone; a source may have played for several')),
  class: Type.Enum([...ORDER_CLASSES]),
  title: Type.String(),
  from: When('its first moment'),
  until: When('first moment after; of an open one as far as it is known'),
  fromSamples: Samples('the same on the house clock'),
  untilSamples: Samples('the same on the house clock'),
  bytes: Bytes('of the file'),
  missingMs: Type.Integer({ description: 'what of it could not be recorded, ms' }),
  open: Type.Boolean({ description: 'it is being written' }),
  sha256: Nullable(Type.String({ description: 'of the file, hexadecimal; null while it is open' })),
  hold: Nullable(Type.Object({ at: When('since when'), by: Type.String({ description: 'id of the token or user' }), name: Type.String(), reason: Type.String() }, { additionalProperties: false })),
}

export const ListedRecording = as('ListedRecording', Type.Object(fields, { additionalProperties: false, description: 'one file: what one room sounded like for at most an hour' }))
export const RecordingPage = as('RecordingPage', pageOf(named(ListedRecording)))
export const Recording = as('Recording', Type.Object({
  ...fields,
  gaps: Type.Array(Type.Object(place, { additionalProperties: false }), { description: 'what is missing; there the file conceals it' }),
  heard: Type.Array(RecordingPart, { description: 'which units of the caller heard which part of it for which order' }),
}, { additionalProperties: false }))
export type RecordingView = Static<typeof Recording>
export type ListedRecordingView = Static<typeof ListedRecording>

export const OrderRecording = as('OrderRecording', Type.Object({
  orderId: Id('the order'),
  unitId: Id('the unit whose clusters heard it so'),
  from: When('its first moment that was recorded'),
  until: When('first moment after'),
  missingMs: Type.Integer({ description: 'what was heard in between and is not in the recordings, ms' }),
  pieces: Type.Array(Type.Object({ recordingId: Id('in which recording'), from: When('when it was heard'), until: When('first moment after'), fromSamples: Samples('on the house clock'), untilSamples: Samples('on the house clock'), ...place }, { additionalProperties: false }), { description: 'one after another; the attention tone is one of its own' }),
}, { additionalProperties: false, description: 'where what an order put on the air is found, exact to the frame' }))
export type OrderRecordingView = Static<typeof OrderRecording>

const Span = { from: Type.Optional(Time('not before')), to: Type.Optional(Time('before')) }
export const RecordingQuery = Type.Object({
  ...PageParams,
  ...Span,
  unitId: Type.Optional(Id('only what clusters of this unit heard, or of one below it')),
  orderId: Type.Optional(Id('only of this order')),
  sourceId: Type.Optional(Id('only of this source')),
  class: Type.Optional(Type.Enum([...ORDER_CLASSES])),
}, { additionalProperties: false })
export const OrderRecordingQuery = Type.Object({ ...Span, unitId: Type.Optional(Id('as this unit heard it; left out: the first that did')) }, { additionalProperties: false })

const Download = { download: Type.Optional(Type.Boolean({ default: false, description: 'to be kept as a file' })) }
export const RecordingSoundQuery = Type.Object({
  fromMs: Type.Optional(Type.Integer({ minimum: 0, description: 'from so far into the recording, ms; at the edge of a frame at or after it' })),
  toMs: Type.Optional(Type.Integer({ minimum: 0, description: 'up to there, ms' })),
  ...Download,
}, { additionalProperties: false })
export const OrderSoundQuery = Type.Object({ ...OrderRecordingQuery.properties, ...Download }, { additionalProperties: false })
export const RangeHeaders = Type.Object({
  range: Type.Optional(Type.String({ maxLength: 200, description: 'RFC 9110, 14.2; one range of bytes', examples: ['bytes=0-65535'] })),
  'if-range': Type.Optional(Type.String({ maxLength: 200, description: 'the `ETag` of the part that is there already' })),
})

export const HoldRecording = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500, examples: ['Khiếu nại số 12/2026'] }) }, { additionalProperties: false })

export const RecordingUsage = as('RecordingUsage', Type.Object({
  recordings: Type.Integer({ minimum: 0 }),
  bytes: Bytes('all files'),
  heldBytes: Bytes('those on hold'),
  quotaBytes: Nullable(Bytes('as configured; null: no quota')),
  units: Type.Array(Type.Object({ unitId: Id('a unit of the caller'), recordings: Type.Integer({ minimum: 0 }), bytes: Bytes('what its own clusters heard'), heldBytes: Bytes('those on hold') }, { additionalProperties: false }), { description: 'what several units heard counts for each of them' }),
}, { additionalProperties: false }))
export type RecordingUsageView = Static<typeof RecordingUsage>

const KeepDays = Type.Integer({ minimum: 0, maximum: 36_500, description: 'recordings are removed after so many days; 0: never', examples: [90] })
export const RecordingRules = as('RecordingRules', Type.Object({
  unitId: Id('the unit'),
  own: Type.Object({ keepDays: Nullable(KeepDays) }, { additionalProperties: false, description: 'null: as the unit above' }),
  effective: Type.Object({ keepDays: KeepDays }, { additionalProperties: false }),
}, { additionalProperties: false, description: 'what several units heard is kept as long as the one that keeps it longest' }))
export type RecordingRulesView = Static<typeof RecordingRules>
export const ChangeRecordingRules = Type.Object({ keepDays: Nullable(KeepDays) }, { additionalProperties: false })

import { Type, type Static } from 'typebox'
import { as, Id, Name, named, Nullable, OwnerId, PageParams, pageOf } from './common.ts'

export const Clip = as('Clip', Type.Object({
  id: Id('the clip; the same sound sent again for the same unit has the same id'),
  name: Name('Bản tin sáng'),
  unitId: OwnerId,
  durationMs: Type.Integer({ minimum: 0 }),
  loudnessLufs: Nullable(Type.Number({ description: 'integrated loudness of what was sent, before it was normalised; null for silence' })),
  sizeBytes: Type.Integer({ minimum: 0 }),
  createdAt: Type.String({ format: 'date-time' }),
}, { additionalProperties: false }))
export type ClipView = Static<typeof Clip>

export const ClipPage = as('ClipPage', pageOf(named(Clip)))
/** The multipart body of an upload: described here, read as a stream by upload.ts. */
export const UploadClip = Type.Object({
  file: Type.String({ format: 'binary', description: 'a sound file: MP3, WAV, FLAC, Ogg, M4A and whatever else can be read' }),
  name: Type.Optional(Name('Bản tin sáng')),
})

export const UploadClipQuery = Type.Object({ unitId: Type.Optional(Id('the unit to which it is to belong; left out: the only unit at which the caller may upload; for who may everywhere, the whole tree')) }, { additionalProperties: false })

export const ChangeClip = Type.Object({ name: Type.Optional(Name('Bản tin sáng')), unitId: Type.Optional(OwnerId) }, { additionalProperties: false, minProperties: 1, examples: [{ name: 'Bản tin sáng' }] })
const DurationMs = Type.Integer({ minimum: 0, maximum: 7 * 86_400_000 })
const Lufs = Type.Number({ minimum: -100, maximum: 20 })
export const ClipQuery = Type.Object({
  ...PageParams,
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the name, without accents or case' })),
  unitId: Type.Optional(Id('only what belongs to this unit')),
  minDurationMs: Type.Optional(DurationMs),
  maxDurationMs: Type.Optional(DurationMs),
  minLufs: Type.Optional(Lufs),
  maxLufs: Type.Optional(Lufs),
  newestFirst: Type.Optional(Type.Boolean({ default: false })),
}, { additionalProperties: false })

export const ClipAudioQuery = Type.Object({ format: Type.Optional(Type.Enum(['wav', 'opus'], { description: 'default: as `Accept`, where `audio/ogg` must be named, else wav' })) }, { additionalProperties: false })

/** Something that plays a clip, as far as the caller may see it. */
const ClipUser = Type.Object({ kind: Type.Union([Type.Literal('order'), Type.Literal('schedule-item'), Type.Literal('alert'), Type.Literal('alert-template')]), id: Id('the thing'), title: Type.String() }, { additionalProperties: false })
export const ClipUsage = as('ClipUsage', Type.Object({
  users: Type.Array(ClipUser, { maxItems: 50, description: 'what the caller may see of it, 50 at most' }),
  otherUsers: Type.Integer({ minimum: 0, description: 'how many more there are: in units that the caller does not see, or beyond the 50' }),
}, { additionalProperties: false }))
export type ClipUsageView = Static<typeof ClipUsage>

export const ClipPeaks = as('ClipPeaks', Type.Object({
  durationMs: Type.Integer({ minimum: 0 }),
  peaks: Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { maxItems: 2000, description: 'the largest sample of each of as many equal parts; 1: full scale' }),
  integratedLufs: Nullable(Type.Number({ description: 'as it goes out; null for silence and for what is shorter than 400 ms' })),
  truePeakDbtp: Nullable(Type.Number({ description: 'as it goes out; null for silence' })),
}, { additionalProperties: false }))
export type ClipPeaksView = Static<typeof ClipPeaks>

export const TrimClip = Type.Object({ fromMs: Type.Integer({ minimum: 0 }), toMs: Type.Integer({ minimum: 1 }), name: Type.Optional(Name('Bản tin sáng, rút gọn')) }, { additionalProperties: false, examples: [{ fromMs: 1500, toMs: 61_500, name: 'Bản tin sáng, rút gọn' }] })

export const CreateClipUpload = Type.Object({ name: Name('ban-tin-sang.mp3'), sizeBytes: Type.Integer({ minimum: 1, description: 'of the whole file' }), unitId: Type.Optional(Id('as for `POST /v1/clips`')) }, { additionalProperties: false })
export const ClipUpload = as('ClipUpload', Type.Object({
  id: Id('the upload; only who began it sees it'),
  name: Name('ban-tin-sang.mp3'),
  unitId: OwnerId,
  sizeBytes: Type.Integer({ minimum: 1 }),
  offset: Type.Integer({ minimum: 0, description: 'how many bytes are here: go on from there' }),
  expiresAt: Type.String({ format: 'date-time', description: 'what is not finished then is forgotten' }),
}, { additionalProperties: false }))
export type ClipUploadView = Static<typeof ClipUpload>
export const ClipUploadList = as('ClipUploadList', Type.Object({ items: Type.Array(named(ClipUpload)) }, { additionalProperties: false }))
export const OffsetHeaders = Type.Object({ 'upload-offset': Type.Integer({ minimum: 0, description: 'where the first byte of this body belongs' }) })
/** The body of a part: described here, read as a stream. */
export const UploadPart = Type.String({ format: 'binary', description: 'the bytes from `Upload-Offset` on, as many as there are' })

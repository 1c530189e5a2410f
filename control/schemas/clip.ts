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
export const ClipQuery = Type.Object({ ...PageParams, search: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }, { additionalProperties: false })

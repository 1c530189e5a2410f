import { Type, type Static } from 'typebox'
import { as, Id, Name, named, OwnerId, PageParams, pageOf } from './common.ts'

const strict = { additionalProperties: false } as const
const clipIds = Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 200, description: 'in the order in which they play; one may stand there more than once' })

const PlaylistClip = Type.Object({ id: Id('the clip'), name: Name('Bản tin sáng'), durationMs: Type.Integer({ minimum: 0 }) }, strict)

export const Playlist = as('Playlist', Type.Object({
  id: Id('the playlist'),
  name: Name('Sáng thứ Hai'),
  unitId: OwnerId,
  clips: Type.Array(PlaylistClip, { description: 'those that the caller sees, in the order in which they play' }),
  hiddenClips: Type.Integer({ minimum: 0, description: 'how many more there are, in units that the caller does not see' }),
  durationMs: Type.Integer({ minimum: 0, description: 'of `clips`, one after the other' }),
  createdAt: Type.String({ format: 'date-time' }),
}, strict))
export type PlaylistView = Static<typeof Playlist>

export const PlaylistPage = as('PlaylistPage', pageOf(named(Playlist)))

export const CreatePlaylist = Type.Object({
  name: Name('Sáng thứ Hai'),
  unitId: Type.Optional(OwnerId),
  clipIds: Type.Optional(clipIds),
}, { ...strict, examples: [{ name: 'Sáng thứ Hai', clipIds: ['3f1c2e0a7a0f4a3c'] }] })

export const ChangePlaylist = Type.Object({
  name: Type.Optional(Name('Sáng thứ Hai')),
  unitId: Type.Optional(OwnerId),
  clipIds: Type.Optional(clipIds),
}, { ...strict, minProperties: 1, examples: [{ clipIds: ['3f1c2e0a7a0f4a3c'] }] })

export const PlaylistQuery = Type.Object({
  ...PageParams,
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the name, without accents or case' })),
  unitId: Type.Optional(Id('only what belongs to this unit')),
}, strict)

import { Type } from 'typebox'
import { both, may, maySeeOwned, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { isInReach, ownersSeen } from '../belonging.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { changedOwner, newOwner } from '../owner-rules.ts'
import type { PlaylistRecord } from '../playlist-port.ts'
import type { ClipRecord } from '../ports.ts'
import { notFound, unknownIds } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangePlaylist, CreatePlaylist, Playlist, PlaylistPage, PlaylistQuery, type PlaylistView } from '../schemas/playlist.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'

const tags = ['playlists']

/** Named lists of clips: they belong to units as clips do, and are laid out as clips when they are scheduled. */
export function playlistRoutes(app: ControlApp, { store, clock, creations }: Context): void {
  function seenClip(id: string, rights: Rights): ClipRecord | undefined {
    const clip = store.clips.get(id)
    return clip !== undefined && isInReach(clip.unitId, 'view', rights, store) ? clip : undefined
  }

  function checkClips(clipIds: readonly string[], rights: Rights): void {
    const unknown = clipIds.flatMap((id, index) => (seenClip(id, rights) === undefined ? [{ path: `clipIds[${String(index)}]`, noun: 'clip' as const, id }] : []))
    if (unknown.length > 0) throw unknownIds(unknown)
  }

  function view({ id, name, unitId, clipIds, createdAtMs }: PlaylistRecord, rights: Rights): PlaylistView {
    const clips = clipIds.flatMap((clipId) => seenClip(clipId, rights) ?? [])
    return {
      id,
      name,
      unitId,
      clips: clips.map((clip) => ({ id: clip.id, name: clip.name, durationMs: clip.durationMs })),
      hiddenClips: clipIds.length - clips.length,
      durationMs: clips.reduce((sum, clip) => sum + clip.durationMs, 0),
      createdAt: formatTime(createdAtMs),
    }
  }

  app.post('/v1/playlists', {
    config: { access: somewhere('write') },
    schema: { tags, summary: 'Make a playlist', headers: CreateHeaders, body: CreatePlaylist, response: { 201: named(Playlist), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { name, unitId, clipIds = [] } = request.body
    const { rights } = identityOf(request)
    const owner = newOwner(unitId, 'write', rights, store)
    checkClips(clipIds, rights)
    const nowMs = clock.wallMs()
    const playlist = store.playlists.insert({ id: newId('q', nowMs), name: cleanText('name', name), unitId: owner, clipIds, createdAtMs: nowMs })
    return { status: 201, location: `/v1/playlists/${playlist.id}`, body: view(playlist, rights) }
  }))

  app.get('/v1/playlists', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List playlists', description: 'Newest first. Those that belong to the whole tree, to units of the caller, above and below them.', querystring: PlaylistQuery, response: { 200: named(PlaylistPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const { rights } = identityOf(request)
    const owners = ownersSeen(() => store.playlists.owners(), rights, store)
    const { limit: _limit, cursor: _cursor, ...filter } = query
    return pageView('playlists', store.playlists.list(readPage('playlists', query), { ...filter, ...(owners === null ? {} : { owners }) }), (playlist) => view(playlist, rights))
  })

  app.get('/v1/playlists/:id', {
    config: { access: maySeeOwned('playlist') },
    schema: { tags, summary: 'Show a playlist', params: IdParams, response: { 200: named(Playlist), ...problems(401, 404) } },
  }, (request, reply) => {
    const { id } = request.params
    const playlist = store.playlists.get(id)
    if (playlist === undefined) throw notFound('playlist', id)
    sendEtag(reply, playlist)
    return view(playlist, identityOf(request).rights)
  })

  app.patch('/v1/playlists/:id', {
    config: { access: both(maySeeOwned('playlist'), may('edit', at.playlist, at.changedUnit('unitId'))) },
    schema: { tags, summary: 'Change a playlist', description: 'What was scheduled from it before stays as it is. New `clipIds` take the place of the clips that the caller sees; those that he does not see stay, after them.', headers: ChangeHeaders, params: IdParams, body: ChangePlaylist, response: { 200: named(Playlist), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body: { name, unitId, clipIds } } = request
    const { rights } = identityOf(request)
    const playlist = store.transaction(() => {
      const before = store.playlists.get(id)
      if (before === undefined) throw notFound('playlist', id)
      checkMatch(request, before)
      if (clipIds !== undefined) checkClips(clipIds, rights)
      return store.playlists.replace({
        ...before,
        unitId: changedOwner(unitId, before.unitId, store),
        ...(name === undefined ? {} : { name: cleanText('name', name) }),
        ...(clipIds === undefined ? {} : { clipIds: [...clipIds, ...before.clipIds.filter((clipId) => seenClip(clipId, rights) === undefined)] }),
      })
    })
    if (playlist === undefined) throw notFound('playlist', id)
    sendEtag(reply, playlist)
    return view(playlist, rights)
  })

  app.delete('/v1/playlists/:id', {
    config: { access: both(maySeeOwned('playlist'), may('edit', at.playlist)) },
    schema: { tags, summary: 'Remove a playlist', description: 'Its clips stay.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const playlist = store.playlists.get(id)
      if (playlist === undefined) throw notFound('playlist', id)
      checkMatch(request, playlist)
      store.playlists.remove(id)
    })
    void reply.status(204).send(null)
  })
}

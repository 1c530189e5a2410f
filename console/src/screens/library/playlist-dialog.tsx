import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { done, ifUnchanged, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { ClipPicker } from '../../parts/sound/clip-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { isSameOrder, lengthMs, placesOf, scheduleHref, withClip } from './playlist-draft.ts'
import { PlaylistOrder } from './playlist-order.tsx'
import { words } from './words.ts'

const LISTS: ReadonlySet<string> = new Set(['/v1/playlists'])

/** One list: what it plays in which order, how long that is, and what may be done with it. */
export function PlaylistDialog({ playlistId, onClose }: { readonly playlistId: string; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const playlist = api.useQuery('get', '/v1/playlists/{id}', { params: { path: { id: playlistId } } })
  const [isChanged, setIsChanged] = useState(false)
  const [isLeaving, setIsLeaving] = useState(false)
  return (
    <Dialog title={playlist.data?.name ?? say('playlists')} isOpen onClose={() => { if (isChanged) setIsLeaving(true); else onClose() }} isDismissable={!isChanged} wide>
      <Loaded query={playlist}>{(data) => <PlaylistDetail key={JSON.stringify(data)} playlist={data} onChanged={setIsChanged} onRemoved={onClose} />}</Loaded>
      {isLeaving && <ConfirmDialog title={sayCommon('unsavedTitle')} action={sayCommon('discard')} isOpen onClose={() => { setIsLeaving(false) }} onConfirm={onClose}>{sayCommon('unsavedText')}</ConfirmDialog>}
    </Dialog>
  )
}

function PlaylistDetail({ playlist, onChanged, onRemoved }: { readonly playlist: Schemas['Playlist']; readonly onChanged: (isChanged: boolean) => void; readonly onRemoved: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { duration } = useFormats()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => ({ name: playlist.name, unitId: playlist.unitId, places: placesOf(playlist.clips) }))
  const [isRemoving, setIsRemoving] = useState(false)
  const { name, unitId, places } = draft
  const saving = useDeed({ form: [draft] })
  const removing = useDeed({ reads: LISTS, onDone: onRemoved })
  const params = { path: { id: playlist.id } }
  const mayEdit = rights.at('edit', playlist.unitId)
  const differs = (one: typeof draft): boolean => one.name.trim() !== playlist.name || one.unitId !== playlist.unitId || !isSameOrder(one.places, playlist.clips)
  const isChanged = differs(draft)
  const change = (part: Partial<typeof draft>): void => {
    const next = { ...draft, ...part }
    setDraft(next)
    onChanged(differs(next))
  }
  const save = async (): Promise<void> => {
    // What is shown must still be what is kept: somebody else's change is not overwritten unseen.
    const read = await loa.GET('/v1/playlists/{id}', { params })
    const now = done(read)
    const isAsShown = now.name === playlist.name && now.unitId === playlist.unitId && isSameOrder(now.clips, playlist.clips)
    if (isAsShown) done(await loa.PATCH('/v1/playlists/{id}', { params: { ...params, header: ifUnchanged(read) }, body: { name, unitId, clipIds: places.map(({ id }) => id) } }))
    // Said in a toast: what is read again takes the place of the draft and of all beside it.
    toast(sayCommon(isAsShown ? 'saved' : 'changedElsewhere'))
    onChanged(false)
    readAgain(LISTS)
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === '/v1/playlists/{id}' })
  }
  const remove = (): void => { void removing.run(async () => { done(await loa.DELETE('/v1/playlists/{id}', { params })) }, () => { toast(sayCommon('removed')) }) }
  const isChoice = rights.at('edit', null) || units.all.filter(({ id }) => rights.at('edit', id)).length > 1
  return (
    <div className="stack">
      {mayEdit
        ? (
          <div className="columns">
            <TextField label={say('playlistName')} value={name} onChange={(next) => { change({ name: next }) }} maxLength={200} />
            {isChoice && <UnitPicker label={say('belongsTo')} value={unitId} onChange={(next) => { change({ unitId: next }) }} filter={(id) => rights.at('edit', id)} {...(rights.at('edit', null) ? { nullLabel: say('wholeTree') } : {})} />}
          </div>
        )
        : <p className="quiet">{say('onlyLookPlaylist')}</p>}
      <PlaylistOrder places={places} {...(mayEdit ? { onChange: (next) => { change({ places: next }) } } : {})} />
      {playlist.hiddenClips > 0 && <p className="quiet">{say('hiddenClips', { count: playlist.hiddenClips })}</p>}
      <div className="row"><strong className="grow number" role="status">{say('totalLength', { time: duration(lengthMs(places)) })}</strong>{mayEdit && <ClipPicker label={say('chooseClips')} onAdd={(clip) => { change({ places: withClip(places, clip) }) }} />}</div>
      <Failure text={saving.failure} />
      {isChanged && rights.somewhere('plan') && <p className="small quiet">{say('saveFirst')}</p>}
      <div className="dialog-foot">
        {mayEdit && <Button look="danger" onPress={() => { setIsRemoving(true) }}>{say('removePlaylist')}</Button>}
        {!isChanged && playlist.clips.length > 0 && rights.somewhere('plan') && <ButtonLink href={scheduleHref(playlist.clips)}>{say('planPlaylist')}</ButtonLink>}
        {isChanged && <Button look="primary" isDisabled={saving.isBusy || name.trim() === ''} onPress={() => { void saving.run(save) }}>{sayCommon('save')}</Button>}
      </div>
      {isRemoving && <ConfirmDialog title={say('removeTitle', { name: playlist.name })} action={say('removePlaylist')} isOpen onClose={() => { setIsRemoving(false); removing.forget() }} onConfirm={remove} isBusy={removing.isBusy} error={removing.failure}>{say('removePlaylistText')}</ConfirmDialog>}
    </div>
  )
}

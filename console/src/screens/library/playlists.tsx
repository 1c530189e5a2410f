import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { ListPlus } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useMe, useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { SearchField, TextField } from '../../kit/fields.tsx'
import { Empty, Failure, Loaded } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { PlaylistDialog } from './playlist-dialog.tsx'
import { words } from './words.ts'

const PAGE = 50
const READ: ReadonlySet<string> = new Set(['/v1/playlists'])

function usePlaylists(search: string) {
  const filter = { ...(search.trim() === '' ? {} : { search: search.trim() }), limit: PAGE }
  return useInfiniteQuery({
    queryKey: ['get', '/v1/playlists', filter],
    queryFn: async ({ pageParam, signal }): Promise<Schemas['PlaylistPage']> => done(await loa.GET('/v1/playlists', { params: { query: { ...filter, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  })
}

/** Lists of clips: found by name, made, opened. */
export function Playlists() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { duration } = useFormats()
  const [search, setSearch] = useState('')
  const [openId, setOpenId] = useState<string | null>(null)
  const [isMaking, setIsMaking] = useState(false)
  const lists = usePlaylists(useDeferredValue(search))
  const items = lists.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="stack">
      <div className="row end"><div className="grow"><SearchField label={say('searchPlaylists')} value={search} onChange={setSearch} /></div>{rights.somewhere('write') && <Button look="primary" onPress={() => { setIsMaking(true) }}><ListPlus size={18} aria-hidden />{say('newPlaylist')}</Button>}</div>
      <Loaded query={lists}>{() => (items.length === 0
        ? <div className="card"><Empty>{search === '' ? say('noPlaylists') : sayCommon('noMatch')}</Empty></div>
        : <ul className="table-wrap" aria-label={say('playlists')}>{items.map(({ id, name, unitId, clips, hiddenClips, durationMs }) => (
          <li key={id} className="playlist-row">
            <div><AriaButton className="library-open" onPress={() => { setOpenId(id) }}>{name}</AriaButton><div className="small quiet library-name">{unitId === null ? say('wholeTree') : units.name(unitId)}</div></div>
            <div className="library-facts"><span>{say('clipCount', { count: clips.length + hiddenClips })}</span><span className="number">{duration(durationMs)}</span></div>
          </li>
        ))}</ul>)}</Loaded>
      {lists.hasNextPage && <Button onPress={() => { void lists.fetchNextPage() }} isDisabled={lists.isFetchingNextPage}>{sayCommon('more')}</Button>}
      {isMaking && <NewPlaylist onClose={() => { setIsMaking(false) }} onMade={(id) => { setIsMaking(false); setOpenId(id) }} />}
      {openId !== null && <PlaylistDialog key={openId} playlistId={openId} onClose={() => { setOpenId(null) }} />}
    </div>
  )
}

function NewPlaylist({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (id: string) => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { data: me } = useMe()
  const [name, setName] = useState('')
  const [unitId, setUnitId] = useState<string | null>(me?.rights.find(({ right }) => right === 'write')?.unitIds?.[0] ?? null)
  const making = useDeed({ reads: READ, form: [name, unitId] })
  const everywhere = rights.at('write', null)
  const save = (): void => { void making.run(async () => done(await loa.POST('/v1/playlists', { body: { name, unitId } })), ({ id }) => { onMade(id) }) }
  return (
    <Dialog title={say('newPlaylist')} isOpen onClose={onClose} foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" isDisabled={making.isBusy || name.trim() === ''} onPress={save}>{say('newPlaylist')}</Button></>}>
      <TextField label={say('playlistName')} value={name} onChange={setName} maxLength={200} autoFocus />
      {(everywhere || units.all.filter(({ id }) => rights.at('write', id)).length > 1) && <UnitPicker label={say('belongsTo')} value={unitId} onChange={setUnitId} filter={(id) => rights.at('write', id)} {...(everywhere ? { nullLabel: say('wholeTree') } : {})} />}
      <Failure text={making.failure} />
    </Dialog>
  )
}

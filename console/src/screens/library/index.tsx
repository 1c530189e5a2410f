import { Mic, SlidersHorizontal, Upload } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { DropZone, FileTrigger } from 'react-aria-components'
import { useSearchParams } from 'wouter'
import { useMe, useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { SearchField, Select } from '../../kit/fields.tsx'
import { Empty, Loaded, Page, Tabs } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { mediaHook } from '../../kit/use-media.ts'
import { words as shellWords } from '../../shell/words.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { ClipDialog } from './clip-dialog.tsx'
import { ClipRow } from './clip-row.tsx'
import './library.css'
import type { LengthFilter, LoudnessFilter } from './loudness.ts'
import { Playlists } from './playlists.tsx'
import { RecordDialog } from './record-dialog.tsx'
import { UploadPanel } from './upload-panel.tsx'
import { enqueue } from './upload-queue.ts'
import { useClips } from './use-clips.ts'
import { words } from './words.ts'

const useIsNarrow = mediaHook('(max-width: 40rem)')

/** What phones offer under «audio» leaves out files without a known type. */
const ACCEPTED = ['audio/*', 'video/mp4', '.mp3', '.wav', '.m4a', '.ogg', '.opus', '.flac', '.amr', '.wma', '.aac', '.aiff']

export default function Library() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const title = useWords(shellWords)('library')
  const rights = useRights()
  const { units } = useUnits()
  const { data: me } = useMe()
  const [search, setSearch] = useState('')
  const [unitId, setUnitId] = useState<string | null>(null)
  const [length, setLength] = useState<LengthFilter>('all')
  const [loudness, setLoudness] = useState<LoudnessFilter>('all')
  const isNarrow = useIsNarrow()
  const [isMore, setIsMore] = useState(false)
  const [openId, setOpenId] = useState<string | null>(null)
  const [isRecording, setIsRecording] = useState(false)
  const [address, setAddress] = useSearchParams()
  const tab = address.get('tab') === 'playlists' ? 'playlists' : 'clips'
  const mayWrite = rights.somewhere('write')
  const everywhere = rights.at('write', null)
  const firstOwner = useMemo(() => me?.rights.find(({ right }) => right === 'write')?.unitIds?.[0] ?? null, [me])
  const [chosenOwner, setChosenOwner] = useState<string | null | undefined>(undefined)
  const owner = chosenOwner === undefined ? firstOwner : chosenOwner
  const clips = useClips({ search: useDeferredValue(search), unitId, length, loudness })
  const items = clips.data?.pages.flatMap((page) => page.items) ?? []
  const take = (files: readonly File[]): void => { if (mayWrite) enqueue(files.map((file) => ({ file, name: file.name })), owner) }
  const ownersToChoose = useMemo(() => units.all.filter(({ id }) => rights.at('write', id)).length, [units, rights])

  const shown = (
    <div className="stack">
      <section className="library-filters" aria-label={sayCommon('search')}>
        <SearchField label={say('searchLabel')} value={search} onChange={setSearch} />
        {isNarrow && <Button aria-expanded={isMore} onPress={() => { setIsMore(!isMore) }}><SlidersHorizontal size={18} aria-hidden />{say('filters', { count: [unitId !== null, length !== 'all', loudness !== 'all'].filter(Boolean).length })}</Button>}
        {(!isNarrow || isMore) && <>
          <UnitPicker label={say('ownerFilter')} value={unitId} onChange={setUnitId} nullLabel={say('anyOwner')} />
          <Select label={say('length')} value={length} onChange={setLength} choices={[{ id: 'all', label: say('anyLength') }, { id: 'short', label: say('short') }, { id: 'medium', label: say('medium') }, { id: 'long', label: say('long') }]} />
          <Select label={say('loudness')} value={loudness} onChange={setLoudness} choices={[{ id: 'all', label: say('anyLoudness') }, { id: 'quiet', label: say('quietOnes') }, { id: 'good', label: say('goodOnes') }, { id: 'loud', label: say('loudOnes') }]} />
        </>}
      </section>
      <Drop isOn={mayWrite} onFiles={take}>
        <Loaded query={clips}>{() => (items.length === 0
          ? <div className="card"><Empty>{search !== '' || unitId !== null || length !== 'all' || loudness !== 'all' ? sayCommon('noMatch') : say(mayWrite ? 'nothing' : 'nothingForViewer')}</Empty></div>
          : <ul className="table-wrap" aria-label={title}>{items.map((clip) => <ClipRow key={clip.id} clip={clip} onOpen={() => { setOpenId(clip.id) }} />)}</ul>)}</Loaded>
      </Drop>
      {clips.hasNextPage && <Button onPress={() => { void clips.fetchNextPage() }} isDisabled={clips.isFetchingNextPage}>{sayCommon('more')}</Button>}
      {mayWrite && <div className="columns">{!isNarrow && <p className="small quiet">{say('dropHere')}</p>}{(ownersToChoose > 1 || everywhere) && <UnitPicker label={say('owner')} value={owner} onChange={setChosenOwner} filter={(id) => rights.at('write', id)} {...(everywhere ? { nullLabel: say('wholeTree') } : {})} />}</div>}
    </div>
  )

  return (
    <Page title={title} help={<><p>{say('help')}</p><p>{say('helpUpload')}</p><p>{say('helpOwner')}</p><p>{say('helpPlaylists')}</p></>}
      actions={mayWrite && tab === 'clips' && <>
        <Button onPress={() => { setIsRecording(true) }}><Mic size={18} aria-hidden />{say('record')}</Button>
        <FileTrigger allowsMultiple acceptedFileTypes={ACCEPTED} onSelect={(files) => { take(files === null ? [] : [...files]) }}><Button look="primary"><Upload size={18} aria-hidden />{say('upload')}</Button></FileTrigger>
      </>}>
      <UploadPanel />
      <Tabs label={title} selected={tab} onSelect={(next) => { setAddress(next === 'clips' ? {} : { tab: next }, { replace: true }) }} items={[{ id: 'clips', label: say('files'), content: shown }, { id: 'playlists', label: say('playlists'), content: <Playlists /> }]} />
      {openId !== null && <ClipDialog key={openId} clipId={openId} onClose={() => { setOpenId(null) }} onMade={setOpenId} />}
      {isRecording && <RecordDialog onClose={() => { setIsRecording(false) }} onKeep={(file, name) => { enqueue([{ file, name }], owner) }} />}
    </Page>
  )
}

function Drop({ isOn, onFiles, children }: { readonly isOn: boolean; readonly onFiles: (files: readonly File[]) => void; readonly children: React.ReactNode }) {
  const say = useWords(words)
  if (!isOn) return children
  return (
    <DropZone className="library-drop" aria-label={say('dropNow')} onDrop={({ items }) => {
      void Promise.all(items.filter((item) => item.kind === 'file').map((item) => item.getFile())).then(onFiles)
    }}>{children}</DropZone>
  )
}

import { useEffect, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { done, ifUnchanged, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { clipAudioUrl, pause, PlayButton, seek, usePlaying } from '../../parts/sound/player.tsx'
import type { Span } from '../../parts/sound/marks.ts'
import { Waveform } from '../../parts/sound/waveform.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { LOUDNESS_TONES } from './clip-row.tsx'
import { loudnessOf } from './loudness.ts'
import { RemoveDialog } from './remove-dialog.tsx'
import { SpanFields } from './span-fields.tsx'
import { UsageList } from './usage-list.tsx'
import { words, type LibraryWord } from './words.ts'

const CLIPS: ReadonlySet<string> = new Set(['/v1/clips'])

/** One clip: what it sounds and looks like, where it is used, and what may be done with it. */
export function ClipDialog({ clipId, onClose, onMade }: { readonly clipId: string; readonly onClose: () => void; readonly onMade: (clipId: string) => void }) {
  const clip = api.useQuery('get', '/v1/clips/{id}', { params: { path: { id: clipId } } })
  const say = useWords(words)
  useEffect(() => pause, [])
  return <Dialog title={clip.data?.name ?? say('name')} isOpen onClose={onClose} wide><Loaded query={clip}>{(data) => <ClipDetail clip={data} onClose={onClose} onMade={onMade} />}</Loaded></Dialog>
}

function ClipDetail({ clip, onClose, onMade }: { readonly clip: Schemas['Clip']; readonly onClose: () => void; readonly onMade: (clipId: string) => void }) {
  const say = useWords(words)
  const rights = useRights()
  const { duration, dayTime, number, bytes } = useFormats()
  const url = clipAudioUrl(clip.id)
  const playing = usePlaying(url)
  const peaks = api.useQuery('get', '/v1/clips/{id}/peaks', { params: { path: { id: clip.id } } }, { staleTime: Infinity })
  const [span, setSpan] = useState<Span>({ fromMs: 0, toMs: clip.durationMs })
  const [isRemoving, setIsRemoving] = useState(false)
  const mayEdit = rights.at('edit', clip.unitId)
  const mayTrim = rights.at('write', clip.unitId)
  const loudness = loudnessOf(clip.loudnessLufs)
  const isPart = span.fromMs > 0 || span.toMs < clip.durationMs
  return (
    <div className="stack">
      <div className="row tight"><PlayButton url={url} name={clip.name} {...(isPart ? { part: span } : {})} /><span className="number grow">{duration(playing?.positionMs ?? 0)} / {duration(clip.durationMs)}</span><span className="small quiet">{dayTime(clip.createdAt)} · {bytes(clip.sizeBytes)}</span></div>
      {playing?.hasFailed === true && <Notice tone="bad">{say('noSound')}</Notice>}
      <Loaded query={peaks}>{(shape) => (
        <>
          <Waveform label={say('waveform', { name: clip.name })} peaks={shape.peaks} durationMs={clip.durationMs} positionMs={playing?.positionMs ?? 0} onSeek={(ms) => { seek(url, ms) }} {...(mayTrim ? { span, onSpan: setSpan } : {})} />
          <p><Badge tone={LOUDNESS_TONES[loudness]}>{say(loudness)}</Badge> {say(`${loudness}Text` as LibraryWord, { lufs: number(clip.loudnessLufs ?? 0, 1) })} {shape.integratedLufs !== null && shape.truePeakDbtp !== null && <span className="quiet number">{say('onAir', { lufs: number(shape.integratedLufs, 1), peak: number(shape.truePeakDbtp, 1) })}</span>}</p>
        </>
      )}</Loaded>
      {mayTrim && <TrimCard clip={clip} span={span} onSpan={setSpan} onMade={onMade} />}
      <UsageList clipId={clip.id} />
      {mayEdit ? <EditCard key={`${clip.name} ${clip.unitId ?? ''}`} clip={clip} /> : !mayTrim && <p className="quiet">{say('onlyLook')}</p>}
      <div className="dialog-foot">
        {mayEdit && <Button look="danger" onPress={() => { setIsRemoving(true) }}>{say('removeClip')}</Button>}
        {rights.somewhere('plan') && <ButtonLink href={`/schedule?clips=${encodeURIComponent(clip.id)}`}>{say('toSchedule')}</ButtonLink>}
      </div>
      {isRemoving && <RemoveDialog clip={clip} onClose={() => { setIsRemoving(false) }} onRemoved={onClose} />}
    </div>
  )
}

function TrimCard({ clip, span, onSpan, onMade }: { readonly clip: Schemas['Clip']; readonly span: Span; readonly onSpan: (span: Span) => void; readonly onMade: (clipId: string) => void }) {
  const say = useWords(words)
  const [name, setName] = useState(say('partName', { name: clip.name.replace(/\.[a-z0-9]{2,4}$/i, '').slice(0, 180) }))
  const trimming = useDeed({ reads: CLIPS, form: [name, span] })
  const isPart = span.fromMs > 0 || span.toMs < clip.durationMs
  const save = (): void => {
    void trimming.run(async () => done(await loa.POST('/v1/clips/{id}/trim', { params: { path: { id: clip.id } }, body: { ...span, name } })), (made) => {
      toast(say('trimmed', { name: made.name }))
      onMade(made.id)
    })
  }
  return (
    <section className="card stack tight">
      <h3>{say('trim')}</h3>
      <p className="small quiet">{say('trimHint')}</p>
      <SpanFields span={span} durationMs={clip.durationMs} onSpan={onSpan} />
      {isPart && <TextField label={say('newName')} value={name} onChange={setName} maxLength={200} />}
      <Failure text={trimming.failure} />
      {isPart && <div className="row end"><Button look="primary" isDisabled={trimming.isBusy || name.trim() === ''} onPress={save}>{say('saveTrim')}</Button></div>}
    </section>
  )
}

/** Renames, and gives it to another unit. */
function EditCard({ clip }: { readonly clip: Schemas['Clip'] }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const queries = useQueryClient()
  const [name, setName] = useState(clip.name)
  const [unitId, setUnitId] = useState(clip.unitId)
  const saving = useDeed({ reads: CLIPS, form: [name, unitId] })
  const isChanged = name.trim() !== clip.name || unitId !== clip.unitId
  const save = async (): Promise<void> => {
    const params = { path: { id: clip.id } }
    // What is shown must still be what is kept: somebody else's change is not overwritten unseen.
    const read = await loa.GET('/v1/clips/{id}', { params })
    const now = done(read)
    const isAsShown = now.name === clip.name && now.unitId === clip.unitId
    if (isAsShown) done(await loa.PATCH('/v1/clips/{id}', { params: { ...params, header: ifUnchanged(read) }, body: { ...(name.trim() === clip.name ? {} : { name }), ...(unitId === clip.unitId ? {} : { unitId }) } }))
    // Said in a toast: what is read again takes the place of what was typed and of all beside it.
    toast(sayCommon(isAsShown ? 'saved' : 'changedElsewhere'))
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === '/v1/clips/{id}' })
  }
  const isChoice = rights.at('edit', null) || units.all.filter(({ id }) => rights.at('edit', id)).length > 1
  return (
    <section className="card stack tight">
      <div className="columns">
        <TextField label={say('name')} value={name} onChange={setName} maxLength={200} />
        {isChoice && <UnitPicker label={say('belongsTo')} value={unitId} onChange={setUnitId} filter={(id) => rights.at('edit', id)} {...(rights.at('edit', null) ? { nullLabel: say('wholeTree') } : {})} />}
      </div>
      <Failure text={saving.failure} />
      {isChanged && <div className="row end"><Button look="primary" isDisabled={saving.isBusy || name.trim() === ''} onPress={() => { void saving.run(save) }}>{sayCommon('save')}</Button></div>}
    </section>
  )
}

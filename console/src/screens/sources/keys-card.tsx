import schema from 'api-schema:POST /v1/sources/{id}/keys'
import { KeyRound, Plus, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { FormDate } from '../../kit/date-fields.tsx'
import { FormSelect, FormText, Select, Switch } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Secret } from './secret-dialog.tsx'
import { isIngest, type Source } from './sources.ts'
import { words } from './words.ts'

type Key = Schemas['SourceKey']
const OVERLAPS = { overlap0: 0, overlap5: 5, overlap60: 60, overlap1440: 1440 } as const
type Overlap = keyof typeof OVERLAPS
const KEYS_READ: ReadonlySet<string> = new Set(['/v1/sources', '/v1/sources/{id}', '/v1/sources/{id}/keys'])

/** The key of the source, and those of further senders. Shown to who may change the source. */
export function KeysCard({ source, onSecret }: { readonly source: Source; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(words)
  const [open, setOpen] = useState<'rotate' | 'add' | Key | null>(null)
  const close = (): void => { setOpen(null) }
  return (
    <section className="card stack tight">
      <div className="row"><h2 className="grow">{say('keysTitle')}</h2>{isIngest(source) && <Button onPress={() => { setOpen('add') }}><Plus size={18} aria-hidden />{say('addKey')}</Button>}</div>
      <div className="row key-row"><KeyRound size={18} aria-hidden /><strong className="grow">{say('ownKey')}</strong><Button onPress={() => { setOpen('rotate') }}><RotateCw size={18} aria-hidden />{say('rotate')}</Button></div>
      {isIngest(source) && <FurtherKeys sourceId={source.id} onEnd={setOpen} />}
      {open === 'rotate' && <RotateDialog source={source} onClose={close} onSecret={onSecret} />}
      {open === 'add' && <AddDialog source={source} onClose={close} onSecret={onSecret} />}
      {open !== null && typeof open === 'object' && <EndDialog sourceId={source.id} ended={open} onClose={close} />}
    </section>
  )
}

function FurtherKeys({ sourceId, onEnd }: { readonly sourceId: string; readonly onEnd: (key: Key) => void }) {
  const say = useWords(words)
  const common_ = useWords(common)
  const { dayTime } = useFormats()
  const keys = api.useQuery('get', '/v1/sources/{id}/keys', { params: { path: { id: sourceId }, query: { limit: 200 } } })
  return (
    <Loaded query={keys}>{({ items }) => items.length === 0 ? <p className="small quiet">{say('noKeys')}</p> : (
      <ul className="stack tight">{items.map((one) => (
        <li key={one.id} className="row key-row">
          <span className="grow"><strong>{one.isReplaced ? say('replaced') : one.label}</strong> {one.class !== 'normal' && <Badge tone={one.class === 'emergency' ? 'emergency' : 'accent'}>{common_(one.class)}</Badge>}<br />
            <span className="small quiet">{one.lastUsedAt === null ? say('neverUsed') : say('lastUsed', { time: dayTime(one.lastUsedAt) })}{one.expiresAt !== null && ` · ${say('until', { time: dayTime(one.expiresAt) })}`}</span></span>
          <Button onPress={() => { onEnd(one) }}>{say('endKey')}</Button>
        </li>
      ))}</ul>
    )}</Loaded>
  )
}

function RotateDialog({ source, onClose, onSecret }: { readonly source: Source; readonly onClose: () => void; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(words)
  const [overlap, setOverlap] = useState<Overlap>('overlap5')
  const [leaked, setLeaked] = useState(false)
  const rotating = useDeed({ reads: KEYS_READ, onDone: onClose, form: [overlap, leaked] })
  const rotate = (): void => {
    void rotating.run(async () => done(await loa.POST('/v1/sources/{id}/rotate-key', { params: { path: { id: source.id } }, body: { overlapMs: OVERLAPS[overlap] * 60_000, endSessions: leaked } })), (rotated) => { if ('key' in rotated) onSecret({ source, key: rotated.key }) })
  }
  return (
    <ConfirmDialog title={say('rotateTitle', { name: source.name })} action={say('rotate')} look="primary" isOpen onClose={onClose} isBusy={rotating.isBusy} error={rotating.failure} onConfirm={rotate}>
      <div className="stack">
        <p>{say('rotateText')}</p>
        {isIngest(source) && <Select label={say('overlap')} value={overlap} onChange={setOverlap} isDisabled={leaked} choices={(Object.keys(OVERLAPS) as Overlap[]).map((id) => ({ id, label: say(id) }))} />}
        <Switch isSelected={leaked} onChange={setLeaked}>{say('leaked')}</Switch>
      </div>
    </ConfirmDialog>
  )
}

interface Values { readonly label: string; readonly class: 'emergency' | 'priority' | 'normal'; readonly expiresAt: string }
const toBody = ({ label, class: keyClass, expiresAt }: Values) => ({ label, class: keyClass, ...(expiresAt === '' ? {} : { expiresAt: new Date(`${expiresAt}:00+07:00`).toISOString() }) })

function AddDialog({ source, onClose, onSecret }: { readonly source: Source; readonly onClose: () => void; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(words)
  const common_ = useWords(common)
  const rights = useRights()
  const form = useApiForm<Values>({
    schema,
    defaultValues: { label: '', class: 'normal', expiresAt: '' },
    toBody,
    async send(values) {
      const { key } = done(await loa.POST('/v1/sources/{id}/keys', { params: { path: { id: source.id } }, body: toBody(values) }))
      readAgain(KEYS_READ)
      onClose()
      onSecret({ source, key })
    },
  })
  const classes = (['normal', 'priority', 'emergency'] as const).filter((one) => one !== 'emergency' || rights.at('emergency', source.unitId))
  return (
    <Dialog title={say('addKeyTitle')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={form.control} name="label" label={say('keyLabel')} autoFocus />
        <FormSelect control={form.control} name="class" label={say('keyClass')} hint={say('keyClassHint')} choices={classes.map((id) => ({ id, label: common_(id) }))} />
        <FormDate withTime control={form.control} name="expiresAt" label={say('expires')} hint={say('expiresHint')} />
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{common_('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('addKey')}</Button></div>
      </form>
    </Dialog>
  )
}

function EndDialog({ sourceId, ended, onClose }: { readonly sourceId: string; readonly ended: Key; readonly onClose: () => void }) {
  const say = useWords(words)
  const [cut, setCut] = useState(false)
  const ending = useDeed({ reads: KEYS_READ, onDone: onClose, form: [cut] })
  const end = (): void => { void ending.run(async () => { done(await loa.DELETE('/v1/sources/{id}/keys/{keyId}', { params: { path: { id: sourceId, keyId: ended.id }, query: { endSessions: cut } } })) }, () => { toast(say('keyEnded')) }) }
  return (
    <ConfirmDialog title={say('endKeyTitle', { label: ended.label })} action={say('endKey')} isOpen onClose={onClose} isBusy={ending.isBusy} error={ending.failure} onConfirm={end}>
      <p>{say('endKeyText')}</p>
      <Switch isSelected={cut} onChange={setCut}>{say('cutToo')}</Switch>
    </ConfirmDialog>
  )
}

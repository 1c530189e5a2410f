import { Plus } from 'lucide-react'
import { useState } from 'react'
import { done, type PostBody, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { usePages } from '../../api/pages.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { RadioGroup, Select, TextField } from '../../kit/fields.tsx'
import { Badge, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { SecretDialog, TypedConfirm } from './secret.tsx'
import { words } from './words.ts'

type Channel = Schemas['NotificationChannel']
const READ: ReadonlySet<string> = new Set(['/v1/notification-channels'])

/** Where alarms go besides the screen. */
export function Channels() {
  const say = useWords(words)
  const { units } = useUnits()
  const [isNew, setIsNew] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [removing, setRemoving] = useState<Channel | null>(null)
  const [error, setError] = useState<string | null>(null)
  const pages = usePages<Channel>(['get', '/v1/notification-channels'], async (page) => done(await loa.GET('/v1/notification-channels', { params: { query: { limit: 200, ...page } } })))
  const test = ({ id, name }: Channel): void => {
    setError(null)
    loa.POST('/v1/notification-channels/{id}/test', { params: { path: { id }, header: { 'idempotency-key': crypto.randomUUID() } } }).then(done).then(() => { toast(say('testSent', { name })) }).catch((failure: unknown) => { setError(problemText(failure)) }).finally(() => { readAgain(READ) })
  }
  return (
    <section className="stack tight">
      <div className="row"><h2 className="grow">{say('channels')}</h2><Button onPress={() => { setIsNew(true) }}><Plus size={18} aria-hidden />{say('newChannel')}</Button></div>
      {error !== null && <Notice tone="bad">{error}</Notice>}
      <Loaded query={pages}>{(channels) => (
        <DataTable label={say('channels')} rows={channels} keyOf={({ id }) => id} columns={[
          { id: 'name', title: say('channels'), cell: ({ name, url, to, file }) => <><strong>{name}</strong><div className="small quiet">{url ?? to?.join(', ') ?? file}</div></> },
          { id: 'kind', title: say('channelKind'), cell: ({ kind }) => say(kind) },
          { id: 'unit', title: say('roleAt'), cell: ({ unitId }) => (unitId === null ? say('wholeTree') : units.name(unitId)) },
          { id: 'state', title: '', cell: ({ usable, pending, lastError }) => <>{!usable && <Badge tone="warn">{say('notUsable')}</Badge>}{pending > 0 && <Badge>{say('waiting', { count: pending })}</Badge>}{lastError !== null && <div className="small quiet">{lastError}</div>}</> },
          { id: 'do', title: '', cell: (channel) => <span className="row tight"><Button aria-label={`${say('sendTest')}: ${channel.name}`} onPress={() => { test(channel) }}>{say('sendTest')}</Button><Button look="danger" aria-label={`${say('removeChannel')}: ${channel.name}`} onPress={() => { setRemoving(channel) }}>{say('removeChannel')}</Button></span> },
        ]} />
      )}</Loaded>
      {isNew && <NewChannel onClose={() => { setIsNew(false) }} onSecret={setSecret} />}
      <SecretDialog title={say('secretOnce')} text={say('secretOnce')} secret={secret} onClose={() => { setSecret(null) }} />
      {removing !== null && <TypedConfirm title={say('removeChannel')} text={say('removeChannelText', { name: removing.name })} word={removing.name} action={say('removeChannel')} isOpen onClose={() => { setRemoving(null) }} work={async () => {
        done(await loa.DELETE('/v1/notification-channels/{id}', { params: { path: { id: removing.id } } }))
        readAgain(READ)
      }} />}
    </section>
  )
}

function NewChannel({ onClose, onSecret }: { readonly onClose: () => void; readonly onSecret: (secret: string | null) => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const mayAll = rights.at('manage', null)
  const [name, setName] = useState('')
  const [kind, setKind] = useState<Channel['kind']>('email')
  const [place, setPlace] = useState('')
  const [unitId, setUnitId] = useState<string | null>(mayAll ? null : units.all.find(({ id }) => rights.at('manage', id))?.id ?? null)
  const [minSeverity, setMinSeverity] = useState<Channel['minSeverity']>('warning')
  const [error, setError] = useState<string | null>(null)
  const where: Partial<PostBody<'/v1/notification-channels'>> = kind === 'webhook' ? { url: place.trim() } : kind === 'email' ? { to: place.split(',').map((one) => one.trim()).filter((one) => one !== '') } : { file: place.trim() }
  const create = (): void => {
    loa.POST('/v1/notification-channels', { params: { header: { 'idempotency-key': crypto.randomUUID() } }, body: { name: name.trim(), kind, unitId, minSeverity, ...where } }).then(done).then((channel) => {
      readAgain(READ)
      onClose()
      onSecret(channel.secret)
    }).catch((failure: unknown) => { setError(problemText(failure)) })
  }
  return (
    <Dialog title={say('newChannel')} isOpen onClose={onClose} foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" onPress={create} isDisabled={name.trim() === '' || place.trim() === ''}>{say('createChannel')}</Button></>}>
      <TextField label={sayCommon('name')} value={name} onChange={setName} autoFocus />
      <RadioGroup label={say('channelKind')} value={kind} onChange={setKind} choices={(['email', 'webhook', 'file'] as const).map((id) => ({ id, label: say(id) }))} />
      <TextField label={say(kind === 'webhook' ? 'url' : kind === 'email' ? 'to' : 'fileName')} value={place} onChange={setPlace} />
      <UnitPicker label={say('roleAt')} value={unitId} onChange={setUnitId} filter={(id) => rights.at('manage', id)} {...(mayAll ? { nullLabel: say('wholeTree') } : {})} />
      <Select label={say('minSeverity')} value={minSeverity} onChange={setMinSeverity} choices={(['info', 'warning', 'critical'] as const).map((id) => ({ id, label: say(id) }))} />
      {error !== null && <Notice tone="bad">{error}</Notice>}
    </Dialog>
  )
}

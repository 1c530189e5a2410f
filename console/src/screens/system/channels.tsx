import { Plus } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { usePages, type Pages } from '../../api/pages.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Badge, Failure, Loaded, Notice } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { ChannelDialog } from './channel-dialog.tsx'
import { channelWords } from './channel-words.ts'
import { SecretDialog, TypedConfirm } from './secret.tsx'
import { words } from './words.ts'

type Channel = Schemas['NotificationChannel']
type Notification = Schemas['Notification']
const READ: ReadonlySet<string> = new Set(['/v1/notification-channels', '/v1/notifications'])
const AGAIN_MS = 1000
const STATE_TONES = { pending: 'accent', delivered: 'good', dead: 'warn' } as const

/** Channels of the units that the reader manages; nothing for who manages none. */
export function useChannels(): Pages<Channel> {
  const rights = useRights()
  return usePages<Channel>(['get', '/v1/notification-channels'], async (page) => done(await loa.GET('/v1/notification-channels', { params: { query: { limit: 200, ...page } } })), rights.somewhere('manage'))
}

/** Where alarms go besides the screen. */
export function Channels() {
  const say = useWords(words)
  const sayChannel = useWords(channelWords)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const { dayTime } = useFormats()
  const [edited, setEdited] = useState<Channel | 'new' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const [removing, setRemoving] = useState<Channel | null>(null)
  const [rotating, setRotating] = useState<Channel | null>(null)
  const [tested, setTested] = useState<{ readonly channel: Channel; readonly id: string } | null>(null)
  const testing = useDeed({ reads: READ })
  const pages = useChannels()
  const test = (channel: Channel): void => {
    setTested(null)
    void testing.run(async () => done(await loa.POST('/v1/notification-channels/{id}/test', { params: { path: { id: channel.id } } })), ({ id }) => { setTested({ channel, id }) })
  }
  const acts = (channel: Channel): React.ReactNode => (
    <span className="row tight">
      <Button aria-label={`${say('sendTest')}: ${channel.name}`} isDisabled={testing.isBusy} onPress={() => { test(channel) }}>{say('sendTest')}</Button>
      <Button aria-label={`${sayChannel('edit')}: ${channel.name}`} onPress={() => { setEdited(channel) }}>{sayCommon('edit')}</Button>
      {channel.kind === 'webhook' && <Button aria-label={`${sayChannel('rotate')}: ${channel.name}`} onPress={() => { setRotating(channel) }}>{sayChannel('rotate')}</Button>}
      <Button look="danger" aria-label={`${say('removeChannel')}: ${channel.name}`} onPress={() => { setRemoving(channel) }}>{sayCommon('remove')}</Button>
    </span>
  )
  return (
    <>
      <div className="row texts"><p className="grow quiet">{sayChannel('help')}</p><Button look="primary" onPress={() => { setEdited('new') }}><Plus size={18} aria-hidden />{say('newChannel')}</Button></div>
      <Failure text={testing.failure} />
      {tested !== null && <TestResult key={tested.id} channel={tested.channel} notificationId={tested.id} />}
      <Loaded query={pages}>{(channels) => (
        <DataTable label={say('channels')} rows={channels} keyOf={({ id }) => id} empty={sayChannel('none')} columns={[
          { id: 'name', title: say('channels'), cell: ({ name, url, to, file }) => <><strong>{name}</strong><div className="small quiet">{url ?? to?.join(', ') ?? file}</div></> },
          { id: 'kind', title: say('channelKind'), cell: ({ kind }) => say(kind) },
          { id: 'unit', title: say('roleAt'), cell: ({ unitId }) => (unitId === null ? say('wholeTree') : units.name(unitId)) },
          { id: 'what', title: sayChannel('what'), cell: ({ rules, minSeverity, level }) => <>{rules === null ? sayChannel('allRules') : sayChannel('someRules', { count: rules.length })}, {say('minSeverity').toLocaleLowerCase()} «{say(minSeverity)}»<div className="small quiet">{level === 0 ? sayChannel('levelNow') : sayChannel('levelLater', { level })}</div></> },
          { id: 'state', title: sayCommon('state'), cell: ({ enabled, usable, pending, waitingSince, lastError }) => <><span className="row tight"><Badge tone={enabled ? 'good' : 'off'}>{sayChannel(enabled ? 'enabled' : 'disabled')}</Badge>{!usable && <Badge tone="warn">{say('notUsable')}</Badge>}{pending > 0 && <Badge tone="accent">{say('waiting', { count: pending })}</Badge>}</span>{waitingSince !== null && <div className="small quiet">{sayChannel('waitsSince', { time: dayTime(waitingSince) })}</div>}{lastError !== null && <div className="small quiet">{lastError}</div>}</> },
          { id: 'do', title: '', cell: acts },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
      <Sent channels={pages.data ?? []} />
      {edited !== null && <ChannelDialog channel={edited === 'new' ? null : edited} onClose={() => { setEdited(null) }} onSecret={setSecret} />}
      <SecretDialog title={say('secretOnce')} text={sayChannel('secretText')} secret={secret} onClose={() => { setSecret(null) }} />
      {rotating !== null && <Rotate channel={rotating} onClose={() => { setRotating(null) }} onSecret={setSecret} />}
      {removing !== null && <TypedConfirm title={say('removeChannel')} text={say('removeChannelText', { name: removing.name })} word={removing.name} action={say('removeChannel')} isOpen onClose={() => { setRemoving(null) }} work={async () => {
        done(await loa.DELETE('/v1/notification-channels/{id}', { params: { path: { id: removing.id } } }))
        readAgain(READ)
      }} />}
    </>
  )
}

/** What became of a test: it is a matter of seconds and has no event of its own. */
function TestResult({ channel: { id: channelId, name }, notificationId }: { readonly channel: Channel; readonly notificationId: string }) {
  const say = useWords(channelWords)
  const find = (items: readonly Notification[] | undefined): Notification | undefined => items?.find(({ id }) => id === notificationId)
  const isOpen = (one: Notification | undefined): boolean => one === undefined || (one.state === 'pending' && one.lastError === null)
  const query = api.useQuery('get', '/v1/notifications', { params: { query: { channelId, limit: 20 } } }, { refetchInterval: ({ state }) => (isOpen(find(state.data?.items)) ? AGAIN_MS : false) })
  const sent = find(query.data?.items)
  if (sent === undefined || isOpen(sent)) return <Notice>{say('testing', { name })}</Notice>
  return sent.state === 'delivered' ? <Notice tone="good">{say('testGood', { name })}</Notice> : <Notice tone="bad">{say('testBad', { name, reason: sent.lastError ?? say('unknownReason') })}</Notice>
}

function Rotate({ channel: { id, name }, onClose, onSecret }: { readonly channel: Channel; readonly onClose: () => void; readonly onSecret: (secret: string | null) => void }) {
  const say = useWords(channelWords)
  const rotating = useDeed({ onDone: onClose })
  const rotate = (): void => { void rotating.run(async () => done(await loa.POST('/v1/notification-channels/{id}/rotate-secret', { params: { path: { id } } })), ({ secret }) => { onSecret(secret) }) }
  return <ConfirmDialog title={say('rotate')} action={say('rotate')} isOpen onClose={onClose} onConfirm={rotate} isBusy={rotating.isBusy} error={rotating.failure}>{say('rotateText', { name })}</ConfirmDialog>
}

/** What was sent, what waits and what was given up, which can be sent again. */
function Sent({ channels }: { readonly channels: readonly Channel[] }) {
  const say = useWords(channelWords)
  const sayCommon = useWords(common)
  const { dayTime } = useFormats()
  const repeating = useDeed({ reads: READ })
  const pages = usePages<Notification>(['get', '/v1/notifications'], async (page) => done(await loa.GET('/v1/notifications', { params: { query: { limit: 20, ...page } } })))
  const again = (id: string): void => { void repeating.run(async () => done(await loa.POST('/v1/notifications/{id}/retry', { params: { path: { id } } }))) }
  const nameOf = (channelId: string): string => channels.find(({ id }) => id === channelId)?.name ?? channelId
  return (
    <section className="stack tight">
      <h2>{say('sent')}</h2>
      <Failure text={repeating.failure} />
      <Loaded query={pages}>{(items) => (
        <DataTable label={say('sent')} rows={items} keyOf={({ id }) => id} empty={say('nothingSent')} columns={[
          { id: 'what', title: sayCommon('details'), cell: ({ kind, channelId }) => <>{say(kind)} → {nameOf(channelId)}</> },
          { id: 'at', title: sayCommon('time'), cell: ({ createdAt }) => dayTime(createdAt) },
          { id: 'state', title: sayCommon('state'), cell: ({ state, attempts, lastError }) => <><Badge tone={STATE_TONES[state]}>{say(state)}</Badge> <span className="small quiet">{say('tries', { count: attempts })}</span>{lastError !== null && state !== 'delivered' && <div className="small quiet">{lastError}</div>}</> },
          { id: 'do', title: '', cell: ({ id, state }) => (state === 'delivered' ? null : <Button isDisabled={repeating.isBusy} onPress={() => { again(id) }}>{say('again')}</Button>) },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
    </section>
  )
}

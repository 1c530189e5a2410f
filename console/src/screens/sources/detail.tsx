import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { isRefused } from '../../api/problem-text.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Loaded, Notice, Page } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { SourcesHelp } from './help.tsx'
import { AttemptsCard, UsesCard } from './history-cards.tsx'
import { KeysCard } from './keys-card.tsx'
import type { Secret } from './secret-dialog.tsx'
import { SendingCard } from './sending-card.tsx'
import { SettingsCard } from './settings-card.tsx'
import { hasKey, isIngest, type Source } from './sources.ts'
import { StandbyCard, SwitchesCard } from './standby-card.tsx'
import { StatusCard } from './status-card.tsx'
import { useSources } from './use-sources.ts'
import { words } from './words.ts'

const LOOK_EVERY_MS = 1500
const SOURCES: ReadonlySet<string> = new Set(['/v1/sources'])

export function SourceDetail({ id, onSecret }: { readonly id: string; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(words)
  const source = api.useQuery('get', '/v1/sources/{id}', { params: { path: { id } } }, { refetchInterval: LOOK_EVERY_MS })
  if (isRefused(source.error)) return <Page title={say('tabSources')} help={<SourcesHelp />}><Notice tone="warn" action={<ButtonLink href="/sources">{say('toList')}</ButtonLink>}>{say('notFound')}</Notice></Page>
  return <Loaded query={source}>{(read) => <Detail source={read} onSecret={onSecret} />}</Loaded>
}

function Detail({ source, onSecret }: { readonly source: Source; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(words)
  const common_ = useWords(common)
  const mayManage = useRights().at('manage', source.unitId)
  const { units } = useUnits()
  const { data: all = [] } = useSources()
  const [isRemoving, setIsRemoving] = useState(false)
  const names = new Map(all.map(({ id, name }) => [id, name]))
  const nameOf = (id: string): string => names.get(id) ?? id
  const actions = mayManage ? <><ButtonLink href={`/sources/${source.id}/edit`}><Pencil size={18} aria-hidden />{common_('edit')}</ButtonLink><Button onPress={() => { setIsRemoving(true) }}><Trash2 size={18} aria-hidden />{common_('remove')}</Button></> : null
  return (
    <Page title={source.name} help={<SourcesHelp />} actions={actions}>
      <div className="row tight quiet"><ButtonLink href="/sources" look="plain">← {say('toList')}</ButtonLink><span>{say(source.kind)} · {source.unitId === null ? say('wholeTree') : units.name(source.unitId)}</span></div>
      <div className="source-detail">
        <div className="stack">
          <StatusCard source={source} />
          {source.kind === 'standby' && <StandbyCard source={source} nameOf={nameOf} />}
          <SendingCard source={source} />
          {mayManage && hasKey(source.kind) && <KeysCard source={source} onSecret={onSecret} />}
        </div>
        <div className="stack">
          <UsesCard source={source} all={all} />
          {source.kind === 'standby' && <SwitchesCard sourceId={source.id} nameOf={nameOf} />}
          {isIngest(source) && <AttemptsCard sourceId={source.id} />}
          <SettingsCard source={source} nameOf={nameOf} />
        </div>
      </div>
      {isRemoving && <RemoveDialog source={source} onClose={() => { setIsRemoving(false) }} />}
    </Page>
  )
}

function RemoveDialog({ source, onClose }: { readonly source: Source; readonly onClose: () => void }) {
  const say = useWords(words)
  const [, navigate] = useLocation()
  const removing = useDeed({ reads: SOURCES, onDone: () => { navigate('/sources') } })
  const remove = (): void => { void removing.run(async () => { done(await loa.DELETE('/v1/sources/{id}', { params: { path: { id: source.id }, header: { 'if-match': '*' } } })) }, () => { toast(say('removed')) }) }
  return <ConfirmDialog title={say('removeTitle', { name: source.name })} action={say('remove')} isOpen onClose={onClose} isBusy={removing.isBusy} error={removing.failure} onConfirm={remove}><p>{say('removeText')}</p></ConfirmDialog>
}

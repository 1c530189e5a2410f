import { useState } from 'react'
import { done, type PostBody, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { Checkbox, RadioGroup, Select, Switch, TextField } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { channelWords } from './channel-words.ts'
import { words } from './words.ts'

type Channel = Schemas['NotificationChannel']
const READ: ReadonlySet<string> = new Set(['/v1/notification-channels'])
const PLACE_WORDS = { webhook: 'url', email: 'to', file: 'fileName' } as const
const MOST_LEVELS = 5

const shownOf = ({ name, minSeverity, rules, level, enabled, url, to, file }: Channel): unknown => [name, minSeverity, rules, level, enabled, url, to, file]

/** A channel, new or to be changed; its kind and its unit stay what they were made as. */
export function ChannelDialog({ channel, onClose, onSecret }: { readonly channel: Channel | null; readonly onClose: () => void; readonly onSecret: (secret: string | null) => void }) {
  const say = useWords(words)
  const sayChannel = useWords(channelWords)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const alarmRules = api.useQuery('get', '/v1/alarm-rules', {})
  const mayAll = rights.at('manage', null)
  const [name, setName] = useState(channel?.name ?? '')
  const [kind, setKind] = useState<Channel['kind']>(channel?.kind ?? 'email')
  const placeBefore = channel?.url ?? channel?.to?.join(', ') ?? channel?.file ?? ''
  const [place, setPlace] = useState(placeBefore)
  const [unitId, setUnitId] = useState<string | null>(mayAll ? null : units.all.find(({ id }) => rights.at('manage', id))?.id ?? null)
  const [minSeverity, setMinSeverity] = useState<Channel['minSeverity']>(channel?.minSeverity ?? 'warning')
  const [rules, setRules] = useState<Channel['rules']>(channel?.rules ?? null)
  const [level, setLevel] = useState(channel?.level ?? 0)
  const [enabled, setEnabled] = useState(channel?.enabled ?? true)
  const saving = useDeed({ reads: READ, onDone: onClose, form: [name, kind, place, unitId, minSeverity, rules, level, enabled] })
  const where: Pick<PostBody<'/v1/notification-channels'>, 'url' | 'to' | 'file'> = kind === 'webhook' ? { url: place.trim() } : kind === 'email' ? { to: place.split(/[,;\s]+/).filter((one) => one !== '') } : { file: place.trim() }
  const settings = { name: name.trim(), minSeverity, rules, level, enabled }
  const make = async () => done(await loa.POST('/v1/notification-channels', { body: { ...settings, kind, unitId, ...where } }))
  const change = async (shown: Channel): Promise<void> => {
    const { id } = shown
    const before = await loa.GET('/v1/notification-channels/{id}', { params: { path: { id } } })
    done(await loa.PATCH('/v1/notification-channels/{id}', { params: { path: { id }, header: ifAsShown(before, shownOf, shownOf(shown)) }, body: { ...settings, ...(kind === 'file' || place === placeBefore ? {} : where) } }))
  }
  const save = (): void => {
    if (channel === null) void saving.run(make, ({ secret }) => { onSecret(secret) })
    else void saving.run(() => change(channel), () => { toast(sayCommon('saved')) })
  }
  return (
    <Dialog title={channel === null ? say('newChannel') : sayChannel('edit')} isOpen onClose={onClose} isDismissable={false} foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" onPress={save} isDisabled={saving.isBusy || name.trim() === '' || place.trim() === '' || rules?.length === 0}>{channel === null ? say('createChannel') : sayCommon('save')}</Button></>}>
      <TextField label={sayCommon('name')} value={name} onChange={setName} autoFocus />
      {channel === null && <RadioGroup label={say('channelKind')} value={kind} onChange={setKind} choices={(['email', 'webhook', 'file'] as const).map((id) => ({ id, label: say(id) }))} />}
      <TextField label={say(PLACE_WORDS[kind])} value={place} onChange={setPlace} isDisabled={channel !== null && kind === 'file'} hint={channel?.kind === 'webhook' ? sayChannel('urlKept') : undefined} />
      {channel === null && <UnitPicker label={say('roleAt')} value={unitId} onChange={setUnitId} filter={(id) => rights.at('manage', id)} hint={sayChannel('server')} {...(mayAll ? { nullLabel: say('wholeTree') } : {})} />}
      <div className="columns">
        <Select label={say('minSeverity')} value={minSeverity} onChange={setMinSeverity} choices={(['info', 'warning', 'critical'] as const).map((id) => ({ id, label: say(id) }))} />
        <Select label={sayChannel('level')} value={String(level)} onChange={(next) => { setLevel(Number(next)) }} choices={Array.from({ length: MOST_LEVELS + 1 }, (_, at) => ({ id: String(at), label: at === 0 ? sayChannel('levelNow') : sayChannel('levelLater', { level: at }) }))} />
      </div>
      <Checkbox isSelected={rules === null} onChange={(isAll) => { setRules(isAll ? null : []) }}>{sayChannel('allRules')}</Checkbox>
      {rules !== null && <fieldset className="system-plain system-choices"><legend className="field-label">{sayChannel('rules')}</legend>{alarmRules.data?.items.map(({ rule, title }) => <Checkbox key={rule} isSelected={rules.includes(rule)} onChange={(isOn) => { setRules(isOn ? [...rules, rule] : rules.filter((other) => other !== rule)) }}>{title}</Checkbox>)}</fieldset>}
      <Switch isSelected={enabled} onChange={setEnabled}>{sayChannel('enabled')}</Switch>
      <Failure text={saving.failure} />
    </Dialog>
  )
}

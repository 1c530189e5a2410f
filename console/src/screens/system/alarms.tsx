import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { RadioGroup, SearchField, TextField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { matches } from '../../words/fold.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

type Alarm = Schemas['Alarm']
const READ: ReadonlySet<string> = new Set(['/v1/alarms', '/v1/alarms/counts'])
const STATES = ['open', 'unacknowledged', 'cleared', 'all'] as const
const STATE_WORDS = { open: 'openAlarms', unacknowledged: 'unacknowledged', cleared: 'closedAlarms', all: 'allAlarms' } as const
export const SEVERITY_TONES = { critical: 'warn', warning: 'accent', info: 'off' } as const

/** What is wrong, and who takes it. */
export function Alarms() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { dayTime } = useFormats()
  const [state, setState] = useState<(typeof STATES)[number]>('open')
  const [search, setSearch] = useState('')
  const [taking, setTaking] = useState<Alarm | null>(null)
  const pages = usePages<Alarm>(['get', '/v1/alarms', state], async (page) => done(await loa.GET('/v1/alarms', { params: { query: { limit: 200, ...(state === 'all' ? {} : { state }), ...page } } })))
  return (
    <>
      <div className="row texts"><div className="grow"><RadioGroup label={sayCommon('state')} value={state} onChange={setState} choices={STATES.map((id) => ({ id, label: say(STATE_WORDS[id]) }))} /></div><SearchField label={sayCommon('search')} value={search} onChange={setSearch} /></div>
      <Loaded query={pages}>{(alarms) => (
        <DataTable label={say('alarms')} rows={alarms.filter(({ title, detail, unitId }) => matches(`${title} ${detail} ${unitId === null ? '' : units.name(unitId)}`, search))} keyOf={({ id }) => id} empty={say('noAlarms')} columns={[
          { id: 'title', title: say('alarms'), cell: ({ title, detail }) => <><strong>{title}</strong><div className="small quiet">{detail}</div></> },
          { id: 'severity', title: say('severity'), cell: ({ severity }) => <Badge tone={SEVERITY_TONES[severity]}>{say(severity)}</Badge> },
          { id: 'unit', title: sayCommon('unit'), cell: ({ unitId }) => (unitId === null ? say('wholeTree') : units.name(unitId)) },
          { id: 'raised', title: say('raised'), cell: ({ raisedAt }) => dayTime(raisedAt) },
          { id: 'do', title: sayCommon('state'), cell: (alarm) => (alarm.acknowledged !== null ? say('acknowledgedBy', { name: alarm.acknowledged.name }) : alarm.clearedAt !== null ? say('closedAlarms') : rights.at('command', alarm.unitId) ? <Button aria-label={`${say('acknowledge')}: ${alarm.title}`} onPress={() => { setTaking(alarm) }}>{say('acknowledge')}</Button> : say('unacknowledged')) },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
      {taking !== null && <Take alarm={taking} onClose={() => { setTaking(null) }} />}
    </>
  )
}

function Take({ alarm, onClose }: { readonly alarm: Alarm; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [note, setNote] = useState('')
  const taking = useDeed({ reads: READ, onDone: onClose, form: [note] })
  const take = (): void => { void taking.run(async () => done(await loa.POST('/v1/alarms/{id}/acknowledge', { params: { path: { id: alarm.id } }, body: note.trim() === '' ? {} : { note: note.trim() } }))) }
  return <Dialog title={alarm.title} isOpen onClose={onClose} foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" onPress={take} isDisabled={taking.isBusy}>{say('acknowledge')}</Button></>}><p>{alarm.detail}</p><TextField label={say('note')} value={note} onChange={setNote} maxLength={1000} autoFocus /><Failure text={taking.failure} /></Dialog>
}

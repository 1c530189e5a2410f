import { Download, X } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { Select } from '../../kit/fields.tsx'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { houseDay, startOf } from '../../words/house-day.ts'
import { useWords } from '../../words/use-words.ts'
import { AuditEntryDialog, useActionText } from './audit-entry.tsx'
import { AUDIT_KINDS } from './audit-text.ts'
import { auditWords } from './audit-words.ts'
import { useUsers } from './users.tsx'
import { Verification } from './verification.tsx'
import { words } from './words.ts'

type Entry = Schemas['AuditEntry']
const ALL = 'all'

/** Who or what is looked for; the name is what it was called where it was pressed. */
interface Named {
  readonly id: string
  readonly name: string
}

/** Who has asked for what, and whether somebody has changed the book. */
export function AuditLog() {
  const say = useWords(words)
  const sayAudit = useWords(auditWords)
  const sayCommon = useWords(common)
  const actionText = useActionText()
  const rights = useRights()
  const { data: users } = useUsers(rights.somewhere('people'))
  const { day: dayText, seconds } = useFormats()
  const [days, setDays] = useState(() => {
    const today = houseDay(Date.now())
    return { from: today, to: today }
  })
  const [who, setWho] = useState<Named | null>(null)
  const [kind, setKind] = useState<(typeof AUDIT_KINDS)[number] | typeof ALL>(ALL)
  const [result, setResult] = useState<'done' | 'refused' | typeof ALL>(ALL)
  const [unitId, setUnitId] = useState<string | null>(null)
  const [object, setObject] = useState<Named | null>(null)
  const [open, setOpen] = useState<Entry | null>(null)
  const filter = {
    ...(days.from === '' ? {} : { from: startOf(days.from) }),
    ...(days.to === '' ? {} : { to: `${days.to}T23:59:59.999+07:00` }),
    ...(who === null ? {} : { tokenId: who.id }),
    ...(kind === ALL ? {} : { route: `/v1/${kind}` }),
    ...(result === ALL ? {} : { result }),
    ...(unitId === null ? {} : { unitId }),
    ...(object === null ? {} : { targetId: object.id }),
  }
  const pages = usePages<Entry>(['get', '/v1/audit-log', filter], async (page) => done(await loa.GET('/v1/audit-log', { params: { query: { limit: 200, ...filter, ...page } } })))
  const people = [{ id: ALL, label: sayAudit('anyone') }, ...(users ?? []).map(({ id, name }) => ({ id, label: name })), ...(who === null || users?.some(({ id }) => id === who.id) === true ? [] : [{ id: who.id, label: who.name }])]
  return (
    <>
      <Verification />
      <p className="quiet">{sayAudit('help')}</p>
      <div className="system-filters">
        <DateField isTold="when left" label={sayAudit('fromDay')} value={days.from} onChange={(from) => { setDays({ ...days, from }) }} />
        <DateField isTold="when left" label={sayAudit('toDay')} value={days.to} onChange={(to) => { setDays({ ...days, to }) }} />
        <Select label={say('who')} value={who?.id ?? ALL} onChange={(id) => { setWho(id === ALL ? null : { id, name: people.find((one) => one.id === id)?.label ?? id }) }} choices={people} />
        <Select label={sayAudit('kind')} value={kind} onChange={setKind} choices={[{ id: ALL, label: sayAudit('anyKind') }, ...AUDIT_KINDS.map((id) => ({ id, label: sayAudit(id) }))]} />
        <Select label={say('result')} value={result} onChange={setResult} choices={[{ id: ALL, label: sayAudit('anyResult') }, { id: 'done', label: say('allowed') }, { id: 'refused', label: say('denied') }]} />
        <UnitPicker label={sayCommon('unit')} value={unitId} onChange={setUnitId} nullLabel={sayAudit('anyUnit')} />
      </div>
      <div className="row">
        {object !== null && <span className="badge accent">{sayAudit('object')}: {object.name}<Button look="plain" icon aria-label={sayAudit('allObjects')} onPress={() => { setObject(null) }}><X size={16} aria-hidden /></Button></span>}
        <span className="grow" />
        <a className="button normal" download href={`/v1/audit-log/export?${new URLSearchParams({ format: 'csv', ...filter }).toString()}`}><Download size={18} aria-hidden />{sayAudit('exportCsv')}</a>
      </div>
      <Loaded query={pages}>{(entries) => (
        <DataTable label={say('audit')} rows={entries} keyOf={({ seq }) => String(seq)} openKey={open === null ? null : String(open.seq)} columns={[
          { id: 'at', title: sayCommon('time'), cell: (entry) => <Button look="plain" onPress={() => { setOpen(entry) }}>{dayText(entry.at)} {seconds(entry.at)}</Button> },
          { id: 'who', title: say('who'), cell: ({ tokenId, tokenName }) => (tokenId === null ? say('someone') : tokenName ?? tokenId) },
          { id: 'did', title: say('did'), cell: ({ method, route }) => <>{actionText(method, route)}<div className="small quiet"><code>{method} {route}</code></div></> },
          { id: 'result', title: say('result'), cell: ({ status, code, count }) => <Badge tone={status < 400 ? 'good' : 'warn'}>{say(status < 400 ? 'allowed' : 'denied')} {code ?? ''}{count > 1 ? ` ×${String(count)}` : ''}</Badge> },
          { id: 'address', title: say('address'), cell: ({ remoteAddress }) => remoteAddress ?? '–' },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more} isDisabled={pages.isReading}>{sayCommon('more')}</Button>}
      {open !== null && <AuditEntryDialog entry={open} onClose={() => { setOpen(null) }} onWho={(id, name) => { setWho({ id, name }); setOpen(null) }} onObject={(id, name) => { setObject({ id, name }); setOpen(null) }} />}
    </>
  )
}

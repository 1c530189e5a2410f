import { Download } from 'lucide-react'
import { useState } from 'react'
import { Select } from '../../kit/fields.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { ListPage } from './list-page.tsx'
import { TicketList, type TicketListFilter } from './ticket-list.tsx'
import { ticketWords } from './ticket-words.ts'
import { words } from './words.ts'

const STATES = ['unfinished', 'open', 'assigned', 'on-site', 'waiting-part', 'done', 'cancelled'] as const

/** All tickets of the reader's units. */
export default function TicketsPage() {
  const say = useWords(ticketWords)
  const sayList = useWords(words)
  const language = useLanguage()
  const [unit, setUnit] = useState<string | null>(null)
  const [state, setState] = useState<(typeof STATES)[number] | 'all'>('unfinished')
  const filter: TicketListFilter = { ...(unit === null ? {} : { unitId: unit }), ...(state === 'all' ? {} : { state }) }
  const sheet = new URLSearchParams({ ...filter, format: 'xlsx', lang: language }).toString()
  return (
    <ListPage help={<p>{say('help')}</p>} actions={<a className="button normal" href={`/v1/tickets/export?${sheet}`} download><Download size={18} aria-hidden />{say('xlsx')}</a>}>
      <div className="columns"><UnitPicker label={useWords(common)('unit')} value={unit} nullLabel={sayList('allUnits')} onChange={setUnit} /><Select label={say('state')} value={state} choices={[...STATES.map((id) => ({ id, label: say(id) })), { id: 'all' as const, label: say('all') }]} onChange={setState} /></div>
      <TicketList filter={filter} />
    </ListPage>
  )
}

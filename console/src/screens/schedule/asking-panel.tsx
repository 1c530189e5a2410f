import { useState } from 'react'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useWords } from '../../words/use-words.ts'
import { todayHere } from './days.ts'
import type { Item } from './item-types.ts'
import { panelWords } from './panel-words.ts'
import { itemSentence } from './sentence.ts'
import { sentenceWords } from './sentence-words.ts'
import { planOf } from './steps.ts'
import { useRun } from './use-schedule.ts'
import { words } from './words.ts'

/** Items that wait for who keeps a time of the day; shown to who may plan. */
export function AskingPanel() {
  const say = useWords(panelWords)
  const { data } = api.useQuery('get', '/v1/schedule-items', { params: { query: { asking: true, limit: 100 } } })
  const items = data?.items ?? []
  if (items.length === 0) return null
  return (
    <details className="card more-options">
      <summary>{say('askingTitle', { count: items.length })}</summary>
      <div className="stack">{items.map((item) => <Asking key={item.id} item={item} />)}</div>
    </details>
  )
}

function Asking({ item }: { readonly item: Item }) {
  const say = useWords(panelWords)
  const sayScreen = useWords(words)
  const sayParts = useWords(sentenceWords)
  const { units } = useUnits()
  const run = useRun()
  const [reason, setReason] = useState('')
  const answering = useDeed({ form: [reason] })
  return (
    <div className="meets">
      <p><strong>{item.title}</strong> · {itemSentence(item, todayHere(), sayParts)}</p>
      <p>{say('asks', { unit: units.name(item.issuer), reason: item.ask ?? '' })}</p>
      <TextField label={say('allowReason')} value={reason} onChange={setReason} />
      <div className="row tight">
        <Button look="primary" isDisabled={answering.isBusy || reason.trim() === ''} onPress={() => { void answering.run(async () => run(planOf({ kind: 'change', id: item.id, change: { enabled: true } }), say('allowed', { title: item.title }), { reason: reason.trim() }, [item])) }}>{say('allow')}</Button>
        <Button isDisabled={answering.isBusy} onPress={() => { void answering.run(async () => run(planOf({ kind: 'remove', id: item.id }), sayScreen('removedItem', { title: item.title }), {}, [item])) }}>{say('refuse')}</Button>
      </div>
      <Failure text={answering.failure} />
    </div>
  )
}

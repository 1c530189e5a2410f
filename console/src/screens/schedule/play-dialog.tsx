import { useState } from 'react'
import { useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { Badge, Failure, Notice } from '../../kit/surfaces.tsx'
import { keysOf, targetsOf } from '../../parts/targets/targets.ts'
import { useNamed } from '../../parts/targets/use-choices.ts'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { api } from '../../api/client.ts'
import { useClips } from './content-fields.tsx'
import { todayHere } from './days.ts'
import type { Entry } from './entries.ts'
import { formWords } from './form-words.ts'
import { isRepeating, left, type Scope } from './move.ts'
import { ownerOf, useStateText } from './play-text.ts'
import { ScopeChoice } from './scope-choice.tsx'
import { itemSentence } from './sentence.ts'
import { sentenceWords } from './sentence-words.ts'
import { useRun } from './use-schedule.ts'
import { words } from './words.ts'

/** What a play is, and what can be done with it. */
export function PlayDialog({ entry, onClose, onEdit, onDuplicate }: { readonly entry: Entry; readonly onClose: () => void; readonly onEdit: () => void; readonly onDuplicate: () => void }) {
  const say = useWords(words)
  const sayForm = useWords(formWords)
  const sayCommon = useWords(common)
  const sayParts = useWords(sentenceWords)
  const stateText = useStateText()
  const { units } = useUnits()
  const { dayTime, time } = useFormats()
  const run = useRun()
  const { item, mayPlan } = entry.shown
  const named = useNamed(targetsOf(keysOf(item.targets)))
  const { nameOf } = useClips(item.clipIds ?? [])
  const source = api.useQuery('get', '/v1/sources', { params: { query: { limit: 1000 } } }, { enabled: item.sourceId !== null })
  const [isRemoving, setIsRemoving] = useState(false)
  const [scope, setScope] = useState<Scope>('this')
  const taking = useDeed({ onDone: onClose, form: [isRemoving, scope] })
  const take = (wanted: Scope): void => {
    void taking.run(async () => run(left(item, entry.play.occurrence, wanted), say(wanted === 'this' && isRepeating(item) ? 'skipped' : 'removedItem', { title: item.title }), {}, [item]))
  }
  const foot = !mayPlan ? <Button onPress={onClose}>{sayCommon('close')}</Button> : isRemoving
    ? <><Button onPress={() => { setIsRemoving(false) }}>{sayCommon('back')}</Button><Button look="danger" isDisabled={taking.isBusy} onPress={() => { take(scope) }}>{sayCommon('remove')}</Button></>
    : <><Button isDisabled={taking.isBusy} onPress={() => { if (isRepeating(item)) setIsRemoving(true); else take('all') }}>{say('removeItem')}</Button><Button onPress={onDuplicate}>{say('duplicate')}</Button>{isRepeating(item) && entry.isMovable && <Button isDisabled={taking.isBusy} onPress={() => { take('this') }}>{say('skip')}</Button>}<Button look="primary" onPress={onEdit}>{say('edit')}</Button></>
  return (
    <Dialog title={item.title} isOpen onClose={onClose} foot={foot}>
      <div className="row tight"><Badge tone={entry.play.state === 'on-air' ? 'air' : entry.play.state === 'planned' || entry.play.state === 'scheduled' ? 'accent' : 'off'}>{stateText(entry)}</Badge>{item.class === 'priority' && <Badge tone="warn">{sayCommon('priority')}</Badge>}<strong className="number">{dayTime(entry.play.from)} – {time(entry.play.until)}</strong></div>
      {!mayPlan && <Notice>{say('foreignText', { unit: ownerOf(entry, units) })}</Notice>}
      <p className="sentence">{itemSentence(item, todayHere(), sayParts)}</p>
      <p><span className="quiet">{sayForm('what')}: </span>{item.sourceId === null ? (item.clipIds ?? []).map(nameOf).join(', ') : (source.data?.items.find(({ id }) => id === item.sourceId)?.name ?? item.sourceId)}</p>
      <p><span className="quiet">{sayForm('where')}: </span>{named.map(({ name }) => name).join(', ')}</p>
      {item.ask !== null && <p><span className="quiet">{sayForm('askReason')}: </span>{item.ask}</p>}
      {isRemoving && <ScopeChoice value={scope} onChange={setScope} />}
      <Failure text={taking.failure} />
    </Dialog>
  )
}

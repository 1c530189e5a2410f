import { useState } from 'react'
import { problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { Notice, Progress } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { copyWeek } from './copy-week.ts'
import { dayText, todayHere } from './days.ts'
import { addDays, mondayOf, type Day } from '../../words/house-day.ts'
import type { NewItem } from './item-types.ts'
import { panelWords } from './panel-words.ts'
import { runPlan, undo, type Consent } from './run-plan.ts'
import { planOf, type Step } from './steps.ts'
import { useScheduled, type Filter } from './use-schedule.ts'
import { words } from './words.ts'

/** Makes another week play what this one plays; one «Undo» takes all of it back. */
export function CopyWeekDialog({ monday, filter, onClose }: { readonly monday: Day; readonly filter: Filter; readonly onClose: () => void }) {
  const say = useWords(panelWords)
  const sayCommon = useWords(common)
  const sayScreen = useWords(words)
  const today = todayHere()
  const [to, setTo] = useState(addDays(monday, 7))
  const target = to === '' ? addDays(monday, 7) : mondayOf(to)
  const from = useScheduled(monday, 7, filter)
  const there = useScheduled(target, 7, filter)
  const isReady = from.data !== undefined && there.data !== undefined && !there.isPlaceholderData
  const copy = copyWeek(from.data ?? [], there.data ?? [], monday, target, today)
  const [doneCount, setDoneCount] = useState<number | null>(null)
  const [refusals, setRefusals] = useState<readonly { readonly body: NewItem; readonly why: string }[]>([])
  const [back, setBack] = useState<readonly Step[]>([])

  const close = (all: readonly Step[]): void => {
    if (all.length > 0) toast(sayScreen('copied', { count: all.length }), () => { undo(all, sayScreen('undone')).then(() => { toast(sayScreen('undone')) }, (error: unknown) => { toast(problemText(error)) }) })
    onClose()
  }
  const run = async (bodies: readonly NewItem[], consent: Consent = {}): Promise<void> => {
    const all = [...back]
    const refused: { body: NewItem; why: string }[] = []
    for (const [index, body] of bodies.entries()) {
      setDoneCount(index)
      try {
        all.unshift(...await runPlan(planOf({ kind: 'create', body }), consent))
      } catch (error) {
        refused.push({ body, why: problemText(error) })
      }
    }
    setDoneCount(null)
    setBack(all)
    setRefusals(refused)
    if (refused.length === 0) close(all)
  }
  return (
    <Dialog title={say('copyTitle')} isOpen onClose={() => { close(back) }} isDismissable={doneCount === null}
      foot={<><Button onPress={() => { close(back) }}>{sayCommon(refusals.length > 0 ? 'close' : 'cancel')}</Button>{refusals.length > 0 ? <Button look="primary" isDisabled={doneCount !== null} onPress={() => { void run(refusals.map(({ body }) => body), { acceptCollisions: true }) }}>{say('copyAnyway')}</Button> : <Button look="primary" isDisabled={!isReady || copy.bodies.length === 0 || doneCount !== null} onPress={() => { void run(copy.bodies) }}>{say('copyDo')}</Button>}</>}>
      <p><strong>{say('copyFrom', { from: dayText(monday, today), until: dayText(addDays(monday, 6), today) })}</strong></p>
      <DateField label={say('copyTo')} value={to} onChange={setTo} hint={say('copyFrom', { from: dayText(target, today), until: dayText(addDays(target, 6), today) })} />
      {isReady && refusals.length === 0 && (
        <ul>
          <li>{say('copyPlan', { count: copy.bodies.length })}</li>
          {copy.repeated > 0 && <li>{say('copyRepeated', { count: copy.repeated })}</li>}
          {copy.foreign > 0 && <li>{say('copyForeign', { count: copy.foreign })}</li>}
          {target < today && <li>{say('copyPast')}</li>}
        </ul>
      )}
      {doneCount !== null && <><p role="status">{say('copying', { done: doneCount, all: copy.bodies.length })}</p><Progress label={say('copyTitle')} share={doneCount / Math.max(1, copy.bodies.length)} /></>}
      {refusals.length > 0 && <Notice tone="warn">{say('copyRefused', { count: refusals.length })}<ul>{refusals.map(({ body: { title }, why }, index) => <li key={index}><strong>{title}</strong>: {why}</li>)}</ul></Notice>}
    </Dialog>
  )
}

import { useEffect, useRef, useState } from 'react'
import { problemCode, problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import type { Entry } from './entries.ts'
import { CollisionPanel, useMeetings } from './collision-panel.tsx'
import { formWords } from './form-words.ts'
import { isRepeating, moved, SCOPES, type Scope, type Shift } from './move.ts'
import type { Consent } from './run-plan.ts'
import { ScopeChoice } from './scope-choice.tsx'
import { planOf, type Plan } from './steps.ts'
import { useRun } from './use-schedule.ts'
import { words } from './words.ts'

export interface PendingShift {
  readonly entry: Entry
  readonly shift: Shift
  readonly revert: () => void
}

/** After something was dragged: asks which plays are meant where it repeats, and says what stands against it, with the ways out. Nothing is asked when nothing is to be. */
export function ShiftDialog({ pending: { entry, shift, revert }, onDone }: { readonly pending: PendingShift; readonly onDone: () => void }) {
  const say = useWords(words)
  const sayForm = useWords(formWords)
  const sayCommon = useWords(common)
  const run = useRun()
  const { item } = entry.shown
  const { occurrence } = entry.play
  const repeats = isRepeating(item)
  const impossible = SCOPES.filter((scope) => moved(item, occurrence, shift, scope) === null)
  const [scope, setScope] = useState<Scope>('this')
  const [refusal, setRefusal] = useState<unknown>(null)
  const [reason, setReason] = useState('')
  const [isBusy, setIsBusy] = useState(!repeats)
  const code = problemCode(refusal)

  const move = (consent: Consent, wanted: Plan | null = moved(item, occurrence, shift, repeats ? scope : 'all')): void => {
    if (wanted === null) return
    setIsBusy(true)
    run(wanted, say('moved', { title: item.title }), consent, [item]).then(onDone, (error: unknown) => { setRefusal(error); setIsBusy(false) })
  }
  // What plays once needs no question.
  const hasBegun = useRef(false)
  useEffect(() => {
    if (repeats || hasBegun.current) return
    hasBegun.current = true
    move({})
  })
  const plan = refusal === null ? null : moved(item, occurrence, shift, repeats ? scope : 'all')
  const asked = useMeetings(code === 'LOA_ERR_COLLISION' || code === 'LOA_ERR_POLICY' ? checkOf(plan) : null)
  // A play that is taken out of its item meets this one only until it is out.
  const checked = asked.meetings === null ? asked : { ...asked, meetings: { ...asked.meetings, collisions: asked.meetings.collisions.filter(({ itemId }) => itemId !== item.id) } }
  const cancel = (): void => { revert(); onDone() }
  const last = plan?.steps.at(-1)
  return (
    <Dialog title={refusal === null ? say('which') : say('refusedTitle')} isOpen={repeats || refusal !== null} onClose={cancel}
      foot={<>
        <Button onPress={cancel}>{sayCommon('cancel')}</Button>
        {refusal === null && <Button look="primary" isDisabled={isBusy || impossible.includes(scope)} onPress={() => { move({}) }}>{sayCommon('save')}</Button>}
        {code === 'LOA_ERR_COLLISION' && <Button look="primary" isDisabled={isBusy} onPress={() => { move({ acceptCollisions: true }) }}>{say('keepBoth')}</Button>}
        {code === 'LOA_ERR_POLICY' && <Button look="primary" isDisabled={isBusy || reason.trim() === ''} onPress={() => { move({ reason: reason.trim(), acceptCollisions: true }) }}>{say('withReason')}</Button>}
      </>}>
      {refusal === null && <ScopeChoice value={scope} onChange={setScope} without={impossible} />}
      {refusal === null && impossible.length > 0 && <p className="small quiet">{say('cannotAll')}</p>}
      {refusal !== null && checked.meetings === null && <Notice tone="bad">{problemText(refusal)}</Notice>}
      {refusal !== null && checked.meetings !== null && (
        <CollisionPanel checked={checked} itemId={last?.kind === 'change' ? item.id : null} onAsk={cancel}
          onMine={(cure) => { if (plan !== null && last !== undefined) move({}, { ...plan, steps: [...plan.steps.slice(0, -1), last.kind === 'create' ? { ...last, body: { ...last.body, ...cure } } : last.kind === 'change' ? { ...last, change: { ...last.change, ...cure } } : last] }) }}
          onOther={(itemId, title, change) => { run(planOf({ kind: 'change', id: itemId, change }), say('applied', { title }), { acceptCollisions: true }).then(() => { move({}) }, (error: unknown) => { setRefusal(error) }) }} />
      )}
      {code === 'LOA_ERR_POLICY' && <TextField label={sayForm('reason')} hint={sayForm('reasonHint')} value={reason} onChange={setReason} lines={2} />}
    </Dialog>
  )
}

/** What the last request of a plan would meet. */
function checkOf(plan: Plan | null): object | null {
  const last = plan?.steps.at(-1)
  return last === undefined || last.kind === 'remove' ? null : last.kind === 'create' ? last.body : { itemId: last.id, ...last.change }
}

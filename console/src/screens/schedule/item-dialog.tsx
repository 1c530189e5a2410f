import schema from 'api-schema:POST /v1/schedule-items'
import { useState } from 'react'
import { LoaProblem } from '../../../../control/client/index.ts'
import { ChangedElsewhere } from '../../api/changed-elsewhere.ts'
import { schemaErrors, schemaWords } from '../../forms/schema-errors.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { DateField, TimeField } from '../../kit/date-fields.tsx'
import { Checkbox, NumberField, RadioGroup, Select, Switch, TextField } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { TargetPicker } from '../../parts/targets/target-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { CollisionPanel, useMeetings } from './collision-panel.tsx'
import { ContentFields, useClips } from './content-fields.tsx'
import { todayHere } from './days.ts'
import { formWords } from './form-words.ts'
import { ItemConflict } from './item-conflict.tsx'
import { changeOf, checkBody, emptyNumbers, formOf, isCheckable, mergedForm, requestOf, timingOf, withChange, type ItemForm } from './item-form.ts'
import type { Item } from './item-types.ts'
import { changed, isRepeating, type Scope } from './move.ts'
import { DaySet, RepeatFields } from './repeat-fields.tsx'
import { itemSentence } from './sentence.ts'
import { sentenceWords } from './sentence-words.ts'
import { ScopeChoice } from './scope-choice.tsx'
import { planOf } from './steps.ts'
import { useRun } from './use-schedule.ts'
import { words } from './words.ts'

export interface ItemDialogProps {
  readonly start: ItemForm
  /** What is changed, and which of its plays was opened; null: something new. */
  readonly edited: { readonly item: Item; readonly occurrence: string } | null
  readonly onClose: () => void
}

/** Makes or changes an item; while it is filled in, it says what it means and what it meets. */
export function ItemDialog({ start, edited: first, onClose }: ItemDialogProps) {
  const say = useWords(formWords)
  const sayCommon = useWords(common)
  const sayScreen = useWords(words)
  const run = useRun()
  const [form, setForm] = useState(start)
  const [edited, setEdited] = useState(first)
  const [scope, setScope] = useState<Scope>('all')
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const [fault, setFault] = useState<string | null>(null)
  const saving = useDeed({ onDone: onClose, form: [form, scope] })
  const helping = useDeed({ form: [form] })
  /** Somebody else was faster. */
  const theirs = saving.error instanceof ChangedElsewhere ? (saving.error.now as Item) : null
  const sayFault = useWords(schemaWords)
  const checked = useMeetings(isCheckable(form) ? checkBody(form, edited?.item ?? null) : null)
  const set = (change: Partial<ItemForm>): void => { setForm((before) => ({ ...before, ...change })) }
  const change = edited === null ? null : changeOf(edited.item, form)
  const meets = checked.meetings
  const canAccept = meets !== null && meets.collisions.length > 0 && meets.collisions.every(({ undecided }) => !undecided)
  const needsReason = (meets?.breaches.length ?? 0) > 0 || meets?.frames.some(({ mayPass }) => mayPass) === true

  const send = (): void => {
    const request = requestOf(form)
    const faults = schemaErrors(schema, request)
    const empty = emptyNumbers(form)
    const content = form.content === 'source' ? form.sourceId === '' : form.clipIds.length === 0
    setErrors({ ...Object.fromEntries(faults.map(({ path, word, values }) => [path, sayFault(word, values)])), ...(content ? { [form.content === 'source' ? 'sourceId' : 'clipIds']: sayFault('required') } : {}) })
    // Their fields may be folded away.
    setFault(empty.length === 0 ? null : say('fillIn', { fields: empty.map((name) => `«${say(name)}»`).join(', ') }))
    if (faults.length > 0 || content || empty.length > 0) return
    if (change !== null && Object.keys(change).length === 0) {
      onClose()
      return
    }
    const plan = edited === null ? planOf({ kind: 'create', body: request }) : changed(edited.item, edited.occurrence, change ?? {}, scope)
    if (plan === null) {
      setFault(sayScreen('cannotAll'))
      return
    }
    void saving.run(async () => run(plan, sayScreen(edited === null ? 'madeItem' : 'changedItem', { title: request.title }), { ...(form.acceptCollisions ? { acceptCollisions: true } : {}), ...(form.reason.trim() === '' ? {} : { reason: form.reason.trim() }) }, edited === null ? [] : [edited.item]).catch((error: unknown) => {
      if (error instanceof LoaProblem) setErrors(Object.fromEntries((error.problem?.errors ?? []).map(({ path, message }) => [path, message])))
      throw error
    }))
  }
  const helpOther = (itemId: string, title: string, otherChange: object): void => {
    saving.forget()
    void helping.run(async () => run(planOf({ kind: 'change', id: itemId, change: otherChange }), sayScreen('applied', { title }), { acceptCollisions: true }))
  }
  if (edited !== null && theirs !== null) {
    const [base, now] = [formOf(edited.item), formOf(theirs)]
    const keepMine = (): void => {
      setForm(mergedForm(base, form, now))
      setEdited({ ...edited, item: theirs })
      saving.forget()
    }
    return <Dialog title={say('editTitle', { title: theirs.title })} isOpen onClose={onClose} wide isDismissable={false}><ItemConflict base={base} mine={form} theirs={now} onMine={keepMine} onTheirs={onClose} /></Dialog>
  }
  return (
    <Dialog title={edited === null ? say('newTitle') : say('editTitle', { title: edited.item.title })} isOpen onClose={onClose} wide isDismissable={false}
      foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" isDisabled={saving.isBusy} onPress={send}>{edited === null ? say('add') : sayCommon('save')}</Button></>}>
      <div className="columns">
        <div className="stack">
          <TextField label={say('title')} value={form.title} onChange={(title) => { set({ title }) }} error={errors['title']} autoFocus maxLength={200} />
          <RadioGroup label={sayCommon('class')} value={form.class} onChange={(itsClass) => { set({ class: itsClass }) }} choices={[{ id: 'normal', label: sayCommon('normal') }, { id: 'priority', label: sayCommon('priority') }]} />
          <ContentFields form={form} set={set} errors={errors} />
          <TargetPicker label={say('where')} value={form.targets} onChange={(targets) => { set({ targets }) }} right="plan" />
          {errors['targets'] !== undefined && <span className="field-error">{errors['targets']}</span>}
        </div>
        <div className="stack">
          <fieldset className="fieldset">
            <legend>{say('when')}</legend>
            <div className="columns">
              <TimeField label={say('time')} value={form.time} onChange={(time) => { setForm((before) => withChange(before, { time })) }} error={errors['time']} />
              <TimeField label={say('until')} value={form.until} onChange={(until) => { set({ until }) }} error={errors['durationMs']} {...(form.content === 'clips' ? { hint: say('untilHint') } : {})} />
            </div>
            <RepeatFields value={form.repeat} onChange={(repeat) => { set({ repeat }) }} today={todayHere()} error={Object.entries(errors).find(([path]) => path.startsWith('repeat.'))?.[1]} />
            <div className="columns">
              {form.repeat.pattern !== 'dates' && <DateField label={say(form.repeat.pattern === 'once' ? 'day' : 'firstDay')} value={form.firstDay} onChange={(firstDay) => { set({ firstDay }) }} error={errors['firstDay'] ?? errors['repeat']} />}
              {form.repeat.pattern !== 'once' && form.repeat.pattern !== 'dates' && <DateField label={say('lastDay')} hint={say('lastDayHint')} value={form.lastDay} onChange={(lastDay) => { set({ lastDay }) }} error={errors['lastDay']} />}
            </div>
          </fieldset>
          <Sentence form={form} />
          <CollisionPanel checked={checked} itemId={edited?.item.id ?? null} onMine={(cure) => { setForm((before) => withChange(before, cure)) }} onOther={helpOther} onAsk={() => { set({ enabled: false, ask: form.ask === '' ? ' ' : form.ask }) }} />
          {canAccept && <Checkbox isSelected={form.acceptCollisions} onChange={(acceptCollisions) => { set({ acceptCollisions }) }}>{say('accept')}</Checkbox>}
          {form.ask !== '' && <TextField label={say('askReason')} hint={say('askHint')} value={form.ask.trimStart()} onChange={(ask) => { set({ ask: ask === '' ? ' ' : ask }) }} error={errors['ask']} lines={2} />}
          {needsReason && form.ask === '' && <TextField label={say('reason')} hint={say('reasonHint')} value={form.reason} onChange={(reason) => { set({ reason }) }} error={errors['reason']} lines={2} />}
          <MoreOptions form={form} set={set} errors={errors} />
          {edited !== null && isRepeating(edited.item) && change !== null && Object.keys(change).length > 0 && <ScopeChoice value={scope} onChange={setScope} />}
          <Failure text={fault ?? saving.failure ?? helping.failure} />
        </div>
      </div>
    </Dialog>
  )
}

function Sentence({ form }: { readonly form: ItemForm }) {
  const say = useWords(formWords)
  const sayParts = useWords(sentenceWords)
  const { longMs } = useClips(form.content === 'clips' ? form.clipIds : [])
  if (form.time === '' || form.firstDay === '' || emptyNumbers(form).length > 0) return null
  const sentence = itemSentence(timingOf(form, longMs), todayHere(), sayParts)
  return <p className="sentence" aria-live="polite">{say('sentence', { sentence })}</p>
}

function MoreOptions({ form, set, errors }: { readonly form: ItemForm; readonly set: (change: Partial<ItemForm>) => void; readonly errors: Readonly<Record<string, string>> }) {
  const say = useWords(formWords)
  const sayFault = useWords(schemaWords)
  const errorOf = (value: number | null, path: string): string | undefined => (value === null ? sayFault('required') : errors[path])
  return (
    <details className="more-options">
      <summary>{say('more')}</summary>
      <div className="stack">
        <div className="columns">
          <NumberField label={say('plays')} value={form.plays} onChange={(plays) => { set({ plays }) }} error={errorOf(form.plays, 'plays')} minValue={1} maxValue={48} />
          {(form.plays ?? 1) > 1 && <NumberField label={say('gap')} value={form.gapMinutes} onChange={(gapMinutes) => { set({ gapMinutes }) }} error={errorOf(form.gapMinutes, 'gapMs')} minValue={0} maxValue={1440} />}
        </div>
        <Select label={say('holidays')} value={form.holidays} onChange={(holidays) => { set({ holidays }) }} choices={[{ id: 'play', label: say('holidaysPlay') }, { id: 'skip', label: say('holidaysSkip') }, { id: 'only', label: say('holidaysOnly') }]} />
        {form.repeat.pattern !== 'once' && <DaySet label={say('excepted')} add={say('addDate')} days={form.except} today={todayHere()} onChange={(except) => { set({ except }) }} />}
        <Select label={say('missed')} value={form.missed} onChange={(missed) => { set({ missed }) }} choices={[{ id: 'join', label: say('missedJoin') }, { id: 'skip', label: say('missedSkip') }, { id: 'late', label: say('missedLate') }]} />
        {form.missed === 'late' && <NumberField label={say('late')} value={form.lateMinutes} onChange={(lateMinutes) => { set({ lateMinutes }) }} error={errorOf(form.lateMinutes, 'lateLimitMs')} minValue={0} maxValue={1440} />}
        {form.class === 'priority' && <NumberField label={say('rank')} value={form.rank} onChange={(rank) => { set({ rank }) }} error={errorOf(form.rank, 'rank')} />}
        <Switch isSelected={form.enabled} onChange={(enabled) => { set({ enabled }) }}>{say('enabled')}</Switch>
      </div>
    </details>
  )
}

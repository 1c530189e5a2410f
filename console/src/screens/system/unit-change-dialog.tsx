import { X } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { Checkbox, RadioGroup, TextField } from '../../kit/fields.tsx'
import { Failure, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { startOf } from '../../words/house-day.ts'
import { useWords } from '../../words/use-words.ts'
import { EMPTY_PART, leftOf, stepsOf, STEP_KINDS, type SplitPart, type UnitChangeDraft } from './unit-steps.ts'
import { UNITS_READ } from './units.tsx'
import { useUsers } from './users.tsx'
import { words } from './words.ts'

/** Changes the map: what is to happen, what would come of it, and only then the button that does it. */
export function UnitChangeDialog({ first, onClose }: { readonly first: UnitChangeDraft; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const [draft, setDraft] = useState(first)
  const [from, setFrom] = useState('')
  const [note, setNote] = useState('')
  const [outcome, setOutcome] = useState<Schemas['UnitChangeOutcome'] | null>(null)
  const previewing = useDeed({ form: [draft, from, note] })
  const changing = useDeed({ reads: UNITS_READ, onDone: onClose, form: [draft, from, note] })
  const isBusy = previewing.isBusy || changing.isBusy
  const put = (change: Partial<UnitChangeDraft>): void => {
    setDraft((before) => ({ ...before, ...change }))
    setOutcome(null)
  }
  const steps = stepsOf(draft)
  const body = steps === null ? null : { steps, ...(from === '' ? {} : { at: startOf(from) }), ...(note.trim() === '' ? {} : { note: note.trim() }) }
  const preview = (): void => { if (body !== null) void previewing.run(async () => done(await loa.POST('/v1/unit-changes/check', { body })), setOutcome) }
  const change = (): void => {
    if (body !== null) void changing.run(async () => done(await loa.POST('/v1/unit-changes', { body })), ({ state }) => { toast(say(state === 'planned' ? 'unitPlanned' : 'unitChanged')) })
  }
  return (
    <Dialog title={say('changeUnits')} isOpen onClose={onClose} isDismissable={false} wide foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button>{outcome === null ? <Button look="primary" isDisabled={body === null || isBusy} onPress={preview}>{say('preview')}</Button> : <Button look="danger" isDisabled={isBusy} onPress={change}>{say(from === '' ? 'doIt' : 'plan')}: {say(draft.kind)}</Button>}</>}>
      <RadioGroup label={say('kind')} value={draft.kind} onChange={(kind) => { put({ kind }) }} choices={STEP_KINDS.map((id) => ({ id, label: say(id) }))} />
      <StepFields draft={draft} put={put} />
      <div className="columns">
        <DateField label={say('from')} value={from} onChange={(day) => { setFrom(day); setOutcome(null) }} hint={say('fromHint')} />
        <TextField label={say('decision')} value={note} onChange={setNote} maxLength={500} />
      </div>
      <Failure text={previewing.failure ?? changing.failure} />
      {outcome !== null && <Outcome outcome={outcome} kept={draft.kind === 'split' && draft.remains && draft.unitIds[0] !== undefined ? units.name(draft.unitIds[0]) : null} />}
    </Dialog>
  )
}

type FieldsProps = { readonly draft: UnitChangeDraft; readonly put: (change: Partial<UnitChangeDraft>) => void }

function StepFields({ draft, put }: FieldsProps) {
  const say = useWords(words)
  const { units } = useUnits()
  const { kind, unitIds, parentId } = draft
  const [unitId = null] = unitIds
  if (kind === 'merge') return (
    <>
      <div className="stack tight">
        <span className="field-label">{say('unitsToMerge')}</span>
        <ul className="row tight">{unitIds.map((id) => <li key={id} className="badge accent">{units.name(id)}<Button look="plain" icon aria-label={say('removeFromList', { name: units.name(id) })} onPress={() => { put({ unitIds: unitIds.filter((other) => other !== id) }) }}><X size={16} aria-hidden /></Button></li>)}</ul>
        <UnitPicker label={say('addUnit')} value={null} onChange={(id) => { if (id !== null) put({ unitIds: [...unitIds, id] }) }} filter={(id) => !unitIds.includes(id)} />
      </div>
      <Into draft={draft} put={put} />
    </>
  )
  return (
    <>
      <UnitPicker label={say('units')} value={unitId} onChange={(id) => { put({ unitIds: id === null ? [] : [id], parts: [EMPTY_PART] }) }} />
      {kind === 'rename' && <NewNames draft={draft} put={put} />}
      {kind === 'move' && <UnitPicker label={say('above')} value={parentId} nullLabel={say('topUnit')} filter={(id) => unitId === null || !units.below(unitId).has(id)} onChange={(id) => { put({ parentId: id }) }} />}
      {kind === 'split' && unitId !== null && <Split unitId={unitId} draft={draft} put={put} />}
    </>
  )
}

interface IntoProps {
  readonly draft: Pick<UnitChangeDraft, 'intoId' | 'code' | 'name'>
  readonly put: (change: Partial<Pick<UnitChangeDraft, 'intoId' | 'code' | 'name'>>) => void
}

function Into({ draft, put }: IntoProps) {
  const say = useWords(words)
  const [isNew, setIsNew] = useState(draft.intoId === null)
  return (
    <>
      <RadioGroup label={say('into')} value={isNew ? 'new' : 'old'} onChange={(next) => { setIsNew(next === 'new'); put({ intoId: null }) }} choices={[{ id: 'new', label: say('intoNew') }, { id: 'old', label: say('intoOld') }]} />
      {isNew ? <NewNames draft={draft} put={put} /> : <UnitPicker label={say('intoOld')} value={draft.intoId} onChange={(intoId) => { put({ intoId, code: '', name: '' }) }} />}
    </>
  )
}

function NewNames({ draft, put }: IntoProps) {
  const say = useWords(words)
  return <div className="columns"><TextField label={say('newName')} value={draft.name} onChange={(name) => { put({ name }) }} /><TextField label={say('newCode')} value={draft.code} onChange={(code) => { put({ code }) }} /></div>
}

/** Which parts of a unit go where, and what becomes of the unit itself. */
function Split({ unitId, draft: { parts, remains }, put }: FieldsProps & { readonly unitId: string }) {
  const say = useWords(words)
  const { units } = useUnits()
  const query = api.useQuery('get', '/v1/clusters', { params: { query: { unitId, limit: 1000 } } })
  const children = units.children(unitId)
  const clusters = (query.data?.items ?? []).filter((cluster) => cluster.unitId === unitId)
  const left = leftOf(children.map(({ id }) => id), parts, 'unitIds').length + leftOf(clusters.map(({ id }) => id), parts, 'clusterIds').length
  const putPart = (index: number, change: Partial<SplitPart>): void => { put({ parts: parts.map((part, at) => (at === index ? { ...part, ...change } : part)) }) }
  const choices = (index: number, list: 'unitIds' | 'clusterIds', title: string, items: readonly { readonly id: string; readonly name: string }[]) => (
    <fieldset className="stack tight system-plain"><legend className="field-label">{title}</legend>{items.filter(({ id }) => parts.every((part, at) => at === index || !part[list].includes(id))).map(({ id, name }) => <Checkbox key={id} isSelected={parts[index]?.[list].includes(id) === true} onChange={(isOn) => { putPart(index, { [list]: isOn ? [...(parts[index]?.[list] ?? []), id] : (parts[index]?.[list] ?? []).filter((other) => other !== id) }) }}>{name}</Checkbox>)}</fieldset>
  )
  return (
    <>
      <RadioGroup label={say('oldUnit', { unit: units.name(unitId) })} value={remains ? 'remains' : 'ends'} onChange={(next) => { put({ remains: next === 'remains' }) }} choices={[{ id: 'remains', label: say('remains') }, { id: 'ends', label: say('splitEnds') }]} hint={say(remains ? 'remainsText' : 'splitEndsText', { count: left })} />
      {parts.map((part, index) => (
        <fieldset key={index} className="card stack tight">
          <legend className="field-label">{say('part', { number: index + 1 })}</legend>
          <Into draft={part} put={(change) => { putPart(index, change) }} />
          <div className="columns">{choices(index, 'unitIds', say('partUnits'), children)}{choices(index, 'clusterIds', say('partClusters'), clusters)}</div>
          {parts.length > 1 && <div><Button onPress={() => { put({ parts: parts.filter((_, at) => at !== index) }) }}>{say('removePart', { number: index + 1 })}</Button></div>}
        </fieldset>
      ))}
      <div><Button onPress={() => { put({ parts: [...parts, EMPTY_PART] }) }}>{say('addPart')}</Button></div>
    </>
  )
}

/** What the server found when it tried the change, and who would lose a right by it. */
function Outcome({ outcome: { endedIds, created, clustersMoved }, kept }: { readonly outcome: Schemas['UnitChangeOutcome']; /** Name of the unit that is split and stays. */ readonly kept: string | null }) {
  const say = useWords(words)
  const { units } = useUnits()
  const rights = useRights()
  const { data: users } = useUsers(rights.somewhere('people'))
  const losing = (users ?? []).filter(({ roles }) => roles.some(({ unitId }) => unitId !== null && endedIds.includes(unitId)))
  return (
    <section className="card stack tight" aria-label={say('previewTitle')} role="status">
      <h3>{say('previewTitle')}</h3>
      <p>{endedIds.length === 0 ? say('willNotEnd') : say('willEnd', { names: endedIds.map((id) => units.name(id)).join(', ') })}</p>
      {created > 0 && <p>{say('willCreate', { count: created })}</p>}
      {kept !== null && <p>{say('willRemain', { name: kept })}</p>}
      <p>{say('willMove', { count: clustersMoved })}</p>
      <p className="small quiet">{say('willKeep')}</p>
      {losing.length > 0 && <Notice tone="warn">{say('rolesLost', { count: losing.length, names: losing.map(({ name }) => name).join(', ') })}</Notice>}
    </section>
  )
}

import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { done, ifUnchanged, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox, NumberField, TextField } from '../../kit/fields.tsx'
import { Empty, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

type Policy = Schemas['UnitPolicy']
type Windows = Policy['own']['windows']
const READ: ReadonlySet<string> = new Set(['/v1/units/{id}/policy', '/v1/units/{id}/recording-rules'])
const MINUTE_MS = 60_000

/** When and how long a unit may sound: what it says itself, and what holds there from above. */
export function Policies() {
  const say = useWords(words)
  const rights = useRights()
  const { units } = useUnits()
  const [chosen, setChosen] = useState<string | null>(null)
  const unitId = chosen ?? units.roots[0]?.id ?? null
  return (
    <>
      <p className="quiet">{say('policyHelp')}</p>
      <UnitPicker label={say('units')} value={unitId} onChange={setChosen} />
      {unitId === null ? <Empty>{say('chooseUnit')}</Empty> : <PolicyOf key={unitId} unitId={unitId} mayChange={rights.at('manage', unitId)} />}
    </>
  )
}

function PolicyOf({ unitId, mayChange }: { readonly unitId: string; readonly mayChange: boolean }) {
  const query = api.useQuery('get', '/v1/units/{id}/policy', { params: { path: { id: unitId } } })
  return <><Loaded query={query}>{(policy) => <PolicyForm key={JSON.stringify(policy.own)} policy={policy} mayChange={mayChange} />}</Loaded><RecordingDays unitId={unitId} mayChange={mayChange} /></>
}

function PolicyForm({ policy: { unitId, own, effective }, mayChange }: { readonly policy: Policy; readonly mayChange: boolean }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { number } = useFormats()
  const [draft, setDraft] = useState(own)
  const [error, setError] = useState<string | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const save = async (): Promise<void> => {
    setIsBusy(true)
    setError(null)
    try {
      const path = { id: unitId }
      const before = await loa.GET('/v1/units/{id}/policy', { params: { path } })
      done(before)
      const { windows, quiet, playMs, dayMs } = draft
      done(await loa.PATCH('/v1/units/{id}/policy', { params: { path, header: ifUnchanged(before) }, body: { windows, quiet, playMs, dayMs } }))
      toast(sayCommon('saved'))
      readAgain(READ)
    } catch (failure) {
      setError(problemText(failure))
    } finally {
      setIsBusy(false)
    }
  }
  const length = (ms: number | null): string => (ms === null ? say('anyTime') : say('minutes', { count: number(ms / MINUTE_MS) }))
  return (
    <div className="columns">
      <section className="card stack" aria-label={say('own')}>
        <h2>{say('own')}</h2>
        {(['windows', 'quiet'] as const).map((rule) => <WindowsField key={rule} label={say(rule)} value={draft[rule]} isDisabled={!mayChange} onChange={(next) => { setDraft({ ...draft, [rule]: next }) }} />)}
        {(['playMs', 'dayMs'] as const).map((rule) => <NumberField key={rule} label={say(rule)} hint={draft[rule] === null ? say('asAbove') : undefined} value={draft[rule] === null ? null : draft[rule] / MINUTE_MS} minValue={1} maxValue={1440} isDisabled={!mayChange} onChange={(minutes) => { setDraft({ ...draft, [rule]: minutes === null ? null : Math.round(minutes * MINUTE_MS) }) }} />)}
        {error !== null && <Notice tone="bad">{error}</Notice>}
        {mayChange && <div className="row"><Button look="primary" isDisabled={isBusy} onPress={() => { void save() }}>{sayCommon('save')}</Button></div>}
      </section>
      <section className="card stack tight" aria-label={say('inEffect')}>
        <h2>{say('inEffect')}</h2>
        <dl className="stack tight">
          {(['windows', 'quiet'] as const).map((rule) => <div key={rule}><dt className="quiet small">{say(rule)}</dt><dd><WindowsText windows={effective[rule]} none={say(rule === 'quiet' ? 'noWord' : 'anyTime')} /></dd></div>)}
          {(['playMs', 'dayMs'] as const).map((rule) => <div key={rule}><dt className="quiet small">{say(rule)}</dt><dd>{length(effective[rule])}</dd></div>)}
          {effective.levelFrames.map(({ name, level, from, to }) => <div key={`${name}${from}`}><dt className="quiet small">{name} ({say('level')} {level})</dt><dd>{from}–{to}</dd></div>)}
        </dl>
      </section>
    </div>
  )
}

const WindowsText = ({ windows, none }: { readonly windows: Windows; readonly none: string }) => (windows === null || windows.length === 0 ? none : windows.map(({ from, to, weekdays }) => `${from}–${to}${weekdays === null || weekdays === undefined ? '' : ` (${weekdays.join(', ')})`}`).join(' · '))

function WindowsField({ label, value, onChange, isDisabled }: { readonly label: string; readonly value: Windows; readonly onChange: (windows: Windows) => void; readonly isDisabled: boolean }) {
  const say = useWords(words)
  const put = (index: number, change: { readonly from?: string; readonly to?: string }): void => { onChange((value ?? []).map((one, at) => (at === index ? { ...one, ...change } : one))) }
  return (
    <fieldset className="stack tight">
      <legend className="field-label">{label}</legend>
      <Checkbox isSelected={value === null} isDisabled={isDisabled} onChange={(isAbove) => { onChange(isAbove ? null : []) }}>{say('asAbove')}</Checkbox>
      {value?.map(({ from, to }, index) => (
        <div key={index} className="row tight" style={{ alignItems: 'end' }}>
          <TextField label={say('windowFrom')} type="time" value={from} isDisabled={isDisabled} onChange={(time) => { put(index, { from: time }) }} /><TextField label={say('windowTo')} type="time" value={to} isDisabled={isDisabled} onChange={(time) => { put(index, { to: time }) }} />
          <Button look="plain" icon isDisabled={isDisabled} aria-label={say('removeWindow', { from, to })} onPress={() => { onChange(value.filter((_, at) => at !== index)) }}><X size={18} aria-hidden /></Button>
        </div>
      ))}
      {value !== null && !isDisabled && <Button onPress={() => { onChange([...value, { from: '05:00', to: '06:30', weekdays: null }]) }}><Plus size={18} aria-hidden />{say('addWindow')}</Button>}
    </fieldset>
  )
}

function RecordingDays({ unitId, mayChange }: { readonly unitId: string; readonly mayChange: boolean }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { number } = useFormats()
  const path = { id: unitId }
  const query = api.useQuery('get', '/v1/units/{id}/recording-rules', { params: { path } })
  const [days, setDays] = useState<number | null | undefined>(undefined)
  const [error, setError] = useState<string | null>(null)
  const save = (keepDays: number | null): void => {
    setError(null)
    loa.PUT('/v1/units/{id}/recording-rules', { params: { path }, body: { keepDays } }).then(done).then(() => { toast(sayCommon('saved')) }).catch((failure: unknown) => { setError(problemText(failure)) }).finally(() => { readAgain(READ) })
  }
  return (
    <Loaded query={query}>{({ own, effective }) => (
      <section className="card row" style={{ alignItems: 'end' }}>
        <NumberField label={say('recordingDays')} value={days === undefined ? own.keepDays : days} onChange={setDays} minValue={0} maxValue={36_500} isDisabled={!mayChange} hint={own.keepDays === null ? say('asAbove') : undefined} />
        <p className="grow quiet">{say('inEffect')}: {effective.keepDays === 0 ? say('forever') : say('days', { count: number(effective.keepDays) })}</p>
        {mayChange && <Button isDisabled={days === undefined} onPress={() => { save(days ?? null) }}>{sayCommon('save')}</Button>}
        {error !== null && <Notice tone="bad">{error}</Notice>}
      </section>
    )}</Loaded>
  )
}

import schema from 'api-schema:PATCH /v1/units/{id}/policy'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { NumberField, Select, TextField } from '../../kit/fields.tsx'
import { Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { Breaches } from './breaches.tsx'
import { HoursField, useWeekdayText, type Hours, type OwnPolicy } from './policy-fields.tsx'
import { policyWords } from './policy-words.ts'
import { UnitChoice } from './unit-choice.tsx'
import { words } from './words.ts'

type Policy = Schemas['UnitPolicy']
const READ: ReadonlySet<string> = new Set(['/v1/units/{id}/policy', '/v1/units/{id}/recording-rules'])
const MINUTE_MS = 60_000
const FRESH = { weekdays: null, from: '05:00', to: '06:30' }

/** When, how long and how loud a unit may sound: what it says itself, and what holds there from above. */
export function Policies() {
  const sayPolicy = useWords(policyWords)
  return (
    <>
      <p className="quiet">{sayPolicy('help')}</p>
      <UnitChoice>{(unitId, mayChange) => <PolicyOf key={unitId} unitId={unitId} mayChange={mayChange} />}</UnitChoice>
      <Breaches />
    </>
  )
}

function PolicyOf({ unitId, mayChange }: { readonly unitId: string; readonly mayChange: boolean }) {
  const sayPolicy = useWords(policyWords)
  const rights = useRights()
  const query = api.useQuery('get', '/v1/units/{id}/policy', { params: { path: { id: unitId } } })
  return (
    <>
      {!mayChange && <p className="quiet small">{sayPolicy('notHere')}</p>}
      <Loaded query={query}>{({ own, effective }) => <div className="columns"><PolicyForm key={JSON.stringify(own)} unitId={unitId} own={own} mayChange={mayChange} /><InEffect effective={effective} /></div>}</Loaded>
      <RecordingDays unitId={unitId} mayChange={rights.at('manage', unitId)} />
    </>
  )
}

/** Own rules are sent whole: what is left to the unit above is null. */
const toBody = ({ windows, quiet, volume, playMs, dayMs, levelFrames }: OwnPolicy): OwnPolicy => ({ windows, quiet, volume, playMs, dayMs, levelFrames })

function PolicyForm({ unitId, own, mayChange }: { readonly unitId: string; readonly own: OwnPolicy; readonly mayChange: boolean }) {
  const say = useWords(words)
  const sayPolicy = useWords(policyWords)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const form = useApiForm<OwnPolicy>({
    schema,
    toBody,
    defaultValues: own,
    async send(values) {
      const path = { id: unitId }
      const before = await loa.GET('/v1/units/{id}/policy', { params: { path } })
      done(await loa.PATCH('/v1/units/{id}/policy', { params: { path, header: ifAsShown(before, (now) => toBody(now.own), toBody(own)) }, body: toBody(values) }))
      toast(sayCommon('saved'))
      readAgain(READ)
    },
  })
  const draft = form.watch()
  const put = (change: Partial<OwnPolicy>): void => { for (const [name, value] of Object.entries(change)) form.setValue(name as keyof OwnPolicy, value, { shouldValidate: true, shouldTouch: true }) }
  /** The first thing that is wrong with one of several hours. */
  const faultOf = (name: 'windows' | 'quiet' | 'volume' | 'levelFrames') => (index: number): string | undefined => {
    const faults: unknown = form.formState.errors[name]
    const one: unknown = Array.isArray(faults) ? faults[index] : undefined
    return typeof one === 'object' && one !== null ? (Object.values(one) as { readonly message?: string }[]).find(({ message }) => message !== undefined)?.message : undefined
  }
  const isDisabled = !mayChange
  const levels = [...new Map(units.all.map((unit) => [units.path(unit.id).length - 1, unit.name] as const).reverse())].sort(([a], [b]) => a - b)
  const levelChoices = (level: number) => [...levels.map(([depth, unit]) => ({ id: String(depth), label: sayPolicy('frameLevelChoice', { level: depth, unit }) })), ...(levels.some(([depth]) => depth === level) ? [] : [{ id: String(level), label: sayPolicy('frameLevelPlain', { level }) }])]
  return (
    <form className="card stack" aria-label={say('own')} onSubmit={form.onSubmit} noValidate>
      <h2>{say('own')}</h2>
      {(['windows', 'quiet'] as const).map((rule) => <HoursField key={rule} label={sayPolicy(rule)} value={draft[rule]} fresh={rule === 'quiet' ? { weekdays: null, from: '21:30', to: '05:00' } : FRESH} error={faultOf(rule)} isDisabled={isDisabled} onChange={(next) => { put({ [rule]: next }) }} />)}
      <div className="columns">{(['playMs', 'dayMs'] as const).map((rule) => <NumberField key={rule} label={say(rule)} hint={draft[rule] === null ? say('asAbove') : undefined} value={draft[rule] === null ? null : draft[rule] / MINUTE_MS} minValue={1} maxValue={1440} isDisabled={isDisabled} onChange={(minutes) => { put({ [rule]: minutes === null ? null : Math.round(minutes * MINUTE_MS) }) }} />)}</div>
      <HoursField label={sayPolicy('volume')} hint={sayPolicy('volumeHint')} value={draft.volume} fresh={{ weekdays: null, from: '05:00', to: '06:00', percent: 60 }} error={faultOf('volume')} isDisabled={isDisabled} onChange={(volume) => { put({ volume }) }}
        more={({ percent }, change) => <NumberField label={sayPolicy('percent')} value={percent} minValue={1} maxValue={100} isDisabled={isDisabled} onChange={(next) => { change({ percent: next ?? 100 }) }} />} />
      <HoursField label={sayPolicy('levelFrames')} hint={sayPolicy('framesHint')} value={draft.levelFrames} fresh={{ name: '', level: 0, weekdays: null, from: '05:00', to: '05:30' }} error={faultOf('levelFrames')} isDisabled={isDisabled} onChange={(levelFrames) => { put({ levelFrames }) }}
        more={({ name, level }, change) => <><TextField label={sayPolicy('frameName')} value={name} isDisabled={isDisabled} maxLength={200} onChange={(next) => { change({ name: next }) }} /><Select label={sayPolicy('frameLevel')} value={String(level)} isDisabled={isDisabled} onChange={(next) => { change({ level: Number(next) }) }} choices={levelChoices(level)} /></>} />
      <Failure text={form.failure} />
      {mayChange && <div className="row"><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{sayCommon('save')}</Button></div>}
    </form>
  )
}

function InEffect({ effective: { windows, quiet, volume, levelFrames, playMs, dayMs } }: { readonly effective: Policy['effective'] }) {
  const say = useWords(words)
  const sayPolicy = useWords(policyWords)
  const { units } = useUnits()
  const { number } = useFormats()
  const weekdayText = useWeekdayText()
  const on = (weekdays: Hours['weekdays'], text: string): string => [text, weekdayText(weekdays)].filter((part) => part !== '').join(', ')
  const length = (ms: number | null): readonly string[] => (ms === null ? [] : [say('minutes', { count: number(ms / MINUTE_MS) })])
  const hours = (items: readonly Hours[] | null): readonly string[] => (items ?? []).map(({ from, to, weekdays }) => on(weekdays, `${from}–${to}`))
  const rows: readonly (readonly [title: string, texts: readonly string[], none: string])[] = [
    [sayPolicy('windows'), hours(windows), sayPolicy('always')],
    [sayPolicy('quiet'), hours(quiet), sayPolicy('noQuiet')],
    [say('playMs'), length(playMs), sayPolicy('noLimit')],
    [say('dayMs'), length(dayMs), sayPolicy('noLimit')],
    [sayPolicy('volume'), (volume ?? []).map(({ percent, from, to, weekdays }) => on(weekdays, sayPolicy('percentText', { from, to, percent }))), sayPolicy('fullVolume')],
    [sayPolicy('levelFrames'), levelFrames.map(({ name, from, to, level, weekdays, unitId }) => `${on(weekdays, sayPolicy('frameText', { name, from, to, level }))} (${sayPolicy('frameOf', { unit: units.name(unitId) })})`), sayPolicy('noFrames')],
  ]
  return (
    <section className="card stack tight" aria-label={say('inEffect')}>
      <h2>{say('inEffect')}</h2>
      <dl className="stack tight">{rows.map(([title, texts, none]) => <div key={title}><dt className="quiet small">{title}</dt>{texts.length === 0 ? <dd>{none}</dd> : texts.map((text) => <dd key={text}>{text}</dd>)}</div>)}</dl>
    </section>
  )
}

function RecordingDays({ unitId, mayChange }: { readonly unitId: string; readonly mayChange: boolean }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { number } = useFormats()
  const path = { id: unitId }
  const query = api.useQuery('get', '/v1/units/{id}/recording-rules', { params: { path } })
  const [days, setDays] = useState<number | null | undefined>(undefined)
  const saving = useDeed({ reads: READ, form: [days] })
  const save = (keepDays: number | null): void => { void saving.run(async () => done(await loa.PUT('/v1/units/{id}/recording-rules', { params: { path }, body: { keepDays } })), () => { toast(sayCommon('saved')) }) }
  return (
    <Loaded query={query}>{({ own, effective }) => (
      <section className="card row" style={{ alignItems: 'end' }}>
        <NumberField label={say('recordingDays')} value={days === undefined ? own.keepDays : days} onChange={setDays} minValue={0} maxValue={36_500} isDisabled={!mayChange} hint={own.keepDays === null ? say('asAbove') : undefined} />
        <p className="grow quiet">{say('inEffect')}: {effective.keepDays === 0 ? say('forever') : say('days', { count: number(effective.keepDays) })}</p>
        {mayChange && <Button isDisabled={saving.isBusy || days === undefined} onPress={() => { save(days ?? null) }}>{sayCommon('save')}</Button>}
        <Failure text={saving.failure} />
      </section>
    )}</Loaded>
  )
}

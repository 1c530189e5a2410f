import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox, NumberField, Select } from '../../kit/fields.tsx'
import { Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { alertRuleWords } from './alert-rule-words.ts'
import { UnitChoice } from './unit-choice.tsx'
import { words } from './words.ts'

type Rule = Schemas['AlertRule']
type Case = Rule['twoPersons'][number]
const READ: ReadonlySet<string> = new Set(['/v1/alert-rules', '/v1/alert-rules/{id}'])
const KINDS = ['real', 'exercise', 'test'] as const
const MINUTE_MS = 60_000
const NEW_RULE = { twoPersons: [{ kinds: ['real' as const], level: 3 as const, clusters: 50 }], waitMs: 600_000, breakGlass: true }

/** When two persons must confirm an alert. */
export function AlertRules() {
  const say = useWords(words)
  const sayRule = useWords(alertRuleWords)
  return (
    <section className="card stack" aria-label={say('twoPersons')}>
      <h2>{say('twoPersons')}</h2>
      <p className="quiet">{sayRule('help')}</p>
      <UnitChoice>{(unitId, mayChange) => <RuleOf key={unitId} unitId={unitId} mayChange={mayChange} />}</UnitChoice>
    </section>
  )
}

function RuleText({ rule }: { readonly rule: Rule | null }) {
  const say = useWords(words)
  const sayRule = useWords(alertRuleWords)
  const { units } = useUnits()
  if (rule === null || rule.twoPersons.length === 0) return <p>{say('onePerson')}</p>
  return (
    <ul className="stack tight">
      {rule.twoPersons.map(({ kinds, level, clusters }, index) => <li key={index}>{sayRule('fits', { kinds: kinds.map((kind) => say(kind)).join(', '), level, clusters })}</li>)}
      <li className="quiet small">{sayRule('waits', { count: rule.waitMs / MINUTE_MS })}; {sayRule(rule.breakGlass ? 'breakGlass' : 'noBreakGlass')} ({sayRule('setAt', { unit: units.name(rule.unitId) })})</li>
    </ul>
  )
}

function RuleOf({ unitId, mayChange }: { readonly unitId: string; readonly mayChange: boolean }) {
  const say = useWords(words)
  const sayRule = useWords(alertRuleWords)
  const query = api.useQuery('get', '/v1/alert-rules/{id}', { params: { path: { id: unitId } } })
  return (
    <Loaded query={query}>{({ own, effective }) => (
      <>
        <div><p className="quiet small">{say('inEffect')}</p><RuleText rule={effective} /></div>
        {mayChange ? <RuleForm key={JSON.stringify(own)} unitId={unitId} own={own} /> : <p className="quiet small">{sayRule('notHere')}</p>}
      </>
    )}</Loaded>
  )
}

function RuleForm({ unitId, own }: { readonly unitId: string; readonly own: Rule | null }) {
  const say = useWords(words)
  const sayRule = useWords(alertRuleWords)
  const sayCommon = useWords(common)
  const [draft, setDraft] = useState<Pick<Rule, 'twoPersons' | 'waitMs' | 'breakGlass'>>(own ?? NEW_RULE)
  const saving = useDeed({ reads: READ, form: [draft] })
  const { twoPersons, waitMs, breakGlass } = draft
  const path = { id: unitId }
  const put = (index: number, change: Partial<Case>): void => { setDraft({ ...draft, twoPersons: twoPersons.map((one, at) => (at === index ? { ...one, ...change } : one)) }) }
  const run = (work: (header: ReturnType<typeof ifAsShown>) => Promise<unknown>): void => {
    void saving.run(async () => work(ifAsShown(await loa.GET('/v1/alert-rules/{id}', { params: { path } }), (now) => now.own, own)), () => { toast(sayCommon('saved')) })
  }
  const save = (): void => { run(async (header) => done(await loa.PATCH('/v1/alert-rules/{id}', { params: { path, header }, body: { twoPersons, waitMs, breakGlass } }))) }
  const remove = (): void => { run(async (header) => { done(await loa.DELETE('/v1/alert-rules/{id}', { params: { path, header } })) }) }
  return (
    <section className="stack" aria-label={say('own')}>
      <h3>{say('own')}</h3>
      {twoPersons.length === 0 && <p>{sayRule('none')}</p>}
      {twoPersons.map(({ kinds, level, clusters }, index) => (
        <fieldset key={index} className="card stack tight">
          <legend className="field-label">{sayRule('caseNumber', { number: index + 1 })}</legend>
          <div className="row" role="group" aria-label={sayRule('kinds')}>
            {KINDS.map((kind) => <Checkbox key={kind} isSelected={kinds.includes(kind)} onChange={(isOn) => { put(index, { kinds: KINDS.filter((one) => (one === kind ? isOn : kinds.includes(one))) }) }}>{say(kind)}</Checkbox>)}
            <span className="grow" /><Button look="plain" icon aria-label={sayRule('remove', { number: index + 1 })} onPress={() => { setDraft({ ...draft, twoPersons: twoPersons.filter((_, at) => at !== index) }) }}><X size={18} aria-hidden /></Button>
          </div>
          {kinds.length === 0 && <p className="field-error">{sayRule('chooseKind')}</p>}
          <div className="columns">
            <Select label={sayRule('level')} value={String(level)} onChange={(next) => { put(index, { level: Number(next) as Case['level'] }) }} choices={['1', '2', '3', '4', '5'].map((id) => ({ id, label: id }))} />
            <NumberField label={sayRule('clusters')} value={clusters} onChange={(next) => { put(index, { clusters: next ?? 0 }) }} minValue={0} maxValue={1_000_000} />
          </div>
        </fieldset>
      ))}
      {twoPersons.length < 20 && <div><Button onPress={() => { setDraft({ ...draft, twoPersons: [...twoPersons, ...NEW_RULE.twoPersons] }) }}><Plus size={18} aria-hidden />{sayRule('add')}</Button></div>}
      <NumberField label={sayRule('wait')} value={waitMs / MINUTE_MS} onChange={(minutes) => { setDraft({ ...draft, waitMs: Math.round((minutes ?? 10) * MINUTE_MS) }) }} minValue={0.5} maxValue={60} />
      <Checkbox isSelected={breakGlass} onChange={(isOn) => { setDraft({ ...draft, breakGlass: isOn }) }}>{sayRule('breakGlass')}</Checkbox>
      <Failure text={saving.failure} />
      <div className="row">
        <Button look="primary" isDisabled={saving.isBusy || twoPersons.some(({ kinds }) => kinds.length === 0)} onPress={save}>{sayCommon('save')}</Button>
        {own !== null && <Button isDisabled={saving.isBusy} onPress={remove}>{say('useAbove')}</Button>}
      </div>
    </section>
  )
}

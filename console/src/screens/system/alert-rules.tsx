import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { usePages } from '../../api/pages.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { NumberField, SearchField } from '../../kit/fields.tsx'
import { Badge, Empty, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { matches } from '../../words/fold.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const READ: ReadonlySet<string> = new Set(['/v1/alert-rules', '/v1/alert-rules/{id}'])

/** When two persons must confirm, and the templates that officers choose from. */
export function AlertRules() {
  const say = useWords(words)
  const rights = useRights()
  const { units } = useUnits()
  const [chosen, setChosen] = useState<string | null>(null)
  const unitId = chosen ?? units.roots[0]?.id ?? null
  return (
    <>
      <section className="card stack" aria-label={say('twoPersons')}>
        <h2>{say('twoPersons')}</h2>
        <UnitPicker label={say('units')} value={unitId} onChange={setChosen} />
        {unitId === null ? <Empty>{say('chooseUnit')}</Empty> : <RuleOf key={unitId} unitId={unitId} mayChange={rights.at('manage', unitId)} />}
      </section>
      <Templates />
    </>
  )
}

function RuleText({ rule }: { readonly rule: Schemas['AlertRule'] | null }) {
  const say = useWords(words)
  const { units } = useUnits()
  if (rule === null || rule.twoPersons.length === 0) return <p>{say('onePerson')}</p>
  return <ul>{rule.twoPersons.map((one, index) => <li key={index}>{say('twoPersonText', { kinds: one.kinds.map((kind) => say(kind)).join(', '), level: one.level, clusters: one.clusters })} <span className="quiet small">({units.name(rule.unitId)})</span></li>)}</ul>
}

function RuleOf({ unitId, mayChange }: { readonly unitId: string; readonly mayChange: boolean }) {
  const say = useWords(words)
  const path = { id: unitId }
  const query = api.useQuery('get', '/v1/alert-rules/{id}', { params: { path } })
  const [level, setLevel] = useState<number | null>(3)
  const [clusters, setClusters] = useState<number | null>(50)
  const [error, setError] = useState<string | null>(null)
  const sayCommon = useWords(common)
  const run = (work: () => Promise<unknown>): void => {
    setError(null)
    work().then(() => { toast(sayCommon('saved')) }).catch((failure: unknown) => { setError(problemText(failure)) }).finally(() => { readAgain(READ) })
  }
  return (
    <Loaded query={query}>{({ own, effective }) => (
      <>
        <div><p className="quiet small">{say('inEffect')}</p><RuleText rule={effective} /></div>
        {mayChange && (
          <div className="row" style={{ alignItems: 'end' }}>
            <NumberField label={say('fromLevel')} value={level} onChange={setLevel} minValue={1} maxValue={5} />
            <NumberField label={say('fromClusters')} value={clusters} onChange={setClusters} minValue={1} />
            <Button look="primary" isDisabled={level === null || clusters === null} onPress={() => { run(async () => done(await loa.PATCH('/v1/alert-rules/{id}', { params: { path }, body: { twoPersons: [{ kinds: ['real'], level: (level ?? 1) as 1, clusters: clusters ?? 1 }] } }))) }}>{say('requireTwo')}</Button>
            {own !== null && <Button onPress={() => { run(async () => { done(await loa.DELETE('/v1/alert-rules/{id}', { params: { path } })) }) }}>{say('useAbove')}</Button>}
          </div>
        )}
        {error !== null && <Notice tone="bad">{error}</Notice>}
      </>
    )}</Loaded>
  )
}

function Templates() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const [search, setSearch] = useState('')
  const pages = usePages<Schemas['AlertTemplate']>(['get', '/v1/alert-templates'], async (page) => done(await loa.GET('/v1/alert-templates', { params: { query: { limit: 200, ...page } } })))
  return (
    <section className="stack tight">
      <div className="row"><h2 className="grow">{say('templates')}</h2><SearchField label={sayCommon('search')} value={search} onChange={setSearch} /></div>
      <Loaded query={pages}>{(templates) => (
        <DataTable label={say('templates')} rows={templates.filter(({ title, text }) => matches(`${title} ${text}`, search))} keyOf={({ id }) => id} empty={sayCommon('noMatch')} columns={[
          { id: 'title', title: say('hazardTitle'), cell: ({ title, text }) => <><strong>{title}</strong><div className="small quiet">{text.replaceAll(/\{\w+\}/g, '…')}</div></> },
          { id: 'level', title: say('alertLevel'), isNumber: true, cell: ({ level }) => level },
          { id: 'unit', title: sayCommon('unit'), cell: ({ unitId }) => (unitId === null ? <Badge>{say('builtIn')}</Badge> : units.name(unitId)) },
        ]} />
      )}</Loaded>
    </section>
  )
}

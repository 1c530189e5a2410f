import { Download } from 'lucide-react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { policyWords } from './policy-words.ts'

const RULE_WORDS = { hours: 'hours', quiet: 'quietRule', play: 'play', day: 'dayRule', frame: 'frame' } as const

/** What was planned or ordered against a policy, and why. */
export function Breaches() {
  const say = useWords(policyWords)
  const sayCommon = useWords(common)
  const language = useLanguage()
  const { units } = useUnits()
  const { day, time } = useFormats()
  const pages = usePages<Schemas['PolicyBreach']>(['get', '/v1/policy-breaches'], async (page) => done(await loa.GET('/v1/policy-breaches', { params: { query: { limit: 50, ...page } } })))
  return (
    <section className="stack tight">
      <div className="row"><h2 className="grow">{say('breaches')}</h2><a className="button normal" download href={`/v1/policy-breaches/export?format=xlsx&lang=${language}`}><Download size={18} aria-hidden />{sayCommon('export')}</a></div>
      <p className="quiet">{say('breachesHelp')}</p>
      <Loaded query={pages}>{(items) => (
        <DataTable label={say('breaches')} rows={items} keyOf={({ at, subjectId }) => `${at} ${subjectId}`} empty={say('noBreaches')} columns={[
          { id: 'what', title: say('what'), cell: ({ title, subject }) => <><strong>{title}</strong><div className="small quiet">{say(subject === 'order' ? 'order' : 'schedule')}</div></> },
          { id: 'at', title: sayCommon('time'), cell: ({ at }) => `${day(at)} ${time(at)}` },
          { id: 'rule', title: say('rule'), cell: ({ breaches }) => <ul>{breaches.map(({ unitId, rule, count }) => <li key={`${unitId} ${rule}`}>{units.name(unitId)}: {say(RULE_WORDS[rule])} ({say('times', { count })})</li>)}</ul> },
          { id: 'reason', title: say('reason'), cell: ({ reason }) => reason },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
    </section>
  )
}

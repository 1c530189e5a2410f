import { ShieldCheck } from 'lucide-react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Failure, Loaded, Notice } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const LOG_WORDS = { audit: 'logAudit', air: 'logAir', report: 'logReport' } as const
const VERIFICATION: ReadonlySet<string> = new Set(['/v1/log-verification', '/v1/log-checkpoints'])

/** Whether the logs are as they were written, and the signed checkpoints that prove it. */
export function Verification() {
  const say = useWords(words)
  const { day, seconds, number } = useFormats()
  const verifying = useDeed({ reads: VERIFICATION })
  // It is a matter of seconds and has no events.
  const query = api.useQuery('get', '/v1/log-verification', {}, { refetchInterval: ({ state }) => (state.data?.last?.state === 'running' ? 1000 : false) })
  const begin = (): void => { void verifying.run(async () => done(await loa.POST('/v1/log-verification'))) }
  const last = query.data?.last ?? null
  return (
    <section className="card stack tight" aria-label={say('verify')}>
      <div className="row texts"><p className="grow">{say('verifyText')}</p><Button look="primary" onPress={begin} isDisabled={verifying.isBusy || last?.state === 'running'}><ShieldCheck size={18} aria-hidden />{say(last?.state === 'running' ? 'verifying' : 'verify')}</Button></div>
      <Failure text={verifying.failure} />
      {last !== null && last.state !== 'running' && (
        <Notice tone={last.state === 'right' ? 'good' : 'bad'}>
          <strong>{say(last.state)}</strong> · {last.endedAt === null ? '' : `${day(last.endedAt)} ${seconds(last.endedAt)}`}
          {last.problems.length > 0 ? <ul>{last.problems.map((problem) => <li key={problem}>{problem}</li>)}</ul> : <ul>{last.logs.map(({ log, entries }) => <li key={log}>{say(LOG_WORDS[log])}: {say('entries', { count: number(entries) })}</li>)}<li>{say('checkpointCount', { count: number(last.checkpoints) })}; {say('unsigned', { count: number(last.unsigned) })}</li></ul>}
        </Notice>
      )}
      <Checkpoints />
    </section>
  )
}

function Checkpoints() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { day, seconds } = useFormats()
  const pages = usePages<Schemas['LogCheckpoint']>(['get', '/v1/log-checkpoints'], async (page) => done(await loa.GET('/v1/log-checkpoints', { params: { query: { limit: 200, ...page } } })))
  return (
    <details>
      <summary>{say('checkpoints')}</summary>
      <p className="quiet">{say('copyElsewhere')}</p>
      <Loaded query={pages}>{(items) => (
        <DataTable label={say('checkpoints')} rows={items} keyOf={({ number }) => String(number)} columns={[
          { id: 'number', title: '#', isNumber: true, cell: ({ number }) => number },
          { id: 'at', title: sayCommon('time'), cell: ({ at }) => `${day(at)} ${seconds(at)}` },
          { id: 'heads', title: say('audit'), cell: ({ heads }) => heads.map(({ log, seq }) => `${say(LOG_WORDS[log])}: ${String(seq)}`).join(' · ') },
          { id: 'key', title: say('key'), cell: ({ keyId }) => <code>{keyId}</code> },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
    </details>
  )
}

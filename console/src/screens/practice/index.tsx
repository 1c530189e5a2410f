import { CheckCircle2, Circle } from 'lucide-react'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { useMe, useRights } from '../../api/me.ts'
import { useSetup } from '../../api/setup.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Notice, Page, Progress, Waiting } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { beginAgain, begunAtMs, sawNow } from './begun.ts'
import { TASKS, type Deeds } from './tasks.ts'
import { words } from './words.ts'

const COMMAND = 'npm ci && npm run demo'

/** Tasks on the virtual district; on a real server, the way to one. */
export default function Practice() {
  const say = useWords(words)
  const { data: setup } = useSetup()
  if (setup === undefined) return <Waiting />
  return (
    <Page title={say('title')} help={<p>{say('help')}</p>}>
      {setup.practice === null
        ? <><Notice tone="warn" action={setup.practiceUrl === null ? null : <a className="button primary" href={setup.practiceUrl}>{say('toServer')}</a>}>{say('notHere')}</Notice>{setup.practiceUrl === null && <p className="card">{say('noServer')}<br /><code>{COMMAND}</code></p>}</>
        : <Tasks />}
    </Page>
  )
}

function Tasks() {
  const say = useWords(words)
  const rights = useRights()
  const { data: me } = useMe()
  const [sinceMs, setSinceMs] = useState(begunAtMs)
  const orders = api.useQuery('get', '/v1/orders', { params: { query: { limit: 200 } } })
  const items = api.useQuery('get', '/v1/schedule-items', { params: { query: { limit: 1000 } } }, { staleTime: 0 })
  const alerts = api.useQuery('get', '/v1/alerts', { params: { query: { limit: 100 } } })
  const isMine = (made: { readonly createdAt: string; readonly createdBy: string }): boolean => made.createdBy === me?.id && Date.parse(made.createdAt) >= sinceMs
  const deeds: Deeds = {
    sawNow: sawNow(sinceMs),
    orders: (orders.data?.items ?? []).filter(isMine),
    items: (items.data?.items ?? []).filter(isMine).length,
    alerts: (alerts.data?.items ?? []).filter(({ prepared }) => prepared.by === me?.id && Date.parse(prepared.at) >= sinceMs),
  }
  const mine = TASKS.filter(({ right }) => rights.somewhere(right))
  const done = mine.filter(({ isDone }) => isDone(deeds)).length
  return (
    <>
      <div className="card stack tight"><p>{say('progress', { done, all: mine.length })}</p><Progress label={say('progress', { done, all: mine.length })} share={mine.length === 0 ? 0 : done / mine.length} /></div>
      <ol className="stack tight">
        {TASKS.map(({ word, right, href, isDone }) => {
          const may = rights.somewhere(right)
          const isOver = isDone(deeds)
          return (
            <li key={word} className="card row">
              {isOver ? <CheckCircle2 size={26} color="var(--good)" aria-label={say('done')} /> : <Circle size={26} aria-hidden />}
              <div className="grow"><h2>{say(`${word}Title`)}</h2><p>{say(`${word}Text`)}</p>{!may && <p className="small quiet">{say('notYours')}</p>}</div>
              {may && <ButtonLink href={href} look={isOver ? 'normal' : 'primary'}>{say('open')}</ButtonLink>}
            </li>
          )
        })}
      </ol>
      <div><Button onPress={() => { setSinceMs(beginAgain()) }}>{say('again')}</Button></div>
    </>
  )
}

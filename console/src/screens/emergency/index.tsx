import { Volume2, VolumeX } from 'lucide-react'
import { Route, Switch } from 'wouter'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { setSounds, useSounds } from '../../kit/sounds.ts'
import { Loaded, Notice, Page } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { AlertList } from './alert-list.tsx'
import { Board } from './board.tsx'
import { Compose } from './compose.tsx'
import './emergency.css'
import { KindBand } from './kind-band.tsx'
import { Awaiting, Gone, Review } from './review.tsx'
import { words } from './words.ts'

/** More stand behind a button. */
const PAST_PAGE = 20
/** What nobody has confirmed is a draft, and no part of what happened. */
const OPEN = { over: false, confirmed: true, limit: 200 } as const
const PAST = { over: true, confirmed: true, limit: PAST_PAGE } as const

export default function Emergency() {
  const say = useWords(words)
  const areOn = useSounds()
  return (
    <Page title={useWords(shellWords)('emergency')} help={(['help1', 'help2', 'help3', 'help4', 'help5'] as const).map((key) => <p key={key}>{say(key)}</p>)}
      actions={<Button look="plain" icon aria-label={say(areOn ? 'soundsOff' : 'soundsOn')} onPress={() => { setSounds(!areOn) }}>{areOn ? <Volume2 size={20} aria-hidden /> : <VolumeX size={20} aria-hidden />}</Button>}>
      <Switch>
        <Route path="/emergency/:id">{({ id }) => <OneAlert id={id} />}</Route>
        <Route><Start /></Route>
      </Switch>
    </Page>
  )
}

/** What goes on, a new one, and what has been. */
function Start() {
  const say = useWords(words)
  const rights = useRights()
  const open = api.useQuery('get', '/v1/alerts', { params: { query: OPEN } })
  const past = usePages(['get', '/v1/alerts', PAST], async (page) => done(await loa.GET('/v1/alerts', { params: { query: { ...PAST, ...page } } })))
  return (
    <div className="stack">
      {(open.data !== undefined || open.error !== null) && <Loaded query={open}>{({ items }) => items.length > 0 && <AlertList label={say('running')} alerts={items} />}</Loaded>}
      {rights.somewhere('emergency') ? <Compose /> : <Notice>{say('noRight')}</Notice>}
      <Loaded query={past}>{(alerts) => <AlertList label={say('past')} alerts={alerts} empty={say('noPast')} more={past.more} isReading={past.isReading} />}</Loaded>
    </div>
  )
}

function OneAlert({ id }: { readonly id: string }) {
  const say = useWords(words)
  const query = api.useQuery('get', '/v1/alerts/{id}', { params: { path: { id } } })
  return (
    <Loaded query={query}>
      {(alert) => (
        <div className="stack" data-kind={alert.kind}>
          <KindBand kind={alert.kind} />
          {alert.state === 'prepared' ? <Review key={id} alert={alert} /> : alert.state === 'awaiting-second' ? <Awaiting alert={alert} /> : alert.onAirFrom === null ? <Gone /> : <Board key={id} alert={alert} />}
          <div><ButtonLink href="/emergency">{say('compose')}</ButtonLink></div>
        </div>
      )}
    </Loaded>
  )
}

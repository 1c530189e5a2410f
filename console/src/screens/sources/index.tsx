import { useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { Page, Tabs } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { SourceDetail } from './detail.tsx'
import { EditSource, NewSource } from './edit.tsx'
import { SourcesHelp } from './help.tsx'
import { SourceList } from './list.tsx'
import { SecretDialog, type Secret } from './secret-dialog.tsx'
import { CallsCard, LinesCard } from './phone-calls.tsx'
import { PhoneKeysCard } from './phone-keys.tsx'
import { PinCard } from './phone-pin.tsx'
import './sources.css'
import { words } from './words.ts'

export default function Sources() {
  const [secret, setSecret] = useState<Secret | null>(null)
  return (
    <>
      <Switch>
        <Route path="/sources/new"><NewSource onSecret={setSecret} /></Route>
        <Route path="/sources/:id/edit">{({ id }) => <EditSource key={id} id={id} onSecret={setSecret} />}</Route>
        <Route path="/sources/phone"><SourcePage /></Route>
        <Route path="/sources/:id">{({ id }) => <SourceDetail key={id} id={id} onSecret={setSecret} />}</Route>
        <Route><SourcePage /></Route>
      </Switch>
      <SecretDialog secret={secret} onClose={() => { setSecret(null) }} />
    </>
  )
}

function SourcePage() {
  const say = useWords(words)
  const [location, navigate] = useLocation()
  return (
    <Page title={useWords(shellWords)('sources')} help={<SourcesHelp />}>
      <Tabs label={say('tabs')} selected={location === '/sources/phone' ? 'phone' : 'sources'} onSelect={(id) => { navigate(id === 'phone' ? '/sources/phone' : '/sources') }}
        items={[{ id: 'sources', label: say('tabSources'), content: <SourceList /> }, { id: 'phone', label: say('tabPhone'), content: <Telephone /> }]} />
    </Page>
  )
}

const Telephone = () => (
  <div className="source-detail">
    <div className="stack"><CallsCard live /><CallsCard live={false} /><PhoneKeysCard /></div>
    <div className="stack"><LinesCard /><PinCard /></div>
  </div>
)

import { useState } from 'react'
import { Route, Switch } from 'wouter'
import { Page } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { SourceDetail } from './detail.tsx'
import { EditSource, NewSource } from './edit.tsx'
import { SourcesHelp } from './help.tsx'
import { SourceList } from './list.tsx'
import { SecretDialog, type Secret } from './secret-dialog.tsx'
import './sources.css'

export default function Sources() {
  const [secret, setSecret] = useState<Secret | null>(null)
  return (
    <>
      <Switch>
        <Route path="/sources/new"><NewSource onSecret={setSecret} /></Route>
        <Route path="/sources/:id/edit">{({ id }) => <EditSource key={id} id={id} onSecret={setSecret} />}</Route>
        <Route path="/sources/:id">{({ id }) => <SourceDetail key={id} id={id} onSecret={setSecret} />}</Route>
        <Route><SourcePage /></Route>
      </Switch>
      <SecretDialog secret={secret} onClose={() => { setSecret(null) }} />
    </>
  )
}

function SourcePage() {
  return <Page title={useWords(shellWords)('sources')} help={<SourcesHelp />}><SourceList /></Page>
}

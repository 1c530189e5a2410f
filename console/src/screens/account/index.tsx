import { useMe, useUnits } from '../../api/me.ts'
import { Notice, Page, Waiting } from '../../kit/surfaces.tsx'
import { roleWords } from '../../words/roles.ts'
import { useWords } from '../../words/use-words.ts'
import { PasswordCard } from './password-card.tsx'
import { SecondFactorCard } from './second-factor-card.tsx'
import { SessionsCard } from './sessions-card.tsx'
import { words } from './words.ts'

export default function Account() {
  const say = useWords(words)
  const sayRole = useWords(roleWords)
  const { units } = useUnits()
  const { data: me } = useMe()
  if (me === undefined) return <Waiting />
  return (
    <Page title={say('title')} help={<p>{say('help')}</p>}>
      <section className="card stack tight">
        <h2>{me.name}</h2>
        <ul>{me.roles.map(({ role, unitId }) => <li key={`${role} ${unitId ?? ''}`}>{sayRole(role)} <span className="quiet">– {unitId === null ? say('everywhere') : units.name(unitId)}</span></li>)}</ul>
      </section>
      {me.kind === 'token' ? <Notice>{say('isToken')}</Notice> : <div className="columns"><SecondFactorCard me={me} /><PasswordCard /></div>}
      <SessionsCard myId={me.id} />
    </Page>
  )
}

import type { Schemas } from '../../../../control/client/index.ts'
import { Button } from '../../kit/button.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { roleWords } from '../../words/roles.ts'
import { useDeed } from '../../kit/use-deed.ts'
import { useWords } from '../../words/use-words.ts'
import { logIn } from './log-in.ts'
import { words } from './words.ts'

/** Nobody needs a password to practise. */
export function PracticePeople({ practice: { people, password } }: { readonly practice: NonNullable<Schemas['Setup']['practice']> }) {
  const say = useWords(words)
  const sayRole = useWords(roleWords)
  const entering = useDeed()
  const enter = (login: string): void => {
    void entering.run(async () => logIn({ login, password }))
  }
  return (
    <section className="card stack tight">
      <p>{say('practise')}</p>
      {people.map(({ login, name, roles }) => (
        <Button key={login} isDisabled={entering.isBusy} onPress={() => { enter(login) }}>
          <span className="grow" style={{ textAlign: 'start' }}>{name}</span><span className="small quiet">{[...new Set(roles.map(({ role }) => sayRole(role)))].join(', ')}</span>
        </Button>
      ))}
      <Failure text={entering.failure} />
    </section>
  )
}

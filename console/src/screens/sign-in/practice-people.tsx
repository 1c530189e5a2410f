import { useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { roleWords } from '../../words/roles.ts'
import { useWords } from '../../words/use-words.ts'
import { logIn } from './log-in.ts'
import { words } from './words.ts'

/** Nobody needs a password to practise. */
export function PracticePeople({ practice: { people, password } }: { readonly practice: NonNullable<Schemas['Setup']['practice']> }) {
  const say = useWords(words)
  const sayRole = useWords(roleWords)
  const [failure, setFailure] = useState<string | null>(null)
  const enter = (login: string): void => {
    setFailure(null)
    logIn({ login, password }).catch((error: unknown) => { setFailure(problemText(error)) })
  }
  return (
    <section className="card stack tight">
      <p>{say('practise')}</p>
      {people.map(({ login, name, roles }) => (
        <Button key={login} onPress={() => { enter(login) }}>
          <span className="grow" style={{ textAlign: 'start' }}>{name}</span><span className="small quiet">{[...new Set(roles.map(({ role }) => sayRole(role)))].join(', ')}</span>
        </Button>
      ))}
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
    </section>
  )
}

import { RadioGroup } from '../../kit/fields.tsx'
import { useWords } from '../../words/use-words.ts'
import { SCOPES, type Scope } from './move.ts'
import { words } from './words.ts'

const NAMES = { this: 'this', following: 'following', all: 'allPlays' } as const

/** Which plays of something that repeats are meant. */
export function ScopeChoice({ value, onChange, without = [] }: { readonly value: Scope; readonly onChange: (scope: Scope) => void; /** That cannot be. */ readonly without?: readonly Scope[] }) {
  const say = useWords(words)
  return <RadioGroup label={say('which')} value={value} onChange={onChange} choices={SCOPES.filter((scope) => !without.includes(scope)).map((id) => ({ id, label: say(NAMES[id]) }))} />
}

import { Button } from '../../kit/button.tsx'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** What two people have changed at once, for the reader. */
export interface Conflict {
  readonly field: string
  readonly mine: string
  readonly theirs: string
}

/** Two at one thing: side by side what both have changed; what only one has changed is no question. */
export function ConflictBoard({ conflicts, onMine, onTheirs }: { readonly conflicts: readonly Conflict[]; readonly onMine: () => void; readonly onTheirs: () => void }) {
  const say = useWords(words)
  return (
    <div className="stack" role="alert">
      <h3>{say('title')}</h3>
      {conflicts.length === 0 ? <p>{say('none')}</p> : (
        <>
          <p>{say('text')}</p>
          <div className="table-wrap"><table className="table">
            <thead><tr><th>{say('field')}</th><th>{say('mine')}</th><th>{say('theirs')}</th></tr></thead>
            <tbody>{conflicts.map(({ field, mine, theirs }) => <tr key={field}><th scope="row">{field}</th><td>{mine}</td><td>{theirs}</td></tr>)}</tbody>
          </table></div>
        </>
      )}
      <div className="row end"><Button onPress={onTheirs}>{say('takeTheirs')}</Button><Button look="primary" onPress={onMine}>{say('keepMine')}</Button></div>
    </div>
  )
}

import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { Page } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const PLACES = [['/clusters', 'register'], ['/clusters/groups', 'groups'], ['/clusters/tickets', 'tickets'], ['/clusters/road', 'road']] as const

/** One of the four lists of the screen, with the way to the others. */
export function ListPage({ actions, help, children }: { readonly actions?: ReactNode; readonly help: ReactNode; readonly children: ReactNode }) {
  const say = useWords(words)
  const [location] = useLocation()
  return (
    <Page full title={useWords(shellWords)('clusters')} actions={actions} help={help}>
      <nav className="tab-list no-print" aria-label={useWords(shellWords)('clusters')}>
        {PLACES.map(([path, word]) => <Link key={path} href={path} className="tab cluster-tab" {...(location === path ? { 'aria-current': 'page' as const } : {})}>{say(word)}</Link>)}
      </nav>
      {children}
    </Page>
  )
}

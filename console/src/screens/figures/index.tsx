import { Empty, Page } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

export default function Figures() {
  const say = useWords(words)
  return <Page title={useWords(shellWords)('figures')} help={<p>{say('help')}</p>}><Empty /></Page>
}

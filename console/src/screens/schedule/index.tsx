import { Empty, Page } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

export default function Schedule() {
  const say = useWords(words)
  return <Page title={useWords(shellWords)('schedule')} help={<p>{say('help')}</p>}><Empty /></Page>
}
